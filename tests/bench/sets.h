// SPDX-License-Identifier: MIT
//
// A port and an epoll set with one face, so that a loop is written once and both sides of a row
// run the same code around it. EpollSet is what one writes by hand for one-shot readiness:
// EPOLLONESHOT, and EPOLL_CTL_MOD to arm again.
#ifndef PORTC_TESTS_BENCH_SETS_H
#define PORTC_TESTS_BENCH_SETS_H

#include <port.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "tests/bench/support.h"

namespace portc::bench {

// Something that can be made readable, eight bytes at a time.
enum class Kind { kEventfd, kPipe, kSocket };

class Channel {
 public:
  explicit Channel(Kind kind, int eventfd_flags = 0);
  int fd() const { return read_end_.get(); }
  void fill() const {
    const uint64_t one = 1;
    must(::write(write_fd_, &one, sizeof one) == sizeof one, "write");
  }
  // Whether there was something to read; false is possible on nonblocking descriptors only.
  bool drain() const {
    uint64_t value;
    return ::read(read_end_.get(), &value, sizeof value) == sizeof value;
  }

 private:
  Fd read_end_, write_end_;
  int write_fd_;
};

std::vector<Channel> make_channels(Kind kind, int count, int eventfd_flags = 0);

// The subject. The index travels as the cookie.
class PortSet {
 public:
  using Event = port_event_t;
  PortSet() : port_(port_create(), "port_create") {}
  void add(int fd, int index) { arm(fd, index); }
  void arm(int fd, int index) {
    void* user = reinterpret_cast<void*>(static_cast<intptr_t>(index));
    must(port_associate(port_.get(), PORT_SOURCE_FD, static_cast<uintptr_t>(fd), POLLIN, user) == 0,
         "port_associate");
  }
  int wait(Event* list, int max) {
    uint_t n = 1;
    must(port_getn(port_.get(), list, static_cast<uint_t>(max), &n, nullptr) == 0, "port_getn");
    return static_cast<int>(n);
  }
  // Takes what is there, possibly nothing.
  int peek(Event* list, int max) {
    timespec zero{0, 0};
    uint_t n = 1;
    const int r = port_getn(port_.get(), list, static_cast<uint_t>(max), &n, &zero);
    must(r == 0 || errno == ETIME, "port_getn");
    return r == 0 ? static_cast<int>(n) : 0;
  }
  static int index(const Event& event) {
    return static_cast<int>(reinterpret_cast<intptr_t>(event.portev_user));
  }
  int fd() const { return port_.get(); }

 private:
  Fd port_;
};

// The reference.
class EpollSet {
 public:
  using Event = epoll_event;
  EpollSet() : epoll_(libc().epoll_create1(EPOLL_CLOEXEC), "epoll_create1") {}
  void add(int fd, int index) { control(EPOLL_CTL_ADD, fd, index); }
  void arm(int fd, int index) { control(EPOLL_CTL_MOD, fd, index); }
  int wait(Event* list, int max) { return need(wait_(epoll_.get(), list, max, -1), "epoll_wait"); }
  int peek(Event* list, int max) { return need(wait_(epoll_.get(), list, max, 0), "epoll_wait"); }
  static int index(const Event& event) { return static_cast<int>(event.data.u32); }
  int fd() const { return epoll_.get(); }

 private:
  void control(int operation, int fd, int index) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.u32 = static_cast<uint32_t>(index);
    must(control_(epoll_.get(), operation, fd, &event) == 0, "epoll_ctl");
  }

  decltype(Libc::epoll_ctl) control_ = libc().epoll_ctl;
  decltype(Libc::epoll_wait) wait_ = libc().epoll_wait;
  Fd epoll_;
};

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_SETS_H
