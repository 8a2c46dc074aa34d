/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

static void check_read(int port, int file, off_t offset, ssize_t bytes) {
  char data[64];
  struct aiocb request = new_request(file, data, sizeof data);
  request.aio_offset = offset;
  paint(data, sizeof data);
  START(aio_read, &request, port, COOKIE(offset));
  CHECK_NEXT_AIO(port, &request, kAioRead, COOKIE(offset));
  CHECK_ENDED(&request, bytes);
  CHECK(is_filled(data, (size_t)bytes, offset));
  CHECK(is_painted(data + bytes, sizeof data - (size_t)bytes));
}

static void check_write(int port, int file) {
  char text[] = "asynchronous", seen[sizeof text];
  struct aiocb request = new_request(file, text, sizeof text);
  request.aio_offset = 5000;
  START(aio_write, &request, port, COOKIE(1));
  CHECK_NEXT_AIO(port, &request, kAioWrite, COOKIE(1));
  CHECK_ENDED(&request, sizeof text);
  CHECK_INT(pread(file, seen, sizeof seen, 5000), sizeof seen);
  CHECK(memcmp(seen, text, sizeof text) == 0);
}

/* Nothing to read yet, so that the request is in progress for as long as the test wants. */
static void check_pending(int port) {
  struct ends pipe = new_pipe();
  char data[64];
  struct aiocb request = new_request(pipe.r, data, sizeof data);
  START(aio_read, &request, port, COOKIE(2));
  CHECK_EMPTY(port);
  CHECK_INT(aio_error(&request), EINPROGRESS);
  put(pipe.w);
  CHECK_NEXT_AIO(port, &request, kAioRead, COOKIE(2));
  CHECK_ENDED(&request, 1);
  CHECK_INT(data[0], 'x');
  CLOSE(pipe.r, pipe.w);
}

ASSERTION(242, 1, "when the event is retrieved, aio_error and aio_return give the final result") {
  int port = new_port();
  int file = new_filled_file(1000);
  check_read(port, file, 0, 64);
  check_read(port, file, 990, 10);
  check_read(port, file, 1000, 0);
  check_read(port, file, 2000, 0);
  check_write(port, file);
  check_pending(port);
  CHECK_EMPTY(port);
  CLOSE(port, file);
}
