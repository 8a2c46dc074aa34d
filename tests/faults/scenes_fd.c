/* SPDX-License-Identifier: MIT */
/* Descriptors that are associated: pipes, regular files, ports. */
#include "tests/faults/parts.h"

void a_pipe(struct world *w) {
  a_port(w);
  CHECK(pipe(w->ends) == 0);
}

int associate_pipe(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->ends[0], POLLIN, w);
}

void an_associated_pipe(struct world *w) {
  a_pipe(w);
  CHECK(associate_pipe(w) == 0);
}

static void a_ready_pipe(struct world *w) {
  an_associated_pipe(w);
  CHECK(write(w->ends[1], "x", 1) == 1);
}

/* Retrieved once, so that associating again is what a server does. */
static void a_served_pipe(struct world *w) {
  char byte;
  a_ready_pipe(w);
  CHECK(port_get(w->port, &w->event, &kLong) == 0);
  CHECK(read(w->ends[0], &byte, 1) == 1);
}

static void a_replaced_pipe(struct world *w) {
  int fresh[2];
  an_associated_pipe(w);
  CHECK(pipe(fresh) == 0);
  CHECK(syscall(SYS_dup3, fresh[0], w->ends[0], 0) == w->ends[0]); /* past the wrappers */
  CHECK(syscall(SYS_dup3, fresh[1], w->ends[1], 0) == w->ends[1]);
  CHECK(close(fresh[0]) == 0 && close(fresh[1]) == 0);
}

static int associate_open(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->file, POLLIN, w);
}

static void an_always_ready(struct world *w) {
  a_file(w);
  CHECK(associate_open(w) == 0);
}

static int associate_other(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->other, POLLIN, w);
}

static int associate_writable(struct world *w) {
  return port_associate(w->port, PORT_SOURCE_FD, (uintptr_t)w->ends[0], POLLIN | POLLPRI, w);
}

static int dissociate_pipe(struct world *w) {
  return port_dissociate(w->port, PORT_SOURCE_FD, (uintptr_t)w->ends[0]);
}

static int dissociate_open(struct world *w) {
  return port_dissociate(w->port, PORT_SOURCE_FD, (uintptr_t)w->file);
}

void pipe_works(struct world *w) {
  CHECK(write(w->ends[1], "x", 1) == 1);
  takes(w, PORT_SOURCE_FD);
  CHECK(dissociate_pipe(w) == -1 && errno == ENOENT); /* delivered */
}

static void pipe_is_silent(struct world *w) {
  CHECK(write(w->ends[1], "x", 1) == 1);
  CHECK(port_get(w->port, &w->event, &kNow) == -1 && errno == ETIME);
}

static void took_pipe(struct world *w) {
  took(w);
  CHECK(dissociate_pipe(w) == -1 && errno == ENOENT);
}

static void other_works(struct world *w) {
  CHECK(port_send(w->other, kValue, NULL) == 0);
  takes(w, PORT_SOURCE_FD);
  close_other(w);
}

static void open_file_works(struct world *w) {
  takes(w, PORT_SOURCE_FD);
  CHECK(dissociate_open(w) == -1 && errno == ENOENT);
}

static void sent_behind(struct world *w) {
  CHECK(port_get(w->port, &w->event, &kNow) == 0 && w->event.portev_source == PORT_SOURCE_FD);
  takes_user(w);
  CHECK(dissociate_pipe(w) == -1 && errno == ENOENT);
}

static void left_a_replaced(struct world *w) {
  drain(w);
  (void)dissociate_pipe(w);
}

const struct scene fd_scenes[] = {
    {"send behind a ready pipe", "port_send", send_one, a_ready_pipe, sent_behind, NULL, 0, 0},
    {"get a pipe", "port_get", get_patiently, a_ready_pipe, took_pipe, NULL, 0, 0},
    {"associate", "port_associate", associate_pipe, a_pipe, pipe_works, NULL, 0, 0},
    {"associate, polled", "port_associate", associate_pipe, a_pipe, pipe_works, "PORTC_EXACT=1", 0,
     0},
    {"associate again", "port_associate", associate_pipe, a_served_pipe, pipe_works, NULL, 0, 0},
    {"associate for more", "port_associate", associate_writable, a_served_pipe, pipe_works, NULL, 0,
     0},
    {"associate what was replaced", "port_associate", associate_pipe, a_replaced_pipe, pipe_works,
     NULL, 0, 0},
    {"associate a regular file", "port_associate", associate_open, a_file, open_file_works, NULL, 0,
     0},
    {"associate a port", "port_associate", associate_other, two_ports, other_works, NULL, 0, 0},
    {"dissociate", "port_associate", dissociate_pipe, an_associated_pipe, pipe_is_silent, NULL, 0,
     0},
    {"dissociate what was replaced", "port_associate", dissociate_pipe, a_replaced_pipe,
     left_a_replaced, NULL, 0, 0},
    {"dissociate a regular file", "port_associate", dissociate_open, an_always_ready, NULL, NULL, 0,
     0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
