// SPDX-License-Identifier: MIT
//
// What a scenario is. Each file of this folder adds the rows of one group; harness.cc measures
// them and report.cc prints them. A row never compares with a number from another run: it has a
// reference that runs in the same process, in batches that alternate with the subject's.
#ifndef PORTC_TESTS_BENCH_BENCH_H
#define PORTC_TESTS_BENCH_BENCH_H

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace portc::bench {

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The two sides of a row, set up and ready to run. Both return the nanoseconds that `ops`
// operations took: thread CPU time where one thread does all the work, wall time elsewhere.
class Pair {
 public:
  virtual ~Pair() = default;
  virtual void begin_round() {}
  virtual double subject(long ops) = 0;
  virtual double reference(long ops) = 0;
  // Why the measurement is void although it ran to its end (events lost, say); else empty.
  virtual std::string fault() { return {}; }
};

struct Scenario {
  std::string id;           // "B1.k16"; the part before the dot is the group that --only takes
  std::string name;         // what the subject does
  std::string reference;    // what it is compared with
  double target = kNone;    // ratio to aim at
  double bar = kNone;       // ratio above which the row is over; kNone: the row only informs
  bool peer = false;        // the subject is another library, measured as ours is
  int events = 1;           // events per operation, to print nanoseconds per event
  int rounds_times = 1;     // more and shorter rounds, where the bar is close to 1
  double batch_ns = 200e3;  // how long one batch of one side should take
  long min_ops = 1;         // so many that starting helpers does not count
  long max_ops = 1L << 20;  // operations that a batch may hold at most
  std::string worst_of;     // not measured: takes the highest ratio of the rows so prefixed
  std::function<std::unique_ptr<Pair>()> make = nullptr;
};
using Scenarios = std::vector<Scenario>;

void add_fd_loop(Scenarios& all);     // B1 B1m B2 B3 B4
void add_peers(Scenarios& all);       // B1 of other libraries
void add_fd_scale(Scenarios& all);    // B5 B7
void add_fd_threads(Scenarios& all);  // B6
void add_user(Scenarios& all);        // B8 B21 B22
void add_flood(Scenarios& all);       // B9 B10, B12 for floods
void add_ping_pong(Scenarios& all);   // B11, B12 for ping-pong
void add_lifetime(Scenarios& all);    // B18 B19
void add_preload(Scenarios& all);     // B20 B20p
void add_timers(Scenarios& all);      // B13 B14
void add_aio(Scenarios& all);         // B15 B16
void add_files(Scenarios& all);       // B17

// How long to measure.
struct Effort {
  int rounds = 7;        // measured rounds; a discarded one comes first
  double seconds = 1.0;  // per row, over all rounds
  bool isolated = true;  // each row in a process of its own, so that none can spoil another
};

struct Result {
  bool measured = false;
  double ratio = kNone, min = kNone, max = kNone;   // median, lowest and highest of the rounds
  double subject_ns = kNone, reference_ns = kNone;  // per event
  std::string note;  // why there is no ratio, or which row was the worst
};

Result measure(const Scenario& scenario, const Effort& effort);

// Whether the row is measured, has a bar and is above it.
bool is_over(const Scenario& scenario, const Result& result);

struct Row {
  const Scenario* scenario;
  Result result;
};

void print_list(const Scenarios& all);  // what would be measured
void print_head();
void print_row(const Row& row);
void print_foot();  // says so if the machine was too busy
bool write_json(const std::string& path, const std::vector<Row>& rows, const Effort& effort);

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_BENCH_H
