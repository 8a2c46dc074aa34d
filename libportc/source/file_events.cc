// SPDX-License-Identifier: MIT
#include "libportc/source/file_events.h"

#include <string.h>
#include <sys/inotify.h>

#include "libportc/base/sys.h"
#include "libportc/source/file_place.h"

namespace portc::files {
namespace {

constexpr uint32_t kExceptions = kFileDelete | kFileRenameTo | kFileRenameFrom | kFileUnmounted;
constexpr uint32_t kEntries = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr uint32_t kTimed = kFileAccess | kFileModified | kFileAttrib;

constexpr uint32_t kSelf = 1u << static_cast<uint32_t>(Source::kFile);

// So many records in a row that nobody waited for, and the watch is given up.
constexpr uint32_t kPatience = 64;

// What setting the times has done.
uint32_t times_changed(const Known& was, const Known& is) {
  uint32_t bits = 0;
  if (!same_time(was.stamps.accessed, is.stamps.accessed)) bits |= kFileAccess;
  if (!same_time(was.stamps.modified, is.stamps.modified)) bits |= kFileModified;
  return bits;
}

class Reader {
 public:
  explicit Reader(Port& port) : port_(port) {}

  void run() {
    const bool others = tables->home_count > 1;
    if (others) private_in_hand.fetch_or(kSelf, std::memory_order_seq_cst);
    do {
      read_all();
      if (overflowed_) recheck_all();
    } while (settle_deferred() || overflowed_);
    ++tables->drains;
    if (others) private_in_hand.fetch_and(~kSelf, std::memory_order_release);
  }

 private:
  void read_all();
  void take(const struct inotify_event& record);
  void report(Watch& watch, const struct inotify_event& record);
  void report_entry(Watch& watch, const struct inotify_event& record);

  void name_changed(Watch& parent, const char* name, uint32_t exception);
  void end_name(Association& a, uint32_t exception);
  void entries_changed(Watch& directory);
  void accessed(Watch& watch);
  void modified(Watch& watch);
  void attributes_changed(Watch& watch);
  void attributes_changed(Association& a, bool directory);
  void fire_change(Association& a, const Known* now);
  void moved(Watch& watch);
  void unmounted(Watch& watch);
  void all_gone(Watch& watch);

  void defer(Association& a);
  bool settle_deferred();
  void settle(Association& a);
  void recheck_all();
  void recheck(Association& a);
  uint32_t recheck_bits(Association& a);

  void fire(Association& a, uint32_t bits);
  void deliver(Association& a, uint32_t bits);

  Port& port_;
  Association* deferred_ = nullptr;
  bool overflowed_ = false;
  bool fired_ = false;  // by the record at hand
};

// A handler of this thread may close the other port, and cannot take our lock then; not between
// our question and the delivery.
void Reader::deliver(Association& a, uint32_t bits) {
  const uint64_t all = ~uint64_t{0};
  uint64_t mask = 0;
  (void)sys::raw(SYS_rt_sigprocmask, SIG_SETMASK, sys::arg(&all), sys::arg(&mask), 8);
  if (!a.home->orphaned.load(std::memory_order_relaxed)) {
    a.parcel.slot = a.slot;
    a.parcel.events = static_cast<int32_t>(bits);
    inbox_put(*a.home->port, a.parcel);
  }
  (void)sys::raw(SYS_rt_sigprocmask, SIG_SETMASK, sys::arg(&mask), 0, 8);
}

void Reader::fire(Association& a, uint32_t bits) {
  fired_ = true;
  if ((bits & kExceptions) != 0)
    withdraw(a);
  else
    deactivate(a);
  if (a.home->port != &port_)
    deliver(a, bits);
  else if (private_is_own(port_, a.slot, Source::kFile))
    private_fire(port_, a.slot, static_cast<int32_t>(bits));
}

// --- records ---

void Reader::read_all() {
  constexpr long kLongest = sizeof(struct inotify_event) + 256;
  const int fd = instance.load(std::memory_order_relaxed);
  char* const buffer = tables->buffer;
  long size;
  do {
    size = sys::raw(SYS_read, fd, sys::arg(buffer), kBufferSize);
    for (const char* p = buffer; p < buffer + size;) {
      const struct inotify_event& record = *reinterpret_cast<const struct inotify_event*>(p);
      take(record);
      p += sizeof record + record.len;
    }
  } while (size > static_cast<long>(kBufferSize) - kLongest);  // or it was all there is
}

void Reader::take(const struct inotify_event& record) {
  if ((record.mask & IN_Q_OVERFLOW) != 0) {
    overflowed_ = true;
    ++tables->epoch;
    return;
  }
  Watch* watch = watch_find(record.wd);
  if (watch == nullptr) return;
  Pin pin(*watch);
  fired_ = false;
  if (record.len != 0)
    report_entry(*watch, record);
  else
    report(*watch, record);
  watch->ignored = fired_ ? 0 : watch->ignored + 1;
  if (watch->active == 0 && watch->ignored >= kPatience) watch_end(*watch);
}

// Something in a directory. What happens inside its files is not the directory's.
void Reader::report_entry(Watch& watch, const struct inotify_event& record) {
  if ((record.mask & kEntries) == 0) return;
  if ((record.mask & IN_DELETE) != 0) name_changed(watch, record.name, kFileDelete);
  if ((record.mask & IN_MOVED_FROM) != 0) name_changed(watch, record.name, kFileRenameFrom);
  if ((record.mask & IN_MOVED_TO) != 0) name_changed(watch, record.name, kFileRenameTo);
  entries_changed(watch);
}

void Reader::report(Watch& watch, const struct inotify_event& record) {
  if ((record.mask & IN_ACCESS) != 0) accessed(watch);
  if ((record.mask & IN_MODIFY) != 0) modified(watch);
  if ((record.mask & IN_ATTRIB) != 0) attributes_changed(watch);
  if ((record.mask & IN_MOVE_SELF) != 0) moved(watch);
  if ((record.mask & IN_UNMOUNT) != 0) unmounted(watch);
  if ((record.mask & IN_IGNORED) != 0) {
    watch_ended(watch);
    all_gone(watch);
  }
}

// Calls `visit` for each association with the file itself that waits, in the order they were
// made.
template <typename Visit>
void each_waiting(const Watch& watch, Visit visit) {
  Association* next;
  for (Association* a = watch.first; a != nullptr; a = next) {
    next = a->next;
    if (a->active) visit(*a);
  }
}

// Is a record of the name older than the association, which was made without reading what was
// there? Then the name leads to the file as it was found.
bool stale(const Association& a) {
  Known now;
  return a.name_fence == tables->drains + 1 && look(a, now) == Look::kSame &&
         same_time(a.known.stamps.changed, now.stamps.changed);
}

// The name in the directory does not lead to the file any more.
void Reader::name_changed(Watch& parent, const char* name, uint32_t exception) {
  const size_t length = strlen(name);
  Association* a = first_with_name(parent, name, length);
  while (a != nullptr) {
    if (!a->active || stale(*a)) {
      a = with_name(a->next_name, parent, name, length);
      continue;
    }
    // All that wait for the name have the same file, whose list has them in order.
    Pin pin(*a->watch);
    each_waiting(*a->watch, [&](Association& same) {
      if (with_name(&same, parent, name, length) == &same && !stale(same))
        end_name(same, exception);
    });
    a = first_with_name(parent, name, length);
  }
}

void Reader::end_name(Association& a, uint32_t exception) {
  // Only a removal reports on the inode first. What was put off came before the rename, then.
  const bool changed_before =
      a.deferred && exception != kFileDelete && (a.wanted & kFileAttrib) != 0;
  fire(a, changed_before ? uint32_t{kFileAttrib} : exception);
}

void Reader::entries_changed(Watch& directory) {
  each_waiting(directory, [this](Association& a) {
    const uint32_t bits = a.wanted & (kFileModified | kFileAttrib);
    if (bits != 0) fire(a, bits);
  });
}

void Reader::accessed(Watch& watch) {
  each_waiting(watch, [this](Association& a) {
    uint32_t bits = a.wanted & kFileAccess;
    if (bits == 0) return;
    Known now;  // the times set, or the file read?
    if ((a.wanted & kFileAttrib) != 0 && look(a, now) == Look::kSame &&
        !same_time(a.known.stamps.changed, now.stamps.changed))
      bits |= kFileAttrib;
    fire(a, bits);
  });
}

void Reader::modified(Watch& watch) {
  each_waiting(watch, [this](Association& a) {
    uint32_t bits = a.wanted & (kFileModified | kFileAttrib);
    Known now;
    if ((a.wanted & kFileTrunc) != 0 && look(a, now) == Look::kSame) {
      // Nothing else leaves an empty file behind.
      if (now.size < a.known.size || now.size == 0) bits |= kFileTrunc;
      a.known.size = now.size;
    }
    if (bits != 0) fire(a, bits);
  });
}

void Reader::attributes_changed(Watch& watch) {
  each_waiting(watch, [this, &watch](Association& a) {
    if ((a.wanted & kTimed) != 0 && !a.deferred) attributes_changed(a, watch.directory);
  });
}

// Attributes, times, or the number of links: the look says which. But the name may be about to
// go, or another link of the file has gone, or the file has, and its number is that of a new one:
// the directory knows, and reports later.
void Reader::attributes_changed(Association& a, bool directory) {
  Known now;
  const Look seen = look(a, now);
  const bool same = seen == Look::kSame;
  const bool fewer = same && !directory && now.links < a.known.links;
  const struct timespec& birth = a.watch->file.birth;
  const bool young = same && (birth.tv_sec == 0 || !is_old(birth));
  if (a.name_known && seen != Look::kUnknown && (!same || fewer || young)) {
    defer(a);
    return;
  }
  fire_change(a, same ? &now : nullptr);
}

// It was a change of attributes, or of times.
void Reader::fire_change(Association& a, const Known* now) {
  uint32_t bits = kFileAttrib;
  if (now != nullptr) {
    bits |= times_changed(a.known, *now);
    a.known = *now;
  }
  if ((bits & a.wanted) != 0) fire(a, bits & a.wanted);
}

// A rename of the watched name has been reported by its directory, and has ended what waited for
// it. So this is another link of the file, unless the directory is not watched.
void Reader::moved(Watch& watch) {
  each_waiting(watch, [this](Association& a) {
    if (!a.name_known && !a.anonymous)
      fire(a, kFileRenameFrom);
    else if (a.name_known && (a.wanted & kFileAttrib) != 0)
      fire(a, kFileAttrib);
  });
}

void Reader::unmounted(Watch& watch) {
  Association* next;
  for (Association* a = watch.first; a != nullptr; a = next) {
    next = a->next;
    if (a->active) {
      fire(*a, kFileUnmounted);
      continue;
    }
    // It takes the place of an event that is queued.
    if (a->home->port != &port_ || !private_is_own(port_, a->slot, Source::kFile)) continue;
    Slot& slot = port_.segment.slot(a->slot);
    if (slot.state != static_cast<uint32_t>(SlotState::kFired)) continue;
    slot.events = static_cast<int32_t>(kFileUnmounted);
    withdraw(*a);
  }
}

void Reader::all_gone(Watch& watch) {
  each_waiting(watch, [this](Association& a) { fire(a, kFileDelete); });
}

// --- what has to wait for the directory ---

void Reader::defer(Association& a) {
  a.deferred = true;
  a.next_deferred = deferred_;
  deferred_ = &a;
}

// True if there is more to do.
bool Reader::settle_deferred() {
  Association* list = deferred_;
  if (list == nullptr) return false;
  deferred_ = nullptr;
  for (Association* a = list; a != nullptr; a = a->next_deferred)
    if (a->active) look_into(*a->parent);
  read_all();
  Association* next;
  for (Association* a = list; a != nullptr; a = next) {
    next = a->next_deferred;
    a->deferred = false;
    if (a->active) settle(*a);
  }
  return deferred_ != nullptr;
}

// The name is still there, as far as its directory knows.
void Reader::settle(Association& a) {
  Known now;
  fire_change(a, look(a, now) == Look::kSame ? &now : nullptr);
}

// --- after an overflow ---

void Reader::recheck_all() {
  overflowed_ = false;
  for (uint32_t number = 1; number <= tables->associations.used(); ++number)
    if (Association& a = *tables->associations.at(number); a.active) recheck(a);
}

void Reader::recheck(Association& a) {
  Pin file(*a.watch);
  Pin directory(*a.parent);
  const uint32_t bits = recheck_bits(a);
  if (bits != 0) fire(a, bits);
}

uint32_t Reader::recheck_bits(Association& a) {
  const bool exists = confirm(a);
  Known now;
  switch (look(a, now)) {
    case Look::kUnknown:
      return a.wanted & kTimed;
    case Look::kGone:
      return a.name_known ? kFileDelete : 0u;
    case Look::kReplaced:
      return a.name_known ? kFileRenameTo : 0u;
    case Look::kSame:
      break;
  }
  if (!exists) return kFileDelete;  // another file, with the number of the one before
  uint32_t bits = times_changed(a.known, now);
  if (!same_time(a.known.stamps.changed, now.stamps.changed)) bits |= kFileAttrib;
  if (now.size < a.known.size) bits |= kFileTrunc;
  a.known = now;
  return bits & a.wanted;
}

}  // namespace

void collect_records(Port& port) {
  inbox_drain(port);  // older than what is read now
  Reader(port).run();
}

}  // namespace portc::files
