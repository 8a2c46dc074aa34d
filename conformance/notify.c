/* SPDX-License-Identifier: MIT */
#include "conformance/notify.h"

enum { kPatienceMs = 5000 };

struct sigevent port_sigevent(port_notify_t *target, int port, void *user) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  target->portnfy_port = port;
  target->portnfy_user = user;
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = target;
  return event;
}

struct sigevent no_sigevent(void) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_NONE;
  return event;
}

void check_zero(int result, const char *text, const char *file, int line) {
  int error = errno;
  if (result != 0)
    check_failed(file, line, "%s gave %d, errno %s; expected 0", text, result, errno_name(error));
}

port_event_t check_next_from(int port, int source, void *user, const char *file, int line) {
  port_event_t event = next_event(port, file, line);
  if (event.portev_source != source)
    check_failed(file, line, "the event has source %d, expected %d", event.portev_source, source);
  if (event.portev_user != user)
    check_failed(file, line, "the event has user %p, expected %p", event.portev_user, user);
  return event;
}

void await_queued(int port, uint_t n, const char *file, int line) {
  double give_up = now_ms() + kPatienceMs;
  uint_t seen;
  while ((seen = queued(port)) < n) {
    if (now_ms() > give_up)
      check_failed(file, line, "%u events are queued after %d s, expected %u", seen,
                   kPatienceMs / 1000, n);
    poll(NULL, 0, 1);
  }
  if (seen > n) check_failed(file, line, "%u events are queued, expected %u", seen, n);
}

static void check_nothing(int port, const struct timespec *timeout, int result, const char *file,
                          int line) {
  port_event_t event;
  uint_t count = 1;
  int got = port_getn(port, &event, 1, &count, timeout);
  if (count != 0)
    check_failed(file, line, "an event of source %d came, user %p; expected none",
                 event.portev_source, event.portev_user);
  if (got != result || (got == -1 && errno != ETIME))
    check_failed(file, line, "port_getn gave %d, errno %s; expected no event", got,
                 errno_name(errno));
}

void check_silent(int port, const char *file, int line) {
  check_nothing(port, MS(60), -1, file, line);
  check_empty(port, file, line);
}

void check_none_for_us(int port, const char *file, int line) {
  check_nothing(port, AT_ONCE, 0, file, line);
  check_nothing(port, MS(60), -1, file, line);
}

void pass_until(double then) {
  for (double left; (left = then - now_ms()) > 0;) poll(NULL, 0, (int)left + 1);
}
