/* SPDX-License-Identifier: MIT */
/*
 * All holders of a port are killed: nothing of it is left anywhere. One of them is: what it had
 * associated is nobody's, and others can associate it again.
 */
#include <ctype.h>
#include <dirent.h>
#include <sys/prctl.h>

#include "tests/interpose/support.h"

enum { kHolders = 3 };

struct identity {
  dev_t device;
  ino_t inode;
};

static int port, report[2];

/* One blocks, one is in and out of the critical section all the time. */
static void holder(void *argument) {
  const int number = *(int *)argument;
  if (number == 0) {
    port = port_create();
    CHECK(port >= 0);
    int numbers[kHolders] = {0, 1, 2};
    for (int i = 1; i < kHolders; ++i) (void)start_child(holder, &numbers[i]);
    struct stat st;
    CHECK(fstat(find_link("memfd:portc", 0), &st) == 0);
    const struct identity identity = {st.st_dev, st.st_ino};
    CHECK(write(report[1], &identity, sizeof identity) == sizeof identity);
  }
  const int pid = getpid();
  CHECK(write(report[1], &pid, sizeof pid) == sizeof pid);
  while (number == 1) {
    port_event_t event;
    const struct timespec zero = {0, 0};
    (void)port_send(port, 1, NULL);
    (void)port_get(port, &event, &zero);
  }
  for (;;) {
    port_event_t event;
    (void)port_get(port, &event, NULL);
  }
}

static int descriptor_is(const char *pid, const char *fd, const struct identity *identity) {
  char path[600];
  struct stat st;
  snprintf(path, sizeof path, "/proc/%s/fd/%s", pid, fd);
  return stat(path, &st) == 0 && st.st_dev == identity->device && st.st_ino == identity->inode;
}

/* Descriptors of the memory in all processes that we may look at. */
static int holders_of(const struct identity *identity) {
  int count = 0;
  DIR *processes = opendir("/proc");
  CHECK(processes != NULL);
  for (const struct dirent *process; (process = readdir(processes)) != NULL;) {
    char path[600];
    if (!isdigit((unsigned char)process->d_name[0])) continue;
    snprintf(path, sizeof path, "/proc/%s/fd", process->d_name);
    DIR *numbers = opendir(path);
    if (!numbers) continue;
    for (const struct dirent *number; (number = readdir(numbers)) != NULL;)
      count += descriptor_is(process->d_name, number->d_name, identity);
    closedir(numbers);
  }
  closedir(processes);
  return count;
}

static int names_in_shm(void) {
  int count = 0;
  DIR *directory = opendir("/dev/shm");
  if (!directory) return 0;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
    count += strstr(entry->d_name, "portc") != NULL;
  closedir(directory);
  return count;
}

static void kill_all(void) {
  struct identity identity;
  int pids[kHolders], number = 0;
  const int names = names_in_shm();
  CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  CHECK(pipe2(report, O_DIRECT) == 0); /* keeps messages apart */
  (void)start_child(holder, &number);
  int got = 0, have_identity = 0;
  while (got < kHolders || !have_identity) {
    char text[sizeof identity];
    const ssize_t size = read(report[0], text, sizeof text);
    CHECK(size == (ssize_t)sizeof identity || size == (ssize_t)sizeof pids[0]);
    if (size == (ssize_t)sizeof identity)
      memcpy(&identity, text, sizeof identity), have_identity = 1;
    else
      memcpy(&pids[got++], text, sizeof pids[0]);
  }
  CHECK(holders_of(&identity) >= kHolders);
  for (int i = kHolders - 1; i >= 0; --i) CHECK(kill(pids[i], SIGKILL) == 0);
  for (int i = 0; i < kHolders; ++i) {
    int status;
    CHECK(wait(&status) > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  CHECK(holders_of(&identity) == 0);
  CHECK(names_in_shm() == names);
  close(report[0]);
  close(report[1]);
}

/* --- one of two --- */

struct shared_pipe {
  int port, ends[2];
};

static void associate_and_wait(void *argument) {
  const struct shared_pipe *shared = argument;
  CHECK(port_associate(shared->port, PORT_SOURCE_FD, (uintptr_t)shared->ends[0], POLLIN,
                       (void *)1) == 0);
  pause();
}

static struct shared_pipe with_dead_owner(void) {
  struct shared_pipe shared = {port_create(), {-1, -1}};
  CHECK(shared.port >= 0 && pipe(shared.ends) == 0);
  const pid_t owner = start_child(associate_and_wait, &shared);
  wait_process_asleep(owner);
  int status;
  CHECK(kill(owner, SIGKILL) == 0 && waitpid(owner, &status, 0) == owner);
  return shared;
}

static void owner_killed_associate(void) {
  port_event_t event;
  const struct timespec zero = {0, 0};
  const struct shared_pipe shared = with_dead_owner();
  const uintptr_t object = (uintptr_t)shared.ends[0];
  CHECK(port_associate(shared.port, PORT_SOURCE_FD, object, POLLIN, (void *)2) == 0);
  write_byte(shared.ends[1]);
  CHECK(port_get(shared.port, &event, &zero) == 0);
  CHECK(event.portev_object == object && event.portev_user == (void *)2);
  CHECK(port_associate(shared.port, PORT_SOURCE_FD, object, POLLIN, (void *)3) == 0);
  CHECK(port_dissociate(shared.port, PORT_SOURCE_FD, object) == 0);
  closefrom(3);
}

static void owner_killed_dissociate(void) {
  const struct shared_pipe shared = with_dead_owner();
  CHECK_FAILS(port_dissociate(shared.port, PORT_SOURCE_FD, (uintptr_t)shared.ends[0]), ENOENT);
  closefrom(3);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"kill_all", kill_all},
                                           {"owner_killed_associate", owner_killed_associate},
                                           {"owner_killed_dissociate", owner_killed_dissociate},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
