/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

struct loop {
  struct task task;
  int port;
  int result, error;
  uint_t nget;
  port_event_t list[4];
};

static void loop_body(void *arg) {
  struct loop *loop = arg;
  loop->list[0].portev_source = 0; /* how an event loop tells whether anything was written */
  loop->nget = 1;
  loop->result = port_getn(loop->port, loop->list, 4, &loop->nget, LONG_WAIT);
  loop->error = errno;
}

ASSERTION(128, 2, "a source of 0 put into the list before the call is still there after EINTR") {
  struct loop loop = {.port = new_port()};
  count_signal(SIGUSR1, SA_RESTART);
  task_start(&loop.task, loop_body, &loop);
  CHECK(task_settle(&loop.task));
  SETUP_PTHREAD(pthread_kill(loop.task.thread, SIGUSR1));
  task_join(&loop.task);
  CHECK_INT(loop.result, -1);
  CHECK_INT(loop.error, EINTR);
  CHECK_INT(loop.nget, 1);
  CHECK_INT(loop.list[0].portev_source, 0);
  CLOSE(loop.port);
}
