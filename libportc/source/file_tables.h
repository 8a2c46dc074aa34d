// SPDX-License-Identifier: MIT
//
// What a process keeps for its file associations. Process-private; guarded by file_lock, except
// where it says otherwise. Records are never unmapped, only reused. A fork child has none of it:
// the mappings are not inherited.
#pragma once

#include <time.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "libportc/base/leaf_lock.h"
#include "libportc/core/port.h"
#include "libportc/core/private.h"
#include "libportc/source/file.h"

namespace portc::files {

struct Association;

// Anonymous memory that fork children do not inherit; null if there is none.
void* map_private(size_t size);

// Records in chunks that are mapped when they are first needed. Zero-filled memory is an empty
// pool. T has `number`, its place from 1 on, and `next_free`.
template <typename T, uint32_t kPerChunk, uint32_t kChunks>
class Pool {
 public:
  // A record that is all zero but for its number. Null: no memory, or kPerChunk * kChunks are
  // in use.
  T* allocate() {
    T* item = free_;
    if (item != nullptr) {
      free_ = item->next_free;
      const uint32_t number = item->number;
      __builtin_memset(static_cast<void*>(item), 0, sizeof(T));
      item->number = number;
      return item;
    }
    item = place(used_ + 1);
    if (item != nullptr) item->number = ++used_;
    return item;
  }

  void release(T& item) {
    item.next_free = free_;
    free_ = &item;
  }

  void free(T*& item) {
    release(*item);
    item = nullptr;
  }

  // Null for a number that was never given out.
  T* at(uint32_t number) const {
    if (number - 1 >= used_) return nullptr;
    return &chunks_[(number - 1) / kPerChunk][(number - 1) % kPerChunk];
  }

  uint32_t used() const { return used_; }

 private:
  T* place(uint32_t number) {
    const uint32_t chunk = (number - 1) / kPerChunk;
    if (chunk >= kChunks) return nullptr;
    if (chunks_[chunk] == nullptr)
      chunks_[chunk] = static_cast<T*>(map_private(kPerChunk * sizeof(T)));
    return chunks_[chunk] == nullptr ? nullptr : &chunks_[chunk][(number - 1) % kPerChunk];
  }

  T* chunks_[kChunks];
  T* free_;
  uint32_t used_;
};

// What a look at a file found, of what changes.
struct Known {
  FileStamps stamps;
  int64_t size;
  uint64_t links;
};

// Which file it is. A file system may give a number again as soon as it is free; then the birth
// differs, if it knows one, and if its clock has moved on.
struct Identity {
  uint64_t device;
  uint64_t inode;
  struct timespec birth;  // zero: not known
};

// Room for a name or a path.
template <uint32_t kSize>
struct Text {
  uint32_t number;
  Text* next_free;
  char text[kSize];
};
using ShortText = Text<256>;
using LongText = Text<kPathMax>;

// An inotify watch, or a directory that could not be watched (wd < 0), which then has its path
// only. Exists while associations point to it.
struct Watch {
  uint32_t number;
  int wd;  // kNoWatch, also after the kernel or we have ended it
  union {
    Watch* next_free;
    Watch* next;  // in its bucket
  };
  uint32_t mask;     // what the kernel reports
  uint32_t epoch;    // overflows seen when it was last known to exist
  uint32_t names;    // associations with a name in this directory
  uint32_t active;   // associations with the file or with names in it, that wait
  uint32_t ignored;  // records in a row that nobody waited for
  uint32_t pins;     // keep it, though nobody points to it
  bool directory;
  Identity file;       // inode 0: not looked at yet
  Association* first;  // associations with the file itself, oldest first
  Association* last;
  // As a directory: its absolute path without a slash at the end; null: not known.
  const char* path;
  uint32_t path_length;
  ShortText* short_path;
  LongText* long_path;
};
constexpr int kNoWatch = -1;

// A port that has associations.
struct Home {
  uint32_t number;
  Home* next_free;
  Port* port;
  Association* first;
  uint32_t count;              // of associations; changes with the port's lock only
  std::atomic<bool> orphaned;  // the port is gone, and whoever saw it go could not take the lock
};

struct Association {
  uint32_t number;
  uint32_t slot;
  Association* next_free;
  Parcel parcel;  // delivers to a port whose lock is not held
  Home* home;
  Association *next_home, *previous_home;
  Association* next_key;  // bucket of {port, object}
  uint64_t object;

  Watch* watch;
  Association *next, *previous;  // of the same watch
  Watch* parent;
  Association* next_name;  // bucket of {parent, name}

  uint32_t wanted;
  bool active;      // waits; otherwise its event is in the inbox or queue, or was retrieved
  bool gone;        // an exception has ended it; kept until its event is retrieved
  bool follow;      // as requested
  bool deferred;    // in the list of those whose change of attributes is not clear yet
  bool through;     // a look at the stored path has to follow links
  bool anonymous;   // the path is a link of /proc: the file's names do not matter
  bool name_known;  // `parent` and `name` are where the name is, and not only how to look
  Association* next_deferred;
  Known known;          // when it was associated, or last looked at without an event
  uint64_t path_hash;   // of the path as the program gave it
  uint32_t name_fence;  // its value of tables->drains + 1: records of the name may be older
  bool settled;         // its last change was not in the same tick of the clock as the look
  uint32_t name_length;
  const char* name;
  ShortText* long_name;
  char short_name[40];
};

constexpr int kBucketBits = 14;  // few pages, and short chains for tens of thousands
constexpr uint32_t kBuckets = 1u << kBucketBits;
constexpr size_t kBufferSize = 1u << 16;

struct Tables {
  Pool<Association, 2048, 2048> associations;
  Pool<Watch, 2048, 2048> watches;
  Pool<ShortText, 512, 2048> short_texts;
  Pool<LongText, 64, 2048> long_texts;
  Pool<Home, 256, 256> homes;
  Watch* watch_buckets[kBuckets];       // by wd
  Association* key_buckets[kBuckets];   // by {port, object}
  Association* name_buckets[kBuckets];  // by {parent, name}
  uint32_t home_count;
  uint32_t drains;                      // times that all records have been read
  uint32_t epoch;                       // overflows so far
  uint64_t good_device;                 // a device last seen to be supported
  char look_path[2 * kPathMax];         // scratch: of a look
  char place_path[2 * kPathMax];        // scratch: of an associate
  alignas(8) char buffer[kBufferSize];  // records
};

extern LeafLock file_lock;
extern Tables* tables;             // null until the first association
extern std::atomic<int> instance;  // the inotify descriptor; -1: no port has associations
extern std::atomic<bool> orphans;  // there are orphaned homes

// Makes instance and tables. No lock of a source may be held, and so another thread may end the
// instance at once. Errors: EAGAIN, ENOMEM.
Result<void> make_instance();

// Holds file_lock; the tables exist.
class Section {
 public:
  Section() {
    file_lock.acquire();
    if (PORTC_UNLIKELY(orphans.load(std::memory_order_relaxed))) sweep();
  }
  ~Section() { file_lock.release(); }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

 private:
  static void sweep();
};

inline bool same_time(const struct timespec& a, const struct timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}
inline bool same_file(const Identity& a, const Identity& b) {
  return a.device == b.device && a.inode == b.inode && same_time(a.birth, b.birth);
}

// Would what happens now leave another stamp, however coarse the clock of stamps is?
bool is_old(const struct timespec& stamp);

uint64_t hash_text(const char* text, size_t length);

// --- homes ---

Home* home_of(const Port& port);
Home* home_make(Port& port);  // null: no memory
// Discards its associations; the last one ends the instance.
void home_end(Home& home);

// --- associations ---

// An object's association with the port that no exception has ended; null if there is none.
Association* find(const Port& port, uint64_t object);

// A new record that belongs to the port; null: no memory.
Association* association_make(Home& home);
// Stores the name. False: no memory.
bool set_name(Association& a, const char* name, size_t length);
// Enters one whose object, watch, parent and name are set, as the newest of its watch.
void enter(Association& a);
// Takes it out of everything but its home, and gives up watches that nobody needs any more. It
// is not found any more.
void withdraw(Association& a);
// The same, and the record is free.
void discard(Association& a);
// Makes it the newest of its watch.
void renew(Association& a);

void activate(Association& a);
void deactivate(Association& a);

// The next association of a bucket, from `a` on, with that name in that directory; null if none.
Association* with_name(Association* a, const Watch& parent, const char* name, size_t length);
Association* first_with_name(const Watch& parent, const char* name, size_t length);

// --- watches ---

Watch* watch_find(int wd);
// Enters a watch; null: no memory.
Watch* watch_make(int wd, uint32_t mask);
// Tells the kernel to end it. The record stays while it is needed.
void watch_end(Watch& watch);
// The kernel has ended it.
void watch_ended(Watch& watch);
// Frees it if nobody points to it.
void watch_settle(Watch& watch);
// Stores a directory's path; forgets it if there is no memory.
void watch_set_path(Watch& watch, const char* path, size_t length);

// Keeps a watch while it is being worked on.
class Pin {
 public:
  explicit Pin(Watch& watch) : watch_(watch) { ++watch_.pins; }
  ~Pin() {
    --watch_.pins;
    watch_settle(watch_);
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

 private:
  Watch& watch_;
};

}  // namespace portc::files
