// SPDX-License-Identifier: MIT
//
// fcntl. Linux's commands are called by their names; illumos's numbers are here only.
//
// Sources: illumos <sys/fcntl.h>, fcntl(2), uts/common/syscall/fcntl.c.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "illumos/abi/files.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/open_flags.h"

namespace portc::illumos {
namespace {

enum Command : int {
  kDupfd = 0,
  kGetfd = 1,
  kSetfd = 2,
  kGetfl = 3,
  kSetfl = 4,
  kSetlk = 6,
  kSetlkw = 7,
  kDup2fd = 9,
  kAllocsp = 10,
  kFreesp = 11,
  kIsstream = 13,
  kGetlk = 14,
  kGetown = 23,
  kSetown = 24,
  kDup2fdCloexec = 36,
  kDupfdCloexec = 37,
  kShare = 40,
  kUnshare = 41,
  kGetxfl = 45,
  kOfdGetlk = 47,
  kOfdSetlk = 48,
  kOfdSetlkw = 49,
  kFlock = 53,
  kFlockw = 54,
};

constexpr Number kLockCommands[] = {
    {F_SETLK, kSetlk},        {F_SETLKW, kSetlkw},      {F_GETLK, kGetlk},
    {F_OFD_GETLK, kOfdGetlk}, {F_OFD_SETLK, kOfdSetlk}, {F_OFD_SETLKW, kOfdSetlkw},
    {F_OFD_SETLK, kFlock},    {F_OFD_SETLKW, kFlockw},
};
constexpr Number kLockTypes[] = {{F_RDLCK, 1}, {F_WRLCK, 2}, {F_UNLCK, 3}};

int done(int result) {
  if (result < 0) set_guest_errno();
  return result;
}

bool is_query(int command) { return command == F_GETLK || command == F_OFD_GETLK; }

int lock(int file, int command, abi::Flock* guest) {
  const auto type = static_cast<short>(host_number(kLockTypes, guest->type, -1));
  if (type == -1) return fail(EINVAL);
  struct flock host = {};
  host.l_type = type;
  host.l_whence = guest->whence;
  host.l_start = guest->start;
  host.l_len = guest->length;
  if (fcntl(file, command, &host) < 0) return fail(errno);
  if (!is_query(command)) return 0;
  guest->type = static_cast<int16_t>(guest_number(kLockTypes, host.l_type, 3));
  // "If no lock is found, only the type is changed."
  if (host.l_type == F_UNLCK) return 0;
  guest->whence = host.l_whence;
  guest->start = host.l_start;
  guest->length = host.l_len;
  guest->system = 0;
  guest->process = host.l_pid;
  return 0;
}

// F_FREESP: the space is given back; "length 0" reaches to the file's end, which is cut off.
int free_space(int file, const abi::Flock& space) {
  struct stat info;
  if (fstat(file, &info) != 0) return fail(errno);
  if (!S_ISREG(info.st_mode)) return fail(EINVAL);
  int64_t start = space.start;
  if (space.whence == SEEK_END) start += info.st_size;
  if (space.whence == SEEK_CUR) start += lseek(file, 0, SEEK_CUR);
  if (start < 0) return fail(EINVAL);
  if (space.length == 0) return done(ftruncate(file, start));
  constexpr int kHole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  return done(fallocate(file, kHole, start, space.length));
}

int allocate_space(int file, const abi::Flock& space) {
  const int error = posix_fallocate(file, space.start, space.length);
  return error == 0 ? 0 : fail(error);
}

int duplicate_to(int from, int to, int flags) {
  if (from != to) return done(dup3(from, to, flags));
  if (fcntl(from, F_GETFD) < 0) return fail(errno);
  if (flags != 0) return done(fcntl(from, F_SETFD, FD_CLOEXEC)) < 0 ? -1 : to;
  return to;
}

// What F_SETFL can change here; whatever else it is given stays as it was opened.
int set_flags(int file, int guest) {
  return done(fcntl(file, F_SETFL, host_open_flags(guest) & (O_APPEND | O_NONBLOCK | O_DIRECT)));
}

int get_flags(int file) {
  const int host = fcntl(file, F_GETFL);
  return host < 0 ? fail(errno) : guest_open_flags(host);
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il_fcntl(int file, int command, intptr_t argument) {
  const auto number = static_cast<int>(argument);
  auto* flock = reinterpret_cast<abi::Flock*>(argument);
  switch (command) {
    case kDupfd:
      return done(fcntl(file, F_DUPFD, number));
    case kDupfdCloexec:
      return done(fcntl(file, F_DUPFD_CLOEXEC, number));
    case kDup2fd:
      return duplicate_to(file, number, 0);
    case kDup2fdCloexec:
      return duplicate_to(file, number, O_CLOEXEC);
    case kGetfd:
      return done(fcntl(file, F_GETFD));
    case kSetfd:
      return done(fcntl(file, F_SETFD, number));
    case kGetfl:
    case kGetxfl:
      return get_flags(file);
    case kSetfl:
      return set_flags(file, number);
    case kGetown:
      return done(fcntl(file, F_GETOWN));
    case kSetown:
      return done(fcntl(file, F_SETOWN, number));
    case kFreesp:
      return free_space(file, *flock);
    case kAllocsp:
      return allocate_space(file, *flock);
    case kIsstream:
      return done(fcntl(file, F_GETFD)) < 0 ? -1 : 0;
    case kShare:  // advisory between programs that all use them
    case kUnshare:
      return done(fcntl(file, F_GETFD)) < 0 ? -1 : 0;
    default:
      break;
  }
  const auto lock_command = static_cast<int>(host_number(kLockCommands, command, -1));
  return lock_command < 0 ? fail(EINVAL) : lock(file, lock_command, flock);
}
