/* SPDX-License-Identifier: MIT */
/* Timers that go to a port: by every clock, and what is refused. */
#include <limits.h>
#include <sys/timerfd.h>

#include "tests/interpose/timing.h"

static void burn(clockid_t clock, long nanoseconds) {
  const struct timespec end = from_now(clock, nanoseconds);
  struct timespec now;
  do CHECK(clock_gettime(clock, &now) == 0);
  while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static void check_clock(clockid_t clock) {
  const int port = new_port();
  const timer_t timer = new_timer(clock, port, 0);
  set(timer, 5, 0);
  CHECK(take(port, timer) == 1);
  set_at(timer, from_now(clock, 5000000));
  CHECK(take(port, timer) == 1);
  set_at(timer, from_now(clock, -1));
  CHECK(take(port, timer) == 1);
  check_empty(port);
  set(timer, 60000, 0);
  CHECK(timer_delete(timer) == 0);
  close(port);
}

static void check_cpu_clock(clockid_t clock) {
  const int port = new_port();
  const timer_t timer = new_timer(clock, port, 0);
  struct itimerspec left;
  set(timer, 20, 0);
  CHECK(timer_gettime(timer, &left) == 0 && left.it_value.tv_nsec > 0);
  check_empty(port);
  burn(clock, 20000000);
  CHECK(take(port, timer) == 1);
  set_at(timer, from_now(clock, 2000000));
  burn(clock, 2000000);
  CHECK(take(port, timer) == 1);
  check_empty(port);
  CHECK(timer_delete(timer) == 0);
  close(port);
}

static void clocks(void) {
  static const clockid_t plain[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI};
  static const clockid_t alarms[] = {CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM};
  static const clockid_t bad[] = {
      CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, 10, 12345, INT_MIN | 3};
  clockid_t own, thread;
  timer_t timer;
  for (int i = 0; i < 4; ++i) check_clock(plain[i]);
  CHECK(clock_getcpuclockid(0, &own) == 0);
  CHECK(pthread_getcpuclockid(pthread_self(), &thread) == 0);
  check_cpu_clock(CLOCK_PROCESS_CPUTIME_ID);
  check_cpu_clock(CLOCK_THREAD_CPUTIME_ID);
  check_cpu_clock(own);
  check_cpu_clock(thread);
  const int port = new_port();
  for (int i = 0; i < 6; ++i) CHECK_FAILS(try_timer(bad[i], port, 0, &timer), EINVAL);
  /* Who may not wake the machine is told so when the timer is made. */
  for (int i = 0; i < 2; ++i) {
    const int fd = timerfd_create(alarms[i], TFD_CLOEXEC);
    const int error = fd < 0 ? errno : 0;
    if (fd >= 0) close(fd);
    if (error != 0)
      CHECK_FAILS(try_timer(alarms[i], port, 0, &timer), error == EPERM ? EPERM : EAGAIN);
    else {
      timer = new_timer(alarms[i], port, 0);
      set(timer, 5, 0);
      CHECK(take(port, timer) == 1);
      CHECK(timer_delete(timer) == 0);
    }
  }
  close(port);
}

/* The first of two bad arguments decides. */
static void which_error(void) {
  struct sigevent *const nowhere = (struct sigevent *)16;
  struct sigevent event;
  port_notify_t notify = {-1, NULL};
  struct itimerspec bad = {{0, 0}, {0, 1000000000}}, was;
  timer_t timer;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = (void *)16;
  const int port = new_port(), null = open("/dev/null", O_RDONLY);
  CHECK_FAILS(timer_create(12345, nowhere, &timer), EINVAL);
  CHECK_FAILS(timer_create(CLOCK_MONOTONIC, nowhere, &timer), EFAULT);
  CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, (timer_t *)16), EFAULT);
  event.sigev_value.sival_ptr = &notify;
  CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, (timer_t *)16), EBADF);
  notify.portnfy_port = null;
  CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, (timer_t *)16), EBADFD);
  notify.portnfy_port = port;
  CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, (timer_t *)16), EFAULT);
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  CHECK_FAILS(timer_settime(timer, 0, &bad, NULL), EINVAL);
  CHECK_FAILS(timer_settime(timer, 0, &bad, (struct itimerspec *)16), EFAULT);
  CHECK_FAILS(timer_settime(timer, 0, (struct itimerspec *)16, &was), EFAULT);
  CHECK_FAILS(timer_gettime(timer, (struct itimerspec *)16), EFAULT);
  CHECK(timer_delete(timer) == 0);
  CHECK_FAILS(timer_settime(timer, 0, &bad, (struct itimerspec *)16), EINVAL);
  CHECK_FAILS(timer_settime(timer, 0, (struct itimerspec *)16, NULL), EFAULT);
  CHECK_FAILS(timer_gettime(timer, (struct itimerspec *)16), EINVAL);
  close(null);
  close(port);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"clocks", clocks}, {"which_error", which_error}, {NULL, NULL}};
  return run_case(cases, argc, argv);
}
