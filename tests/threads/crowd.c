/* SPDX-License-Identifier: MIT */
/*
 * 64 threads on one port, in one process or in two: senders, getters, getters of several events,
 * associations of 64 pipes, timers, alerts. Every event arrives once, and everybody who waits is
 * woken.
 */
#include <poll.h>
#include <semaphore.h>
#include <time.h>

#include "tests/interpose/support.h"
#include "tests/interpose/timing.h"
#include "tests/threads/accounts.h"

enum { kThreads = 64, kPipes = 64, kPipesOfThread = 8, kTimers = 4 };
enum { kSends = 100, kRoundsOfPipes = 6, kRoundsOfTimers = 5, kAlerts = 10, kClosings = 30 };
enum { kList = 5 };

static int port;
static int over; /* getters leave */
static struct accounts *accounts;

/* --- who produces --- */

static void *sender(void *unused) {
  for (int i = 0; i < kSends; ++i) {
    while (port_send(port, 1, next_number(accounts)) != 0) CHECK(!"it is sent");
    if (i % 16 == 0) sched_yield();
  }
  return unused;
}

struct pipe {
  int ends[2];
  sem_t retrieved;
};
static struct pipe *pipes; /* shared with a child */

/* The port forgets a pipe, or its event comes once. */
static void *associator(void *first) {
  struct pipe *mine = first;
  for (int round = 0; round < kRoundsOfPipes; ++round) {
    for (int i = 0; i < kPipesOfThread; ++i) {
      const uintptr_t fd = (uintptr_t)mine[i].ends[0];
      CHECK(port_associate(port, PORT_SOURCE_FD, fd, POLLIN, &mine[i]) == 0);
      if ((round + i) % 3 == 0) {
        CHECK(port_dissociate(port, PORT_SOURCE_FD, fd) == 0);
        CHECK(port_associate(port, PORT_SOURCE_FD, fd, POLLIN, &mine[i]) == 0);
      }
      write_byte(mine[i].ends[1]);
    }
    for (int i = 0; i < kPipesOfThread; ++i)
      while (sem_wait(&mine[i].retrieved) != 0) CHECK(errno == EINTR);
  }
  /* Each was retrieved. */
  for (int i = 0; i < kPipesOfThread; ++i)
    CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)mine[i].ends[0]), ENOENT);
  return NULL;
}

static void *timer_user(void *unused) {
  sem_t expired;
  CHECK(sem_init(&expired, 0, 0) == 0);
  const timer_t timer = new_timer(CLOCK_MONOTONIC, port, (long)(intptr_t)&expired);
  for (int i = 0; i < kRoundsOfTimers; ++i) {
    set(timer, 1, 0);
    while (sem_wait(&expired) != 0) CHECK(errno == EINTR);
  }
  CHECK(timer_delete(timer) == 0);
  CHECK(sem_trywait(&expired) != 0); /* no expiry was reported twice */
  CHECK(sem_destroy(&expired) == 0);
  return unused;
}

static void *alerter(void *unused) {
  for (int i = 0; i < kAlerts; ++i) {
    CHECK(port_alert(port, PORT_ALERT_SET, i + 1, NULL) == 0);
    CHECK(port_alert(port, PORT_ALERT_SET, 0, NULL) == 0);
    sched_yield();
  }
  return unused;
}

/* --- who retrieves --- */

static void note(const port_event_t *event) {
  if (event->portev_source == PORT_SOURCE_USER) {
    note_arrival(accounts, event);
  } else if (event->portev_source == PORT_SOURCE_FD) {
    struct pipe *const of = event->portev_user;
    CHECK(of->ends[0] == (int)event->portev_object && event->portev_events == POLLIN);
    read_byte(of->ends[0]);
    CHECK(sem_post(&of->retrieved) == 0);
  } else if (event->portev_source == PORT_SOURCE_TIMER) {
    CHECK(event->portev_events == 1);
    CHECK(sem_post(event->portev_user) == 0);
  } else {
    CHECK(event->portev_source == PORT_SOURCE_ALERT);
  }
}

static void *getter(void *unused) {
  while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
    port_event_t event;
    CHECK(port_get(port, &event, NULL) == 0);
    note(&event);
  }
  return unused;
}

/* A timeout: what it waits for may be the last. */
static void *getter_of_several(void *unused) {
  const struct timespec limit = {0, 10000000};
  while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
    port_event_t list[kList];
    uint_t count = 3;
    CHECK(port_getn(port, list, kList, &count, &limit) == 0 || errno == ETIME);
    for (uint_t i = 0; i < count; ++i) note(&list[i]);
  }
  return unused;
}

/* --- one port for all --- */

struct crowd {
  pthread_t producers[kThreads], retrievers[kThreads];
  int producing, retrieving;
};

static void add(pthread_t *threads, int *count, void *(*body)(void *), void *argument) {
  CHECK(pthread_create(&threads[(*count)++], NULL, body, argument) == 0);
}

/* `share` processes divide the 64 threads; this is number `which`. */
static void start_crowd(struct crowd *crowd, int share, int which) {
  crowd->producing = crowd->retrieving = 0;
  for (int i = 0; i < 20 / share; ++i) add(crowd->retrievers, &crowd->retrieving, getter, NULL);
  for (int i = 0; i < 8 / share; ++i)
    add(crowd->retrievers, &crowd->retrieving, getter_of_several, NULL);
  for (int i = 0; i < 20 / share; ++i) add(crowd->producers, &crowd->producing, sender, NULL);
  const int groups = kPipes / kPipesOfThread / share;
  for (int i = 0; i < groups; ++i)
    add(crowd->producers, &crowd->producing, associator,
        &pipes[(which * groups + i) * kPipesOfThread]);
  for (int i = 0; i < kTimers / share; ++i)
    add(crowd->producers, &crowd->producing, timer_user, NULL);
  for (int i = 0; i < 4 / share; ++i) add(crowd->producers, &crowd->producing, alerter, NULL);
}

static void join_all(pthread_t *threads, int count) {
  for (int i = 0; i < count; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* The alert wakes every getter, and stays for those that come. */
static void end_retrievers(struct crowd *crowd) {
  __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
  CHECK(port_alert(port, PORT_ALERT_SET, 1, NULL) == 0);
  join_all(crowd->retrievers, crowd->retrieving);
}

static void take_what_is_left(void) {
  const struct timespec at_once = {0, 0};
  port_event_t event;
  CHECK(port_alert(port, PORT_ALERT_SET, 0, NULL) == 0);
  while (port_get(port, &event, &at_once) == 0) note(&event);
  CHECK(errno == ETIME);
}

static void make_pipes(void) {
  pipes =
      mmap(NULL, kPipes * sizeof *pipes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(pipes != MAP_FAILED);
  for (int i = 0; i < kPipes; ++i) {
    CHECK(pipe(pipes[i].ends) == 0);
    CHECK(sem_init(&pipes[i].retrieved, 1, 0) == 0);
  }
}

static void close_pipes(void) {
  for (int i = 0; i < kPipes; ++i) {
    CHECK(close(pipes[i].ends[0]) == 0 && close(pipes[i].ends[1]) == 0);
    CHECK(sem_trywait(&pipes[i].retrieved) != 0); /* no event came twice */
  }
  CHECK(munmap(pipes, kPipes * sizeof *pipes) == 0);
}

static void one_process(void) {
  struct crowd crowd;
  port = new_port();
  accounts = new_accounts();
  make_pipes();
  start_crowd(&crowd, 1, 0);
  join_all(crowd.producers, crowd.producing);
  end_retrievers(&crowd);
  take_what_is_left();
  check_all_arrived(accounts);
  check_works(port);
  close(port);
  close_pipes();
}

/* Of both processes, the last one whose producers are done ends the retrievers of both. */
struct meeting {
  sem_t childs_done, all_done;
};

static void in_child(void *argument) {
  struct meeting *meeting = argument;
  struct crowd crowd;
  start_crowd(&crowd, 2, 1);
  join_all(crowd.producers, crowd.producing);
  CHECK(sem_post(&meeting->childs_done) == 0);
  while (sem_wait(&meeting->all_done) != 0) CHECK(errno == EINTR);
  end_retrievers(&crowd);
}

static void two_processes(void) {
  struct crowd crowd;
  struct meeting *meeting =
      mmap(NULL, sizeof *meeting, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(meeting != MAP_FAILED);
  CHECK(sem_init(&meeting->childs_done, 1, 0) == 0 && sem_init(&meeting->all_done, 1, 0) == 0);
  port = new_port();
  accounts = new_accounts();
  make_pipes();
  const pid_t child = start_child(in_child, meeting);
  start_crowd(&crowd, 2, 0);
  join_all(crowd.producers, crowd.producing);
  while (sem_wait(&meeting->childs_done) != 0) CHECK(errno == EINTR);
  CHECK(sem_post(&meeting->all_done) == 0);
  check_child(child);
  end_retrievers(&crowd);
  take_what_is_left();
  check_all_arrived(accounts);
  check_works(port);
  close(port);
  close_pipes();
}

/* --- the port is closed under them --- */

static pthread_barrier_t together, out;

static void *get_until_closed(void *wanted) {
  port_event_t list[kList];
  CHECK(pthread_barrier_wait(&together) <= 0);
  for (;;) {
    uint_t count = (uint_t)(uintptr_t)wanted;
    const int result =
        count == 1 ? port_get(port, list, NULL) : port_getn(port, list, kList, &count, NULL);
    if (result == 0) continue;
    CHECK(errno == EBADF);
    CHECK(pthread_barrier_wait(&out) <= 0);
    return NULL;
  }
}

static void *send_until_closed(void *unused) {
  CHECK(pthread_barrier_wait(&together) <= 0);
  while (port_send(port, 1, NULL) == 0 || errno == EAGAIN) sched_yield();
  CHECK(errno == EBADF);
  CHECK(pthread_barrier_wait(&out) <= 0);
  return unused;
}

static void *associate_until_closed(void *unused) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(pthread_barrier_wait(&together) <= 0);
  while (port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0) {
    if (port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)ends[0]) != 0) break;
    sched_yield();
  }
  CHECK(errno == EBADF);
  /* Before that, a new pipe could have the port's number. */
  CHECK(pthread_barrier_wait(&out) <= 0);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  return unused;
}

static void closed_under_them(void) {
  pthread_t threads[kThreads];
  for (int round = 0; round < kClosings; ++round) {
    int count = 0;
    port = new_port();
    CHECK(pthread_barrier_init(&together, NULL, kThreads + 1) == 0);
    CHECK(pthread_barrier_init(&out, NULL, kThreads) == 0);
    for (int i = 0; i < 16; ++i) add(threads, &count, associate_until_closed, NULL);
    for (int i = 0; i < 16; ++i) add(threads, &count, send_until_closed, NULL);
    while (count < kThreads)
      add(threads, &count, get_until_closed, (void *)(uintptr_t)(1 + count % 3));
    CHECK(pthread_barrier_wait(&together) <= 0);
    for (int i = 0; i < round * 4; ++i) sched_yield();
    CHECK(close(port) == 0);
    join_all(threads, kThreads);
    CHECK(pthread_barrier_destroy(&together) == 0 && pthread_barrier_destroy(&out) == 0);
  }
}

/* While one number of a port is closed, a call on it must not make the number known again. */
static int copy;

static void *send_to_copy(void *unused) {
  CHECK(pthread_barrier_wait(&together) <= 0);
  while (port_send(copy, 1, NULL) == 0 || errno == EAGAIN) continue;
  CHECK(errno == EBADF);
  return unused;
}

static void one_number_closed(void) {
  for (int round = 0; round < kClosings; ++round) {
    pthread_t threads[4];
    int count = 0;
    port = new_port();
    copy = dup(port);
    CHECK(copy >= 0);
    CHECK(pthread_barrier_init(&together, NULL, 5) == 0);
    for (int i = 0; i < 4; ++i) add(threads, &count, send_to_copy, NULL);
    CHECK(pthread_barrier_wait(&together) <= 0);
    for (int i = 0; i < round; ++i) sched_yield();
    CHECK(close(copy) == 0);
    join_all(threads, count);
    CHECK(pthread_barrier_destroy(&together) == 0);
    CHECK_FAILS(port_send(copy, 1, NULL), EBADF);
    CHECK(close(port) == 0);
    check_nothing_of_ports();
  }
}

/* The last number is closed while it is duplicated: the copy is a port, or is none. */
static void *make_copy(void *unused) {
  CHECK(pthread_barrier_wait(&together) <= 0);
  copy = dup(port);
  return unused;
}

static void copied_and_closed(void) {
  enum { kRounds = 4000 };
  CHECK(pthread_barrier_init(&together, NULL, 2) == 0);
  for (int round = 0; round < kRounds; ++round) {
    pthread_t thread;
    int count = 0;
    port = new_port();
    add(&thread, &count, make_copy, NULL);
    CHECK(pthread_barrier_wait(&together) <= 0);
    for (int i = 0; i < round % 4; ++i) sched_yield();
    CHECK(close(port) == 0);
    join_all(&thread, count);
    if (copy < 0) continue;
    CHECK(port_send(copy, 1, NULL) == 0 || errno == EBADFD);
    CHECK(close(copy) == 0);
    check_nothing_of_ports();
  }
  CHECK(pthread_barrier_destroy(&together) == 0);
}

static const struct test_case cases[] = {
    {"one_process", one_process},
    {"two_processes", two_processes},
    {"closed_under_them", closed_under_them},
    {"copied_and_closed", copied_and_closed},
    {"one_number_closed", one_number_closed},
    {NULL, NULL},
};

int main(int argc, char **argv) { return run_case(cases, argc, argv); }
