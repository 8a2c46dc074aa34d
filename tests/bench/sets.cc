// SPDX-License-Identifier: MIT
#include "tests/bench/sets.h"

#include <fcntl.h>

namespace portc::bench {

Channel::Channel(Kind kind, int eventfd_flags) {
  int ends[2];
  switch (kind) {
    case Kind::kEventfd:
      read_end_ = Fd(eventfd(0, EFD_CLOEXEC | eventfd_flags), "eventfd");
      write_fd_ = read_end_.get();
      return;
    case Kind::kPipe:
      need(pipe2(ends, O_CLOEXEC), "pipe2");
      break;
    case Kind::kSocket:
      need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
      break;
  }
  read_end_ = Fd(ends[0], "channel");
  write_end_ = Fd(ends[1], "channel");
  write_fd_ = ends[1];
}

std::vector<Channel> make_channels(Kind kind, int count, int eventfd_flags) {
  std::vector<Channel> out;
  out.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; i++) {
    out.emplace_back(kind, eventfd_flags);
  }
  return out;
}

}  // namespace portc::bench
