// SPDX-License-Identifier: MIT
//
// After a round, alone again: everything must work, and nothing be left.
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <port.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

#include "tests/storm/round.h"

namespace storm {

namespace {

const struct timespec kAtOnce = {0, 0};

void* number_user(uint32_t id) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(cookie(Tag::kConductor, 0, 0, id)));
}

// Every slot has been recovered, and the queue is in order.
void fill_and_empty(Round& round, int port) {
  uint32_t sent = 0;
  while (sent <= round.slots && port_send(port, 1, number_user(sent)) == 0) ++sent;
  EXPECT(round, errno == EAGAIN);
  if (sent != round.slots) fail(round, "%u of %u slots can be used", sent, round.slots);
  for (uint32_t i = 0; i < sent; ++i) {
    port_event_t event;
    if (!EXPECT(round, port_get(port, &event, &kAtOnce) == 0)) return;
    if (!EXPECT(round, event.portev_user == number_user(i))) return;
  }
}

void associate_all(Round& round, int port) {
  port_event_t event;
  for (const int descriptor : journal->shared) {
    const uintptr_t object = static_cast<uintptr_t>(descriptor);
    uint64_t count;
    (void)!read(descriptor, &count, sizeof count);
    EXPECT(round, port_associate(port, PORT_SOURCE_FD, object, POLLIN, number_user(1)) == 0);
    EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
    count = 1;
    EXPECT(round, write(descriptor, &count, sizeof count) == sizeof count);
    EXPECT(round, port_get(port, &event, &kAtOnce) == 0 && event.portev_source == PORT_SOURCE_FD &&
                      event.portev_object == object && event.portev_user == number_user(1) &&
                      event.portev_events == POLLIN);
    EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
    EXPECT(round, port_associate(port, PORT_SOURCE_FD, object, POLLIN, number_user(2)) == 0);
    EXPECT(round, port_dissociate(port, PORT_SOURCE_FD, object) == 0);
    EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
  }
}

void alert_and_poll(Round& round, int port) {
  port_event_t event;
  EXPECT(round, port_alert(port, PORT_ALERT_UPDATE, 5, number_user(3)) == 0);
  EXPECT(round, port_alert(port, PORT_ALERT_UPDATE, 5, nullptr) == -1 && errno == EBUSY);
  EXPECT(round, port_get(port, &event, &kAtOnce) == 0 && event.portev_source == PORT_SOURCE_ALERT &&
                    event.portev_events == 5);
  EXPECT(round, port_alert(port, PORT_ALERT_SET, 0, nullptr) == 0);
  EXPECT(round, port_get(port, &event, &kAtOnce) == -1 && errno == ETIME);
  struct pollfd item = {port, POLLIN, 0};
  EXPECT(round, poll(&item, 1, 0) == 0);
  EXPECT(round, port_send(port, 1, nullptr) == 0);
  EXPECT(round, poll(&item, 1, 0) == 1 && item.revents == POLLIN);
  EXPECT(round, port_get(port, &event, &kAtOnce) == 0);
  EXPECT(round, poll(&item, 1, 0) == 0);
}

// By a ring: it does not look by itself before its time is over. Before the port is polled for the
// first time, since from then on the doorbell wakes sleepers, too.
void wake_from_elsewhere(Round& round, uint32_t index) {
  const int port = journal->ports[index];
  const portc::PortHeader& header = *round.headers[index];
  journal->no_vigil.store(1);
  fflush(stdout);
  const uint64_t tickets = header.tickets;
  const int pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (header.tickets == tickets) nap(kMillisecond / 10);
    _exit(port_send(port, 1, number_user(4)) == 0 ? 0 : 1);
  }
  port_event_t event = {};
  const struct timespec limit = {options.patience, 0};
  const int64_t until = now() + round.patience;
  EXPECT(round, port_get(port, &event, &limit) == 0 && event.portev_user == number_user(4));
  if (now() >= until) fail(round, "nobody has rung for an event");
  int status;
  EXPECT(round, waitpid(pid, &status, 0) == pid && status == 0);
  journal->no_vigil.store(0);
}

}  // namespace

void drain(Round& round, uint32_t port) {
  port_event_t event;
  while (port_get(journal->ports[port], &event, &kAtOnce) == 0)
    if (event.portev_source == PORT_SOURCE_USER)
      mark(port, reinterpret_cast<uintptr_t>(event.portev_user));
  EXPECT(round, errno == ETIME);
}

void try_every_path(Round& round, uint32_t index) {
  const int port = journal->ports[index];
  fill_and_empty(round, port);
  associate_all(round, port);
  wake_from_elsewhere(round, index);
  alert_and_poll(round, port);
  fill_and_empty(round, port);
}

int open_descriptors() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) die("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

int mapped_ports() {
  FILE* maps = fopen("/proc/self/maps", "re");
  if (maps == nullptr) die("/proc/self/maps");
  char line[4096];
  int count = 0;
  while (fgets(line, sizeof line, maps) != nullptr)
    if (strstr(line, "memfd:portc") != nullptr) ++count;
  fclose(maps);
  return count;
}

}  // namespace storm
