/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder share. A program is a table of named cases; `PROGRAM CASE`
 * runs one of them, `PROGRAM --list` names them. A case that holds prints EXIT-SUCCESS last and
 * exits with 0; the first check that fails says where, and ends the process with 1.
 *
 * support.c knows no ports, so that a program without ports can use it; working.c does.
 */
#ifndef TESTS_INTERPOSE_SUPPORT_H
#define TESTS_INTERPOSE_SUPPORT_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <port.h>

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
/* The call returns -1 with this errno. */
#define CHECK_FAILS(call, error) \
  (errno = 0, check_fails(__FILE__, __LINE__, #call, (long)(call), (error)))

void check_failed(const char *file, int line, const char *what) __attribute__((noreturn));
void check_fails(const char *file, int line, const char *what, long result, int error);

struct test_case {
  const char *name;
  void (*run)(void);
};

/* Runs argv[1] under an alarm. After it, the process has the descriptors it had before. */
int run_case(const struct test_case *cases, int argc, char **argv);

/* --- processes --- */

/* A child that runs body(argument) and exits with 0; it dies with its parent. */
pid_t start_child(void (*body)(void *), void *argument);
/* It ends by itself with status 0. */
void check_child(pid_t pid);
/* fork without libc: no fork handler runs. */
pid_t raw_fork(void);
/* The program itself with these words after its name, until NULL. Returns only on failure. */
void execute_self(const char *first, const char *second, const char *third);
/* Waits until a thread (of any process of ours: /proc/WHO) sleeps inside a system call. */
void wait_asleep(const char *who);
void wait_process_asleep(pid_t pid);

/* --- descriptors --- */

/* The open numbers, in order, as text: "0 1 2 ". */
const char *descriptors(void);
/* How many descriptors of /proc/PID ("self") link to a name that contains `text`. */
int count_links(const char *pid, const char *text);
/* The first number at or above `from` whose link contains `text`; -1 if there is none. */
int find_link(const char *text, int from);
/* None is a port's or one of its hidden ones. */
void check_nothing_of_ports(void);
/* Is `fd` this path? */
int is_file(int fd, const char *path);
void write_byte(int fd);
void read_byte(int fd);

/* --- ports (working.c) --- */

/* Queues an event and takes it out again. */
void check_sends(int port);
/* Takes one event; it is this user event. */
void check_takes(int port, int value);
/* All a port is for: user events, a pipe's events, and a sleeper woken by another thread. */
void check_works(int port);

/* A thread in port_get(port), asleep when sleeper_start returns. */
struct sleeper {
  pthread_t thread;
  char who[64];
  int port;
  int tid;
  int result;
  int error;
  port_event_t event;
};
void sleeper_start(struct sleeper *sleeper, int port);
/* The same with a body of its own, which stores its thread id in `tid` before it sleeps. */
void sleeper_start_as(struct sleeper *sleeper, int port, void *(*body)(void *));
void sleeper_check_asleep(const struct sleeper *sleeper);
/* It ended, or ends now, with this user event. */
void sleeper_check_got(struct sleeper *sleeper, int value);
void sleeper_check_failed(struct sleeper *sleeper, int error);

#endif
