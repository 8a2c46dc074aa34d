// SPDX-License-Identifier: MIT
//
// How threads end.
#include "check.h"
#include "threads.h"

void pthread_testcancel(void);

static pthread_key_t key;
static int destroyed;

static void* nothing(void* unused) { return unused; }

// A stack that is too small for Linux's libc: it is replaced, and the thread ends on what it is on.
static void small_stacks(void) {
  static char stack[32768] __attribute__((aligned(4096)));
  pthread_t thread;
  CHECK("small-stack-detached",
        thr_create(stack, sizeof stack, nothing, NULL, THR_DETACHED, &thread) == 0);
  while (pthread_kill(thread, 0) != ESRCH) sched_yield();
  void* result = NULL;
  CHECK("small-stack", thr_create(stack, sizeof stack, nothing, &thread, 0, &thread) == 0 &&
                           pthread_join(thread, &result) == 0 && result == &thread);
}

static void destroy(void* unused) {
  (void)unused;
  pthread_testcancel();
  ++destroyed;
}

// The request comes while nothing looks for it any more but a destructor.
static void* cancel_oneself(void* result) {
  pthread_setspecific(key, &key);
  pthread_cancel(pthread_self());
  return result;
}

static void late_cancellation(void) {
  pthread_t thread;
  void* result = NULL;
  pthread_key_create(&key, destroy);
  pthread_create(&thread, NULL, cancel_oneself, &thread);
  CHECK("cancelled-too-late",
        pthread_join(thread, &result) == 0 && result == &thread && destroyed == 1);
}

int main(void) {
  small_stacks();
  late_cancellation();
  return check_status();
}
