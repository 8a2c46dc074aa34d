/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(69, 2, "a connection that arrives at a listening socket gives POLLIN") {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int port = new_port();
  int listener = new_listener((struct sockaddr *)&address, &length);
  ASSOCIATE(port, listener, POLLIN, COOKIE(69));
  CHECK_EMPTY(port);
  int client = SETUP(socket(AF_INET, SOCK_STREAM, 0));
  SETUP(connect(client, (struct sockaddr *)&address, length));
  CHECK_NEXT_FD(port, listener, POLLIN, COOKIE(69));
  CLOSE(port, listener, client);
}
