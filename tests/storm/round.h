// SPDX-License-Identifier: MIT
//
// What the conductor's files share: the round that is being played.
#pragma once

#include "libportc/core/layout.h"
#include "tests/storm/storm.h"

namespace storm {

// Who is killed. In rounds of everyone, creator and mixed (where only senders are killed) the
// workers came by the ports in different ways.
enum class Kind : uint32_t { kSenders, kRetrievers, kEveryone, kAsleep, kAlert, kCreator, kMixed };
constexpr uint32_t kKinds = 7;
extern const char* const kind_names[kKinds];

struct Options {
  int64_t seconds = 60;
  uint64_t rounds = UINT64_MAX;
  uint64_t seed = 0;
  uint32_t kind = UINT32_MAX;
  const char* defect = "";
  int64_t patience = 40;      // seconds in which something must move: the machine may be busy
  uint32_t point = kNoPoint;  // the only one to kill at
  bool points = false;
  bool sweep = false;
  uint32_t steps = 0;  // the sweep's: instructions from one place to the next
};
extern Options options;

struct Totals {
  uint64_t lives, random_kills, point_kills, sent, retrieved, lost, unsure, recoveries;
};
extern Totals totals;

struct Round {
  uint64_t seed;
  Kind kind;
  uint32_t slots;
  uint32_t lives;
  uint32_t current[kWorkers];  // life of each worker
  uint64_t budget[kPorts];     // events that killed retrievers may have held
  int64_t patience;            // ns
  int creator;                 // pid, 0 if the conductor is
  portc::PortHeader* headers[kPorts];
  uint64_t failures;
};

[[noreturn]] void die(const char* what);  // of what the test itself cannot do
__attribute__((format(printf, 2, 3))) void fail(Round& round, const char* format, ...);

#define EXPECT(round, x) \
  ((x) ? true : (fail(round, "%s:%d: %s (%s)", __FILE__, __LINE__, #x, strerror(errno)), false))

// --- journal.cc ---

constexpr int kJournalNumber = 700;  // in every worker
constexpr int kSocketNumber = 701;

void make_journal();
void map_journal();
// What a round writes. The counts of points and operations go on.
void clear_journal();

// --- look.cc: a port without entering it ---

void find_headers(Round& round);
// Who is where, when something hangs.
void describe(const Round& round);

// --- lives.cc ---

void pass_ports(int socket);
void start_life(Round& round, uint32_t worker, Chance& chance);
Life& life_of_worker(Round& round, uint32_t worker);
void reap(Round& round);
void kill_somebody(Round& round, Chance& chance);
// After a failure, and when the conductor itself is stuck: the usual ways out enter the ports.
[[noreturn]] void leave_at_once();

// --- accounts.cc ---

struct Count {
  uint64_t sent, missing, unsure, impossible;
};
Count count_events(const Round& round, uint32_t port);
void check_accounts(Round& round);
void print_points();
void print_totals();

// --- afterwards.cc ---

// Takes what is left in the queue.
void drain(Round& round, uint32_t port);
void try_every_path(Round& round, uint32_t port);
int open_descriptors();
int mapped_ports();

// --- round.cc ---

// True if it passed.
bool play(uint64_t index, uint64_t seed, Kind kind);

}  // namespace storm
