/* SPDX-License-Identifier: MIT */
/* Gives exact.c its port functions out of a library opened with RTLD_LOCAL. */
#include <dlfcn.h>
#include <port.h>
#include <stdio.h>
#include <stdlib.h>

static void *find(const char *name) {
  static void *library;
  if (!library) library = dlopen("libportc.so.1", RTLD_NOW | RTLD_LOCAL);
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
