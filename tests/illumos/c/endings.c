// SPDX-License-Identifier: MIT
//
// What threads leave behind when they end, and what a fork child holds.
#include "check.h"
#include "threads.h"

int pthread_atfork(void (*)(void), void (*)(void), void (*)(void));
void pthread_testcancel(void);

static pthread_key_t key;
static pthread_mutex_t recursive;
static pthread_rwlock_t lock;
static int destroyed, forked;
static volatile int caught;

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

static void hold(void) {
  forked = mutex_lock(&recursive) == 0 && pthread_rwlock_wrlock(&lock) == 0;
}

static void let_go(void) {
  forked = forked && mutex_unlock(&recursive) == 0 && pthread_rwlock_unlock(&lock) == 0;
}

// The thread that a fork child has holds what the one that forked held, whatever its number was.
static void* fork_holding(void* unused) {
  int status = -1;
  const pid_t child = fork();
  if (child == 0) {
    if (!forked || mutex_lock(&recursive) != 0 || mutex_unlock(&recursive) != 0) _exit(1);
    _exit(pthread_rwlock_rdlock(&lock) == 0 ? 0 : 2);
  }
  return waitpid(child, &status, 0) == child && status == 0 && forked ? unused : NULL;
}

static void held_across_forks(void) {
  pthread_t thread;
  void* result = NULL;
  mutex_init(&recursive, LOCK_RECURSIVE, NULL);
  pthread_rwlock_init(&lock, NULL);
  pthread_atfork(hold, let_go, let_go);
  CHECK("fork-by-first", fork_holding(&key) == &key);
  pthread_create(&thread, NULL, fork_holding, &key);
  CHECK("fork-by-another", pthread_join(thread, &result) == 0 && result == &key);
}

static void* lock_twice(void* unused) {
  mutex_lock(&recursive);
  mutex_lock(&recursive);
  return unused;
}

// Who waits without holding the mutex is told so, and its holder goes on holding it as often.
static void waits_without(void) {
  pthread_cond_t never = PTHREAD_COND_INITIALIZER;
  const struct timespec soon = {0, 1000000};
  pthread_t thread;
  pthread_create(&thread, NULL, lock_twice, NULL);
  pthread_join(thread, NULL);
  CHECK("wait-without-mutex", pthread_cond_reltimedwait_np(&never, &recursive, &soon) == EPERM);
}

static void note(int number) { caught = number; }

// A signal that Linux does not have, too, ends a wait that lets it through.
static void waits_for_emt(void) {
  struct sigaction action;
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGINFO);
  sigprocmask(SIG_BLOCK, &set, &old);
  CHECK("ignored-by-default", raise(SIGINFO) == 0 && sigprocmask(SIG_SETMASK, &old, NULL) == 0);
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  sigaction(SIGEMT, &action, NULL);
  sigemptyset(&set);
  sigaddset(&set, SIGEMT);
  sigprocmask(SIG_BLOCK, &set, &old);
  raise(SIGEMT);
  CHECK("suspend-for-emt",
        caught == 0 && sigsuspend(&old) == -1 && errno == EINTR && caught == SIGEMT);
  caught = 0;
  CHECK("blocked-again", raise(SIGEMT) == 0 && caught == 0);
  sigprocmask(SIG_SETMASK, &old, NULL);
  CHECK("delivered", caught == SIGEMT);
}

// The signals first: cancellation makes the runtime catch the one that brings them.
int main(void) {
  waits_for_emt();
  small_stacks();
  late_cancellation();
  held_across_forks();
  waits_without();
  return check_status();
}
