/* SPDX-License-Identifier: MIT */
/*
 * Alert mode goes on and off while events are sent and retrieved. The alert's events and user
 * belong together: a getter never sees half of one alert and half of the next.
 */
#include "conformance/conformance.h"

enum { kGetters = 4, kAlerts = 3000, kEvents = 20000, kBatch = 4, kStop = -1 };

static int port;
static unsigned char seen[kEvents];
static long alerts_seen;

static void alert_body(void *arg) {
  for (int i = 1; i <= kAlerts; i++) {
    CHECK_OK(port_alert(port, PORT_ALERT_SET, i, COOKIE(i)));
    if (i % 3 == 0) CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, i, COOKIE(i)), EBUSY);
    if (i % 2 == 0) CHECK_OK(port_alert(port, PORT_ALERT_SET, 0, NULL));
  }
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 0, NULL));
  (void)arg;
}

static void sender_body(void *arg) {
  for (int i = 0; i < kEvents; i++) SEND(port, i, COOKIE(i));
  (void)arg;
}

/* Whether it is a stop event. */
static bool account(const port_event_t *event) {
  int number = event->portev_events;
  if (number == kStop) {
    CHECK_USER_EVENT(*event, kStop, NULL);
    return true;
  }
  CHECK_USER_EVENT(*event, number, COOKIE(number));
  CHECK(number >= 0 && number < kEvents);
  CHECK_INT(__atomic_fetch_add(&seen[number], 1, __ATOMIC_RELAXED), 0);
  return false;
}

static void check_alert(const port_event_t *event, uint_t count) {
  int number = event->portev_events;
  CHECK_INT(count, 1);
  CHECK(number >= 1 && number <= kAlerts);
  CHECK_INT(event->portev_source, PORT_SOURCE_ALERT);
  CHECK_PTR(event->portev_user, COOKIE(number));
  __atomic_add_fetch(&alerts_seen, 1, __ATOMIC_RELAXED);
}

static uint_t get_some(bool one, port_event_t *list) {
  uint_t count = 2;
  if (one) {
    CHECK_OK(port_get(port, list, LONG_WAIT));
    return 1;
  }
  CHECK_OK(port_getn(port, list, kBatch, &count, LONG_WAIT));
  CHECK(count <= kBatch);
  return count;
}

static void getter_body(void *arg) {
  bool one = *(const bool *)arg;
  port_event_t list[kBatch];
  int stops = 0;
  while (stops == 0) {
    uint_t count = get_some(one, list);
    CHECK(count > 0);
    if (list[0].portev_source == PORT_SOURCE_ALERT) {
      check_alert(&list[0], count);
      continue;
    }
    CHECK(one || count >= 2);
    for (uint_t i = 0; i < count; i++) stops += account(&list[i]);
  }
  while (--stops > 0) SEND(port, kStop, NULL);
}

ASSERTION(324, 1,
          "while alert mode goes on and off, every getter returns either the alert or proper "
          "events, and no event is lost") {
  static const bool one[2] = {false, true};
  struct task getters[kGetters], sender, alerter;
  port = new_port();
  for (int i = 0; i < kGetters; i++) task_start(&getters[i], getter_body, (void *)&one[i % 2]);
  task_start(&alerter, alert_body, NULL);
  task_start(&sender, sender_body, NULL);
  task_join(&sender);
  task_join(&alerter);
  for (int i = 0; i < 2 * kGetters; i++) SEND(port, kStop, NULL);
  for (int i = 0; i < kGetters; i++) task_join(&getters[i]);
  for (int i = 0; i < kEvents; i++) CHECK_INT(seen[i], 1);
  CHECK(alerts_seen > 0);
  CLOSE(port);
}
