/* SPDX-License-Identifier: MIT */
#include "tests/interpose/calls.h"

#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
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

static void *wait_for_good(void *unused) {
  for (;;) pause();
  return unused;
}

static long cancelled_thread(void) {
  pthread_t thread;
  void *result = NULL;
  if (pthread_create(&thread, NULL, wait_for_good, NULL) != 0) return -2;
  return pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0 ? (long)result : -3;
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

static void on_timers(struct transcript *t) {
  const timer_t nobodys = (timer_t)0x7ffffff0; /* libc would follow a negative one */
  struct itimerspec when;
  struct sigevent event;
  timer_t timer;
  memset(&when, 0, sizeof when);
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_NONE;
  LOG(t, timer_create(9999, NULL, &timer));
  LOG(t, timer_create(CLOCK_MONOTONIC, &event, &timer));
  LOG(t, timer_settime(timer, 0, &when, NULL));
  LOG(t, timer_gettime(timer, &when));
  LOG(t, timer_getoverrun(timer));
  LOG(t, timer_delete(timer));
  event.sigev_notify = 77;
  LOG(t, timer_create(CLOCK_MONOTONIC, &event, &timer));
  LOG(t, timer_settime(nobodys, 0, &when, NULL));
  LOG(t, timer_gettime(nobodys, &when));
  LOG(t, timer_getoverrun(nobodys));
  LOG(t, timer_delete(nobodys));
}

static void on_queues(struct transcript *t) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_NONE;
  LOG(t, mq_notify(-1, NULL));
  LOG(t, mq_notify(0, NULL));
  LOG(t, mq_notify(0, &event));
  event.sigev_notify = 77;
  LOG(t, mq_notify(0, &event));
  LOG(t, mq_close(-1));
  LOG(t, mq_close(kHigh));
}

/* Notifies nobody; a request in flight would make the transcripts differ, so there is none. */
static void on_requests(struct transcript *t) {
  struct aiocb request;
  struct aiocb64 request64;
  const struct aiocb *list[1] = {&request};
  const struct aiocb64 *list64[1] = {&request64};
  struct aiocb *const none[1] = {NULL};
  struct aiocb64 *const none64[1] = {NULL};
  memset(&request, 0, sizeof request);
  request.aio_fildes = -1;
  request.aio_reqprio = -1;
  request.aio_sigevent.sigev_notify = SIGEV_NONE;
  memcpy(&request64, &request, sizeof request64);
  LOG(t, aio_read(&request));
  LOG(t, aio_read64(&request64));
  LOG(t, aio_write(&request));
  LOG(t, aio_write64(&request64));
  LOG(t, aio_fsync(-1, &request));
  LOG(t, aio_fsync64(-1, &request64));
  LOG(t, lio_listio(9999, none, 0, NULL));
  LOG(t, lio_listio64(9999, none64, 0, NULL));
  LOG(t, aio_error(&request));
  LOG(t, aio_error64(&request64));
  LOG(t, aio_return(&request));
  LOG(t, aio_return64(&request64));
  LOG(t, aio_suspend(list, 1, NULL));
  LOG(t, aio_suspend64(list64, 1, NULL));
  LOG(t, aio_cancel(-1, NULL));
  LOG(t, aio_cancel64(-1, NULL));
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
  LOG(t, cancelled_thread());
  LOG(t, status_of_child(_Exit));
  LOG(t, status_of_child(quick_exit));
}

static void on_exec(struct transcript *t) {
  static char none[] = "/dev/null/none";
  char *const words[] = {none, NULL}, *const nothing[] = {NULL};
  LOG(t, execve(none, words, nothing));
  LOG(t, execv(none, words));
  LOG(t, execvp(none, words));
  LOG(t, execvpe(none, words, nothing));
  LOG(t, fexecve(-1, words, nothing));
  LOG(t, execveat(-1, none, words, nothing, 0));
  LOG(t, execl(none, "one", "two", (char *)NULL));
  LOG(t, execlp(none, "one", (char *)NULL));
  LOG(t, execle(none, "one", "two", (char *)NULL, nothing));
}

static void on_file_actions(struct transcript *t) {
  posix_spawn_file_actions_t actions;
  LOG(t, posix_spawn_file_actions_init(&actions));
  LOG(t, posix_spawn_file_actions_adddup2(&actions, -1, 0));
  LOG(t, posix_spawn_file_actions_adddup2(&actions, 0, 1));
  LOG(t, posix_spawn_file_actions_destroy(&actions));
}

void calls_on_nothing(struct transcript *transcript) {
  on_descriptors(transcript);
  on_old_names(transcript);
  on_polling(transcript);
  on_messages(transcript);
  on_requests(transcript);
  on_timers(transcript);
  on_queues(transcript);
  on_exits(transcript);
  on_exec(transcript);
  on_file_actions(transcript);
}
