/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

ASSERTION(240, 1, "the end of an aio_read is an event of source AIO, with the aiocb and the user") {
  int port = new_port();
  int file = new_filled_file(4096);
  char data[2][512];
  struct aiocb first = new_request(file, data[0], sizeof data[0]);
  struct aiocb second = new_request(file, data[1], sizeof data[1]);
  second.aio_offset = 1000;
  START(aio_read, &first, port, COOKIE(1));
  port_event_t event = CHECK_NEXT_FROM(port, PORT_SOURCE_AIO, COOKIE(1));
  CHECK_PTR(event.portev_object, &first);
  START(aio_read, &second, port, NULL);
  event = CHECK_NEXT_FROM(port, PORT_SOURCE_AIO, NULL);
  CHECK_PTR(event.portev_object, &second);
  CHECK_ENDED(&first, sizeof data[0]);
  CHECK_ENDED(&second, sizeof data[1]);
  CHECK(is_filled(data[0], sizeof data[0], 0));
  CHECK(is_filled(data[1], sizeof data[1], 1000));
  CHECK_SILENT(port);
  CLOSE(port, file);
}
