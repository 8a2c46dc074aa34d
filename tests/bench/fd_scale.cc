// SPDX-License-Identifier: MIT
//
// B5: whether idle associations cost anything. B7: the first association and the last.
#include <algorithm>

#include "tests/bench/bench.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

constexpr int kActive = 16;
constexpr int kFewIdle = 10;

class IdleLoop {
 public:
  explicit IdleLoop(int idle)
      : channels_(make_channels(Kind::kEventfd, kActive)),
        idle_(make_channels(Kind::kEventfd, idle)) {
    for (int i = 0; i < kActive; i++) {
      set_.add(channels_[static_cast<size_t>(i)].fd(), i);
    }
    for (int i = 0; i < idle; i++) {
      set_.add(idle_[static_cast<size_t>(i)].fd(), kActive + i);
    }
  }

  double run(long loops) {
    return on_thread_cpu([&] {
      for (long i = 0; i < loops; i++) {
        turn();
      }
    });
  }

 private:
  void turn() {
    PortSet::Event events[kActive];
    for (const Channel& c : channels_) {
      c.fill();
    }
    for (int taken = 0; taken < kActive;) {
      const int n = set_.wait(events, kActive - taken);
      for (int j = 0; j < n; j++) {
        const int index = PortSet::index(events[j]);
        must(index < kActive, "an idle descriptor was delivered");
        const Channel& c = channels_[static_cast<size_t>(index)];
        must(c.drain(), "read");
        set_.arm(c.fd(), index);
      }
      taken += n;
    }
  }

  std::vector<Channel> channels_, idle_;
  PortSet set_;
};

class IdlePair : public Pair {
 public:
  explicit IdlePair(int idle) : limit_(raise_descriptor_limit()), many_(idle), few_(kFewIdle) {}
  double subject(long ops) override { return many_.run(ops); }
  double reference(long ops) override { return few_.run(ops); }

 private:
  int limit_;
  IdleLoop many_, few_;
};

class AssociatePair : public Pair {
 public:
  double subject(long ops) override {
    const uintptr_t object = static_cast<uintptr_t>(channel_.fd());
    return on_thread_cpu([&] {
      for (long i = 0; i < ops; i++) {
        must(port_associate(port_.fd(), PORT_SOURCE_FD, object, POLLIN, nullptr) == 0,
             "port_associate");
        must(port_dissociate(port_.fd(), PORT_SOURCE_FD, object) == 0, "port_dissociate");
      }
    });
  }
  double reference(long ops) override {
    const Libc c = libc();
    return on_thread_cpu([&] {
      for (long i = 0; i < ops; i++) {
        epoll_event event{};
        event.events = EPOLLIN | EPOLLONESHOT;
        must(c.epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, other_.fd(), &event) == 0, "epoll_ctl");
        must(c.epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, other_.fd(), nullptr) == 0, "epoll_ctl");
      }
    });
  }

 private:
  Channel channel_{Kind::kEventfd}, other_{Kind::kEventfd};
  PortSet port_;
  EpollSet epoll_;
};

}  // namespace

void add_fd_scale(Scenarios& all) {
  int previous = kFewIdle;
  for (const int wanted : {1000, 10000, 19000}) {
    const int idle = std::min(wanted, spare_descriptors());
    if (idle <= previous) {
      break;  // the descriptor limit ends the series here
    }
    previous = idle;
    Scenario s;
    s.id = "B5.idle" + std::to_string(wanted);
    s.name = "as B1.k16 with " + std::to_string(idle) + " idle associations";
    s.reference = "the same with " + std::to_string(kFewIdle);
    s.target = 1.10;
    s.bar = 1.25;
    s.events = kActive;
    s.make = [idle] { return std::make_unique<IdlePair>(idle); };
    all.push_back(s);
  }
  Scenario s;
  s.id = "B7";
  s.name = "first port_associate, then port_dissociate";
  s.reference = "EPOLL_CTL_ADD, EPOLL_CTL_DEL";
  s.target = 1.15;
  s.bar = 1.4;
  s.make = [] { return std::make_unique<AssociatePair>(); };
  all.push_back(s);
}

}  // namespace portc::bench
