// SPDX-License-Identifier: MIT
//
// B13: many timers, each step of their life by itself. B14: how late a timer wakes its waiter.
// The reference has a timerfd for each timer, all in one epoll set.
#include <port.h>
#include <signal.h>
#include <sys/timerfd.h>

#include <algorithm>

#include "tests/bench/bench.h"
#include "tests/bench/sets.h"

namespace portc::bench {
namespace {

constexpr int kTimers = 10000;
constexpr int kBatch = 64;        // events retrieved at once
constexpr double kFar = 3600e9;   // never expires while we look
constexpr double kNear = 2e6;     // harvest: the first expiry, and
constexpr double kSpread = 20e6;  // from the first to the last

timespec to_timespec(double ns) {
  const auto whole = static_cast<long long>(ns);
  return {static_cast<time_t>(whole / 1000000000), static_cast<long>(whole % 1000000000)};
}
itimerspec once_at(double ns) { return {{0, 0}, to_timespec(ns)}; }
double now() { return clock_ns(CLOCK_MONOTONIC); }

// A port and its timers.
class PortTimers {
 public:
  void create() {
    timer_t timer;
    port_notify_t target{port_.fd(), this};
    sigevent event{};
    event.sigev_notify = SIGEV_PORT;
    event.sigev_value.sival_ptr = &target;
    must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create with SIGEV_PORT");
    timers_.push_back(timer);
  }
  void set(size_t i, int flags, const itimerspec& when) {
    must(timer_settime(timers_[i], flags, &when, nullptr) == 0, "timer_settime");
  }
  void remove_last() {
    must(timer_delete(timers_.back()) == 0, "timer_delete");
    timers_.pop_back();
  }
  // Retrieves at least one, and counts what it says.
  int harvest(int max) {
    port_event_t list[kBatch];
    const int n = port_.wait(list, std::min(max, kBatch));
    for (int i = 0; i < n; i++) {
      must(list[i].portev_source == PORT_SOURCE_TIMER && list[i].portev_events == 1,
           "an expiration");
    }
    return n;
  }
  size_t size() const { return timers_.size(); }
  static constexpr int kAbsolute = TIMER_ABSTIME;

 private:
  PortSet port_;
  std::vector<timer_t> timers_;
};

// The same by hand.
class FdTimers {
 public:
  void create() {
    fds_.push_back(need(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd"));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fds_.back();
    must(libc_.epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fds_.back(), &event) == 0, "epoll_ctl");
  }
  void set(size_t i, int flags, const itimerspec& when) {
    must(timerfd_settime(fds_[i], flags, &when, nullptr) == 0, "timerfd_settime");
  }
  void remove_last() {
    must(libc_.close(fds_.back()) == 0, "close");
    fds_.pop_back();
  }
  int harvest(int max) {
    epoll_event list[kBatch];
    const int n = epoll_.wait(list, std::min(max, kBatch));
    for (int i = 0; i < n; i++) {
      uint64_t count;
      must(::read(list[i].data.fd, &count, sizeof count) == sizeof count && count == 1,
           "an expiration");
    }
    return n;
  }
  size_t size() const { return fds_.size(); }
  static constexpr int kAbsolute = TFD_TIMER_ABSTIME;

 private:
  const Libc libc_ = libc();
  EpollSet epoll_;
  std::vector<int> fds_;
};

enum class Step { kCreate, kCancel, kHarvest, kDelete };

// One batch is the life of `ops` timers, of which one step is timed.
template <typename Timers>
class Life {
 public:
  double run(Step step, long ops) {
    const auto count = static_cast<size_t>(ops);
    const auto timed = [&](Step which, auto&& work) {
      const double ns = on_thread_cpu(work);
      return which == step ? ns : 0;
    };
    double sum = timed(Step::kCreate, [&] {
      const itimerspec far = once_at(kFar);
      for (size_t i = 0; i < count; i++) {
        timers_.create();
        timers_.set(i, 0, far);
      }
    });
    sum += timed(Step::kCancel, [&] { cancel(count); });
    if (step == Step::kHarvest) {
      expire(count);
      sum += on_thread_cpu([&] { harvest(count); });
    }
    sum += timed(Step::kDelete, [&] {
      for (size_t i = 0; i < count; i++) {
        timers_.remove_last();
      }
    });
    return sum;
  }

 private:
  void cancel(size_t count) {
    const itimerspec never{};
    for (size_t i = 0; i < count; i++) {
      timers_.set(i, 0, never);
    }
  }
  // Arms all, in no particular order of expiry, and lets them expire with nobody waiting.
  void expire(size_t count) {
    const double first = now() + kNear + static_cast<double>(count) * 2000;
    for (size_t i = 0; i < count; i++) {
      const double place = static_cast<double>(i * 7919 % count) / static_cast<double>(count);
      timers_.set(i, Timers::kAbsolute, once_at(first + place * kSpread));
    }
    const timespec end = to_timespec(first + kSpread + kNear);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nullptr) == EINTR) {
    }
  }
  void harvest(size_t count) {
    for (size_t taken = 0; taken < count;) {
      taken += static_cast<size_t>(timers_.harvest(static_cast<int>(count - taken)));
    }
  }

  Timers timers_;
};

class LifePair : public Pair {
 public:
  explicit LifePair(Step step) : limit_(raise_descriptor_limit()), step_(step) {}
  double subject(long ops) override { return port_.run(step_, ops); }
  double reference(long ops) override { return by_hand_.run(step_, ops); }

 private:
  int limit_;
  Step step_;
  Life<PortTimers> port_;
  Life<FdTimers> by_hand_;
};

constexpr long kSamples = 300;       // per batch, for a 99th percentile
constexpr double kShortest = 100e3;  // the timer is set so far ahead
constexpr double kLongest = 500e3;

// How late a blocked waiter has its expiration in hands, as a percentile of a batch. Times the
// number of operations, because that is what the harness divides by.
template <typename Timers>
class Lateness {
 public:
  Lateness() { timers_.create(); }
  double run(double percentile, long ops) {
    std::vector<double> late;
    for (long i = 0; i < ops; i++) {
      const double place = static_cast<double>(i * 37 % 101) / 101;
      const double deadline = now() + kShortest + place * (kLongest - kShortest);
      timers_.set(0, Timers::kAbsolute, once_at(deadline));
      must(timers_.harvest(1) == 1, "one expiration");
      late.push_back(now() - deadline);
    }
    std::sort(late.begin(), late.end());
    must(late.front() >= 0, "a timer was early");
    const auto index = static_cast<size_t>(percentile * static_cast<double>(ops - 1));
    return late[index] * static_cast<double>(ops);
  }

 private:
  Timers timers_;
};

class LatenessPair : public Pair {
 public:
  explicit LatenessPair(double percentile) : percentile_(percentile) {}
  double subject(long ops) override { return port_.run(percentile_, ops); }
  double reference(long ops) override { return by_hand_.run(percentile_, ops); }

 private:
  double percentile_;
  Lateness<PortTimers> port_;
  Lateness<FdTimers> by_hand_;
};

struct StepRow {
  Step step;
  const char *id, *name, *reference;
  double target, bar;
};
constexpr StepRow kSteps[] = {
    {Step::kCreate, "B13.create", "timer_create+settime, ", "timerfd_create, settime, ADD", .05,
     .12},
    {Step::kCancel, "B13.cancel", "timer_settime to stop, ", "timerfd_settime", .10, .2},
    {Step::kHarvest, "B13.harvest", "port_getn of expired, ", "epoll_wait, read", .25, .4},
    {Step::kDelete, "B13.delete", "timer_delete, ", "close of the timerfd", .05, .15},
};

void add_life(Scenarios& all) {
  const int count = std::min(kTimers, spare_descriptors());
  for (const StepRow& row : kSteps) {
    Scenario s;
    s.id = row.id;
    s.name = row.name + std::to_string(count) + " timers";
    s.reference = row.reference;
    s.target = row.target;
    s.bar = row.bar;
    s.min_ops = s.max_ops = count;
    const Step step = row.step;
    s.make = [step] { return std::make_unique<LifePair>(step); };
    all.push_back(s);
  }
}

void add_lateness(Scenarios& all, const char* id, const char* what, double percentile) {
  Scenario s;
  s.id = id;
  s.name = std::string("a timer's lateness in port_get, ") + what;
  s.reference = "a timerfd's in epoll_wait and read";
  s.target = 1.1;
  s.bar = 1.3;
  s.min_ops = s.max_ops = kSamples;
  s.make = [percentile] { return std::make_unique<LatenessPair>(percentile); };
  all.push_back(s);
}

}  // namespace

void add_timers(Scenarios& all) {
  add_life(all);
  add_lateness(all, "B14.p50", "median", .5);
  add_lateness(all, "B14.p99", "99th percentile", .99);
}

}  // namespace portc::bench
