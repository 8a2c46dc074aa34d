// SPDX-License-Identifier: MIT
//
// A guest's checks: each prints a line "ok NAME" or "failed NAME: what", which the runner counts.
#ifndef CHECK_H
#define CHECK_H

#include "guest.h"

static int check_failures;

#define CHECK(name, condition)                                                             \
  do {                                                                                     \
    if (condition) {                                                                       \
      printf("ok %s\n", name);                                                             \
    } else {                                                                               \
      printf("failed %s: %s (line %d, errno %d)\n", name, #condition, __LINE__, errno);    \
      ++check_failures;                                                                    \
    }                                                                                      \
  } while (0)

static int check_status(void) {
  fflush(NULL);
  return check_failures == 0 ? 0 : 1;
}

#endif
