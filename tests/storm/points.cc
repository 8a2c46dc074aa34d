// SPDX-License-Identifier: MIT
//
// The hooks of libportc/base/kill_point.h. They run inside the port's lock and in signal handlers:
// no calls but system calls.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "libportc/base/kill_point.h"
#include "tests/storm/storm.h"

namespace storm {

const char* const point_names[] = {
#include "points.inc"
};
const uint32_t point_count = sizeof point_names / sizeof point_names[0];
static_assert(sizeof point_names / sizeof point_names[0] <= kMaxPoints);

namespace {

constexpr uint32_t kCache = 1024;

Life* self = nullptr;

// The literals' addresses are this process's own; names are compared once for each.
struct Cached {
  std::atomic<const char*> name;
  std::atomic<uint32_t> point;
};
Cached cache[kCache];

uint32_t look_up(const char* name) {
  for (uint32_t point = 0; point < point_count; ++point)
    if (strcmp(point_names[point], name) == 0) return point;
  return kNoPoint;
}

uint32_t point_of(const char* name) {
  Cached& entry = cache[reinterpret_cast<uintptr_t>(name) % kCache];
  if (entry.name.load(std::memory_order_acquire) == name)
    return entry.point.load(std::memory_order_relaxed);
  const uint32_t point = look_up(name);
  if (entry.name.load(std::memory_order_relaxed) == nullptr) {
    entry.point.store(point, std::memory_order_relaxed);
    entry.name.store(name, std::memory_order_release);
  }
  return point;
}

void die_at(uint32_t point) {
  journal->points[point].kills.fetch_add(1, std::memory_order_relaxed);
  self->killed_at.store(point + 1, std::memory_order_relaxed);
  for (;;) (void)syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

}  // namespace

void points_begin(Life* life) { self = life; }

}  // namespace storm

extern "C" __attribute__((visibility("default"))) void portc_kill_point(const char* name) {
  using namespace storm;
  if (self == nullptr) return;
  const uint32_t point = point_of(name);
  if (point == kNoPoint) return;
  journal->points[point].arrivals.fetch_add(1, std::memory_order_relaxed);
  if (self->point != point && self->point != kAnyPoint) return;
  if (self->countdown == 0 || --self->countdown != 0) return;
  if (journal->disarmed.load(std::memory_order_relaxed) == 0) die_at(point);
}

extern "C" __attribute__((visibility("default"))) bool portc_planted(const char* defect) {
  if (storm::journal == nullptr) return false;
  if (strcmp(defect, "no-vigil") == 0 && storm::journal->no_vigil.load() != 0) return true;
  return strcmp(storm::journal->defect, defect) == 0;
}
