// SPDX-License-Identifier: MIT
//
// B1-B4: the loop of a server: take ready descriptors, read them, arm them again.
#include "tests/bench/bench.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

// One side of the loop over k channels that are all ready each time round.
template <typename Set>
class Loop {
 public:
  Loop(Kind kind, int k)
      : channels_(make_channels(kind, k)), events_(static_cast<size_t>(k)), k_(k) {
    for (int i = 0; i < k_; i++) {
      set_.add(channels_[static_cast<size_t>(i)].fd(), i);
    }
  }

  // The writer's and the reader's work included.
  double total(long loops) {
    return on_thread_cpu([&] {
      for (long i = 0; i < loops; i++) {
        fill_all();
        serve_all();
      }
    });
  }

  // The same, but the set is found empty first: what was armed is checked before blocking.
  double total_after_idle(long loops) {
    return on_thread_cpu([&] {
      for (long i = 0; i < loops; i++) {
        must(set_.peek(events_.data(), k_) == 0, "an event that nobody caused");
        fill_all();
        serve_all();
      }
    });
  }

  // Only what the set itself costs: taking events and arming again.
  double mechanism(long loops) {
    Stopwatch watch;
    for (long i = 0; i < loops; i++) {
      fill_all();
      for (int taken = 0; taken < k_;) {
        watch.start();
        const int n = set_.wait(events_.data(), k_ - taken);
        watch.stop();
        for (int j = 0; j < n; j++) {
          must(channel(j).drain(), "read");
        }
        watch.start();
        for (int j = 0; j < n; j++) {
          set_.arm(channel(j).fd(), Set::index(events_[static_cast<size_t>(j)]));
        }
        watch.stop();
        taken += n;
      }
    }
    return watch.ns();
  }

 private:
  void fill_all() {
    for (const Channel& c : channels_) {
      c.fill();
    }
  }
  void serve_all() {
    for (int taken = 0; taken < k_;) {
      const int n = set_.wait(events_.data(), k_ - taken);
      for (int j = 0; j < n; j++) {
        const Channel& c = channel(j);
        must(c.drain(), "read");
        set_.arm(c.fd(), Set::index(events_[static_cast<size_t>(j)]));
      }
      taken += n;
    }
  }
  const Channel& channel(int j) const {
    return channels_[static_cast<size_t>(Set::index(events_[static_cast<size_t>(j)]))];
  }

  std::vector<Channel> channels_;
  std::vector<typename Set::Event> events_;
  Set set_;
  int k_;
};

enum class Part { kTotal, kAfterIdle, kMechanism };

class LoopPair : public Pair {
 public:
  LoopPair(Kind kind, int k, Part part) : part_(part), port_(kind, k), epoll_(kind, k) {}
  double subject(long ops) override { return run(port_, ops); }
  double reference(long ops) override { return run(epoll_, ops); }

 private:
  template <typename Side>
  double run(Side& side, long ops) {
    switch (part_) {
      case Part::kAfterIdle:
        return side.total_after_idle(ops);
      case Part::kMechanism:
        return side.mechanism(ops);
      default:
        return side.total(ops);
    }
  }

  Part part_;
  Loop<PortSet> port_;
  Loop<EpollSet> epoll_;
};

// B4. Only part of the delivered descriptors is armed again before the next get; the rest
// follows after it. Which ones is drawn anew each time. A pool twice as large as the number of
// events per get makes sure that there is always something armed to make ready.
template <typename Set>
class LateLoop {
 public:
  LateLoop(int k, int percent_at_once)
      : channels_(make_channels(Kind::kEventfd, 2 * k)),
        events_(static_cast<size_t>(k)),
        k_(k),
        percent_(static_cast<unsigned>(percent_at_once)) {
    for (int i = 0; i < 2 * k_; i++) {
      set_.add(at(i).fd(), i);
      armed_.push_back(i);
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
    for (int i = 0; i < k_; i++) {
      at(armed_[static_cast<size_t>(i)]).fill();
    }
    armed_.erase(armed_.begin(), armed_.begin() + k_);
    late_now_.clear();
    for (int taken = 0; taken < k_;) {
      const int n = set_.wait(events_.data(), k_ - taken);
      for (int j = 0; j < n; j++) {
        const int index = Set::index(events_[static_cast<size_t>(j)]);
        must(at(index).drain(), "read");
        if (draw() < percent_) {
          arm(index);
        } else {
          late_now_.push_back(index);
        }
      }
      taken += n;
    }
    for (const int index : late_) {
      arm(index);
    }
    late_.swap(late_now_);
  }
  void arm(int index) {
    set_.arm(at(index).fd(), index);
    armed_.push_back(index);
  }
  const Channel& at(int index) const { return channels_[static_cast<size_t>(index)]; }
  unsigned draw() {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned>(random_ >> 33) % 100;
  }

  std::vector<Channel> channels_;
  std::vector<typename Set::Event> events_;
  std::vector<int> armed_;            // in the order of arming
  std::vector<int> late_, late_now_;  // delivered by the last get, and by this one
  Set set_;
  int k_;
  unsigned percent_;
  uint64_t random_ = 1;
};

class LatePair : public Pair {
 public:
  LatePair(int k, int percent) : port_(k, percent), epoll_(k, percent) {}
  double subject(long ops) override { return port_.run(ops); }
  double reference(long ops) override { return epoll_.run(ops); }

 private:
  LateLoop<PortSet> port_;
  LateLoop<EpollSet> epoll_;
};

constexpr char kByHand[] = "epoll_wait+read+EPOLLONESHOT by MOD";

Scenario loop_row(const std::string& id, const std::string& name, Kind kind, int k, Part part) {
  Scenario s;
  s.id = id;
  s.name = name;
  s.reference = part == Part::kMechanism ? "epoll_wait+EPOLLONESHOT by MOD" : kByHand;
  s.events = k;
  s.make = [=] { return std::make_unique<LoopPair>(kind, k, part); };
  return s;
}

void set_bars(Scenario& s, double target, double bar) {
  s.target = target;
  s.bar = bar;
}

Scenario late_row(int percent) {
  constexpr int kEvents = 16;
  Scenario s;
  s.id = "B4.p" + std::to_string(percent);
  s.name = std::to_string(percent) + "% armed again before the next get, 16 ready";
  s.reference = kByHand;
  s.events = kEvents;
  set_bars(s, 1.05, 1.15);
  s.make = [=] { return std::make_unique<LatePair>(kEvents, percent); };
  return s;
}

}  // namespace

void add_fd_loop(Scenarios& all) {
  struct Size {
    int k;
    double target, bar, mechanism_target, mechanism_bar;
  };
  constexpr Size kSizes[] = {
      {1, .82, .90, .72, .85}, {16, .75, .82, .33, .45}, {256, .73, .80, .30, .40}};
  for (const Size& size : kSizes) {
    const std::string k = std::to_string(size.k);
    Scenario s = loop_row("B1.k" + k, "port_getn+read+port_associate, " + k + " ready",
                          Kind::kEventfd, size.k, Part::kTotal);
    set_bars(s, size.target, size.bar);
    all.push_back(s);
  }
  for (const Size& size : kSizes) {
    const std::string k = std::to_string(size.k);
    Scenario s = loop_row("B1m.k" + k, "port_getn+port_associate alone, " + k + " ready",
                          Kind::kEventfd, size.k, Part::kMechanism);
    set_bars(s, size.mechanism_target, size.mechanism_bar);
    all.push_back(s);
  }
  Scenario s = loop_row("B2", "as B1.k16, found empty before each batch", Kind::kEventfd, 16,
                        Part::kAfterIdle);
  set_bars(s, .90, 1.05);
  all.push_back(s);
  s = loop_row("B3.pipe", "as B1.k16 with pipes", Kind::kPipe, 16, Part::kTotal);
  set_bars(s, .76, .85);
  all.push_back(s);
  s = loop_row("B3.unix", "as B1.k16 with unix stream sockets", Kind::kSocket, 16, Part::kTotal);
  set_bars(s, .88, .95);
  all.push_back(s);
  all.push_back(late_row(0));
  all.push_back(late_row(50));
}

}  // namespace portc::bench
