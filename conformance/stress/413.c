/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"
#include "conformance/timers.h"

enum { kGetters = 3, kRequests = 64, kRounds = 20, kPeriodic = 4, kStop = -1 };

struct shared {
  int port;
  int finished[kRequests];
  long expirations[kPeriodic];
};

static struct aiocb requests[kRequests];
static char data[kRequests][64];

/* Retrieves until told to stop; each completion is counted where it belongs. */
static void getter(void *arg) {
  struct shared *shared = arg;
  for (;;) {
    port_event_t event = NEXT(shared->port);
    uintptr_t user = (uintptr_t)event.portev_user - (uintptr_t)COOKIE(0);
    if (event.portev_source == PORT_SOURCE_USER) return;
    if (event.portev_source == PORT_SOURCE_TIMER) {
      CHECK(user < kPeriodic && event.portev_events >= 1);
      __atomic_add_fetch(&shared->expirations[user], event.portev_events, __ATOMIC_SEQ_CST);
      continue;
    }
    CHECK_INT(event.portev_source, PORT_SOURCE_AIO);
    CHECK(user < kRequests);
    CHECK_ENDED(&requests[user], 64);
    __atomic_add_fetch(&shared->finished[user], 1, __ATOMIC_SEQ_CST);
  }
}

static void read_all(struct shared *shared, int file, int round) {
  for (int i = 0; i < kRequests; i++) {
    requests[i] = new_request(file, data[i], 64);
    requests[i].aio_offset = i * 64;
    START(aio_read, &requests[i], shared->port, COOKIE(i));
  }
  for (int i = 0; i < kRequests; i++) {
    while (__atomic_load_n(&shared->finished[i], __ATOMIC_SEQ_CST) == round) poll(NULL, 0, 1);
    CHECK_INT(__atomic_load_n(&shared->finished[i], __ATOMIC_SEQ_CST), round + 1);
    CHECK(is_filled(data[i], 64, i * 64));
  }
}

ASSERTION(413, 1, "several getters share completions and expirations: each comes exactly once") {
  struct shared shared = {.port = new_port()};
  struct task tasks[kGetters];
  timer_t timers[kPeriodic];
  int file = new_filled_file(kRequests * 64);
  double before = now_ms();
  for (int i = 0; i < kPeriodic; i++) {
    timers[i] = NEW_TIMER(shared.port, COOKIE(i));
    ARM(timers[i], 1, 1);
  }
  for (int i = 0; i < kGetters; i++) task_start(&tasks[i], getter, &shared);
  for (int round = 0; round < kRounds; round++) read_all(&shared, file, round);
  pass_until(before + 50);
  for (int i = 0; i < kPeriodic; i++) DELETE_TIMER(timers[i]);
  double elapsed = now_ms() - before;
  for (int i = 0; i < kGetters; i++) SEND(shared.port, kStop, NULL);
  for (int i = 0; i < kGetters; i++) task_join(&tasks[i]);
  for (int i = 0; i < kPeriodic; i++) {
    CHECK(shared.expirations[i] >= 10);
    CHECK((double)shared.expirations[i] <= elapsed);
  }
  CHECK_EMPTY(shared.port);
  CLOSE(shared.port, file);
}
