/* SPDX-License-Identifier: MIT */
/*
 * Two threads send to the port and fork while others retrieve from it. A child that catches what
 * is the parent's gives it back: a user event by sending it again, a descriptor's by associating
 * the descriptor anew.
 */
#include "conformance/conformance.h"

enum { kGetters = 3, kForkers = 2, kStorms = 5, kAtOnce = 3, kPipes = 6, kShare = 100 };
enum { kEvents = kForkers * kStorms * kAtOnce * kShare, kFromChild = 1000000, kStop = -1 };

static int port;
static struct ends pipes[kPipes];
static unsigned char seen[kEvents];
static long from_children, turns;
static int storms_over;

static void give_back(const port_event_t *event) {
  if (event->portev_source == PORT_SOURCE_USER)
    SEND(port, event->portev_events, event->portev_user);
  else
    ASSOCIATE(port, event->portev_object, POLLIN, event->portev_user);
}

/* An association of the child's own on `which`, and its event. */
static void use_port(int which) {
  struct ends pipe = new_pipe();
  port_event_t event;
  ASSOCIATE(which, pipe.r, POLLIN, COOKIE(326));
  put(pipe.w);
  for (;;) {
    event = NEXT(which);
    if (event.portev_source == PORT_SOURCE_FD && event.portev_user == COOKIE(326)) break;
    give_back(&event);
  }
  CHECK_FD_EVENT(event, pipe.r, POLLIN, COOKIE(326));
  CLOSE(pipe.r, pipe.w);
}

static void child_body(struct peer *parent, void *arg) {
  SEND(port, kFromChild, COOKIE(kFromChild));
  use_port(port);
  int own = new_port();
  use_port(own);
  CHECK_EMPTY(own);
  (void)parent;
  (void)arg;
}

/* Events on both sides of each fork, for getters that are at work during it. */
static void send_some(int first) {
  for (int i = first; i < first + kShare; i++) SEND(port, i, COOKIE(i));
}

static void forker_body(void *arg) {
  struct peer children[kAtOnce];
  int next = *(const int *)arg;
  for (int storm = 0; storm < kStorms; storm++) {
    for (int i = 0; i < kAtOnce; i++, next += kShare) {
      send_some(next);
      child_start(&children[i], child_body, NULL);
    }
    for (int i = 0; i < kAtOnce; i++) child_join(&children[i]);
  }
}

static void account_user(const port_event_t *event) {
  int number = event->portev_events;
  CHECK_INT(event->portev_source, PORT_SOURCE_USER);
  if (number == kFromChild) {
    CHECK_PTR(event->portev_user, COOKIE(kFromChild));
    __atomic_add_fetch(&from_children, 1, __ATOMIC_RELAXED);
    return;
  }
  CHECK(number >= 0 && number < kEvents);
  CHECK_PTR(event->portev_user, COOKIE(number));
  CHECK_INT(__atomic_fetch_add(&seen[number], 1, __ATOMIC_RELAXED), 0);
}

/* A byte runs around the ring of pipes until the forks are over. */
static void account_fd(const port_event_t *event) {
  int i = (int)(uintptr_t)event->portev_user;
  CHECK(i >= 0 && i < kPipes);
  CHECK_FD_EVENT(*event, pipes[i].r, POLLIN, event->portev_user);
  take(pipes[i].r);
  ASSOCIATE(port, pipes[i].r, POLLIN, event->portev_user);
  __atomic_add_fetch(&turns, 1, __ATOMIC_RELAXED);
  if (!__atomic_load_n(&storms_over, __ATOMIC_ACQUIRE))
    put(pipes[(i + 1) % kPipes].w);
  else
    for (int k = 0; k < kGetters; k++) SEND(port, kStop, NULL);
}

static void getter_body(void *arg) {
  for (;;) {
    port_event_t event = NEXT(port);
    if (event.portev_source == PORT_SOURCE_FD)
      account_fd(&event);
    else if (event.portev_events == kStop)
      return;
    else
      account_user(&event);
  }
  (void)arg;
}

ASSERTION(326, 1,
          "forks while getters run: the port works in the children, and the parent's getters are "
          "undisturbed") {
  struct task getters[kGetters], forkers[kForkers];
  int first[kForkers];
  port = new_port();
  for (int i = 0; i < kPipes; i++) {
    pipes[i] = new_pipe();
    ASSOCIATE(port, pipes[i].r, POLLIN, (void *)(uintptr_t)i);
  }
  for (int i = 0; i < kGetters; i++) task_start(&getters[i], getter_body, NULL);
  put(pipes[0].w);
  for (int i = 0; i < kForkers; i++) {
    first[i] = i * kEvents / kForkers;
    task_start(&forkers[i], forker_body, &first[i]);
  }
  for (int i = 0; i < kForkers; i++) task_join(&forkers[i]);
  __atomic_store_n(&storms_over, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < kGetters; i++) task_join(&getters[i]);
  CHECK_EMPTY(port);
  CHECK(turns > 0);
  CHECK_INT(from_children, kForkers * kStorms * kAtOnce);
  for (int i = 0; i < kEvents; i++) CHECK_INT(seen[i], 1);
  for (int i = 0; i < kPipes; i++) CLOSE(pipes[i].r, pipes[i].w);
  CLOSE(port);
}
