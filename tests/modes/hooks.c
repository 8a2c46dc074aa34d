/* SPDX-License-Identifier: MIT */
/*
 * Linked with a program and the library of tests/storm: plants the defect that PORTC_PLANTED names
 * (libportc/base/kill_point.h). Nobody is killed.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void portc_kill_point(const char* name);
bool portc_planted(const char* defect);

void portc_kill_point(const char* name) { (void)name; }

bool portc_planted(const char* defect) {
  const char* wanted = getenv("PORTC_PLANTED");
  return wanted != NULL && strcmp(wanted, defect) == 0;
}
