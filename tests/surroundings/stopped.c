/* SPDX-License-Identifier: MIT */
/*
 * Threads that wait on a port while somebody stops and continues the process, or traces it. They
 * do not notice: no EINTR, no lost event, no second one.
 */
#include <sys/ptrace.h>
#include <time.h>

#include "tests/interpose/support.h"

enum { kWaiters = 3, kRounds = 5 };

static const struct timespec kLong = {20, 0};

struct shared {
  int port;
  int failures;
  pid_t ids[kWaiters];
};

static struct shared *shared;

static void *wait_body(void *argument) {
  port_event_t event;
  shared->ids[(intptr_t)argument] = (pid_t)syscall(SYS_gettid);
  if (port_get(shared->port, &event, &kLong) != 0 || event.portev_events != 1)
    __atomic_fetch_add(&shared->failures, 1, __ATOMIC_RELAXED);
  return NULL;
}

/* One waits in poll, the others behind it; the main thread is one of them. */
static void wait_for_events(void *unused) {
  (void)unused;
  pthread_t threads[kWaiters];
  for (intptr_t i = 1; i < kWaiters; ++i)
    CHECK(pthread_create(&threads[i], NULL, wait_body, (void *)i) == 0);
  wait_body(0);
  for (int i = 1; i < kWaiters; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(shared->failures == 0);
}

static const char *task(pid_t pid, int i) {
  static char path[64];
  pid_t id;
  while ((id = __atomic_load_n(&shared->ids[i], __ATOMIC_RELAXED)) == 0) sched_yield();
  snprintf(path, sizeof path, "%d/task/%d", (int)pid, (int)id);
  return path;
}

static pid_t start_waiters(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(shared != MAP_FAILED);
  shared->port = port_create();
  CHECK(shared->port >= 0);
  const pid_t pid = start_child(wait_for_events, NULL);
  for (int i = 0; i < kWaiters; ++i) wait_asleep(task(pid, i));
  return pid;
}

static void finish(pid_t pid) {
  for (int i = 0; i < kWaiters; ++i) wait_asleep(task(pid, i));
  for (int i = 0; i < kWaiters; ++i) CHECK(port_send(shared->port, 1, NULL) == 0);
  check_child(pid);
  port_event_t event;
  const struct timespec zero = {0, 0};
  CHECK_FAILS(port_get(shared->port, &event, &zero), ETIME);
  CHECK(close(shared->port) == 0);
}

static void job_control(void) {
  int status;
  const pid_t pid = start_waiters();
  for (int i = 0; i < kRounds; ++i) {
    CHECK(kill(pid, SIGSTOP) == 0);
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
    CHECK(kill(pid, SIGCONT) == 0);
    CHECK(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
  }
  finish(pid);
}

/* What is sent while it is stopped is there when it goes on. */
static void sent_while_stopped(void) {
  int status;
  const pid_t pid = start_waiters();
  CHECK(kill(pid, SIGSTOP) == 0);
  CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
  for (int i = 0; i < kWaiters; ++i) CHECK(port_send(shared->port, 1, NULL) == 0);
  CHECK(kill(pid, SIGCONT) == 0);
  check_child(pid);
  CHECK(close(shared->port) == 0);
}

static void await_stop(pid_t id) {
  int status;
  CHECK(waitpid(id, &status, __WALL) == id && WIFSTOPPED(status));
}

/* As a debugger does it: a stop of each thread, and then it is let go. */
static void attached(void) {
  const pid_t pid = start_waiters();
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kWaiters; ++i) {
      CHECK(ptrace(PTRACE_ATTACH, shared->ids[i], NULL, NULL) == 0);
      await_stop(shared->ids[i]);
    }
    for (int i = 0; i < kWaiters; ++i)
      CHECK(ptrace(PTRACE_DETACH, shared->ids[i], NULL, NULL) == 0);
  }
  finish(pid);
}

/* As strace does it: interrupted, and then stopped at each system call. */
static void seized(void) {
  const pid_t pid = start_waiters();
  for (int i = 0; i < kWaiters; ++i) {
    CHECK(ptrace(PTRACE_SEIZE, shared->ids[i], NULL, PTRACE_O_TRACESYSGOOD) == 0);
    CHECK(ptrace(PTRACE_INTERRUPT, shared->ids[i], NULL, NULL) == 0);
    await_stop(shared->ids[i]);
    CHECK(ptrace(PTRACE_SYSCALL, shared->ids[i], NULL, NULL) == 0);
    await_stop(shared->ids[i]); /* the call it waits in is started again */
    CHECK(ptrace(PTRACE_CONT, shared->ids[i], NULL, NULL) == 0);
  }
  for (int i = 0; i < kWaiters; ++i) wait_asleep(task(pid, i));
  for (int i = 0; i < kWaiters; ++i) {
    CHECK(ptrace(PTRACE_INTERRUPT, shared->ids[i], NULL, NULL) == 0);
    await_stop(shared->ids[i]);
    CHECK(ptrace(PTRACE_DETACH, shared->ids[i], NULL, NULL) == 0);
  }
  finish(pid);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"job_control", job_control},
                                           {"sent_while_stopped", sent_while_stopped},
                                           {"attached", attached},
                                           {"seized", seized},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
