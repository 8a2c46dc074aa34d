// SPDX-License-Identifier: MIT
#include "libportc/core/process.h"

#include <pthread.h>
#include <sys/mman.h>

#include "libportc/base/kill_point.h"
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
constinit std::atomic<bool> has_forked{false};  // others may hold the ports

// So that the child's copies of the tables are whole. Waits for no sleeper: nobody sleeps with
// this lock. The ports are shared when the child uses them; most children never do.
void before_fork() {
  if (portc_private_descriptors.load(std::memory_order_acquire) == nullptr) return;
  (void)owner_self();  // the child may have no /proc to ask
  registry_lock.acquire();
  tls.forking = true;
  has_forked.store(true, std::memory_order_relaxed);
}

void after_fork_parent() {
  if (!tls.forking) return;
  tls.forking = false;
  registry_lock.release();
}

void become_child() {
  process_id.store(sys::getpid(), std::memory_order_relaxed);
  owner_reset_child();
  thread_reset_child();
  sources_forked();
  registry_reset_child();
  if (process_canary != nullptr) process_canary->store(1, std::memory_order_relaxed);
}

void after_fork_child() {
  if (!tls.forking) return;  // a port made during the fork is found by process_check()
  tls.forking = false;
  become_child();
  if (planted("child-locked")) return;
  registry_lock.release();
}

// When the library is loaded, and not with the first port: handlers run last registered, first
// called before a fork, so that ours is the innermost. Nobody else's handler runs with our lock.
__attribute__((constructor)) void register_handlers() {
  (void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

}  // namespace

void process_init() {
  if (process_id.load(std::memory_order_relaxed) != 0) return;
  process_id.store(sys::getpid(), std::memory_order_relaxed);
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

bool process_is_main_thread() { return thread_id() == process_id.load(std::memory_order_relaxed); }

void process_exit() {
  if (portc_private_descriptors.load(std::memory_order_acquire) == nullptr) return;
  if (process_is_vfork_child()) return;
  each_port([](Port& port) {
    const bool alone = (port.segment.header().flags & kFlagShared) == 0;
    if (alone && !has_forked.load(std::memory_order_relaxed)) return;
    PortGuard guard(port, Purpose::kGiveUp);
    if (guard && port.announced) sources_leave(port);
  });
}

}  // namespace portc
