/* SPDX-License-Identifier: MIT */
/*
 * The pipes are pairs with one byte between them. Whoever gets the event of a pipe takes the
 * byte, puts it into the other pipe of the pair and associates the pipe anew, in either order:
 * when the byte goes first, it may be back before the association is made.
 */
#include "conformance/conformance.h"

enum { kPipes = 1000, kGetters = 6, kRounds = 40, kBatch = 8, kStop = -1 };

static int port;
static struct ends pipes[kPipes];
static int busy[kPipes];
static int rounds[kPipes];
static long left; /* bytes that are still on their way */

static void rearm(int i) {
  CHECK_INT(__atomic_exchange_n(&busy[i], 0, __ATOMIC_ACQ_REL), 1);
  ASSOCIATE(port, pipes[i].r, POLLIN, (void *)(uintptr_t)i);
}

static void pass_on(int i) {
  if (rounds[i] == kRounds) {
    if (__atomic_sub_fetch(&left, 1, __ATOMIC_ACQ_REL) == 0)
      for (int k = 0; k < kGetters; k++) SEND(port, kStop, NULL);
    return;
  }
  put(pipes[i ^ 1].w);
}

static void serve(const port_event_t *event) {
  int i = (int)(uintptr_t)event->portev_user;
  CHECK(i >= 0 && i < kPipes);
  CHECK_FD_EVENT(*event, pipes[i].r, POLLIN, event->portev_user);
  CHECK_INT(__atomic_exchange_n(&busy[i], 1, __ATOMIC_ACQ_REL), 0);
  take(pipes[i].r);
  bool byte_first = rounds[i]++ % 2 == 0;
  if (byte_first) pass_on(i);
  rearm(i);
  if (!byte_first) pass_on(i);
}

static uint_t get_some(bool one, port_event_t *list) {
  uint_t count = 1;
  if (one)
    CHECK_OK(port_get(port, list, LONG_WAIT));
  else
    CHECK_OK(port_getn(port, list, kBatch, &count, LONG_WAIT));
  CHECK(count >= 1 && count <= kBatch);
  return count;
}

static void getter_body(void *arg) {
  bool one = *(const bool *)arg;
  port_event_t list[kBatch];
  int stops = 0;
  while (stops == 0) {
    uint_t count = get_some(one, list);
    for (uint_t i = 0; i < count; i++) {
      if (list[i].portev_source == PORT_SOURCE_USER)
        stops++;
      else
        serve(&list[i]);
    }
  }
  while (--stops > 0) SEND(port, kStop, NULL);
}

static void open_pipes(void) {
  raise_fd_limit(2 * kPipes + 200);
  for (int i = 0; i < kPipes; i++) {
    pipes[i] = new_pipe();
    ASSOCIATE(port, pipes[i].r, POLLIN, (void *)(uintptr_t)i);
  }
}

ASSERTION(322, 1,
          "ping-pong over 1000 pipes that the getters associate anew: no wake-up is lost, and "
          "never have two getters the same descriptor") {
  static const bool one[2] = {false, true};
  struct task getters[kGetters];
  port = new_port();
  left = kPipes / 2;
  open_pipes();
  for (int i = 0; i < kGetters; i++) task_start(&getters[i], getter_body, (void *)&one[i % 2]);
  for (int i = 0; i < kPipes; i += 2) put(pipes[i].w);
  for (int i = 0; i < kGetters; i++) task_join(&getters[i]);
  CHECK_EMPTY(port);
  for (int i = 0; i < kPipes; i++) {
    CHECK_INT(rounds[i], i % 2 == 0 ? kRounds : kRounds - 1);
    CLOSE(pipes[i].r, pipes[i].w);
  }
  CLOSE(port);
}
