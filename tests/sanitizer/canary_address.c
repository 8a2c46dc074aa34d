/* SPDX-License-Identifier: MIT */
/*
 * Planted: the library is told that an array on the heap has two elements, and it has one. The
 * write beyond it is the library's own. With the word "clean", the array has two.
 */
#include <port.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  const struct timespec zero = {0, 0};
  const size_t elements = argc > 1 && strcmp(argv[1], "clean") == 0 ? 2 : 1;
  uint_t count = 2;
  port_event_t *events = malloc(elements * sizeof *events);
  const int port = port_create();
  if (!events || port < 0) return 2;
  if (port_send(port, 1, NULL) != 0 || port_send(port, 2, NULL) != 0) return 2;
  if (port_getn(port, events, 2, &count, &zero) != 0 || count != 2) return 2;
  free(events);
  return 0;
}
