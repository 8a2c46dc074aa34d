/* SPDX-License-Identifier: MIT */
/* Descriptors and memory for tests: conformance.h says what each function gives. */
#include "conformance/conformance.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/resource.h>

int new_port(void) {
  int port = port_create();
  CHECK(port >= 0);
  return port;
}

struct ends new_pipe(void) {
  int fds[2];
  SETUP(pipe(fds));
  return (struct ends){fds[0], fds[1]};
}

struct ends new_socketpair(void) {
  int fds[2];
  SETUP(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  return (struct ends){fds[0], fds[1]};
}

int new_file(void) {
  const char *folder = getenv("TMPDIR");
  char path[PATH_MAX];
  const char *name = "/portc-conformance-XXXXXX";
  if (!folder || strlen(folder) + strlen(name) >= sizeof path) folder = "/tmp";
  strcpy(path, folder);
  strcat(path, name);
  int fd = SETUP(mkstemp(path));
  SETUP(unlink(path));
  return fd;
}

int new_listener(struct sockaddr *address, socklen_t *length) {
  struct sockaddr_in loopback;
  memset(&loopback, 0, sizeof loopback);
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = SETUP(socket(AF_INET, SOCK_STREAM, 0));
  SETUP(bind(fd, (struct sockaddr *)&loopback, sizeof loopback));
  SETUP(listen(fd, 8));
  SETUP(getsockname(fd, address, length));
  return fd;
}

int closed_fd(void) {
  /* Well above what the test opens afterwards, and below any usual limit. */
  int fd = SETUP(fcntl(STDIN_FILENO, F_DUPFD, 220));
  SETUP(close(fd));
  return fd;
}

void put(int fd) { SETUP(write(fd, "x", 1) == 1 ? 0 : -1); }

void take(int fd) {
  char bytes[4096];
  SETUP(read(fd, bytes, sizeof bytes) > 0 ? 0 : -1);
}

void raise_fd_limit(int wanted) {
  struct rlimit limit;
  SETUP(getrlimit(RLIMIT_NOFILE, &limit));
  if (limit.rlim_cur >= (rlim_t)wanted) return;
  if (limit.rlim_max < (rlim_t)wanted) skip("the hard limit of descriptors is too low");
  limit.rlim_cur = (rlim_t)wanted;
  SETUP(setrlimit(RLIMIT_NOFILE, &limit));
}

void close_all(const int *fds, size_t count, const char *file, int line) {
  for (size_t i = 0; i < count; i++) {
    if (close(fds[i]) != 0)
      check_failed(file, line, "close(%d) failed with %s", fds[i], errno_name(errno));
  }
}

/* One byte of data and room for one descriptor. */
struct parcel {
  char byte;
  struct iovec data;
  union {
    size_t align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message;
};

static void parcel_init(struct parcel *parcel) {
  memset(parcel, 0, sizeof *parcel);
  parcel->data.iov_base = &parcel->byte;
  parcel->data.iov_len = 1;
  parcel->message.msg_iov = &parcel->data;
  parcel->message.msg_iovlen = 1;
  parcel->message.msg_control = parcel->control.bytes;
  parcel->message.msg_controllen = sizeof parcel->control.bytes;
}

void send_fd(int sock, int fd) {
  struct parcel parcel;
  parcel_init(&parcel);
  struct cmsghdr *header = CMSG_FIRSTHDR(&parcel.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  SETUP(sendmsg(sock, &parcel.message, 0) == 1 ? 0 : -1);
}

int receive_fd(int sock) {
  struct parcel parcel;
  int fd;
  parcel_init(&parcel);
  SETUP(recvmsg(sock, &parcel.message, 0) == 1 ? 0 : -1);
  struct cmsghdr *header = CMSG_FIRSTHDR(&parcel.message);
  CHECK(header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)));
  CHECK(!(parcel.message.msg_flags & MSG_CTRUNC));
  memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static char *map_pages(size_t count, int protection) {
  void *pages = mmap(NULL, count * page_size(), protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) unresolved("no memory to map");
  return pages;
}

void *no_access_page(void) { return map_pages(1, PROT_NONE); }

void *read_only_page(void) { return map_pages(1, PROT_READ); }

void *unmapped_page(void) {
  /* The neighbours stay, so that only a mapping of exactly one page could move in. */
  char *pages = map_pages(3, PROT_NONE);
  SETUP(munmap(pages + page_size(), page_size()));
  return pages + page_size();
}

void *page_edge(size_t size) {
  size_t count = (size + page_size() - 1) / page_size();
  char *pages = map_pages(count + 1, PROT_READ | PROT_WRITE);
  char *guard = pages + count * page_size();
  SETUP(mprotect(guard, page_size(), PROT_NONE));
  return guard - size;
}
