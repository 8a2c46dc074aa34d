/* SPDX-License-Identifier: MIT */
/*
 * The limit of events per port. libportc takes it from the environment, whenever a port is
 * created; illumos has the resource control process.max-port-events instead, and needs this
 * file anew.
 */
#include "conformance/limited.h"

#include <stdio.h>

#include "conformance/conformance.h"

static const char variable[] = "PORTC_MAX_EVENTS";

void limit_events(int most) {
  char text[16];
  snprintf(text, sizeof text, "%d", most);
  SETUP(most == 0 ? unsetenv(variable) : setenv(variable, text, 1));
}

int new_limited_port(int most) {
  limit_events(most);
  int port = new_port();
  limit_events(0);
  return port;
}
