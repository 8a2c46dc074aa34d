// SPDX-License-Identifier: MIT
#include <ev.h>

#include "tests/bench/peers/peer.h"

namespace portc::bench {
namespace {

class Libev : public Peer {
 public:
  Libev(int k, Habit habit)
      : Peer(k), watchers_(static_cast<size_t>(k)), loop_(ev_loop_new(EVBACKEND_EPOLL)) {
    must(loop_ != nullptr, "ev_loop_new");
    for (int i = 0; i < k; i++) {
      Watcher& watcher = watchers_[static_cast<size_t>(i)];
      watcher.owner = this;
      watcher.index = i;
      ev_io_init(&watcher.io, habit == Habit::kStays ? on_ready : on_ready_again, fd(i), EV_READ);
      watcher.io.data = &watcher;
      ev_io_start(loop_, &watcher.io);
    }
  }
  ~Libev() override { ev_loop_destroy(loop_); }

 private:
  struct Watcher {
    ev_io io;
    Libev* owner;
    int index;
  };

  static void on_ready(struct ev_loop*, ev_io* io, int) {
    const Watcher& watcher = *static_cast<Watcher*>(io->data);
    watcher.owner->take(watcher.index);
  }
  static void on_ready_again(struct ev_loop* loop, ev_io* io, int events) {
    ev_io_stop(loop, io);
    on_ready(loop, io, events);
    ev_io_start(loop, io);
  }
  void turn() override { ev_run(loop_, EVRUN_ONCE); }

  std::vector<Watcher> watchers_;
  struct ev_loop* loop_;
};

}  // namespace

std::unique_ptr<Peer> make_libev(int k, Habit habit) { return std::make_unique<Libev>(k, habit); }

}  // namespace portc::bench
