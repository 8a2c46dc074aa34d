// SPDX-License-Identifier: MIT
//
// Runs B1's loop with another library, or with epoll by hand, in batches over the two standard
// streams (protocol.h). It is not linked to our library, whose wrappers would come between.
//
//   peers NAME stays|again K      NAME: libev, libevent, libuv, or epoll, whose habit is its own
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers/peer.h"
#include "tests/bench/protocol.h"

namespace portc::bench {

Peer::Peer(int k) : channels_(make_channels(Kind::kEventfd, k)) {}

double Peer::total(long loops) {
  return on_thread_cpu([&] {
    for (long i = 0; i < loops; i++) {
      for (const Channel& c : channels_) {
        c.fill();
      }
      for (taken_ = 0; taken_ < count();) {
        turn();
      }
    }
  });
}

void Peer::take(int index) {
  must(channels_[static_cast<size_t>(index)].drain(), "read");
  taken_++;
}

namespace {

// The reference, the same as fd_loop.cc's.
class ByHand : public Peer {
 public:
  explicit ByHand(int k) : Peer(k), events_(static_cast<size_t>(k)) {
    for (int i = 0; i < k; i++) {
      set_.add(fd(i), i);
    }
  }

 private:
  void turn() override {
    const int n = set_.wait(events_.data(), count());
    for (int j = 0; j < n; j++) {
      const int index = EpollSet::index(events_[static_cast<size_t>(j)]);
      take(index);
      set_.arm(fd(index), index);
    }
  }

  std::vector<EpollSet::Event> events_;
  EpollSet set_;
};

[[noreturn]] void usage() {
  fprintf(stderr, "usage: peers libev|libevent|libuv|epoll stays|again K\n");
  exit(2);
}

std::unique_ptr<Peer> make(const char* name, Habit habit, int k) {
  if (strcmp(name, "libev") == 0) {
    return make_libev(k, habit);
  }
  if (strcmp(name, "libevent") == 0) {
    return make_libevent(k, habit);
  }
  if (strcmp(name, "libuv") == 0) {
    return make_libuv(k, habit);
  }
  if (strcmp(name, "epoll") == 0) {
    return std::make_unique<ByHand>(k);
  }
  usage();
}

bool reply(double ns) {
  const Reply out{ns};
  return ::write(STDOUT_FILENO, &out, sizeof out) == sizeof out;
}

int peers_main(int argc, char** argv) {
  const int k = argc == 4 ? atoi(argv[3]) : 0;
  if (k < 1 || (strcmp(argv[2], "stays") != 0 && strcmp(argv[2], "again") != 0)) {
    usage();
  }
  const Habit habit = strcmp(argv[2], "stays") == 0 ? Habit::kStays : Habit::kAgain;
  const std::unique_ptr<Peer> peer = make(argv[1], habit, k);
  // The greeting: nothing of ours is in this process.
  bool asked = reply(dlsym(RTLD_DEFAULT, "port_create") != nullptr ? 1 : 0);
  Request request;
  while (asked && ::read(STDIN_FILENO, &request, sizeof request) == sizeof request &&
         request.what != kQuit) {
    asked = reply(peer->total(request.ops));
  }
  return 0;
}

}  // namespace
}  // namespace portc::bench

int main(int argc, char** argv) { return portc::bench::peers_main(argc, argv); }
