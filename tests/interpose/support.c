/* SPDX-License-Identifier: MIT */
#include "tests/interpose/support.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <sys/prctl.h>

enum { kCaseSeconds = 30, kWaitMilliseconds = 20000 };

void check_failed(const char *file, int line, const char *what) {
  const int error = errno;
  fprintf(stderr, "%s:%d: process %d: not so: %s (errno %d, %s)\n", file, line, (int)getpid(), what,
          error, strerror(error));
  _exit(1);
}

void check_fails(const char *file, int line, const char *what, long result, int error) {
  if (result == -1 && errno == error) return;
  fprintf(stderr, "%s:%d: process %d: %s gave %ld (errno %d, %s), not -1 and %s\n", file, line,
          (int)getpid(), what, result, errno, strerror(errno), strerror(error));
  _exit(1);
}

int run_case(const struct test_case *cases, int argc, char **argv) {
  char before[4096];
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (; cases->name; ++cases) puts(cases->name);
    return 0;
  }
  for (; cases->name; ++cases) {
    if (argc < 2 || strcmp(argv[1], cases->name) != 0) continue;
    alarm(kCaseSeconds);
    snprintf(before, sizeof before, "%s", descriptors());
    cases->run();
    if (strcmp(before, descriptors()) != 0) {
      fprintf(stderr, "descriptors before: %s\ndescriptors after:  %s\n", before, descriptors());
      return 1;
    }
    puts("EXIT-SUCCESS");
    return 0;
  }
  fprintf(stderr, "no such case\n");
  return 2;
}

/* --- processes --- */

pid_t start_child(void (*body)(void *), void *argument) {
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(kCaseSeconds);
  body(argument);
  _exit(0);
}

void check_child(pid_t pid) {
  int status;
  CHECK(waitpid(pid, &status, 0) == pid);
  if (status == 0) return;
  fprintf(stderr, "child %d: wait status %#x\n", (int)pid, status);
  _exit(1);
}

pid_t raw_fork(void) { return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }

void execute_self(const char *first, const char *second, const char *third) {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  CHECK(length > 0);
  path[length] = '\0';
  execl(path, path, first, second, third, (char *)NULL);
}

/* Reads /proc/WHO/NAME; empty when that is not possible. */
static void read_proc(const char *who, const char *name, char *text, size_t size) {
  char path[128];
  ssize_t got = 0;
  snprintf(path, sizeof path, "/proc/%s/%s", who, name);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    got = read(fd, text, size - 1);
    close(fd);
  }
  text[got > 0 ? got : 0] = '\0';
}

static int sleeps(const char *who) {
  char text[512];
  read_proc(who, "stat", text, sizeof text);
  const char *name_end = strrchr(text, ')');
  return name_end && strncmp(name_end, ") S ", 4) == 0;
}

/* In the same system call at both ends of a millisecond: it waits, and is not on its way. */
void wait_asleep(const char *who) {
  char before[256], after[256];
  for (int i = 0; i < kWaitMilliseconds; ++i) {
    read_proc(who, "syscall", before, sizeof before);
    const int asleep = sleeps(who);
    poll(NULL, 0, 1);
    read_proc(who, "syscall", after, sizeof after);
    if (asleep && sleeps(who) && before[0] >= '0' && before[0] <= '9' && strcmp(before, after) == 0)
      return;
  }
  CHECK(!"it went to sleep");
}

void wait_process_asleep(pid_t pid) {
  char who[32];
  snprintf(who, sizeof who, "%d", (int)pid);
  wait_asleep(who);
}

/* --- descriptors --- */

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

const char *descriptors(void) {
  static char text[4096];
  int numbers[512], count = 0, used = 0;
  DIR *directory = opendir("/proc/self/fd");
  CHECK(directory != NULL);
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    const int fd = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(directory) && count < 512) numbers[count++] = fd;
  }
  closedir(directory);
  qsort(numbers, (size_t)count, sizeof numbers[0], compare);
  text[0] = '\0';
  for (int i = 0; i < count && used < (int)sizeof text - 16; ++i)
    used += snprintf(text + used, sizeof text - (size_t)used, "%d ", numbers[i]);
  return text;
}

static int link_contains(const char *pid, const char *fd, const char *text) {
  char path[600], target[600];
  snprintf(path, sizeof path, "/proc/%s/fd/%s", pid, fd);
  const ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < 0) return 0;
  target[length] = '\0';
  return strstr(target, text) != NULL;
}

int count_links(const char *pid, const char *text) {
  char path[64];
  int count = 0;
  snprintf(path, sizeof path, "/proc/%s/fd", pid);
  DIR *directory = opendir(path);
  if (!directory) return 0;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
    count += link_contains(pid, entry->d_name, text);
  closedir(directory);
  return count;
}

int find_link(const char *text, int from) {
  int found = -1;
  DIR *directory = opendir("/proc/self/fd");
  CHECK(directory != NULL);
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    const int fd = atoi(entry->d_name);
    if (fd >= from && (found < 0 || fd < found) && link_contains("self", entry->d_name, text))
      found = fd;
  }
  closedir(directory);
  return found;
}

void check_nothing_of_ports(void) {
  CHECK(count_links("self", "memfd:portc") == 0);
  CHECK(count_links("self", "[eventpoll]") == 0);
  CHECK(count_links("self", "[eventfd]") == 0);
}

int is_file(int fd, const char *path) {
  struct stat a, b;
  return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void write_byte(int fd) { CHECK(write(fd, "x", 1) == 1); }

void read_byte(int fd) {
  char byte;
  CHECK(read(fd, &byte, 1) == 1);
}
