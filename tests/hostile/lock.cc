// SPDX-License-Identifier: MIT
//
// The lock: who may be taken for dead, and what if somebody writes over it.
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <port.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/hostile.h"

namespace hostile {
namespace {

struct Meeting {
  std::atomic<uint32_t> inside, left, timeouts, done;
};
Meeting* meeting;

void count_timeouts(const char* point) {
  if (is(point, "acquire.slept")) ++meeting->timeouts;
}

// --- a holder in another pid namespace, who stays inside until two seconds have been waited ---

void stay_inside(const char* point) {
  if (is(point, "lock.taken") && meeting->inside.exchange(1) == 0) wait_for(meeting->done, 1);
  if (is(point, "unlock.settled")) meeting->left = 1;
}

void see_that_it_left(const char* point) {
  if (is(point, "acquire.slept") && ++meeting->timeouts == 2) meeting->done = 1;
  if (is(point, "lock.taken") && meeting->left == 0) fail(__FILE__, __LINE__, "the holder left");
}

// Where to hold the port's lock, under which number.
struct Holder {
  int port;
  pid_t number;
};

// The first process there: starts others until one has the number.
void in_the_namespace(void* argument) {
  const Holder& holder = *static_cast<Holder*>(argument);
  for (;;) {
    const pid_t pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0) {
      if (getpid() != holder.number) _exit(0);
      hook = stay_inside;
      _exit(port_send(holder.port, 1, nullptr) == 0 ? 0 : 1);
    }
    EXPECT(ends_well(pid, 10));
    if (pid == holder.number) return;
  }
}

pid_t number_of_nobody() {
  pid_t number = 2;
  while (kill(number, 0) == 0 || errno != ESRCH) ++number;
  return number;
}

void other_namespace() {
  meeting = static_cast<Meeting*>(shared_memory(sizeof *meeting));
  const View view = make_port();
  Holder there = {view.port, number_of_nobody()};
  if (unshare(CLONE_NEWPID) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) {
    puts("this system does not allow pid namespaces");
    exit(kNotAllowed);
  }
  const pid_t holder = start(in_the_namespace, &there);
  wait_for(meeting->inside, 1);
  hook = see_that_it_left;
  EXPECT(port_send(view.port, 2, nullptr) == 0);
  EXPECT(ends_well(holder, 5));
}

// --- a death that libc has made no arrangements for ---

void die_inside(const char* point) {
  if (is(point, "lock.taken")) (void)syscall(SYS_exit_group, 0);
}

void raw_child() {
  meeting = static_cast<Meeting*>(shared_memory(sizeof *meeting));
  const View view = make_port();
  const long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    hook = die_inside;
    (void)port_send(view.port, 1, nullptr);
    _exit(1);
  }
  EXPECT(ends_well(static_cast<pid_t>(child), 5));
  hook = count_timeouts;
  EXPECT(port_send(view.port, 2, nullptr) == 0);
  EXPECT(meeting->timeouts == 0);
  EXPECT(takes(view.port, 2, 0));
}

// --- a word that names a living thread which cannot be the holder ---

pid_t start_stranger() {
  const pid_t pid = fork();
  EXPECT(pid >= 0);
  if (pid == 0) {
    (void)execl("/bin/sleep", "sleep", "60", static_cast<char*>(nullptr));
    _exit(1);
  }
  return pid;
}

bool runs(pid_t pid, const char* name) {
  char path[64], target[256];
  snprintf(path, sizeof path, "/proc/%d/exe", pid);
  const ssize_t length = readlink(path, target, sizeof target - 1);
  if (length <= 0) return false;
  target[length] = '\0';
  return strstr(target, name) != nullptr || strstr(target, "coreutils") != nullptr ||
         strstr(target, "busybox") != nullptr;
}

void number_of_another() {
  const View view = make_port();
  const pid_t stranger = start_stranger();
  while (!runs(stranger, "sleep")) (void)sched_yield();
  set_lock(view, static_cast<uint32_t>(stranger));
  EXPECT(port_send(view.port, 1, nullptr) == 0);
  set_lock(view, static_cast<uint32_t>(syscall(SYS_gettid)));
  EXPECT(port_send(view.port, 2, nullptr) == 0);
  EXPECT(takes(view.port, 1, 0) && takes(view.port, 2, 0));
  kill(stranger, SIGKILL);
  EXPECT(waitpid(stranger, nullptr, 0) == stranger);
}

// --- one that has the memory and keeps the lock: the others wait, and can leave ---

void idle(void*) { pause(); }

void leave_by_exit(void* port) {
  EXPECT(port_send(*static_cast<int*>(port), 1, nullptr) == 0);
  meeting->done = 1;
  wait_for(meeting->left, 1);
  exit(0);
}

void leave_by_exec(void* port) {
  EXPECT(port_associate(*static_cast<int*>(port), PORT_SOURCE_FD, 0, 0, nullptr) == 0);
  EXPECT(fcntl(*static_cast<int*>(port), F_SETFD, FD_CLOEXEC) == 0);
  meeting->done = 1;
  wait_for(meeting->left, 1);
  (void)execl("/bin/true", "true", static_cast<char*>(nullptr));
}

// While a process of its own keeps the lock, another one leaves. Who keeps it.
pid_t leave_wedged(View& view, void (*keep)(void*), void (*leave)(void*)) {
  meeting = static_cast<Meeting*>(shared_memory(sizeof *meeting));
  view = make_port();
  const pid_t holder = start(keep, &view);
  const pid_t other = start(leave, &view.port);
  wait_for(meeting->done, 1);
  set_lock(view, static_cast<uint32_t>(holder));
  meeting->left = 1;
  EXPECT(ends_well(other, 8));
  return holder;
}

void end(pid_t holder) {
  kill(holder, SIGKILL);
  EXPECT(waitpid(holder, nullptr, 0) == holder);
}

void wedged_exec() {
  View view;
  end(leave_wedged(view, idle, leave_by_exec));
}

void wedged() {
  View view;
  const pid_t holder = leave_wedged(view, idle, leave_by_exit);
  // A port of its own goes on.
  const int own = port_create();
  EXPECT(own >= 0 && port_send(own, 7, nullptr) == 0 && takes(own, 7, 0));
  end(holder);
  EXPECT(port_send(view.port, 2, nullptr) == 0);
  _exit(0);
}

// --- the same, and it keeps waking those who wait ---

void rouse(void* view) {
  portc::RobustLock* word = &static_cast<View*>(view)->header->lock;
  for (;;) {
    (void)syscall(SYS_futex, word, FUTEX_WAKE, 1000, nullptr, nullptr, 0);
    (void)usleep(1000);
  }
}

void roused() {
  View view;
  end(leave_wedged(view, rouse, leave_by_exit));
  _exit(0);
}

// --- one that lets everybody in ---

std::atomic<int> threads_inside{0};

void count_inside(const char* point) {
  if (is(point, "lock.taken") && ++threads_inside > 1) fail(__FILE__, __LINE__, "one at a time");
  if (is(point, "unlock.settled")) --threads_inside;
}

void open_the_lock(void* view) {
  for (;;) set_lock(*static_cast<View*>(view), 0);
}

void* use_port(void* port) {
  for (int i = 0; i < 20000; ++i) {
    const struct timespec zero = {0, 0};
    port_event_t event;
    (void)port_send(*static_cast<int*>(port), i, nullptr);
    (void)port_get(*static_cast<int*>(port), &event, &zero);
  }
  return nullptr;
}

void opened() {
  View view = make_port();
  const pid_t other = start(open_the_lock, &view);
  hook = count_inside;
  pthread_t threads[4];
  for (pthread_t& thread : threads)
    EXPECT(pthread_create(&thread, nullptr, use_port, &view.port) == 0);
  for (const pthread_t thread : threads) EXPECT(pthread_join(thread, nullptr) == 0);
  hook = nullptr;
  kill(other, SIGKILL);
  EXPECT(waitpid(other, nullptr, 0) == other);
}

}  // namespace

const Case lock_cases[] = {{"other_namespace", "steals-from-namespaces", other_namespace},
                           {"raw_child", "no-own-list", raw_child},
                           {"number_of_another", "believes-numbers", number_of_another},
                           {"wedged", "endless-exit", wedged},
                           {"wedged_exec", "endless-exit", wedged_exec},
                           {"roused", "counts-timeouts", roused},
                           {"opened", "one-lock", opened},
                           {nullptr, nullptr, nullptr}};

}  // namespace hostile
