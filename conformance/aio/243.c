/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

/* The call itself may refuse, or its event tells. */
static void check_failure(int (*call)(struct aiocb *), struct aiocb *request, int port, int events,
                          int error) {
  port_notify_t target;
  request->aio_sigevent = port_sigevent(&target, port, COOKIE(243));
  if (call(request) != 0) {
    CHECK_INT(errno, error);
    CHECK_SILENT(port);
    outcome("refused");
    return;
  }
  CHECK_NEXT_AIO(port, request, events, COOKIE(243));
  CHECK_ENDED_BADLY(request, error);
  outcome("event");
}

ASSERTION(243, 1, "I/O that fails is refused with its error, or delivered with it") {
  int port = new_port();
  struct ends pipe = new_pipe();
  int folder = SETUP(open("/", O_RDONLY));
  int file = new_filled_file(100);
  char data[16] = "";

  struct aiocb request = new_request(pipe.r, data, sizeof data);
  check_failure(aio_write, &request, port, kAioWrite, EBADF);
  request = new_request(pipe.w, data, sizeof data);
  check_failure(aio_read, &request, port, kAioRead, EBADF);
  request = new_request(closed_fd(), data, sizeof data);
  check_failure(aio_read, &request, port, kAioRead, EBADF);
  request = new_request(folder, data, sizeof data);
  check_failure(aio_read, &request, port, kAioRead, EISDIR);
  request = new_request(file, no_access_page(), 16);
  check_failure(aio_read, &request, port, kAioRead, EFAULT);

  request = new_request(file, data, sizeof data); /* and the next one is not affected */
  START(aio_read, &request, port, COOKIE(1));
  CHECK_NEXT_AIO(port, &request, kAioRead, COOKIE(1));
  CHECK_ENDED(&request, sizeof data);
  CHECK_EMPTY(port);
  CLOSE(port, file, folder, pipe.r, pipe.w);
}
