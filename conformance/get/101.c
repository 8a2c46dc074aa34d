/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#include <sys/wait.h>

enum { kTimeout = 150 };

static void get_in_child(struct peer *parent, void *arg) {
  int port = *(int *)arg;
  port_event_t event;
  double start = now_ms();
  peer_tell(parent, 'a');
  CHECK_FAILS(port_get(port, &event, MS(kTimeout)), ETIME);
  CHECK(now_ms() - start >= kTimeout);
  peer_tell(parent, 'b');
  CHECK_OK(port_get(port, &event, NULL));
  CHECK_USER_EVENT(event, 101, COOKIE(101));
}

static void stop_and_continue(pid_t pid) {
  int status;
  process_wait_blocked(pid);
  SETUP(kill(pid, SIGSTOP));
  SETUP(waitpid(pid, &status, WUNTRACED));
  SETUP(WIFSTOPPED(status) ? 0 : -1);
  SETUP(kill(pid, SIGCONT));
  SETUP(waitpid(pid, &status, WCONTINUED));
}

ASSERTION(101, 2,
          "stopping and continuing the process neither interrupts port_get nor its timeout") {
  int port = new_port();
  struct peer child;
  child_start(&child, get_in_child, &port);
  peer_await(&child, 'a');
  for (int i = 0; i < 3; i++) stop_and_continue(child.pid);
  peer_await(&child, 'b');
  for (int i = 0; i < 3; i++) stop_and_continue(child.pid);
  SEND(port, 101, COOKIE(101));
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port);
}
