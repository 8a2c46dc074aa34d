// SPDX-License-Identifier: MIT
//
// B11: how long it takes to wake a thread that is blocked in port_get, against a bare futex in
// memory that processes could share. B12: the same with another process.
#include <linux/futex.h>
#include <port.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <atomic>
#include <new>

#include "tests/bench/bench.h"
#include "tests/bench/partner.h"

namespace portc::bench {
namespace {

constexpr int kAdopt = 1;  // Request::what: take the ports that are being passed
constexpr int kPlay = 2;

// Two ports, one for each direction.
class PortBall {
 public:
  void open() {
    there_ = Fd(port_create(), "port_create");
    back_ = Fd(port_create(), "port_create");
  }
  void pass(const Passage& passage) const {
    passage.send(there_.get());
    passage.send(back_.get());
  }
  void adopt(const Passage& passage) {
    there_ = Fd(passage.receive(), "received port");
    back_ = Fd(passage.receive(), "received port");
  }
  void serve() { send(there_.get()); }
  void await_return() { take(back_.get()); }
  void await_serve() { take(there_.get()); }
  void give_back() { send(back_.get()); }

 private:
  static void send(int port) { must(port_send(port, 1, nullptr) == 0, "port_send"); }
  static void take(int port) {
    port_event_t event;
    must(port_get(port, &event, nullptr) == 0, "port_get");
  }

  Fd there_, back_;
};

// Two words that are waited for without spinning, in memory that a forked child shares.
class FutexBall {
 public:
  void open() {
    void* memory =
        mmap(nullptr, sizeof(Words), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(memory != MAP_FAILED, "mmap");
    words_ = new (memory) Words;
  }
  void pass(const Passage&) const {}
  void adopt(const Passage&) {}
  void serve() { set(words_->there); }
  void await_return() { take(words_->back); }
  void await_serve() { take(words_->there); }
  void give_back() { set(words_->back); }

 private:
  using Word = std::atomic<uint32_t>;
  static void set(Word& word) {
    word.store(1, std::memory_order_release);
    syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }
  static void take(Word& word) {
    while (word.exchange(0, std::memory_order_acquire) == 0) {
      syscall(SYS_futex, &word, FUTEX_WAIT, 0, nullptr, nullptr, 0);
    }
  }

  struct Words {
    alignas(64) Word there = 0;
    alignas(64) Word back = 0;
  };
  Words* words_ = nullptr;  // mapped for as long as the row's process lives
};

template <typename Ball>
class Game {
 public:
  Game(Partner partner, Seats seats) : seats_(seats) {
    if (partner != Partner::kPassed) {
      ball_.open();
    }
    helper_ = std::make_unique<Remote>(where(partner), [this](int what, long ops) {
      pin_to(seats_.partner);
      answer(what, ops);
      return 0.0;
    });
    if (partner == Partner::kPassed) {
      ball_.open();
      ball_.pass(passage_);
      helper_->ask(kAdopt, 0);
    }
  }

  double run(long ops) {
    pin_to(seats_.own);
    helper_->start(kPlay, ops);
    // The first round trip contains the partner's start and is not timed.
    round_trip();
    const double ns = on_wall([&] {
      for (long i = 1; i < ops; i++) {
        round_trip();
      }
    });
    helper_->finish();
    return ops > 1 ? ns * static_cast<double>(ops) / static_cast<double>(ops - 1) : 0;
  }

 private:
  void round_trip() {
    ball_.serve();
    ball_.await_return();
  }
  // In a process of its own, `ball_` is that process's copy.
  void answer(int what, long ops) {
    if (what == kAdopt) {
      ball_.adopt(passage_);
      return;
    }
    for (long i = 0; i < ops; i++) {
      ball_.await_serve();
      ball_.give_back();
    }
  }

  Seats seats_;
  Passage passage_;
  Ball ball_;
  std::unique_ptr<Remote> helper_;
};

class WakePair : public Pair {
 public:
  WakePair(Partner partner, Seats seats) : port_(partner, seats), futex_(partner, seats) {}
  double subject(long ops) override { return port_.run(ops); }
  double reference(long ops) override { return futex_.run(ops); }

 private:
  Game<PortBall> port_;
  Game<FutexBall> futex_;
};

class ProcessWakePair : public Pair {
 public:
  explicit ProcessWakePair(Partner partner)
      : process_(partner, two_processors()), thread_(Partner::kThread, two_processors()) {}
  double subject(long ops) override { return process_.run(ops); }
  double reference(long ops) override { return thread_.run(ops); }

 private:
  Game<PortBall> process_, thread_;
};

Scenario wake_row(const char* id, const std::string& name, const char* reference, double target,
                  double bar) {
  Scenario s;
  s.id = id;
  s.name = name;
  s.reference = reference;
  s.target = target;
  s.bar = bar;
  s.batch_ns = 3e6;
  s.min_ops = 100;
  return s;
}

}  // namespace

void add_ping_pong(Scenarios& all) {
  constexpr char kFutex[] = "shared futex";
  Scenario s = wake_row("B11.same", "ping-pong over two ports, same CPU", kFutex, 1.3, 1.6);
  s.make = [] { return std::make_unique<WakePair>(Partner::kThread, same_processor()); };
  all.push_back(s);
  if (processors().size() > 1) {
    s = wake_row("B11.cross", "ping-pong over two ports, two CPUs", kFutex, 1.15, 1.3);
    s.make = [] { return std::make_unique<WakePair>(Partner::kThread, two_processors()); };
    all.push_back(s);
  }
  const std::string seats = ", " + describe_seats();
  constexpr char kThread[] = "the same, the partner a thread";
  s = wake_row("B12.ping-fork", "ping-pong with a forked child" + seats, kThread, 1.1, 1.3);
  s.make = [] { return std::make_unique<ProcessWakePair>(Partner::kForked); };
  all.push_back(s);
  s = wake_row("B12.ping-pass", "ping-pong over ports passed on" + seats, kThread, 1.1, 1.3);
  s.make = [] { return std::make_unique<ProcessWakePair>(Partner::kPassed); };
  all.push_back(s);
  // On one CPU, switching to another process costs more than to a thread whatever wakes it, so
  // here the reference is a process as well.
  s = wake_row("B12.ping-same", "ping-pong with a forked child, same CPU",
               "shared futex, a forked child", 1.3, 1.6);
  s.make = [] { return std::make_unique<WakePair>(Partner::kForked, same_processor()); };
  all.push_back(s);
}

}  // namespace portc::bench
