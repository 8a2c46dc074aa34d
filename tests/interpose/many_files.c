/* SPDX-License-Identifier: MIT */
/*
 * Files in numbers, and threads that use them: every change is reported exactly once, also when
 * the kernel's queue of records overflows.
 */
#include "tests/interpose/watching.h"

enum { kFiles = 10000, kBatch = 64 };

static char names[kFiles][16];
static file_obj_t objects[kFiles];
static int seen[kFiles];

static void make_all(int port, int events) {
  enter_folder();
  for (int i = 0; i < kFiles; i++) {
    snprintf(names[i], sizeof names[i], "file%d", i);
    make(names[i]);
    objects[i] = object_of(names[i]);
    watch(port, &objects[i], events);
    seen[i] = 0;
  }
}

/* Takes all events there are: each file has one, `events`. */
static void check_each_once(int port, int events) {
  port_event_t list[kBatch];
  const struct timespec now = {0, 0};
  uint_t count;
  int total = 0;
  do {
    count = kBatch;
    const int result = port_getn(port, list, kBatch, &count, &now);
    CHECK(result == 0 || errno == ETIME);
    for (uint_t i = 0; i < count; i++, total++) {
      const long which = (file_obj_t *)list[i].portev_object - objects;
      CHECK(which >= 0 && which < kFiles);
      CHECK(seen[which]++ == 0);
      CHECK(list[i].portev_events == events);
    }
  } while (count > 0);
  CHECK(total == kFiles);
}

/* Rounds of a change to every file, more than the queue holds in the last one. */
static void all_change(void) {
  const int port = port_create();
  make_all(port, FILE_MODIFIED);
  for (int i = 0; i < kFiles; i++) append(names[i]);
  check_each_once(port, FILE_MODIFIED);
  for (int i = 0; i < kFiles; i++) {
    seen[i] = 0;
    watch(port, &objects[i], FILE_MODIFIED | FILE_ATTRIB);
  }
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < kFiles; i++) {
      append(names[i]);
      set_mode(names[i], 0600 + round);
    }
  check_each_once(port, FILE_MODIFIED | FILE_ATTRIB);
  for (int i = 0; i < kFiles; i++) watch(port, &objects[i], FILE_MODIFIED | FILE_ATTRIB);
  check_quiet(port);
  CHECK(close(port) == 0);
  leave_folder();
}

static void all_removed(void) {
  const int port = port_create();
  make_all(port, FILE_MODIFIED | FILE_ATTRIB);
  for (int i = 0; i < kFiles; i++) erase(names[i]);
  check_each_once(port, FILE_DELETE);
  CHECK(watches() == 0);
  for (int i = 0; i < kFiles; i++) {
    make(names[i]);
    seen[i] = 0;
    watch(port, &objects[i], FILE_MODIFIED);
  }
  check_quiet(port);
  for (int i = 0; i < kFiles; i++) append(names[i]);
  check_each_once(port, FILE_MODIFIED);
  CHECK(close(port) == 0);
  leave_folder();
}

/* After an overflow, with a file removed and another, perhaps with its number, in its place. */
static void all_replaced(void) {
  const int port = port_create();
  int exceptions = 0;
  make_all(port, FILE_MODIFIED);
  for (int i = 0; i < kFiles; i++) {
    erase(names[i]);
    make(names[i]);
  }
  for (int i = 0; i < kFiles; i++) {
    port_event_t event;
    const struct timespec now = {0, 0};
    uint_t count = 1;
    CHECK(port_getn(port, &event, 1, &count, &now) == 0 && count == 1);
    if ((event.portev_events & (FILE_DELETE | FILE_RENAME_TO)) != 0) exceptions++;
  }
  CHECK(exceptions == kFiles);
  check_quiet(port);
  CHECK(close(port) == 0);
  leave_folder();
}

/* --- threads --- */

struct remover {
  pthread_t thread;
  int turns;
  int name;
};

static void *remove_and_make(void *argument) {
  struct remover *remover = argument;
  char name[16];
  snprintf(name, sizeof name, "file%d", remover->name);
  for (int i = 0; i < remover->turns; i++) {
    CHECK(unlink(name) == 0);
    const int fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    CHECK(fd >= 0);
    CHECK(close(fd) == 0);
    sched_yield();
  }
  return NULL;
}

/* A removal reports on the inode before it does on the name; whoever wakes in between waits. */
static void removal_is_no_change(void) {
  enum { kThreads = 2, kTurns = 2000 };
  struct remover removers[kThreads];
  file_obj_t watched[kThreads];
  char name[kThreads][16];
  const struct timespec moment = {0, 100000000};
  const int port = port_create();
  int running = kThreads;
  enter_folder();
  for (int i = 0; i < kThreads; i++) {
    snprintf(name[i], sizeof name[i], "file%d", i);
    make(name[i]);
    watched[i] = object_of(name[i]);
    removers[i] = (struct remover){.turns = kTurns, .name = i};
    watch(port, &watched[i], FILE_ATTRIB);
    CHECK(pthread_create(&removers[i].thread, NULL, remove_and_make, &removers[i]) == 0);
  }
  while (running > 0) {
    port_event_t event;
    if (port_get(port, &event, &moment) != 0) {
      CHECK(errno == ETIME);
      CHECK(pthread_join(removers[--running].thread, NULL) == 0);
      continue;
    }
    CHECK(event.portev_events == FILE_DELETE);
    file_obj_t *object = (file_obj_t *)event.portev_object;
    while (port_associate(port, PORT_SOURCE_FILE, (uintptr_t)object, FILE_ATTRIB, NULL) != 0)
      CHECK(errno == ENOENT);
  }
  CHECK(close(port) == 0);
  leave_folder();
}

static void *use_files(void *argument) {
  enum { kTurns = 400, kMine = 8 };
  const int number = *(int *)argument;
  char name[kMine][24];
  file_obj_t mine[kMine];
  for (int i = 0; i < kMine; i++) {
    snprintf(name[i], sizeof name[i], "thread%d.%d", number, i);
    make(name[i]);
    mine[i] = object_of(name[i]);
  }
  for (int turn = 0; turn < kTurns; turn += kMine) {
    const int port = port_create();
    for (int i = 0; i < kMine; i++) watch(port, &mine[i], FILE_MODIFIED);
    for (int i = 0; i < kMine; i++) append(name[i]);
    for (int i = 0; i < kMine; i++) check_reports(port, &mine[i], FILE_MODIFIED);
    for (int i = 0; i < kMine; i += 2) watch(port, &mine[i], FILE_MODIFIED);
    CHECK(port_dissociate(port, PORT_SOURCE_FILE, (uintptr_t)&mine[0]) == 0);
    erase(name[2]);
    check_reports(port, &mine[2], FILE_DELETE);
    make(name[2]);
    CHECK(close(port) == 0);
  }
  return NULL;
}

/* Threads with ports of their own, which come and go, share the instance. */
static void threads(void) {
  enum { kThreads = 4 };
  pthread_t thread[kThreads];
  int number[kThreads];
  enter_folder();
  for (int i = 0; i < kThreads; i++) {
    number[i] = i;
    CHECK(pthread_create(&thread[i], NULL, use_files, &number[i]) == 0);
  }
  for (int i = 0; i < kThreads; i++) CHECK(pthread_join(thread[i], NULL) == 0);
  CHECK(watches() == -1);
  leave_folder();
}

static int stop;

static int stopped(void) { return __atomic_load_n(&stop, __ATOMIC_ACQUIRE); }
static void set_stop(int value) { __atomic_store_n(&stop, value, __ATOMIC_RELEASE); }

static void *change_on(void *argument) {
  (void)argument;
  while (!stopped()) {
    append("file0");
    append("file1");
  }
  return NULL;
}

static void *fork_on(void *argument) {
  (void)argument;
  for (int i = 0; i < 40; i++) {
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
      const int port = port_create();
      file_obj_t object = object_of("file0");
      CHECK(port >= 0);
      watch(port, &object, FILE_MODIFIED);
      _exit(close(port));
    }
    check_child(pid);
  }
  set_stop(1);
  return NULL;
}

/* Another thread forks, in any state of ours. */
static void forks_meanwhile(void) {
  pthread_t writer, forker;
  const struct timespec moment = {0, 1000000};
  const int port = port_create();
  enter_folder();
  make("file0");
  make("file1");
  file_obj_t some[2] = {object_of("file0"), object_of("file1")};
  set_stop(0);
  CHECK(pthread_create(&writer, NULL, change_on, NULL) == 0);
  CHECK(pthread_create(&forker, NULL, fork_on, NULL) == 0);
  while (!stopped()) {
    port_event_t event;
    for (int i = 0; i < 2; i++) watch(port, &some[i], FILE_MODIFIED | FILE_ATTRIB);
    if (port_get(port, &event, &moment) == 0)
      CHECK(event.portev_events == (FILE_MODIFIED | FILE_ATTRIB));
  }
  CHECK(pthread_join(writer, NULL) == 0 && pthread_join(forker, NULL) == 0);
  CHECK(close(port) == 0);
  leave_folder();
}

/* --- signals --- */

static volatile int victim = -1;

static void close_victim(int signo) {
  (void)signo;
  const int saved = errno;
  const int port = victim;
  victim = -1;
  if (port >= 0) close(port);
  errno = saved;
}

static void *interrupt_on(void *argument) {
  const pthread_t thread = *(pthread_t *)argument;
  while (!stopped()) {
    CHECK(pthread_kill(thread, SIGUSR1) == 0);
    sched_yield();
  }
  return NULL;
}

/* A handler closes a port while its own thread may be at work on the files of another. */
static void handler_closes(void) {
  enum { kTurns = 300 };
  const struct timespec now = {0, 0};
  const int port = port_create();
  pthread_t self = pthread_self(), interrupter;
  enter_folder();
  make("file");
  file_obj_t object = object_of("file"), other = object_of("file");
  set_stop(0);
  CHECK(signal(SIGUSR1, close_victim) != SIG_ERR);
  CHECK(pthread_create(&interrupter, NULL, interrupt_on, &self) == 0);
  for (int turn = 0; turn < kTurns; turn++) {
    const int one = port_create();
    watch(one, &other, FILE_MODIFIED);
    victim = one;
    while (victim >= 0) {
      port_event_t event;
      uint_t count = 1;
      watch(port, &object, FILE_MODIFIED | FILE_ATTRIB);
      append("file");
      (void)port_getn(port, &event, 1, &count, &now);
    }
  }
  set_stop(1);
  CHECK(pthread_join(interrupter, NULL) == 0);
  watch(port, &object, FILE_MODIFIED);
  check_quiet(port);
  append("file");
  check_reports(port, &object, FILE_MODIFIED);
  CHECK(close(port) == 0);
  CHECK(watches() == -1);
  leave_folder();
}

static const struct test_case kCases[] = {
    {"all_change", all_change},
    {"all_removed", all_removed},
    {"all_replaced", all_replaced},
    {"removal_is_no_change", removal_is_no_change},
    {"threads", threads},
    {"forks_meanwhile", forks_meanwhile},
    {"handler_closes", handler_closes},
    {NULL, NULL},
};

int main(int argc, char **argv) { return run_case(kCases, argc, argv); }
