/* SPDX-License-Identifier: MIT */
/* What scenes of several files are made of. */
#ifndef TESTS_FAULTS_PARTS_H
#define TESTS_FAULTS_PARTS_H

#include "tests/faults/scenes.h"

extern const struct timespec kNow, kSoon, kLong;

/* parts.c */
void a_port(struct world *w);
void a_queued_event(struct world *w);
void two_ports(struct world *w);
void tell(struct world *w);
int send_one(struct world *w);
int get_now(struct world *w);
int get_soon(struct world *w);
int get_patiently(struct world *w);
int alert_set(struct world *w);
int alert_end(struct world *w);
void drain(struct world *w);
void takes(struct world *w, int source);
void took(struct world *w);
void takes_user(struct world *w);
void close_other(struct world *w);
void alert_works(struct world *w);

/* scenes_fd.c */
void a_pipe(struct world *w);
int associate_pipe(struct world *w);
void an_associated_pipe(struct world *w);
void pipe_works(struct world *w);

/* scenes_file.c */
void make_file(struct world *w);
void a_file(struct world *w);
int associate_named(struct world *w);

/* scenes_timer.c */
void a_set_timer(struct world *w);

/* scenes_aio.c */
void fill_request(struct world *w, int fd);
int start_read(struct world *w);

/* scenes_descriptor.c */
int poll_port(struct world *w);

#endif
