/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

ASSERTION(244, 2, "a cancelled request is delivered, and its error is ECANCELED") {
  int port = new_port();
  struct ends one = new_pipe(), other = new_pipe();
  char data[4][16];
  struct aiocb single = new_request(one.r, data[0], 16), stays = new_request(one.r, data[1], 16);
  struct aiocb all[2] = {new_request(other.r, data[2], 16), new_request(other.r, data[3], 16)};
  START(aio_read, &single, port, COOKIE(1));
  START(aio_read, &stays, port, COOKIE(2));
  START(aio_read, &all[0], port, COOKIE(3));
  START(aio_read, &all[1], port, COOKIE(4));

  CHECK_INT(aio_cancel(one.r, &single), AIO_CANCELED);
  CHECK_NEXT_AIO(port, &single, kAioRead, COOKIE(1));
  CHECK_ENDED_BADLY(&single, ECANCELED);
  CHECK_SILENT(port);
  CHECK_INT(aio_error(&stays), EINPROGRESS);

  CHECK_INT(aio_cancel(other.r, NULL), AIO_CANCELED);
  for (int i = 0; i < 2; i++) {
    port_event_t event = NEXT(port);
    struct aiocb *request = (struct aiocb *)event.portev_object;
    CHECK(request == &all[0] || request == &all[1]);
    CHECK_PTR(event.portev_user, COOKIE(3 + (request - all)));
    CHECK_ENDED_BADLY(request, ECANCELED);
    CHECK_INT(event.portev_events, kAioRead);
  }
  CHECK_INT(aio_cancel(other.r, NULL), AIO_ALLDONE);

  put(one.w); /* what was cancelled takes nothing away */
  CHECK_NEXT_AIO(port, &stays, kAioRead, COOKIE(2));
  CHECK_INT(aio_cancel(one.r, &stays), AIO_ALLDONE);
  CHECK_ENDED(&stays, 1);
  CHECK_SILENT(port);
  CLOSE(port, one.r, one.w, other.r, other.w);
}
