// SPDX-License-Identifier: MIT
//
// The segment: slots, queue, index, and their repair.
#include "libportc/core/segment.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <vector>

using namespace portc;

namespace {

constexpr uint32_t kSlots = 64;

Segment make(uint32_t slots = kSlots) {
  int fd = -1;
  Result<Segment> segment = Segment::create(slots, fd);
  cr_assert(bool(segment));
  close(fd);
  return *segment;
}

uint32_t send(Segment& segment, uint64_t user) {
  const uint32_t number = segment.allocate();
  cr_assert_neq(number, 0);
  segment.slot(number).user = user;
  segment.enqueue(number, SlotState::kQueued);
  return number;
}

std::vector<uint64_t> queue_of(Segment& segment) {
  std::vector<uint64_t> users;
  for (uint32_t n = segment.header().queue_head; n != 0; n = segment.slot(n).next)
    users.push_back(segment.slot(n).user);
  return users;
}

void take(Segment& segment, uint32_t number) {
  segment.unlink(number);
  segment.release(number);
}

}  // namespace

Test(segment, a_fresh_one_is_empty) {
  Segment segment = make();
  cr_assert_eq(segment.header().queued, 0);
  cr_assert_eq(segment.header().in_use, 0);
  cr_assert_eq(segment.slot_count(), kSlots);
  cr_assert(queue_of(segment).empty());
}

Test(segment, the_queue_keeps_the_order) {
  Segment segment = make();
  for (uint64_t i = 1; i <= 5; ++i) send(segment, i);
  cr_assert(queue_of(segment) == (std::vector<uint64_t>{1, 2, 3, 4, 5}));
}

Test(segment, unlink_from_head_middle_and_tail) {
  Segment segment = make();
  uint32_t n[6];
  for (uint64_t i = 1; i <= 5; ++i) n[i] = send(segment, i);
  take(segment, n[3]);
  take(segment, n[1]);
  take(segment, n[5]);
  cr_assert(queue_of(segment) == (std::vector<uint64_t>{2, 4}));
  cr_assert_eq(segment.header().queued, 2);
  cr_assert_eq(segment.header().in_use, 2);
}

Test(segment, no_more_slots_than_its_size_and_a_freed_one_is_used_again) {
  Segment segment = make(3);
  const uint32_t first = send(segment, 1);
  send(segment, 2);
  send(segment, 3);
  cr_assert_eq(segment.allocate(), 0);
  take(segment, first);
  cr_assert_eq(segment.allocate(), first);
}

Test(segment, a_slot_number_out_of_range_is_damage_not_a_crash) {
  Segment segment = make();
  segment.slot(kSlots + 1).user = 7;
  cr_assert(segment.damaged());
}

Test(segment, a_corrupt_link_is_damage_not_a_crash) {
  Segment segment = make();
  const uint32_t a = send(segment, 1);
  send(segment, 2);
  segment.slot(a).next = 0xdeadbeef;
  take(segment, a);
  cr_assert(segment.damaged());
}

Test(segment, the_index_finds_equal_objects_in_one_bucket) {
  Segment segment = make();
  std::vector<uint32_t> numbers;
  for (uint64_t object : {uint64_t{7}, uint64_t{7} + kBuckets, uint64_t{7}}) {
    const uint32_t number = segment.allocate();
    segment.slot(number).object = object;
    segment.slot(number).state = static_cast<uint32_t>(SlotState::kIdle);
    segment.index_insert(number);
    numbers.push_back(number);
  }
  segment.index_remove(numbers[1]);
  std::vector<uint32_t> found;
  segment.each_in_bucket(7, [&found](uint32_t number, const Slot&) {
    found.push_back(number);
    return true;
  });
  cr_assert(found == (std::vector<uint32_t>{numbers[2], numbers[0]}));
}

// Scribbles over everything that is derived, and compares what the repair makes of it.
Test(segment, rebuild_restores_queue_index_and_counts) {
  std::mt19937 random(42);
  for (int round = 0; round < 50; ++round) {
    Segment segment = make();
    std::vector<uint32_t> live;
    for (int i = 0; i < 200; ++i) {
      if (live.size() < kSlots && random() % 3 != 0) {
        live.push_back(send(segment, i));
      } else if (!live.empty()) {
        const size_t at = random() % live.size();
        take(segment, live[at]);
        live.erase(live.begin() + static_cast<long>(at));
      }
    }
    const std::vector<uint64_t> before = queue_of(segment);
    const uint32_t in_use = segment.header().in_use;
    for (uint32_t n = 1; n <= segment.header().high_water; ++n) {
      segment.slot(n).next = random();
      segment.slot(n).previous = random();
    }
    segment.header().queue_head = random();
    segment.header().queue_tail = random();
    segment.header().queued = random();
    segment.header().in_use = random();
    segment.header().free_head = random();
    segment.rebuild();
    cr_assert(queue_of(segment) == before);
    cr_assert_eq(segment.header().in_use, in_use);
    cr_assert_eq(segment.header().queued, before.size());
    while (segment.allocate() != 0) {
    }
    cr_assert_eq(segment.header().in_use, kSlots);
    cr_assert(!segment.damaged());
    segment.unmap();
  }
}

Test(segment, foreign_memory_is_refused) {
  const int plain = memfd_create("x", MFD_CLOEXEC);
  cr_assert_eq(Segment::map(plain).error(), EBADFD, "not sealed");
  const int zeros = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  cr_assert_eq(ftruncate(zeros, 8 << 20), 0);
  cr_assert_eq(fcntl(zeros, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
  cr_assert_eq(Segment::map(zeros).error(), EBADFD, "no magic");
  cr_assert_eq(Segment::map(0).error(), EBADFD, "not memory");
}

Test(segment, a_header_that_lies_about_its_size_is_refused) {
  int fd = -1;
  Result<Segment> segment = Segment::create(kSlots, fd);
  cr_assert(bool(segment));
  segment->header().slot_count = kSlots * 2;
  cr_assert_eq(Segment::map(fd).error(), EBADFD);
  segment->header().slot_count = kSlots;
  segment->header().version = kLayoutVersion + 1;
  cr_assert_eq(Segment::map(fd).error(), EBADFD);
}
