/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

enum { kWrites = 4, kBlock = 4096 };

/* Writes, and synchronises what has been queued so far. */
static void check_sync(int port, int file, int operation) {
  static char data[kBlock];
  struct aiocb writes[kWrites], sync = new_request(file, NULL, 0);
  port_notify_t target;
  for (int i = 0; i < kWrites; i++) {
    writes[i] = new_request(file, data, kBlock);
    writes[i].aio_offset = (off_t)i * kBlock;
    START(aio_write, &writes[i], port, COOKIE(i));
  }
  sync.aio_sigevent = port_sigevent(&target, port, COOKIE(kWrites));
  CHECK_ZERO(aio_fsync(operation, &sync));
  for (int n = 0; n <= kWrites; n++) {
    port_event_t event = NEXT(port);
    if (event.portev_user != COOKIE(kWrites)) {
      CHECK_INT(event.portev_events, kAioWrite);
      continue;
    }
    check_event(&event, PORT_SOURCE_AIO, (uintptr_t)&sync, kAioSync, COOKIE(kWrites), HERE);
    for (int i = 0; i < kWrites; i++) CHECK(aio_error(&writes[i]) != EINPROGRESS);
  }
  for (int i = 0; i < kWrites; i++) CHECK_ENDED(&writes[i], kBlock);
  CHECK_ENDED(&sync, 0);
  CHECK_EMPTY(port);
}

static void check_refused(int port, int file) {
  static const int operations[] = {0, O_RDWR, 99, -1};
  struct aiocb sync = new_request(file, NULL, 0);
  port_notify_t target;
  sync.aio_sigevent = port_sigevent(&target, port, COOKIE(1));
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
    CHECK_FAILS(aio_fsync(operations[i], &sync), EINVAL);
  CHECK_SILENT(port);
}

ASSERTION(253, 1, "aio_fsync is delivered after the writes before it; it knows two operations") {
  int port = new_port();
  int file = new_file();
  check_sync(port, file, O_SYNC);
  check_sync(port, file, O_DSYNC);
  check_refused(port, file);
  CLOSE(port, file);
}
