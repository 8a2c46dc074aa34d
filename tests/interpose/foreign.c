/* SPDX-License-Identifier: MIT */
/*
 * Things that look like a port and are none: port_send and its kind say EBADFD, take nothing
 * and leave nothing. Each fake is an epoll set with a port's mark, whose doorbell item names an
 * eventfd and some file as the memory. core/attach.cc has the format of the item's key.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "tests/interpose/support.h"

enum { kMark = 40, kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

static void add_item(int set, int doorbell, int wake, int memory) {
  struct epoll_event event;
  event.events = EPOLLIN;
  event.data.u64 = (uint64_t)0xD0 << 56 | (uint64_t)(unsigned)wake << 28 | (unsigned)memory;
  CHECK(epoll_ctl(set, EPOLL_CTL_ADD, doorbell, &event) == 0);
}

static int marked_set(void) {
  const int set = epoll_create1(0);
  CHECK(set >= 0 && fcntl(set, F_SETSIG, kMark) == 0);
  return set;
}

static void check_refused(int fd) {
  port_event_t event;
  uint_t count = 1;
  const struct timespec zero = {0, 0};
  char before[4096];
  snprintf(before, sizeof before, "%s", descriptors());
  CHECK_FAILS(port_send(fd, 1, NULL), EBADFD);
  CHECK_FAILS(port_get(fd, &event, &zero), EBADFD);
  CHECK_FAILS(port_getn(fd, &event, 1, &count, &zero), EBADFD);
  CHECK_FAILS(port_associate(fd, PORT_SOURCE_FD, 0, POLLIN, NULL), EBADFD);
  CHECK_FAILS(port_dissociate(fd, PORT_SOURCE_FD, 0), EBADFD);
  CHECK_FAILS(port_alert(fd, PORT_ALERT_SET, 1, NULL), EBADFD);
  CHECK(strcmp(before, descriptors()) == 0);
}

/* The fake with this memory is refused; the memory is closed. */
static void check_memory(int memory) {
  CHECK(memory >= 0);
  const int set = marked_set(), wake = eventfd(0, EFD_NONBLOCK),
            doorbell = eventfd(0, EFD_NONBLOCK);
  add_item(set, doorbell, wake, memory);
  check_refused(set);
  close(set);
  close(wake);
  close(doorbell);
  close(memory);
}

static int memfd_of(off_t size, int seals) {
  const int fd = memfd_create("foreign", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  CHECK(fd >= 0 && ftruncate(fd, size) == 0);
  if (seals) CHECK(fcntl(fd, F_ADD_SEALS, seals) == 0);
  return fd;
}

/* A copy of a real port's memory in a file of another kind. */
static int copy_of_port(off_t grown_by, size_t bytes, int seals) {
  char page[4096];
  struct stat st;
  const int port = port_create();
  CHECK(port >= 0);
  const int memory = find_link("memfd:portc", 0);
  CHECK(memory >= 0 && fstat(memory, &st) == 0);
  CHECK(pread(memory, page, bytes, 0) == (ssize_t)bytes);
  const int fd = memfd_of(st.st_size + grown_by, 0);
  CHECK(pwrite(fd, page, bytes, 0) == (ssize_t)bytes);
  if (seals) CHECK(fcntl(fd, F_ADD_SEALS, seals) == 0);
  close(port);
  return fd;
}

static void plain_file(void) { check_memory(open("/proc/self/exe", O_RDONLY)); }
static void device(void) { check_memory(open("/dev/zero", O_RDWR)); }
static void unsealed(void) { check_memory(copy_of_port(0, 4096, 0)); }
static void half_sealed(void) { check_memory(copy_of_port(0, 4096, F_SEAL_SHRINK | F_SEAL_SEAL)); }
static void read_only(void) { check_memory(copy_of_port(0, 4096, kSeals | F_SEAL_WRITE)); }
static void larger(void) { check_memory(copy_of_port(4096, 4096, kSeals)); }
static void smaller(void) { check_memory(copy_of_port(-4096, 4096, kSeals)); }
static void magic_only(void) { check_memory(copy_of_port(0, 8, kSeals)); }

static void zeros(void) {
  static const off_t sizes[] = {0, 1, 4096, 1 << 20, (off_t)1 << 32, (off_t)1 << 40};
  for (int i = 0; i < 6; ++i) check_memory(memfd_of(sizes[i], kSeals));
}

/* The item's own numbers: closed ones, the set itself, standard input. */
static void odd_numbers(void) {
  static const int numbers[] = {0, 2, 999, (1 << 28) - 1};
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      const int set = marked_set(), doorbell = eventfd(0, EFD_NONBLOCK);
      add_item(set, doorbell, numbers[i], numbers[j]);
      check_refused(set);
      close(set);
      close(doorbell);
    }
}

static void nothing_inside(void) {
  const int set = marked_set();
  check_refused(set);
  close(set);
}

/* Other descriptors that carry the mark. */
static void other_kinds(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(fcntl(ends[0], F_SETSIG, kMark) == 0);
  check_refused(ends[0]);
  close(ends[0]);
  close(ends[1]);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK(fcntl(ends[0], F_SETSIG, kMark) == 0);
  check_refused(ends[0]);
  close(ends[0]);
  close(ends[1]);
}

/* A set that names the parts of a port this process has, but is not that port. */
static void borrowed_parts(void) {
  const int port = port_create();
  CHECK(port >= 0);
  const int memory = find_link("memfd:portc", 0), set = marked_set();
  const int first = find_link("[eventfd]", 0), second = find_link("[eventfd]", first + 1);
  const int doorbell = eventfd(0, EFD_NONBLOCK);
  add_item(set, doorbell, second, memory);
  check_refused(set);
  check_works(port);
  close(doorbell);
  close(set);
  close(port);
}

/* The numbers in the set are those of eventfds of the program's: they stay as they are. */
static void bells_untouched(void) {
  const int set = marked_set(), wake = eventfd(0, 0), doorbell = eventfd(0, 0);
  const int memory = copy_of_port(0, 4096, kSeals), inside = dup(doorbell);
  CHECK(inside >= 0);
  add_item(set, doorbell, wake, memory);
  const int another = eventfd(0, 0);
  CHECK(another >= 0 && dup2(another, doorbell) == doorbell);
  check_refused(set);
  CHECK((fcntl(wake, F_GETFL) & O_NONBLOCK) == 0);
  CHECK((fcntl(doorbell, F_GETFL) & O_NONBLOCK) == 0);
  CHECK(close(wake) == 0 && fcntl(wake, F_GETFD) == -1);
  close(set);
  close(doorbell);
  close(memory);
  close(inside);
  close(another);
}

/* --- bags, core/passing.cc: a datagram socket with a mark and one message --- */

static void check_bag(const int *fds, int count, uint64_t magic) {
  union {
    char room[CMSG_SPACE(8 * sizeof(int))];
    struct cmsghdr alignment;
  } control;
  struct iovec iov = {&magic, sizeof magic};
  struct msghdr message;
  const int mark = 0x706f7274;
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  CHECK(setsockopt(pair[0], SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark) == 0);
  memset(&message, 0, sizeof message);
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control.room;
    message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
    memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
  }
  if (count >= 0) CHECK(sendmsg(pair[1], &message, 0) == (ssize_t)sizeof magic);
  check_refused(pair[0]);
  close(pair[0]);
  close(pair[1]);
}

static void bags(void) {
  const uint64_t magic = 0x316761622d6370;
  const int null = open("/dev/null", O_RDWR), memory = copy_of_port(0, 4096, kSeals);
  const int event = eventfd(0, EFD_NONBLOCK), set = epoll_create1(0);
  const int nulls[8] = {null, null, null, null, null, null, null, null};
  const int parts[4] = {set, memory, event, event}, no_set[4] = {null, memory, event, event};
  check_bag(nulls, -1, magic);
  for (int count = 0; count <= 8; ++count) check_bag(nulls, count, magic);
  check_bag(parts, 4, magic + 1);
  check_bag(no_set, 4, magic);
  close(null);
  close(memory);
  close(event);
  close(set);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"plain_file", plain_file},
                                           {"device", device},
                                           {"unsealed", unsealed},
                                           {"half_sealed", half_sealed},
                                           {"read_only", read_only},
                                           {"larger", larger},
                                           {"smaller", smaller},
                                           {"magic_only", magic_only},
                                           {"zeros", zeros},
                                           {"odd_numbers", odd_numbers},
                                           {"nothing_inside", nothing_inside},
                                           {"other_kinds", other_kinds},
                                           {"borrowed_parts", borrowed_parts},
                                           {"bells_untouched", bells_untouched},
                                           {"bags", bags},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
