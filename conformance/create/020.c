/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* arg[0]: the socket; arg[1]: the sender's number of the port, which is not open here. */
INNER(create_020) {
  CHECK_INT(fcntl(arg[1], F_GETFD), -1);
  int port = receive_fd(arg[0]);
  CHECK(port != arg[1]);
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(20));
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(20));
  CLOSE(port, pipe.r, pipe.w);
  (void)parent;
}

ASSERTION(20, 2, "the receiver of a port, under another number, can make its first association") {
  struct ends sockets = new_socketpair();
  int low = new_port();
  int port = SETUP(fcntl(low, F_DUPFD, 90));
  struct peer child;
  CLOSE(low);
  SETUP(fcntl(port, F_SETFD, FD_CLOEXEC));
  child_exec(&child, "create_020", 2, sockets.r, port);
  send_fd(sockets.w, port);
  child_join(&child);
  CLOSE(port, sockets.r, sockets.w);
}
