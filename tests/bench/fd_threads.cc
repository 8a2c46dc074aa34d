// SPDX-License-Identifier: MIT
//
// B6: several threads take from one set. Tokens travel between eventfds; each pass is get, read,
// arm again, write to another. The number of tokens never changes, so that a lost event shows as
// a token that nobody is told about, and a duplicate as an event with nothing to read.
#include <atomic>

#include "tests/bench/bench.h"
#include "tests/bench/remote.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

constexpr int kPlaces = 64;
constexpr int kTokens = 16;
constexpr int kPatienceMs = 3000;  // for a batch of some milliseconds

template <typename Set>
class Ring {
 public:
  explicit Ring(int threads)
      : places_(make_channels(Kind::kEventfd, kPlaces, EFD_SEMAPHORE | EFD_NONBLOCK)) {
    for (int i = 0; i < kPlaces; i++) {
      set_.add(place(i).fd(), i);
    }
    for (int i = 0; i < kTokens; i++) {
      place(i * (kPlaces / kTokens)).fill();
    }
    const std::vector<int>& cpus = processors();
    for (int i = 0; i < threads; i++) {
      const int cpu = cpus[static_cast<size_t>(i) % cpus.size()];
      workers_.push_back(std::make_unique<Remote>(Remote::Where::kThread, [this, cpu](int, long) {
        pin_to(cpu);
        pass_tokens(static_cast<uint64_t>(cpu));
        return 0.0;
      }));
    }
  }

  // There are more tokens than threads, so a thread that takes its last event leaves enough for
  // the others: none stays blocked when the batch ends.
  double run(long passes) {
    left_ = passes;
    return on_wall([&] {
      for (const auto& worker : workers_) {
        worker->start(0, passes);
      }
      for (const auto& worker : workers_) {
        // A place whose event got lost keeps every token that comes by, in the end all of them.
        if (!worker->is_done(kPatienceMs)) {
          fail("stalled: events were lost, and " + std::to_string(duplicates_) +
               " delivered twice");
        }
        worker->finish();
      }
    });
  }

  long duplicates() const { return duplicates_; }

  // Once nobody takes events: the tokens that no event tells of.
  int lost() {
    std::vector<bool> told(kPlaces, false);
    typename Set::Event event;
    while (set_.peek(&event, 1) == 1) {
      told[static_cast<size_t>(Set::index(event))] = true;
    }
    int silent = 0;
    for (int i = 0; i < kPlaces; i++) {
      if (!told[static_cast<size_t>(i)]) {
        while (place(i).drain()) {
          silent++;
        }
      }
    }
    return silent;
  }

 private:
  void pass_tokens(uint64_t seed) {
    uint64_t random = seed;
    typename Set::Event event;
    while (left_.fetch_sub(1, std::memory_order_relaxed) > 0) {
      must(set_.wait(&event, 1) == 1, "one event");
      const int here = Set::index(event);
      const bool held = place(here).drain();
      set_.arm(place(here).fd(), here);
      if (!held) {
        duplicates_++;
        continue;
      }
      random = random * 6364136223846793005u + 1442695040888963407u;
      place(static_cast<int>(random >> 58)).fill();
    }
  }
  const Channel& place(int i) const { return places_[static_cast<size_t>(i)]; }

  std::vector<Channel> places_;
  Set set_;
  std::atomic<long> left_ = 0;
  std::atomic<long> duplicates_ = 0;
  std::vector<std::unique_ptr<Remote>> workers_;
};

class RingPair : public Pair {
 public:
  explicit RingPair(int threads) : port_(threads), epoll_(threads) {}
  double subject(long ops) override { return port_.run(ops); }
  double reference(long ops) override { return epoll_.run(ops); }
  std::string fault() override {
    const int lost = port_.lost();
    if (port_.duplicates() == 0 && lost == 0) {
      return {};
    }
    return std::to_string(port_.duplicates()) + " duplicates, " + std::to_string(lost) + " lost";
  }

 private:
  Ring<PortSet> port_;
  Ring<EpollSet> epoll_;
};

}  // namespace

void add_fd_threads(Scenarios& all) {
  static_assert(kPlaces == 1 << 6);  // six random bits choose the next place
  for (const int threads : {2, 4}) {
    Scenario s;
    s.id = "B6.w" + std::to_string(threads);
    s.name = std::to_string(threads) + " threads in port_getn passing tokens";
    s.reference = "the same with epoll, EPOLLONESHOT";
    s.target = 1.10;
    s.bar = 1.25;
    s.batch_ns = 5e6;
    s.min_ops = 500;
    s.make = [threads] { return std::make_unique<RingPair>(threads); };
    all.push_back(s);
  }
}

}  // namespace portc::bench
