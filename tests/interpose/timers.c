/* SPDX-License-Identifier: MIT */
/* Timers that go to a port: beside libc's own, with few descriptors, in children, at odd moments.
 */
#include <limits.h>
#include <sys/resource.h>

#include "tests/interpose/timing.h"

enum { kMany = 10000, kRounds = 200 };

static const struct timespec kLong = {20, 0};
static const struct itimerspec kNever;

static int timerfds(void) { return count_links("self", "[timerfd]"); }

/* Every timer once, in the order of their times, on one descriptor. */
static void ten_thousand(void) {
  static timer_t timers[kMany];
  static port_event_t list[kMany];
  const struct rlimit limit = {64, 64};
  uint_t count = kMany;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  const int port = new_port();
  for (int i = 0; i < kMany; ++i) timers[i] = new_timer(CLOCK_MONOTONIC, port, i * 7919L % kMany);
  CHECK(timerfds() == 1);
  const struct timespec first = from_now(CLOCK_MONOTONIC, 600000000);
  for (int i = 0; i < kMany; ++i) {
    struct timespec at = first;
    at.tv_nsec += i * 7919L % kMany * 1000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    set_at(timers[i], at);
  }
  CHECK(port_getn(port, list, kMany, &count, &kLong) == 0);
  CHECK(count == kMany);
  for (int i = 0; i < kMany; ++i) {
    CHECK(list[i].portev_source == PORT_SOURCE_TIMER && list[i].portev_events == 1);
    CHECK(list[i].portev_user == (void *)(intptr_t)i);
  }
  check_empty(port);
  for (int i = 0; i < kMany; ++i) CHECK(timer_delete(timers[i]) == 0);
  CHECK(close(port) == 0);
  CHECK(timerfds() == 0);
}

static int thread_pipe[2];
static void on_thread(union sigval value) {
  (void)value;
  write_byte(thread_pipe[1]);
}

/* Each kind of libc's timers, and ours, at the same time: none answers for another. */
static void beside_libcs(void) {
  struct sigevent by_signal, by_thread, by_nothing;
  struct itimerspec left;
  timer_t theirs[4];
  sigset_t signals;
  CHECK(pipe(thread_pipe) == 0);
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigaddset(&signals, SIGALRM);
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
  memset(&by_signal, 0, sizeof by_signal);
  by_thread = by_nothing = by_signal;
  by_signal.sigev_signo = SIGUSR1;
  by_thread.sigev_notify = SIGEV_THREAD;
  by_thread.sigev_notify_function = on_thread;
  by_nothing.sigev_notify = SIGEV_NONE;
  const int port = new_port();
  const timer_t before = new_timer(CLOCK_MONOTONIC, port, 0);
  CHECK(timer_create(CLOCK_MONOTONIC, &by_signal, &theirs[0]) == 0);
  CHECK(timer_create(CLOCK_MONOTONIC, &by_thread, &theirs[1]) == 0);
  CHECK(timer_create(CLOCK_MONOTONIC, &by_nothing, &theirs[2]) == 0);
  CHECK(timer_create(CLOCK_MONOTONIC, NULL, &theirs[3]) == 0);
  const timer_t after = new_timer(CLOCK_MONOTONIC, port, 0);
  for (int i = 0; i < 4; ++i) CHECK(theirs[i] != before && theirs[i] != after);
  set(before, 5, 0);
  CHECK(take(port, before) == 1);
  set(theirs[0], 5, 0);
  CHECK(sigwaitinfo(&signals, NULL) == SIGUSR1);
#if !defined(__SANITIZE_THREAD__) /* its runtime crashes in threads that libc makes by itself */
  set(theirs[1], 5, 0);
  read_byte(thread_pipe[0]);
#endif
  set(theirs[2], 60000, 0);
  CHECK(timer_gettime(theirs[2], &left) == 0 && left.it_value.tv_sec >= 50);
  set(theirs[3], 5, 0);
  CHECK(sigwaitinfo(&signals, NULL) == SIGALRM);
  check_empty(port);
  for (int i = 0; i < 4; ++i) CHECK(timer_getoverrun(theirs[i]) == 0);
  for (int i = 0; i < 4; ++i) CHECK(timer_delete(theirs[i]) == 0);
  set(after, 5, 0);
  CHECK(take(port, after) == 1);
  CHECK(timer_delete(before) == 0 && timer_delete(after) == 0);
  close(port);
  close(thread_pipe[0]);
  close(thread_pipe[1]);
}

/* An id is one timer's and no other's, although its place is used again. */
static void stale_ids(void) {
  struct itimerspec left;
  const int port = new_port();
  for (int i = 0; i < kRounds; ++i) {
    const timer_t old = new_timer(CLOCK_MONOTONIC, port, 0);
    CHECK(timer_delete(old) == 0);
    const timer_t timer = new_timer(CLOCK_MONOTONIC, port, 0);
    CHECK(timer != old);
    CHECK_FAILS(timer_settime(old, 0, &kNever, NULL), EINVAL);
    CHECK_FAILS(timer_gettime(old, &left), EINVAL);
    CHECK_FAILS(timer_getoverrun(old), EINVAL);
    CHECK_FAILS(timer_delete(old), EINVAL);
    CHECK(timer_delete(timer) == 0);
  }
  close(port);
}

/* A new time leaves a queued event where it is, and what expires meanwhile is added to it. */
static void armed_while_queued(void) {
  const int port = new_port();
  const timer_t timer = new_timer(CLOCK_MONOTONIC, port, 0);
  struct itimerspec left;
  uint_t queued = 0;
  set_at(timer, from_now(CLOCK_MONOTONIC, -1));
  CHECK(port_getn(port, NULL, 0, &queued, NULL) == 0 && queued == 1);
  for (int i = 0; i < 3; ++i) set_at(timer, from_now(CLOCK_MONOTONIC, -1));
  CHECK(port_getn(port, NULL, 0, &queued, NULL) == 0 && queued == 1);
  CHECK(take(port, timer) == 4);
  check_empty(port);
  /* Still armed when the event is retrieved: it goes on. */
  set_at(timer, from_now(CLOCK_MONOTONIC, -1));
  set(timer, 20, 0);
  CHECK(take(port, timer) == 1);
  CHECK(take(port, timer) == 1);
  CHECK(timer_gettime(timer, &left) == 0);
  CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
  /* Expired, and nobody has looked: it has happened all the same. */
  set(timer, 1, 0);
  wait_until(from_now(CLOCK_MONOTONIC, 3000000));
  set(timer, 0, 0);
  CHECK(take(port, timer) == 1);
  check_empty(port);
  CHECK(timer_delete(timer) == 0);
  close(port);
}

/* A periodic timer nobody looks at counts on, and does not wake the process. */
static void periodic(void) {
  const int port = new_port();
  const timer_t timer = new_timer(CLOCK_MONOTONIC, port, 0);
  struct itimerspec was, when = {{0, 1000000}, {0, 0}};
  struct timespec start = from_now(CLOCK_MONOTONIC, 0);
  when.it_value = start;
  CHECK(timer_settime(timer, TIMER_ABSTIME, &when, NULL) == 0);
  wait_until(from_now(CLOCK_MONOTONIC, 50000000));
  long total = take(port, timer);
  CHECK(total >= 50);
  total += take(port, timer);
  struct timespec end = from_now(CLOCK_MONOTONIC, 0);
  const long most = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
  CHECK(total >= 51 && total <= most + 1);
  CHECK(timer_settime(timer, 0, &kNever, &was) == 0);
  CHECK(was.it_interval.tv_nsec == 1000000);
  CHECK(was.it_value.tv_sec == 0 && was.it_value.tv_nsec > 0 && was.it_value.tv_nsec <= 1000000);
  /* The count has an end. */
  when.it_interval.tv_nsec = 1;
  when.it_value.tv_sec = 1;
  CHECK(timer_settime(timer, TIMER_ABSTIME, &when, NULL) == 0);
  CHECK(timer_settime(timer, 0, &kNever, NULL) == 0);
  for (int events = 0; events != INT_MAX;) events = take(port, timer);
  check_empty(port);
  CHECK(timer_delete(timer) == 0);
  close(port);
}

/* A timer that was stopped makes a polled port readable for nobody. */
static void stopped_unseen(void) {
  const int port = new_port();
  struct pollfd item = {port, POLLIN, 0};
  CHECK(poll(&item, 1, 0) == 0);
  const timer_t timer = new_timer(CLOCK_MONOTONIC, port, 0);
  const timer_t other = new_timer(CLOCK_MONOTONIC, port, 0);
  set(timer, 10, 0);
  set(other, 15, 0);
  set(timer, 0, 0);
  CHECK(timer_delete(other) == 0);
  CHECK(poll(&item, 1, 40) == 0);
  set(timer, 10, 0);
  CHECK(poll(&item, 1, 20000) == 1 && item.revents == POLLIN);
  CHECK(take(port, timer) == 1);
  CHECK(poll(&item, 1, 0) == 0);
  CHECK(timer_delete(timer) == 0);
  close(port);
}

/* The same before anybody has polled it. */
static void stopped_before_polled(void) {
  const int port = new_port();
  struct pollfd item = {port, POLLIN, 0};
  const timer_t timer = new_timer(CLOCK_MONOTONIC, port, 0);
  set(timer, 10, 0);
  set(timer, 0, 0);
  CHECK(poll(&item, 1, 40) == 0);
  set(timer, 1, 0);
  wait_until(from_now(CLOCK_MONOTONIC, 3000000));
  CHECK(timer_delete(timer) == 0);
  CHECK(poll(&item, 1, 0) == 0);
  close(port);
}

/* A thread sleeps first, and a timer that is armed later, for an earlier time, wakes it. */
static void wakes_sleeper(void) {
  struct sleeper sleeper;
  const int port = new_port();
  const timer_t far = new_timer(CLOCK_MONOTONIC, port, 0);
  const timer_t near = new_timer(CLOCK_MONOTONIC, port, 0);
  set(far, 60000, 0);
  sleeper_start(&sleeper, port);
  set(near, 30000, 0);
  sleeper_check_asleep(&sleeper);
  set(near, 5, 0);
  CHECK(pthread_join(sleeper.thread, NULL) == 0);
  CHECK(sleeper.result == 0 && sleeper.event.portev_object == (uintptr_t)near);
  CHECK(timer_delete(near) == 0 && timer_delete(far) == 0);
  close(port);
}

struct inherited {
  int port;
  timer_t timer;
};

/* A child has none of its parent's timers, and its own are its own. */
static void child_body(void *argument) {
  const struct inherited *from = argument;
  struct itimerspec left;
  CHECK_FAILS(timer_gettime(from->timer, &left), EINVAL);
  CHECK_FAILS(timer_delete(from->timer), EINVAL);
  CHECK(timerfds() == 0);
  check_empty(from->port);
  const timer_t timer = new_timer(CLOCK_MONOTONIC, from->port, 0);
  set(timer, 1, 0);
  CHECK(take(from->port, timer) == 1);
  set(timer, 60000, 0); /* and leaves it behind */
}

static void in_child(void) {
  struct inherited from;
  from.port = new_port();
  from.timer = new_timer(CLOCK_MONOTONIC, from.port, 0);
  set(from.timer, 1, 0);
  wait_until(from_now(CLOCK_MONOTONIC, 3000000));
  check_child(start_child(child_body, &from));
  CHECK(take(from.port, from.timer) == 1);
  set_at(from.timer, from_now(CLOCK_MONOTONIC, -1)); /* queued this time */
  check_child(start_child(child_body, &from));
  CHECK(take(from.port, from.timer) == 1);
  CHECK(timer_delete(from.timer) == 0);
  check_works(from.port);
  close(from.port);
}

/* The program puts something of its own where a timerfd is hidden. */
static void number_taken(void) {
  struct sleeper sleeper;
  const int port = new_port(), null = open("/dev/null", O_RDWR);
  const timer_t timer = new_timer(CLOCK_MONOTONIC, port, 0);
  set(timer, 200, 0);
  sleeper_start(&sleeper, port);
  const int hidden = find_link("[timerfd]", 0);
  CHECK(hidden >= 0 && dup2(null, hidden) == hidden);
  CHECK(is_file(hidden, "/dev/null") && timerfds() == 1);
  CHECK(pthread_join(sleeper.thread, NULL) == 0);
  CHECK(sleeper.result == 0 && sleeper.event.portev_object == (uintptr_t)timer);
  set(timer, 5, 0);
  CHECK(take(port, timer) == 1);
  CHECK(timer_delete(timer) == 0);
  CHECK(close(hidden) == 0);
  close(null);
  close(port);
  CHECK(timerfds() == 0);
}

struct busy {
  int port;
  int made;
};

/* Makes, arms and deletes timers until the port is gone. */
static void *keep_busy(void *argument) {
  struct busy *busy = argument;
  timer_t timer;
  while (try_timer(CLOCK_MONOTONIC, busy->port, 0, &timer) == 0) {
    struct itimerspec was, when = {{0, 100000}, {0, 1000}};
    CHECK(timer_settime(timer, 0, &when, NULL) == 0);
    CHECK(timer_gettime(timer, &when) == 0);
    CHECK(timer_getoverrun(timer) == 0);
    CHECK(timer_settime(timer, TIMER_ABSTIME, &when, &was) == 0);
    CHECK(timer_delete(timer) == 0);
    __atomic_fetch_add(&busy->made, 1, __ATOMIC_RELAXED);
  }
  CHECK(errno == EBADF || errno == EBADFD); /* gone, or about to go */
  return NULL;
}

static void port_closed_meanwhile(void) {
  for (int round = 0; round < kRounds; ++round) {
    struct busy busy = {new_port(), 0};
    struct itimerspec left;
    pthread_t threads[2];
    const timer_t stays = new_timer(CLOCK_MONOTONIC, busy.port, 0);
    set(stays, 60000, 0);
    for (int i = 0; i < 2; ++i) CHECK(pthread_create(&threads[i], NULL, keep_busy, &busy) == 0);
    while (__atomic_load_n(&busy.made, __ATOMIC_RELAXED) < 20) sched_yield();
    CHECK(close(busy.port) == 0);
    for (int i = 0; i < 2; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(timer_gettime(stays, &left) == 0 && left.it_value.tv_sec > 30);
    set(stays, 1, 1);
    CHECK(timer_gettime(stays, &left) == 0 && left.it_interval.tv_nsec == 1000000);
    CHECK(timer_getoverrun(stays) == 0);
    CHECK(timer_delete(stays) == 0);
    CHECK_FAILS(timer_delete(stays), EINVAL);
    CHECK(timerfds() == 0);
  }
}

enum { kShared = 8, kArms = 5000 };

struct traffic {
  int port;
  timer_t timers[kShared];
  long seen;
};

/* Each expires at once, and exactly once. */
static void *arm_shared(void *argument) {
  struct traffic *traffic = argument;
  const struct timespec past = {0, 1};
  for (int i = 0; i < kArms; ++i) set_at(traffic->timers[i % kShared], past);
  return NULL;
}

static void *take_shared(void *argument) {
  struct traffic *traffic = argument;
  port_event_t event;
  for (;;) {
    CHECK(port_get(traffic->port, &event, &kLong) == 0);
    if (event.portev_source == PORT_SOURCE_USER) return NULL;
    if (__atomic_add_fetch(&traffic->seen, event.portev_events, __ATOMIC_RELAXED) == 2 * kArms)
      for (int i = 0; i < 2; ++i) CHECK(port_send(traffic->port, 1, NULL) == 0);
  }
}

/* Threads arm the same timers while others retrieve: nothing is lost, nothing counted twice. */
static void shared_by_threads(void) {
  struct traffic traffic;
  pthread_t threads[4];
  traffic.port = new_port();
  traffic.seen = 0;
  for (int i = 0; i < kShared; ++i) traffic.timers[i] = new_timer(CLOCK_MONOTONIC, traffic.port, 0);
  for (int i = 0; i < 4; ++i)
    CHECK(pthread_create(&threads[i], NULL, i < 2 ? take_shared : arm_shared, &traffic) == 0);
  for (int i = 0; i < 4; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(traffic.seen == 2 * kArms);
  check_empty(traffic.port);
  for (int i = 0; i < kShared; ++i) CHECK(timer_delete(traffic.timers[i]) == 0);
  close(traffic.port);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"ten_thousand", ten_thousand},
                                           {"beside_libcs", beside_libcs},
                                           {"stale_ids", stale_ids},
                                           {"armed_while_queued", armed_while_queued},
                                           {"periodic", periodic},
                                           {"stopped_unseen", stopped_unseen},
                                           {"stopped_before_polled", stopped_before_polled},
                                           {"wakes_sleeper", wakes_sleeper},
                                           {"in_child", in_child},
                                           {"number_taken", number_taken},
                                           {"port_closed_meanwhile", port_closed_meanwhile},
                                           {"shared_by_threads", shared_by_threads},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
