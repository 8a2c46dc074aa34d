/* SPDX-License-Identifier: MIT */
#include "tests/faults/limits.h"

#include <sys/resource.h>

#include "tests/faults/scenes.h"

enum { kMost = 256, kStack = 1 << 18 };

static int used[kMost];
static int used_count;
static struct rlimit memory_before;
static int memory_limited;

void limit_descriptors(void) {
  const struct rlimit few = {kMost, kMost};
  CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
}

void grow_stack(void) {
  volatile char place[kStack];
  for (int i = 0; i < kStack; i += 1024) place[i] = 1;
  CHECK(place[0] == 1);
}

/* Past the wrappers, which have nothing to do with it. */
void few_descriptors(int left) {
  int fd;
  while ((fd = (int)syscall(SYS_dup, STDERR_FILENO)) >= 0) used[used_count++] = fd;
  CHECK(errno == EMFILE && used_count >= left);
  while (left-- > 0) CHECK(syscall(SYS_close, used[--used_count]) == 0);
}

void little_memory(int left) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%ld", &pages) == 1);
  fclose(file);
  CHECK(getrlimit(RLIMIT_AS, &memory_before) == 0);
  struct rlimit little = memory_before;
  little.rlim_cur = (rlim_t)pages * 4096 + ((rlim_t)left << 20);
  CHECK(setrlimit(RLIMIT_AS, &little) == 0);
  memory_limited = 1;
}

void few_end(void) {
  while (used_count > 0) CHECK(syscall(SYS_close, used[--used_count]) == 0);
  if (memory_limited) CHECK(setrlimit(RLIMIT_AS, &memory_before) == 0);
}
