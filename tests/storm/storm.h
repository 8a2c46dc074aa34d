// SPDX-License-Identifier: MIT
//
// The kill storm: processes that use two ports together, and are killed while they do.
//
//   conductor   the program that is started: makes the ports, starts workers, kills them, counts.
//               While workers run it does not enter the ports, so it repairs nothing for them.
//   worker      one process ("life") that sends, or retrieves. It was forked, or forked and
//               executed, or got the ports over a socket.
//   journal     memory that all of them map: what was sent, what was retrieved, who does what.
//
// Every sent event carries its own number. A life writes down how far it has come before and after
// each port_send, and each retriever marks what it got; so the conductor knows what must have
// arrived, what may have, and what arrived twice.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace portc {
struct PortHeader;
}

namespace storm {

constexpr int64_t kMillisecond = 1000000;
constexpr uint32_t kPorts = 2;
constexpr uint32_t kWorkers = 8;  // at a time: half of them senders
constexpr uint32_t kSendingWorkers = 4;
constexpr uint32_t kLives = 1024;         // per round
constexpr uint32_t kStreams = 2;          // of a life: its own, and its signal handler's
constexpr uint32_t kIds = 4096;           // per stream
constexpr uint32_t kIdsPerBroadcast = 8;  // of so many ids, one is sent to both ports
constexpr uint32_t kShared = 4;           // descriptors that all workers have and associate
constexpr uint32_t kMaxPoints = 128;
constexpr uint32_t kNoPoint = UINT32_MAX;
constexpr uint32_t kAnyPoint = UINT32_MAX - 1;  // the countdown is of arrivals anywhere

enum class Holder : uint32_t { kForked, kExecuted, kPassed, kCount };
enum class Phase : uint32_t {
  kRun,
  kQuiet,  // senders end, retrievers sleep until something is there
  kStop,
};

// What a life is doing, for the report of who is stuck.
enum class Doing : uint32_t { kStarting, kSending, kGetting, kAssociating, kAlerting, kPolling };

struct Stream {
  std::atomic<uint32_t> started;   // ids below it were, or are being, sent
  std::atomic<uint32_t> returned;  // ids below it have been sent
};

struct Life {
  // Written by the conductor before the life begins.
  uint64_t seed;
  uint32_t worker;
  Holder holder;
  uint32_t point;      // where to be killed, and at which arrival there
  uint32_t countdown;  // 0: nowhere
  int pid;
  // Written by the life.
  std::atomic<uint32_t> beat;
  std::atomic<Doing> doing;
  std::atomic<uint32_t> asleep;          // in port_get without a timeout
  std::atomic<uint32_t> alerting;        // has set the alert and not ended it
  std::atomic<uint32_t> own_pending;     // its own descriptor is associated and ready
  std::atomic<uint32_t> taking[kPorts];  // at most so many events are in its hands, unmarked
  std::atomic<uint32_t> killed_at;       // point + 1
  char complaint[100];                   // what it found wrong
  std::atomic<int> complaint_errno;
  Stream streams[kStreams];
  // Written by the conductor when it has ended.
  bool begun, ended, killed;
};

struct Point {
  std::atomic<uint64_t> arrivals;
  std::atomic<uint64_t> kills;
};

struct Journal {
  std::atomic<Phase> phase;
  std::atomic<uint32_t> disarmed;  // nobody is killed at points any more
  std::atomic<uint64_t> operations;
  std::atomic<uint64_t> retrieved;
  std::atomic<uint64_t> alerts;
  std::atomic<uint64_t> twice;     // retrieved a second time
  std::atomic<uint64_t> strange;   // never sent, or not to this port
  std::atomic<uint64_t> an_event;  // the last of these
  std::atomic<uint32_t> no_vigil;  // sleepers do not look by themselves: somebody must ring
  char defect[32];
  int ports[kPorts];
  int shared[kShared];
  Point points[kMaxPoints];
  Life lives[kLives];
  std::atomic<uint8_t> marks[kPorts][kLives][kStreams][kIds];
};

extern Journal* journal;

// --- cookies: what is in portev_user ---

enum class Tag : uint64_t { kSent = 1, kSharedDescriptor, kOwnDescriptor, kAlert, kConductor };

inline uint64_t cookie(Tag tag, uint32_t life, uint32_t stream, uint32_t id) {
  return static_cast<uint64_t>(tag) << 48 | static_cast<uint64_t>(life) << 24 |
         static_cast<uint64_t>(stream) << 20 | id;
}
inline Tag tag_of(uint64_t cookie) { return static_cast<Tag>(cookie >> 48); }
inline uint32_t life_of(uint64_t cookie) { return static_cast<uint32_t>(cookie >> 24) & 0xffffff; }
inline uint32_t stream_of(uint64_t cookie) { return static_cast<uint32_t>(cookie >> 20) & 0xf; }
inline uint32_t id_of(uint64_t cookie) { return static_cast<uint32_t>(cookie) & 0xfffff; }

// Is that id sent to all ports, with one call? A signal handler does not.
inline bool goes_everywhere(uint32_t stream, uint32_t id) {
  return stream == 0 && id % kIdsPerBroadcast == kIdsPerBroadcast - 1;
}
inline bool goes_to(uint32_t stream, uint32_t id, uint32_t port) {
  return goes_everywhere(stream, id) || id % kPorts == port;
}

// Marks a sent event as retrieved from `port`, and counts what must not be.
void mark(uint32_t port, uint64_t cookie);

// --- chance ---

class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}
  uint64_t next();  // splitmix64
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(next() >> 32) % bound; }

 private:
  uint64_t state_;
};

// --- points.cc ---

extern const char* const point_names[];
extern const uint32_t point_count;

// From now on this process is that life, and is killed where it says.
void points_begin(Life* life);

// --- sweep.cc ---

// For every operation, kills one process at every point on its way, or at every so many
// instructions, and sees whether another that sleeps gets what it waits for. Returns what has
// passed and failed.
struct Verdict {
  uint64_t passed, failed;
};
struct SweepOptions {
  int64_t patience_ns;
  uint32_t stride;  // instructions from one place to the next; 0: from point to point
  uint32_t offset;  // to the first
};
Verdict sweep(const SweepOptions& how);

// --- look.cc ---

// The memory of this process's ports, in the order in which they were made: how many, `most` at
// most.
uint32_t map_headers(portc::PortHeader** headers, uint32_t most);

// --- main.cc ---

int64_t now();  // of CLOCK_MONOTONIC
void nap(int64_t ns);

// --- worker.cc ---

// Never returns. `socket` is where a life that is passed its ports gets them; -1 for the others.
[[noreturn]] void worker_main(uint32_t life, int socket);

}  // namespace storm
