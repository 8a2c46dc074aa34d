// SPDX-License-Identifier: MIT
//
// B20: what the preload object adds to calls that have nothing to do with ports. The same
// program, which is not linked to the library, runs plainly and under portc-run on one
// processor. B20p: it also has a port, but still calls on other descriptors.
//
// The bars are close to 1, so the layout of one process's memory would decide: every round
// starts a new pair of processes.
#include "tests/bench/bench.h"
#include "tests/bench/protocol.h"
#include "tests/bench/remote.h"

namespace portc::bench {
namespace {

struct CallName {
  Call call;
  const char* name;
  const char* what;
};
constexpr CallName kCalls[] = {
    {Call::kClose, "close", "close of a file"},
    {Call::kPoll, "poll", "poll of one descriptor"},
    {Call::kDup2, "dup2", "dup2 over a descriptor"},
    {Call::kFcntl, "fcntl", "fcntl F_GETFL"},
    {Call::kRead, "read", "read of one byte"},
};

class StrangerPair : public Pair {
 public:
  StrangerPair(Call call, bool with_port) : call_(static_cast<int>(call)), with_port_(with_port) {}

  void begin_round() override {
    constexpr long kWarmUp = 2000;
    const std::string folder = own_folder();
    const std::string program = folder + "/strangers";
    std::vector<std::string> command = {folder + "/../bin/portc-run", program};
    if (with_port_) {
      command.push_back("--with-port");
    }
    preloaded_ = std::make_unique<Remote>(command);
    plain_ = std::make_unique<Remote>(std::vector<std::string>{program});
    if (preloaded_->finish() != 1 || plain_->finish() != 0) {
      fail("portc-run did not bring the library, or it is there without");
    }
    preloaded_->ask(call_, kWarmUp);
    plain_->ask(call_, kWarmUp);
  }
  double subject(long ops) override { return preloaded_->ask(call_, ops); }
  double reference(long ops) override { return plain_->ask(call_, ops); }

 private:
  int call_;
  bool with_port_;
  std::unique_ptr<Remote> preloaded_, plain_;
};

void add_group(Scenarios& all, const std::string& group, bool with_port) {
  // A program with a port looks every descriptor up.
  const auto set_bars = [with_port](Scenario& s) {
    s.target = with_port ? 1.05 : 1.02;
    s.bar = with_port ? 1.10 : 1.05;
  };
  const std::string state = with_port ? ", preloaded, with a port" : ", preloaded";
  for (const CallName& entry : kCalls) {
    Scenario s;
    s.id = group + "." + entry.name;
    s.name = entry.what + state;
    s.reference = "the same program, not preloaded";
    set_bars(s);
    s.rounds_times = 3;
    const Call call = entry.call;
    s.make = [call, with_port] { return std::make_unique<StrangerPair>(call, with_port); };
    all.push_back(s);
  }
  Scenario s;
  s.id = group;
  s.name = "the worst of these" + state;
  s.reference = "the same program, not preloaded";
  set_bars(s);
  s.worst_of = group + ".";
  all.push_back(s);
}

}  // namespace

void add_preload(Scenarios& all) {
  add_group(all, "B20", false);
  add_group(all, "B20p", true);
}

}  // namespace portc::bench
