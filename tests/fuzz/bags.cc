// SPDX-License-Identifier: MIT
//
// What arrives over a socket and looks like a port on its way (core/passing.h): sockets of any
// kind, with any control message that a hostile process can put into them, and any descriptors in
// that. Opening one never crashes or hangs, leaves no descriptor behind, and if it does not give a
// port leaves the number what it was.
#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

#include "libportc/core/registry.h"
#include "tests/fuzz/fuzz.h"

using fuzz::Input;

namespace {

constexpr int kMark = 0x70'6f'72'74;                 // kBagMark
constexpr uint64_t kMagic = 0x31'67'61'62'2d'63'70;  // BagMessage
constexpr int kMostFds = 6;
constexpr int kPassPidfd = 76;  // SO_PASSPIDFD, Linux 6.5

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4U
#endif

// The parts of a real port that nobody has any more but we.
struct Parts {
  int set, memory, doorbell, wake;
};

Parts make_parts() {
  const int port = port_create();
  EXPECT(port >= 0);
  Parts parts;
  {
    const portc::PortRef made = portc::port_known(port);
    parts = {dup(port), dup(made->memory_fd), dup(made->doorbell_fd), dup(made->wake_fd)};
  }
  fuzz::close_as_program(port);
  return parts;
}

// Whoever has received the port may have found that `set` is a number of it, too.
void close_parts(const Parts& parts) {
  fuzz::close_as_program(parts.set);
  for (const int fd : {parts.memory, parts.doorbell, parts.wake}) close(fd);
}

int sealed(unsigned flags, off_t size) {
  const int fd = memfd_create("portc", MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
  if (fd < 0) return open("/dev/null", O_RDONLY);
  if (ftruncate(fd, size) == 0)
    (void)fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return fd;
}

int one_of_a_pair(int type) {
  int pair[2];
  EXPECT(socketpair(AF_UNIX, type, 0, pair) == 0);
  close(pair[1]);
  return pair[0];
}

// Reading it waits; or writing it does.
int blocking(uint8_t choice) {
  const int fd = eventfd(0, 0);
  const uint64_t most = UINT64_MAX - 1;
  if (choice == 15) EXPECT(write(fd, &most, sizeof most) == sizeof most);
  return fd;
}

// As if the last holder of the lock had died: whoever comes next rings.
void leave_locked(const Parts& parts) {
  const uint32_t died = FUTEX_OWNER_DIED;
  EXPECT(pwrite(parts.memory, &died, sizeof died, offsetof(portc::PortHeader, lock)) ==
         sizeof died);
}

// A descriptor of a kind that the byte chooses; the caller closes it.
int make_fd(uint8_t kind, const Parts& parts) {
  int ends[2];
  switch (kind % 16) {
    case 0:
      return dup(parts.set);
    case 1:
      return dup(parts.memory);
    case 2:
      return dup(parts.doorbell);
    case 3:
      return dup(parts.wake);
    case 4:
      return epoll_create1(0);
    case 5:
      return blocking(kind >> 4);
    case 6:
      return eventfd(kind >> 4, EFD_NONBLOCK);
    case 7:
      return sealed(0, 1 << 19);
    case 8:
      return sealed(MFD_HUGETLB, 1 << 21);
    case 9:
      return memfd_create("portc", MFD_CLOEXEC);
    case 10:
      EXPECT(pipe(ends) == 0);
      close(ends[1 - (kind >> 4 & 1)]);
      return ends[kind >> 4 & 1];
    case 11:
      return one_of_a_pair(SOCK_DGRAM);
    case 12:
      return open("/", O_PATH);
    case 13:
      return open("/proc/self/mem", O_RDWR);
    case 14:
      return sealed(0, 4096 + (kind >> 4) * 4096);
    default:
      return open("/dev/null", O_RDWR);
  }
}

int socket_type(uint8_t kind) {
  constexpr int kTypes[] = {SOCK_DGRAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};
  return kTypes[kind % 4];
}

void set_options(int socket, uint8_t options) {
  const int yes = 1;
  const int mark = (options & 1) != 0 ? 1 : kMark;
  (void)setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark);
  if ((options & 2) != 0) (void)setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
  if ((options & 4) != 0) (void)setsockopt(socket, SOL_SOCKET, kPassPidfd, &yes, sizeof yes);
  if ((options & 8) != 0) (void)setsockopt(socket, SOL_SOCKET, SO_TIMESTAMP, &yes, sizeof yes);
  if ((options & 16) != 0) (void)setsockopt(socket, SOL_SOCKET, SO_PEEK_OFF, &yes, sizeof yes);
  if ((options & 32) != 0) (void)setsockopt(socket, SOL_SOCKET, SO_PASSSEC, &yes, sizeof yes);
}

void fill(int socket, Input& in, const Parts& parts) {
  uint64_t data[2] = {kMagic, 0};
  if (in.byte() % 4 == 1) data[0] = in.wide();
  const uint8_t length = in.byte();
  struct iovec part = {data, length % 4 == 0 ? length / 4 % 16 : sizeof data[0]};
  alignas(struct cmsghdr) char control[CMSG_SPACE(kMostFds * sizeof(int))] = {};
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  int fds[kMostFds];
  const int count = in.byte() % (kMostFds + 1);
  for (int i = 0; i < count; ++i) fds[i] = make_fd(in.byte(), parts);
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(static_cast<size_t>(count) * sizeof(int));
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(static_cast<size_t>(count) * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds, static_cast<size_t>(count) * sizeof(int));
  }
  (void)sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  for (int i = 0; i < count; ++i) close(fds[i]);
}

void use(int fd) {
  const struct timespec zero = {0, 0};
  port_event_t event;
  uint_t count = 0;
  (void)port_send(fd, 1, nullptr);
  portc_private_watch(fd);
  (void)port_send(fd, 2, nullptr);
  (void)port_getn(fd, nullptr, 0, &count, &zero);
  while (port_get(fd, &event, &zero) == 0) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::prepare();
  Input in(data, size);
  const Parts parts = make_parts();
  int pair[2];
  EXPECT(socketpair(AF_UNIX, socket_type(in.byte()) | SOCK_CLOEXEC, 0, pair) == 0);
  const uint8_t options = in.byte();
  set_options(pair[0], options);
  if ((options & 64) != 0) leave_locked(parts);
  for (uint8_t messages = in.byte() % 3; messages > 0; --messages) fill(pair[1], in, parts);
  struct stat before, after;
  EXPECT(fstat(pair[0], &before) == 0);
  portc_private_received(pair[0]);
  EXPECT(fstat(pair[0], &after) == 0);
  EXPECT(portc::port_known(pair[0]) ||
         (before.st_dev == after.st_dev && before.st_ino == after.st_ino));
  use(pair[0]);
  fuzz::close_as_program(pair[0]);
  close(pair[1]);
  close_parts(parts);
  fuzz::expect_no_leak();
  return 0;
}
