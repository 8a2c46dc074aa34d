/* SPDX-License-Identifier: MIT */
/*
 * Whether a thread or a process sleeps: the one part of the harness that only Linux
 * understands. Another system needs this file anew, and nothing else.
 */
#include "conformance/conformance.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

long thread_id(void) { return syscall(SYS_gettid); }

void die_with_parent(void) { SETUP(prctl(PR_SET_PDEATHSIG, SIGKILL)); }

/* Reads /proc/WHO/NAME into text, which is empty when that is not possible. */
static void read_proc(const char *who, const char *name, char *text, size_t size) {
  char path[96];
  snprintf(path, sizeof path, "/proc/%s/%s", who, name);
  text[0] = '\0';
  int fd = open(path, O_RDONLY);
  if (fd < 0) return;
  ssize_t got = read(fd, text, size - 1);
  text[got > 0 ? got : 0] = '\0';
  close(fd);
}

static bool state_is_sleeping(const char *who) {
  char text[512];
  read_proc(who, "stat", text, sizeof text);
  const char *name_end = strrchr(text, ')');
  return name_end && strncmp(name_end, ") S ", 4) == 0;
}

/*
 * `who` is a path below /proc. It sleeps when it is in state S, in the same system call with
 * the same arguments, at both ends of a millisecond: a thread on its way into the call, or one
 * that was woken and goes to sleep again, does not pass for one that waits.
 */
bool sleeps(const char *who) {
  char before[256], after[256];
  if (!state_is_sleeping(who)) return false;
  read_proc(who, "syscall", before, sizeof before);
  poll(NULL, 0, 1);
  read_proc(who, "syscall", after, sizeof after);
  return state_is_sleeping(who) && strcmp(before, after) == 0;
}
