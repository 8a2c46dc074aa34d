/* SPDX-License-Identifier: MIT */
/*
 * A process that shares a port executes a program: what it had there, and what execve closes, is
 * gone for the others as soon as they look, and not before the execve has succeeded.
 *
 * A leaver is a child that executes this program anew, which says so and waits for its end.
 */
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include "tests/interpose/support.h"

extern char **environ;

enum { kArrived = 60, kEnd = 61, kMail = 62, kKept = 63 }; /* numbers of the leaver's */

static int port, kept[2], closed[2], arrived[2], end[2];

static char stage[] = "--wait", self[] = "/proc/self/exe";
static char *const arguments[] = {self, stage, NULL};

static void mark(int fd) { CHECK(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0); }

static uintptr_t object(const int *ends) { return (uintptr_t)ends[0]; }

static void associate(const int *ends) {
  CHECK(port_associate(port, PORT_SOURCE_FD, object(ends), POLLIN, (void *)7) == 0);
}

static void check_nothing_queued(void) {
  port_event_t event;
  const struct timespec zero = {0, 0};
  unsigned queued = 1;
  struct pollfd item = {port, POLLIN, 0};
  CHECK_FAILS(port_get(port, &event, &zero), ETIME);
  CHECK(port_getn(port, NULL, 0, &queued, NULL) == 0 && queued == 0);
  CHECK(poll(&item, 1, 0) == 0);
}

static void check_anothers(const int *ends) {
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, object(ends)), EACCES);
}

/* It is nobody's, and can become our own. */
static void check_nobodys(const int *ends) {
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, object(ends)), ENOENT);
  associate(ends);
  CHECK(port_dissociate(port, PORT_SOURCE_FD, object(ends)) == 0);
}

/* --- the leaver --- */

static void prepare(void) {
  port = port_create();
  CHECK(port >= 0 && pipe(kept) == 0 && pipe(closed) == 0 && pipe(arrived) == 0 && pipe(end) == 0);
}

static void be_leaver(void) {
  CHECK(dup2(arrived[1], kArrived) == kArrived && dup2(end[0], kEnd) == kEnd);
  close(end[1]);
  associate(kept);
  associate(closed);
  mark(closed[0]);
}

static void leave(void) {
  execv(self, arguments);
  CHECK(!"exec came back");
}

static int wait_for_end(void) {
  char byte;
  write_byte(kArrived);
  return read(kEnd, &byte, 1) == 0 ? 0 : 1;
}

static pid_t start_leaver(void (*body)(void *)) {
  prepare();
  const pid_t pid = start_child(body, NULL);
  close(end[0]);
  return pid;
}

static void end_leaver(pid_t pid) {
  close(end[1]);
  check_child(pid);
  check_works(port);
  closefrom(3);
}

/* --- the port goes --- */

static void without_port(void *unused) {
  (void)unused;
  be_leaver();
  write_byte(kept[1]);
  CHECK(port_alert(port, PORT_ALERT_SET, 1, NULL) == 0);
  mark(port);
  leave();
}

static void port_closed(void) {
  const pid_t pid = start_leaver(without_port);
  read_byte(arrived[0]);
  check_nothing_queued();
  check_nobodys(kept);
  check_nobodys(closed);
  end_leaver(pid);
}

/* Events that were queued by then: of a descriptor, and of a timer. */
static void with_events(void *unused) {
  (void)unused;
  struct sigevent notify;
  port_notify_t where = {port, NULL};
  const struct itimerspec soon = {{0, 0}, {0, 1}};
  unsigned queued = 0;
  timer_t timer;
  be_leaver();
  write_byte(kept[1]);
  memset(&notify, 0, sizeof notify);
  notify.sigev_notify = SIGEV_PORT;
  notify.sigev_value.sival_ptr = &where;
  CHECK(timer_create(CLOCK_MONOTONIC, &notify, &timer) == 0);
  CHECK(timer_settime(timer, 0, &soon, NULL) == 0);
  while (queued < 2) CHECK(port_getn(port, NULL, 0, &queued, NULL) == 0);
  mark(port);
  leave();
}

static void port_closed_with_events(void) {
  const pid_t pid = start_leaver(with_events);
  read_byte(arrived[0]);
  check_nothing_queued();
  end_leaver(pid);
}

/* --- the port stays --- */

static void with_port(void *unused) {
  (void)unused;
  be_leaver();
  CHECK(port_alert(port, PORT_ALERT_SET, 1, NULL) == 0);
  leave();
}

static void descriptor_closed(void) {
  port_event_t event;
  const pid_t pid = start_leaver(with_port);
  read_byte(arrived[0]);
  check_nobodys(closed);
  check_anothers(kept);
  CHECK(port_get(port, &event, NULL) == 0 && event.portev_source == PORT_SOURCE_ALERT);
  CHECK(port_alert(port, PORT_ALERT_SET, 0, NULL) == 0);
  end_leaver(pid);
}

/* --- the program is not there --- */

static void in_vain(void *unused) {
  port_event_t event;
  const struct timespec zero = {0, 0};
  char before[4096];
  (void)unused;
  be_leaver();
  mark(port);
  snprintf(before, sizeof before, "%s", descriptors());
  for (int i = 0; i < 20; ++i) CHECK_FAILS(execl("/dev/null/none", "none", (char *)NULL), ENOTDIR);
  CHECK(strcmp(before, descriptors()) == 0);
  write_byte(arrived[1]);
  read_byte(closed[0]);
  write_byte(closed[1]);
  CHECK(port_get(port, &event, &zero) == 0 && event.portev_object == object(closed));
  CHECK(port_dissociate(port, PORT_SOURCE_FD, object(kept)) == 0);
}

static void exec_fails(void) {
  const pid_t pid = start_leaver(in_vain);
  read_byte(arrived[0]);
  check_anothers(kept);
  check_anothers(closed);
  write_byte(closed[1]);
  end_leaver(pid);
}

/* --- on its way --- */

static void traced(void *unused) {
  (void)unused;
  be_leaver();
  mark(port);
  CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
  raise(SIGSTOP);
  leave();
}

static void go_on(pid_t pid, int request) {
  int status;
  CHECK(ptrace((enum __ptrace_request)request, pid, NULL, NULL) == 0);
  CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
}

/* Stopped where the system call begins. */
static void run_to_exec(pid_t pid) {
  int status;
  struct __ptrace_syscall_info call;
  CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
  CHECK(ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_TRACESYSGOOD) == 0);
  do {
    go_on(pid, PTRACE_SYSCALL);
    CHECK(ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof call, &call) > 0);
  } while (call.op != PTRACE_SYSCALL_INFO_ENTRY || call.entry.nr != SYS_execve);
}

static void under_way(void) {
  const pid_t pid = start_leaver(traced);
  run_to_exec(pid);
  check_anothers(kept);
  check_anothers(closed);
  check_sends(port);
  go_on(pid, PTRACE_CONT); /* the stop after a successful execve */
  check_nobodys(kept);
  check_nobodys(closed);
  CHECK(ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0);
  end_leaver(pid);
}

/* --- by every name --- */

static void by_execve(void) { execve(self, arguments, environ); }
static void by_execv(void) { execv(self, arguments); }
static void by_execvp(void) { execvp(self, arguments); }
static void by_execvpe(void) { execvpe(self, arguments, environ); }
static void by_fexecve(void) { fexecve(open(self, O_RDONLY), arguments, environ); }
static void by_execveat(void) { execveat(AT_FDCWD, self, arguments, environ, 0); }
static void by_execl(void) { execl(self, self, stage, (char *)NULL); }
static void by_execlp(void) { execlp(self, self, stage, (char *)NULL); }
static void by_execle(void) { execle(self, self, stage, (char *)NULL, environ); }

static void by_name(void *argument) {
  void (**execute)(void) = argument;
  be_leaver();
  mark(port);
  (*execute)();
  CHECK(!"exec came back");
}

static void every_name(void) {
  static void (*names[])(void) = {by_execve,   by_execv, by_execvp, by_execvpe, by_fexecve,
                                  by_execveat, by_execl, by_execlp, by_execle};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    prepare();
    const pid_t pid = start_child(by_name, &names[i]);
    close(end[0]);
    read_byte(arrived[0]);
    check_nobodys(kept);
    end_leaver(pid);
  }
}

/* --- the other holder has not used the port by then --- */

static int look[2];

static void heir(void *unused) {
  (void)unused;
  close(end[1]);
  read_byte(look[0]);
  check_nothing_queued();
  check_nobodys(kept);
  check_works(port);
  write_byte(arrived[1]);
}

static void with_heir(void *unused) {
  port_event_t event;
  (void)unused;
  port = port_create();
  CHECK(port >= 0);
  be_leaver();
  associate(kept);
  write_byte(kept[1]);
  CHECK(port_get(port, &event, NULL) == 0);
  associate(kept); /* without a system call: the kernel goes on watching it */
  mark(port);
  (void)start_child(heir, NULL);
  leave();
}

static void never_used(void) {
  CHECK(pipe(look) == 0);
  const pid_t pid = start_leaver(with_heir);
  read_byte(arrived[0]);
  write_byte(look[1]);
  read_byte(arrived[0]);
  end_leaver(pid);
}

/* --- the port goes, and comes back by a socket before anybody has looked --- */

static char returned[] = "--returned";

union parcel {
  char bytes[CMSG_SPACE(sizeof(int))];
  struct cmsghdr header;
};

static struct msghdr message(union parcel *parcel, struct iovec *byte) {
  struct msghdr header;
  memset(&header, 0, sizeof header);
  memset(parcel, 0, sizeof *parcel);
  header.msg_iov = byte;
  header.msg_iovlen = 1;
  header.msg_control = parcel->bytes;
  header.msg_controllen = sizeof parcel->bytes;
  return header;
}

static void post(int socket) {
  char byte = 0;
  struct iovec vector = {&byte, 1};
  union parcel parcel;
  const struct msghdr header = message(&parcel, &vector);
  parcel.header.cmsg_level = SOL_SOCKET;
  parcel.header.cmsg_type = SCM_RIGHTS;
  parcel.header.cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(&parcel.header), &port, sizeof(int));
  CHECK(sendmsg(socket, &header, 0) == 1);
}

static void fetch(int socket) {
  char byte;
  struct iovec vector = {&byte, 1};
  union parcel parcel;
  struct msghdr header = message(&parcel, &vector);
  CHECK(recvmsg(socket, &header, 0) == 1);
  memcpy(&port, CMSG_DATA(&parcel.header), sizeof(int));
}

static void posts_itself(void *unused) {
  int ends[2];
  char *const words[] = {self, returned, NULL};
  (void)unused;
  be_leaver();
  CHECK(dup2(kept[0], kKept) == kKept);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && dup2(ends[0], kMail) == kMail);
  post(ends[1]);
  mark(port);
  execv(self, words);
  CHECK(!"exec came back");
}

static int stage_returned(void) {
  fetch(kMail);
  CHECK(port_associate(port, PORT_SOURCE_FD, kKept, POLLIN, NULL) == 0);
  return wait_for_end();
}

static void comes_back(void) {
  const pid_t pid = start_leaver(posts_itself);
  CHECK(dup2(kept[0], kKept) == kKept);
  read_byte(arrived[0]);
  check_nobodys(kept);
  check_nobodys(closed);
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, kKept), EACCES);
  end_leaver(pid);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"port_closed", port_closed},
      {"port_closed_with_events", port_closed_with_events},
      {"descriptor_closed", descriptor_closed},
      {"exec_fails", exec_fails},
      {"under_way", under_way},
      {"every_name", every_name},
      {"never_used", never_used},
      {"comes_back", comes_back},
      {NULL, NULL},
  };
  if (argc == 2 && strcmp(argv[1], stage) == 0) return wait_for_end();
  if (argc == 2 && strcmp(argv[1], returned) == 0) return stage_returned();
  return run_case(cases, argc, argv);
}
