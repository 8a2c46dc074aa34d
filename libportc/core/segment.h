// SPDX-License-Identifier: MIT
//
// The mapped shared memory of one port: slots, the queue through them, the index of
// associations, and the repair of all three. Knows no descriptors and no event sources.
//
// Every function below `the lock is held` needs the port's lock. A link that points outside the
// slots marks the segment damaged; the caller's next lock then fails (port_lock).
#pragma once

#include <cstdint>

#include "libportc/base/kill_point.h"
#include "libportc/base/result.h"
#include "libportc/core/layout.h"

namespace portc {

class Segment {
 public:
  // Makes a sealed memfd for `slot_count` slots and maps it. The lock is free, the queue empty.
  //   memory_fd  the memfd, close-on-exec, which the caller owns; written on success only
  // Errors: EMFILE, ENFILE, ENOMEM.
  static Result<Segment> create(uint32_t slot_count, int& memory_fd);

  // Maps a descriptor that claims to be such memory. Errors: EBADFD (not sealed, not ours, another
  // layout, a size that does not fit), ENOMEM.
  static Result<Segment> map(int memory_fd);

  Segment() = default;
  void unmap();  // leaves an empty one; nothing to do for an empty one

  PortHeader& header() const { return *header_; }
  uint32_t slot_count() const { return slot_count_; }
  bool damaged() const { return damaged_; }

  // --- the lock is held ---

  // Slot number 1..slot_count. Any other marks the segment damaged and gives a scratch slot.
  Slot& slot(uint32_t number) {
    if (PORTC_UNLIKELY(number - 1 >= slot_count_)) return scratch_slot();
    return slots_[number - 1];
  }

  // A count of slots, or what another process has made of it: at most as many as there are.
  uint32_t bounded(uint32_t count) const {
    return count < slot_count_ || planted("counts-as-told") ? count : slot_count_;
  }

  // Calls visit(slot, number) for each slot that is not free; it may free it. Ends where a count
  // that another process has written leads out of the slots.
  template <typename Visit>
  void each_used(Visit visit) {
    const uint32_t high_water = header_->high_water;
    for (uint32_t number = 1; number <= high_water && !damaged_; ++number) {
      Slot& used = slot(number);
      if (used.state != static_cast<uint32_t>(SlotState::kFree)) visit(used, number);
    }
  }

  // A slot in kFree, not yet committed to anything; 0 if all are in use.
  uint32_t allocate();
  void release(uint32_t number);

  // Appends to the queue's tail with the next sequence number; `state` commits it.
  void enqueue(uint32_t number, SlotState state);
  // Takes out of the queue; the state is the caller's to store, before or after as it commits.
  void unlink(uint32_t number);

  // Calls visit(number, slot) for the associations in the object's bucket of the index, which holds
  // other objects, too, until it returns false. Bounded: a chain in a circle is damage.
  template <typename Visit>
  void each_in_bucket(uint64_t object, Visit visit);
  void index_insert(uint32_t number);
  void index_remove(uint32_t number);

  // Makes everything derived anew from the slots, after a holder of the lock died inside.
  void rebuild();

  void mark_damaged() { damaged_ = true; }

 private:
  Shared<uint32_t>& bucket(uint64_t object) const { return buckets_[object & (kBuckets - 1)]; }
  Slot& scratch_slot();
  static Result<Segment> map_sized(int memory_fd, size_t size);
  void locate(uint32_t slot_count);
  void rebuild_links(uint32_t high_water);
  void rebuild_queue(uint32_t first);

  PortHeader* header_ = nullptr;
  Slot* slots_ = nullptr;  // slots_[0] is slot number 1
  Shared<uint32_t>* buckets_ = nullptr;
  size_t size_ = 0;
  uint32_t slot_count_ = 0;
  bool damaged_ = false;
};

template <typename Visit>
void Segment::each_in_bucket(uint64_t object, Visit visit) {
  uint32_t number = bucket(object);
  for (uint32_t steps = 0; number != 0; ++steps) {
    if (PORTC_UNLIKELY(steps == slot_count_)) {
      damaged_ = true;
      return;
    }
    const Slot& s = slot(number);
    if (!visit(number, s)) return;
    number = s.chain;
  }
}

}  // namespace portc
