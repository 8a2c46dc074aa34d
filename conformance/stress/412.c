/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>

#include "conformance/requests.h"
#include "conformance/timers.h"

enum { kDescriptors = 64, kTimers = 10000, kRequests = 100, kBlock = 64, kBatch = 64 };

static timer_t timers[kTimers];
static bool expired[kTimers];
static struct aiocb requests[kRequests];
static char data[kRequests][kBlock];

static void limit_descriptors(void) {
  struct rlimit limit = {kDescriptors, kDescriptors};
  SETUP(setrlimit(RLIMIT_NOFILE, &limit));
}

/* All are armed, and in progress, at the same time. */
static void start_all(int port, int pipe) {
  for (int i = 0; i < kTimers; i++) timers[i] = NEW_TIMER(port, COOKIE(i));
  for (int i = 0; i < kRequests; i++) {
    requests[i] = new_request(pipe, data[i], 1);
    START(aio_read, &requests[i], port, COOKIE(i));
  }
  for (int i = 0; i < kTimers; i++) ARM(timers[i], 100 + i % 50, 0);
}

static void check_one(const port_event_t *event) {
  uintptr_t user = (uintptr_t)event->portev_user - (uintptr_t)COOKIE(0);
  if (event->portev_source == PORT_SOURCE_AIO) {
    CHECK(user < kRequests);
    CHECK_PTR(event->portev_object, &requests[user]);
    CHECK_ENDED(&requests[user], 1);
    return;
  }
  CHECK(user < kTimers);
  check_event(event, PORT_SOURCE_TIMER, (uintptr_t)timers[user], 1, COOKIE(user), HERE);
  CHECK(!expired[user]);
  expired[user] = true;
}

ASSERTION(412, 1, "ten thousand timers and a hundred requests work with room for 64 descriptors") {
  limit_descriptors();
  int port = new_port();
  struct ends pipe = new_pipe();
  port_event_t list[kBatch];
  start_all(port, pipe.r);
  for (int i = 0; i < kRequests; i++) put(pipe.w);
  for (uint_t total = 0, count; total < kTimers + kRequests; total += count) {
    count = 1;
    CHECK_OK(port_getn(port, list, kBatch, &count, LONG_WAIT));
    for (uint_t i = 0; i < count; i++) check_one(&list[i]);
  }
  CHECK_SILENT(port);
  for (int i = 0; i < kTimers; i++) DELETE_TIMER(timers[i]);
  CLOSE(port, pipe.r, pipe.w);
}
