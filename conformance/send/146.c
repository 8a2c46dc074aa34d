/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#include <sched.h>

/* As many signals as that, or as a busy machine handles in the time. */
enum { kSignals = 3000, kMilliseconds = 2000, kFromHandler = -1, kList = 16 };

static int port;
static int sent_by_handler, calls_made, finished;
static pthread_t target;

static void send_in_handler(int signo) {
  int error = errno;
  (void)signo;
  CHECK_OK(port_send(port, kFromHandler, COOKIE(146)));
  __atomic_add_fetch(&sent_by_handler, 1, __ATOMIC_SEQ_CST);
  errno = error;
}

static int count_of(const int *counter) { return __atomic_load_n(counter, __ATOMIC_SEQ_CST); }

/* Interrupts the target again and again, but lets it get on in between. */
static void interrupt(void *arg) {
  double end = now_ms() + kMilliseconds;
  (void)arg;
  for (int i = 0; i < kSignals && now_ms() < end; i++) {
    int calls = count_of(&calls_made);
    SETUP_PTHREAD(pthread_kill(target, SIGUSR1));
    while (count_of(&sent_by_handler) == i) sched_yield();
    while (count_of(&calls_made) == calls) sched_yield();
  }
  __atomic_store_n(&finished, 1, __ATOMIC_SEQ_CST);
}

/* Retrieves what is queued; the events of the program itself are numbered. */
static void retrieve(int *own, int *foreign) {
  port_event_t list[kList];
  uint_t count = 1;
  CHECK_OK(port_getn(port, list, kList, &count, AT_ONCE));
  for (uint_t i = 0; i < count; i++) {
    if (list[i].portev_events == kFromHandler) {
      CHECK_USER_EVENT(list[i], kFromHandler, COOKIE(146));
      ++*foreign;
    } else {
      CHECK_USER_EVENT(list[i], *own, COOKIE(1));
      ++*own;
    }
  }
}

/* The thread that the handler interrupts is itself in a call on the same port. */
static void check_sends_between_calls(void) {
  struct task task;
  int sent = 0, own = 0, foreign = 0;
  target = pthread_self();
  task_start(&task, interrupt, NULL);
  while (!count_of(&finished)) {
    SEND(port, sent, COOKIE(1));
    sent++;
    retrieve(&own, &foreign);
    __atomic_add_fetch(&calls_made, 1, __ATOMIC_SEQ_CST);
  }
  task_join(&task);
  while (queued(port) > 0) retrieve(&own, &foreign);
  CHECK_INT(own, sent);
  CHECK(foreign > 0);
  CHECK_INT(foreign, sent_by_handler);
}

/* The thread is blocked: it takes the event, or is interrupted and leaves it. */
static void check_send_while_blocked(void) {
  struct waiter waiter;
  waiter_get(&waiter, port, NULL);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR1));
  waiter_join(&waiter);
  if (waiter.result == 0) {
    CHECK_USER_EVENT(waiter.list[0], kFromHandler, COOKIE(146));
  } else {
    CHECK_WAITER_FAILED(&waiter, EINTR);
    CHECK_NEXT_USER(port, kFromHandler, COOKIE(146));
  }
  CHECK_EMPTY(port);
}

ASSERTION(146, 2, "port_send may be called in a signal handler, whatever it interrupts") {
  struct sigaction action;
  port = new_port();
  memset(&action, 0, sizeof action);
  action.sa_handler = send_in_handler;
  sigemptyset(&action.sa_mask);
  SETUP(sigaction(SIGUSR1, &action, NULL));
  check_sends_between_calls();
  check_send_while_blocked();
  CLOSE(port);
}
