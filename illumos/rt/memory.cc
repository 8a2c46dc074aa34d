// SPDX-License-Identifier: MIT
//
// Sources: illumos mmap(2), memcntl(2), madvise(3C), <sys/mman.h>.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/open_flags.h"

namespace portc::illumos {
namespace {

constexpr Number kMmapFlags[] = {
#include "illumos/tables/mmap_flags.inc"
};
constexpr Number kAdvice[] = {
#include "illumos/tables/madvise.inc"
};

constexpr int kAlign = 0x200;
// Advice that is only that: the contents stay (Linux's MADV_DONTNEED would drop them), and which
// thread will use the memory is for the scheduler to find out.
constexpr int kDontNeed = 4, kAccessDefault = 6, kAccessMany = 8;

enum MemoryCommand : int {
  kSync = 1,
  kLock = 2,
  kUnlock = 3,
  kAdvise = 4,
  kLockAll = 5,
  kUnlockAll = 6,
  kPageSizes = 7,
  kInheritZero = 8,
};

// MAP_ALIGN: `alignment` is where an address stands else. More is mapped, the rest given back.
void* map_aligned(uint64_t alignment, size_t size, int protection, int flags, int file,
                  off_t offset) {
  const auto page = static_cast<uint64_t>(getpagesize());
  if (alignment < page) alignment = page;
  if ((alignment & (alignment - 1)) != 0 || (flags & MAP_FIXED) != 0) {
    errno = EINVAL;
    return MAP_FAILED;
  }
  if (alignment == page) return mmap(nullptr, size, protection, flags, file, offset);
  constexpr int kReserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  const size_t whole = (size + page - 1) & ~(page - 1);
  void* room = mmap(nullptr, whole + alignment, PROT_NONE, kReserve | (flags & MAP_32BIT), -1, 0);
  if (room == MAP_FAILED) return room;
  const auto start = reinterpret_cast<uint64_t>(room);
  const uint64_t at = (start + alignment - 1) & ~(alignment - 1);
  void* result =
      mmap(reinterpret_cast<void*>(at), size, protection, flags | MAP_FIXED, file, offset);
  const int error = errno;
  const uint64_t keep = result == MAP_FAILED ? start : at + whole;
  if (at > start && result != MAP_FAILED) munmap(room, at - start);
  munmap(reinterpret_cast<void*>(keep), start + whole + alignment - keep);
  errno = error;
  return result;
}

int advise(void* address, size_t size, int guest) {
  if (guest == kDontNeed || (guest >= kAccessDefault && guest <= kAccessMany)) return 0;
  const auto host = static_cast<int>(host_number(kAdvice, guest, -1));
  if (host < 0) return fail(EINVAL);
  return madvise(address, size, host) == 0 ? 0 : fail(errno);
}

int control(void* address, size_t size, int command, intptr_t argument) {
  switch (command) {
    case kSync:
      return msync(address, size, static_cast<int>(argument));
    case kLock:
      return mlock(address, size);
    case kUnlock:
      return munlock(address, size);
    case kLockAll:
      return mlockall(static_cast<int>(argument));
    case kUnlockAll:
      return munlockall();
    case kInheritZero:
      return madvise(address, size, MADV_WIPEONFORK);
    default:
      errno = EINVAL;
      return -1;
  }
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

void* il_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset) {
  int64_t rest = 0;
  const auto host = static_cast<int>(host_flags(kMmapFlags, flags, rest));
  void* result = (flags & kAlign) != 0 ? map_aligned(reinterpret_cast<uint64_t>(address), size,
                                                     protection, host, file, offset)
                                       : mmap(address, size, protection, host, file, offset);
  if (result == MAP_FAILED) set_guest_errno();
  return result;
}

int il_madvise(void* address, size_t size, int advice) { return advise(address, size, advice); }

// Returns the error.
int il_posix_madvise(void* address, size_t size, int advice) {
  const int before = guest_errno;
  const int error = advise(address, size, advice) == 0 ? 0 : guest_errno;
  guest_errno = before;
  return error;
}

int il_memcntl(void* address, size_t size, int command, intptr_t argument, int, int) {
  if (command == kAdvise) return advise(address, size, static_cast<int>(argument));
  if (command == kPageSizes) return 0;
  return control(address, size, command, argument) == 0 ? 0 : fail(errno);
}

// One size: that of a page.
int il_getpagesizes(size_t* sizes, int count) {
  if (sizes == nullptr && count == 0) return 1;
  if (sizes == nullptr || count < 1) return fail(EINVAL);
  sizes[0] = static_cast<size_t>(getpagesize());
  return 1;
}

int il_shm_open(const char* name, int flags, mode_t mode) {
  const int file = shm_open(name, host_open_flags(flags), mode);
  return file < 0 ? fail(errno) : file;
}

int il_posix_memalign(void** result, size_t alignment, size_t size) {
  const int error = posix_memalign(result, alignment, size);
  return error == 0 ? 0 : errno_to_guest(error);
}

}  // extern "C"
