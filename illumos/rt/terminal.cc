// SPDX-License-Identifier: MIT
//
// Terminals. The flags have Linux's bits, but for a few and the speeds; the control characters
// have an order of their own, and two of them are shared.
// Source: illumos <sys/termios.h>, <sys/stropts.h>, <sys/ptms.h>; termio(4I).
#include "illumos/rt/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "illumos/abi/termios.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kCharacters[] = {
#include "illumos/tables/control_character.inc"
};

constexpr uint32_t kSpeedMask = 017, kSpeedExtended = 010000000;
constexpr uint32_t kInputSpeed = 03600000 | 020000000 | 04000000;  // CIBAUD, CIBAUDEXT, PAREXT
constexpr uint32_t kFlusho = 020000, kDefecho = 010000;

// Speeds above B38400, which have one numbering on both systems: illumos's is one row.
struct Speed {
  speed_t host;
  uint32_t guest;
};
constexpr Speed kSpeeds[] = {
    {B57600, 16}, {B115200, 18}, {B230400, 20}, {B460800, 22}, {B921600, 23}};

uint32_t speed_to_guest(speed_t host) {
  for (const Speed& speed : kSpeeds)
    if (speed.host == host) return speed.guest;
  return host & kSpeedMask;
}

speed_t speed_to_host(uint32_t guest) {
  for (const Speed& speed : kSpeeds)
    if (speed.guest == guest) return speed.host;
  return guest & kSpeedMask;
}

uint32_t speed_bits(uint32_t guest) {
  return (guest & kSpeedMask) | (guest > kSpeedMask ? kSpeedExtended : 0);
}

uint32_t speed_of(uint32_t control) {
  return (control & kSpeedMask) | ((control & kSpeedExtended) != 0 ? kSpeedMask + 1 : 0);
}

abi::Termios to_guest(const termios& host) {
  abi::Termios guest = {};
  guest.input = host.c_iflag & ~tcflag_t{IUTF8};
  guest.output = host.c_oflag;
  guest.control =
      (host.c_cflag & ~tcflag_t{CBAUD | CIBAUD}) | speed_bits(speed_to_guest(cfgetospeed(&host)));
  guest.local = host.c_lflag & ~tcflag_t{FLUSHO | EXTPROC};
  if ((host.c_lflag & FLUSHO) != 0) guest.local |= kFlusho;
  for (const Number& pair : kCharacters) guest.characters[pair.guest] = host.c_cc[pair.host];
  const bool lines = (host.c_lflag & ICANON) != 0;
  guest.characters[abi::kEofOrMin] = host.c_cc[lines ? VEOF : VMIN];
  guest.characters[abi::kEolOrTime] = host.c_cc[lines ? VEOL : VTIME];
  return guest;
}

// `host` keeps what the guest's cannot say.
void to_host(const abi::Termios& guest, termios& host) {
  host.c_iflag = guest.input | (host.c_iflag & IUTF8);
  host.c_oflag = guest.output & 0177777;
  host.c_cflag = guest.control & ~(kSpeedMask | kSpeedExtended | kInputSpeed);
  const speed_t speed = speed_to_host(speed_of(guest.control));
  (void)cfsetospeed(&host, speed);
  (void)cfsetispeed(&host, speed);
  host.c_lflag = guest.local & ~(kFlusho | kDefecho);
  if ((guest.local & kFlusho) != 0) host.c_lflag |= FLUSHO;
  for (const Number& pair : kCharacters) host.c_cc[pair.host] = guest.characters[pair.guest];
  const bool lines = (host.c_lflag & ICANON) != 0;
  host.c_cc[lines ? VEOF : VMIN] = guest.characters[abi::kEofOrMin];
  host.c_cc[lines ? VEOL : VTIME] = guest.characters[abi::kEolOrTime];
}

int get_attributes(int fd, abi::Termios& guest) {
  termios host;
  if (tcgetattr(fd, &host) != 0) return fail(errno);
  guest = to_guest(host);
  return 0;
}

int set_attributes(int fd, int when, const abi::Termios& guest) {
  termios host;
  if (tcgetattr(fd, &host) != 0) return fail(errno);
  to_host(guest, host);
  return tcsetattr(fd, when, &host) == 0 ? 0 : fail(errno);
}

int get_old_attributes(int fd, abi::Termio& old) {
  abi::Termios full;
  if (get_attributes(fd, full) != 0) return -1;
  old.input = static_cast<uint16_t>(full.input);
  old.output = static_cast<uint16_t>(full.output);
  old.control = static_cast<uint16_t>(full.control);
  old.local = static_cast<uint16_t>(full.local);
  old.line = 0;
  memcpy(old.characters, full.characters, sizeof old.characters);
  return 0;
}

int set_old_attributes(int fd, int when, const abi::Termio& old) {
  abi::Termios full;
  if (get_attributes(fd, full) != 0) return -1;
  full.input = (full.input & ~0xffffU) | old.input;
  full.output = (full.output & ~0xffffU) | old.output;
  full.control = (full.control & ~0xffffU) | old.control;
  full.local = (full.local & ~0xffffU) | old.local;
  memcpy(full.characters, old.characters, sizeof old.characters);
  return set_attributes(fd, when, full);
}

// TCSETS, TCSETSW and TCSETSF follow each other, as do TCSANOW, TCSADRAIN and TCSAFLUSH.
constexpr unsigned kTcgeta = 0x5401, kTcseta = 0x5402, kTcgets = 0x540d, kTcsets = 0x540e;
constexpr unsigned kIPush = 0x5302, kIPop = 0x5303, kIStr = 0x5308, kIFind = 0x530b;
constexpr int kIsptm = 0x5001, kUnlkpt = 0x5002, kOwnerpt = 0x5005;  // <sys/ptms.h>

// A terminal is no stream of modules here; it is as if the usual ones had been pushed.
int with_modules(int fd, int result) { return isatty(fd) ? result : fail(EINVAL); }

int stream_command(int fd, const abi::Strioctl& wrapped) {
  if (wrapped.command == kUnlkpt) return unlockpt(fd) == 0 ? 0 : fail(errno);
  if (wrapped.command == kIsptm || wrapped.command == kOwnerpt)
    return ptsname(fd) != nullptr ? 0 : fail(EINVAL);
  return with_modules(fd, fail(EINVAL));
}

constexpr int kGuestNoctty = 0x800, kGuestCloexec = 0x800000, kGuestNonblock = 0x80;

}  // namespace

bool terminal_ioctl(int fd, unsigned request, void* argument, int& result) {
  switch (request) {
    case kTcgets:
      result = get_attributes(fd, *static_cast<abi::Termios*>(argument));
      return true;
    case kTcsets:
    case kTcsets + 1:
    case kTcsets + 2:
      result = set_attributes(fd, static_cast<int>(request - kTcsets),
                              *static_cast<const abi::Termios*>(argument));
      return true;
    case kTcgeta:
      result = get_old_attributes(fd, *static_cast<abi::Termio*>(argument));
      return true;
    case kTcseta:
    case kTcseta + 1:
    case kTcseta + 2:
      result = set_old_attributes(fd, static_cast<int>(request - kTcseta),
                                  *static_cast<const abi::Termio*>(argument));
      return true;
    case kIPush:
    case kIPop:
      result = with_modules(fd, 0);
      return true;
    case kIFind:
      result = with_modules(fd, 1);
      return true;
    case kIStr:
      result = stream_command(fd, *static_cast<const abi::Strioctl*>(argument));
      return true;
    default:
      return false;
  }
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il_tcgetattr(int fd, abi::Termios* out) { return get_attributes(fd, *out); }

extern "C" int il_tcsetattr(int fd, int when, const abi::Termios* in) {
  const auto action = static_cast<unsigned>(when) - kTcsets;
  return action <= 2 ? set_attributes(fd, static_cast<int>(action), *in) : fail(EINVAL);
}

extern "C" unsigned il_cfgetospeed(const abi::Termios* in) { return speed_of(in->control); }

extern "C" int il_cfsetospeed(abi::Termios* out, unsigned speed) {
  if (speed > 2 * kSpeedMask + 1) return fail(EINVAL);
  out->control = (out->control & ~(kSpeedMask | kSpeedExtended)) | speed_bits(speed);
  return 0;
}

// Zero is the output's speed; there is one speed here.
extern "C" int il_cfsetispeed(abi::Termios* out, unsigned speed) {
  return speed == 0 ? 0 : il_cfsetospeed(out, speed);
}

extern "C" int il_posix_openpt(int flags) {
  int host = flags & O_ACCMODE;
  if ((flags & kGuestNoctty) != 0) host |= O_NOCTTY;
  if ((flags & kGuestCloexec) != 0) host |= O_CLOEXEC;
  if ((flags & kGuestNonblock) != 0) host |= O_NONBLOCK;
  const int fd = posix_openpt(host);
  return fd >= 0 ? fd : fail(errno);
}

// The older form returns the name; the other one and ptsname_r an error number.
extern "C" char* il_ttyname_r(int fd, char* name, int size) {
  const int error = ttyname_r(fd, name, static_cast<size_t>(size));
  if (error == 0) return name;
  (void)fail(error);
  return nullptr;
}

extern "C" int il___posix_ttyname_r(int fd, char* name, size_t size) {
  const int error = ttyname_r(fd, name, size);
  return error == 0 ? 0 : errno_to_guest(error);
}

extern "C" int il_ptsname_r(int fd, char* name, size_t size) {
  const int error = ptsname_r(fd, name, size);
  return error == 0 ? 0 : errno_to_guest(error);
}

// Zero is a failure, with the errno.
extern "C" int il_isatty(int fd) {
  if (isatty(fd) == 1) return 1;
  (void)fail(errno);
  return 0;
}
