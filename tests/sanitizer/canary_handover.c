/* SPDX-License-Identifier: MIT */
/*
 * Nothing planted: plain memory is handed from thread to thread by port_send and port_get, with
 * no other synchronization. No report may come, or the sanitizer does not understand the
 * library's lock. With the word "race", the sender writes once more after it has sent.
 */
#include <port.h>
#include <pthread.h>
#include <string.h>

enum { kItems = 200 };

static int items[kItems], port, race;

static void *sender(void *unused) {
  for (int i = 0; i < kItems; ++i) {
    items[i] = i + 1;
    if (port_send(port, i, &items[i]) != 0) break;
    if (race) items[i] = i + 2;
  }
  return unused;
}

int main(int argc, char **argv) {
  const struct timespec limit = {20, 0};
  pthread_t thread;
  int sum = 0;
  race = argc > 1 && strcmp(argv[1], "race") == 0;
  port = port_create();
  if (port < 0 || pthread_create(&thread, NULL, sender, NULL) != 0) return 2;
  for (int i = 0; i < kItems; ++i) {
    port_event_t event;
    if (port_get(port, &event, &limit) != 0) return 2;
    sum += *(int *)event.portev_user;
  }
  pthread_join(thread, NULL);
  return race || sum == kItems * (kItems + 1) / 2 ? 0 : 2;
}
