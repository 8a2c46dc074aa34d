/* SPDX-License-Identifier: MIT */
/* The port's own descriptor: closed, duplicated, polled, passed on, inherited. */
#include "tests/faults/parts.h"

/* All sources at once; closing the port has to end them all. */
static void all_sources(struct world *w) {
  a_set_timer(w);
  CHECK(pipe(w->ends) == 0 && associate_pipe(w) == 0);
  make_file(w);
  CHECK(associate_named(w) == 0);
  fill_request(w, w->file);
  CHECK(start_read(w) == 0);
}

struct letter {
  char data;
  struct iovec part;
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message;
};

/* With room for one descriptor. */
static void begin_letter(struct letter *letter) {
  memset(letter, 0, sizeof *letter);
  letter->part.iov_base = &letter->data;
  letter->part.iov_len = 1;
  letter->message.msg_iov = &letter->part;
  letter->message.msg_iovlen = 1;
  letter->message.msg_control = letter->control.bytes;
  letter->message.msg_controllen = sizeof letter->control.bytes;
}

static int send_port(int socket, int fd) {
  struct letter letter;
  begin_letter(&letter);
  struct cmsghdr *header = CMSG_FIRSTHDR(&letter.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(socket, &letter.message, 0) == 1 ? 0 : -1;
}

static int receive_port(int socket) {
  struct letter letter;
  int fd;
  begin_letter(&letter);
  if (recvmsg(socket, &letter.message, MSG_DONTWAIT) < 0) return -1;
  CHECK(CMSG_FIRSTHDR(&letter.message) != NULL);
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&letter.message)), sizeof fd);
  return fd;
}

static void a_socket(struct world *w) {
  a_port(w);
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, w->pair) == 0);
}

/* Another process's port on its way to us; that process has gone. */
static void a_passed_port(struct world *w) {
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, w->pair) == 0);
  const pid_t pid = fork();
  int status;
  CHECK(pid >= 0);
  if (pid == 0) {
    a_port(w);
    CHECK(port_send(w->port, kValue, w) == 0);
    CHECK(send_port(w->pair[1], w->port) == 0);
    _exit(0);
  }
  CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/* A descriptor is closed whatever happens. */
static int close_port(struct world *w) {
  const int port = w->port;
  w->port = -1;
  return close(port);
}

static int close_pipe(struct world *w) {
  const int fd = w->ends[0];
  w->ends[0] = -1;
  return close(fd);
}

static int duplicate(struct world *w) {
  w->made = dup(w->port);
  return w->made < 0 ? -1 : 0;
}

/* A number that the library has not seen being made. */
static int use_duplicate(struct world *w) {
  if (w->made < 0) w->made = (int)syscall(SYS_dup, w->port);
  return port_send(w->made, kValue, w);
}

int poll_port(struct world *w) {
  struct pollfd item = {w->port, POLLIN, 0};
  return poll(&item, 1, 0) == 1 && item.revents == POLLIN ? 0 : -1;
}

static int stat_port(struct world *w) {
  struct stat st;
  const int result = fstat(w->port, &st);
  if (result == 0) CHECK(S_ISPORT(st.st_mode) && st.st_size == 1);
  return result;
}

static int pass_port(struct world *w) { return send_port(w->pair[1], w->port); }

/* Receiving cannot fail for our sake: what could not be opened is when it is used. */
static int receive(struct world *w) {
  w->port = receive_port(w->pair[0]);
  return w->port < 0 ? -1 : 0;
}

static int receive_and_get(struct world *w) {
  if (w->port < 0) w->port = receive_port(w->pair[0]);
  return w->port < 0 ? -1 : port_get(w->port, &w->event, &kNow);
}

static void takes_duplicates(struct world *w) {
  takes_user(w);
  CHECK(close(w->made) == 0);
  w->made = -1;
}

static void duplicate_works(struct world *w) {
  CHECK(port_send(w->made, kValue, w) == 0);
  takes_duplicates(w);
}

static void passed_works(struct world *w) {
  w->made = receive_port(w->pair[0]);
  CHECK(w->made >= 0);
  duplicate_works(w);
}

static void received_works(struct world *w) {
  CHECK(port_get(w->port, &w->event, &kNow) == 0 && w->event.portev_events == kValue);
}

/* The event is of the image before this one. */
static void got_before_exec(struct world *w) {
  CHECK(w->event.portev_events == kValue);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

const struct scene descriptor_scenes[] = {
    {"close", "close", close_port, a_queued_event, NULL, NULL, 0, 0},
    {"close with all sources", "close", close_port, all_sources, NULL, NULL, 0, 0},
    {"close with all sources, libaio", "close", close_port, all_sources, NULL,
     "PORTC_AIO_ENGINE=libaio", 0, 0},
    {"close a pipe", "close", close_pipe, an_associated_pipe, NULL, NULL, 0, 0},
    {"dup", "dup", duplicate, a_port, duplicate_works, NULL, 0, 0},
    {"use a raw duplicate", "port_send", use_duplicate, a_port, takes_duplicates, NULL, 0, 0},
    {"poll", "poll", poll_port, a_queued_event, takes_user, NULL, 0, 0},
    {"fstat", "fstat", stat_port, a_queued_event, takes_user, NULL, 0, 0},
    {"pass", "sendmsg", pass_port, a_socket, passed_works, NULL, 0, 0},
    {"receive", "recvmsg", receive, a_passed_port, received_works, NULL, 0, 1},
    {"receive and get", "attach", receive_and_get, a_passed_port, NULL, NULL, 0, 1},
    {"execute and send", "attach", send_one, a_port, takes_user, NULL, 1, 0},
    {"execute and get", "attach", get_now, a_queued_event, got_before_exec, NULL, 1, 0},
    {"execute and associate", "attach", associate_pipe, an_associated_pipe, pipe_works, NULL, 1, 0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
