// SPDX-License-Identifier: MIT
//
// What happens to a process's ports when it forks and when it exits. For exec see exec.h; the new
// image attaches anew (attach.h).
#pragma once

#include <atomic>
#include <cstdint>

namespace portc {

// Prepares for forks that no handler sees. Called with the first port; again does nothing.
void process_init();

// In a word that the kernel zeroes in every fork child, however it was made.
extern std::atomic<uint32_t>* process_canary;

// The slow half of process_check().
void process_became_child();

// At the entry of every call: have we become another process without a fork handler (raw clone)?
inline void process_check() {
  if (process_canary != nullptr && process_canary->load(std::memory_order_relaxed) == 0)
    process_became_child();
}

// Is this the thread that the process began with? False before process_init().
bool process_is_main_thread();

// Is there more than one thread? False when in doubt.
bool process_has_threads();

// Is this a vfork child: another process that still runs in its parent's memory? The tables are
// the parent's then, and only descriptors may be touched.
bool process_is_vfork_child();

// May another process hold the port, as far as this one can know?
struct Port;
bool process_may_share(const Port& port);

// The process is about to end: drop what it owns in ports that other processes hold.
void process_exit();

}  // namespace portc
