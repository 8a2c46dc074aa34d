/* SPDX-License-Identifier: MIT */
/* For a library with hooks (libportc/base/kill_point.h): it has the defect in PORTC_PLANTED. */
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void portc_kill_point(const char *name);
bool portc_planted(const char *defect);

/* Others come between the lookup of a number and its being copied. */
void portc_kill_point(const char *name) {
  if (strcmp(name, "duplicated.known") == 0)
    for (int i = 0; i < 4; ++i) sched_yield();
}

/* Read once: it is asked for in signal handlers, too. */
static const char *planted;
__attribute__((constructor)) static void read_planted(void) { planted = getenv("PORTC_PLANTED"); }

bool portc_planted(const char *defect) { return planted != NULL && strcmp(planted, defect) == 0; }
