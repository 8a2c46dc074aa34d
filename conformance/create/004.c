/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#include <sys/resource.h>

enum { kLimit = 64 };

ASSERTION(4, 1, "port_create fails with EMFILE when no descriptor is free, and works again later") {
  struct rlimit limit, small;
  int fds[kLimit];
  int count = 0;
  SETUP(getrlimit(RLIMIT_NOFILE, &limit));
  small = limit;
  small.rlim_cur = kLimit;
  SETUP(setrlimit(RLIMIT_NOFILE, &small));
  while (count < kLimit && (fds[count] = dup(STDIN_FILENO)) != -1) count++;
  SETUP(count > 0 ? 0 : -1);
  CHECK_FAILS(port_create(), EMFILE);
  CHECK_FAILS(port_create(), EMFILE);

  int freed = fds[--count];
  CLOSE(freed);
  int port = port_create();
  CHECK_INT(port, freed);
  SEND(port, 4, COOKIE(4));
  CHECK_NEXT_USER(port, 4, COOKIE(4));
  CLOSE(port);

  while (count > 0) CLOSE(fds[--count]);
  SETUP(setrlimit(RLIMIT_NOFILE, &limit));
}
