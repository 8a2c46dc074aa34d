// SPDX-License-Identifier: MIT
#include <uv.h>

#include "tests/bench/peers/peer.h"

namespace portc::bench {
namespace {

class Libuv : public Peer {
 public:
  Libuv(int k, Habit habit) : Peer(k), watchers_(static_cast<size_t>(k)) {
    must(uv_loop_init(&loop_) == 0, "uv_loop_init");
    const uv_poll_cb callback = habit == Habit::kStays ? on_ready : on_ready_again;
    for (int i = 0; i < k; i++) {
      Watcher& watcher = watchers_[static_cast<size_t>(i)];
      watcher.owner = this;
      watcher.index = i;
      must(uv_poll_init(&loop_, &watcher.poll, fd(i)) == 0, "uv_poll_init");
      watcher.poll.data = &watcher;
      must(uv_poll_start(&watcher.poll, UV_READABLE, callback) == 0, "uv_poll_start");
    }
  }
  ~Libuv() override {
    for (Watcher& watcher : watchers_) {
      uv_close(reinterpret_cast<uv_handle_t*>(&watcher.poll), nullptr);
    }
    uv_run(&loop_, UV_RUN_DEFAULT);
    must(uv_loop_close(&loop_) == 0, "uv_loop_close");
  }

 private:
  struct Watcher {
    uv_poll_t poll;
    Libuv* owner;
    int index;
  };

  static void on_ready(uv_poll_t* poll, int, int) {
    const Watcher& watcher = *static_cast<Watcher*>(poll->data);
    watcher.owner->take(watcher.index);
  }
  static void on_ready_again(uv_poll_t* poll, int status, int events) {
    must(uv_poll_stop(poll) == 0, "uv_poll_stop");
    on_ready(poll, status, events);
    must(uv_poll_start(poll, UV_READABLE, on_ready_again) == 0, "uv_poll_start");
  }
  void turn() override { uv_run(&loop_, UV_RUN_ONCE); }

  std::vector<Watcher> watchers_;
  uv_loop_t loop_{};
};

}  // namespace

std::unique_ptr<Peer> make_libuv(int k, Habit habit) { return std::make_unique<Libuv>(k, habit); }

}  // namespace portc::bench
