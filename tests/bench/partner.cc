// SPDX-License-Identifier: MIT
#include "tests/bench/partner.h"

#include <string.h>
#include <sys/socket.h>

namespace portc::bench {
namespace {

// A message of one byte with room for one descriptor.
struct Message {
  Message() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
};

}  // namespace

Passage::Passage() {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
  here_ = Fd(ends[0], "socketpair");
  there_ = Fd(ends[1], "socketpair");
}

void Passage::send(int fd) const {
  Message message;
  cmsghdr* control = CMSG_FIRSTHDR(&message.header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(control), &fd, sizeof fd);
  must(sendmsg(here_.get(), &message.header, 0) == 1, "sendmsg of a port");
}

int Passage::receive() const {
  Message message;
  must(recvmsg(there_.get(), &message.header, 0) == 1, "recvmsg of a port");
  const cmsghdr* control = CMSG_FIRSTHDR(&message.header);
  if (control == nullptr || control->cmsg_type != SCM_RIGHTS) {
    fail("recvmsg: no descriptor came");
  }
  int fd;
  memcpy(&fd, CMSG_DATA(control), sizeof fd);
  return fd;
}

Seats same_processor() { return {processors().back(), processors().back()}; }

Seats two_processors() { return {processors().back(), processors().front()}; }

std::string describe_seats() { return processors().size() > 1 ? "two CPUs" : "one CPU"; }

}  // namespace portc::bench
