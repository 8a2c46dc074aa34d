/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

/* Starts a read and waits until it has ended, so that it is clear what comes after it. */
static void read_now(struct aiocb *request, int port, void *user) {
  START(aio_read, request, port, user);
  AWAIT_ENDED(request);
}

ASSERTION(257, 1, "requests, descriptors and user events share a port in the order they fired") {
  int port = new_port();
  int file = new_filled_file(100);
  struct ends pipe = new_pipe();
  char data[2][16];
  struct aiocb first = new_request(file, data[0], 16), second = new_request(file, data[1], 16);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(10));
  SEND(port, 1, COOKIE(1));
  read_now(&first, port, COOKIE(11));
  SEND(port, 2, COOKIE(2));
  put(pipe.w);
  SEND(port, 3, COOKIE(3));
  read_now(&second, port, COOKIE(12));
  SEND(port, 4, COOKIE(4));

  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_AIO(port, &first, kAioRead, COOKIE(11));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(10));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  CHECK_NEXT_AIO(port, &second, kAioRead, COOKIE(12));
  CHECK_NEXT_USER(port, 4, COOKIE(4));
  CHECK_EMPTY(port);
  CHECK_ENDED(&first, 16);
  CHECK_ENDED(&second, 16);
  CLOSE(port, file, pipe.r, pipe.w);
}
