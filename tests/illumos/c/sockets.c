// SPDX-License-Identifier: MIT
//
// Sockets with illumos's numbers, and descriptors that travel.
#include "check.h"

static void stream(void) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  int one = 1, type = 0;
  char text[8] = "";
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr = 0x0100007f;
  const int server = __xnet_socket(AF_INET, SOCK_STREAM, 0);
  CHECK("socket", server >= 0);
  CHECK("reuse", setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0);
  CHECK("bind", __xnet_bind(server, (struct sockaddr*)&address, sizeof address) == 0);
  CHECK("listen", __xnet_listen(server, 5) == 0);
  CHECK("name", getsockname(server, (struct sockaddr*)&address, &size) == 0 &&
                    address.sin_family == AF_INET && address.sin_port != 0);
  size = sizeof type;
  CHECK("type",
        __xnet_getsockopt(server, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM);
  const int client = __xnet_socket(AF_INET, SOCK_STREAM, 0);
  CHECK("connect", __xnet_connect(client, (struct sockaddr*)&address, sizeof address) == 0);
  const int peer = accept(server, NULL, NULL);
  CHECK("accept", peer >= 0);
  CHECK("talk",
        write(client, "hello", 5) == 5 && read(peer, text, 5) == 5 && strcmp(text, "hello") == 0);
  close(client);
  CHECK("end", read(peer, text, 5) == 0);
  close(peer);
  close(server);
}

static void passing(void) {
  struct {
    struct cmsghdr header;
    int descriptor;
  } control = {{sizeof control, SOL_SOCKET, SCM_RIGHTS}, -1};
  int pair[2], ends[2];
  char byte = 'x';
  struct iovec vector = {&byte, 1};
  struct msghdr message = {NULL, 0, &vector, 1, &control, sizeof control, 0};
  CHECK("socketpair", __xnet_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK("pipe", pipe(ends) == 0);
  control.descriptor = ends[1];
  CHECK("sendmsg", __xnet_sendmsg(pair[0], &message, 0) == 1);
  close(ends[1]);
  control.descriptor = -1;
  message.msg_controllen = sizeof control;
  CHECK("recvmsg", __xnet_recvmsg(pair[1], &message, MSG_DONTWAIT) == 1 &&
                       control.header.cmsg_type == SCM_RIGHTS &&
                       control.header.cmsg_level == SOL_SOCKET && control.descriptor >= 0);
  CHECK("passed",
        write(control.descriptor, "y", 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == 'y');
  CHECK("nothing-there", __xnet_recvmsg(pair[1], &message, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

int main(void) {
  stream();
  passing();
  return check_status();
}
