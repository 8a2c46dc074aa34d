// SPDX-License-Identifier: MIT
#include "libportc/source/file_tables.h"

#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>

#include "libportc/base/sys.h"

namespace portc::files {

constinit LeafLock file_lock;
constinit Tables* tables = nullptr;
constinit std::atomic<int> instance{-1};
constinit std::atomic<bool> orphans{false};

namespace {

constexpr uint64_t kMix = 0x9e3779b97f4a7c15u;
constexpr int kBucketShift = 64 - kBucketBits;  // the best mixed bits

Association*& key_bucket(const Port& port, uint64_t object) {
  const uint64_t key = (object ^ static_cast<uint64_t>(port.pool_number) << 48) * kMix;
  return tables->key_buckets[key >> kBucketShift];
}

Association*& name_bucket(const Watch& parent, const char* name, size_t length) {
  const uint64_t key = (hash_text(name, length) + parent.number) * kMix;
  return tables->name_buckets[key >> kBucketShift];
}

Watch*& watch_bucket(int wd) { return tables->watch_buckets[static_cast<uint32_t>(wd) % kBuckets]; }

template <typename T, T* T::*kNext>
void unchain(T** link, const T& item) {
  while (*link != nullptr && *link != &item) link = &((*link)->*kNext);
  if (*link != nullptr) *link = item.*kNext;
}

void append(Association& a) {
  Watch& watch = *a.watch;
  a.next = nullptr;
  a.previous = watch.last;
  (watch.last != nullptr ? watch.last->next : watch.first) = &a;
  watch.last = &a;
}

void take_out(Association& a) {
  Watch& watch = *a.watch;
  (a.previous != nullptr ? a.previous->next : watch.first) = a.next;
  (a.next != nullptr ? a.next->previous : watch.last) = a.previous;
}

void leave_home(Association& a) {
  (a.previous_home != nullptr ? a.previous_home->next_home : a.home->first) = a.next_home;
  if (a.next_home != nullptr) a.next_home->previous_home = a.previous_home;
}

}  // namespace

void* map_private(size_t size) {
  const long r = sys::raw(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (r < 0) return nullptr;
  (void)sys::raw(SYS_madvise, r, static_cast<long>(size), MADV_DONTFORK);
  return reinterpret_cast<void*>(r);
}

Result<void> make_instance() {
  if (PORTC_LIKELY(instance.load(std::memory_order_acquire) >= 0)) return {};
  const long made = sys::raw(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
  if (made < 0) return Errno{made == -ENOMEM ? ENOMEM : EAGAIN};
  const Result<int> hidden = private_hide(static_cast<int>(made));
  if (!hidden) return Errno{EAGAIN};
  int spare = -1;
  bool memory;
  {
    LeafGuard guard(file_lock);
    if (tables == nullptr) tables = static_cast<Tables*>(map_private(sizeof(Tables)));
    memory = tables != nullptr;
    int none = -1;
    if (!memory || !instance.compare_exchange_strong(none, *hidden)) spare = *hidden;
  }
  private_close(spare);
  if (!memory) return Errno{ENOMEM};
  return {};
}

// Of ports that went while a frame of the same thread held the lock.
void Section::sweep() {
  orphans.store(false, std::memory_order_relaxed);
  for (uint32_t number = 1; number <= tables->homes.used(); ++number) {
    Home& home = *tables->homes.at(number);
    if (!home.orphaned.load(std::memory_order_relaxed)) continue;
    home.orphaned.store(false, std::memory_order_relaxed);
    home_end(home);
  }
}

bool is_old(const struct timespec& stamp) {
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr int64_t kTicks = 20'000'000;
  struct timespec now = {};
  sys::clock_read(CLOCK_REALTIME_COARSE, &now);
  const int64_t seconds = now.tv_sec - stamp.tv_sec;
  if (seconds > 1 || seconds < 0) return seconds > 1;
  return seconds * kSecond + now.tv_nsec - stamp.tv_nsec > kTicks;
}

uint64_t hash_text(const char* text, size_t length) {
  uint64_t hash = length * kMix;
  uint64_t word = 0;
  for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
    memcpy(&word, text, sizeof word);
    hash = (hash ^ word) * kMix;
    hash ^= hash >> 32;
  }
  word = 0;
  memcpy(&word, text, length);
  hash = (hash ^ word) * kMix;
  return hash ^ hash >> 32;
}

// --- homes ---

Home* home_of(const Port& port) {
  return static_cast<Home*>(port.own[static_cast<uint32_t>(Source::kFile)]);
}

Home* home_make(Port& port) {
  Home* home = tables->homes.allocate();
  if (home != nullptr) {
    home->port = &port;
    ++tables->home_count;
  }
  port.own[static_cast<uint32_t>(Source::kFile)] = home;
  return home;
}

void home_end(Home& home) {
  // First, so that the kernel ends all watches at once.
  if (--tables->home_count == 0) private_close(instance.exchange(-1, std::memory_order_relaxed));
  while (home.first != nullptr) discard(*home.first);
  tables->homes.release(home);
}

// --- associations ---

Association* find(const Port& port, uint64_t object) {
  const Home* home = home_of(port);
  if (home == nullptr) return nullptr;
  Association* a = key_bucket(port, object);
  while (a != nullptr && (a->object != object || a->home != home)) a = a->next_key;
  return a;
}

Association* association_make(Home& home) {
  Association* a = tables->associations.allocate();
  if (a == nullptr) return nullptr;
  a->home = &home;
  a->gone = true;
  a->next_home = home.first;
  if (a->next_home != nullptr) a->next_home->previous_home = a;
  home.first = a;
  ++home.count;
  return a;
}

bool set_name(Association& a, const char* name, size_t length) {
  const bool fits = length <= sizeof a.short_name;
  if (fits && a.long_name != nullptr) tables->short_texts.free(a.long_name);
  if (!fits && a.long_name == nullptr) a.long_name = tables->short_texts.allocate();
  if (!fits && a.long_name == nullptr) return false;
  char* text = fits ? a.short_name : a.long_name->text;
  memcpy(text, name, length);
  a.name = text;
  a.name_length = static_cast<uint32_t>(length);
  return true;
}

void enter(Association& a) {
  a.gone = false;
  Association*& keys = key_bucket(*a.home->port, a.object);
  a.next_key = keys;
  keys = &a;
  append(a);
  Association*& names = name_bucket(*a.parent, a.name, a.name_length);
  a.next_name = names;
  names = &a;
  ++a.parent->names;
}

void withdraw(Association& a) {
  if (a.gone) return;
  deactivate(a);
  a.gone = true;
  unchain<Association, &Association::next_key>(&key_bucket(*a.home->port, a.object), a);
  unchain<Association, &Association::next_name>(&name_bucket(*a.parent, a.name, a.name_length), a);
  take_out(a);
  --a.parent->names;
  watch_settle(*a.watch);
  if (a.parent != a.watch) watch_settle(*a.parent);
  a.watch = a.parent = nullptr;
}

void discard(Association& a) {
  withdraw(a);
  leave_home(a);
  --a.home->count;
  a.home = nullptr;
  if (a.long_name != nullptr) tables->short_texts.free(a.long_name);
  tables->associations.release(a);
}

void renew(Association& a) {
  if (a.next == nullptr) return;
  take_out(a);
  append(a);
}

void activate(Association& a) {
  if (a.active) return;
  a.active = true;
  for (Watch* watch : {a.watch, a.parent}) {
    ++watch->active;
    watch->ignored = 0;
  }
}

void deactivate(Association& a) {
  if (!a.active) return;
  a.active = false;
  --a.watch->active;
  --a.parent->active;
}

Association* with_name(Association* a, const Watch& parent, const char* name, size_t length) {
  while (a != nullptr &&
         (a->parent != &parent || a->name_length != length || memcmp(a->name, name, length) != 0))
    a = a->next_name;
  return a;
}

Association* first_with_name(const Watch& parent, const char* name, size_t length) {
  return with_name(name_bucket(parent, name, length), parent, name, length);
}

// --- watches ---

Watch* watch_find(int wd) {
  Watch* watch = watch_bucket(wd);
  while (watch != nullptr && watch->wd != wd) watch = watch->next;
  return watch;
}

Watch* watch_make(int wd, uint32_t mask) {
  Watch* watch = tables->watches.allocate();
  if (watch == nullptr) return nullptr;
  watch->wd = wd;
  watch->mask = mask;
  watch->epoch = tables->epoch;
  if (wd == kNoWatch) return watch;
  watch->next = watch_bucket(wd);
  watch_bucket(wd) = watch;
  return watch;
}

void watch_ended(Watch& watch) {
  if (watch.wd == kNoWatch) return;
  unchain<Watch, &Watch::next>(&watch_bucket(watch.wd), watch);
  watch.wd = kNoWatch;
}

void watch_end(Watch& watch) {
  if (watch.wd == kNoWatch) return;
  const int fd = instance.load(std::memory_order_relaxed);
  if (fd >= 0) (void)sys::raw(SYS_inotify_rm_watch, fd, watch.wd);
  watch_ended(watch);
}

void watch_settle(Watch& watch) {
  if (watch.pins != 0 || watch.names != 0 || watch.first != nullptr) return;
  watch_end(watch);
  watch_set_path(watch, nullptr, 0);
  tables->watches.release(watch);
}

void watch_set_path(Watch& watch, const char* path, size_t length) {
  Tables& t = *tables;
  const bool fits = length < sizeof ShortText::text;
  watch.path = nullptr;
  if (watch.short_path != nullptr && (path == nullptr || !fits))
    t.short_texts.free(watch.short_path);
  if (watch.long_path != nullptr && (path == nullptr || fits)) t.long_texts.free(watch.long_path);
  if (path == nullptr || length >= kPathMax) return;
  if (fits && watch.short_path == nullptr) watch.short_path = t.short_texts.allocate();
  if (!fits && watch.long_path == nullptr) watch.long_path = t.long_texts.allocate();
  char* text = nullptr;
  if (fits && watch.short_path != nullptr) text = watch.short_path->text;
  if (!fits && watch.long_path != nullptr) text = watch.long_path->text;
  if (text == nullptr) return;
  memcpy(text, path, length);
  text[length] = '\0';
  watch.path = text;
  watch.path_length = static_cast<uint32_t>(length);
}

}  // namespace portc::files
