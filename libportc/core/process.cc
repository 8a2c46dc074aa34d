// SPDX-License-Identifier: MIT
#include "libportc/core/process.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/base/thread.h"
#include "libportc/core/exec.h"
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
  registry_expose();
  has_forked.store(true, std::memory_order_relaxed);
}

void after_fork_parent() {
  if (!tls.forking) return;
  tls.forking = false;
  registry_lock.release();
}

// As after a clone with CLONE_FILES alone. False when in doubt.
bool shares_descriptors() {
  constexpr long kFiles = 2;  // KCMP_FILES of <linux/kcmp.h>
  return sys::raw(SYS_kcmp, sys::getpid(), sys::raw(SYS_getppid), kFiles) == 0;
}

void become_child() {
  process_id.store(sys::getpid(), std::memory_order_relaxed);
  owner_reset_child();
  thread_reset_child();
  exec_reset_child();
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
  registry_spare_hidden(shares_descriptors());
  become_child();
  registry_spare_hidden(false);
}

bool process_is_vfork_child() {
  process_check();
  const int known = process_id.load(std::memory_order_relaxed);
  return known != 0 && sys::getpid() != known;
}

// The directory has a link for itself, one from above, and one from each thread's.
bool process_has_threads() {
  struct stat st = {};
  return sys::raw(SYS_newfstatat, AT_FDCWD, sys::arg("/proc/self/task"), sys::arg(&st), 0) == 0 &&
         st.st_nlink > 3;
}

bool process_is_main_thread() { return thread_id() == process_id.load(std::memory_order_relaxed); }

bool process_may_share(const Port& port) {
  return has_forked.load(std::memory_order_relaxed) ||
         (port.segment.header().flags & kFlagShared) != 0;
}

void process_exit() {
  if (portc_private_descriptors.load(std::memory_order_acquire) == nullptr) return;
  if (process_is_vfork_child()) return;
  each_port([](Port& port) {
    if (!port_is_used(port) || !process_may_share(port)) return;
    PortGuard guard(port, Purpose::kExit);
    if (guard && port.announced) sources_leave(port);
  });
}

}  // namespace portc
