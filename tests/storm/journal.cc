// SPDX-License-Identifier: MIT
//
// The journal, the clock and chance.
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

#include "tests/storm/round.h"

namespace storm {

Journal* journal;

int64_t now() {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return static_cast<int64_t>(ts.tv_sec) * 1000 * kMillisecond + ts.tv_nsec;
}

void nap(int64_t ns) {
  const struct timespec ts = {static_cast<time_t>(ns / (1000 * kMillisecond)),
                              static_cast<long>(ns % (1000 * kMillisecond))};
  nanosleep(&ts, nullptr);
}

void make_journal() {
  const int made = memfd_create("storm-journal", 0);
  if (made < 0 || ftruncate(made, sizeof(Journal)) != 0) die("journal");
  if (dup2(made, kJournalNumber) < 0) die("journal");
  close(made);
}

void map_journal() {
  void* memory =
      mmap(nullptr, sizeof(Journal), PROT_READ | PROT_WRITE, MAP_SHARED, kJournalNumber, 0);
  if (memory == MAP_FAILED) die("journal");
  journal = static_cast<Journal*>(memory);
}

void clear_journal() {
  const size_t begin = offsetof(Journal, lives);
  const size_t page = 4096;
  memset(&journal->lives, 0, sizeof journal->lives);
  const size_t from = (begin + sizeof journal->lives + page - 1) / page * page;
  memset(reinterpret_cast<char*>(&journal->marks), 0, from - (begin + sizeof journal->lives));
  if (fallocate(kJournalNumber, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                static_cast<off_t>(from), static_cast<off_t>(sizeof(Journal) - from)) != 0)
    memset(reinterpret_cast<char*>(journal) + from, 0, sizeof(Journal) - from);
  journal->phase.store(Phase::kRun);
  journal->disarmed.store(0);
  journal->retrieved.store(0);
  journal->twice.store(0);
  journal->strange.store(0);
}

uint64_t Chance::next() {
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void mark(uint32_t port, uint64_t user) {
  const uint32_t number = life_of(user), stream = stream_of(user), id = id_of(user);
  journal->retrieved.fetch_add(1, std::memory_order_relaxed);
  if (tag_of(user) != Tag::kSent || number >= kLives || stream >= kStreams || id >= kIds ||
      !goes_to(stream, id, port) || id >= journal->lives[number].streams[stream].started.load()) {
    journal->an_event.store(user);
    journal->strange.fetch_add(1);
    return;
  }
  if (journal->marks[port][number][stream][id].fetch_add(1) == 0) return;
  journal->an_event.store(user);
  journal->twice.fetch_add(1);
}

}  // namespace storm
