// SPDX-License-Identifier: MIT
#include "libportc/api/file.h"

#include <string.h>

#include <atomic>

#include "include/port.h"
#include "libportc/base/usermem.h"
#include "libportc/source/file.h"

namespace portc {
namespace {

static_assert(kFileAccess == FILE_ACCESS && kFileModified == FILE_MODIFIED &&
              kFileAttrib == FILE_ATTRIB && kFileTrunc == FILE_TRUNC);
static_assert(kFileDelete == FILE_DELETE && kFileRenameTo == FILE_RENAME_TO &&
              kFileRenameFrom == FILE_RENAME_FROM && kFileUnmounted == UNMOUNTED);

constexpr uintptr_t kPage = 4096;

// Pages that were found readable: a program goes through its file objects again and again, and
// to ask for each would cost as much as the look at the file. DEVIATION portc(7) fault-cache.
constexpr uintptr_t kRemembered = 64;
constinit std::atomic<uintptr_t> remembered[kRemembered]{};

bool page_readable(uintptr_t page) {
  std::atomic<uintptr_t>& entry = remembered[page / kPage % kRemembered];
  if (PORTC_LIKELY(page != 0 && entry.load(std::memory_order_relaxed) == page)) return true;
  if (!user_readable(reinterpret_cast<const void*>(page), kPage)) return false;
  entry.store(page, std::memory_order_relaxed);
  return true;
}

uintptr_t page_of(const void* address) { return reinterpret_cast<uintptr_t>(address) & -kPage; }

// Copies a path that may end anywhere; its length. Errors: EFAULT, ENAMETOOLONG.
Result<size_t> copy_path(char* out, const char* path) {
  for (size_t done = 0; done < kPathMax;) {
    const char* from = path + done;
    const uintptr_t page = page_of(from);
    if (!page_readable(page)) return Errno{EFAULT};
    size_t part = page + kPage - reinterpret_cast<uintptr_t>(from);
    if (part > kPathMax - done) part = kPathMax - done;
    const char* end = static_cast<const char*>(memchr(from, '\0', part));
    if (end != nullptr) part = static_cast<size_t>(end - from);
    memcpy(out + done, from, part);
    done += part;
    if (end == nullptr) continue;
    out[done] = '\0';
    return done;
  }
  return Errno{ENAMETOOLONG};
}

}  // namespace

Result<void> associate_file_object(Port& port, uintptr_t address, int events, void* user) {
  const uint32_t bits = static_cast<uint32_t>(events);
  if ((bits & ~(kFileWanted | FILE_NOFOLLOW)) != 0) return Errno{EINVAL};
  const file_obj_t* object = reinterpret_cast<const file_obj_t*>(address);
  if (address > UINTPTR_MAX - sizeof *object || !page_readable(page_of(object)) ||
      !page_readable(page_of(reinterpret_cast<const char*>(object + 1) - 1)))
    return Errno{EFAULT};
  char path[kPathMax];
  const Result<size_t> copied = copy_path(path, object->fo_name);
  if (!copied) return Errno{copied.error()};
  FileRequest request;
  request.object = address;
  request.path = path;
  request.length = *copied;
  request.stamps = {object->fo_atime, object->fo_mtime, object->fo_ctime};
  request.wanted = bits & kFileWanted;
  request.follow = (bits & FILE_NOFOLLOW) == 0;
  request.user = reinterpret_cast<uintptr_t>(user);
  return file_associate(port, request);
}

}  // namespace portc
