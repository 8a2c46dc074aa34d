/* SPDX-License-Identifier: MIT */
/*
 * Every event carries its sender and that sender's sequence number. Since the queue is FIFO, any
 * one getter, and not only a lone one, sees the numbers of a sender in ascending order.
 */
#include <sched.h>

#include "conformance/conformance.h"

enum { kSenders = 8, kGetters = 8, kEach = 12500, kStop = -1, kBatch = 16 };

static int port;
static unsigned char seen[kSenders][kEach];

struct getter {
  struct task task;
  bool one;
  long count;
  int next[kSenders]; /* the least sequence number that may come */
};

static void send_retrying(int events, uintptr_t number) {
  while (port_send(port, events, (void *)number) != 0) {
    CHECK_INT(errno, EAGAIN); /* full: the getters are behind */
    sched_yield();
  }
}

static void sender_body(void *arg) {
  int sender = *(const int *)arg;
  for (int i = 0; i < kEach; i++) send_retrying(sender, (uintptr_t)i);
}

static void account(struct getter *getter, const port_event_t *event) {
  int sender = event->portev_events;
  uintptr_t number = (uintptr_t)event->portev_user;
  CHECK_INT(event->portev_source, PORT_SOURCE_USER);
  CHECK(sender >= 0 && sender < kSenders && number < kEach);
  CHECK_INT(__atomic_fetch_add(&seen[sender][number], 1, __ATOMIC_RELAXED), 0);
  CHECK((int)number >= getter->next[sender]);
  getter->next[sender] = (int)number + 1;
  getter->count++;
}

static uint_t get_some(const struct getter *getter, port_event_t *list) {
  uint_t count = 1;
  if (getter->one)
    CHECK_OK(port_get(port, list, NULL));
  else
    CHECK_OK(port_getn(port, list, kBatch, &count, NULL));
  CHECK(count >= 1 && count <= kBatch);
  return count;
}

/* Ends at a stop event; those that were meant for others go back. */
static void getter_body(void *arg) {
  struct getter *getter = arg;
  port_event_t list[kBatch];
  int stops = 0;
  while (stops == 0) {
    uint_t count = get_some(getter, list);
    for (uint_t i = 0; i < count; i++) {
      if (list[i].portev_events == kStop)
        stops++;
      else
        account(getter, &list[i]);
    }
  }
  while (--stops > 0) send_retrying(kStop, 0);
}

static void run(int getter_count) {
  struct getter getters[kGetters];
  struct task senders[kSenders];
  int number[kSenders];
  long sum = 0;
  memset(getters, 0, sizeof getters);
  memset(seen, 0, sizeof seen);
  for (int i = 0; i < getter_count; i++) {
    getters[i].one = i % 2 == 0;
    task_start(&getters[i].task, getter_body, &getters[i]);
  }
  for (int i = 0; i < kSenders; i++) {
    number[i] = i;
    task_start(&senders[i], sender_body, &number[i]);
  }
  for (int i = 0; i < kSenders; i++) task_join(&senders[i]);
  for (int i = 0; i < getter_count; i++) send_retrying(kStop, 0);
  for (int i = 0; i < getter_count; i++) {
    task_join(&getters[i].task);
    sum += getters[i].count;
  }
  CHECK_INT(sum, (long)kSenders * kEach);
  CHECK_EMPTY(port);
}

ASSERTION(321, 1,
          "8 senders, 8 getters and 100000 user events: each is retrieved once, in the order of "
          "its sender") {
  port = new_port();
  run(kGetters);
  run(1);
  CLOSE(port);
}
