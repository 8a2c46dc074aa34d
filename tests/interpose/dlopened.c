/* SPDX-License-Identifier: MIT */
/* Gives exact.c its port functions out of a library opened with RTLD_LOCAL. */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <port.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* By its path: under a sanitizer, whose dlopen stands in between, our own RUNPATH has no effect. */
static void *open_library(void) {
  char program[PATH_MAX], path[PATH_MAX + 32];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length > 0 ? length : 0] = '\0';
  snprintf(path, sizeof path, "%s/../../lib/libportc.so.1", dirname(program));
  return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *find(const char *name) {
  static void *library;
  if (!library) library = open_library();
  void *found = library ? dlsym(library, name) : NULL;
  if (found) return found;
  fprintf(stderr, "%s\n", dlerror());
  exit(2);
}

#define FORWARD(name, parameters, arguments) \
  int name parameters {                      \
    int(*next) parameters;                   \
    *(void **)&next = find(#name);           \
    return next arguments;                   \
  }

FORWARD(port_create, (void), ())
FORWARD(port_associate, (int port, int source, uintptr_t object, int events, void *user),
        (port, source, object, events, user))
FORWARD(port_get, (int port, port_event_t *event, const struct timespec *timeout),
        (port, event, timeout))
FORWARD(port_send, (int port, int events, void *user), (port, events, user))
