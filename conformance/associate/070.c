/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(70, 2, "a non-blocking connect that completes gives POLLOUT") {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int port = new_port();
  int listener = new_listener((struct sockaddr *)&address, &length);
  int client = SETUP(socket(AF_INET, SOCK_STREAM, 0));
  SETUP(fcntl(client, F_SETFL, O_NONBLOCK));
  int result = connect(client, (struct sockaddr *)&address, length);
  SETUP(result == 0 || errno == EINPROGRESS ? 0 : -1);
  ASSOCIATE(port, client, POLLOUT, COOKIE(70));
  CHECK_NEXT_FD(port, client, POLLOUT, COOKIE(70));
  int error = -1;
  socklen_t size = sizeof error;
  SETUP(getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size));
  CHECK_INT(error, 0);
  CLOSE(port, listener, client);
}
