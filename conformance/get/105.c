/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

struct victim {
  struct task task;
  int port;
  bool returned; /* port_get came back, */
  bool too_soon; /* and a cleanup handler ran before that */
  int result, error;
};

static void cleanup(void *arg) {
  struct victim *victim = arg;
  if (!victim->returned) victim->too_soon = true;
}

static void get_and_die(void *arg) {
  struct victim *victim = arg;
  port_event_t event;
  pthread_cleanup_push(cleanup, victim);
  victim->result = port_get(victim->port, &event, NULL);
  victim->error = errno;
  victim->returned = true;
  pthread_testcancel();
  pthread_cleanup_pop(0);
}

ASSERTION(105, 1,
          "port_get is no cancellation point: a cancelled thread dies after it has returned") {
  static struct victim victim;
  int port = victim.port = new_port();
  void *value = NULL;
  task_start(&victim.task, get_and_die, &victim);
  CHECK(task_settle(&victim.task));
  SETUP_PTHREAD(pthread_cancel(victim.task.thread));
  SEND(port, 105, COOKIE(105)); /* for where the request alone does not wake it */
  SETUP_PTHREAD(pthread_join(victim.task.thread, &value));
  CHECK_PTR(value, PTHREAD_CANCELED);
  CHECK(victim.returned);
  CHECK(!victim.too_soon);
  if (victim.result == -1) {
    CHECK_INT(victim.error, EINTR);
    CHECK_NEXT_USER(port, 105, COOKIE(105));
  }
  CHECK_EMPTY(port);
  SEND(port, 1, COOKIE(1));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CLOSE(port);
}
