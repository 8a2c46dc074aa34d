// SPDX-License-Identifier: MIT
//
// Measures one row: calibrates how many operations fill a batch, then runs rounds of batches in
// which subject and reference take turns. A round's ratio is that of the two medians, so that a
// batch during which the machine did something else does not count; drift of the machine's speed
// hits both sides of a round alike.
//
// Every row has a process of its own. One that crashes or hangs then costs its own result only,
// and no row sees what another left behind.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>

#include "tests/bench/bench.h"
#include "tests/bench/support.h"

namespace portc::bench {
namespace {

constexpr int kSetUpMs = 15000;  // many times what a row takes to set up and calibrate
constexpr int kMinPairs = 3;     // batches of each side per round, however slow they are

// What travels from the row's process; smaller than PIPE_BUF, so it arrives whole. The mark
// tells it from the plain text that fail() sends.
struct Wire {
  char mark[8];
  double ratio, min, max, subject_ns, reference_ns;
  char note[200];
};
constexpr char kMark[8] = {'r', 'e', 's', 'u', 'l', 't', '\n', 0};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) {
    return *middle;
  }
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

using Side = double (Pair::*)(long);

// A machine that is busy with something else must not make a batch look full when it is not, so
// the fastest of several tries counts.
double fastest(Pair& pair, Side side, long ops) {
  constexpr int kTries = 5;
  double best = (pair.*side)(ops);
  for (int i = 1; i < kTries; i++) {
    best = std::min(best, (pair.*side)(ops));
  }
  return best;
}

long calibrate(Pair& pair, Side side, const Scenario& scenario) {
  long ops = scenario.min_ops;
  for (;;) {
    const double ns = fastest(pair, side, ops);
    if (ns >= scenario.batch_ns || ops >= scenario.max_ops) {
      return ops;
    }
    const double factor = ns > 0 ? scenario.batch_ns / ns * 1.1 : 10;
    const double wanted = static_cast<double>(ops) * std::clamp(factor, 1.2, 10.0) + 1;
    ops = std::min(static_cast<long>(wanted), scenario.max_ops);
  }
}

class Rounds {
 public:
  Rounds(const Scenario& scenario, Pair& pair, const Effort& effort)
      : scenario_(scenario), pair_(pair) {
    pair_.begin_round();
    subject_ops_ = calibrate(pair_, &Pair::subject, scenario_);
    reference_ops_ = calibrate(pair_, &Pair::reference, scenario_);
    const double both = pair_wall_ns();
    const int rounds = effort.rounds * scenario_.rounds_times;
    const double share = effort.seconds * 1e9 / (rounds + 0.5);
    pairs_ = std::max(kMinPairs, static_cast<int>(share / std::max(both, 1.0)));
    run(std::max(1, pairs_ / 2));  // warm-up
    ratios_.clear();
    for (int round = 0; round < rounds; round++) {
      pair_.begin_round();
      run(pairs_);
    }
  }

  Result result() const {
    Result out;
    out.measured = true;
    out.ratio = median(ratios_);
    out.min = *std::min_element(ratios_.begin(), ratios_.end());
    out.max = *std::max_element(ratios_.begin(), ratios_.end());
    out.subject_ns = subject_ns_ / scenario_.events;
    out.reference_ns = reference_ns_ / scenario_.events;
    return out;
  }

 private:
  // By the wall clock, so that the row keeps to its time on a busy machine too; the middle one
  // of three, so that one interruption does not leave it with hardly any batches.
  double pair_wall_ns() {
    std::vector<double> samples;
    for (int i = 0; i < 3; i++) {
      samples.push_back(on_wall([this] {
        pair_.subject(subject_ops_);
        pair_.reference(reference_ops_);
      }));
    }
    return median(samples);
  }
  void run(int pairs) {
    std::vector<double> subject, reference;
    for (int i = 0; i < pairs; i++) {
      // Who goes first changes, so that what a batch leaves in the caches favours neither.
      for (int turn = 0; turn < 2; turn++) {
        if ((i + turn) % 2 == 0) {
          subject.push_back(pair_.subject(subject_ops_) / static_cast<double>(subject_ops_));
        } else {
          reference.push_back(pair_.reference(reference_ops_) /
                              static_cast<double>(reference_ops_));
        }
      }
    }
    subject_ns_ = median(subject);
    reference_ns_ = median(reference);
    ratios_.push_back(subject_ns_ / reference_ns_);
  }

  const Scenario& scenario_;
  Pair& pair_;
  long subject_ops_ = 1, reference_ops_ = 1;
  int pairs_ = kMinPairs;
  std::vector<double> ratios_;
  double subject_ns_ = kNone, reference_ns_ = kNone;
};

Result measure_here(const Scenario& scenario, const Effort& effort) {
  pin_to(processors().back());
  const std::unique_ptr<Pair> pair = scenario.make();
  Result result = Rounds(scenario, *pair, effort).result();
  result.note = pair->fault();
  result.measured = result.note.empty();
  return result;
}

void send_result(int fd, const Result& result) {
  Wire wire{};
  memcpy(wire.mark, kMark, sizeof wire.mark);
  wire.ratio = result.ratio;
  wire.min = result.min;
  wire.max = result.max;
  wire.subject_ns = result.subject_ns;
  wire.reference_ns = result.reference_ns;
  result.note.copy(wire.note, sizeof wire.note - 1);
  must(::write(fd, &wire, sizeof wire) == sizeof wire, "result");
}

Result decode(const char* data, size_t size) {
  Result result;
  Wire wire;
  if (size < sizeof wire || memcmp(data, kMark, sizeof kMark) != 0) {
    result.note.assign(data, size);
    result.note.resize(std::min(result.note.find('\n'), result.note.size()));
    return result;
  }
  memcpy(&wire, data, sizeof wire);
  result.ratio = wire.ratio;
  result.min = wire.min;
  result.max = wire.max;
  result.subject_ns = wire.subject_ns;
  result.reference_ns = wire.reference_ns;
  result.note = wire.note;
  result.measured = result.note.empty();
  return result;
}

// Waits for the first thing the row's process says; helpers of that process hold the pipe open
// too, so its end is not waited for.
Result receive_result(int fd, pid_t pid, const Effort& effort) {
  const int patience_ms = kSetUpMs + static_cast<int>(effort.seconds * 5000);
  Result result;
  pollfd waiting{fd, POLLIN, 0};
  if (poll(&waiting, 1, patience_ms) > 0) {
    char data[1024];
    const ssize_t n = ::read(fd, data, sizeof data);
    if (n > 0) {
      result = decode(data, static_cast<size_t>(n));
    }
  } else {
    result.note = "no answer in time";
  }
  // A row that has answered has nothing left to do but tear down; one that has not is stuck.
  if (!result.measured) {
    kill(pid, SIGKILL);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (!result.measured && result.note.empty()) {
    result.note = WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL
                      ? std::string("died: ") + strsignal(WTERMSIG(status))
                      : "ended without a result";
  }
  return result;
}

Result measure_apart(const Scenario& scenario, const Effort& effort) {
  int ends[2];
  need(pipe2(ends, O_CLOEXEC), "pipe2");
  Fd from(ends[0], "pipe2");
  Fd to(ends[1], "pipe2");
  const pid_t parent = getpid();
  const pid_t pid = need(fork(), "fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
      ::_exit(2);
    }
    from.reset();
    set_fail_fd(to.get());
    send_result(to.get(), measure_here(scenario, effort));
    ::_exit(0);
  }
  to.reset();
  return receive_result(from.get(), pid, effort);
}

}  // namespace

Result measure(const Scenario& scenario, const Effort& effort) {
  return effort.isolated ? measure_apart(scenario, effort) : measure_here(scenario, effort);
}

bool is_over(const Scenario& scenario, const Result& result) {
  return result.measured && result.ratio > scenario.bar;  // false where there is no bar
}

}  // namespace portc::bench
