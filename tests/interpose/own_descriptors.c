/* SPDX-License-Identifier: MIT */
/*
 * A program that has no port, and uses for itself what a port's sources are made of: signalfd,
 * timerfd, inotify, io_uring, and the C library's asynchronous I/O, timers and message queues
 * with every way to be told. Prints what came of it, the same with and without the preload
 * object, on any kernel: what one does not have fails, and the failure is printed.
 */
#include <aio.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

#include "tests/interpose/calls.h"
#include "tests/interpose/support.h"

enum { kFirst = 111, kSecond, kThird };

static struct transcript transcript;
/* Blocked in every thread: taken with sigwaitinfo and signalfd. */
static sigset_t signals;
static sem_t told;
static volatile int told_value;

static void tell(union sigval value) {
  told_value = value.sival_int;
  sem_post(&told);
}

static struct sigevent notify_by_signal(int value) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL};
  event.sigev_signo = SIGRTMIN;
  event.sigev_value.sival_int = value;
  return event;
}

static struct sigevent notify_by_thread(int value) {
  struct sigevent event = {.sigev_notify = SIGEV_THREAD};
  event.sigev_value.sival_int = value;
  event.sigev_notify_function = tell;
  return event;
}

static struct sigevent notify_not(void) {
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  return event;
}

/* The wait may end with EINTR although no handler ran. */
static void log_signal(struct transcript *t) {
  siginfo_t info;
  while (sigwaitinfo(&signals, &info) < 0) CHECK(errno == EINTR);
  LOG(t, info.si_signo - SIGRTMIN);
  LOG(t, info.si_code);
  LOG(t, info.si_value.sival_int);
}

static void log_told(struct transcript *t) {
  while (sem_wait(&told) != 0) CHECK(errno == EINTR);
  LOG(t, told_value);
}

static void wait_readable(int fd) {
  struct pollfd item = {fd, POLLIN, 0};
  CHECK(poll(&item, 1, -1) == 1);
}

/* --- descriptors --- */

static void log_signalfd(struct transcript *t) {
  struct signalfd_siginfo info;
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  const int fd = signalfd(-1, &one, SFD_NONBLOCK | SFD_CLOEXEC);
  LOG(t, fd);
  LOG(t, read(fd, &info, sizeof info));
  LOG(t, kill(getpid(), SIGUSR1));
  wait_readable(fd);
  LOG(t, read(fd, &info, sizeof info));
  LOG(t, info.ssi_signo);
  LOG(t, info.ssi_pid == (uint32_t)getpid());
  LOG(t, signalfd(fd, &signals, 0));
  LOG(t, fcntl(fd, F_GETFD));
  LOG(t, close(fd));
}

static void log_timerfd(struct transcript *t) {
  const struct itimerspec soon = {.it_value = {0, 1000000}};
  struct itimerspec rest;
  struct epoll_event event = {.events = EPOLLIN};
  uint64_t count = 0;
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  const int set = epoll_create1(0);
  LOG(t, fd);
  LOG(t, read(fd, &count, sizeof count));
  LOG(t, epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
  LOG(t, timerfd_settime(fd, 0, &soon, NULL));
  LOG(t, epoll_wait(set, &event, 1, -1));
  LOG(t, read(fd, &count, sizeof count));
  LOG(t, count);
  LOG(t, timerfd_gettime(fd, &rest));
  LOG(t, rest.it_value.tv_sec + rest.it_value.tv_nsec);
  LOG(t, close(set));
  LOG(t, close(fd));
}

static void log_notifications(struct transcript *t, int fd) {
  union {
    char room[4096];
    struct inotify_event alignment;
  } buffer;
  const struct inotify_event *event;
  wait_readable(fd);
  const ssize_t size = read(fd, buffer.room, sizeof buffer.room);
  LOG(t, size);
  for (ssize_t at = 0; at < size; at += (ssize_t)(sizeof *event + event->len)) {
    event = (const struct inotify_event *)(buffer.room + at);
    LOG(t, event->mask);
    LOG(t, event->wd);
  }
}

static void log_inotify(struct transcript *t) {
  char name[] = "/tmp/own_descriptors.XXXXXX", file[64];
  CHECK(mkdtemp(name) != NULL);
  snprintf(file, sizeof file, "%s/file", name);
  const int fd = inotify_init1(IN_NONBLOCK);
  LOG(t, fd);
  const int watch = inotify_add_watch(fd, name, IN_ALL_EVENTS);
  LOG(t, watch);
  const int written = open(file, O_CREAT | O_WRONLY, 0600);
  CHECK(written >= 0);
  write_byte(written);
  LOG(t, close(written));
  log_notifications(t, fd);
  LOG(t, unlink(file));
  LOG(t, rmdir(name));
  log_notifications(t, fd);
  LOG(t, inotify_rm_watch(fd, watch));
  LOG(t, close(fd));
}

/* --- io_uring --- */

struct ring {
  int fd;
  char *memory;
  struct io_uring_sqe *entries;
  struct io_uring_params params;
};

static int ring_open(struct ring *ring) {
  memset(ring, 0, sizeof *ring);
  ring->fd = (int)syscall(SYS_io_uring_setup, 4, &ring->params);
  if (ring->fd < 0 || !(ring->params.features & IORING_FEAT_SINGLE_MMAP)) return -1;
  ring->memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
  ring->entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQES);
  CHECK(ring->memory != MAP_FAILED && ring->entries != MAP_FAILED);
  return 0;
}

static void ring_close(struct ring *ring) {
  if (ring->memory) munmap(ring->memory, 4096);
  if (ring->entries) munmap(ring->entries, 4096);
  if (ring->fd >= 0) close(ring->fd);
}

static unsigned *ring_word(const struct ring *ring, unsigned offset) {
  return (unsigned *)(ring->memory + offset);
}

/* Submits one request, waits for it, and prints how it ended. */
static void log_request(struct transcript *t, struct ring *ring, const struct io_uring_sqe *sqe) {
  unsigned *tail = ring_word(ring, ring->params.sq_off.tail);
  unsigned *head = ring_word(ring, ring->params.cq_off.head);
  const unsigned slot = *tail & *ring_word(ring, ring->params.sq_off.ring_mask);
  ring->entries[slot] = *sqe;
  ring_word(ring, ring->params.sq_off.array)[slot] = slot;
  __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
  LOG(t, syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
  LOG(t, __atomic_load_n(ring_word(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE) - *head);
  const struct io_uring_cqe *cqe =
      (const struct io_uring_cqe *)(ring->memory + ring->params.cq_off.cqes) +
      (*head & *ring_word(ring, ring->params.cq_off.ring_mask));
  LOG(t, cqe->user_data);
  LOG(t, cqe->res);
  __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
}

static void log_requests(struct transcript *t, struct ring *ring) {
  int ends[2];
  char byte = 0;
  CHECK(pipe(ends) == 0);
  write_byte(ends[1]);
  struct io_uring_sqe sqe = {.opcode = IORING_OP_NOP, .user_data = kFirst};
  log_request(t, ring, &sqe);
  sqe = (struct io_uring_sqe){.opcode = IORING_OP_READ, .fd = ends[0], .user_data = kSecond};
  sqe.addr = (uintptr_t)&byte;
  sqe.len = 1;
  log_request(t, ring, &sqe);
  sqe = (struct io_uring_sqe){.opcode = IORING_OP_CLOSE, .fd = ends[0], .user_data = kThird};
  log_request(t, ring, &sqe);
  LOG(t, close(ends[0]));
  LOG(t, close(ends[1]));
}

static void log_io_uring(struct transcript *t) {
  struct ring ring;
  LOG(t, ring_open(&ring));
  LOG(t, ring.fd);
  if (ring.memory) log_requests(t, &ring);
  ring_close(&ring);
}

/* --- asynchronous I/O --- */

static void wait_done(const struct aiocb *request) {
  while (aio_error(request) == EINPROGRESS)
    CHECK(aio_suspend(&request, 1, NULL) == 0 || errno == EINTR);
}

static void log_result(struct transcript *t, struct aiocb *request) {
  wait_done(request);
  LOG(t, aio_error(request));
  LOG(t, aio_return(request));
}

static void log_aio(struct transcript *t, int fd) {
  static char text[] = "asynchronous";
  struct aiocb request = {.aio_fildes = fd, .aio_buf = text, .aio_nbytes = sizeof text};
  request.aio_sigevent = notify_not();
  LOG(t, aio_write(&request));
  log_result(t, &request);
  LOG(t, aio_cancel(fd, &request));
  request.aio_sigevent = notify_by_signal(kFirst);
  LOG(t, aio_read(&request));
  log_signal(t);
  log_result(t, &request);
  request.aio_sigevent = notify_by_thread(kSecond);
  LOG(t, aio_fsync(O_SYNC, &request));
  log_told(t);
  log_result(t, &request);
  request.aio_sigevent = notify_not();
  request.aio_reqprio = -1;
  LOG(t, aio_read(&request));
  request.aio_reqprio = 0;
  request.aio_fildes = -1;
  LOG(t, aio_read(&request));
  log_result(t, &request);
  LOG(t, aio_cancel(-1, NULL));
}

static void log_lio(struct transcript *t, int fd) {
  static char room[2][8];
  struct aiocb one = {.aio_fildes = fd, .aio_buf = room[0], .aio_nbytes = 4};
  struct aiocb two = {.aio_fildes = fd, .aio_buf = room[1], .aio_nbytes = 8};
  struct aiocb *list[3] = {&one, NULL, &two};
  struct sigevent by_signal = notify_by_signal(kSecond), by_thread = notify_by_thread(kThird);
  one.aio_lio_opcode = LIO_READ;
  two.aio_lio_opcode = LIO_READ;
  one.aio_sigevent = two.aio_sigevent = notify_not();
  LOG(t, lio_listio(LIO_WAIT, list, 3, NULL));
  log_result(t, &one);
  log_result(t, &two);
  LOG(t, lio_listio(LIO_NOWAIT, list, 3, &by_signal));
  log_signal(t);
  log_result(t, &one);
  log_result(t, &two);
  LOG(t, lio_listio(LIO_NOWAIT, list, 3, &by_thread));
  log_told(t);
  log_result(t, &one);
  log_result(t, &two);
  two.aio_fildes = -1;
  LOG(t, lio_listio(LIO_WAIT, list, 3, NULL));
  log_result(t, &one);
  log_result(t, &two);
  LOG(t, lio_listio(99, list, 3, NULL));
}

/* --- timers --- */

static void log_timer(struct transcript *t, struct sigevent event) {
  const struct itimerspec soon = {.it_value = {0, 1000000}}, later = {.it_value = {1000, 0}};
  struct itimerspec rest;
  timer_t timer;
  LOG(t, timer_create(CLOCK_MONOTONIC, &event, &timer));
  LOG(t, timer_settime(timer, 0, event.sigev_notify == SIGEV_NONE ? &later : &soon, NULL));
  if (event.sigev_notify == SIGEV_THREAD)
    log_told(t);
  else if (event.sigev_notify != SIGEV_NONE)
    log_signal(t);
  LOG(t, timer_getoverrun(timer));
  LOG(t, timer_gettime(timer, &rest));
  LOG(t, rest.it_value.tv_sec >= 900);
  LOG(t, timer_settime(timer, 0, NULL, NULL));
  LOG(t, timer_delete(timer));
}

static void log_timers(struct transcript *t) {
  struct sigevent event = notify_by_signal(kThird);
  timer_t timer;
  log_timer(t, notify_not());
  log_timer(t, event);
  log_timer(t, notify_by_thread(kFirst));
  event.sigev_notify = SIGEV_THREAD_ID;
  event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  log_timer(t, event);
  event.sigev_notify = 99;
  LOG(t, timer_create(CLOCK_MONOTONIC, &event, &timer));
  event = notify_by_signal(0);
  event.sigev_signo = 9999;
  LOG(t, timer_create(CLOCK_MONOTONIC, &event, &timer));
  LOG(t, timer_create(9999, NULL, &timer));
  LOG(t, timer_create(CLOCK_MONOTONIC, NULL, &timer));
  LOG(t, timer_delete(timer));
}

/* --- message queues --- */

/* A queue that is empty tells once of a message that nobody waits for. */
static void log_notified(struct transcript *t, mqd_t queue, struct sigevent event) {
  char room[16];
  unsigned priority = 0;
  LOG(t, mq_notify(queue, &event));
  LOG(t, mq_notify(queue, &event));
  LOG(t, mq_send(queue, "message", 7, 3));
  if (event.sigev_notify == SIGEV_THREAD)
    log_told(t);
  else if (event.sigev_notify == SIGEV_SIGNAL)
    log_signal(t);
  wait_readable(queue);
  LOG(t, mq_receive(queue, room, sizeof room, &priority));
  LOG(t, priority);
  LOG(t, mq_receive(queue, room, sizeof room, &priority));
  LOG(t, mq_receive(queue, room, 1, &priority));
  LOG(t, mq_notify(queue, NULL));
}

static void log_queues(struct transcript *t) {
  const struct timespec long_ago = {0, 0};
  struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 16};
  struct sigevent event = notify_by_signal(0);
  char name[64];
  snprintf(name, sizeof name, "/own_descriptors.%d", (int)getpid());
  const mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attributes);
  LOG(t, queue);
  LOG(t, mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attributes));
  LOG(t, mq_unlink(name));
  if (queue < 0) return;
  log_notified(t, queue, notify_not());
  log_notified(t, queue, notify_by_signal(kFirst));
  log_notified(t, queue, notify_by_thread(kSecond));
  event.sigev_notify = 99;
  LOG(t, mq_notify(queue, &event));
  LOG(t, mq_timedsend(queue, "1", 1, 0, &long_ago));
  LOG(t, mq_send(queue, "2", 1, 0));
  LOG(t, mq_send(queue, "3", 1, 0));
  LOG(t, mq_getattr(queue, &attributes));
  LOG(t, attributes.mq_curmsgs);
  LOG(t, mq_close(queue));
  LOG(t, mq_close(queue));
}

int main(void) {
  struct transcript *t = &transcript;
  FILE *file = tmpfile();
  CHECK(file != NULL);
  CHECK(sem_init(&told, 0, 0) == 0);
  sigemptyset(&signals);
  sigaddset(&signals, SIGRTMIN);
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  CHECK(pthread_sigmask(SIG_BLOCK, &one, NULL) == 0);
  alarm(60);
  log_signalfd(t);
  log_timerfd(t);
  log_inotify(t);
  log_io_uring(t);
  log_aio(t, fileno(file));
  log_lio(t, fileno(file));
  log_timers(t);
  log_queues(t);
  fputs(transcript.text, stdout);
  printf("%s\nEXIT-SUCCESS\n", descriptors());
  return 0;
}
