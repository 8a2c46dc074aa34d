/* SPDX-License-Identifier: MIT */
/*
 * An echo server on event ports, small enough to read in one sitting.
 *
 *   echo_server [PORT]      default 0: any free port; the one in use is printed
 *
 * One thread serves every connection. An association is used up by the event that it delivers,
 * so each event ends with a new association for whatever the connection waits for next: input,
 * or room to send what is left of the last input. SIGTERM and SIGINT reach the same queue: a
 * second thread takes the signal and sends a user event.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <netinet/in.h>
#include <port.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kBatch = 64, kBuffer = 16384 };

struct connection {
  int fd;
  size_t length; /* bytes in the buffer; 0: waiting for input */
  size_t sent;   /* of them */
  char buffer[kBuffer];
};

static int port;
static unsigned long echoed;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void *take_signal(void *set) {
  int number;
  sigwait(set, &number);
  if (port_send(port, number, NULL) != 0) die("port_send");
  return NULL;
}

/* Returns a listening socket and prints where it listens. */
static int open_listener(unsigned short number) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number)};
  socklen_t length = sizeof address;
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, length) != 0) die("bind");
  if (listen(fd, SOMAXCONN) != 0) die("listen");
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) die("getsockname");
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void watch(int fd, int events, void *user) {
  if (port_associate(port, PORT_SOURCE_FD, (uintptr_t)fd, events, user) != 0) {
    die("port_associate");
  }
}

static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL) die("calloc");
    c->fd = fd;
    watch(fd, POLLIN, c);
  }
  watch(listener, POLLIN, NULL);
}

/* Echoes what there is; returns 0 when the connection has ended. */
static int serve(struct connection *c) {
  ssize_t n;
  if (c->length == 0) {
    n = read(c->fd, c->buffer, sizeof c->buffer);
    if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
    c->length = (size_t)n;
    c->sent = 0;
  }
  n = send(c->fd, c->buffer + c->sent, c->length - c->sent, MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  c->sent += (size_t)n;
  echoed += (unsigned long)n;
  if (c->sent == c->length) c->length = 0;
  return 1;
}

/* Answers one event; returns 0 when the server is to end. */
static int handle(const port_event_t *event, int listener) {
  struct connection *c = event->portev_user;
  if (event->portev_source == PORT_SOURCE_USER) return 0;
  if ((int)event->portev_object == listener) {
    accept_all(listener);
  } else if (serve(c)) {
    watch(c->fd, c->length == 0 ? POLLIN : POLLOUT, c);
  } else {
    close(c->fd);
    free(c);
  }
  return 1;
}

int main(int argc, char **argv) {
  port_event_t events[kBatch];
  pthread_t thread;
  sigset_t set;
  int listener, running = 1;
  /* Before the thread exists, so that only sigwait ever sees the two signals. */
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  port = port_create();
  if (port < 0) die("port_create");
  if (pthread_create(&thread, NULL, take_signal, &set) != 0) die("pthread_create");
  listener = open_listener((unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
  watch(listener, POLLIN, NULL);
  while (running) {
    uint_t i, count = 1; /* wait for one, take all that are there */
    if (port_getn(port, events, kBatch, &count, NULL) != 0) {
      if (errno == EINTR) continue;
      die("port_getn");
    }
    for (i = 0; i < count; i++) running &= handle(&events[i], listener);
  }
  pthread_join(thread, NULL);
  printf("echoed %lu bytes\n", echoed);
  return 0;
}
