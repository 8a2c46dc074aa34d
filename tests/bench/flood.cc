// SPDX-License-Identifier: MIT
//
// B9, B10: senders and takers at full speed, against a pipe that carries as many bytes per
// event. B12: the same when the sender is another process, against a thread.
#include <fcntl.h>
#include <port.h>

#include <algorithm>

#include "tests/bench/bench.h"
#include "tests/bench/partner.h"

namespace portc::bench {
namespace {

constexpr long kMaxBatch = 30000;  // all of it may be queued at once, and a port holds 65536
constexpr int kAdopt = 1;          // Request::what: take the port that is being passed
constexpr int kSend = 2, kTake = 3;

class PortLane {
 public:
  static constexpr bool kCanBePassed = true;
  void open() { port_ = Fd(port_create(), "port_create"); }
  void pass(const Passage& passage) const { passage.send(port_.get()); }
  void adopt(const Passage& passage) { port_ = Fd(passage.receive(), "received port"); }
  void send() const { must(port_send(port_.get(), 1, nullptr) == 0, "port_send"); }
  void take() const {
    port_event_t event;
    must(port_get(port_.get(), &event, nullptr) == 0, "port_get");
  }

 private:
  Fd port_;
};

class PipeLane {
 public:
  static constexpr bool kCanBePassed = false;
  void open() {
    int ends[2];
    need(pipe2(ends, O_CLOEXEC), "pipe2");
    read_end_ = Fd(ends[0], "pipe2");
    write_end_ = Fd(ends[1], "pipe2");
  }
  void send() const {
    const char record[kRecord] = {};
    must(::write(write_end_.get(), record, sizeof record) == kRecord, "write");
  }
  void take() const {
    char record[kRecord];
    must(::read(read_end_.get(), record, sizeof record) == kRecord, "read");
  }

 private:
  static constexpr ssize_t kRecord = 32;
  Fd read_end_, write_end_;
};

// `width` senders and as many takers; the first taker is the row's own thread.
template <typename Lane>
class Flood {
 public:
  Flood(Partner partner, int width) : width_(width) {
    if (partner != Partner::kPassed) {
      lane_.open();
    }
    const std::vector<int>& cpus = processors();
    for (int i = 0; i < width_; i++) {
      add(where(partner), cpus[static_cast<size_t>(i) % cpus.size()]);
    }
    for (int i = 1; i < width_; i++) {
      add(Remote::Where::kThread, cpus[static_cast<size_t>(width_ - i) % cpus.size()]);
    }
    if constexpr (Lane::kCanBePassed) {
      if (partner == Partner::kPassed) {
        lane_.open();
        for (int i = 0; i < width_; i++) {
          lane_.pass(passage_);
          helpers_[static_cast<size_t>(i)]->ask(kAdopt, 0);
        }
      }
    }
  }

  double run(long ops) {
    const long share = std::max(1L, ops / width_);
    const double ns = on_wall([&] {
      for (size_t i = 0; i < helpers_.size(); i++) {
        helpers_[i]->start(static_cast<int>(i) < width_ ? kSend : kTake, share);
      }
      work(kTake, share);
      for (const auto& helper : helpers_) {
        helper->finish();
      }
    });
    return ns * static_cast<double>(ops) / static_cast<double>(share * width_);
  }

 private:
  void add(Remote::Where where_, int cpu) {
    helpers_.push_back(std::make_unique<Remote>(where_, [this, cpu](int what, long ops) {
      pin_to(cpu);
      work(what, ops);
      return 0.0;
    }));
  }
  // In a process of its own, `lane_` is that process's copy.
  void work(int what, long ops) {
    switch (what) {
      case kAdopt:
        if constexpr (Lane::kCanBePassed) {
          lane_.adopt(passage_);
        }
        break;
      case kSend:
        for (long i = 0; i < ops; i++) {
          lane_.send();
        }
        break;
      default:
        for (long i = 0; i < ops; i++) {
          lane_.take();
        }
    }
  }

  int width_;
  Passage passage_;
  Lane lane_;
  std::vector<std::unique_ptr<Remote>> helpers_;  // the senders first
};

class FloodPair : public Pair {
 public:
  explicit FloodPair(int width) : port_(Partner::kThread, width), pipe_(Partner::kThread, width) {}
  double subject(long ops) override { return port_.run(ops); }
  double reference(long ops) override { return pipe_.run(ops); }

 private:
  Flood<PortLane> port_;
  Flood<PipeLane> pipe_;
};

class ProcessFloodPair : public Pair {
 public:
  explicit ProcessFloodPair(Partner partner) : process_(partner, 1), thread_(Partner::kThread, 1) {}
  double subject(long ops) override { return process_.run(ops); }
  double reference(long ops) override { return thread_.run(ops); }

 private:
  Flood<PortLane> process_, thread_;
};

Scenario flood_row(const char* id, const std::string& name, const char* reference) {
  Scenario s;
  s.id = id;
  s.name = name;
  s.reference = reference;
  s.batch_ns = 5e6;
  s.min_ops = 2000;
  s.max_ops = kMaxBatch;
  return s;
}

}  // namespace

void add_flood(Scenarios& all) {
  const std::string seats = ", " + describe_seats();
  Scenario s = flood_row("B9", "flood, 1 sender to 1 taker" + seats, "pipe, 32 bytes per event");
  s.target = .35;
  s.bar = .6;
  s.make = [] { return std::make_unique<FloodPair>(1); };
  all.push_back(s);
  s = flood_row("B10", "flood, 4 senders to 4 takers" + seats, "pipe, 32 bytes per event");
  s.target = .4;
  s.bar = .7;
  s.make = [] { return std::make_unique<FloodPair>(4); };
  all.push_back(s);
  s = flood_row("B12.flood-fork", "B9, the sender a forked child", "B9, the sender a thread");
  s.target = 1.1;
  s.bar = 1.3;
  s.make = [] { return std::make_unique<ProcessFloodPair>(Partner::kForked); };
  all.push_back(s);
  s = flood_row("B12.flood-pass", "B9, the port passed to another process",
                "B9, the sender a thread");
  s.target = 1.1;
  s.bar = 1.3;
  s.make = [] { return std::make_unique<ProcessFloodPair>(Partner::kPassed); };
  all.push_back(s);
}

}  // namespace portc::bench
