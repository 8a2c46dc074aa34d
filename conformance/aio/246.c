/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

enum { kRequests = 100, kBlock = 512 };

static struct aiocb requests[kRequests];
static char data[kRequests][kBlock];

static void start_all(int port, int file) {
  for (int i = 0; i < kRequests; i++) {
    requests[i] = new_request(file, data[i], kBlock);
    requests[i].aio_offset = (off_t)i * kBlock;
    START(aio_read, &requests[i], port, COOKIE(i));
  }
}

/* Retrieves all, in batches of any size; each request comes exactly once. */
static void check_all(int port) {
  port_event_t list[7];
  bool seen[kRequests] = {false};
  for (uint_t total = 0, count; total < kRequests; total += count) {
    count = 1;
    CHECK_OK(port_getn(port, list, 7, &count, LONG_WAIT));
    for (uint_t i = 0; i < count; i++) {
      long index = (struct aiocb *)list[i].portev_object - requests;
      CHECK(index >= 0 && index < kRequests);
      check_event(&list[i], PORT_SOURCE_AIO, (uintptr_t)&requests[index], kAioRead, COOKIE(index),
                  HERE);
      CHECK(!seen[index]);
      seen[index] = true;
      CHECK_ENDED(&requests[index], kBlock);
      CHECK(is_filled(data[index], kBlock, (off_t)index * kBlock));
    }
  }
}

ASSERTION(246, 1, "a hundred requests make a hundred events, one for each aiocb") {
  int port = new_port();
  int file = new_filled_file(kRequests * kBlock);
  for (int round = 0; round < 3; round++) {
    start_all(port, file);
    check_all(port);
    CHECK_SILENT(port);
  }
  CLOSE(port, file);
}
