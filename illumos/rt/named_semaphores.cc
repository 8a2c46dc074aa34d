// SPDX-License-Identifier: MIT
//
// Named semaphores are files of one semaphore in the shared memory file system. A file gets its
// name when it is complete, so nobody meets half a semaphore.
//
// Source: sem_open(3C), sem_close(3C), sem_unlink(3C) of illumos.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/lock.h"
#include "illumos/rt/semaphores.h"

namespace portc::illumos {
namespace {

constexpr int kGuestCreate = 0x100;
constexpr int kGuestExclusive = 0x400;
constexpr size_t kMaxOpen = 1024;

struct Open {
  abi::Semaphore* semaphore;
  dev_t device;
  ino_t file;
  uint32_t count;
};

Open opened[kMaxOpen];

// False and errno if the name is none.
bool path_of(const char* name, char (&path)[PATH_MAX]) {
  if (*name == '/') ++name;
  errno = EINVAL;
  if (*name == '\0' || strchr(name, '/') != nullptr) return false;
  errno = ENAMETOOLONG;
  return snprintf(path, sizeof path, "/dev/shm/.portc-sem.%s", name) < NAME_MAX;
}

// The semaphore of an open file, at the address where it is already, if it is.
abi::Semaphore* map(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return nullptr;
  if (status.st_size < static_cast<off_t>(sizeof(abi::Semaphore))) {
    errno = EINVAL;
    return nullptr;
  }
  const Locked locked(semaphore_lock);
  Open* unused = nullptr;
  for (Open& open : opened) {
    if (open.count == 0) {
      unused = &open;
    } else if (open.device == status.st_dev && open.file == status.st_ino) {
      ++open.count;
      return open.semaphore;
    }
  }
  if (unused == nullptr) {
    errno = EMFILE;
    return nullptr;
  }
  void* at = mmap(nullptr, sizeof(abi::Semaphore), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return nullptr;
  *unused = {static_cast<abi::Semaphore*>(at), status.st_dev, status.st_ino, 1};
  return unused->semaphore;
}

abi::Semaphore* open_existing(const char* path) {
  const int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return nullptr;
  abi::Semaphore* semaphore = map(fd);
  const int error = errno;
  close(fd);
  errno = error;
  return semaphore;
}

// Null and EEXIST if somebody else was first.
abi::Semaphore* create(const char* path, mode_t mode, uint32_t value) {
  abi::Semaphore fresh = {};
  if (const int error = init(fresh, value, abi::kShared); error != 0) {
    errno = error;
    return nullptr;
  }
  const int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  if (fd < 0) return nullptr;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  abi::Semaphore* semaphore = nullptr;
  if (write(fd, &fresh, sizeof fresh) == sizeof fresh &&
      linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
    semaphore = map(fd);
  const int error = errno;
  close(fd);
  errno = error;
  return semaphore;
}

abi::Semaphore* open_any(const char* path, int flags, mode_t mode, uint32_t value) {
  for (;;) {
    if ((flags & kGuestExclusive) == 0 || (flags & kGuestCreate) == 0) {
      abi::Semaphore* semaphore = open_existing(path);
      if (semaphore != nullptr || errno != ENOENT || (flags & kGuestCreate) == 0) return semaphore;
    }
    abi::Semaphore* semaphore = create(path, mode, value);
    if (semaphore != nullptr || errno != EEXIST || (flags & kGuestExclusive) != 0) return semaphore;
  }
}

}  // namespace

extern "C" {

abi::Semaphore* il_sem_open(const char* name, int flags, uint32_t mode, uint32_t value) {
  char path[PATH_MAX];
  const int kept = errno;
  abi::Semaphore* semaphore = path_of(name, path) ? open_any(path, flags, mode, value) : nullptr;
  if (semaphore == nullptr) {
    set_guest_errno();
    return reinterpret_cast<abi::Semaphore*>(-1);
  }
  errno = kept;
  return semaphore;
}

int il_sem_close(abi::Semaphore* semaphore) {
  const Locked locked(semaphore_lock);
  for (Open& open : opened) {
    if (open.count == 0 || open.semaphore != semaphore) continue;
    if (--open.count == 0) munmap(semaphore, sizeof *semaphore);
    return 0;
  }
  return fail(EINVAL);
}

int il_sem_unlink(const char* name) {
  char path[PATH_MAX];
  if (path_of(name, path) && unlink(path) == 0) return 0;
  set_guest_errno();
  return -1;
}

}  // extern "C"

}  // namespace portc::illumos
