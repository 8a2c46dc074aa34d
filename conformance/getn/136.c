/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kThreads = 4, kEvents = 20000, kBatch = 16, kLast = -1 };

static int port;
static unsigned char times_seen[kEvents];

/* Takes batches until a last one comes; each thread needs one, so spare ones go back. */
static void getter(void *arg) {
  (void)arg;
  for (;;) {
    port_event_t list[kBatch];
    uint_t count = 1;
    int last = 0;
    CHECK_OK(port_getn(port, list, kBatch, &count, NULL));
    CHECK(count >= 1 && count <= kBatch);
    for (uint_t i = 0; i < count; i++) {
      int number = list[i].portev_events;
      CHECK_INT(list[i].portev_source, PORT_SOURCE_USER);
      CHECK(number >= kLast && number < kEvents);
      if (number == kLast)
        last++;
      else
        __atomic_add_fetch(&times_seen[number], 1, __ATOMIC_RELAXED);
    }
    for (int spare = 1; spare < last; spare++) SEND(port, kLast, NULL);
    if (last > 0) return;
  }
}

ASSERTION(136, 1, "with several threads in port_getn, each event is delivered exactly once") {
  struct task tasks[kThreads];
  port = new_port();
  for (int i = 0; i < kThreads; i++) task_start(&tasks[i], getter, NULL);
  for (int i = 0; i < kEvents; i++) SEND(port, i, COOKIE(i));
  for (int i = 0; i < kThreads; i++) SEND(port, kLast, NULL);
  for (int i = 0; i < kThreads; i++) task_join(&tasks[i]);
  for (int i = 0; i < kEvents; i++) CHECK_INT(times_seen[i], 1);
  CHECK_EMPTY(port);
  CLOSE(port);
}
