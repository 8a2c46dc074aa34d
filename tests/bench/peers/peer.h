// SPDX-License-Identifier: MIT
//
// B1's loop as a user of another event library has it. Each library is a file of this folder;
// their headers use the same names for different things.
#ifndef PORTC_TESTS_BENCH_PEERS_PEER_H
#define PORTC_TESTS_BENCH_PEERS_PEER_H

#include <memory>
#include <vector>

#include "tests/bench/sets.h"

namespace portc::bench {

// How a descriptor is looked after.
enum class Habit {
  kStays,  // once for all
  kAgain,  // stopped and started, or added again, for each event, as a port's user does
};

// k eventfds that are all ready each time round.
class Peer {
 public:
  explicit Peer(int k);
  virtual ~Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // The writer's and the reader's work included, as in fd_loop.cc.
  double total(long loops);

 protected:
  // Waits for events and takes each of them.
  virtual void turn() = 0;

  int count() const { return static_cast<int>(channels_.size()); }
  int fd(int index) const { return channels_[static_cast<size_t>(index)].fd(); }
  // What a library's callback does: reads the descriptor.
  void take(int index);

 private:
  std::vector<Channel> channels_;
  int taken_ = 0;
};

std::unique_ptr<Peer> make_libev(int k, Habit habit);
std::unique_ptr<Peer> make_libevent(int k, Habit habit);
std::unique_ptr<Peer> make_libuv(int k, Habit habit);

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_PEERS_PEER_H
