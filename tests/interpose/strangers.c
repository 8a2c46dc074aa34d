/* SPDX-License-Identifier: MIT */
/*
 * A program that has no port. Prints everything in which a preload object could be noticed; the
 * text is the same with and without ours.
 */
#include <dirent.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "tests/interpose/calls.h"
#include "tests/interpose/support.h"

static struct transcript transcript;

static void log_numbers(struct transcript *t) {
  int ends[2];
  LOG(t, pipe(ends));
  LOG(t, dup(ends[0]));
  LOG(t, dup2(ends[1], 20));
  LOG(t, dup2(20, 20));
  LOG(t, dup3(ends[1], 21, O_CLOEXEC));
  LOG(t, fcntl(21, F_GETFD));
  LOG(t, fcntl(20, F_DUPFD, 30));
  LOG(t, fcntl64(20, F_DUPFD_CLOEXEC, 30));
  LOG(t, fcntl(30, F_SETFD, FD_CLOEXEC));
  LOG(t, ioctl(30, FIONCLEX));
  LOG(t, fcntl(30, F_GETFD));
  LOG(t, close(20));
  LOG(t, close(20));
  LOG(t, close_range(21, 30, 0));
  LOG(t, close_range(31, 31, CLOSE_RANGE_CLOEXEC));
  LOG(t, (closefrom(5), 0));
  LOG(t, strlen(descriptors()));
  LOG(t, close(ends[0]));
  LOG(t, close(ends[1]));
}

static void log_polling(struct transcript *t) {
  int ends[2];
  struct timeval no_time = {0, 0};
  struct epoll_event event = {.events = EPOLLIN};
  fd_set in, out;
  CHECK(pipe(ends) == 0);
  struct pollfd items[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
  LOG(t, poll(items, 2, 0));
  LOG(t, items[0].revents << 16 | items[1].revents);
  write_byte(ends[1]);
  LOG(t, poll(items, 2, -1));
  LOG(t, items[0].revents << 16 | items[1].revents);
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_SET(ends[0], &in);
  FD_SET(ends[1], &out);
  LOG(t, select(ends[1] + 1, &in, &out, NULL, &no_time));
  LOG(t, FD_ISSET(ends[0], &in) != 0);
  const int set = epoll_create1(0);
  LOG(t, epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  LOG(t, epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  LOG(t, epoll_ctl(set, EPOLL_CTL_MOD, ends[1], &event));
  LOG(t, epoll_wait(set, &event, 1, 0));
  LOG(t, epoll_ctl(set, EPOLL_CTL_DEL, ends[0], NULL));
  close(set);
  close(ends[0]);
  close(ends[1]);
}

static void log_passing(struct transcript *t) {
  union {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
  } control;
  char byte = 'x';
  struct iovec iov = {&byte, 1};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room};
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  message.msg_controllen = sizeof control.room;
  memset(&control, 0, sizeof control);
  struct cmsghdr *c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  *(int *)CMSG_DATA(c) = 0;
  LOG(t, sendmsg(pair[0], &message, 0));
  LOG(t, recvmsg(pair[1], &message, 0));
  c = CMSG_FIRSTHDR(&message);
  LOG(t, *(int *)CMSG_DATA(c));
  LOG(t, close(*(int *)CMSG_DATA(c)));
  *(int *)CMSG_DATA(c) = -1;
  LOG(t, sendmsg(pair[0], &message, 0));
  LOG(t, sendmsg(pair[0], NULL, 0));
  close(pair[0]);
  close(pair[1]);
}

static void print_directory(const char *path) {
  int count = 0;
  DIR *directory = opendir(path);
  CHECK(directory != NULL);
  while (readdir(directory)) ++count;
  closedir(directory);
  printf("%s: %d entries\n", path, count);
}

/* Only sizes and permissions, since addresses change from run to run. What follows a library's
   own mapping without a gap is its .bss. */
static void print_anonymous_mappings(void) {
  char line[512];
  unsigned long low, high, inode, file_end = 0;
  char permissions[8];
  FILE *file = fopen("/proc/self/maps", "r");
  CHECK(file != NULL);
  while (fgets(line, sizeof line, file)) {
    CHECK(sscanf(line, "%lx-%lx %7s %*s %*s %lu", &low, &high, permissions, &inode) == 4);
    if (inode != 0)
      file_end = high;
    else if (low != file_end && !strchr(line, '['))
      printf("anonymous: %lu %s\n", high - low, permissions);
  }
  fclose(file);
}

int main(void) {
  printf("%s\n", descriptors());
  calls_on_nothing(&transcript);
  log_numbers(&transcript);
  log_polling(&transcript);
  log_passing(&transcript);
  fputs(transcript.text, stdout);
  print_directory("/proc/self/task");
  print_directory("/proc/self/fd");
  print_anonymous_mappings();
  puts("EXIT-SUCCESS");
  return 0;
}
