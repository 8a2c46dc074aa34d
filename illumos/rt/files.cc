// SPDX-License-Identifier: MIT
//
// Opening files, and their names. stat.cc has what is known about a file, locks.cc fcntl.
//
// Sources: illumos open(2), unlink(2), rmdir(2), rename(2), utimensat(2), access(2).
#include "illumos/abi/files.h"

#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/open_flags.h"
#include "illumos/rt/paths.h"
#include "illumos/rt/psinfo.h"
#include "illumos/rt/start.h"

namespace portc::illumos {
namespace {

constexpr Number kAtFlags[] = {
#include "illumos/tables/at_flags.inc"
};
// One number has three meanings on Linux, so these stand for themselves.
constexpr int kAtRemovedir = 0x1;
constexpr int kAtEaccess = 0x4;
constexpr int kUtimeNow = -1;
constexpr int kUtimeOmit = -2;
constexpr int kEffectiveIds = 8;  // E_OK of access

template <typename R>
R done(R result) {
  if (result == static_cast<R>(-1)) set_guest_errno();
  return result;
}

// False if there are others than those in `allowed` (Linux's numbers).
bool at_flags(int guest, int allowed, int& host) {
  int64_t rest = 0;
  host = static_cast<int>(host_flags(kAtFlags, guest, rest));
  return rest == 0 && (host & ~allowed) == 0;
}

int open_at(int directory, const char* path, int flags, mode_t mode) {
  const int file =
      with_path(path, [&](const char* name) { return openat(directory, name, flags, mode); });
  if (file >= 0 || errno != ENOENT) return done(file);
  return done(open_psinfo(path));
}

// illumos has one number where POSIX allows two, and refuses directories with EPERM.
int unlinked(int result) {
  if (result == 0) return 0;
  return fail(errno == EISDIR ? EPERM : errno);
}

int removed(int result) {
  if (result == 0) return 0;
  return fail(errno == ENOTEMPTY ? EEXIST : errno);
}

long host_nanoseconds(int64_t guest) {
  return guest == kUtimeNow ? UTIME_NOW : guest == kUtimeOmit ? UTIME_OMIT : guest;
}

int change_times(int directory, const char* path, const abi::Timespec* times, int flags) {
  timespec host[2];
  for (int i = 0; times != nullptr && i < 2; ++i)
    host[i] = {times[i].seconds, host_nanoseconds(times[i].nanoseconds)};
  const timespec* given = times != nullptr ? host : nullptr;
  return done(path != nullptr ? utimensat(directory, path, given, flags)
                              : futimens(directory, given));
}

int check_access(int directory, const char* path, int mode, int flags) {
  if ((mode & kEffectiveIds) != 0) flags |= AT_EACCESS;
  return done(with_path(path, [&](const char* name) {
    return faccessat(directory, name, mode & ~kEffectiveIds, flags);
  }));
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_open(const char* path, int flags, mode_t mode) {
  return open_at(AT_FDCWD, path, host_open_flags(flags), mode);
}

int il_openat(int directory, const char* path, int flags, mode_t mode) {
  return open_at(host_directory(directory), path, host_open_flags(flags), mode);
}

int il_creat(const char* path, mode_t mode) {
  return open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int il_pipe2(int* ends, int flags) {
  const int host = host_descriptor_flags(flags, O_NONBLOCK | O_CLOEXEC);
  return host < 0 ? fail(EINVAL) : done(pipe2(ends, host));
}

int il_dup3(int from, int to, int flags) {
  const int host = host_descriptor_flags(flags, O_CLOEXEC);
  return host < 0 ? fail(EINVAL) : done(dup3(from, to, host));
}

off_t il_tell(int file) { return done(lseek(file, 0, SEEK_CUR)); }

int il_access(const char* path, int mode) { return check_access(AT_FDCWD, path, mode, 0); }

int il_faccessat(int directory, const char* path, int mode, int flags) {
  if ((flags & ~kAtEaccess) != 0) return fail(EINVAL);
  return check_access(host_directory(directory), path, mode, flags != 0 ? AT_EACCESS : 0);
}

int il_linkat(int from_directory, const char* from, int to_directory, const char* to, int flags) {
  int host = 0;
  if (!at_flags(flags, AT_SYMLINK_FOLLOW, host)) return fail(EINVAL);
  return done(linkat(host_directory(from_directory), from, host_directory(to_directory), to, host));
}

int il_unlink(const char* path) { return unlinked(unlink(path)); }

int il_unlinkat(int directory, const char* path, int flags) {
  const int at = host_directory(directory);
  if ((flags & ~kAtRemovedir) != 0) return fail(EINVAL);
  return flags != 0 ? removed(unlinkat(at, path, AT_REMOVEDIR)) : unlinked(unlinkat(at, path, 0));
}

int il_rmdir(const char* path) { return removed(rmdir(path)); }
int il_remove(const char* path) { return removed(remove(path)); }
int il_rename(const char* from, const char* to) { return removed(rename(from, to)); }

int il_renameat(int from_directory, const char* from, int to_directory, const char* to) {
  return removed(renameat(host_directory(from_directory), from, host_directory(to_directory), to));
}

int il_symlinkat(const char* target, int directory, const char* path) {
  return done(symlinkat(target, host_directory(directory), path));
}

int il_mkdirat(int directory, const char* path, mode_t mode) {
  return done(mkdirat(host_directory(directory), path, mode));
}

int il_mkfifoat(int directory, const char* path, mode_t mode) {
  return done(mkfifoat(host_directory(directory), path, mode));
}

ssize_t il_readlinkat(int directory, const char* path, char* buffer, size_t size) {
  const int at = host_directory(directory);
  const ssize_t length = readlinkat(at, path, buffer, size);
  if (length >= 0 || errno != ENOENT) return done(length);
  const HostPath host(path);
  if (!host.is_program()) return done(readlinkat(at, host, buffer, size));
  const size_t whole = strnlen(host, size);
  memcpy(buffer, host, whole);
  return static_cast<ssize_t>(whole);
}

ssize_t il_readlink(const char* path, char* buffer, size_t size) {
  return il_readlinkat(AT_FDCWD, path, buffer, size);
}

int il_fchmodat(int directory, const char* path, mode_t mode, int flags) {
  int host = 0;
  if (!at_flags(flags, AT_SYMLINK_NOFOLLOW, host)) return fail(EINVAL);
  return done(fchmodat(host_directory(directory), path, mode, host));
}

int il_fchownat(int directory, const char* path, uid_t user, gid_t group, int flags) {
  int host = 0;
  if (!at_flags(flags, AT_SYMLINK_NOFOLLOW, host)) return fail(EINVAL);
  if (path == nullptr) return done(fchown(directory, user, group));
  return done(fchownat(host_directory(directory), path, user, group, host));
}

int il_utimensat(int directory, const char* path, const abi::Timespec* times, int flags) {
  int host = 0;
  if (!at_flags(flags, AT_SYMLINK_NOFOLLOW, host)) return fail(EINVAL);
  if (path == nullptr) return fail(EFAULT);
  return change_times(host_directory(directory), path, times, host);
}

int il_futimens(int file, const abi::Timespec* times) {
  return change_times(file, nullptr, times, 0);
}

int il_futimesat(int directory, const char* path, const timeval* times) {
  if (path == nullptr) return done(futimes(directory, times));
  return done(futimesat(host_directory(directory), path, times));
}

int il_fchroot(int directory) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
  return done(chroot(path));
}

// The length, without a terminating null byte.
int il_resolvepath(const char* path, char* buffer, size_t size) {
  char resolved[PATH_MAX];
  if (realpath(path, resolved) == nullptr) return fail(errno);
  const size_t length = strnlen(resolved, size);
  memcpy(buffer, resolved, length);
  return static_cast<int>(length);
}

char* il_getwd(char* buffer) {
  if (getcwd(buffer, PATH_MAX) != nullptr) return buffer;
  set_guest_errno();
  return nullptr;
}

// A name that is not in use; an empty one if there is none.
char* il_mktemp(char* name) {
  const int file = mkstemp(name);
  if (file < 0) {
    name[0] = '\0';
    return name;
  }
  close(file);
  unlink(name);
  return name;
}

char* il_basename(char* path) { return __xpg_basename(path); }

int il_mkostemp(char* name, int flags) { return done(mkostemp(name, host_open_flags(flags))); }

int il_mkostemps(char* name, int suffix, int flags) {
  return done(mkostemps(name, suffix, host_open_flags(flags)));
}

// These two return the error.
int il_posix_fadvise(int file, off_t at, off_t length, int advice) {
  const int error = posix_fadvise(file, at, length, advice);
  return error == 0 ? 0 : errno_to_guest(error);
}

int il_posix_fallocate(int file, off_t at, off_t length) {
  const int error = posix_fallocate(file, at, length);
  return error == 0 ? 0 : errno_to_guest(error);
}

void il_closefrom(int lowest) {
  if (close_range(static_cast<unsigned>(lowest < 0 ? 0 : lowest), ~0u, 0) == 0) return;
  closefrom(lowest < 0 ? 0 : lowest);
}

// Stops at the first result that is not 0, and returns that.
int il_fdwalk(int (*function)(void*, int), void* argument) {
  const int limit = getdtablesize();
  for (int file = 0; file < limit; ++file) {
    if (fcntl(file, F_GETFD) < 0) continue;
    if (const int result = function(argument, file); result != 0) return result;
  }
  return 0;
}

int il_directio(int, int) { return fail(ENOTTY); }

}  // extern "C"
