// SPDX-License-Identifier: MIT
//
// B1's loop with the libraries that programs use instead of a port: libev, libevent and libuv. The
// reference is the one that B1 has, so that the ratios can be laid beside each other. Both sides
// are processes without our wrappers (peers/main.cc).
#include "tests/bench/bench.h"
#include "tests/bench/remote.h"

namespace portc::bench {
namespace {

class PeerPair : public Pair {
 public:
  PeerPair(const char* library, const char* habit, const std::string& k)
      : library_(command(library, habit, k)), by_hand_(command("epoll", "again", k)) {
    if (library_.finish() != 0 || by_hand_.finish() != 0) {
      fail("our library is in a process that should be without it");
    }
  }
  double subject(long ops) override { return library_.ask(0, ops); }
  double reference(long ops) override { return by_hand_.ask(0, ops); }

 private:
  static std::vector<std::string> command(const char* name, const char* habit,
                                          const std::string& k) {
    return {own_folder() + "/peers", name, habit, k};
  }

  Remote library_, by_hand_;
};

struct Habit {
  const char* word;    // for the program
  const char* suffix;  // of the row's name
  const char* what;
};
constexpr Habit kHabits[] = {{"stays", "", "one watcher for all time"},
                             {"again", "-again", "started again each time"}};

}  // namespace

void add_peers(Scenarios& all) {
  for (const char* library : {"libev", "libevent", "libuv"}) {
    for (const Habit& habit : kHabits) {
      for (const int size : {1, 16, 256}) {
        const std::string k = std::to_string(size);
        Scenario s;
        s.id = std::string("B1.") + library + habit.suffix + ".k" + k;
        s.name = std::string(habit.what) + ", " + k + " ready";
        s.reference = "epoll_wait+read+EPOLLONESHOT by MOD";
        s.peer = true;
        s.events = size;
        s.make = [=] { return std::make_unique<PeerPair>(library, habit.word, k); };
        all.push_back(s);
      }
    }
  }
}

}  // namespace portc::bench
