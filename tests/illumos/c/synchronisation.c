// SPDX-License-Identifier: MIT
//
// Locks, barriers, semaphores and cancellation, by both of illumos's families of names.
#include "check.h"
#include "threads.h"

enum { kThreads = 8, kTurns = 1000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_once_t once;
static pthread_barrier_t barrier;
static pthread_rwlock_t lock;
static sem_t semaphore;
static int onces, serial, written, cleaned;
static volatile int ready;
static volatile long turns;

static void count_once(void) { ++onces; }

static void* meet(void* unused) {
  pthread_once(&once, count_once);
  if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
    __atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
  for (int i = 0; i < kTurns; ++i) {
    if (i % 4 == 0) {
      pthread_rwlock_wrlock(&lock);
      ++written;
    } else {
      pthread_rwlock_rdlock(&lock);
    }
    pthread_rwlock_unlock(&lock);
    sem_wait(&semaphore);
    sem_post(&semaphore);
  }
  return unused;
}

static void meetings(void) {
  pthread_t threads[kThreads];
  int value = 0;
  pthread_barrier_init(&barrier, NULL, kThreads);
  pthread_rwlock_init(&lock, NULL);
  sem_init(&semaphore, 0, 3);
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, meet, NULL);
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  CHECK("once", onces == 1);
  CHECK("barrier", serial == 1);
  CHECK("rwlock", written == kThreads * kTurns / 4);
  CHECK("semaphore", sem_getvalue(&semaphore, &value) == 0 && value == 3);
  CHECK("join-again", pthread_join(threads[0], NULL) == ESRCH);
  CHECK("kill-none", pthread_kill(threads[0], 0) == ESRCH);
}

static void kinds(void) {
  pthread_mutex_t own;
  mutex_init(&own, LOCK_ERRORCHECK, NULL);
  CHECK("error-check", mutex_lock(&own) == 0 && mutex_lock(&own) == EDEADLK &&
                           mutex_unlock(&own) == 0 && mutex_unlock(&own) == EPERM);
  mutex_init(&own, LOCK_RECURSIVE, NULL);
  CHECK("recursive", mutex_lock(&own) == 0 && mutex_lock(&own) == 0 && mutex_unlock(&own) == 0 &&
                         mutex_unlock(&own) == 0 && mutex_unlock(&own) == EPERM);
}

static void timeouts(void) {
  const struct timespec soon = {0, 10000000};
  sem_t none;
  pthread_mutex_lock(&mutex);
  CHECK("posix-timeout", pthread_cond_reltimedwait_np(&never, &mutex, &soon) == ETIMEDOUT);
  CHECK("old-timeout", cond_reltimedwait(&never, &mutex, &soon) == ETIME);
  pthread_mutex_unlock(&mutex);
  sem_init(&none, 0, 0);
  CHECK("sem-timeout", sem_reltimedwait_np(&none, &soon) == -1 && errno == ETIMEDOUT);
}

static void clean(void* held) {
  ++cleaned;
  pthread_mutex_unlock(held);
}

static void* wait_for_ever(void* unused) {
  cleanup_t place;
  pthread_mutex_lock(&mutex);
  __pthread_cleanup_push(clean, &mutex, NULL, &place);
  ready = 1;
  while (unused == NULL) pthread_cond_wait(&never, &mutex);
  __pthread_cleanup_pop(1, &place);
  return NULL;
}

static void* turn_for_ever(void* unused) {
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
  while (unused == NULL) ++turns;
  return NULL;
}

static void cancellation(void) {
  pthread_t thread;
  void* result = NULL;
  pthread_create(&thread, NULL, wait_for_ever, NULL);
  while (!ready) sched_yield();
  CHECK("cancel-waiting", pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0 &&
                              result == PTHREAD_CANCELED);
  CHECK("cleaned", cleaned == 1 && pthread_mutex_trylock(&mutex) == 0);
  pthread_mutex_unlock(&mutex);
  pthread_create(&thread, NULL, turn_for_ever, NULL);
  while (turns == 0) sched_yield();
  CHECK("cancel-at-once", pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0 &&
                              result == PTHREAD_CANCELED);
}

static void* count_turns(void* unused) {
  while (unused == NULL) ++turns;
  return NULL;
}

static void suspension(void) {
  pthread_t thread;
  turns = 0;
  CHECK("thr-create", thr_create(NULL, 0, count_turns, NULL, THR_DETACHED | THR_DAEMON,
                                 &thread) == 0);
  while (turns == 0) sched_yield();
  CHECK("suspend", thr_suspend(thread) == 0);
  const long seen = turns;
  for (int i = 0; i < kTurns; ++i) sched_yield();
  CHECK("stands-still", turns == seen);
  CHECK("continue", thr_continue(thread) == 0);
  while (turns == seen) sched_yield();
}

static void* return_it(void* value) { return value; }

static void joining(void) {
  pthread_t thread, departed = 0;
  void* result = NULL;
  CHECK("join-any", thr_create(NULL, 0, return_it, &mutex, 0, &thread) == 0 &&
                        thr_join(0, &departed, &result) == 0 && departed == thread &&
                        result == &mutex);
  CHECK("join-oneself", pthread_join(pthread_self(), NULL) == EDEADLK);
}

static void* lock_and_end(void* robust) {
  pthread_mutex_lock(robust);
  return NULL;
}

static void robustness(void) {
  pthread_mutexattr_t attributes;
  pthread_mutex_t robust;
  pthread_t thread;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &attributes);
  pthread_create(&thread, NULL, lock_and_end, &robust);
  pthread_join(thread, NULL);
  CHECK("owner-died", pthread_mutex_lock(&robust) == EOWNERDEAD);
  CHECK("consistent", pthread_mutex_consistent(&robust) == 0 &&
                          pthread_mutex_unlock(&robust) == 0 && pthread_mutex_lock(&robust) == 0);
}

static void names(void) {
  char name[32];
  snprintf(name, sizeof name, "/guest-%d", (int)getpid());
  sem_t* made = sem_open(name, O_CREAT, 0600, 1);
  CHECK("sem-open", made != (sem_t*)-1 && sem_open(name, 0) == made);
  CHECK("sem-named", sem_wait(made) == 0 && sem_trywait(made) == -1 && errno == EAGAIN);
  CHECK("sem-unlink", sem_unlink(name) == 0 && sem_open(name, 0) == (sem_t*)-1 && errno == ENOENT);
}

// The process ends with its last thread, and successfully.
static void* end_last(void* first) {
  pthread_join(*(pthread_t*)first, NULL);
  printf("ok last-thread\n");
  return NULL;
}

int main(void) {
  static pthread_t first;
  pthread_t last;
  meetings();
  kinds();
  timeouts();
  cancellation();
  suspension();
  joining();
  robustness();
  names();
  if (check_status() != 0) return 1;
  first = pthread_self();
  pthread_create(&last, NULL, end_last, &first);
  pthread_detach(last);
  pthread_exit(NULL);
}
