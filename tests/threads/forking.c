/* SPDX-License-Identifier: MIT */
/*
 * Processes that are made while other threads are inside the library: by fork, vfork and
 * posix_spawn. The child's ports and the parent's work, and every event arrives once.
 */
#include <poll.h>
#include <spawn.h>

#include "tests/interpose/support.h"
#include "tests/threads/accounts.h"

extern char **environ;

enum { kBusy = 4, kForks = 20, kImages = 10 };

static const struct timespec kAtOnce = {0, 0};

static int shared_port; /* everybody's */
static int child_port;  /* only children's, one at a time */
static int over;
static struct accounts *accounts;

static int new_port(void) {
  const int port = port_create();
  CHECK(port >= 0);
  return port;
}

/* --- threads that are inside the library nearly always --- */

static int is_over(void) { return __atomic_load_n(&over, __ATOMIC_ACQUIRE); }

static void *send_and_get(void *unused) {
  while (!is_over()) {
    port_event_t event;
    CHECK(port_send(shared_port, 1, next_number(accounts)) == 0);
    if (port_get(shared_port, &event, &kAtOnce) == 0)
      note_arrival(accounts, &event);
    else
      CHECK(errno == ETIME);
    if (__atomic_load_n(&accounts->sent, __ATOMIC_RELAXED) > kMostNumbers / 2)
      sched_yield(), usleep(1000);
  }
  return unused;
}

static void *associate_and_not(void *unused) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  while (!is_over()) {
    CHECK(port_associate(shared_port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
    CHECK(port_dissociate(shared_port, PORT_SOURCE_FD, (uintptr_t)ends[0]) == 0);
  }
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  return unused;
}

static void *make_and_close(void *unused) {
  while (!is_over()) {
    const int port = new_port();
    port_event_t event;
    CHECK(port_send(port, 1, &event) == 0);
    CHECK(port_get(port, &event, &kAtOnce) == 0 && event.portev_user == &event);
    CHECK(close(port) == 0);
  }
  return unused;
}

static void *sleep_in_turns(void *unused) {
  while (!is_over()) {
    const struct timespec short_time = {0, 100000};
    port_event_t event;
    if (port_get(shared_port, &event, &short_time) == 0)
      note_arrival(accounts, &event);
    else
      CHECK(errno == ETIME);
  }
  return unused;
}

static void *(*const bodies[])(void *) = {send_and_get, associate_and_not, make_and_close,
                                          sleep_in_turns};
static pthread_t busy[kBusy];

static void start_busy(void) {
  over = 0;
  accounts = new_accounts();
  shared_port = new_port();
  child_port = new_port();
  for (int i = 0; i < kBusy; ++i) CHECK(pthread_create(&busy[i], NULL, bodies[i % 4], NULL) == 0);
}

static void end_busy(void) {
  port_event_t event;
  __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
  for (int i = 0; i < kBusy; ++i) CHECK(pthread_join(busy[i], NULL) == 0);
  while (port_get(shared_port, &event, &kAtOnce) == 0) note_arrival(accounts, &event);
  CHECK(errno == ETIME);
  check_all_arrived(accounts);
  check_works(shared_port);
  check_works(child_port);
  close(shared_port);
  close(child_port);
}

/* --- fork --- */

static void in_child(void *unused) {
  uint_t count;
  (void)unused;
  CHECK(port_send(shared_port, 1, next_number(accounts)) == 0);
  CHECK(port_getn(shared_port, NULL, 0, &count, NULL) == 0);
  check_works(child_port);
  const int port = new_port();
  check_works(port);
  CHECK(close(port) == 0);
  CHECK(close(child_port) == 0);
}

static void forks(void) {
  start_busy();
  for (int i = 0; i < kForks; ++i) {
    const pid_t first = start_child(in_child, NULL);
    check_child(first);
  }
  end_busy();
}

/* The child goes on with threads of its own, and forks in its turn. */
static void in_generation(void *generation) {
  const int left = *(int *)generation - 1;
  in_child(NULL);
  if (left == 0) return;
  child_port = new_port();
  int next = left;
  check_child(start_child(in_generation, &next));
  check_works(child_port);
}

static void generations(void) {
  int depth = 5;
  start_busy();
  for (int i = 0; i < kForks / 10; ++i) check_child(start_child(in_generation, &depth));
  end_busy();
}

/* --- new images --- */

static char number_of_shared[16], number_of_child[16], number_sent[16];

static char *const *arguments(void) {
  static char *words[6];
  snprintf(number_of_shared, sizeof number_of_shared, "%d", shared_port);
  snprintf(number_of_child, sizeof number_of_child, "%d", child_port);
  snprintf(number_sent, sizeof number_sent, "%lu", (unsigned long)(uintptr_t)next_number(accounts));
  words[0] = (char *)"/proc/self/exe";
  words[1] = (char *)"image";
  words[2] = number_of_shared;
  words[3] = number_of_child;
  words[4] = number_sent;
  return words;
}

static int image(char **words) {
  alarm(30);
  CHECK(port_send(atoi(words[2]), 1, (void *)(uintptr_t)strtoul(words[4], NULL, 10)) == 0);
  check_works(atoi(words[3]));
  return 0;
}

static void own_path(char *path) {
  const ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
  CHECK(length > 0);
  path[length] = '\0';
}

static void spawns(void) {
  char path[PATH_MAX];
  own_path(path);
  start_busy();
  for (int i = 0; i < kImages; ++i) {
    pid_t pid;
    CHECK(posix_spawn(&pid, path, NULL, NULL, arguments(), environ) == 0);
    check_child(pid);
  }
  end_busy();
}

static void vforks(void) {
  char path[PATH_MAX];
  own_path(path);
  start_busy();
  for (int i = 0; i < kImages; ++i) {
    char *const *const words = arguments();
    const pid_t pid = vfork();
    CHECK(pid >= 0);
    if (pid == 0) {
      execve(path, words, environ);
      _exit(1);
    }
    check_child(pid);
  }
  end_busy();
}

static const struct test_case cases[] = {
    {"forks", forks}, {"generations", generations}, {"spawns", spawns}, {"vforks", vforks},
    {NULL, NULL},
};

int main(int argc, char **argv) {
  if (argc == 5 && strcmp(argv[1], "image") == 0) return image(argv);
  return run_case(cases, argc, argv);
}
