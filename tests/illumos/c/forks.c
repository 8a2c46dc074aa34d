// SPDX-License-Identifier: MIT
//
// Forks while other threads are inside the runtime: the child has every table whole and every lock
// free, and can use all of it.
#include "check.h"
#include "guest_files.h"
#include "threads.h"

enum { kForks = 100, kPatience = 20000 };

int pthread_key_delete(pthread_key_t);
int sem_close(sem_t*);
int pthread_atfork(void (*)(void), void (*)(void), void (*)(void));

static volatile int stop;
static struct sigevent silent = {.sigev_notify = SIGEV_NONE};

// Each goes in and out of one of the runtime's tables.
static int use_environment(void) { return setenv("FORKS", "1", 1) == 0; }

static int use_keys(void) { return pthread_key_delete(0) != 0; }

static int use_requests(void) {
  struct aiocb request;
  return aio_error(&request) == -1 && errno == EINVAL;
}

static int use_timers(void) {
  timer_t timer;
  return timer_create(CLOCK_MONOTONIC, &silent, &timer) == 0 && timer_delete(timer) == 0;
}

static int use_semaphores(void) {
  sem_t none;
  return sem_close(&none) == -1 && errno == EINVAL;
}

static void* nothing(void* unused) { return unused; }

static int use_threads(void) {
  pthread_t thread;
  return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

typedef int (*use)(void);
static const use uses[] = {use_environment, use_keys,       use_requests,
                           use_timers,      use_semaphores, use_threads};
enum { kUses = sizeof uses / sizeof uses[0] };

static void* keep_using(void* what) {
  while (!stop)
    if (!(*(const use*)what)()) return (void*)1;
  return NULL;
}

// The number of what does not work.
static int child_main(void) {
  if (pthread_self() != 1) return kUses + 1;
  for (int i = 0; i < kUses; ++i)
    if (!uses[i]()) return i + 1;
  return 0;
}

// A child's status; one that does not end is killed. The pipe tells, and no signal does: whoever
// waits for a lock has them blocked.
static int fork_once(void) {
  int status = -1, ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) _exit(child_main());
  close(ends[1]);
  struct pollfd end = {ends[0], POLLIN, 0};
  if (poll(&end, 1, kPatience) != 1) kill(child, SIGKILL);
  close(ends[0]);
  return waitpid(child, &status, 0) == child ? status : -1;
}

// Handlers of the program's own may use everything, too.
static int prepared, followed;
static void prepare(void) { prepared += use_environment() && use_keys() && use_timers(); }
static void follow(void) { followed += use_environment() && use_keys() && use_timers(); }

int main(void) {
  pthread_t threads[kUses];
  int status = 0, forks = 0, started = 0;
  void* result;
  CHECK("atfork", pthread_atfork(prepare, follow, follow) == 0);
  for (int i = 0; i < kUses; ++i)
    started += pthread_create(&threads[i], NULL, keep_using, (void*)&uses[i]) == 0;
  CHECK("started", started == kUses);
  for (; forks < kForks && status == 0; ++forks) status = fork_once();
  CHECK("all-usable-in-children", status == 0);
  CHECK("handlers", prepared == forks && followed == forks);
  stop = 1;
  for (int i = 0; i < kUses; ++i)
    CHECK("used-meanwhile", pthread_join(threads[i], &result) == 0 && result == NULL);
  return check_status();
}
