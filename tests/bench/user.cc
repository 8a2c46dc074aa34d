// SPDX-License-Identifier: MIT
//
// B8: user events with nobody asleep. B21: taking from a port in alert mode. B22: a port inside
// somebody else's poll(2).
#include <sys/syscall.h>

#include "tests/bench/bench.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

constexpr int kMany = 64;

// Every row here has the port and an eventfd to compare with.
class UserPair : public Pair {
 protected:
  int port() const { return set_.fd(); }
  double eventfd_round_trips(long ops) {
    return on_thread_cpu([&] {
      for (long i = 0; i < ops; i++) {
        channel_.fill();
        must(channel_.drain(), "read");
      }
    });
  }

  PortSet set_;
  Channel channel_{Kind::kEventfd};
};

class SendPair : public UserPair {
 public:
  // With an armed descriptor every send first has to look whether it fired.
  explicit SendPair(bool with_armed_descriptor) {
    if (with_armed_descriptor) {
      set_.add(silent_.fd(), 0);
    }
  }
  double subject(long ops) override {
    return on_thread_cpu([&] {
      port_event_t event;
      for (long i = 0; i < ops; i++) {
        must(port_send(port(), 1, nullptr) == 0, "port_send");
        must(port_get(port(), &event, nullptr) == 0, "port_get");
      }
    });
  }
  double reference(long ops) override { return eventfd_round_trips(ops); }

 private:
  Channel silent_{Kind::kEventfd};
};

class SendManyPair : public UserPair {
 public:
  SendManyPair() {
    for (int& entry : ports_) {
      entry = port();
    }
  }
  double subject(long ops) override {
    return on_thread_cpu([&] {
      for (long i = 0; i < ops; i++) {
        must(port_sendn(ports_, errors_, kMany, 1, nullptr) == kMany, "port_sendn");
        uint_t n = kMany;
        must(port_getn(port(), list_, kMany, &n, nullptr) == 0 && n == kMany, "port_getn");
      }
    });
  }
  double reference(long ops) override { return eventfd_round_trips(ops * kMany); }

 private:
  int ports_[kMany], errors_[kMany];
  port_event_t list_[kMany];
};

class AlertPair : public UserPair {
 public:
  double subject(long ops) override {
    return on_thread_cpu([&] {
      port_event_t event;
      for (long i = 0; i < ops; i++) {
        must(port_alert(port(), PORT_ALERT_SET, 1, nullptr) == 0, "port_alert");
        for (int j = 0; j < kMany; j++) {
          must(port_get(port(), &event, nullptr) == 0, "port_get");
        }
        must(port_alert(port(), PORT_ALERT_SET, 0, nullptr) == 0, "port_alert");
      }
    });
  }
  double reference(long ops) override {
    return on_thread_cpu([&] {
      for (long i = 0; i < ops * kMany; i++) {
        syscall(SYS_getppid);
      }
    });
  }
};

bool is_readable(decltype(Libc::poll) poll_function, int fd) {
  pollfd item{fd, POLLIN, 0};
  return poll_function(&item, 1, 0) == 1 && (item.revents & POLLIN) != 0;
}

// The descriptor in the set is always ready; poll, get and arm again.
class PollDescriptorPair : public UserPair {
 public:
  PollDescriptorPair() {
    channel_.fill();
    other_.fill();
    set_.add(channel_.fd(), 0);
    epoll_.add(other_.fd(), 0);
  }
  double subject(long ops) override { return run(set_, channel_.fd(), &::poll, ops); }
  double reference(long ops) override { return run(epoll_, other_.fd(), libc().poll, ops); }

 private:
  template <typename Set>
  double run(Set& set, int fd, decltype(Libc::poll) poll_function, long ops) {
    return on_thread_cpu([&] {
      typename Set::Event event;
      for (long i = 0; i < ops; i++) {
        must(is_readable(poll_function, set.fd()), "poll");
        must(set.wait(&event, 1) == 1, "one event");
        set.arm(fd, 0);
      }
    });
  }

  Channel other_{Kind::kEventfd};
  EpollSet epoll_;
};

// A user event makes the port readable, and taking it makes it unreadable again.
class PollUserPair : public UserPair {
 public:
  PollUserPair() {
    epoll_event event{};
    event.events = EPOLLIN;
    must(libc().epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, channel_.fd(), &event) == 0, "epoll_ctl");
  }
  double subject(long ops) override {
    return on_thread_cpu([&] {
      port_event_t event;
      for (long i = 0; i < ops; i++) {
        must(port_send(port(), 1, nullptr) == 0, "port_send");
        must(is_readable(&::poll, port()), "poll");
        must(port_get(port(), &event, nullptr) == 0, "port_get");
      }
    });
  }
  double reference(long ops) override {
    const Libc c = libc();
    return on_thread_cpu([&] {
      epoll_event event;
      for (long i = 0; i < ops; i++) {
        channel_.fill();
        must(is_readable(c.poll, epoll_.fd()), "poll");
        must(c.epoll_wait(epoll_.fd(), &event, 1, -1) == 1, "epoll_wait");
        must(channel_.drain(), "read");
      }
    });
  }

 private:
  EpollSet epoll_;
};

template <typename Made, typename... Args>
Scenario user_row(const char* id, const char* name, const char* reference, Args... args) {
  Scenario s;
  s.id = id;
  s.name = name;
  s.reference = reference;
  s.make = [=] { return std::make_unique<Made>(args...); };
  return s;
}

void add_send(Scenarios& all) {
  constexpr char kReference[] = "eventfd write+read";
  Scenario s = user_row<SendPair>("B8.one", "port_send+port_get", kReference, false);
  s.target = .15;
  s.bar = .25;
  all.push_back(s);
  s = user_row<SendManyPair>("B8.n64", "port_sendn+port_getn of 64, per event", kReference);
  s.target = .05;
  s.bar = .08;
  s.events = kMany;
  all.push_back(s);
  s = user_row<SendPair>("B8.armed", "port_send+port_get, a descriptor armed", kReference, true);
  s.target = .50;  // a send has to ask the set, so that events keep their order
  s.bar = .65;
  all.push_back(s);
}

}  // namespace

void add_user(Scenarios& all) {
  add_send(all);
  Scenario s = user_row<AlertPair>("B21", "port_alert and 64 port_get, per get", "getppid");
  s.target = .5;
  s.bar = 1;
  s.events = kMany;
  all.push_back(s);
  s = user_row<PollDescriptorPair>("B22.fd", "poll of the port, port_getn, port_associate",
                                   "poll of epoll, epoll_wait, MOD");
  s.target = 1.3;
  s.bar = 1.8;
  all.push_back(s);
  s = user_row<PollUserPair>("B22.user", "port_send, poll of the port, port_get",
                             "write, poll of epoll, epoll_wait, read");
  s.target = 1.3;
  s.bar = 1.8;
  all.push_back(s);
}

}  // namespace portc::bench
