/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

ASSERTION(247, 1,
          "lio_listio without waiting sends one event of its own, when every entry is done") {
  int port = new_port();
  int file = new_filled_file(4096);
  struct ends pipe = new_pipe();
  char data[3][16] = {"", "", ""};
  struct aiocb entries[3] = {new_request(file, data[0], 16), new_request(pipe.r, data[1], 16),
                             new_request(file, data[2], 16)};
  struct aiocb *list[3] = {&entries[0], &entries[1], &entries[2]};
  port_notify_t target;
  struct sigevent sig = port_sigevent(&target, port, COOKIE(247));
  entries[0].aio_lio_opcode = LIO_READ;
  entries[1].aio_lio_opcode = LIO_READ;
  entries[2].aio_lio_opcode = LIO_WRITE;
  entries[2].aio_offset = 1024;
  CHECK_ZERO(lio_listio(LIO_NOWAIT, list, 3, &sig));
  memset(&target, 0, sizeof target);

  AWAIT_ENDED(&entries[0]);
  AWAIT_ENDED(&entries[2]);
  CHECK_SILENT(port); /* one entry is in progress */
  put(pipe.w);
  CHECK_NEXT_FROM(port, PORT_SOURCE_AIO, COOKIE(247));
  CHECK_ENDED(&entries[0], 16);
  CHECK_ENDED(&entries[1], 1);
  CHECK_ENDED(&entries[2], 16);
  CHECK_SILENT(port);
  CLOSE(port, file, pipe.r, pipe.w);
}
