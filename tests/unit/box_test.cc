// SPDX-License-Identifier: MIT
//
// The signal box, with what killed processes leave in it.
#include "libportc/core/box.h"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "libportc/core/owner.h"

using namespace portc;

namespace {

constexpr uint32_t kSlots = 200;

uint32_t word(BoxState state) { return static_cast<uint32_t>(state); }

void prepare(Port& port) {
  int fd = -1;
  Result<Segment> segment = Segment::create(kSlots, fd);
  cr_assert(bool(segment));
  close(fd);
  port.segment = *segment;
  port.wake_fd = port.doorbell_fd = -1;
}

// As a putter leaves it, without counting it.
void fill(BoxEntry& entry, uint64_t user, uint64_t ticket) {
  entry.events = 1;
  entry.user = user;
  entry.ticket = ticket;
  entry.state.release(word(BoxState::kFull));
}

std::vector<uint64_t> queue_of(Port& port) {
  std::vector<uint64_t> users;
  Segment& segment = port.segment;
  for (uint32_t n = segment.header().queue_head; n != 0; n = segment.slot(n).next)
    users.push_back(segment.slot(n).user);
  return users;
}

int pid_of_the_dead() {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  cr_assert_eq(waitpid(pid, nullptr, 0), pid);
  return pid;
}

}  // namespace

Test(box, what_is_put_is_queued_in_order) {
  static Port port{};
  prepare(port);
  for (uint64_t user = 1; user <= 3; ++user) cr_assert(bool(box_put(port, 1, user)));
  cr_assert_eq(port.segment.header().box_used, 3);
  box_drain(port);
  cr_assert(queue_of(port) == (std::vector<uint64_t>{1, 2, 3}));
  cr_assert_eq(port.segment.header().box_used, 0);
}

Test(box, an_entry_whose_putter_died_before_counting_holds_up_nothing) {
  static Port port{};
  prepare(port);
  fill(port.segment.header().box[0], 7, 0);
  port.segment.header().box_tickets = 1;
  cr_assert(bool(box_put(port, 1, 8)));
  cr_assert_eq(port.segment.header().box_used, 1);
  box_drain(port);
  cr_assert(queue_of(port) == (std::vector<uint64_t>{7, 8}));
  cr_assert_eq(port.segment.header().box_used, 0);
}

Test(box, an_event_that_was_queued_before_its_mover_died_is_not_queued_again) {
  static Port port{};
  prepare(port);
  Segment& segment = port.segment;
  const uint32_t number = segment.allocate();
  segment.slot(number).user = 9;
  segment.enqueue(number, SlotState::kQueued);
  fill(segment.header().box[5], 9, 0);
  segment.header().box[5].state = word(BoxState::kMoving) | number;
  segment.rebuild();
  box_repair(port);
  box_drain(port);
  cr_assert(queue_of(port) == (std::vector<uint64_t>{9}));
  cr_assert_eq(segment.header().box[5].state, word(BoxState::kEmpty));
}

Test(box, an_event_that_was_not_queued_when_its_mover_died_is_queued_once) {
  static Port port{};
  prepare(port);
  Segment& segment = port.segment;
  const uint32_t number = segment.allocate();
  fill(segment.header().box[5], 9, 0);
  segment.header().box[5].state = word(BoxState::kMoving) | number;
  segment.rebuild();
  box_repair(port);
  cr_assert_eq(segment.header().box_used, 1);
  box_drain(port);
  cr_assert(queue_of(port) == (std::vector<uint64_t>{9}));
}

Test(box, entries_in_which_putters_died_are_used_again) {
  static Port port{};
  prepare(port);
  const uint32_t space = static_cast<uint32_t>(owner_self() >> 48) & 0xff;
  const uint32_t dead = static_cast<uint32_t>(pid_of_the_dead());
  for (BoxEntry& entry : port.segment.header().box)
    entry.state = word(BoxState::kWriting) | space << 22 | dead;
  cr_assert(bool(box_put(port, 1, 4)));
  box_drain(port);
  cr_assert(queue_of(port) == (std::vector<uint64_t>{4}));
}

Test(box, entries_of_living_putters_and_of_other_namespaces_are_left_alone) {
  static Port port{};
  prepare(port);
  const uint32_t space = static_cast<uint32_t>(owner_self() >> 48) & 0xff;
  const uint32_t dead = static_cast<uint32_t>(pid_of_the_dead());
  const uint32_t alive = static_cast<uint32_t>(getppid());
  bool foreign = false;
  for (BoxEntry& entry : port.segment.header().box) {
    foreign = !foreign;
    entry.state =
        word(BoxState::kWriting) | (foreign ? (space ^ 1) << 22 | dead : space << 22 | alive);
  }
  cr_assert_not(bool(box_put(port, 1, 4)));
}
