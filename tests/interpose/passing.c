/* SPDX-License-Identifier: MIT */
/* Ports in SCM_RIGHTS messages. The receiver is a process that was there before the port. */
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>

#include "tests/interpose/support.h"

enum { kMost = 16 };

struct envelope {
  union {
    char room[CMSG_SPACE(kMost * sizeof(int))];
    struct cmsghdr alignment;
  } control;
  char byte;
  struct iovec iov;
  struct msghdr header;
};

static void envelope_init(struct envelope *envelope, int count) {
  memset(envelope, 0, sizeof *envelope);
  envelope->iov.iov_base = &envelope->byte;
  envelope->iov.iov_len = 1;
  envelope->header.msg_iov = &envelope->iov;
  envelope->header.msg_iovlen = 1;
  envelope->header.msg_control = envelope->control.room;
  envelope->header.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
}

static void envelope_fill(struct envelope *envelope, const int *fds, int count) {
  envelope_init(envelope, count);
  struct cmsghdr *c = CMSG_FIRSTHDR(&envelope->header);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
  memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
}

/* The descriptors of a received message; their count. */
static int envelope_open(struct envelope *envelope, int *fds) {
  const struct cmsghdr *c = CMSG_FIRSTHDR(&envelope->header);
  CHECK(c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS);
  const size_t bytes = c->cmsg_len - CMSG_LEN(0);
  memcpy(fds, CMSG_DATA(c), bytes);
  return (int)(bytes / sizeof(int));
}

static void send_fds(int socket, const int *fds, int count) {
  struct envelope envelope;
  envelope_fill(&envelope, fds, count);
  CHECK(sendmsg(socket, &envelope.header, 0) == 1);
  /* The program's own message is not to be written to. */
  int kept[kMost];
  CHECK(envelope_open(&envelope, kept) == count);
  CHECK(memcmp(kept, fds, (size_t)count * sizeof(int)) == 0);
}

static int receive_fds(int socket, int *fds, int flags) {
  struct envelope envelope;
  envelope_init(&envelope, kMost);
  CHECK(recvmsg(socket, &envelope.header, flags) == 1);
  CHECK((envelope.header.msg_flags & MSG_CTRUNC) == 0);
  return envelope_open(&envelope, fds);
}

static int receive_one(int socket, int flags) {
  int fds[kMost];
  CHECK(receive_fds(socket, fds, flags) == 1);
  return fds[0];
}

static int port_with(int value) {
  const int port = port_create();
  CHECK(port >= 0 && port_send(port, value, (void *)(intptr_t)value) == 0);
  return port;
}

static void close_all(const int *fds, int count) {
  for (int i = 0; i < count; ++i) CHECK(close(fds[i]) == 0);
}

/* Starts `body` with one end of a socket pair; the other end is the result. */
static pid_t start_receiver(void (*body)(void *), int *socket) {
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const pid_t pid = start_child(body, &pair[1]);
  close(pair[1]);
  *socket = pair[0];
  return pid;
}

/* --- one port, one receiver --- */

static int taken[2]; /* a pipe: the receiver has taken the first event, and is alone at the port */

static void use_received(int port) {
  check_takes(port, 11);
  write_byte(taken[1]);
  check_takes(port, 33);
  check_works(port);
  CHECK(port_send(port, 22, (void *)22) == 0);
  CHECK(close(port) == 0);
  check_nothing_of_ports();
}

/* The sender's side: wakes the receiver, and has its answer. */
static void answer(int port, pid_t receiver) {
  read_byte(taken[0]);
  wait_process_asleep(receiver);
  CHECK(port_send(port, 33, (void *)33) == 0);
  check_child(receiver);
  check_takes(port, 22);
  check_works(port);
  close(port);
  close(taken[0]);
  close(taken[1]);
}

static void receiver_plain(void *socket) { use_received(receive_one(*(int *)socket, 0)); }

static void receiver_raw(void *socket) {
  struct envelope envelope;
  int fds[kMost];
  envelope_init(&envelope, 1);
  CHECK(syscall(SYS_recvmsg, *(int *)socket, &envelope.header, 0) == 1);
  CHECK(envelope_open(&envelope, fds) == 1);
  use_received(fds[0]);
}

static void receiver_peeks(void *socket) {
  const int early = receive_one(*(int *)socket, MSG_PEEK);
  const int port = receive_one(*(int *)socket, 0);
  CHECK(early != port);
  CHECK(port_send(early, 44, (void *)44) == 0);
  check_takes(port, 11);
  check_takes(port, 44);
  CHECK(close(port) == 0);
  CHECK(port_send(early, 11, (void *)11) == 0);
  use_received(early);
}

static void hand_over(void (*receiver)(void *)) {
  int socket;
  CHECK(pipe(taken) == 0);
  const pid_t pid = start_receiver(receiver, &socket);
  const int port = port_with(11);
  send_fds(socket, &port, 1);
  answer(port, pid);
  close(socket);
}

static void plain(void) { hand_over(receiver_plain); }
static void raw_receive(void) { hand_over(receiver_raw); }
static void peek(void) { hand_over(receiver_peeks); }

/* --- through a process without the library --- */

static void become_relay(int in, int out) {
  char path[PATH_MAX], relay[PATH_MAX + 16];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  CHECK(length > 0);
  path[length] = '\0';
  snprintf(relay, sizeof relay, "%s/relay",
           getenv("PORTC_RELAY_DIR") ? getenv("PORTC_RELAY_DIR") : dirname(path));
  unsetenv("LD_PRELOAD");
  CHECK(dup2(in, 0) == 0 && dup2(out, 1) == 1);
  execl(relay, relay, (char *)NULL);
  CHECK(!"the relay was found");
}

static void relayed(void) {
  int socket, pair[2];
  CHECK(pipe(taken) == 0);
  const pid_t receiver = start_receiver(receiver_plain, &socket);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const pid_t relay = fork();
  CHECK(relay >= 0);
  if (relay == 0) become_relay(pair[1], socket);
  close(pair[1]);
  close(socket);
  const int port = port_with(11);
  send_fds(pair[0], &port, 1);
  check_child(relay);
  answer(port, receiver);
  close(pair[0]);
}

/* A relay with room for one of two: the other is lost, as it would be with any descriptor. */
static void relayed_in_part(void) {
  struct envelope envelope;
  int first[2], second[2], fds[kMost];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, first) == 0);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, second) == 0);
  const int ports[2] = {port_with(1), port_with(2)};
  send_fds(first[0], ports, 2);
  envelope_init(&envelope, 1);
  envelope.header.msg_controllen = CMSG_LEN(sizeof(int));
  CHECK(syscall(SYS_recvmsg, first[1], &envelope.header, 0) == 1);
  CHECK((envelope.header.msg_flags & MSG_CTRUNC) != 0 && envelope_open(&envelope, fds) == 1);
  CHECK(syscall(SYS_sendmsg, second[0], &envelope.header, 0) == 1);
  close(fds[0]);
  const int port = receive_one(second[1], 0);
  check_takes(port, 1);
  check_works(port);
  check_takes(ports[1], 2);
  close(port);
  close_all(ports, 2);
  close_all(first, 2);
  close_all(second, 2);
  check_nothing_of_ports();
}

/* --- the sender has ended --- */

static void sender(void *socket) {
  const int port = port_with(11);
  send_fds(*(int *)socket, &port, 1);
}

static void sender_gone(void) {
  int socket;
  const pid_t pid = start_receiver(sender, &socket);
  check_child(pid);
  const int port = receive_one(socket, 0);
  check_takes(port, 11);
  check_works(port);
  close(port);
  close(socket);
  check_nothing_of_ports();
}

/* --- several messages in one call --- */

static void receiver_many(void *socket) {
  struct envelope envelopes[2];
  struct mmsghdr messages[2];
  int fds[kMost], port[2];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < 2; ++i) {
    envelope_init(&envelopes[i], kMost);
    messages[i].msg_hdr = envelopes[i].header;
  }
  CHECK(recvmmsg(*(int *)socket, messages, 2, MSG_WAITFORONE, NULL) == 2);
  for (int i = 0; i < 2; ++i) {
    CHECK(messages[i].msg_len == 1);
    envelopes[i].header = messages[i].msg_hdr;
    CHECK(envelope_open(&envelopes[i], fds) == 1);
    port[i] = fds[0];
  }
  check_takes(port[0], 1);
  check_takes(port[1], 2);
  close_all(port, 2);
}

static void many(void) {
  struct envelope envelopes[2];
  struct mmsghdr messages[2];
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  int go[2];
  CHECK(pipe(go) == 0);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    read_byte(go[0]);
    receiver_many(&pair[1]);
    _exit(0);
  }
  const int ports[2] = {port_with(1), port_with(2)};
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < 2; ++i) {
    envelope_fill(&envelopes[i], &ports[i], 1);
    messages[i].msg_hdr = envelopes[i].header;
  }
  CHECK(sendmmsg(pair[0], messages, 2, 0) == 2);
  CHECK(messages[0].msg_len == 1 && messages[1].msg_len == 1);
  write_byte(go[1]);
  check_child(pid);
  close_all(ports, 2);
  close_all(pair, 2);
  close_all(go, 2);
}

/* --- ports and files in one control message --- */

static void receiver_mixed(void *socket) {
  int fds[kMost];
  CHECK(receive_fds(*(int *)socket, fds, 0) == 6);
  CHECK(is_file(fds[0], "/dev/null"));
  check_takes(fds[1], 1);
  CHECK(is_file(fds[2], "/dev/zero"));
  check_takes(fds[3], 2);
  CHECK(port_send(fds[1], 3, (void *)3) == 0);
  check_takes(fds[4], 3); /* the first port again, under another number */
  CHECK(is_file(fds[5], "/dev/null"));
  close_all(fds, 6);
  check_nothing_of_ports();
}

static void mixed(void) {
  int socket;
  const pid_t pid = start_receiver(receiver_mixed, &socket);
  const int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR);
  const int first = port_with(1), second = port_with(2);
  const int fds[6] = {null, first, zero, second, first, null};
  send_fds(socket, fds, 6);
  check_child(pid);
  close(null);
  close(zero);
  close(first);
  close(second);
  close(socket);
}

/* --- no room for all of it --- */

static void receiver_short(void *socket) {
  struct envelope envelope;
  int fds[kMost];
  envelope_init(&envelope, 1);
  envelope.header.msg_controllen = CMSG_LEN(sizeof(int));
  CHECK(recvmsg(*(int *)socket, &envelope.header, 0) == 1);
  CHECK((envelope.header.msg_flags & MSG_CTRUNC) != 0);
  CHECK(envelope_open(&envelope, fds) == 1);
  check_takes(fds[0], 1);
  check_works(fds[0]);
  CHECK(close(fds[0]) == 0);
  check_nothing_of_ports();
}

static void truncated(void) {
  int socket;
  const pid_t pid = start_receiver(receiver_short, &socket);
  const int ports[3] = {port_with(1), port_with(2), port_with(3)};
  send_fds(socket, ports, 3);
  check_child(pid);
  close_all(ports, 3);
  close(socket);
}

/* --- close-on-exec --- */

static void receiver_cloexec(void *socket) {
  const int stays = receive_one(*(int *)socket, 0);
  CHECK(fcntl(stays, F_GETFD) == 0);
  CHECK(close(stays) == 0);
  const int goes = receive_one(*(int *)socket, MSG_CMSG_CLOEXEC);
  CHECK(fcntl(goes, F_GETFD) == FD_CLOEXEC);
  check_works(goes);
  execute_self("--nothing", NULL, NULL);
  CHECK(!"exec came back");
}

static void receiver_then_exec(void *socket) {
  char word[16];
  snprintf(word, sizeof word, "%d", receive_one(*(int *)socket, 0));
  execute_self("--works", word, NULL);
  CHECK(!"exec came back");
}

static void send_twice(void (*receiver)(void *), int times) {
  int socket;
  const pid_t pid = start_receiver(receiver, &socket);
  const int port = port_create();
  CHECK(port >= 0);
  for (int i = 0; i < times; ++i) send_fds(socket, &port, 1);
  check_child(pid);
  close(port);
  close(socket);
}

static void cloexec(void) { send_twice(receiver_cloexec, 2); }
static void then_exec(void) { send_twice(receiver_then_exec, 1); }

/* --- duplicates made behind the library's back --- */

static void raw_duplicate(void) {
  const int port = port_with(1);
  const int copy = (int)syscall(SYS_dup, port);
  CHECK(copy >= 0);
  check_takes(copy, 1);
  check_works(copy);
  CHECK(close(port) == 0);
  check_works(copy);
  CHECK(close(copy) == 0);
  check_nothing_of_ports();
}

/* A port that comes back to the process it went out from is the same port. */
static void back_home(void) {
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const int port = port_with(1);
  send_fds(pair[0], &port, 1);
  const int again = receive_one(pair[1], 0);
  check_takes(again, 1);
  CHECK(count_links("self", "memfd:portc") == 1);
  CHECK(close(port) == 0);
  check_works(again);
  close(again);
  close_all(pair, 2);
  check_nothing_of_ports();
}

/* --- by other ways --- */

static void holder(void *socket) {
  const int port = port_with(1);
  CHECK(write(*(int *)socket, &port, sizeof port) == sizeof port);
  read_byte(*(int *)socket);
}

/* DEVIATION portc(7) raw-calls: what is taken out of another process is the set alone. */
static void taken_from_process(void) {
  int socket, number;
  const pid_t pid = start_receiver(holder, &socket);
  CHECK(read(socket, &number, sizeof number) == sizeof number);
  const int process = (int)syscall(SYS_pidfd_open, pid, 0);
  const int fd = (int)syscall(SYS_pidfd_getfd, process, number, 0);
  CHECK(process >= 0 && fd >= 0);
  CHECK_FAILS(port_send(fd, 1, NULL), EBADFD);
  close(fd);
  close(process);
  write_byte(socket);
  close(socket);
  check_child(pid);
  check_nothing_of_ports();
}

/* One's own is a duplicate like any other. */
static void taken_from_self(void) {
  const int port = port_with(1), process = (int)syscall(SYS_pidfd_open, getpid(), 0);
  const int fd = (int)syscall(SYS_pidfd_getfd, process, port, 0);
  CHECK(process >= 0 && fd >= 0);
  check_takes(fd, 1);
  check_works(fd);
  close(port);
  check_works(fd);
  close(fd);
  close(process);
  check_nothing_of_ports();
}

/* There is nothing behind the name that could be opened. */
static void reopened(void) {
  char name[64];
  const int port = port_with(1);
  snprintf(name, sizeof name, "/proc/self/fd/%d", port);
  CHECK_FAILS(open(name, O_RDWR), ENXIO);
  check_takes(port, 1);
  close(port);
}

/* --- a thread of the sender's that waits does so as one of several users, without end no more ---
 */

static int waits_with_end(const struct sleeper *sleeper) {
  char path[96], line[256];
  unsigned long number = 0, timeout = 0;
  snprintf(path, sizeof path, "/proc/%s/syscall", sleeper->who);
  FILE *file = fopen(path, "r");
  CHECK(file != NULL);
  const int read = fgets(line, sizeof line, file) != NULL &&
                   sscanf(line, "%lu 0x%*x 0x%*x 0x%lx", &number, &timeout) == 2;
  fclose(file);
  return read && number == SYS_ppoll && timeout != 0;
}

static void sender_waits(void) {
  enum { kMilliseconds = 5000 };
  struct sleeper sleeper;
  int pair[2], looks = 0;
  const int port = port_create();
  CHECK(port >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  sleeper_start(&sleeper, port);
  CHECK(!waits_with_end(&sleeper));
  send_fds(pair[0], &port, 1);
  while (!waits_with_end(&sleeper)) {
    CHECK(++looks < kMilliseconds);
    poll(NULL, 0, 1);
  }
  CHECK(port_send(port, 9, NULL) == 0);
  sleeper_check_got(&sleeper, 9);
  close(port);
  close_all(pair, 2);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"plain", plain},
                                           {"sender_waits", sender_waits},
                                           {"raw_receive", raw_receive},
                                           {"peek", peek},
                                           {"relayed", relayed},
                                           {"relayed_in_part", relayed_in_part},
                                           {"sender_gone", sender_gone},
                                           {"many", many},
                                           {"mixed", mixed},
                                           {"truncated", truncated},
                                           {"cloexec", cloexec},
                                           {"then_exec", then_exec},
                                           {"raw_duplicate", raw_duplicate},
                                           {"back_home", back_home},
                                           {"taken_from_process", taken_from_process},
                                           {"taken_from_self", taken_from_self},
                                           {"reopened", reopened},
                                           {NULL, NULL}};
  if (argc == 2 && strcmp(argv[1], "--nothing") == 0) return check_nothing_of_ports(), 0;
  if (argc == 3 && strcmp(argv[1], "--works") == 0) return check_works(atoi(argv[2])), 0;
  return run_case(cases, argc, argv);
}
