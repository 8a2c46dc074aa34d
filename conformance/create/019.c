/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* An image that shares nothing with the sender but a socket. arg[0]: the socket; arg[1]: the
 * sender's number of the port. */
INNER(create_019) {
  CHECK_INT(fcntl(arg[1], F_GETFD), -1);
  int port = receive_fd(arg[0]);
  peer_await(parent, 'a');
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  SEND(port, 2, COOKIE(2));
  peer_tell(parent, 'b');
  CLOSE(port);
}

ASSERTION(19, 1, "a port passed to an unrelated process is shared: events flow both ways") {
  struct ends sockets = new_socketpair();
  int low = new_port();
  int port = SETUP(fcntl(low, F_DUPFD, 90));
  struct peer child;
  CLOSE(low);
  SETUP(fcntl(port, F_SETFD, FD_CLOEXEC));
  child_exec(&child, "create_019", 2, sockets.r, port);
  send_fd(sockets.w, port);
  SEND(port, 1, COOKIE(1));
  peer_tell(&child, 'a');
  peer_await(&child, 'b');
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port, sockets.r, sockets.w);
}
