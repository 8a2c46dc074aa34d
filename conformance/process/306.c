/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kRounds = 10, kStop = -1 };

/* Says with which event each blocking port_get came back. */
static void getter_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  port_event_t event = {.portev_events = 0};
  while (event.portev_events != kStop) {
    CHECK_OK(port_get(port, &event, NULL));
    CHECK_USER_EVENT(event, event.portev_events, COOKIE(306));
    peer_tell(parent, event.portev_events == kStop ? 'z' : (char)('a' + event.portev_events));
  }
}

/* Which of the two has told something; it must be this letter, and come within five seconds. */
static int told(struct peer *children, char letter) {
  struct pollfd fds[2] = {{children[0].in, POLLIN, 0}, {children[1].in, POLLIN, 0}};
  if (SETUP(poll(fds, 2, 5000)) == 0) check_failed(HERE, "no process was woken");
  int which = fds[0].revents ? 0 : 1;
  peer_await(&children[which], letter);
  return which;
}

static bool silent(const struct peer *child) {
  struct pollfd fd = {child->in, POLLIN, 0};
  return SETUP(poll(&fd, 1, 0)) == 0;
}

ASSERTION(306, 1, "of two processes blocked in port_get, exactly one gets a user event") {
  int port = new_port();
  struct peer children[2];
  child_start(&children[0], getter_body, &port);
  child_start(&children[1], getter_body, &port);
  for (int round = 0; round < kRounds; round++) {
    for (int i = 0; i < 2; i++) process_wait_blocked(children[i].pid);
    SEND(port, round, COOKIE(306));
    told(children, (char)('a' + round));
    for (int i = 0; i < 2; i++) process_wait_blocked(children[i].pid);
    CHECK(silent(&children[0]) && silent(&children[1]));
    CHECK_QUEUED(port, 0);
  }
  SEND(port, kStop, COOKIE(306));
  int first = told(children, 'z');
  SEND(port, kStop, COOKIE(306));
  peer_await(&children[1 - first], 'z');
  for (int i = 0; i < 2; i++) child_join(&children[i]);
  CLOSE(port);
}
