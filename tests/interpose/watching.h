/* SPDX-License-Identifier: MIT */
/* A folder of files, and what happens to them; for files.c and many_files.c. */
#ifndef TESTS_INTERPOSE_WATCHING_H
#define TESTS_INTERPOSE_WATCHING_H

#include "tests/interpose/support.h"

/* Makes a new folder the current one, and removes it with all that is in it. */
void enter_folder(void);
void leave_folder(void);

void make(const char *name);
void append(const char *name);
void set_mode(const char *name, int mode);
void move(const char *from, const char *to);
void erase(const char *name);

/* Without stamps. */
file_obj_t object_of(const char *name);
void watch(int port, file_obj_t *object, int events);
/* The next event is this, and it is there now. */
void check_reports(int port, const file_obj_t *object, int events);
void check_quiet(int port);
/* How many watches the runtime's inotify instance has; -1 without one. */
int watches(void);

#endif
