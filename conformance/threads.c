/* SPDX-License-Identifier: MIT */
/* Threads that block in a call, and signals that are counted. */
#include "conformance/conformance.h"

#include <stdio.h>

static void *task_main(void *argument) {
  struct task *task = argument;
  __atomic_store_n(&task->id, thread_id(), __ATOMIC_RELEASE);
  task->body(task->arg);
  __atomic_store_n(&task->done, 1, __ATOMIC_RELEASE);
  return NULL;
}

void task_start(struct task *task, void (*body)(void *arg), void *arg) {
  task->id = 0;
  task->done = 0;
  task->body = body;
  task->arg = arg;
  SETUP_PTHREAD(pthread_create(&task->thread, NULL, task_main, task));
}

bool task_settle(struct task *task) {
  char who[64];
  long id;
  while ((id = __atomic_load_n(&task->id, __ATOMIC_ACQUIRE)) == 0) poll(NULL, 0, 1);
  snprintf(who, sizeof who, "self/task/%ld", id);
  /* The alarm around the test bounds this loop. */
  for (;;) {
    if (__atomic_load_n(&task->done, __ATOMIC_ACQUIRE)) return false;
    if (sleeps(who)) return !__atomic_load_n(&task->done, __ATOMIC_ACQUIRE);
    poll(NULL, 0, 1);
  }
}

void process_wait_blocked(pid_t pid) {
  char who[32];
  snprintf(who, sizeof who, "%ld", (long)pid);
  while (!sleeps(who)) poll(NULL, 0, 1);
}

void task_join(struct task *task) { SETUP_PTHREAD(pthread_join(task->thread, NULL)); }

static void waiter_body(void *argument) {
  struct waiter *waiter = argument;
  struct timespec *timeout = waiter->unlimited ? NULL : &waiter->timeout;
  double start = now_ms();
  errno = CANARY;
  waiter->result = waiter->one
                       ? port_get(waiter->port, waiter->list, timeout)
                       : port_getn(waiter->port, waiter->list, waiter->max, &waiter->nget, timeout);
  waiter->error = errno;
  waiter->elapsed = now_ms() - start;
}

static void waiter_start(struct waiter *waiter, int port, const struct timespec *timeout) {
  waiter->port = port;
  waiter->unlimited = !timeout;
  if (timeout) waiter->timeout = *timeout;
  waiter->elapsed = 0;
  paint(waiter->list, sizeof waiter->list);
  task_start(&waiter->task, waiter_body, waiter);
  if (!task_settle(&waiter->task))
    check_failed(HERE, "the call did not block: it gave %d with %s", waiter->result,
                 errno_name(waiter->error));
}

void waiter_get(struct waiter *waiter, int port, const struct timespec *timeout) {
  waiter->one = true;
  waiter->nget = 0;
  waiter->max = 1;
  waiter_start(waiter, port, timeout);
}

void waiter_getn(struct waiter *waiter, int port, uint_t max, uint_t nget,
                 const struct timespec *timeout) {
  if (max > WAITER_MAX) unresolved("a waiter's list is too small");
  waiter->one = false;
  waiter->nget = nget;
  waiter->max = max;
  waiter_start(waiter, port, timeout);
}

void waiter_join(struct waiter *waiter) { task_join(&waiter->task); }

static int signal_count;

static void count_one(int signo) {
  (void)signo;
  __atomic_add_fetch(&signal_count, 1, __ATOMIC_SEQ_CST);
}

void count_signal(int signo, int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = count_one;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  SETUP(sigaction(signo, &action, NULL));
}

int signals_counted(void) { return __atomic_load_n(&signal_count, __ATOMIC_SEQ_CST); }
