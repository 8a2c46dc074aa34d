// SPDX-License-Identifier: MIT
//
// The lock between processes: exclusion, and what happens when its holder dies.
#include "libportc/base/robust_lock.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>
#include <thread>

#include "libportc/base/maps.h"
#include "libportc/base/thread.h"

using namespace portc;

namespace {

struct Arena {
  RobustLock lock;
  Shared<uint32_t> inside;
  long counter;
};

Arena& arena() {
  void* memory =
      mmap(nullptr, sizeof(Arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  cr_assert_neq(memory, MAP_FAILED);
  return *new (memory) Arena{};
}

template <typename Body>
pid_t child(Body body) {
  const pid_t pid = fork();
  if (pid == 0) {
    thread_reset_child();
    body();
    _exit(0);
  }
  return pid;
}

}  // namespace

Test(robust_lock, excludes_threads) {
  Arena& a = arena();
  auto work = [&a] {
    for (int i = 0; i < 100000; ++i) {
      (void)a.lock.acquire();
      ++a.counter;
      a.lock.release();
    }
  };
  std::thread one(work), two(work), three(work);
  one.join();
  two.join();
  three.join();
  cr_assert_eq(a.counter, 300000);
}

Test(robust_lock, excludes_processes) {
  Arena& a = arena();
  pid_t pids[3];
  for (pid_t& pid : pids)
    pid = child([&a] {
      for (int i = 0; i < 50000; ++i) {
        (void)a.lock.acquire();
        ++a.counter;
        a.lock.release();
      }
    });
  for (pid_t pid : pids) waitpid(pid, nullptr, 0);
  cr_assert_eq(a.counter, 150000);
}

Test(robust_lock, the_next_one_learns_of_a_death_inside) {
  Arena& a = arena();
  const pid_t pid = child([&a] {
    (void)a.lock.acquire();
    raise(SIGKILL);
  });
  waitpid(pid, nullptr, 0);
  cr_assert(a.lock.acquire() == RobustLock::Entry::kOwnerDied);
  a.lock.release();
  cr_assert(a.lock.acquire() == RobustLock::Entry::kClean);
  a.lock.release();
}

Test(robust_lock, a_death_inside_wakes_who_waits) {
  Arena& a = arena();
  const pid_t pid = child([&a] {
    (void)a.lock.acquire();
    a.inside.release(1);
    pause();
  });
  while (a.inside.acquire() == 0) std::this_thread::yield();
  RobustLock::Entry entry = RobustLock::Entry::kClean;
  std::thread waiter([&] {
    a.inside.release(2);
    entry = a.lock.acquire();
    a.lock.release();
  });
  while (a.inside.acquire() != 2) std::this_thread::yield();
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  waiter.join();
  cr_assert(entry == RobustLock::Entry::kOwnerDied);
}

Test(robust_lock, a_repairer_that_dies_leaves_it_to_the_next) {
  Arena& a = arena();
  for (int i = 0; i < 2; ++i) {
    const pid_t pid = child([&a] {
      (void)a.lock.acquire();
      raise(SIGKILL);
    });
    waitpid(pid, nullptr, 0);
  }
  cr_assert(a.lock.acquire() == RobustLock::Entry::kOwnerDied);
  a.lock.release();
}

Test(robust_lock, says_that_it_is_held) {
  Arena& a = arena();
  cr_assert(!lock_is_held());
  (void)a.lock.acquire();
  cr_assert(lock_is_held());
  a.lock.release();
  cr_assert(!lock_is_held());
}

// What a process has mapped is known where /proc may be asked, and nothing is claimed elsewhere.
Test(robust_lock, who_has_the_memory_mapped) {
  Arena& a = arena();
  const pid_t with = child([] { pause(); });
  const pid_t without = child([] {});
  waitpid(without, nullptr, 0);
  cr_assert(!maps_surely_lack(getpid(), &a));
  cr_assert(!maps_surely_lack(with, &a));
  cr_assert(!maps_surely_lack(without, &a));  // there is no such process: nothing is certain
  const int private_memory = 0;
  cr_assert(!maps_surely_lack(1, &private_memory));
  kill(with, SIGKILL);
  siginfo_t info;
  waitid(P_PID, static_cast<id_t>(with), &info, WEXITED | WNOWAIT);
  cr_assert(maps_surely_lack(with, &a));  // a zombie has nothing
  waitpid(with, nullptr, 0);
}

Test(robust_lock, a_number_of_nobody_is_believed_in_one_namespace_only) {
  Arena& a = arena();
  constexpr uint32_t kNobody = 0x3ffffff;
  a.lock.join(5);
  a.lock.join(5);
  *reinterpret_cast<uint32_t*>(&a.lock) = kNobody;
  cr_assert(a.lock.acquire(nullptr, RobustLock::Patience::kSecond) ==
            RobustLock::Entry::kOwnerDied);
  a.lock.release();
  a.lock.join(6);
  *reinterpret_cast<uint32_t*>(&a.lock) = kNobody;
  cr_assert(a.lock.acquire(nullptr, RobustLock::Patience::kSecond) == RobustLock::Entry::kBusy);
  cr_assert(!lock_is_held());
}

// Somebody has set the word to zero: the process's own lock keeps its threads apart.
Test(robust_lock, own_threads_are_kept_apart_whatever_the_word_says) {
  Arena& a = arena();
  static LeafLock own;
  long counter = 0;
  auto work = [&a, &counter] {
    for (int i = 0; i < 100000; ++i) {
      (void)a.lock.acquire(&own);
      *reinterpret_cast<volatile uint32_t*>(&a.lock) = 0;
      ++counter;
      a.lock.release(&own);
    }
  };
  std::thread one(work), two(work), three(work);
  one.join();
  two.join();
  three.join();
  cr_assert_eq(counter, 300000);
}
