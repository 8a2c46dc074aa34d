// SPDX-License-Identifier: MIT
//
// B18: what a port costs to make. B19: what it adds to fork().
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "tests/bench/bench.h"
#include "tests/bench/remote.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

class CreatePair : public Pair {
 public:
  double subject(long ops) override {
    return on_thread_cpu([&] {
      for (long i = 0; i < ops; i++) {
        must(::close(need(port_create(), "port_create")) == 0, "close");
      }
    });
  }
  double reference(long ops) override {
    const Libc c = libc();
    return on_thread_cpu([&] {
      for (long i = 0; i < ops; i++) {
        const int epoll = need(c.epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
        const int event = need(eventfd(0, EFD_CLOEXEC), "eventfd");
        const int timer = need(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create");
        must(c.close(timer) == 0 && c.close(event) == 0 && c.close(epoll) == 0, "close");
      }
    });
  }
};

constexpr int kAssociations = 1000;
constexpr int kQueued = 100;

void fill_queue(PortSet& set) {
  for (int i = 0; i < kQueued; i++) {
    must(port_send(set.fd(), 1, nullptr) == 0, "port_send");
  }
}
void fill_queue(EpollSet&) {}

// A process with a set of a thousand descriptors that forks on request.
template <typename Set>
class Forker {
 public:
  Forker(decltype(Libc::fork) fork_function, decltype(Libc::exit_now) exit_function)
      : fork_(fork_function), exit_(exit_function) {}

  double run(long ops) {
    set_up_once();
    return on_wall([&] {
      for (long i = 0; i < ops; i++) {
        const pid_t pid = need(fork_(), "fork");
        if (pid == 0) {
          exit_(0);
        }
        int status;
        must(waitpid(pid, &status, 0) == pid && status == 0, "child of fork");
      }
    });
  }

 private:
  // Here and not in the constructor: the set has to belong to the helper process alone.
  void set_up_once() {
    if (set_ != nullptr) {
      return;
    }
    channels_ = make_channels(Kind::kEventfd, kAssociations);
    set_ = std::make_unique<Set>();
    for (int i = 0; i < kAssociations; i++) {
      set_->add(channels_[static_cast<size_t>(i)].fd(), i);
    }
    fill_queue(*set_);
  }

  decltype(Libc::fork) fork_;
  decltype(Libc::exit_now) exit_;
  std::vector<Channel> channels_;
  std::unique_ptr<Set> set_;
};

class ForkPair : public Pair {
 public:
  double subject(long ops) override { return port_.ask(0, ops); }
  double reference(long ops) override { return plain_.ask(0, ops); }

 private:
  Forker<PortSet> port_forker_{&::fork, &::_exit};
  Forker<EpollSet> plain_forker_{libc().fork, libc().exit_now};
  Remote port_{Remote::Where::kProcess, [this](int, long ops) { return port_forker_.run(ops); }};
  Remote plain_{Remote::Where::kProcess, [this](int, long ops) { return plain_forker_.run(ops); }};
};

}  // namespace

void add_lifetime(Scenarios& all) {
  Scenario s;
  s.id = "B18";
  s.name = "port_create+close";
  s.reference = "epoll, eventfd and timerfd create+close";
  s.target = 3;
  s.bar = 5;
  s.make = [] { return std::make_unique<CreatePair>(); };
  all.push_back(s);

  s = Scenario();
  s.id = "B19";
  s.name = "fork+_exit, 1000 associations, 100 events";
  s.reference = "fork+_exit, 1000 descriptors in epoll";
  s.target = 1.05;
  s.bar = 1.15;
  s.batch_ns = 5e6;
  s.min_ops = 4;
  s.make = [] { return std::make_unique<ForkPair>(); };
  all.push_back(s);
}

}  // namespace portc::bench
