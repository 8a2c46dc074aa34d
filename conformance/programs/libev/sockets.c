/* SPDX-License-Identifier: MIT */
/* Watchers of sockets. */
#include "driver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void socket_both_directions(void) {
  struct watched w;
  watch_sockets(&w, 0, EV_READ | EV_WRITE);
  CHECK(look(w.loop, &w.io).events == EV_WRITE);
  put(w.ends[1]);
  CHECK(look(w.loop, &w.io).events == (EV_READ | EV_WRITE) && w.seen.calls == 1);
  fill(w.ends[0]);
  CHECK(look(w.loop, &w.io).events == EV_READ);
  take(w.ends[0]);
  CHECK(look(w.loop, &w.io).calls == 0);
}

static void socket_half_closed(void) {
  struct watched w;
  watch_sockets(&w, 0, EV_READ);
  CHECK(look(w.loop, &w.io).calls == 0);
  CHECK(shutdown(w.ends[1], SHUT_WR) == 0);
  CHECK(look(w.loop, &w.io).events == EV_READ && drain(w.ends[0]) == 0);
  put(w.ends[0]);
  take(w.ends[1]);
}

static void socket_closed_by_peer(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  int ends[2];
  make_sockets(ends);
  fill(ends[0]);
  watch(loop, &watcher, ends[0], EV_READ | EV_WRITE, &seen);
  CHECK(look(loop, &watcher).calls == 0);
  close(ends[1]);
  CHECK(look(loop, &watcher).events == (EV_READ | EV_WRITE));
}

static int listen_on_loopback(struct sockaddr_in *address) {
  socklen_t size = sizeof *address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(fd >= 0 && bind(fd, (struct sockaddr *)address, sizeof *address) == 0);
  CHECK(getsockname(fd, (struct sockaddr *)address, &size) == 0);
  CHECK(listen(fd, 8) == 0);
  return fd;
}

/* Begins to connect, and waits until the outcome is known. */
static int connect_through(struct ev_loop *loop, const struct sockaddr_in *address) {
  struct seen seen = NOTHING_SEEN;
  ev_io watcher;
  int error;
  socklen_t size = sizeof error;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  CHECK(fd >= 0);
  if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
    CHECK(errno == EINPROGRESS);
  ev_io_init(&watcher, note_and_break, fd, EV_WRITE);
  watcher.data = &seen;
  ev_io_start(loop, &watcher);
  ev_run(loop, 0);
  ev_io_stop(loop, &watcher);
  CHECK(seen.calls == 1 && seen.events == EV_WRITE);
  CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0);
  if (error == 0) return fd;
  close(fd);
  errno = error;
  return -1;
}

static void tcp_connect_and_accept(void) {
  struct ev_loop *loop = new_loop();
  struct sockaddr_in address;
  struct seen seen = NOTHING_SEEN;
  ev_io watcher;
  int server = listen_on_loopback(&address), client, accepted;
  watch(loop, &watcher, server, EV_READ, &seen);
  CHECK(look(loop, &watcher).calls == 0);
  client = connect_through(loop, &address);
  CHECK(client >= 0);
  CHECK(look(loop, &watcher).events == EV_READ);
  accepted = accept(server, NULL, NULL);
  CHECK(accepted >= 0);
  CHECK(look(loop, &watcher).calls == 0);
  put(client);
  take(accepted);
}

static void tcp_connect_refused(void) {
  struct ev_loop *loop = new_loop();
  struct sockaddr_in address;
  /* Bound and not listening: nobody else gets this number, and nobody answers. */
  int holder = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t size = sizeof address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(holder >= 0 && bind(holder, (struct sockaddr *)&address, sizeof address) == 0);
  CHECK(getsockname(holder, (struct sockaddr *)&address, &size) == 0);
  CHECK(connect_through(loop, &address) == -1 && errno == ECONNREFUSED);
}

static void datagrams_one_by_one(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  int ends[2];
  char byte;
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0);
  watch(loop, &watcher, ends[0], EV_READ, &seen);
  CHECK(send(ends[1], "a", 1, 0) == 1 && send(ends[1], "b", 1, 0) == 1);
  CHECK(look(loop, &watcher).calls == 1 && recv(ends[0], &byte, 1, 0) == 1 && byte == 'a');
  CHECK(look(loop, &watcher).calls == 1 && recv(ends[0], &byte, 1, 0) == 1 && byte == 'b');
  CHECK(look(loop, &watcher).calls == 0);
}

struct transfer {
  size_t sent, received, wanted;
};

static void send_some(struct ev_loop *loop, ev_io *watcher, int events) {
  static const char block[10000];
  struct transfer *transfer = watcher->data;
  size_t left = transfer->wanted - transfer->sent;
  ssize_t n = write(watcher->fd, block, left < sizeof block ? left : sizeof block);
  CHECK(events == EV_WRITE && n > 0);
  transfer->sent += (size_t)n;
  if (transfer->sent == transfer->wanted) {
    ev_io_stop(loop, watcher);
    CHECK(shutdown(watcher->fd, SHUT_WR) == 0);
  }
}

static void receive_some(struct ev_loop *loop, ev_io *watcher, int events) {
  char block[7777];
  struct transfer *transfer = watcher->data;
  ssize_t n = read(watcher->fd, block, sizeof block);
  CHECK(events == EV_READ && n >= 0);
  transfer->received += (size_t)n;
  if (n == 0) ev_io_stop(loop, watcher);
}

/* The run ends when both have stopped. */
static void eight_megabytes_through_a_socket(void) {
  struct ev_loop *loop = new_loop();
  struct transfer transfer = {0, 0, 8u << 20};
  ev_io sender, receiver;
  int ends[2];
  make_sockets(ends);
  ev_io_init(&sender, send_some, ends[0], EV_WRITE);
  ev_io_init(&receiver, receive_some, ends[1], EV_READ);
  sender.data = receiver.data = &transfer;
  ev_io_start(loop, &sender);
  ev_io_start(loop, &receiver);
  CHECK(!ev_run(loop, 0));
  CHECK(transfer.sent == transfer.wanted && transfer.received == transfer.wanted);
}

const struct test_case socket_cases[] = {
    {"socket_both_directions", socket_both_directions},
    {"socket_half_closed", socket_half_closed},
    {"socket_closed_by_peer", socket_closed_by_peer},
    {"tcp_connect_and_accept", tcp_connect_and_accept},
    {"tcp_connect_refused", tcp_connect_refused},
    {"datagrams_one_by_one", datagrams_one_by_one},
    {"eight_megabytes_through_a_socket", eight_megabytes_through_a_socket},
    {NULL, NULL},
};
