// SPDX-License-Identifier: MIT
//
// Where everything in the shared memory is. Whoever has to change this after a release changes
// kLayoutVersion, too.
#include "libportc/core/layout.h"

#include <criterion/criterion.h>

using namespace portc;

Test(layout, is_that_of_version_1) {
  cr_assert_eq(kLayoutVersion, 1);
  cr_assert_eq(sizeof(PortHeader), 1840);
  cr_assert_eq(offsetof(PortHeader, lock), 64);
  cr_assert_eq(offsetof(PortHeader, flags), 72);
  cr_assert_eq(offsetof(PortHeader, queue_head), 76);
  cr_assert_eq(offsetof(PortHeader, high_water), 96);
  cr_assert_eq(offsetof(PortHeader, doorbell_up), 104);
  cr_assert_eq(offsetof(PortHeader, seq), 120);
  cr_assert_eq(offsetof(PortHeader, alert_on), 144);
  cr_assert_eq(offsetof(PortHeader, alerts), 160);
  cr_assert_eq(offsetof(PortHeader, box_used), 288);
  cr_assert_eq(offsetof(PortHeader, box), 304);
  cr_assert_eq(kSlotsOffset, 1856);
  cr_assert_eq(offsetof(Slot, seq), 16);
  cr_assert_eq(offsetof(Slot, flags), 30);
  cr_assert_eq(offsetof(Slot, object), 32);
  cr_assert_eq(offsetof(Slot, owner), 48);
  cr_assert_eq(offsetof(Slot, wanted), 60);
  cr_assert_eq(sizeof(BoxEntry), 24);
}

// The meaning of bits that other programs find there.
Test(layout, states_and_flags_mean_what_they_did) {
  cr_assert_eq(static_cast<uint32_t>(SlotState::kIdle), 4);
  cr_assert_eq(kSlotNested, 128);
  cr_assert_eq(kWantedReplaced, 1u << 16);
  cr_assert_eq(static_cast<uint32_t>(BoxState::kWriting), 1u << 30);
  cr_assert_eq(kFlagShared | kFlagExact, 3);
}
