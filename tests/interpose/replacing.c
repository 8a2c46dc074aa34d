/* SPDX-License-Identifier: MIT */
/* The program puts something of its own at a number where a port keeps a hidden descriptor. */
#include "tests/interpose/support.h"

enum { kMostHidden = 16 };

static int hidden[kMostHidden], hidden_count;

/* All but the port itself; a port that was slept on has its own wait set, too. */
static void find_hidden(int port) {
  static const char *const kinds[] = {"memfd:portc", "[eventfd]", "[eventpoll]"};
  hidden_count = 0;
  for (int kind = 0; kind < 3; ++kind)
    for (int fd = -1; (fd = find_link(kinds[kind], fd + 1)) >= 0;)
      if (fd != port && hidden_count < kMostHidden) hidden[hidden_count++] = fd;
  CHECK(hidden_count == 4);
}

static int open_null(void) {
  const int null = open("/dev/null", O_RDWR);
  CHECK(null >= 0);
  return null;
}

static int slept_on_port(void) {
  const int port = port_create();
  CHECK(port >= 0);
  check_works(port);
  find_hidden(port);
  return port;
}

static void clean_up(int port, int null) {
  for (int i = 0; i < hidden_count; ++i) {
    CHECK(is_file(hidden[i], "/dev/null"));
    CHECK(close(hidden[i]) == 0);
  }
  check_works(port);
  close(null);
  close(port);
  check_nothing_of_ports();
}

static void by_dup2(void) {
  const int port = slept_on_port(), null = open_null();
  for (int i = 0; i < hidden_count; ++i) {
    CHECK(dup2(null, hidden[i]) == hidden[i]);
    check_works(port);
  }
  clean_up(port, null);
}

static void by_dup3(void) {
  const int port = slept_on_port(), null = open_null();
  for (int i = 0; i < hidden_count; ++i) {
    CHECK(dup3(null, hidden[i], O_CLOEXEC) == hidden[i]);
    CHECK(fcntl(hidden[i], F_GETFD) == FD_CLOEXEC);
    check_works(port);
  }
  clean_up(port, null);
}

/* While a thread sleeps on it. */
static void under_sleeper(void) {
  struct sleeper sleeper;
  const int port = slept_on_port(), null = open_null();
  sleeper_start(&sleeper, port);
  for (int i = 0; i < hidden_count; ++i) CHECK(dup2(null, hidden[i]) == hidden[i]);
  sleeper_check_asleep(&sleeper);
  CHECK(port_send(port, 5, NULL) == 0);
  sleeper_check_got(&sleeper, 5);
  clean_up(port, null);
}

/* A port's own number onto the hidden one of another, and of itself. */
static void port_onto(void) {
  const int other = port_create();
  CHECK(other >= 0);
  const int memory = find_link("memfd:portc", 0);
  CHECK(dup2(other, memory) == memory);
  check_works(memory);
  check_works(other);
  CHECK(close(other) == 0);
  check_works(memory);
  CHECK(close(memory) == 0);
  check_nothing_of_ports();
}

/* The program has a duplicate of each, and does as it likes with it. */
static void duplicated(void) {
  const int port = slept_on_port();
  for (int i = 0; i < hidden_count; ++i) {
    const int copy = dup(hidden[i]), other = fcntl(hidden[i], F_DUPFD_CLOEXEC, 60);
    CHECK(copy >= 0 && other >= 60 && dup2(other, copy) == copy);
    CHECK(fcntl(copy, F_SETFD, FD_CLOEXEC) == 0);
    check_works(port);
    CHECK(close(copy) == 0 && close(other) == 0);
    CHECK_FAILS(close(hidden[i]), EBADF);
    check_works(port);
  }
  close(port);
  check_nothing_of_ports();
}

/* A failing dup2 replaces nothing; one onto itself neither. */
static void nothing_replaced(void) {
  const int port = slept_on_port();
  for (int i = 0; i < hidden_count; ++i) {
    CHECK_FAILS(dup2(-1, hidden[i]), EBADF);
    check_works(port);
  }
  CHECK(dup2(port, port) == port);
  CHECK_FAILS(dup3(port, port, 0), EINVAL);
  check_works(port);
  close(port);
}

/* What exec'ed programs look the parts up by must have followed. */
static void then_exec_body(void *unused) {
  char word[16];
  (void)unused;
  const int port = slept_on_port(), null = open_null();
  for (int i = 0; i < hidden_count; ++i) CHECK(dup2(null, hidden[i]) == hidden[i]);
  snprintf(word, sizeof word, "%d", port);
  execute_self("--works", word, NULL);
  CHECK(!"exec came back");
}

static void then_exec(void) { check_child(start_child(then_exec_body, NULL)); }

/* A child has the port under other hidden numbers than its parent, from then on. */
static void in_child_body(void *argument) {
  const int port = *(int *)argument, null = open_null();
  for (int i = 0; i < hidden_count; ++i) CHECK(dup2(null, hidden[i]) == hidden[i]);
  check_works(port);
}

static void in_child(void) {
  int port = slept_on_port();
  check_child(start_child(in_child_body, &port));
  check_works(port);
  check_child(start_child(in_child_body, &port));
  check_works(port);
  close(port);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"by_dup2", by_dup2},     {"by_dup3", by_dup3},       {"under_sleeper", under_sleeper},
      {"port_onto", port_onto}, {"duplicated", duplicated}, {"nothing_replaced", nothing_replaced},
      {"then_exec", then_exec}, {"in_child", in_child},     {NULL, NULL}};
  if (argc == 3 && strcmp(argv[1], "--works") == 0) return check_works(atoi(argv[2])), 0;
  return run_case(cases, argc, argv);
}
