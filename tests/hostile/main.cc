// SPDX-License-Identifier: MIT
//
// hostile CASE [DEFECT]: runs a case, perhaps with a defect planted in the runtime. `--list` prints
// a line "CASE DEFECT" for each. Exit status: 0 if it holds, 77 if the system refuses what it
// needs.
#include <fcntl.h>
#include <port.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libportc/base/kill_point.h"
#include "tests/hostile/hostile.h"

namespace hostile {

std::atomic<Hook> hook{nullptr};

namespace {

// Seconds for a case; and for one that is expected to fail, often by not coming back.
constexpr unsigned kPatience = 20;
constexpr unsigned kLittlePatience = 8;
const char* planted_defect = nullptr;

const Case* const all[] = {lock_cases, memory_cases, descriptor_cases};

void list() {
  for (const Case* cases : all)
    for (; cases->name != nullptr; ++cases) printf("%s %s\n", cases->name, cases->defect);
}

const Case* find(const char* name) {
  for (const Case* cases : all)
    for (; cases->name != nullptr; ++cases)
      if (strcmp(cases->name, name) == 0) return cases;
  return nullptr;
}

// The first descriptor at or above `from` that links to such a name.
int find_link(const char* text, int from) {
  for (int fd = from; fd < 4200; ++fd) {
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0) continue;
    target[length] = '\0';
    if (strstr(target, text) != nullptr) return fd;
  }
  return -1;
}

}  // namespace

void fail(const char* file, int line, const char* what) {
  printf("%s:%d: not so: %s\n", file, line, what);
  fflush(stdout);
  _exit(1);
}

bool is(const char* point, const char* name) { return strcmp(point, name) == 0; }

View make_port() {
  char slots[16];
  snprintf(slots, sizeof slots, "%u", kSlots);
  setenv("PORTC_MAX_EVENTS", slots, 1);
  View view = {};
  view.port = port_create();
  view.memory = find_link("memfd:portc", 0);
  EXPECT(view.port >= 0 && view.memory >= 0);
  view.doorbell = find_link("[eventfd]", view.memory);
  view.wake = find_link("[eventfd]", view.doorbell + 1);
  EXPECT(view.doorbell >= 0 && view.wake >= 0);
  const size_t size = portc::kSlotsOffset + kSlots * sizeof(portc::Slot);
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, view.memory, 0);
  EXPECT(mapped != MAP_FAILED);
  view.header = static_cast<portc::PortHeader*>(mapped);
  view.slots = reinterpret_cast<portc::Slot*>(static_cast<char*>(mapped) + portc::kSlotsOffset);
  return view;
}

void* shared_memory(size_t size) {
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  EXPECT(mapped != MAP_FAILED);
  return mapped;
}

pid_t start(void (*body)(void*), void* argument) {
  const pid_t pid = fork();
  EXPECT(pid >= 0);
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(kPatience);
  body(argument);
  _exit(0);
}

bool ends_well(pid_t pid, int seconds) {
  const struct timespec little = {0, 1000000};
  for (int i = 0; i < seconds * 1000; ++i) {
    int status;
    if (waitpid(pid, &status, WNOHANG) == pid) return status == 0;
    nanosleep(&little, nullptr);
  }
  return false;
}

void wait_for(std::atomic<uint32_t>& word, uint32_t value) {
  const struct timespec little = {0, 100000};
  while (word.load() != value) nanosleep(&little, nullptr);
}

void set_lock(const View& view, uint32_t word) {
  reinterpret_cast<portc::Shared<uint32_t>*>(&view.header->lock)->release(word);
}

bool takes(int port, int events, uintptr_t user) {
  const struct timespec zero = {0, 0};
  port_event_t event;
  return port_get(port, &event, &zero) == 0 && event.portev_events == events &&
         event.portev_user == reinterpret_cast<void*>(user);
}

}  // namespace hostile

extern "C" __attribute__((visibility("default"))) void portc_kill_point(const char* name) {
  const hostile::Hook now = hostile::hook.load(std::memory_order_relaxed);
  if (now != nullptr) now(name);
}

extern "C" __attribute__((visibility("default"))) bool portc_planted(const char* defect) {
  return hostile::planted_defect != nullptr && strcmp(defect, hostile::planted_defect) == 0;
}

int main(int argc, char** argv) {
  using namespace hostile;
  if (argc < 2) return 2;
  if (strcmp(argv[1], "--list") == 0) {
    list();
    return 0;
  }
  const Case* found = find(argv[1]);
  if (found == nullptr) return 2;
  if (argc > 2) planted_defect = argv[2];
  alarm(argc > 2 ? kLittlePatience : kPatience);
  found->run();
  return 0;
}
