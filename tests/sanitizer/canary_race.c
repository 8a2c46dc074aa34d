/* SPDX-License-Identifier: MIT */
/*
 * Planted: two threads have the library store to the same event structure, each under the lock
 * of another port. With the word "clean", each has a structure of its own.
 */
#include <port.h>
#include <pthread.h>
#include <string.h>

struct getter {
  int port;
  port_event_t *event;
  int result;
};

static void *get(void *argument) {
  struct getter *getter = argument;
  const struct timespec zero = {0, 0};
  getter->result = port_get(getter->port, getter->event, &zero);
  return NULL;
}

int main(int argc, char **argv) {
  static port_event_t events[2];
  const int clean = argc > 1 && strcmp(argv[1], "clean") == 0;
  struct getter getters[2];
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) {
    getters[i].port = port_create();
    getters[i].event = &events[clean ? i : 0];
    if (getters[i].port < 0 || port_send(getters[i].port, 1, NULL) != 0) return 2;
  }
  for (int i = 0; i < 2; ++i)
    if (pthread_create(&threads[i], NULL, get, &getters[i]) != 0) return 2;
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return getters[0].result == 0 && getters[1].result == 0 ? 0 : 2;
}
