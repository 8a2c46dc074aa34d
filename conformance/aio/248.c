/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

ASSERTION(248, 2, "the event of a list says 7, and its object is the sigevent's address") {
  int port = new_port();
  int file = new_filled_file(4096);
  char data[2][16];
  for (int round = 0; round < 2; round++) {
    struct aiocb entries[2] = {new_request(file, data[0], 16), new_request(file, data[1], 16)};
    struct aiocb *list[2] = {&entries[0], &entries[1]};
    port_notify_t target;
    struct sigevent sig = port_sigevent(&target, port, COOKIE(round));
    entries[0].aio_lio_opcode = entries[1].aio_lio_opcode = LIO_READ;
    CHECK_ZERO(lio_listio(LIO_NOWAIT, list, 1 + round, &sig));
    CHECK_NEXT_AIO(port, &sig, kAioList, COOKIE(round));
    for (int i = 0; i <= round; i++) CHECK_ENDED(&entries[i], 16);
    CHECK_SILENT(port);
  }
  CLOSE(port, file);
}
