/* SPDX-License-Identifier: MIT */
/* Loops in processes that fork; signals and children. */
#include "driver.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs a body in a child, which must succeed. */
static void in_child(void (*body)(void *argument), void *argument) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    body(argument);
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A loop with a watcher of a pipe, as it stands when the process forks. */
struct scene {
  struct ev_loop *loop;
  struct seen seen;
  ev_io watcher;
  int ends[2];
};

static void set_scene(struct scene *scene) {
  scene->loop = new_loop();
  make_pipe(scene->ends);
  watch(scene->loop, &scene->watcher, scene->ends[0], EV_READ, &scene->seen);
  CHECK(look(scene->loop, &scene->watcher).calls == 0);
}

/* What the process that forked must still see: nothing, then a byte, then nothing. */
static void scene_works(struct scene *scene) {
  CHECK(look(scene->loop, &scene->watcher).calls == 0);
  put(scene->ends[1]);
  CHECK(look(scene->loop, &scene->watcher).calls == 1);
  take(scene->ends[0]);
  CHECK(look(scene->loop, &scene->watcher).calls == 0);
}

static void do_nothing(void *argument) { (void)argument; }

static void destroy_in_child(void *argument) {
  struct scene *scene = argument;
  ev_loop_destroy(scene->loop);
}

static void use_in_child(void *argument) {
  struct scene *scene = argument;
  ev_loop_fork(scene->loop);
  scene_works(scene);
}

static void exec_in_child(void *argument) {
  (void)argument;
  execl("/bin/true", "true", (char *)NULL);
  CHECK(!"exec succeeded");
}

static void child_that_exits(void) {
  struct scene scene;
  set_scene(&scene);
  in_child(do_nothing, NULL);
  scene_works(&scene);
}

static void child_that_destroys_the_loop(void) {
  struct scene scene;
  set_scene(&scene);
  in_child(destroy_in_child, &scene);
  scene_works(&scene);
}

static void child_that_uses_the_loop(void) {
  struct scene scene;
  set_scene(&scene);
  in_child(use_in_child, &scene);
  scene_works(&scene);
}

static void child_that_execs(void) {
  struct scene scene;
  set_scene(&scene);
  in_child(exec_in_child, &scene);
  scene_works(&scene);
}

static void many_children_in_turn(void) {
  struct scene scene;
  set_scene(&scene);
  for (int i = 0; i < 30; i++) {
    in_child(use_in_child, &scene);
    scene_works(&scene);
  }
}

/* What was ready when the process forked is ready in both. */
static void use_ready_in_child(void *argument) {
  struct scene *scene = argument;
  ev_loop_fork(scene->loop);
  CHECK(look(scene->loop, &scene->watcher).calls == 1);
}

static void event_is_pending_at_the_fork(void) {
  struct scene scene;
  set_scene(&scene);
  put(scene.ends[1]);
  in_child(use_ready_in_child, &scene);
  CHECK(look(scene.loop, &scene.watcher).calls == 1);
}

static void fork_seen(struct ev_loop *loop, ev_fork *watcher, int events) {
  (void)loop;
  CHECK(events == EV_FORK);
  ++*(int *)watcher->data;
}

static void fork_watcher_in_child(void *argument) {
  struct scene *scene = argument;
  ev_fork watcher;
  int calls = 0;
  ev_fork_init(&watcher, fork_seen);
  watcher.data = &calls;
  ev_fork_start(scene->loop, &watcher);
  ev_loop_fork(scene->loop);
  scene_works(scene);
  CHECK(calls == 1);
}

static void fork_watcher_is_called(void) {
  struct scene scene;
  set_scene(&scene);
  in_child(fork_watcher_in_child, &scene);
  scene_works(&scene);
}

/* Grandchildren: each generation has the port that it made, and its parent's is not its own. */
static void use_and_fork_in_child(void *argument) {
  use_in_child(argument);
  in_child(use_in_child, argument);
  scene_works(argument);
}

static void child_that_forks(void) {
  struct scene scene;
  set_scene(&scene);
  in_child(use_and_fork_in_child, &scene);
  scene_works(&scene);
}

static void count_signal(struct ev_loop *loop, ev_signal *watcher, int events) {
  (void)loop;
  CHECK(events == EV_SIGNAL && watcher->signum == SIGUSR2);
  ++*(int *)watcher->data;
}

static void signals_reach(struct ev_loop *loop) {
  ev_signal watcher;
  int calls = 0;
  ev_signal_init(&watcher, count_signal, SIGUSR2);
  watcher.data = &calls;
  ev_signal_start(loop, &watcher);
  for (int i = 1; i <= 5; i++) {
    CHECK(kill(getpid(), SIGUSR2) == 0);
    ev_run(loop, EVRUN_ONCE);
    CHECK(calls == i);
  }
  ev_run(loop, EVRUN_NOWAIT);
  CHECK(calls == 5);
}

static void signal_watcher(void) { signals_reach(new_loop()); }

static void signal_watcher_by_signalfd(void) {
  unsigned backend = ev_backend(new_loop());
  struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV | EVFLAG_SIGNALFD | backend);
  CHECK(loop && ev_backend(loop) == backend);
  signals_reach(loop);
}

/* A thread answers each byte with a signal, which the loop waits for asleep. */
static void *answer_with_signals(void *argument) {
  const int *requests = argument;
  char byte;
  while (read(*requests, &byte, 1) == 1) CHECK(kill(getpid(), SIGUSR2) == 0);
  return NULL;
}

static void signals_wake_a_sleeping_loop(void) {
  struct ev_loop *loop = new_loop();
  sigset_t one, before;
  pthread_t thread;
  ev_signal watcher;
  int requests[2], calls = 0;
  CHECK(pipe(requests) == 0);
  sigemptyset(&one);
  sigaddset(&one, SIGUSR2);
  CHECK(pthread_sigmask(SIG_BLOCK, &one, &before) == 0);
  CHECK(pthread_create(&thread, NULL, answer_with_signals, requests) == 0);
  CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
  ev_signal_init(&watcher, count_signal, SIGUSR2);
  watcher.data = &calls;
  ev_signal_start(loop, &watcher);
  for (int i = 1; i <= 200; i++) {
    put(requests[1]);
    while (calls < i) ev_run(loop, EVRUN_ONCE);
    CHECK(calls == i);
  }
  close(requests[1]);
  CHECK(pthread_join(thread, NULL) == 0);
}

enum { kChildren = 10 };

static void child_ended(struct ev_loop *loop, ev_child *watcher, int events) {
  CHECK(events == EV_CHILD && watcher->rpid == watcher->pid && WIFEXITED(watcher->rstatus));
  CHECK(WEXITSTATUS(watcher->rstatus) == *(int *)watcher->data);
  ev_child_stop(loop, watcher);
}

/* The run ends when all of them have been seen. */
static void child_watchers(void) {
  struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
  ev_child watchers[kChildren];
  int statuses[kChildren];
  CHECK(loop);
  for (int i = 0; i < kChildren; i++) {
    pid_t child = fork();
    if (child == 0) _exit(40 + i);
    CHECK(child > 0);
    statuses[i] = 40 + i;
    ev_child_init(&watchers[i], child_ended, child, 0);
    watchers[i].data = &statuses[i];
    ev_child_start(loop, &watchers[i]);
  }
  CHECK(!ev_run(loop, 0));
  for (int i = 0; i < kChildren; i++) CHECK(!ev_is_active(&watchers[i]));
}

const struct test_case process_cases[] = {
    {"child_that_exits", child_that_exits},
    {"child_that_destroys_the_loop", child_that_destroys_the_loop},
    {"child_that_uses_the_loop", child_that_uses_the_loop},
    {"child_that_execs", child_that_execs},
    {"child_that_forks", child_that_forks},
    {"many_children_in_turn", many_children_in_turn},
    {"event_is_pending_at_the_fork", event_is_pending_at_the_fork},
    {"fork_watcher_is_called", fork_watcher_is_called},
    {"signal_watcher", signal_watcher},
    {"signal_watcher_by_signalfd", signal_watcher_by_signalfd},
    {"signals_wake_a_sleeping_loop", signals_wake_a_sleeping_loop},
    {"child_watchers", child_watchers},
    {NULL, NULL},
};
