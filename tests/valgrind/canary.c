/* SPDX-License-Identifier: MIT */
/*
 * What memcheck has to report: `canary freed|leaked|open|undefined`. `canary clean` has none of it.
 */
#include <fcntl.h>
#include <port.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The library reads memory that was given back. */
static int send_to_freed(int port) {
  int *const volatile ports = malloc(2 * sizeof *ports);
  int errors[2];
  ports[0] = ports[1] = port;
  free(ports);
  return port_sendn(ports, errors, 2, 1, NULL) >= 0;
}

/* It decides on what was never written. */
static int undefined_flags(int port) {
  int *const volatile flags = malloc(sizeof *flags);
  const int result = port_alert(port, *flags, 1, NULL);
  free(flags);
  return result >= -1;
}

static int leak(void) {
  char *volatile lost = malloc(100);
  lost = NULL;
  return lost == NULL;
}

int main(int argc, char **argv) {
  const char *const what = argc > 1 ? argv[1] : "clean";
  const int port = port_create();
  int right = port >= 0;
  if (strcmp(what, "freed") == 0) right = right && send_to_freed(port);
  if (strcmp(what, "undefined") == 0) right = right && undefined_flags(port);
  if (strcmp(what, "leaked") == 0) right = right && leak();
  if (strcmp(what, "open") == 0) right = right && open("/dev/null", O_RDONLY) >= 0;
  right = right && close(port) == 0;
  return right ? 0 : 2;
}
