/* SPDX-License-Identifier: MIT */
/*
 * Checks and reports. Everything is written with dprintf and ended with _exit, because a check
 * may fail in a forked child or beside other threads, where stdio's buffers are not ours.
 */
#include "conformance/conformance.h"

#include <stdarg.h>
#include <stdio.h>

enum { kFailed = 1, kUnresolved = 2, kSkipped = 77 };

static const struct {
  int error;
  const char *name;
} errno_names[] = {
    {0, "0"},           {CANARY, "CANARY"},   {EACCES, "EACCES"},
    {EAGAIN, "EAGAIN"}, {EBADF, "EBADF"},     {EBADFD, "EBADFD"},
    {EBUSY, "EBUSY"},   {EEXIST, "EEXIST"},   {EFAULT, "EFAULT"},
    {EINTR, "EINTR"},   {EINVAL, "EINVAL"},   {EMFILE, "EMFILE"},
    {ENFILE, "ENFILE"}, {ENOENT, "ENOENT"},   {ENOMEM, "ENOMEM"},
    {ENOSYS, "ENOSYS"}, {ENOTSUP, "ENOTSUP"}, {ENOTTY, "ENOTTY"},
    {EPERM, "EPERM"},   {EPIPE, "EPIPE"},     {ESPIPE, "ESPIPE"},
    {ESRCH, "ESRCH"},   {ETIME, "ETIME"},
};

const char *errno_name(int error) {
  static char number[32]; /* good for one unknown error a message; the process then ends */
  for (size_t i = 0; i < sizeof errno_names / sizeof errno_names[0]; i++) {
    if (errno_names[i].error == error) return errno_names[i].name;
  }
  snprintf(number, sizeof number, "errno %d", error);
  return number;
}

void check_failed(const char *file, int line, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  dprintf(STDERR_FILENO, "%s:%d: %s\n", file, line, text);
  _exit(kFailed);
}

void check_int(long long actual, long long expected, const char *text, const char *file, int line) {
  if (actual != expected)
    check_failed(file, line, "%s is %lld (%#llx), expected %lld (%#llx)", text, actual,
                 (unsigned long long)actual, expected, (unsigned long long)expected);
}

void check_ok(int result, const char *text, const char *file, int line) {
  int error = errno;
  if (result != 0)
    check_failed(file, line, "%s gave %d, errno %s; expected 0", text, result, errno_name(error));
  if (error != CANARY)
    check_failed(file, line, "%s succeeded, but changed errno to %s", text, errno_name(error));
}

void check_fails(int result, int expected, const char *text, const char *file, int line) {
  int error = errno;
  if (result != -1)
    check_failed(file, line, "%s gave %d, expected -1 with %s", text, result, errno_name(expected));
  check_errno(error, expected, text, file, line);
}

void check_errno(int error, int expected, const char *text, const char *file, int line) {
  if (error == expected) return;
  check_failed(file, line, "%s failed with %s, expected %s", text, errno_name(error),
               errno_name(expected));
}

int setup(int result, const char *text, const char *file, int line) {
  int error = errno;
  if (result != -1) return result;
  dprintf(STDERR_FILENO, "%s:%d: set-up: %s failed with %s\n", file, line, text, errno_name(error));
  _exit(kUnresolved);
}

void setup_pthread(int result, const char *text, const char *file, int line) {
  errno = result;
  setup(result == 0 ? 0 : -1, text, file, line);
}

void unresolved(const char *reason) {
  dprintf(STDERR_FILENO, "set-up: %s\n", reason);
  _exit(kUnresolved);
}

void skip(const char *reason) {
  dprintf(STDOUT_FILENO, "SKIP: %s\n", reason);
  _exit(kSkipped);
}

void outcome(const char *word) { dprintf(STDOUT_FILENO, "OUTCOME: %s\n", word); }

void deviation(const char *name) { dprintf(STDOUT_FILENO, "DEVIATION: %s\n", name); }

uint_t queued(int port) {
  uint_t count = 0xDEAD;
  CHECK_OK(port_getn(port, NULL, 0, &count, NULL));
  return count;
}

void check_empty(int port, const char *file, int line) {
  port_event_t event;
  uint_t count = queued(port);
  if (count != 0) check_failed(file, line, "%u events are queued, expected none", count);
  count = 1;
  int result = port_getn(port, &event, 1, &count, AT_ONCE);
  if (result != 0 || count != 0)
    check_failed(file, line, "port_getn gave %d with nget %u, expected 0 with nget 0", result,
                 count);
}

static void describe(char *text, size_t size, int source, uintptr_t object, int events,
                     void *user) {
  snprintf(text, size, "source %d, object %#lx, events %#x, user %p", source, (unsigned long)object,
           (unsigned)events, user);
}

void check_event(const port_event_t *event, int source, uintptr_t object, int events, void *user,
                 const char *file, int line) {
  if (event->portev_source == source && event->portev_object == object &&
      event->portev_events == events && event->portev_user == user)
    return;
  char seen[160], expected[160];
  describe(seen, sizeof seen, event->portev_source, event->portev_object, event->portev_events,
           event->portev_user);
  describe(expected, sizeof expected, source, object, events, user);
  check_failed(file, line, "event has %s; expected %s", seen, expected);
}

port_event_t next_event(int port, const char *file, int line) {
  port_event_t event;
  errno = CANARY;
  check_ok(port_get(port, &event, LONG_WAIT), "port_get", file, line);
  return event;
}

void check_next(int port, int source, uintptr_t object, int events, void *user, const char *file,
                int line) {
  port_event_t event = next_event(port, file, line);
  check_event(&event, source, object, events, user, file, line);
}

enum { kPaint = 0xA5 };

void paint(void *memory, size_t size) { memset(memory, kPaint, size); }

bool is_painted(const void *memory, size_t size) {
  const unsigned char *byte = memory;
  for (size_t i = 0; i < size; i++) {
    if (byte[i] != kPaint) return false;
  }
  return true;
}

double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}
