// SPDX-License-Identifier: MIT
//
// Reading directories. Linux's records are turned into illumos's where they lie: those are never
// longer. A position in a directory is the file system's own number on both systems.
//
// Sources: illumos <sys/dirent.h>, <dirent.h>, getdents(2), readdir(3C).
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "illumos/abi/files.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/paths.h"

namespace portc::illumos {
namespace {

constexpr size_t kBuffer = 8192;
constexpr size_t kName = offsetof(abi::Dirent, name);

size_t record_size(size_t name_length) { return (kName + name_length + 1 + 7) & ~size_t{7}; }

size_t convert(char* buffer, size_t size) {
  size_t from = 0, to = 0;
  while (from < size) {
    const auto* host = reinterpret_cast<const dirent64*>(buffer + from);
    const uint64_t inode = host->d_ino;
    const int64_t offset = host->d_off;
    const size_t length = strlen(host->d_name);
    from += host->d_reclen;
    auto* guest = reinterpret_cast<abi::Dirent*>(buffer + to);
    memmove(buffer + to + kName, host->d_name, length + 1);
    guest->inode = inode;
    guest->offset = offset;
    guest->length = static_cast<uint16_t>(record_size(length));
    to += guest->length;
  }
  return to;
}

ssize_t read_records(int file, char* buffer, size_t size) {
  const ssize_t result = getdents64(file, buffer, size);
  if (result < 0) return fail(errno);
  return static_cast<ssize_t>(convert(buffer, static_cast<size_t>(result)));
}

// The part that illumos's header shows, and what readdir_r and two threads need.
struct Stream : abi::Directory {
  pthread_mutex_t lock;
  int64_t position;  // after the last record that was returned
  char records[kBuffer];
};

class Locked {
 public:
  explicit Locked(Stream* stream) : stream_(stream) { pthread_mutex_lock(&stream_->lock); }
  ~Locked() { pthread_mutex_unlock(&stream_->lock); }

 private:
  Stream* stream_;
};

// Takes the descriptor over.
Stream* make_stream(int file) {
  void* memory = malloc(sizeof(Stream));
  if (memory == nullptr) {
    fail(ENOMEM);
    return nullptr;
  }
  auto* stream = new (memory) Stream();
  stream->file = file;
  stream->buffer = stream->records;
  pthread_mutex_init(&stream->lock, nullptr);
  return stream;
}

// Null at the end, and on failure, which alone changes errno.
abi::Dirent* next(Stream* stream) {
  if (stream->at >= stream->size) {
    const ssize_t size = read_records(stream->file, stream->records, sizeof stream->records);
    stream->at = 0;
    stream->size = size > 0 ? static_cast<int32_t>(size) : 0;
    if (size <= 0) return nullptr;
  }
  auto* record = reinterpret_cast<abi::Dirent*>(stream->records + stream->at);
  stream->at += record->length;
  stream->position = record->offset;
  return record;
}

void move_to(Stream* stream, int64_t position) {
  lseek(stream->file, position, SEEK_SET);
  stream->at = stream->size = 0;
  stream->position = position;
}

using Select = int (*)(const abi::Dirent*);
using Compare = int (*)(const abi::Dirent**, const abi::Dirent**);

struct List {
  abi::Dirent** entries = nullptr;
  size_t count = 0;
  size_t room = 0;

  bool add(const abi::Dirent* record) {
    if (count == room) {
      const size_t more = room == 0 ? 32 : room * 2;
      void* memory = realloc(entries, more * sizeof *entries);
      if (memory == nullptr) return false;
      entries = static_cast<abi::Dirent**>(memory);
      room = more;
    }
    void* copy = malloc(record->length);
    if (copy == nullptr) return false;
    entries[count++] = static_cast<abi::Dirent*>(memcpy(copy, record, record->length));
    return true;
  }

  void clear() {
    while (count > 0) free(entries[--count]);
    free(entries);
  }
};

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_getdents(int file, char* buffer, size_t size) {
  return static_cast<int>(read_records(file, buffer, size));
}

Stream* il_opendir(const char* path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
  const int file = with_path(path, [](const char* name) { return open(name, kFlags); });
  if (file < 0) {
    set_guest_errno();
    return nullptr;
  }
  Stream* stream = make_stream(file);
  if (stream == nullptr) close(file);
  return stream;
}

Stream* il_fdopendir(int file) {
  struct stat info;
  if (fstat(file, &info) != 0 || !S_ISDIR(info.st_mode)) {
    fail(fcntl(file, F_GETFD) < 0 ? EBADF : ENOTDIR);
    return nullptr;
  }
  Stream* stream = make_stream(file);
  if (stream != nullptr) fcntl(file, F_SETFD, FD_CLOEXEC);
  return stream;
}

int il_closedir(Stream* stream) {
  const int result = close(stream->file);
  if (result != 0) set_guest_errno();
  pthread_mutex_destroy(&stream->lock);
  free(stream);
  return result;
}

abi::Dirent* il_readdir(Stream* stream) {
  const Locked lock(stream);
  return next(stream);
}

// POSIX's: returns the error. The other one, of an old draft, is not for 64-bit programs.
int il_readdir_r(Stream* stream, abi::Dirent* entry, abi::Dirent** result) {
  const Locked lock(stream);
  const int before = guest_errno;
  guest_errno = 0;
  const abi::Dirent* record = next(stream);
  const int error = record == nullptr ? guest_errno : 0;
  guest_errno = before;
  if (record != nullptr) memcpy(entry, record, record->length);
  *result = record != nullptr ? entry : nullptr;
  return error;
}

long il_telldir(Stream* stream) {
  const Locked lock(stream);
  return stream->position;
}

void il_seekdir(Stream* stream, long position) {
  const Locked lock(stream);
  move_to(stream, position);
}

void il_rewinddir(Stream* stream) {
  const Locked lock(stream);
  move_to(stream, 0);
}

int il_dirfd(Stream* stream) { return stream->file; }

int il_alphasort(const abi::Dirent** a, const abi::Dirent** b) {
  return strcoll((*a)->name, (*b)->name);
}

int il_scandir(const char* path, abi::Dirent*** result, Select select, Compare compare) {
  Stream* stream = il_opendir(path);
  if (stream == nullptr) return -1;
  List list;
  bool enough = true;
  while (const abi::Dirent* record = enough ? next(stream) : nullptr)
    if (select == nullptr || select(record) != 0) enough = list.add(record);
  il_closedir(stream);
  if (!enough) {
    list.clear();
    return fail(ENOMEM);
  }
  if (compare != nullptr && list.count > 0)
    qsort(list.entries, list.count, sizeof *list.entries,
          reinterpret_cast<int (*)(const void*, const void*)>(compare));
  *result = list.entries;
  return static_cast<int>(list.count);
}

}  // extern "C"
