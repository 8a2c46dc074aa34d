/* SPDX-License-Identifier: MIT */
/*
 * A program that has no port, for surroundings in which there may be no /proc, few descriptors,
 * or somebody else's preload objects. Prints what it sees, and exits with 7; the text is the same
 * with and without our preload object.
 *
 *   stranger           everything
 *   stranger calls     only system calls that always come in the same order, for strace
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kNumbers = 8192, kStatus = 7, kPatience = 5000 };

#define SAY(call) (errno = 0, say(#call, (long)(call)))

static void say(const char *what, long result) {
  printf("%s: %ld, %s\n", what, result, result < 0 ? strerror(errno) : "ok");
}

/* By raw system calls, since this must show what wrappers could hide. */
static void print_numbers(const char *when) {
  printf("numbers %s:", when);
  for (int fd = 0; fd < kNumbers; ++fd)
    if (syscall(SYS_fcntl, fd, F_GETFD) >= 0) printf(" %d", fd);
  printf("\n");
}

static int count_threads(void) {
  int count = 0;
  DIR *directory = opendir("/proc/self/task");
  if (!directory) return 0;
  while (readdir(directory)) ++count;
  closedir(directory);
  return count - 2;
}

/* A thread that has been joined can be seen for a moment more. */
static void print_threads(void) {
  for (int i = 0; i < kPatience && count_threads() > 1; ++i) poll(NULL, 0, 1);
  printf("threads: %d\n", count_threads());
}

/* Mappings that are no file's and not a library's .bss, by permissions. */
static void print_mappings(void) {
  char line[512], permissions[8];
  unsigned long low, high, inode, file_end = 0;
  int writable = 0, others = 0;
  FILE *file = fopen("/proc/self/maps", "r");
  if (!file) return;
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%lx-%lx %7s %*s %*s %lu", &low, &high, permissions, &inode) != 4) continue;
    if (inode != 0)
      file_end = high;
    else if (low != file_end && !strchr(line, '['))
      ++*(permissions[1] == 'w' ? &writable : &others);
  }
  fclose(file);
  printf("anonymous mappings: %d writable, %d others\n", writable, others);
}

/* What went wrong before main is nobody's business. */
static void print_loader_error(void) {
  const char *error = dlerror();
  printf("dlerror: %s\n", error ? error : "none");
}

static void print_limits(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  printf("files: %lu of %lu\n", (unsigned long)files.rlim_cur, (unsigned long)files.rlim_max);
}

static void use_descriptors(void) {
  int ends[2];
  struct timeval no_time = {0, 0};
  fd_set in;
  SAY(pipe(ends));
  SAY(write(ends[1], "x", 1));
  struct pollfd item = {ends[0], POLLIN, 0};
  SAY(poll(&item, 1, 1000));
  FD_ZERO(&in);
  if (ends[0] >= 0) FD_SET(ends[0], &in);
  SAY(select(ends[0] + 1, &in, NULL, NULL, &no_time));
  const int set = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  SAY(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  SAY(epoll_wait(set, &event, 1, 0));
  SAY(close(set));
  SAY(dup(ends[0]));
  SAY(dup2(ends[0], ends[1]));
  SAY(fcntl(ends[0], F_DUPFD_CLOEXEC, 0));
  SAY(close(ends[0]));
  SAY(close(ends[1]));
  SAY(close(ends[1]));
  SAY(close_range(5, 6, 0));
}

static void use_processes(void) {
  int status = 0;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) _exit(3);
  say("fork", pid > 0);
  waitpid(pid, &status, 0);
  say("child", status);
  pid = vfork();
  if (pid == 0) _exit(4);
  waitpid(pid, &status, 0);
  say("vfork child", status);
}

static void *thread_body(void *argument) {
  free(malloc(100000));
  return argument;
}

static void use_threads(void) {
  pthread_t threads[4];
  int made = 0;
  for (; made < 4; ++made)
    if (pthread_create(&threads[made], NULL, thread_body, NULL) != 0) break;
  for (int i = 0; i < made; ++i) pthread_join(threads[i], NULL);
  say("threads", made);
}

static void use_timer(void) {
  timer_t timer;
  struct sigevent event = {0};
  struct itimerspec setting = {{0, 0}, {0, 1000000}};
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGALRM;
  SAY(timer_create(CLOCK_MONOTONIC, &event, &timer));
  SAY(timer_settime(timer, 0, &setting, NULL));
  say("sigwaitinfo", sigwaitinfo(&set, NULL));
  SAY(timer_delete(timer));
}

int main(int argc, char **argv) {
  const int quiet = argc > 1 && strcmp(argv[1], "calls") == 0;
  syscall(SYS_close, -1000); /* strace's reader looks for it: here main begins */
  setvbuf(stdout, NULL, _IONBF, 0);
  if (!quiet) {
    print_numbers("at the start");
    print_limits();
    print_threads();
    print_mappings();
    print_loader_error();
  }
  use_descriptors();
  use_timer();
  if (!quiet) {
    use_processes();
    use_threads();
    print_numbers("at the end");
    print_threads();
  }
  return kStatus;
}
