/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

/* All entries are done when it returns, and only those that asked have events. */
static void check_waits(int port, int file, struct sigevent *sig) {
  char data[2][16];
  struct aiocb entries[2] = {new_request(file, data[0], 16), new_request(file, data[1], 16)};
  struct aiocb *list[2] = {&entries[0], &entries[1]};
  port_notify_t target;
  entries[0].aio_lio_opcode = entries[1].aio_lio_opcode = LIO_READ;
  entries[1].aio_sigevent = port_sigevent(&target, port, COOKIE(1));
  CHECK_ZERO(lio_listio(LIO_WAIT, list, 2, sig));
  for (int i = 0; i < 2; i++) {
    CHECK_ENDED(&entries[i], 16);
    CHECK(is_filled(data[i], 16, 0));
  }
  CHECK_NEXT_AIO(port, &entries[1], kAioRead, COOKIE(1));
  CHECK_SILENT(port);
}

struct blocked {
  struct aiocb entry;
  int result;
};

static void blocked_body(void *arg) {
  struct blocked *blocked = arg;
  struct aiocb *list[1] = {&blocked->entry};
  blocked->result = lio_listio(LIO_WAIT, list, 1, NULL);
}

/* The call really waits. */
static void check_blocks(int port) {
  struct ends pipe = new_pipe();
  char data[16];
  port_notify_t target;
  struct blocked blocked = {new_request(pipe.r, data, sizeof data), -1};
  struct task task;
  blocked.entry.aio_lio_opcode = LIO_READ;
  blocked.entry.aio_sigevent = port_sigevent(&target, port, COOKIE(2));
  task_start(&task, blocked_body, &blocked);
  CHECK(task_settle(&task));
  CHECK_EMPTY(port);
  put(pipe.w);
  task_join(&task);
  CHECK_INT(blocked.result, 0);
  CHECK_ENDED(&blocked.entry, 1);
  CHECK_NEXT_AIO(port, &blocked.entry, kAioRead, COOKIE(2));
  CHECK_SILENT(port);
  CLOSE(pipe.r, pipe.w);
}

ASSERTION(250, 1, "lio_listio that waits ignores its sigevent; entries are delivered themselves") {
  int port = new_port();
  int file = new_filled_file(100);
  port_notify_t target;
  struct sigevent sig = port_sigevent(&target, port, COOKIE(9));
  check_waits(port, file, &sig);
  check_waits(port, file, NULL);
  check_blocks(port);
  CLOSE(port, file);
}
