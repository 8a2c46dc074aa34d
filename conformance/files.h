/* SPDX-License-Identifier: MIT */
/*
 * What the tests in file/ start from: a folder to work in, file objects, and things that happen
 * to files.
 *
 * A file's stamps move in steps of some milliseconds, so two changes in a row may leave the same
 * one. No test waits for a step: make_file and set_past give stamps that lie far in the past,
 * from which the next real change differs; what compares stamps sets them.
 */
#ifndef PORTC_CONFORMANCE_FILES_H
#define PORTC_CONFORMANCE_FILES_H

#include "conformance/conformance.h"

/* --- the folder --------------------------------------------------------------------------- */

/* Makes a folder below TMPDIR the current one; the names in a test are relative to it. */
void enter_folder(void);
/* Removes the folder with all that is in it. */
void leave_folder(void);

/* --- what happens to files ------------------------------------------------------------------ */

void make_file(const char *name);  /* new, not empty, stamps in the past */
void make_dir(const char *name);   /* likewise */
void set_past(const char *name);   /* atime and mtime, to moments long ago */
void write_file(const char *name); /* appends a byte */
void read_file(const char *name);  /* reads a byte */
void set_mode(const char *name, int mode);
void set_times(const char *name, time_t atime, time_t mtime); /* in seconds; UNCHANGED: keep */
enum { UNCHANGED = -1 };
void remove_file(const char *name);
void remove_dir(const char *name);
void rename_file(const char *from, const char *to);
void link_file(const char *from, const char *to);
void link_symbolic(const char *target, const char *name);

/* --- associations --------------------------------------------------------------------------- */

/* A file object with the stamps that the file has now; of the link itself; without stamps. */
file_obj_t object_of(const char *name);
file_obj_t object_of_link(const char *name);
file_obj_t object_without_stamps(const char *name);

/* The calls, by their usual arguments. UNWATCH and TRY_WATCH are expressions: check them. */
#define TRY_WATCH(port, object, events, user) \
  port_associate((port), PORT_SOURCE_FILE, (uintptr_t)(object), (events), (user))
#define WATCH(port, object, events, user)                                   \
  check_ok((errno = CANARY, TRY_WATCH((port), (object), (events), (user))), \
           "port_associate of a file", HERE)
#define UNWATCH(port, object) port_dissociate((port), PORT_SOURCE_FILE, (uintptr_t)(object))

/* An event that was retrieved has exactly these fields. */
#define CHECK_FILE_EVENT(event, object, events, user) \
  check_event(&(event), PORT_SOURCE_FILE, (uintptr_t)(object), (events), (user), HERE)
/* The next event is that of a file, with exactly these fields. */
#define CHECK_NEXT_FILE(port, object, events, user) \
  check_next((port), PORT_SOURCE_FILE, (uintptr_t)(object), (events), (user), HERE)
/* The same, and the event is the only one: queued already, and none is left after it. */
#define CHECK_ONE_FILE(port, object, events, user) \
  check_one_file((port), (object), (events), (user), HERE)
void check_one_file(int port, const file_obj_t *object, int events, void *user, const char *file,
                    int line);

/*
 * Plays a sequence with one port, one file and one file object, whose stamps are taken once
 * before it starts:
 *   a   associate for FILE_MODIFIED; the n-th time with the cookie n
 *   t   change the file
 *   d   dissociate, which must succeed
 *   s   take the stamps again
 * Then a port_getn for one event, which does not wait, must find the one with the cookie `user`,
 * or none when that is 0.
 */
#define CHECK_SEQUENCE(steps, user) check_sequence((steps), (user), HERE)
void check_sequence(const char *steps, int user, const char *file, int line);

#endif
