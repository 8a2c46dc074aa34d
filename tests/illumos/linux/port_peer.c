/* SPDX-License-Identifier: MIT */
/*
 * A Linux program that shares a port with a guest (tests/illumos/c/sharing.c).
 *
 *   port_peer inherit PORT    takes event 20 from the port, and sends 21
 *   port_peer receive SOCKET  is passed a port over the socket, and sends 31 to it
 *   port_peer pass SOCKET     makes a port with event 41 in it, passes it, and waits for
 *                           a byte, and then for event 42
 *
 * Exit status: 0, or the step that failed.
 */
#include <port.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

union control {
  struct cmsghdr header;
  char room[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message_of(struct iovec *vector, union control *control) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = vector;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof *control;
  return message;
}

static int receive(int socket) {
  char byte;
  int port = -1;
  union control control;
  struct iovec vector = {&byte, 1};
  struct msghdr message = message_of(&vector, &control);
  if (recvmsg(socket, &message, 0) != 1 || message.msg_controllen == 0) return -1;
  memcpy(&port, CMSG_DATA(&control.header), sizeof port);
  return port;
}

static int pass(int socket, int port) {
  char byte = 'x';
  union control control;
  struct iovec vector = {&byte, 1};
  struct msghdr message = message_of(&vector, &control);
  memset(&control, 0, sizeof control);
  control.header.cmsg_len = CMSG_LEN(sizeof port);
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  memcpy(CMSG_DATA(&control.header), &port, sizeof port);
  return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

/* Is the next event the program's own, with this number? */
static int gets(int port, int events) {
  const struct timespec ten = {10, 0};
  port_event_t event;
  return port_get(port, &event, &ten) == 0 && event.portev_source == PORT_SOURCE_USER &&
         event.portev_events == events;
}

static int inherit(int port) {
  if (!gets(port, 20)) return 1;
  return port_send(port, 21, NULL) == 0 ? 0 : 2;
}

static int be_passed(int socket) {
  const int port = receive(socket);
  if (port < 0) return 1;
  return port_send(port, 31, NULL) == 0 ? 0 : 2;
}

static int make(int socket) {
  char byte;
  const int port = port_create();
  if (port < 0 || port_send(port, 41, NULL) != 0) return 1;
  if (pass(socket, port) != 0) return 2;
  /* Not before the other has taken what is there. */
  if (read(socket, &byte, 1) != 1) return 3;
  return gets(port, 42) ? 0 : 4;
}

int main(int argc, char **argv) {
  if (argc != 3) return 99;
  if (strcmp(argv[1], "inherit") == 0) return inherit(atoi(argv[2]));
  if (strcmp(argv[1], "receive") == 0) return be_passed(atoi(argv[2]));
  return make(atoi(argv[2]));
}
