/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#include <sys/resource.h>

INNER(create_006) {
  (void)parent, (void)arg;
  struct rlimit limit;
  new_port();
  int free_fd = SETUP(dup(STDIN_FILENO));
  CLOSE(free_fd);
  SETUP(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = (rlim_t)free_fd;
  SETUP(setrlimit(RLIMIT_NOFILE, &limit));
  SETUP(dup(STDIN_FILENO) == -1 && errno == EMFILE ? 0 : -1);
  CHECK_INT(port_create(), -1);
  CHECK(errno == EAGAIN || errno == EMFILE);
  outcome(errno_name(errno));
}

ASSERTION(6, 3, "with both limits reached, port_create reports EAGAIN rather than EMFILE") {
  struct peer child;
  SETUP(setenv("PORTC_MAX_PORTS", "1", 1));
  child_exec(&child, "create_006", 0);
  child_join(&child);
}
