/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

ASSERTION(249, 1, "entries of a list that name a port are delivered themselves, before the list") {
  int port = new_port(), other = new_port();
  int file = new_filled_file(4096);
  char data[4][16] = {"", "", "", ""};
  struct aiocb entries[4];
  struct aiocb *list[4];
  port_notify_t target, read_target, write_target, other_target;
  struct sigevent sig = port_sigevent(&target, port, COOKIE(9));
  for (int i = 0; i < 4; i++) {
    entries[i] = new_request(file, data[i], 16);
    entries[i].aio_lio_opcode = LIO_READ;
    entries[i].aio_offset = i * 16;
    list[i] = &entries[i];
  }
  entries[1].aio_lio_opcode = LIO_WRITE;
  entries[0].aio_sigevent = port_sigevent(&read_target, port, COOKIE(0));
  entries[1].aio_sigevent = port_sigevent(&write_target, port, COOKIE(1));
  entries[2].aio_sigevent = port_sigevent(&other_target, other, COOKIE(2)); /* and 3 has none */
  CHECK_ZERO(lio_listio(LIO_NOWAIT, list, 4, &sig));

  bool seen[2] = {false, false};
  for (int n = 0; n < 2; n++) {
    port_event_t event = NEXT(port);
    int i = event.portev_user == COOKIE(1);
    check_event(&event, PORT_SOURCE_AIO, (uintptr_t)&entries[i], i ? kAioWrite : kAioRead,
                COOKIE(i), HERE);
    CHECK(!seen[i]);
    seen[i] = true;
  }
  CHECK_NEXT_AIO(port, &sig, kAioList, COOKIE(9));
  CHECK_NEXT_AIO(other, &entries[2], kAioRead, COOKIE(2));
  for (int i = 0; i < 4; i++) CHECK_ENDED(&entries[i], 16);
  CHECK_SILENT(port);
  CHECK_EMPTY(other);
  CLOSE(port, other, file);
}
