/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#ifdef __linux__
#include <sys/eventfd.h>
#endif

/* A terminal without being anyone's controlling one. */
static int open_terminal(int *master) {
  *master = SETUP(posix_openpt(O_RDWR | O_NOCTTY));
  SETUP(grantpt(*master));
  SETUP(unlockpt(*master));
  const char *name = ptsname(*master);
  SETUP(name ? 0 : -1);
  return SETUP(open(name, O_RDWR | O_NOCTTY));
}

ASSERTION(74, 2, "character devices and their like are associated without error") {
  int port = new_port(), master;
  int null = SETUP(open("/dev/null", O_RDWR));
  int terminal = open_terminal(&master);

  ASSOCIATE(port, null, POLLIN | POLLOUT, COOKIE(1));
  CHECK_NEXT_FD(port, null, POLLIN | POLLOUT, COOKIE(1));
  ASSOCIATE(port, terminal, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  SETUP(write(master, "line\n", 5) == 5 ? 0 : -1);
  CHECK_NEXT_FD(port, terminal, POLLIN, COOKIE(2));
#ifdef __linux__
  int counter = SETUP(eventfd(0, 0));
  ASSOCIATE(port, counter, POLLIN, COOKIE(3));
  CHECK_EMPTY(port);
  SETUP(eventfd_write(counter, 1));
  CHECK_NEXT_FD(port, counter, POLLIN, COOKIE(3));
  CLOSE(counter);
#endif
  CLOSE(port, null, terminal, master);
}
