// SPDX-License-Identifier: MIT
#include "libportc/source/fd.h"

#include <poll.h>
#include <sys/stat.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/fdinfo.h"
#include "libportc/core/owner.h"
#include "libportc/core/registry.h"
#include "libportc/source/fd_item.h"

namespace portc {
namespace {

constexpr uint32_t kPollBits = 0xffff;  // the events of an association are 16 bits wide
constexpr uint32_t kFileBits = POLLIN | POLLRDNORM | POLLRDBAND | POLLOUT | POLLWRNORM | POLLWRBAND;

bool is(const Slot& slot, SlotState state) { return slot.state == static_cast<uint32_t>(state); }
bool always_ready(const Slot& slot) { return (slot.flags & kSlotAlwaysReady) != 0; }

int set_of(const Port& port) { return port.fd.load(std::memory_order_relaxed); }

// Takes a slot's event out of the queue, or its item out of the count of what can fire.
void calm(Port& port, uint32_t number) {
  const Slot& slot = port.segment.slot(number);
  PortHeader& header = port.segment.header();
  if (is(slot, SlotState::kFired))
    port.segment.unlink(number);
  else if (is(slot, SlotState::kArmed) && !always_ready(slot))
    header.armed = header.armed - 1;
}

void free_association(Port& port, uint32_t number) {
  kill_point("fd.freeing");
  calm(port, number);
  kill_point("fd.calm");
  item_forget(port, port.segment.slot(number));
  port.segment.index_remove(number);
  port.segment.release(number);
}

// Identity of a file that epoll refuses, in the place of a generation. 0 if fd is not open.
uint32_t file_identity(int fd) {
  struct stat st = {};
  if (sys::raw(SYS_fstat, fd, sys::arg(&st)) != 0) return 0;
  const uint64_t mixed = (st.st_ino * 0x9e3779b97f4a7c15u) ^ (st.st_dev * 0xc2b2ae3d27d4eb4fu);
  return static_cast<uint32_t>(mixed >> 33) | 1;
}

bool open_here(int fd) { return sys::fcntl(fd, F_GETFD) >= 0; }

// Does this process hold the slot's file under the slot's number? The item of an armed slot
// stays enabled.
bool same_file(Port& port, const Slot& slot, uint32_t number) {
  const int fd = static_cast<int>(slot.object);
  if (always_ready(slot)) return file_identity(fd) == slot.generation;
  if (slot.owner != owner_self() && registry_is_hidden(fd)) return false;  // it would be ours
  return item_confirm(port, number, fd) == 0;
}

// --- finding an association by descriptor number ---

struct Candidates {
  uint32_t mine = 0;
  uint32_t foreign = 0;  // the first
  uint32_t foreign_count = 0;
};

Candidates candidates(Port& port, int fd) {
  Candidates found;
  const OwnerToken self = owner_self();
  port.segment.each_in_bucket(static_cast<uint64_t>(fd), [&](uint32_t number, const Slot& slot) {
    if (slot.object != static_cast<uint64_t>(fd) ||
        slot.source != static_cast<uint16_t>(Source::kFd))
      return true;
    if (slot.owner == self) {
      found.mine = number;
    } else if (found.foreign_count++ == 0) {
      found.foreign = number;
    }
    return true;
  });
  return found;
}

struct ItemSearch {
  uint64_t marker;
  int fd;
  uint64_t seen[8];  // keys of other items with this number
  int count;
};

bool note_item(void* context, const EpollItem& item) {
  ItemSearch& search = *static_cast<ItemSearch*>(context);
  if (item.fd == search.fd && item.key != search.marker && search.count < 8)
    search.seen[search.count++] = item.key;
  return true;
}

uint32_t slot_without_item(Port& port, const ItemSearch& search) {
  const uint64_t object = static_cast<uint64_t>(search.fd);
  uint32_t found = 0;
  port.segment.each_in_bucket(object, [&](uint32_t number, const Slot& slot) {
    bool elsewhere = slot.object != object;
    for (int i = 0; i < search.count && !elsewhere; ++i)
      elsewhere = search.seen[i] == item_key(slot, number);
    if (!elsewhere) found = number;
    return elsewhere;
  });
  return found;
}

// Of the associations under this number, the one of the file at `fd`, which epoll refuses.
uint32_t find_always_ready(Port& port, int fd) {
  const uint32_t identity = file_identity(fd);
  uint32_t found = 0;
  port.segment.each_in_bucket(static_cast<uint64_t>(fd), [&](uint32_t number, const Slot& slot) {
    if (slot.object == static_cast<uint64_t>(fd) && always_ready(slot) &&
        slot.generation == identity)
      found = number;
    return found == 0;
  });
  return found;
}

// Several other processes have associated different files under this number, and this process
// holds one of them. Marks its item, and looks which of the slots has no item left.
uint32_t resolve_foreign(Port& port, int fd) {
  ItemSearch search = {kForeignKey | 1, fd, {}, 0};
  if (item_disable(port, fd, search.marker) != 0) return find_always_ready(port, fd);
  if (!fdinfo_each_item(set_of(port), note_item, &search)) return candidates(port, fd).foreign;
  const uint32_t number = slot_without_item(port, search);
  if (number != 0) (void)same_file(port, port.segment.slot(number), number);  // arm it again
  return number;
}

// Is the association one that its owner's death has ended? It goes, then: nobody could retrieve its
// event, and whoever associates the descriptor again would wait for nothing.
bool ended_by_death(Port& port, uint32_t number) {
  if (!owner_is_dead(port.segment.slot(number).owner)) return false;
  fd_drop(port, number);
  return true;
}

// Another process's association of the file this process has at `fd`; 0 if there is none.
uint32_t find_foreign(Port& port, int fd, const Candidates& found) {
  uint32_t number = 0;
  if (found.foreign_count > 1)
    number = resolve_foreign(port, fd);
  else if (found.foreign != 0 && same_file(port, port.segment.slot(found.foreign), found.foreign))
    number = found.foreign;
  return number != 0 && ended_by_death(port, number) ? 0 : number;
}

// The association of the file this process has at `fd`; 0 if there is none. A stale one of its
// own (the descriptor was closed where we could not see it) is freed on the way.
uint32_t find(Port& port, int fd) {
  const Candidates found = candidates(port, fd);
  if (found.mine != 0) {
    if (same_file(port, port.segment.slot(found.mine), found.mine)) return found.mine;
    free_association(port, found.mine);
  }
  return find_foreign(port, fd, found);
}

// --- associating ---

// `number` is in the index; the kernel knows about it.
void arm(Port& port, uint32_t number) {
  Slot& slot = port.segment.slot(number);
  PortHeader& header = port.segment.header();
  kill_point("fd.arming");
  slot.state.release(static_cast<uint32_t>(SlotState::kArmed));
  kill_point("fd.armed");
  header.armed = header.armed + 1;
}

// A file that epoll cannot watch is ready for everything that is asked of it.
void arm_always_ready(Port& port, uint32_t number, int fd) {
  Slot& slot = port.segment.slot(number);
  slot.flags = kSlotAlwaysReady;
  slot.generation = file_identity(fd);
  const uint32_t ready = slot.wanted & kFileBits;
  slot.events = static_cast<int32_t>(ready);
  if (ready != 0)
    port_enqueue(port, number, SlotState::kFired);
  else
    slot.state.release(static_cast<uint32_t>(SlotState::kArmed));
}

int rearm_always_ready(Port& port, uint32_t number, int fd, uint32_t events, uint64_t user) {
  Slot& slot = port.segment.slot(number);
  if (file_identity(fd) != slot.generation) return -ENOENT;
  calm(port, number);
  slot.wanted = events;
  slot.user = user;
  arm_always_ready(port, number, fd);
  return 0;
}

// What is asked for changes as a whole: whoever is killed before the store of `wanted` has changed
// nothing, and after it a repair does the rest (Segment::rebuild). The slot is in no list.
void replace(Port& port, uint32_t number, uint32_t events, uint64_t user) {
  Slot& slot = port.segment.slot(number);
  if (!planted("torn")) {
    slot.next = static_cast<uint32_t>(user);
    slot.previous = static_cast<uint32_t>(user >> 32);
    kill_point("fd.noted_down");
    slot.wanted.release(events | kWantedReplaced);
    kill_point("fd.replaced");
  } else {
    slot.wanted = events;
    kill_point("fd.replaced");
  }
  slot.user = user;
  kill_point("fd.user_stored");
  arm(port, number);
  slot.wanted = events;
}

// Puts a slot that owns an association back to work. 0, or the error of the kernel's lookup.
int rearm_known(Port& port, uint32_t number, int fd, uint32_t events, uint64_t user) {
  Slot& slot = port.segment.slot(number);
  if (PORTC_UNLIKELY(always_ready(slot))) return rearm_always_ready(port, number, fd, events, user);
  const bool stands = item_stands(port, slot, events) && item_note(port, number, fd);
  if (!stands) {
    const int r = item_arm(port, number, fd, events);
    if (r != 0) return r;
  }
  kill_point("fd.enabled");
  calm(port, number);
  kill_point("fd.calmed");
  if (!stands) {
    replace(port, number, events, user);
    return 0;
  }
  // Nobody else uses the port: what dies with this process is its own.
  slot.user = user;
  arm(port, number);
  if (PORTC_UNLIKELY(items_noted_full(port))) (void)fd_verify(port);
  return 0;
}

Errno add_error(int error) {
  switch (error) {
    case EBADF:
      return Errno{EBADFD};
    case ENOSPC:
      return Errno{EAGAIN};
    default:
      return Errno{error};
  }
}

void fill(Slot& slot, int fd, uint32_t events, uint64_t user, bool nested) {
  slot.source = static_cast<uint16_t>(Source::kFd);
  slot.flags = nested ? kSlotNested : 0;
  slot.object = static_cast<uint64_t>(fd);
  slot.user = user;
  slot.owner = owner_self();
  slot.wanted = events;
}

// `nested`: the descriptor is a port.
Result<void> associate_new(Port& port, int fd, uint32_t events, uint64_t user, bool nested) {
  Segment& segment = port.segment;
  const uint32_t number = sources_allocate(port);
  if (number == 0) return Errno{open_here(fd) ? EAGAIN : EBADFD};
  Slot& slot = segment.slot(number);
  fill(slot, fd, events, user, nested);
  const int r = item_add(port, number, fd);
  if (r != 0 && r != -EPERM) {
    segment.release(number);
    return add_error(-r);
  }
  kill_point("fd.added");
  segment.index_insert(number);
  if (r == 0)
    arm(port, number);
  else
    arm_always_ready(port, number, fd);
  registry_note_association(port, fd, number);
  return {};
}

// One's own association, if it is where it was last seen: spares the walk through the index.
uint32_t remembered(Port& port, int fd) {
  const uint32_t number = registry_association_hint(port, fd);
  if (number - 1 >= port.segment.slot_count()) return 0;
  const Slot& slot = port.segment.slot(number);
  const bool same = slot.object == static_cast<uint64_t>(fd) && slot.owner == owner_self() &&
                    slot.source == static_cast<uint16_t>(Source::kFd) &&
                    !is(slot, SlotState::kFree);
  return same ? number : 0;
}

// The usual case needs no question before the call that re-arms: one's own association, or the
// only one there is.
bool try_likely(Port& port, const Candidates& found, int fd, uint32_t events, uint64_t user) {
  uint32_t only = found.mine;
  if (only == 0 && found.foreign_count == 1) {
    only = found.foreign;
    if (ended_by_death(port, only)) return false;
  }
  return only != 0 && rearm_known(port, only, fd, events, user) == 0;
}

// A port inside a port is polled by the kernel, so its user events must ring.
// True if it is one.
bool prepare_nested(int fd) {
  if (!port_recognise(fd)) return false;
  Result<PortRef> inner = port_acquire(fd);
  if (!inner) return true;
  PortGuard guard(**inner);
  if (guard) port_set_exact(**inner);
  return true;
}

// --- the source's operations ---

// Is another process's association the one of the file this process has under its number?
bool held_here(Port& port, uint32_t number) {
  const Slot& slot = port.segment.slot(number);
  const int fd = static_cast<int>(slot.object);
  const Candidates found = candidates(port, fd);
  if (found.mine != 0) return false;
  if (found.foreign_count > 1) return resolve_foreign(port, fd) == number;
  return same_file(port, slot, number);
}

bool deliverable(Port& port, uint32_t number) {
  const Slot& slot = port.segment.slot(number);
  const OwnerToken owner = slot.owner;
  if (owner == owner_self()) return true;
  if (owner_is_dead(owner)) {
    fd_drop(port, number);
    return false;
  }
  return held_here(port, number);
}

void retire(Port& port, uint32_t number) {
  Slot& slot = port.segment.slot(number);
  item_retired(port, number);
  kill_point("fd.retiring");
  slot.state.release(static_cast<uint32_t>(SlotState::kIdle));
  kill_point("fd.retired");
}

void rearm(Port& port, uint32_t number) {
  if (port.segment.slot(number).owner == owner_self())
    (void)same_file(port, port.segment.slot(number), number);
  else
    (void)held_here(port, number);
}

}  // namespace

const SourceOps kFdOps = {deliverable, retire, rearm, fd_drop, nullptr};

Result<void> fd_associate(Port& port, int fd, uint32_t events, uint64_t user) {
  events &= kPollBits & ~static_cast<uint32_t>(POLLNVAL);
  bool nested = false;
  for (bool nested_prepared = false;; nested_prepared = true) {
    PortGuard guard(port);
    if (!guard) return Errno{guard.error()};
    const uint32_t mine = remembered(port, fd);
    if (PORTC_LIKELY(mine != 0 && rearm_known(port, mine, fd, events, user) == 0)) return {};
    const Candidates found = candidates(port, fd);
    if (try_likely(port, found, fd, events, user)) {
      if (found.mine != 0) registry_note_association(port, fd, found.mine);
      return {};
    }
    if (!nested_prepared) {
      guard.release();
      nested = prepare_nested(fd);
      continue;
    }
    const uint32_t known = find(port, fd);
    if (known != 0 && rearm_known(port, known, fd, events, user) == 0) return {};
    return associate_new(port, fd, events, user, nested);
  }
}

bool fd_reported(Port& port, uint32_t number, uint32_t generation, uint32_t events,
                 bool before_sleep) {
  Slot& slot = port.segment.slot(number);
  // An association that has been replaced, or ended where the item could not be removed.
  if (slot.generation != generation || slot.source != static_cast<uint16_t>(Source::kFd))
    return false;
  const Report report = item_reported(port, number, before_sleep);
  if (report != Report::kEvent) return report == Report::kDisabled;
  kill_point("fd.reported");
  slot.events = static_cast<int32_t>(events & (slot.wanted | POLLERR | POLLHUP));
  port.segment.header().armed = port.segment.header().armed - 1;
  port_enqueue(port, number, SlotState::kFired);
  item_fired(port, number);
  return true;
}

namespace {

// The slot was armed without a question. If its descriptor has been closed and is another file
// now, the association is made anew, as it would have been then. True if so.
bool verify(Port& port, uint32_t number, int fd) {
  Slot& slot = port.segment.slot(number);
  if ((slot.flags & kSlotNoted) == 0) return false;
  slot.flags = static_cast<uint16_t>(slot.flags & ~kSlotNoted);
  if (!is(slot, SlotState::kArmed) || slot.source != static_cast<uint16_t>(Source::kFd))
    return false;
  if (planted("slot-says-which")) fd = static_cast<int>(slot.object);
  if (slot.object != static_cast<uint64_t>(fd)) return false;
  const int r = item_add_again(port, number, fd);
  if (r >= 0) return r > 0;
  const uint32_t events = slot.wanted;
  const uint64_t user = slot.user;
  free_association(port, number);
  (void)associate_new(port, fd, events, user, port_recognise(fd));
  return true;
}

// One's own, and epoll knows it: taking it out of the set says at once whether it was there.
Result<void> dissociate_own(Port& port, uint32_t number, int fd) {
  const bool delivered = is(port.segment.slot(number), SlotState::kIdle);
  const int r = sys::epoll_ctl(set_of(port), EPOLL_CTL_DEL, fd, 0, 0);
  if (r == -EBADF) return Errno{EBADFD};
  kill_point("fd.deleted");
  free_association(port, number);
  if (delivered || r != 0) return Errno{ENOENT};
  return {};
}

}  // namespace

Result<void> fd_dissociate(Port& port, int fd) {
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  uint32_t mine = candidates(port, fd).mine;
  if (mine != 0 && verify(port, mine, fd)) mine = candidates(port, fd).mine;
  if (mine != 0 && !always_ready(port.segment.slot(mine))) return dissociate_own(port, mine, fd);
  if (!open_here(fd)) return Errno{EBADFD};
  const uint32_t number = find(port, fd);
  if (number == 0) return Errno{ENOENT};
  if (number != mine) return Errno{EACCES};
  const bool delivered = is(port.segment.slot(number), SlotState::kIdle);
  free_association(port, number);
  if (delivered) return Errno{ENOENT};
  return {};
}

void fd_drop(Port& port, uint32_t number) {
  const int fd = static_cast<int>(port.segment.slot(number).object);
  if (held_here(port, number)) (void)sys::epoll_ctl(set_of(port), EPOLL_CTL_DEL, fd, 0, 0);
  free_association(port, number);
}

void fd_closing(Port& port, int fd) {
  const uint32_t mine = candidates(port, fd).mine;
  if (mine == 0) return;
  (void)sys::epoll_ctl(set_of(port), EPOLL_CTL_DEL, fd, 0, 0);
  free_association(port, mine);
}

namespace {

template <typename Visit>
void each(Port& port, Visit visit) {
  port.segment.each_used([visit](const Slot& slot, uint32_t number) {
    if (slot.source == static_cast<uint16_t>(Source::kFd)) visit(slot, number);
  });
}

template <typename Visit>
void each_own(Port& port, Visit visit) {
  each(port, [self = owner_self(), visit](const Slot& slot, uint32_t number) {
    if (slot.owner == self) visit(static_cast<int>(slot.object), number);
  });
}

}  // namespace

void fd_leave(Port& port) {
  each_own(port, [&port](int fd, uint32_t number) {
    (void)sys::epoll_ctl(set_of(port), EPOLL_CTL_DEL, fd, 0, 0);
    free_association(port, number);
  });
}

void fd_joined(Port& port) {
  each(port, [&port](const Slot& slot, uint32_t number) {
    if (!is(slot, SlotState::kArmed)) item_calm(port, number);
  });
}

void fd_not_solo(Port& port) {
  if (port.level_items == 0) return;
  (void)fd_verify(port);
  each_own(port, [&port](int, uint32_t number) {
    if (!is(port.segment.slot(number), SlotState::kArmed)) item_calm(port, number);
  });
}

bool fd_verify(Port& port) {
  Noted* noted = items_noted(port);
  if (noted == nullptr) return false;
  bool made = false;
  for (uint32_t i = 0; i < noted->count; ++i)
    if (verify(port, noted->items[i].number, noted->items[i].fd)) made = true;
  noted->count = 0;
  port.verify_at = 0;
  return made;
}

bool fd_verify_due(Port& port) {
  constexpr uint32_t kFew = 2;  // to ask about more is dearer than a sleeper's timer
  constexpr int64_t kDelay = 1'000'000;
  const Noted* noted = items_noted(port);
  if (noted == nullptr) return false;
  if (noted->count > kFew) {
    const int64_t now = sys::monotonic_ns();
    if (port.verify_at == 0) port.verify_at = now + kDelay;
    if (now < port.verify_at) return false;
  }
  return fd_verify(port);
}

void fd_forget(Port& port) { items_forget_noted(port); }

bool fd_closes_on_exec(const Slot& slot) {
  const long flags = sys::fcntl(static_cast<int>(slot.object), F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) != 0;
}

void fd_leaving(Port& port, uint32_t number) {
  const Slot& slot = port.segment.slot(number);
  if ((slot.flags & kSlotLevel) != 0) (void)same_file(port, slot, number);
}

void fd_reconcile(Port& port) {
  each_own(port, [&port](int fd, uint32_t number) {
    if (same_file(port, port.segment.slot(number), number))
      registry_note_association(port, fd, number);
    else
      free_association(port, number);
  });
}

}  // namespace portc
