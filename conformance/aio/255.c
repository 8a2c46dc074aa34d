/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

/* Otherwise the rest would show nothing. */
static void check_notified(int file) {
  char data[16];
  struct aiocb request = new_request(file, data, sizeof data);
  int port = new_port();
  START(aio_read, &request, port, COOKIE(0));
  CHECK_NEXT_AIO(port, &request, kAioRead, COOKIE(0));
  CHECK_ENDED(&request, 16);
  CLOSE(port);
}

/* The request ends when nobody is left to be told, and is a request like any other. */
static void check_closed_before(int file) {
  struct ends pipe = new_pipe();
  char data[2][16];
  struct aiocb late = new_request(pipe.r, data[0], 16), quick = new_request(file, data[1], 16);
  int port = new_port();
  START(aio_read, &late, port, COOKIE(1));
  START(aio_read, &quick, port, COOKIE(2));
  CLOSE(port);
  AWAIT_ENDED(&quick);
  CHECK_ENDED(&quick, 16);
  CHECK_INT(aio_error(&late), EINPROGRESS);
  put(pipe.w);
  AWAIT_ENDED(&late);
  CHECK_ENDED(&late, 1);
  CHECK_INT(data[0][0], 'x');
  CLOSE(pipe.r, pipe.w);
}

/* A port that gets the number afterwards has nothing to do with it. */
static void check_number_reused(void) {
  struct ends pipe = new_pipe();
  char data[16];
  struct aiocb request = new_request(pipe.r, data, sizeof data);
  int port = new_port();
  START(aio_read, &request, port, COOKIE(3));
  CLOSE(port);
  int again = new_port();
  CHECK_INT(again, port);
  put(pipe.w);
  AWAIT_ENDED(&request);
  CHECK_ENDED(&request, 1);
  CHECK_SILENT(again);
  CLOSE(again, pipe.r, pipe.w);
}

ASSERTION(255, 2, "a request outlives the port it would notify; aio_return gives its result") {
  int file = new_filled_file(100);
  check_notified(file);
  check_closed_before(file);
  check_number_reused();
  CLOSE(file);
}
