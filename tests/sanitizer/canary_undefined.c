/* SPDX-License-Identifier: MIT */
/*
 * Planted: the library is given an event structure at an odd address, and stores to it. With the
 * word "clean", the address is right.
 */
#include <port.h>
#include <string.h>

int main(int argc, char **argv) {
  static port_event_t room[2];
  const struct timespec zero = {0, 0};
  const int odd = argc > 1 && strcmp(argv[1], "clean") == 0 ? 0 : 1;
  const int port = port_create();
  if (port < 0 || port_send(port, 1, NULL) != 0) return 2;
  return port_get(port, (void *)((char *)room + odd), &zero) == 0 ? 0 : 2;
}
