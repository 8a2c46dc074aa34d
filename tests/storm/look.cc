// SPDX-License-Identifier: MIT
//
// Looking at a port without entering it, which would repair it.
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "tests/storm/round.h"

namespace storm {

namespace {

uint32_t lock_word(const portc::PortHeader& header) {
  uint32_t word;
  memcpy(&word, &header.lock, sizeof word);
  return word;
}

void print_file(const char* format, int pid) {
  char path[64], text[2000];
  snprintf(path, sizeof path, format, pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return;
  text[length] = '\0';
  printf("      %s: %s\n", path, text);
}

}  // namespace

uint32_t map_headers(portc::PortHeader** headers, uint32_t most) {
  uint32_t found = 0;
  for (int fd = 0; fd < 4096 && found < most; ++fd) {
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0) continue;
    target[length] = '\0';
    if (strstr(target, "memfd:portc") == nullptr) continue;
    void* memory = mmap(nullptr, sizeof(portc::PortHeader), PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) die("mmap");
    headers[found++] = static_cast<portc::PortHeader*>(memory);
  }
  return found;
}

void find_headers(Round& round) {
  if (map_headers(round.headers, kPorts) != kPorts) die("the ports' memory");
}

void describe(const Round& round) {
  const char* const doing[] = {"starting",    "sending",  "getting",
                               "associating", "alerting", "polling"};
  for (const portc::PortHeader* header : round.headers)
    printf("      port: lock %08x, %u queued, %u in use, ticket %llu, box %u, epoch %u, alert %u\n",
           lock_word(*header), uint32_t{header->queued}, uint32_t{header->in_use},
           static_cast<unsigned long long>(header->ticket), uint32_t{header->box_used},
           uint32_t{header->epoch}, uint32_t{header->alert_on});
  for (uint32_t i = 0; i < round.lives; ++i) {
    const Life& life = journal->lives[i];
    if (life.ended) continue;
    printf("      life %u, pid %d, worker %u: %s, beat %u, asleep %u, own event pending %u\n", i,
           life.pid, life.worker, doing[static_cast<uint32_t>(life.doing.load())], life.beat.load(),
           life.asleep.load(), life.own_pending.load());
    print_file("/proc/%d/syscall", life.pid);
    print_file("/proc/%d/stack", life.pid);
  }
}

}  // namespace storm
