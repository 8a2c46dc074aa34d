/* SPDX-License-Identifier: MIT */
/*
 * Child processes in step with their parent, and fresh images of this program. A child that
 * fails ends the test the same way; a parent that fails takes its children along.
 */
#include "conformance/conformance.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>

enum { kMaxArguments = 8, kTextSize = 16, kFixed = 5, kChildSeconds = 30 };

static struct inner *inners;
static const char *program;

void inner_register(struct inner *inner) {
  inner->next = inners;
  inners = inner;
}

/* Makes the two pipes and the child, and in each process keeps its side. 0 in the child. */
static pid_t fork_peer(struct peer *child) {
  struct ends down = new_pipe(), up = new_pipe();
  pid_t pid = SETUP(fork());
  if (pid == 0) {
    die_with_parent();
    guard_time(kChildSeconds);
    CLOSE(down.w, up.r);
    *child = (struct peer){0, down.r, up.w};
  } else {
    CLOSE(down.r, up.w);
    *child = (struct peer){pid, up.r, down.w};
  }
  return pid;
}

void child_start(struct peer *child, void (*body)(struct peer *parent, void *arg), void *arg) {
  if (fork_peer(child) != 0) return;
  struct peer parent = *child;
  body(&parent, arg);
  _exit(0);
}

static void exec_with(struct peer *parent, const char *name, int count, va_list values) {
  char text[kMaxArguments + 2][kTextSize];
  char *argv[kFixed + kMaxArguments + 1] = {(char *)program, "--inner", (char *)name, text[0],
                                            text[1]};
  if (count > kMaxArguments) unresolved("too many arguments for an inner program");
  snprintf(text[0], kTextSize, "%d", parent->in);
  snprintf(text[1], kTextSize, "%d", parent->out);
  for (int i = 0; i < count; i++) {
    snprintf(text[i + 2], kTextSize, "%d", va_arg(values, int));
    argv[kFixed + i] = text[i + 2];
  }
  SETUP(execv(program, argv));
}

void exec_inner(struct peer *parent, const char *name, int count, ...) {
  va_list values;
  va_start(values, count);
  exec_with(parent, name, count, values);
  va_end(values);
  unresolved("execv returned");
}

void child_exec(struct peer *child, const char *inner, int count, ...) {
  va_list values;
  va_start(values, count);
  if (fork_peer(child) == 0) {
    struct peer parent = *child;
    exec_with(&parent, inner, count, values);
  }
  va_end(values);
}

void child_join(struct peer *child) {
  int status;
  SETUP(waitpid(child->pid, &status, 0));
  CLOSE(child->in, child->out);
  if (WIFSIGNALED(status)) check_failed(HERE, "the child died of signal %d", WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) _exit(WEXITSTATUS(status)); /* the child has said why */
}

void peer_tell(struct peer *peer, char letter) {
  if (write(peer->out, &letter, 1) != 1)
    check_failed(HERE, "step '%c': the other process has gone", letter);
}

void peer_await(struct peer *peer, char letter) {
  char got = '?';
  ssize_t count;
  while ((count = read(peer->in, &got, 1)) == -1 && errno == EINTR) continue;
  if (count != 1) {
    /* A child that failed has said why; its status is the test's. */
    if (peer->pid != 0) child_join(peer);
    check_failed(HERE, "step '%c': the other process ended early", letter);
  }
  if (got != letter) check_failed(HERE, "step '%c' came where '%c' was due", got, letter);
}

void peer_step(struct peer *peer, char letter) {
  peer_tell(peer, letter);
  peer_await(peer, letter);
}

int inner_main(int argc, char **argv) {
  program = argv[0];
  if (argc < kFixed || strcmp(argv[1], "--inner") != 0) return -1;
  struct peer parent = {0, atoi(argv[3]), atoi(argv[4])};
  int arguments[kMaxArguments] = {0};
  for (int i = kFixed; i < argc && i < kFixed + kMaxArguments; i++)
    arguments[i - kFixed] = atoi(argv[i]);
  for (struct inner *inner = inners; inner; inner = inner->next) {
    if (strcmp(inner->name, argv[2]) != 0) continue;
    die_with_parent();
    guard_time(kChildSeconds);
    inner->run(&parent, arguments);
    return 0;
  }
  unresolved("no such inner program");
}
