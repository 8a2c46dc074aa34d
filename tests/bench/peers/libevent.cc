// SPDX-License-Identifier: MIT
#include <event2/event.h>
#include <string.h>

#include "tests/bench/peers/peer.h"

namespace portc::bench {
namespace {

class Libevent : public Peer {
 public:
  Libevent(int k, Habit habit)
      : Peer(k), watchers_(static_cast<size_t>(k)), base_(event_base_new()) {
    must(base_ != nullptr, "event_base_new");
    if (strcmp(event_base_get_method(base_), "epoll") != 0) {
      fail("libevent does not use epoll");
    }
    const bool stays = habit == Habit::kStays;
    for (int i = 0; i < k; i++) {
      Watcher& watcher = watchers_[static_cast<size_t>(i)];
      watcher.owner = this;
      watcher.index = i;
      const int events = EV_READ | (stays ? EV_PERSIST : 0);
      watcher.item = event_new(base_, fd(i), static_cast<short>(events),
                               stays ? on_ready : on_ready_again, &watcher);
      must(watcher.item != nullptr && event_add(watcher.item, nullptr) == 0, "event_add");
    }
  }
  ~Libevent() override {
    for (const Watcher& watcher : watchers_) {
      event_free(watcher.item);
    }
    event_base_free(base_);
  }

 private:
  struct Watcher {
    event* item;
    Libevent* owner;
    int index;
  };

  static void on_ready(int, short, void* data) {
    const Watcher& watcher = *static_cast<Watcher*>(data);
    watcher.owner->take(watcher.index);
  }
  static void on_ready_again(int fd, short events, void* data) {
    on_ready(fd, events, data);
    must(event_add(static_cast<Watcher*>(data)->item, nullptr) == 0, "event_add");
  }
  void turn() override { must(event_base_loop(base_, EVLOOP_ONCE) == 0, "event_base_loop"); }

  std::vector<Watcher> watchers_;
  event_base* base_;
};

}  // namespace

std::unique_ptr<Peer> make_libevent(int k, Habit habit) {
  return std::make_unique<Libevent>(k, habit);
}

}  // namespace portc::bench
