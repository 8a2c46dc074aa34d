/* SPDX-License-Identifier: MIT */
/*
 * Load for echo_server: sends messages over many connections and checks what comes back.
 *
 *   echo_load PORT [CONNECTIONS [REQUESTS]]      default 50 connections, 200000 requests
 *
 * Every connection has one message on its way at a time. Exit status 0 when every message came
 * back as it was sent. It waits with epoll, so that it is no part of what it measures.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kMessage = 64, kBatch = 64, kStallMs = 10000 };

struct client {
  int fd;
  size_t received; /* of the message on its way */
  char message[kMessage];
};

static int epoll;
static unsigned long sent, answered, wanted;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void fail(const char *why) {
  fprintf(stderr, "echo_load: %s\n", why);
  exit(1);
}

static void open_client(struct client *c, unsigned short port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0) die("socket");
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) die("epoll_ctl");
}

/* Sends the next message, which no other connection has sent before. */
static void send_next(struct client *c) {
  if (sent == wanted) return;
  memset(c->message, '.', sizeof c->message);
  snprintf(c->message, sizeof c->message, "connection %d message %lu", c->fd, sent++);
  c->received = 0;
  if (send(c->fd, c->message, sizeof c->message, MSG_NOSIGNAL) != (ssize_t)sizeof c->message) {
    die("send");
  }
}

static void receive(struct client *c) {
  char answer[kMessage];
  ssize_t n = read(c->fd, answer, sizeof answer - c->received);
  if (n < 0) die("read");
  if (n == 0) fail("the server closed a connection");
  if (memcmp(answer, c->message + c->received, (size_t)n) != 0) fail("a wrong answer");
  c->received += (size_t)n;
  if (c->received < sizeof c->message) return;
  answered++;
  send_next(c);
}

static void run_until_answered(void) {
  struct epoll_event events[kBatch];
  while (answered < wanted) {
    int i, n = epoll_wait(epoll, events, kBatch, kStallMs);
    if (n < 0 && errno != EINTR) die("epoll_wait");
    if (n == 0) fail("no answer for 10 s");
    for (i = 0; i < n; i++) receive(events[i].data.ptr);
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  int i, connections = argc > 2 ? atoi(argv[2]) : 50;
  struct client *clients;
  double start, seconds;
  if (argc < 2 || connections < 1) fail("usage: echo_load PORT [CONNECTIONS [REQUESTS]]");
  wanted = argc > 3 ? strtoul(argv[3], NULL, 10) : 200000;
  epoll = epoll_create1(EPOLL_CLOEXEC);
  clients = calloc((size_t)connections, sizeof *clients);
  if (epoll < 0 || clients == NULL) die("set-up");
  for (i = 0; i < connections; i++) open_client(&clients[i], (unsigned short)atoi(argv[1]));
  start = now();
  for (i = 0; i < connections; i++) send_next(&clients[i]);
  run_until_answered();
  seconds = now() - start;
  for (i = 0; i < connections; i++) close(clients[i].fd);
  free(clients);
  printf("%lu requests over %d connections in %.2f s, all answered: %.0f requests/s\n", answered,
         connections, seconds, (double)answered / seconds);
  return 0;
}
