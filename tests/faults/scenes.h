/* SPDX-License-Identifier: MIT */
/*
 * One public call each, in one situation. faults.c runs a scene in a process of its own: prepare,
 * act with a failing system call, act again if that failed, settle (what the call did is there),
 * and then everything a port is for; at last all ports are closed, and nothing may be left.
 */
#ifndef TESTS_FAULTS_SCENES_H
#define TESTS_FAULTS_SCENES_H

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <port.h>

#include "tests/faults/planted.h"

enum { kSlots = 16, kValue = 5 };

struct world {
  int port;  /* the port that is looked at afterwards; -1: none yet */
  int other; /* another port */
  int ends[2];
  int file;
  int made; /* a descriptor that the call has made */
  int pair[2];
  int list[2];
  pid_t peer;
  int says, hears; /* pipes from and to it */
  pthread_t thread;
  int tid; /* 0: not running yet */
  int thread_result;
  int persistent; /* what failed did not stop failing while the call lasted */
  port_event_t event;
  timer_t timer;
  mqd_t queue;
  struct aiocb request;
  char buffer[16];
  port_notify_t notify;
  struct sigevent told;
  file_obj_t object;
  char path[64], name[64];
};

struct scene {
  const char *name;
  const char *call; /* where its errors are documented: run.py */
  int (*act)(struct world *);
  void (*prepare)(struct world *); /* may be null */
  void (*settle)(struct world *);  /* may be null */
  const char *setting;             /* NAME=VALUE for the environment, or null */
  int executes;                    /* act is called by a new image, which inherits the port */
  int receives;                    /* descriptors without which the kernel drops what is received */
};

/* A table for each file scenes_NAME.c; the last entry has no name. */
extern const struct scene user_scenes[], process_scenes[], fd_scenes[], file_scenes[],
    timer_scenes[], aio_scenes[], mq_scenes[], descriptor_scenes[];

/* All of them, from 0; null after the last. */
const struct scene *scene_number(int number);

/* Ends the process: what is checked is not so. */
void fault_found(const char *file, int line, const char *what) __attribute__((noreturn));
#define CHECK(condition) ((condition) ? (void)0 : fault_found(__FILE__, __LINE__, #condition))

/* Everything a port is for, on a port without associations and events. */
void check_port(struct world *world);

#endif
