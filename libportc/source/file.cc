// SPDX-License-Identifier: MIT
#include "libportc/source/file.h"

#include <sys/stat.h>

#include "libportc/base/sys.h"
#include "libportc/core/private.h"
#include "libportc/core/registry.h"
#include "libportc/source/file_events.h"
#include "libportc/source/file_place.h"
#include "libportc/source/file_tables.h"

namespace portc {

using namespace files;

namespace {

bool is(const Slot& slot, SlotState state) { return slot.state == static_cast<uint32_t>(state); }

void set_home(Port& port, Home* home) { port.own[static_cast<uint32_t>(Source::kFile)] = home; }

// The slots are shared memory, and may say anything.
Association* association_in(Port& port, uint32_t number) {
  const Home* home = home_of(port);
  Association* a = tables->associations.at(port.segment.slot(number).wanted);
  return a != nullptr && a->home == home && a->slot == number ? a : nullptr;
}

// Makes the port one of those that collect.
Result<void> join(Port& port) {
  while (home_of(port) == nullptr) {
    const Result<void> ready = make_instance();
    if (!ready) return ready;
    Section section;
    const int fd = instance.load(std::memory_order_relaxed);
    if (fd < 0) continue;
    if (home_make(port) == nullptr) return Errno{ENOMEM};
    const Result<void> joined = private_join(port, fd, Source::kFile);
    if (joined) continue;
    home_end(*home_of(port));
    set_home(port, nullptr);
    return joined;
  }
  return {};
}

// --- associating ---

bool given(const struct timespec& t) { return t.tv_sec != 0 || t.tv_nsec != 0; }

bool differs(const struct timespec& said, const struct timespec& is) {
  return given(said) && !same_time(said, is);
}

// What has changed since the program took the stamps. Without any it does not ask.
uint32_t missed(const FileRequest& request, const Found& found) {
  if (S_ISFIFO(found.mode)) return 0;
  const FileStamps& stamps = found.known.stamps;
  uint32_t bits = 0;
  if (differs(request.stamps.accessed, stamps.accessed)) bits |= kFileAccess;
  if (differs(request.stamps.modified, stamps.modified)) bits |= kFileModified;
  if (differs(request.stamps.changed, stamps.changed)) bits |= kFileAttrib;
  return bits & request.wanted;
}

// The watches are in place, and the file was looked at after that.
void put_to_work(Port& port, Association& a, const FileRequest& request, const Found& found) {
  Slot& slot = port.segment.slot(a.slot);
  if (is(slot, SlotState::kFired)) port.segment.unlink(a.slot);
  slot.user = request.user;
  slot.state.release(static_cast<uint32_t>(SlotState::kArmed));
  a.wanted = request.wanted;
  a.known = found.known;
  a.settled = is_old(found.known.stamps.changed);
  const uint32_t bits = missed(request, found);
  if (bits == 0) {
    activate(a);
    return;
  }
  deactivate(a);
  private_fire(port, a.slot, static_cast<int32_t>(bits));
}

bool watched(const Watch& watch) { return watch.wd != kNoWatch && watch.epoch == tables->epoch; }

// Does the path lead to the same file, with everything in place?
bool still_there(const Association& a, const FileRequest& request, uint64_t path_hash,
                 Found& found) {
  const Watch& watch = *a.watch;
  const uint32_t mask = file_mask(request.wanted, watch.directory, a.name_known);
  return watched(watch) && (!a.name_known || watched(*a.parent)) && (mask & ~watch.mask) == 0 &&
         a.follow == request.follow && a.path_hash == path_hash &&
         find_path(request.path, request.follow, found) == 0 && same_file(found.file, watch.file);
}

// It waits, and the file has not changed since it began to: then there are no records of the file
// that would have to be read first. (Reading a file need not leave a trace.)
bool again_unchanged(Port& port, Association& a, const FileRequest& request, uint64_t path_hash) {
  Found found;
  if (!a.active || !a.settled || ((a.wanted | request.wanted) & kFileAccess) != 0 ||
      !still_there(a, request, path_hash, found) ||
      !same_time(found.known.stamps.changed, a.known.stamps.changed) ||
      !same_time(found.known.stamps.modified, a.known.stamps.modified))
    return false;
  renew(a);
  put_to_work(port, a, request, found);
  return true;
}

// Everything that has been reported has been read.
bool again(Port& port, Association& a, const FileRequest& request, uint64_t path_hash) {
  Found found;
  if (!still_there(a, request, path_hash, found)) return false;
  renew(a);
  put_to_work(port, a, request, found);
  return true;
}

// A slot and a record. Errors: EAGAIN, ENOMEM.
Result<Association*> make(Port& port, const FileRequest& request) {
  const uint32_t slot = private_allocate(port, Source::kFile, request.object, request.user);
  if (slot == 0) return Errno{EAGAIN};
  Association* a = association_make(*home_of(port));
  if (a == nullptr) {
    private_free(port, slot);
    return Errno{ENOMEM};
  }
  a->slot = slot;
  a->object = request.object;
  port.segment.slot(slot).wanted = a->number;
  return a;
}

// `known` is the object's association, or null; then what has been reported need not be read.
Result<void> place(Port& port, Association* known, const FileRequest& request, uint64_t path_hash) {
  Placement placement;
  const Result<void> placed = placement.make(port, request, known != nullptr);
  if (!placed) return placed;
  Result<Association*> made = known;
  if (known != nullptr)
    withdraw(*known);
  else
    made = make(port, request);
  if (!made) return Errno{made.error()};
  Association& a = **made;
  if (!placement.fill(a)) {
    private_free(port, a.slot);
    discard(a);
    return Errno{ENOMEM};
  }
  a.follow = request.follow;
  a.path_hash = path_hash;
  enter(a);
  put_to_work(port, a, request, placement.found());
  return {};
}

// The object's association; one whose slot another process has spoilt is dropped.
Association* known_association(Port& port, uint64_t object) {
  Association* a = find(port, object);
  if (a == nullptr || private_is_own(port, a->slot, Source::kFile)) return a;
  discard(*a);
  return nullptr;
}

// --- the source's operations ---

// An association stays after an event, and ends with an exception.
void retire(Port& port, uint32_t number) {
  if (home_of(port) != nullptr) {
    Section section;
    Association* a = association_in(port, number);
    if (PORTC_LIKELY(a != nullptr && !a->gone)) {
      port.segment.slot(number).state.release(static_cast<uint32_t>(SlotState::kIdle));
      return;
    }
    if (a != nullptr) discard(*a);
  }
  private_retire_once(port, number);
}

void collect(Port& port) {
  if (home_of(port) == nullptr) return;
  Section section;
  collect_records(port);
}

void leave(Port& port) {
  Home* home = home_of(port);
  if (home == nullptr) return;
  private_part(port, instance.load(std::memory_order_relaxed));
  Section section;
  inbox_drain(port);
  for (const Association* a = home->first; a != nullptr; a = a->next_home)
    if (private_is_own(port, a->slot, Source::kFile)) private_free(port, a->slot);
  home_end(*home);
  set_home(port, nullptr);
}

void forget(Port& port) {
  Home* home = home_of(port);
  set_home(port, nullptr);
  if (home == nullptr || tables == nullptr) return;
  if (file_lock.is_mine()) {  // by the frame that this handler has interrupted
    home->orphaned.store(true, std::memory_order_relaxed);
    orphans.store(true, std::memory_order_relaxed);
    return;
  }
  Section section;
  home_end(*home);
}

void forked() {
  tables = nullptr;
  file_lock.reset_child();
  orphans.store(false, std::memory_order_relaxed);
  private_in_hand.fetch_and(~(1u << static_cast<uint32_t>(Source::kFile)),
                            std::memory_order_relaxed);
  private_close(instance.exchange(-1, std::memory_order_relaxed));
}

bool vacate(int fd) {
  if (instance.load(std::memory_order_relaxed) != fd) return false;
  const Result<int> place = private_move(fd);
  if (!place) return false;
  int expected = fd;
  bool moved;
  {
    Section section;  // so that nobody is inside a call with the old number
    moved = instance.compare_exchange_strong(expected, *place);
  }
  if (!moved) {  // it has been closed or moved meanwhile
    private_close(*place);
    return true;
  }
  each_port([fd, &place](Port& port) {
    PortGuard guard(port);
    if (!guard || home_of(port) == nullptr) return;
    private_part(port, fd);
    (void)private_join(port, *place, Source::kFile);
  });
  private_close(fd);
  return true;
}

constexpr PrivateOps kPrivateOps = {collect, leave, forget, forked, vacate};

}  // namespace

const SourceOps kFileOps = {private_deliverable, retire, private_rearm, private_drop, &kPrivateOps};

Result<void> file_associate(Port& port, const FileRequest& request) {
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  const Result<void> joined = join(port);
  if (!joined) return joined;
  const uint64_t path_hash = hash_text(request.path, request.length);
  Section section;
  Association* known = known_association(port, request.object);
  if (known != nullptr) {
    if (PORTC_LIKELY(again_unchanged(port, *known, request, path_hash))) return {};
    // What happened before this call is no event of the association that it makes.
    collect_records(port);
    known = known_association(port, request.object);
    if (PORTC_LIKELY(known != nullptr && again(port, *known, request, path_hash))) return {};
  }
  return place(port, known, request, path_hash);
}

bool file_alone(const Port& port) {
  const Home* home = home_of(port);
  return home != nullptr && home->count == port.private_slots;
}

Result<void> file_dissociate(Port& port, uint64_t object) {
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  if (home_of(port) == nullptr) return Errno{ENOENT};
  Section section;
  collect_records(port);
  Association* a = known_association(port, object);
  if (a == nullptr) return Errno{ENOENT};
  const uint32_t slot = a->slot;
  const bool retrieved = is(port.segment.slot(slot), SlotState::kIdle);
  discard(*a);
  private_free(port, slot);
  if (retrieved) return Errno{ENOENT};
  return {};
}

}  // namespace portc
