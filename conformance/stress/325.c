/* SPDX-License-Identifier: MIT */
/*
 * A timer interrupts the getter every millisecond. The sender holds back the last event that the
 * getter waits for until one more signal was caught, so that port_getn is interrupted with a part
 * of what it wants in the queue.
 */
#include <sched.h>

#include "conformance/conformance.h"

enum { kRounds = 300, kWanted = 3, kMax = 8 };

static int port;
static struct ends pipe_ends;

static void sender_body(void *arg) {
  for (int round = 0; round < kRounds; round++) {
    int signals = signals_counted();
    SEND(port, kWanted * round, COOKIE(0));
    SEND(port, kWanted * round + 1, COOKIE(1));
    while (signals_counted() == signals) sched_yield();
    SEND(port, kWanted * round + 2, COOKIE(2));
  }
  (void)arg;
}

/* One port_getn or, in some rounds, several port_get; interrupted calls are repeated. */
static uint_t get_some(port_event_t *list, uint_t wanted, bool one, long *interrupted) {
  const struct timespec *timeout = wanted % 2 == 0 ? NULL : LONG_WAIT;
  for (;;) {
    uint_t count = wanted;
    paint(list, kMax * sizeof *list);
    int result = one ? port_get(port, list, timeout) : port_getn(port, list, kMax, &count, timeout);
    if (result == 0) return one ? 1 : count;
    CHECK_INT(errno, EINTR);
    CHECK_INT(count, wanted);
    CHECK(is_painted(list, kMax * sizeof *list));
    ++*interrupted;
  }
}

/* Retrieves all that is sent, which must come in order and once; how often it was interrupted. */
static long getter_run(void) {
  long interrupted = 0;
  for (int next = 0; next < kWanted * kRounds;) {
    port_event_t list[kMax];
    int missing = kWanted - next % kWanted;
    bool one = next / kWanted % 4 == 3;
    uint_t count = get_some(list, one ? 1 : (uint_t)missing, one, &interrupted);
    CHECK(one || (count >= (uint_t)missing && count <= kMax));
    for (uint_t i = 0; i < count; i++, next++)
      CHECK_USER_EVENT(list[i], next, COOKIE(next % kWanted));
  }
  return interrupted;
}

/* The same with a descriptor's event, which is made between two calls. */
static void descriptor_run(void) {
  long interrupted = 0;
  for (int round = 0; round < kRounds; round++) {
    port_event_t list[kMax];
    ASSOCIATE(port, pipe_ends.r, POLLIN, COOKIE(round));
    put(pipe_ends.w);
    CHECK_INT(get_some(list, 1, round % 2 == 0, &interrupted), 1);
    CHECK_FD_EVENT(list[0], pipe_ends.r, POLLIN, COOKIE(round));
    take(pipe_ends.r);
  }
}

static timer_t start_timer(void) {
  struct sigevent notify;
  struct itimerspec every = {{0, 1000000}, {0, 1000000}};
  timer_t timer;
  memset(&notify, 0, sizeof notify);
  notify.sigev_notify = SIGEV_SIGNAL;
  notify.sigev_signo = SIGUSR1;
  SETUP(timer_create(CLOCK_MONOTONIC, &notify, &timer));
  SETUP(timer_settime(timer, 0, &every, NULL));
  return timer;
}

ASSERTION(325, 1, "signals against a port_getn loop: no event is lost, none comes twice") {
  struct task sender;
  sigset_t signals;
  port = new_port();
  pipe_ends = new_pipe();
  count_signal(SIGUSR1, 0);
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  SETUP_PTHREAD(pthread_sigmask(SIG_BLOCK, &signals, NULL)); /* in the sender */
  task_start(&sender, sender_body, NULL);
  SETUP_PTHREAD(pthread_sigmask(SIG_UNBLOCK, &signals, NULL));
  timer_t timer = start_timer();
  CHECK(getter_run() > 0);
  SETUP_PTHREAD(pthread_join(sender.thread, NULL));
  descriptor_run();
  SETUP(timer_delete(timer));
  CHECK_EMPTY(port);
  CLOSE(port, pipe_ends.r, pipe_ends.w);
}
