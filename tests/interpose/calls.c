/* SPDX-License-Identifier: MIT */
#include "tests/interpose/calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What fortified and old programs call; no header has them. */
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                const sigset_t *mask, size_t size);

enum { kHigh = 1 << 20 };

/* Volatile, or the compiler would see through it. */
static struct pollfd *volatile no_memory = (struct pollfd *)16;

void transcript_add(struct transcript *transcript, const char *name, long result) {
  const int error = errno;
  const size_t room = sizeof transcript->text - transcript->used;
  const int length =
      snprintf(transcript->text + transcript->used, room, "%s %ld %d\n", name, result, error);
  if (length > 0 && (size_t)length < room) transcript->used += (size_t)length;
}

static void on_descriptors(struct transcript *t) {
  struct stat st;
  struct stat64 st64;
  LOG(t, close(-1));
  LOG(t, close(kHigh));
  LOG(t, dup(-1));
  LOG(t, dup2(-1, 5));
  LOG(t, dup2(0, -1));
  LOG(t, dup3(-1, 5, 0));
  LOG(t, dup3(0, 0, 0));
  LOG(t, (closefrom(kHigh), 0));
  LOG(t, close_range(5, 4, 0));
  LOG(t, close_range(kHigh, ~0U, 0));
  LOG(t, fcntl(-1, F_GETFD));
  LOG(t, fcntl(-1, F_DUPFD, 3));
  LOG(t, fcntl(0, F_SETFD, 0));
  LOG(t, fcntl(0, 9999, 0));
  LOG(t, fcntl64(-1, F_GETFL));
  LOG(t, fcntl64(0, F_GETFD));
  LOG(t, ioctl(-1, FIOCLEX));
  LOG(t, ioctl(0, FIONCLEX));
  LOG(t, fstat(-1, &st));
  LOG(t, fstat(0, &st));
  LOG(t, fstat64(-1, &st64));
  LOG(t, fstat64(0, &st64));
}

/* No new program can link these, so they are looked up as an old one's would be. */
static void on_old_names(struct transcript *t) {
  int (*fxstat)(int, int, struct stat *);
  int (*fxstat64)(int, int, struct stat64 *);
  struct stat st;
  struct stat64 st64;
  *(void **)&fxstat = dlsym(RTLD_DEFAULT, "__fxstat");
  *(void **)&fxstat64 = dlsym(RTLD_DEFAULT, "__fxstat64");
  LOG(t, fxstat != NULL && fxstat64 != NULL);
  LOG(t, fxstat(1, -1, &st));
  LOG(t, fxstat(1, 0, &st));
  LOG(t, fxstat64(1, -1, &st64));
  LOG(t, fxstat64(1, 0, &st64));
}

static void on_polling(struct transcript *t) {
  const struct timespec zero = {0, 0};
  struct timeval no_time = {0, 0};
  struct pollfd none = {-1, POLLIN, 0}, bad = {kHigh, POLLIN, 0};
  LOG(t, poll(NULL, 0, 0));
  LOG(t, poll(&none, 1, 0));
  LOG(t, poll(&bad, 1, 0));
  LOG(t, poll(no_memory, 1, 0));
  LOG(t, ppoll(NULL, 0, &zero, NULL));
  LOG(t, ppoll(no_memory, 1, &zero, NULL));
  LOG(t, __poll_chk(&none, 1, 0, sizeof none));
  LOG(t, __ppoll_chk(&none, 1, &zero, NULL, sizeof none));
  LOG(t, select(0, NULL, NULL, NULL, &no_time));
  LOG(t, select(-1, NULL, NULL, NULL, &no_time));
  LOG(t, pselect(0, NULL, NULL, NULL, &zero, NULL));
  LOG(t, pselect(-1, NULL, NULL, NULL, &zero, NULL));
  LOG(t, epoll_ctl(-1, EPOLL_CTL_ADD, 0, NULL));
}

static void on_messages(struct transcript *t) {
  struct mmsghdr message;
  memset(&message, 0, sizeof message);
  LOG(t, sendmsg(-1, &message.msg_hdr, 0));
  LOG(t, recvmsg(-1, &message.msg_hdr, 0));
  LOG(t, sendmmsg(-1, &message, 1, 0));
  LOG(t, recvmmsg(-1, &message, 1, 0, NULL));
}

static int status_of_child(void (*leave)(int)) {
  int status = -1;
  const pid_t pid = fork();
  if (pid == 0) leave(7);
  waitpid(pid, &status, 0);
  errno = 33;
  return status;
}

static void on_exits(struct transcript *t) {
  LOG(t, status_of_child(_exit));
  LOG(t, status_of_child(_Exit));
  LOG(t, status_of_child(quick_exit));
}

void calls_on_nothing(struct transcript *transcript) {
  on_descriptors(transcript);
  on_old_names(transcript);
  on_polling(transcript);
  on_messages(transcript);
  on_exits(transcript);
}
