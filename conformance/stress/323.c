/* SPDX-License-Identifier: MIT */
/*
 * Threads fight over a few descriptor numbers: nothing may come of it but the results that are
 * due. Each also has a descriptor of its own, which is always ready, and for which the books must
 * balance: an association is either retrieved once, by whomever, or dissociated with success.
 */
#include "conformance/conformance.h"

enum { kThreads = 4, kShared = 8, kFirst = 120, kTurns = 4000, kBatch = 4 };

struct worker {
  struct task task;
  struct ends own;
  unsigned random;
  unsigned char retrieved[kTurns]; /* per turn; any thread */
  bool dissociated[kTurns];
};

static int port;
static int template_fd;
static pthread_mutex_t numbers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct worker workers[kThreads];

static unsigned draw(struct worker *worker, unsigned limit) {
  worker->random = worker->random * 1664525u + 1013904223u;
  return (worker->random >> 16) % limit;
}

static void *cookie_of(int worker, int turn) {
  return (void *)(uintptr_t)(worker * kTurns + turn + 1);
}

/* One at a time, as any program would have it; the calls on the port do not wait for it. */
static void change_number(int fd, bool closes) {
  SETUP_PTHREAD(pthread_mutex_lock(&numbers_lock));
  if (!closes)
    SETUP(dup2(template_fd, fd));
  else if (close(fd) != 0)
    CHECK_INT(errno, EBADF);
  SETUP_PTHREAD(pthread_mutex_unlock(&numbers_lock));
}

/* The numbers are never handed out by the system: they are far above what is open. */
static void disturb(struct worker *worker) {
  int fd = kFirst + (int)draw(worker, kShared);
  int result = 0;
  switch (draw(worker, 5)) {
    case 0:
    case 1:
      result = port_associate(port, PORT_SOURCE_FD, (uintptr_t)fd, POLLIN, NULL);
      if (result != 0) CHECK_INT(errno, EBADFD);
      break;
    case 2:
      result = DISSOCIATE(port, fd);
      if (result != 0) CHECK(errno == ENOENT || errno == EBADFD);
      break;
    case 3:
      change_number(fd, true);
      break;
    default:
      change_number(fd, false);
  }
}

static void account(const port_event_t *event) {
  uintptr_t cookie = (uintptr_t)event->portev_user;
  CHECK_INT(event->portev_source, PORT_SOURCE_FD);
  CHECK_INT(event->portev_events, POLLIN);
  if (cookie == 0) {
    CHECK(event->portev_object >= kFirst && event->portev_object < kFirst + kShared);
    return;
  }
  struct worker *worker = &workers[(cookie - 1) / kTurns];
  CHECK_INT(event->portev_object, worker->own.r);
  __atomic_add_fetch(&worker->retrieved[(cookie - 1) % kTurns], 1, __ATOMIC_RELAXED);
}

static uint_t drain(void) {
  port_event_t list[kBatch];
  uint_t count = 1;
  CHECK_OK(port_getn(port, list, kBatch, &count, AT_ONCE));
  for (uint_t i = 0; i < count; i++) account(&list[i]);
  return count;
}

static void worker_body(void *arg) {
  struct worker *worker = arg;
  for (int turn = 0; turn < kTurns; turn++) {
    ASSOCIATE(port, worker->own.r, POLLIN, cookie_of((int)(worker - workers), turn));
    for (unsigned n = draw(worker, 4); n > 0; n--) disturb(worker);
    if (draw(worker, 2) == 0) drain();
    int result = DISSOCIATE(port, worker->own.r);
    if (result != 0) CHECK_INT(errno, ENOENT);
    worker->dissociated[turn] = result == 0;
    if (draw(worker, 4) == 0) drain();
  }
}

static void check_books(const struct worker *worker) {
  for (int turn = 0; turn < kTurns; turn++)
    CHECK_INT(worker->retrieved[turn], worker->dissociated[turn] ? 0 : 1);
}

ASSERTION(323, 1,
          "concurrent associate, dissociate and close of the same descriptors give only 0, ENOENT "
          "and EBADFD; after a dissociate, no event") {
  struct ends pipe = new_pipe();
  port = new_port();
  template_fd = pipe.r;
  put(pipe.w);
  for (int i = 0; i < kThreads; i++) {
    workers[i].own = new_pipe();
    workers[i].random = (unsigned)i;
    put(workers[i].own.w);
  }
  for (int i = 0; i < kThreads; i++) task_start(&workers[i].task, worker_body, &workers[i]);
  for (int i = 0; i < kThreads; i++) task_join(&workers[i].task);
  while (drain() > 0) continue;
  CHECK_EMPTY(port);
  for (int i = 0; i < kThreads; i++) {
    check_books(&workers[i]);
    CLOSE(workers[i].own.r, workers[i].own.w);
  }
  for (int fd = kFirst; fd < kFirst + kShared; fd++) {
    if (fcntl(fd, F_GETFD) != -1) CLOSE(fd);
  }
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
