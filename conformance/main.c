/* SPDX-License-Identifier: MIT */
/*
 * One program that holds all assertions:
 *   --list          number, priority, file and sentence of each, separated by tabs
 *   NUMBER          runs that assertion in this process
 * Exit status: 0 pass, and the last line says EXIT-SUCCESS; 1 fail; 2 unresolved; 77 skipped.
 */
#include "conformance/conformance.h"

#include <dirent.h>
#include <stdio.h>

enum { kMaxOpen = 256, kSeconds = 10, kStressSeconds = 30 };

static struct assertion *assertions; /* ordered by number */

void assertion_register(struct assertion *assertion) {
  struct assertion **place = &assertions;
  while (*place && (*place)->number < assertion->number) place = &(*place)->next;
  if (*place && (*place)->number == assertion->number) {
    dprintf(STDERR_FILENO, "%s: number already taken by %s\n", assertion->file, (*place)->file);
    _exit(2);
  }
  assertion->next = *place;
  *place = assertion;
}

static void on_alarm(int signo) {
  static const char text[] = "the test took too long\n";
  (void)signo;
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(2);
  _exit(1);
}

void guard_time(unsigned seconds) {
  SETUP(signal(SIGALRM, on_alarm) == SIG_ERR ? -1 : 0);
  alarm(seconds);
}

/* The open descriptors, as a set. */
struct open_fds {
  int count;
  int fd[kMaxOpen];
};

static void open_fds_read(struct open_fds *open) {
  DIR *folder = opendir("/dev/fd");
  if (!folder) unresolved("/dev/fd cannot be read");
  open->count = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder)) continue;
    if (open->count == kMaxOpen) unresolved("too many open descriptors");
    open->fd[open->count++] = atoi(entry->d_name);
  }
  closedir(folder);
}

static bool open_fds_has(const struct open_fds *open, int fd) {
  for (int i = 0; i < open->count; i++) {
    if (open->fd[i] == fd) return true;
  }
  return false;
}

/* Reports the descriptors of `one` that are not in `other`; their number. */
static int report_difference(const struct open_fds *one, const struct open_fds *other,
                             const char *what) {
  int different = 0;
  for (int i = 0; i < one->count; i++) {
    char path[32], target[PATH_MAX];
    if (open_fds_has(other, one->fd[i])) continue;
    snprintf(path, sizeof path, "/proc/self/fd/%d", one->fd[i]);
    ssize_t length = readlink(path, target, sizeof target);
    dprintf(STDERR_FILENO, "descriptor %d %s: %.*s\n", one->fd[i], what,
            length > 0 ? (int)length : 1, length > 0 ? target : "?");
    different++;
  }
  return different;
}

static int run(const struct assertion *assertion) {
  struct open_fds before, after;
  bool stress = strstr(assertion->file, "/stress/") != NULL;
  signal(SIGPIPE, SIG_IGN);
  open_fds_read(&before);
  guard_time(stress ? kStressSeconds : kSeconds);
  assertion->run();
  alarm(0);
  open_fds_read(&after);
  int different = report_difference(&after, &before, "was left open") +
                  report_difference(&before, &after, "was closed");
  if (different != 0) return 1;
  dprintf(STDOUT_FILENO, "EXIT-SUCCESS\n");
  return 0;
}

static void list(void) {
  for (const struct assertion *a = assertions; a; a = a->next)
    printf("%d\t%d\t%s\t%s\n", a->number, a->priority, a->file, a->sentence);
}

int main(int argc, char **argv) {
  int status = inner_main(argc, argv);
  if (status >= 0) return status;
  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    list();
    return 0;
  }
  for (const struct assertion *a = assertions; argc == 2 && a; a = a->next) {
    if (a->number == atoi(argv[1])) return run(a);
  }
  fprintf(stderr, "usage: %s --list | NUMBER\n", argv[0]);
  return 2;
}
