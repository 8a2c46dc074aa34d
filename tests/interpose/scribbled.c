/* SPDX-License-Identifier: MIT */
/*
 * scribbled FIRST COUNT: a working port whose shared memory another process overwrites with
 * rubbish. Any result and any errno will do; a signal will not, except the alarm of a process
 * that never came back, which is counted. One child per seed.
 *
 * Seed modulo 4: 0 small numbers, which are more often taken for links; 1 any bits; 2 the same
 * for a process that attaches afterwards, by exec; 3 all the time, beside the calls. Of 64
 * seeds, four overwrite the lock as well, once: taking it then lasts a second or more.
 */
#include <sys/prctl.h>

#include "tests/interpose/support.h"

enum { kSeconds = 2, kRounds = 12, kHeader = 4096, kScribbled = 32768, kLock = 64 / 4 };

static uint64_t state;

static uint32_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

static int locks_too(int seed) { return seed / 4 % 16 == 3; }

static uint32_t rubbish(int seed) {
  const uint32_t bits = next_random();
  return seed % 4 == 0 || (bits & 7) == 0 ? bits >> 8 & 127 : next_random();
}

/* Some words of the header and of the slots; or a page of them. */
static void scribble(int seed, volatile uint32_t *words) {
  const int count = seed % 3 == 0 ? 4 : seed % 3 == 1 ? 64 : kHeader / 4;
  for (int i = 0; i < count; ++i) {
    const uint32_t where = next_random() % ((seed & 16 ? kScribbled : kHeader) / 4);
    if (where != kLock || locks_too(seed)) words[where] = rubbish(seed);
  }
}

/* The other process. Scribbles once for every byte it gets, and answers it. */
static void scribbler(int seed, int memory, int commands, int answers) {
  char byte;
  alarm(kSeconds);
  volatile uint32_t *words = mmap(NULL, kScribbled, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (words == MAP_FAILED) _exit(1);
  while (seed % 4 == 3) scribble(seed, words);
  while (read(commands, &byte, 1) == 1) {
    scribble(seed, words);
    if (write(answers, &byte, 1) != 1) break;
  }
  _exit(0);
}

static void use(int port, int fd, uint32_t which) {
  port_event_t events[40];
  uint_t count = 3;
  const struct timespec zero = {0, 0}, little = {0, 1000000};
  switch (which % 8) {
    case 0:
      (void)port_send(port, 1, NULL);
      break;
    case 1:
      (void)port_associate(port, PORT_SOURCE_FD, (uintptr_t)fd, POLLOUT, NULL);
      break;
    case 2:
      (void)port_get(port, events, &zero);
      break;
    case 3:
      (void)port_getn(port, events, 40, &count, &little);
      break;
    case 4:
      (void)port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)fd);
      break;
    case 5:
      (void)port_alert(port, PORT_ALERT_UPDATE, which & 8 ? 1 : 0, NULL);
      break;
    case 6:
      (void)port_getn(port, events, 0, &count, &zero);
      break;
    default: {
      struct pollfd item = {port, POLLIN | POLLOUT, 0};
      struct stat st;
      (void)poll(&item, 1, 0);
      (void)fstat(port, &st);
    }
  }
}

static void use_all(int seed, int port, int commands, int answers) {
  int ends[2];
  char byte = 'x';
  if (pipe(ends) != 0) _exit(2);
  for (int round = 0; round < (locks_too(seed) ? 1 : kRounds); ++round) {
    if (seed % 4 != 3 && (write(commands, &byte, 1) != 1 || read(answers, &byte, 1) != 1)) _exit(2);
    for (int i = 0; i < 8; ++i) use(port, ends[round & 1], next_random());
  }
  close(ends[0]);
  close(ends[1]);
  close(dup(port));
  close(port);
}

static void child(int seed) {
  int commands[2], answers[2];
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(kSeconds);
  state = 0x9e3779b97f4a7c15u * (uint64_t)(seed + 1);
  const int port = port_create();
  if (port < 0 || pipe(commands) != 0 || pipe(answers) != 0) _exit(2);
  for (int i = 0; i < 6; ++i) {
    (void)port_send(port, i, NULL);
    (void)port_associate(port, PORT_SOURCE_FD, (uintptr_t)i, POLLOUT | POLLIN, NULL);
  }
  const int memory = find_link("memfd:portc", 0);
  if (fork() == 0) scribbler(seed, memory, commands[0], answers[1]);
  if (seed % 4 == 2) {
    char word[64];
    snprintf(word, sizeof word, "%d,%d,%d,%d", seed, port, commands[1], answers[0]);
    execute_self("--use", word, NULL);
    _exit(2);
  }
  use_all(seed, port, commands[1], answers[0]);
  exit(0);
}

int main(int argc, char **argv) {
  int crashes = 0, hangs = 0, odd = 0, port, seed, commands, answers;
  if (argc != 3) return 2;
  if (strcmp(argv[1], "--use") == 0) {
    if (sscanf(argv[2], "%d,%d,%d,%d", &seed, &port, &commands, &answers) != 4) return 2;
    state = 0x9e3779b97f4a7c15u * (uint64_t)(seed + 1);
    use_all(seed, port, commands, answers);
    return 0;
  }
  if (strcmp(argv[1], "--seed") == 0) child(atoi(argv[2])); /* under a debugger */
  for (seed = atoi(argv[1]); seed < atoi(argv[1]) + atoi(argv[2]); ++seed) {
    int status;
    const pid_t pid = fork();
    if (pid == 0) child(seed);
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
      printf("seed %d: did not come back\n", seed);
      ++hangs;
    } else if (WIFSIGNALED(status)) {
      printf("seed %d: %s\n", seed, strsignal(WTERMSIG(status)));
      ++crashes;
    } else if (status != 0) {
      printf("seed %d: exit status %d\n", seed, WEXITSTATUS(status));
      ++odd;
    }
    fflush(stdout);
  }
  printf("crashes %d, hangs %d, unresolved %d\n", crashes, hangs, odd);
  if (crashes != 0 || odd != 0) return 1;
  puts("EXIT-SUCCESS");
  return 0;
}
