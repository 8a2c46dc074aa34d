// SPDX-License-Identifier: MIT
//
// What was sent, what arrived, and what that means.
#include <port.h>
#include <stdio.h>

#include "tests/storm/round.h"

namespace storm {

namespace {

bool must_have_arrived(const Life& life, uint32_t stream, uint32_t id) {
  return id < life.streams[stream].returned.load(std::memory_order_relaxed);
}

// A killed life's last event may or may not have been sent.
bool may_have_arrived(const Life& life, uint32_t stream, uint32_t id) {
  return life.killed && id < life.streams[stream].started.load(std::memory_order_relaxed);
}

}  // namespace

Count count_events(const Round& round, uint32_t port) {
  Count count = {};
  for (uint32_t number = 0; number < round.lives; ++number) {
    const Life& life = journal->lives[number];
    for (uint32_t stream = 0; stream < kStreams; ++stream) {
      const uint32_t last = life.streams[stream].started.load();
      for (uint32_t id = 0; id < last; ++id) {
        if (!goes_to(stream, id, port)) continue;
        const bool marked = journal->marks[port][number][stream][id].load() != 0;
        if (must_have_arrived(life, stream, id)) {
          ++count.sent;
          if (!marked) ++count.missing;
        } else if (may_have_arrived(life, stream, id)) {
          ++count.unsure;
        } else if (marked && !goes_everywhere(stream, id)) {
          ++count.impossible;  // port_send said that it was not sent
        }
      }
    }
  }
  return count;
}

void check_accounts(Round& round) {
  for (uint32_t port = 0; port < kPorts; ++port) {
    const Count count = count_events(round, port);
    totals.sent += count.sent;
    totals.lost += count.missing;
    totals.unsure += count.unsure;
    if (count.missing > round.budget[port])
      fail(round, "port %u: %llu of %llu events are lost, killed retrievers held %llu at most",
           port, static_cast<unsigned long long>(count.missing),
           static_cast<unsigned long long>(count.sent),
           static_cast<unsigned long long>(round.budget[port]));
    if (count.impossible != 0)
      fail(round, "port %u: %llu events arrived that port_send had refused", port,
           static_cast<unsigned long long>(count.impossible));
  }
  if (journal->twice.load() != 0)
    fail(round, "%llu events arrived twice, the last was %llx",
         static_cast<unsigned long long>(journal->twice.load()),
         static_cast<unsigned long long>(journal->an_event.load()));
  if (journal->strange.load() != 0)
    fail(round, "%llu events arrived that nobody sent, the last was %llx",
         static_cast<unsigned long long>(journal->strange.load()),
         static_cast<unsigned long long>(journal->an_event.load()));
  totals.retrieved += journal->retrieved.load();
}

void print_points() {
  for (uint32_t i = 0; i < point_count; ++i)
    printf("  %-24s %12llu arrivals %6llu kills\n", point_names[i],
           static_cast<unsigned long long>(journal->points[i].arrivals.load()),
           static_cast<unsigned long long>(journal->points[i].kills.load()));
}

void print_totals() {
  uint32_t reached = 0;
  for (uint32_t i = 0; i < point_count; ++i) reached += journal->points[i].kills.load() != 0;
  printf(
      "%llu operations of %llu processes; killed: %llu anywhere, %llu at %u of %u points;"
      " %llu recoveries\n",
      static_cast<unsigned long long>(journal->operations.load()),
      static_cast<unsigned long long>(totals.lives),
      static_cast<unsigned long long>(totals.random_kills),
      static_cast<unsigned long long>(totals.point_kills), reached, point_count,
      static_cast<unsigned long long>(totals.recoveries));
  printf(
      "%llu events sent, %llu retrieved; %llu went with killed retrievers, %llu were in the"
      " hands of killed senders; %llu alerts\n",
      static_cast<unsigned long long>(totals.sent),
      static_cast<unsigned long long>(totals.retrieved),
      static_cast<unsigned long long>(totals.lost), static_cast<unsigned long long>(totals.unsure),
      static_cast<unsigned long long>(journal->alerts.load()));
}

}  // namespace storm
