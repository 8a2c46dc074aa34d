/* SPDX-License-Identifier: MIT */
/*
 * A process that knows nothing of ports, built and run without the library: passes the
 * descriptors of one message from its standard input on to its standard output, both sockets.
 */
#include <string.h>
#include <sys/socket.h>

int main(void) {
  union {
    char room[CMSG_SPACE(16 * sizeof(int))];
    struct cmsghdr alignment;
  } control;
  char text[64];
  struct iovec iov = {text, sizeof text};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  message.msg_control = control.room;
  message.msg_controllen = sizeof control.room;
  const ssize_t got = recvmsg(0, &message, 0);
  if (got <= 0) return 1;
  iov.iov_len = (size_t)got;
  message.msg_flags = 0;
  return sendmsg(1, &message, 0) == got ? 0 : 1;
}
