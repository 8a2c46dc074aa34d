/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

ASSERTION(241, 2,
          "portev_events tells a read (11), a write (12) and a synchronisation (20) apart") {
  int port = new_port();
  int file = new_filled_file(4096);
  char data[16] = "";
  struct aiocb request = new_request(file, data, sizeof data);
  START(aio_write, &request, port, COOKIE(12));
  CHECK_NEXT_AIO(port, &request, kAioWrite, COOKIE(12));
  CHECK_ENDED(&request, sizeof data);

  START(aio_read, &request, port, COOKIE(11));
  CHECK_NEXT_AIO(port, &request, kAioRead, COOKIE(11));
  CHECK_ENDED(&request, sizeof data);

  port_notify_t target;
  request.aio_sigevent = port_sigevent(&target, port, COOKIE(20));
  CHECK_ZERO(aio_fsync(O_SYNC, &request));
  CHECK_NEXT_AIO(port, &request, kAioSync, COOKIE(20));
  CHECK_ENDED(&request, 0);
  CHECK_EMPTY(port);
  CLOSE(port, file);
}
