/* SPDX-License-Identifier: MIT */
/* Somebody else's preload object: counts close and poll, and passes them on. */
#include <dlfcn.h>
#include <poll.h>
#include <stddef.h>

int counter_closes, counter_polls;

int close(int fd) {
  static int (*next)(int);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "close");
  __atomic_fetch_add(&counter_closes, 1, __ATOMIC_RELAXED);
  return next(fd);
}

int poll(struct pollfd *fds, nfds_t count, int timeout) {
  static int (*next)(struct pollfd *, nfds_t, int);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "poll");
  __atomic_fetch_add(&counter_polls, 1, __ATOMIC_RELAXED);
  return next(fds, count, timeout);
}
