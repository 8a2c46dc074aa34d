/* SPDX-License-Identifier: MIT */
/* User events and alerts: creating, sending, retrieving. */
#include "tests/faults/parts.h"

static void a_polled_port(struct world *w) {
  a_port(w);
  struct pollfd item = {w->port, POLLIN, 0};
  CHECK(poll(&item, 1, 0) == 0);
}

static void a_full_port(struct world *w) {
  a_port(w);
  for (int i = 0; i < kSlots; ++i) CHECK(port_send(w->port, kValue, w) == 0);
}

static void an_alert(struct world *w) {
  a_port(w);
  CHECK(port_alert(w->port, PORT_ALERT_SET, kValue, w) == 0);
}

static int create(struct world *w) {
  w->port = port_create();
  return w->port < 0 ? -1 : 0;
}

static int create_other(struct world *w) {
  w->other = port_create();
  return w->other < 0 ? -1 : 0;
}

/* What it reports for one port counts as its error. */
static int send_many(struct world *w) {
  int errors[2] = {0, 0};
  const int saved = errno;
  const int sent = port_sendn(w->list, errors, 2, kValue, w);
  if (sent == 2 || sent < 0) return sent < 0 ? -1 : 0;
  errno = errors[0] != 0 ? errors[0] : errors[1];
  CHECK(sent == (errors[0] == 0) + (errors[1] == 0) && errno != saved);
  return -1;
}

static int count_events(struct world *w) {
  uint_t count = 0;
  if (port_getn(w->port, NULL, 0, &count, NULL) != 0) return -1;
  CHECK(count == 1);
  return 0;
}

static int get_several(struct world *w) {
  port_event_t events[4];
  uint_t count = 1;
  if (port_getn(w->port, events, 4, &count, &kLong) != 0) return -1;
  CHECK(count == 1);
  w->event = events[0];
  return 0;
}

static int alert_update(struct world *w) {
  return port_alert(w->port, PORT_ALERT_UPDATE, kValue, w);
}

static void drain_both(struct world *w) {
  drain(w);
  CHECK(port_get(w->other, &w->event, &kNow) == 0);
  close_other(w);
}

const struct scene user_scenes[] = {
    {"create first", "port_create", create, NULL, NULL, NULL, 0, 0},
    {"create another", "port_create", create_other, a_port, close_other, NULL, 0, 0},
    {"create exact", "port_create", create, NULL, NULL, "PORTC_EXACT=1", 0, 0},
    {"send", "port_send", send_one, a_port, takes_user, NULL, 0, 0},
    {"send to a polled port", "port_send", send_one, a_polled_port, takes_user, NULL, 0, 0},
    {"send to a full port", "port_send", send_one, a_full_port, drain, NULL, 0, 0},
    {"sendn", "port_send", send_many, two_ports, drain_both, NULL, 0, 0},
    {"get", "port_get", get_now, a_queued_event, took, NULL, 0, 0},
    {"get nothing", "port_get", get_now, a_port, NULL, NULL, 0, 0},
    {"get and sleep", "port_get", get_soon, a_port, NULL, NULL, 0, 0},
    {"get and sleep, polled", "port_get", get_soon, a_polled_port, NULL, NULL, 0, 0},
    {"get an alert", "port_get", get_patiently, an_alert, alert_works, NULL, 0, 0},
    {"getn", "port_get", get_several, a_queued_event, took, NULL, 0, 0},
    {"getn counts", "port_get", count_events, a_queued_event, takes_user, NULL, 0, 0},
    {"alert", "port_alert", alert_set, a_port, alert_works, NULL, 0, 0},
    {"alert, updated", "port_alert", alert_update, an_alert, alert_works, NULL, 0, 0},
    {"alert, ended", "port_alert", alert_end, an_alert, NULL, NULL, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
