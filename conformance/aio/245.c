/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

/* The port_notify_t lies in memory that is gone when this returns, and elsewhere is changed. */
static void start_and_forget(struct aiocb *request, int port, int wrong, void *user) {
  port_notify_t *target = malloc(sizeof *target);
  if (!target) unresolved("no memory");
  request->aio_sigevent = port_sigevent(target, port, user);
  CHECK_ZERO(aio_read(request));
  target->portnfy_port = wrong;
  target->portnfy_user = COOKIE(99);
  free(target);
}

ASSERTION(245, 1, "the port_notify_t may change and go as soon as the call has returned") {
  int port = new_port(), wrong = new_port();
  struct ends pipe = new_pipe();
  int file = new_filled_file(100);
  char data[2][16];
  struct aiocb late = new_request(pipe.r, data[0], 16), quick = new_request(file, data[1], 16);
  start_and_forget(&late, port, wrong, COOKIE(1));
  start_and_forget(&quick, port, wrong, COOKIE(2));
  CHECK_NEXT_AIO(port, &quick, kAioRead, COOKIE(2));
  put(pipe.w);
  CHECK_NEXT_AIO(port, &late, kAioRead, COOKIE(1));
  CHECK_ENDED(&quick, 16);
  CHECK_ENDED(&late, 1);
  CHECK_SILENT(wrong);
  CLOSE(port, wrong, file, pipe.r, pipe.w);
}
