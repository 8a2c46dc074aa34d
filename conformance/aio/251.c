/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

ASSERTION(251, 2, "a list may have holes and LIO_NOP entries: they count for nothing") {
  int port = new_port();
  int file = new_filled_file(100);
  char data[2][16];
  port_notify_t target, nop_target;
  struct sigevent sig = port_sigevent(&target, port, COOKIE(9));
  struct aiocb nop = new_request(closed_fd(), NULL, 16), entry = new_request(file, data[0], 16);
  struct aiocb *list[5] = {NULL, &nop, NULL, &entry, &nop};
  nop.aio_lio_opcode = LIO_NOP;
  nop.aio_sigevent = port_sigevent(&nop_target, port, COOKIE(8));
  entry.aio_lio_opcode = LIO_READ;
  CHECK_ZERO(lio_listio(LIO_NOWAIT, list, 5, &sig));
  CHECK_NEXT_AIO(port, &sig, kAioList, COOKIE(9));
  CHECK_ENDED(&entry, 16);
  CHECK_SILENT(port);

  entry.aio_sigevent = port_sigevent(&target, port, COOKIE(1));
  CHECK_ZERO(lio_listio(LIO_WAIT, list, 5, NULL));
  CHECK_NEXT_AIO(port, &entry, kAioRead, COOKIE(1));
  CHECK_ENDED(&entry, 16);
  CHECK_SILENT(port);
  CLOSE(port, file);
}
