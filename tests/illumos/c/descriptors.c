// SPDX-License-Identifier: MIT
//
// fcntl with all that it can do, locks, poll and select, memory.
#include "check.h"
#include "guest_files.h"

static int other_process(int file, int command, short type, struct flock* lock) {
  *lock = (struct flock){.l_type = type, .l_len = 10};
  int ends[2];
  pipe(ends);
  if (fork() == 0) {
    const int result = fcntl(file, command, lock) == 0 ? 0 : errno;
    write(ends[1], &result, sizeof result);
    write(ends[1], lock, sizeof *lock);
    _exit(0);
  }
  int result = -1;
  read(ends[0], &result, sizeof result);
  read(ends[0], lock, sizeof *lock);
  waitpid(-1, NULL, 0);
  close(ends[0]);
  close(ends[1]);
  return result;
}

static void locks(int file) {
  struct flock lock = {.l_type = F_WRLCK, .l_start = 2, .l_len = 3}, seen;
  CHECK("lock", fcntl(file, F_SETLK, &lock) == 0);
  CHECK("lock-refused", other_process(file, F_SETLK, F_RDLCK, &seen) == EAGAIN);
  CHECK("lock-seen", other_process(file, F_GETLK, F_RDLCK, &seen) == 0 && seen.l_type == F_WRLCK &&
                         seen.l_start == 2 && seen.l_len == 3 && seen.l_pid == getpid());
  lock.l_type = F_UNLCK;
  CHECK("unlock", fcntl(file, F_SETLK, &lock) == 0);
  CHECK("unlocked", other_process(file, F_GETLK, F_WRLCK, &seen) == 0 && seen.l_type == F_UNLCK &&
                        seen.l_len == 10);
  lock = (struct flock){.l_type = F_WRLCK};
  CHECK("lock-of-file", fcntl(file, F_OFD_SETLK, &lock) == 0);
  lock.l_type = 9;
  CHECK("lock-type", fcntl(file, F_SETLK, &lock) == -1 && errno == EINVAL);
}

static void space(int file) {
  struct flock space = {.l_start = 4};
  struct stat status;
  ftruncate(file, 100);
  CHECK("free-space",
        fcntl(file, F_FREESP, &space) == 0 && fstat(file, &status) == 0 && status.st_size == 4);
}

static void duplicates(int file) {
  const int high = fcntl(file, F_DUPFD, 50);
  CHECK("dupfd", high >= 50 && fcntl(high, F_GETFD) == 0);
  const int closed = fcntl(file, F_DUPFD_CLOEXEC, 60);
  CHECK("dupfd-cloexec", closed >= 60 && fcntl(closed, F_GETFD) == FD_CLOEXEC);
  CHECK("dup2fd", fcntl(file, F_DUP2FD, high) == high && fcntl(file, F_DUP2FD, file) == file);
  CHECK("dup2fd-cloexec",
        fcntl(file, F_DUP2FD_CLOEXEC, high) == high && fcntl(high, F_GETFD) == FD_CLOEXEC);
  CHECK("dup3-same", dup3(file, file, 0) == -1 && errno == EINVAL);
  CHECK("dup3", dup3(file, high, O_CLOEXEC) == high && fcntl(high, F_GETFD) == FD_CLOEXEC);
  CHECK("dup3-flag", dup3(file, high, O_APPEND) == -1 && errno == EINVAL);
  CHECK("command", fcntl(file, 12345) == -1 && errno == EINVAL);
  close(high);
  close(closed);
}

static void flags(void) {
  int ends[2];
  struct stat status;
  const int port = port_create();
  CHECK("port", fstat(port, &status) == 0 && (status.st_mode & S_IFMT) == 0xe000);
  close(port);
  const int file = open("f", O_WRONLY | O_SYNC | O_NDELAY);
  CHECK("getfl", fcntl(file, F_GETFL) == (O_WRONLY | O_SYNC | O_NONBLOCK));
  close(file);
  const int data = open("f", O_RDWR | O_DSYNC);
  CHECK("getfl-dsync", fcntl(data, F_GETFL) == (O_RDWR | O_DSYNC));
  close(data);
  CHECK("pipe2", pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0 &&
                     (fcntl(ends[0], F_GETFL) & O_NONBLOCK) != 0 &&
                     fcntl(ends[1], F_GETFD) == FD_CLOEXEC);
  CHECK("pipe2-flag", pipe2(ends, O_APPEND) == -1 && errno == EINVAL);
  char byte;
  CHECK("eagain", read(ends[0], &byte, 1) == -1 && errno == EAGAIN);
  CHECK("seek-pipe", lseek(ends[0], 0, 0) == -1 && errno == ESPIPE);
  close(ends[0]);
  close(ends[1]);
}

static void waits(void) {
  int ends[2];
  pipe(ends);
  struct pollfd files[2] = {{ends[0], POLLIN | POLLRDNORM, 0}, {ends[1], POLLOUT | POLLWRBAND, 0}};
  CHECK("poll", poll(files, 2, 0) == 1 && files[0].revents == 0 &&
                    (files[1].revents & POLLOUT) != 0 && (files[1].revents & 0x200) == 0);
  write(ends[1], "x", 1);
  CHECK("poll-in", poll(files, 1, 1000) == 1 && files[0].revents == (POLLIN | POLLRDNORM));
  files[0].fd = 999;
  CHECK("poll-none", poll(files, 1, 0) == 1 && files[0].revents == POLLNVAL);
  static fd_set readable;
  readable.fds_bits[ends[0] / 64] |= 1L << (ends[0] % 64);
  struct timeval timeout = {3, 0};
  CHECK("select", select(ends[0] + 1, &readable, NULL, NULL, &timeout) == 1 &&
                      readable.fds_bits[0] == 1L << ends[0]);
  CHECK("select-timeout-kept", timeout.tv_sec == 3 && timeout.tv_usec == 0);
  close(ends[0]);
  close(ends[1]);
}

static void memory(int file) {
  const size_t page = 4096, size = 4 * page;
  char* a = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  CHECK("mmap", a != MAP_FAILED);
  a[page] = 7;
  CHECK("dont-need-keeps", madvise(a, size, MADV_DONTNEED) == 0 && a[page] == 7);
  CHECK("purge", madvise(a, size, MADV_PURGE) == 0 && a[page] == 0);
  CHECK("advice", madvise(a, size, 77) == -1 && errno == EINVAL);
  CHECK("fixed",
        mmap(a + page, page, PROT_READ, MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0) == a + page);
  char* big = mmap((void*)0x200000, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANON | MAP_ALIGN, -1, 0);
  CHECK("aligned", big != MAP_FAILED && (uintptr_t)big % 0x200000 == 0 && (big[0] = 1) == 1 &&
                       munmap(big, size) == 0);
  CHECK("alignment", mmap((void*)0x3000, size, PROT_READ, MAP_PRIVATE | MAP_ANON | MAP_ALIGN, -1,
                          0) == MAP_FAILED &&
                         errno == EINVAL);
  ftruncate(file, (off_t)page);
  char* shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  shared[5] = 'y';
  char byte = 0;
  CHECK("shared", msync(shared, page, 4) == 0 && pread(file, &byte, 1, 5) == 1 && byte == 'y');
  CHECK("memcntl", memcntl(shared, page, 1, (void*)4, 0, 0) == 0);
  CHECK("munmap", munmap(shared, page) == 0 && munmap(a, size) == 0);
}

int main(void) {
  char folder[] = "/tmp/guest.XXXXXX";
  CHECK("mkdtemp", mkdtemp(folder) == folder && chdir(folder) == 0);
  const int file = open("f", O_RDWR | O_CREAT, 0600);
  locks(file);
  space(file);
  duplicates(file);
  flags();
  waits();
  memory(file);
  CHECK("clean", unlink("f") == 0 && chdir("/") == 0 && rmdir(folder) == 0);
  return check_status();
}
