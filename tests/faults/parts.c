/* SPDX-License-Identifier: MIT */
#include "tests/faults/parts.h"

const struct timespec kNow = {0, 0};
const struct timespec kSoon = {0, 2000000};
const struct timespec kLong = {5, 0};

void a_port(struct world *w) {
  w->port = port_create();
  CHECK(w->port >= 0);
}

void a_queued_event(struct world *w) {
  a_port(w);
  CHECK(port_send(w->port, kValue, w) == 0);
}

void two_ports(struct world *w) {
  a_port(w);
  w->other = port_create();
  CHECK(w->other >= 0);
  w->list[0] = w->port;
  w->list[1] = w->other;
}

void tell(struct world *w) {
  w->notify.portnfy_port = w->port;
  w->notify.portnfy_user = w;
  w->told.sigev_notify = SIGEV_PORT;
  w->told.sigev_value.sival_ptr = &w->notify;
}

int send_one(struct world *w) { return port_send(w->port, kValue, w); }

int get_now(struct world *w) { return port_get(w->port, &w->event, &kNow); }

int get_soon(struct world *w) { return port_get(w->port, &w->event, &kSoon); }

int get_patiently(struct world *w) { return port_get(w->port, &w->event, &kLong); }

int alert_set(struct world *w) { return port_alert(w->port, PORT_ALERT_SET, kValue, w); }

int alert_end(struct world *w) { return port_alert(w->port, 0, 0, NULL); }

void drain(struct world *w) {
  while (port_get(w->port, &w->event, &kNow) == 0) {
  }
  CHECK(errno == ETIME);
}

/* The event is there, and was queued once. */
void takes(struct world *w, int source) {
  CHECK(port_get(w->port, &w->event, &kLong) == 0);
  CHECK(w->event.portev_source == source && w->event.portev_user == w);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

void took(struct world *w) {
  CHECK(w->event.portev_user == w);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

void takes_user(struct world *w) { takes(w, PORT_SOURCE_USER); }

void close_other(struct world *w) {
  CHECK(close(w->other) == 0);
  w->other = -1;
}

void alert_works(struct world *w) {
  CHECK(port_get(w->port, &w->event, NULL) == 0 && w->event.portev_source == PORT_SOURCE_ALERT);
  CHECK(alert_end(w) == 0);
}

static void check_capacity(struct world *w) {
  int count = 0;
  while (port_send(w->port, kValue, w) == 0) ++count;
  CHECK(errno == EAGAIN);
  CHECK(count == kSlots);
  drain(w);
}

void check_port(struct world *w) {
  int ends[2];
  drain(w);
  CHECK(port_send(w->port, kValue, w) == 0);
  takes_user(w);
  CHECK(pipe(ends) == 0);
  CHECK(port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, w) == 0);
  CHECK(write(ends[1], "x", 1) == 1);
  takes(w, PORT_SOURCE_FD);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  CHECK(alert_set(w) == 0);
  alert_works(w);
  CHECK(port_send(w->port, kValue, w) == 0);
  CHECK(poll_port(w) == 0);
  takes_user(w);
  CHECK(port_get(w->port, &w->event, &kSoon) == -1 && errno == ETIME);
  check_capacity(w);
}
