// SPDX-License-Identifier: MIT
#include "libportc/core/process.h"

#include <pthread.h>
#include <sys/mman.h>

#include "libportc/base/sys.h"
#include "libportc/base/thread.h"
#include "libportc/core/owner.h"
#include "libportc/core/registry.h"
#include "libportc/core/source.h"

namespace portc {

constinit std::atomic<uint32_t>* process_canary = nullptr;

namespace {

constexpr long kCanarySize = 4096;

constinit std::atomic<int> process_id{0};

// So that the child's copies of the tables are whole. Waits for no sleeper: nobody sleeps with
// this lock. The ports are shared from now on, even if the child never uses them.
void before_fork() {
  registry_lock.acquire();
  registry_mark_shared();
}

void after_fork_parent() { registry_lock.release(); }

void become_child() {
  process_id.store(sys::getpid(), std::memory_order_relaxed);
  owner_reset_child();
  thread_reset_child();
  registry_reset_child();
  if (process_canary != nullptr) process_canary->store(1, std::memory_order_relaxed);
}

void after_fork_child() {
  become_child();
  registry_lock.release();
}

}  // namespace

void process_init() {
  process_id.store(sys::getpid(), std::memory_order_relaxed);
  (void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
  const long r = sys::raw(SYS_mmap, 0, kCanarySize, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (r < 0) return;  // fork handlers alone, then
  if (sys::raw(SYS_madvise, r, kCanarySize, MADV_WIPEONFORK) != 0) return;
  process_canary = reinterpret_cast<std::atomic<uint32_t>*>(r);
  process_canary->store(1, std::memory_order_relaxed);
}

void process_became_child() {
  registry_lock.reset_child();
  become_child();
}

bool process_is_vfork_child() {
  process_check();
  const int known = process_id.load(std::memory_order_relaxed);
  return known != 0 && sys::getpid() != known;
}

void process_exit() {
  if (portc_private_descriptors.load(std::memory_order_acquire) == nullptr) return;
  if (process_is_vfork_child()) return;
  each_port([](Port& port) {
    if ((port.segment.header().flags & kFlagShared) == 0) return;
    PortGuard guard(port);
    if (guard) sources_leave(port);
  });
}

}  // namespace portc
