// SPDX-License-Identifier: MIT
//
// One sleeper, one victim, and nobody else: what the storm's traffic would cover up. The sleeper
// waits for its descriptor, without a timeout. While it is stopped, the descriptor becomes ready,
// and the victim calls one function, in which it is killed at the n-th point that it passes, for
// every n. Then the sleeper goes on, and must get its event: the victim may have taken it from the
// kernel, put it in the queue, or been about to wake the sleeper for it.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <port.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "libportc/core/layout.h"
#include "tests/storm/storm.h"

namespace storm {
namespace {

constexpr uint32_t kSlots = 16;
constexpr uint32_t kTogether = 24;  // trials at a time: most of them only wait
constexpr uint32_t kMostPoints = kLives;

struct Scene {
  int port;
  int awaited;  // the sleeper's descriptor
  int other;    // the victim's
};

const struct timespec kAtOnce = {0, 0};

void op_get(const Scene& scene) {
  port_event_t event;
  (void)port_get(scene.port, &event, &kAtOnce);
}

void op_count(const Scene& scene) {
  uint_t count = 0;
  (void)port_getn(scene.port, nullptr, 0, &count, nullptr);
}

void op_send(const Scene& scene) { (void)port_send(scene.port, 1, nullptr); }

void op_associate(const Scene& scene) {
  (void)port_associate(scene.port, PORT_SOURCE_FD, static_cast<uintptr_t>(scene.other), POLLIN,
                       nullptr);
}

void op_dissociate(const Scene& scene) {
  op_associate(scene);
  (void)port_dissociate(scene.port, PORT_SOURCE_FD, static_cast<uintptr_t>(scene.other));
}

void op_alert(const Scene& scene) { (void)port_alert(scene.port, PORT_ALERT_SET, 1, nullptr); }

void op_poll(const Scene& scene) {
  struct pollfd item = {scene.port, POLLIN, 0};
  (void)poll(&item, 1, 0);
}

// Somebody else's association, by one that has the descriptor, too; for what does not happen. It
// may be in force afterwards, so the conductor asks again for what the sleeper wants.
void op_associate_again(const Scene& scene) {
  (void)port_associate(scene.port, PORT_SOURCE_FD, static_cast<uintptr_t>(scene.awaited), POLLPRI,
                       nullptr);
}

struct Operation {
  const char* name;
  void (*call)(const Scene& scene);
  bool holder;  // the victim has the sleeper's descriptor
};
const Operation operations[] = {
    {"port_get", op_get, false},
    {"port_getn of 0", op_count, false},
    {"port_send", op_send, false},
    {"port_associate", op_associate, false},
    {"port_dissociate", op_dissociate, false},
    {"port_alert", op_alert, false},
    {"poll", op_poll, false},
    {"port_associate of the sleeper's descriptor", op_associate_again, true},
};

[[noreturn]] void sleeper(const Scene& scene) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const uintptr_t object = static_cast<uintptr_t>(scene.awaited);
  if (port_associate(scene.port, PORT_SOURCE_FD, object, POLLIN, nullptr) != 0) _exit(2);
  for (;;) {
    port_event_t event;
    if (port_get(scene.port, &event, nullptr) != 0) _exit(3);
    if (event.portev_source == PORT_SOURCE_FD) _exit(event.portev_object == object ? 0 : 4);
  }
}

[[noreturn]] void victim(const Scene& scene, const Operation& operation, Life& life, bool joined) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!operation.holder) close(scene.awaited);
  if (joined) op_count(scene);
  life.beat.store(1);
  while (life.begun == false) nap(kMillisecond / 10);  // the conductor's word
  if (life.point == kAnyPoint) {
    points_begin(&life);
  } else {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(5);
    (void)raise(SIGSTOP);
  }
  operation.call(scene);
  points_begin(nullptr);
  _exit(0);
}

const portc::PortHeader* header_of_only_port() {
  portc::PortHeader* header = nullptr;
  (void)map_headers(&header, 1);
  return header;
}

bool in_ppoll(int pid) {
  char path[64], text[16] = {};
  snprintf(path, sizeof path, "/proc/%d/syscall", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  return length > 0 && atoi(text) == SYS_ppoll;
}

bool ask_again(const Scene& scene) {
  return port_associate(scene.port, PORT_SOURCE_FD, static_cast<uintptr_t>(scene.awaited), POLLIN,
                        nullptr) == 0;
}

enum Outcome { kPassed, kStuck, kWrong, kFinished };

// True once `pid` has ended, with its status.
bool ends(int pid, int64_t until, int& status) {
  for (;;) {
    if (waitpid(pid, &status, WNOHANG) == pid) return true;
    if (now() > until) return false;
    nap(kMillisecond);
  }
}

bool every_slot_is_free(int port) {
  port_event_t event;
  while (port_get(port, &event, &kAtOnce) == 0 && event.portev_source != PORT_SOURCE_ALERT) {
  }
  uint32_t sent = 0;
  while (sent <= kSlots && port_send(port, 1, nullptr) == 0) ++sent;
  for (uint32_t i = 0; i < sent; ++i)
    if (port_get(port, &event, &kAtOnce) != 0) return false;
  return sent == kSlots && port_get(port, &event, &kAtOnce) == -1 && errno == ETIME;
}

// Lets a child that has stopped itself run for so many instructions, and kills it; or it ends
// before.
void step_and_kill(int pid, uint32_t instructions) {
  int status;
  if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return;
  for (uint32_t i = 0; i < instructions; ++i) {
    siginfo_t info;
    if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) != 0) return;
    if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WSTOPPED | WNOWAIT) != 0) return;
    if (info.si_code == CLD_EXITED) return;
    if (waitpid(pid, &status, 0) != pid) return;
  }
  kill(pid, SIGKILL);
}

// In a process of its own. `n` is the number of a trial, and of the victim's life: of the point,
// or, with a stride, so many times that many instructions.
Outcome play_trial(const Operation& operation, uint32_t n, bool joined, const SweepOptions& how) {
  const int64_t patience = how.patience_ns;
  Life& life = journal->lives[n];
  life.point = how.stride == 0 ? kAnyPoint : kNoPoint;
  life.countdown = n;
  setenv("PORTC_MAX_EVENTS", "16", 1);
  const Scene scene = {port_create(), eventfd(0, EFD_NONBLOCK), eventfd(1, EFD_NONBLOCK)};
  const portc::PortHeader* header = header_of_only_port();
  if (scene.port < 0 || scene.awaited < 0 || scene.other < 0 || header == nullptr) return kWrong;
  const int sleeping = fork();
  if (sleeping == 0) sleeper(scene);
  const int dying = fork();
  if (dying == 0) victim(scene, operation, life, joined);
  const int64_t until = now() + patience;
  while (life.beat.load() == 0 || header->ticket == 0 || !in_ppoll(sleeping)) {
    if (now() > until) return kWrong;
    nap(kMillisecond / 10);
  }
  int status;
  kill(sleeping, SIGSTOP);
  if (waitpid(sleeping, &status, WUNTRACED) != sleeping || !WIFSTOPPED(status)) return kWrong;
  const uint64_t one = 1;
  if (write(scene.awaited, &one, sizeof one) != sizeof one) return kWrong;
  life.begun = true;
  if (how.stride != 0) step_and_kill(dying, how.offset + n * how.stride);
  if (!ends(dying, until, status)) return kWrong;
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (!killed && status != 0) return kWrong;
  if (killed && operation.holder && !ask_again(scene)) return kWrong;
  kill(sleeping, SIGCONT);
  if (!killed) return kFinished;
  if (!ends(sleeping, until + patience, status)) return kStuck;
  if (status != 0) return kWrong;
  return every_slot_is_free(scene.port) ? kPassed : kWrong;
}

struct Trial {
  int pid;
  uint32_t n;
};

const char* where(uint32_t n) {
  const uint32_t killed_at = journal->lives[n].killed_at.load();
  return killed_at == 0 ? "nowhere" : point_names[killed_at - 1];
}

// False once the operation has been survived: there are no more points.
bool judge(const Operation& operation, const Trial& trial, int status, Verdict& verdict) {
  const int outcome = WIFEXITED(status) ? WEXITSTATUS(status) : kWrong;
  if (outcome == kFinished) return false;
  ++(outcome == kPassed ? verdict.passed : verdict.failed);
  if (outcome != kPassed)
    printf("  %s, killed at place %u, %s: %s\n", operation.name, trial.n, where(trial.n),
           outcome == kStuck ? "the sleeper does not get its event" : "FAILED");
  return true;
}

Verdict sweep_operation(const Operation& operation, bool joined, const SweepOptions& how) {
  Verdict verdict = {};
  Trial trials[kTogether] = {};
  memset(&journal->lives, 0, sizeof journal->lives);
  uint32_t next = 1, running = 0;
  bool more = true;
  while (more || running != 0) {
    for (Trial& trial : trials) {
      if (!more || next == kMostPoints || trial.pid != 0) continue;
      trial.n = next++;
      fflush(stdout);
      trial.pid = fork();
      if (trial.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(play_trial(operation, trial.n, joined, how));
      }
      ++running;
    }
    int status;
    const int pid = wait(&status);
    for (Trial& trial : trials) {
      if (trial.pid != pid) continue;
      more = judge(operation, trial, status, verdict) && more;
      trial.pid = 0;
      --running;
    }
  }
  printf("  %s%s: %llu places, %llu failed\n", operation.name, joined ? "" : ", the first call",
         static_cast<unsigned long long>(verdict.passed + verdict.failed),
         static_cast<unsigned long long>(verdict.failed));
  return verdict;
}

}  // namespace

Verdict sweep(const SweepOptions& how) {
  Verdict all = {};
  for (const Operation& operation : operations)
    for (const bool joined : {false, true}) {
      const Verdict one = sweep_operation(operation, joined, how);
      all.passed += one.passed;
      all.failed += one.failed;
      if (one.failed != 0) return all;
    }
  return all;
}

}  // namespace storm
