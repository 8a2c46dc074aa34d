// SPDX-License-Identifier: MIT
//
// The shared memory of a port that a hostile process has, too, which writes into it between the
// calls. It has made the port, and also writes before we attach it; or we have. Whatever is in
// there, no call crashes, hangs or writes outside.
//
// The one thing that the bytes may not say is that a living thread holds the lock: then calls
// wait, as portc(7) says of those who hold a port.
#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "libportc/api/timer.h"
#include "libportc/core/owner.h"
#include "libportc/core/registry.h"
#include "tests/fuzz/fuzz.h"

using fuzz::Input;

namespace {

constexpr size_t kGuard = 1 << 16;
constexpr size_t kScribbled = portc::kSlotsOffset + 32 * sizeof(portc::Slot);
constexpr size_t kLock = offsetof(portc::PortHeader, lock);
constexpr uint32_t kHarmless = FUTEX_OWNER_DIED | FUTEX_WAITERS;
constexpr uint32_t kMostEvents = 40;

// The hostile process: its mapping, and the port, which may be on its way to us.
struct Peer {
  int port = -1;
  char* memory = nullptr;
  size_t size = 0;
};

Peer make_peer(bool ours) {
  Peer peer;
  const int port = port_create();
  EXPECT(port >= 0);
  {
    const portc::PortRef made = portc::port_known(port);
    struct stat st;
    EXPECT(fstat(made->memory_fd, &st) == 0);
    peer.size = static_cast<size_t>(st.st_size);
    void* mapped = mmap(nullptr, peer.size, PROT_READ | PROT_WRITE, MAP_SHARED, made->memory_fd, 0);
    EXPECT(mapped != MAP_FAILED);
    peer.memory = static_cast<char*>(mapped);
  }
  peer.port = ours ? port : portc_private_pack(port);
  EXPECT(peer.port >= 0);
  if (!ours) fuzz::close_as_program(port);
  return peer;
}

void store(Peer& peer, size_t where, uint32_t value) {
  if (where == kLock) value &= kHarmless;
  __atomic_store_n(reinterpret_cast<uint32_t*>(peer.memory + where), value, __ATOMIC_RELAXED);
}

// A word of the header or of a slot, or of the index, which lies behind the slots.
void scribble(Peer& peer, Input& in) {
  const uint32_t choice = in.number(2);
  size_t where = choice % (kScribbled / 4) * 4;
  if ((choice & 0x8000) != 0) where = peer.size - 4 - choice % 4096 * 4;
  const uint8_t kind = in.byte();
  store(peer, where, (kind & 3) == 0 ? in.word() : kind >> 2);
}

// A slot that could be real, and of this process.
void forge(Peer& peer, Input& in) {
  auto* slot = reinterpret_cast<portc::Slot*>(peer.memory + portc::kSlotsOffset) + in.byte() % 24;
  const uint8_t kind = in.byte();
  slot->state = kind % 6;
  slot->source = static_cast<uint16_t>((kind >> 3) % 9);
  slot->flags = in.byte();
  slot->object = in.byte();
  slot->owner = (kind & 64) != 0 ? portc::owner_self() : in.byte();
  slot->wanted = in.byte();
}

void get(int port, Input& in) {
  const struct timespec zero = {0, 0};
  const uint32_t max = in.byte() % kMostEvents;
  uint32_t count = in.byte() % (max + 1);
  auto* events = static_cast<port_event_t*>(calloc(max, sizeof(port_event_t)));
  (void)port_getn(port, events, max, &count, &zero);
  EXPECT(max == 0 || count <= max);
  free(events);
}

void use_timer(int port, Input& in) {
  port_notify_t notify = {port, nullptr};
  struct sigevent event = {};
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = &notify;
  timer_t id;
  if (portc_private_timer_create(CLOCK_MONOTONIC, &event, &id) != 0) return;
  const struct itimerspec soon = {{0, 0}, {0, 1 + in.byte()}};
  (void)portc_private_timer_settime(id, 0, &soon, nullptr);
  get(port, in);
  (void)portc_private_timer_delete(id);
}

void use_file(int port) {
  static char root[] = "/";
  static file_obj_t object = {};
  object.fo_name = root;
  (void)port_associate(port, PORT_SOURCE_FILE, reinterpret_cast<uintptr_t>(&object), FILE_ATTRIB,
                       nullptr);
}

void call(int port, const int (&ends)[2], Input& in) {
  const struct timespec zero = {0, 0};
  const uint8_t which = in.byte();
  const auto object = static_cast<uintptr_t>(ends[which >> 4 & 1]);
  port_event_t event;
  switch (which % 14) {
    case 0:
      (void)port_send(port, which, nullptr);
      break;
    case 1:
      (void)port_associate(port, PORT_SOURCE_FD, object, which & 32 ? POLLOUT : POLLIN, nullptr);
      break;
    case 2:
      (void)port_dissociate(port, PORT_SOURCE_FD, object);
      break;
    case 3:
      (void)port_get(port, &event, &zero);
      break;
    case 4:
    case 5:
      get(port, in);
      break;
    case 6:
      (void)port_alert(port, PORT_ALERT_SET, which >> 4, nullptr);
      break;
    case 7:
      (void)port_alert(port, PORT_ALERT_UPDATE, which >> 4, nullptr);
      break;
    case 8: {
      struct pollfd item = {port, POLLIN | POLLOUT, 0};
      (void)portc_private_polling(&item, 1);
      break;
    }
    case 9: {
      struct stat st;
      (void)portc_private_stat(port, &st);
      break;
    }
    case 10:
      use_timer(port, in);
      break;
    case 11:
      use_file(port);
      break;
    case 12: {
      const int bag = portc_private_pack(port);
      if (bag >= 0) close(bag);
      break;
    }
    default: {
      const int made = dup(port);
      portc_private_duplicated(port, made);
      fuzz::close_as_program(made);
    }
  }
}

// Makes what lies beside the mapping unusable, where nothing is. False: it could not.
bool guard(char* at, bool make) {
  if (!make) return munmap(at, kGuard) == 0;
  return mmap(at, kGuard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
         at;
}

void run(Peer& peer, Input& in) {
  int ends[2];
  EXPECT(pipe(ends) == 0);
  for (uint8_t before = in.byte() % 16; before > 0; --before)
    (in.byte() & 1) != 0 ? forge(peer, in) : scribble(peer, in);
  portc_private_received(peer.port);
  char* base = nullptr;
  if (const portc::PortRef port = portc::port_known(peer.port))
    base = reinterpret_cast<char*>(&port->segment.header());
  const bool low = base != nullptr && guard(base - kGuard, true);
  const bool high = base != nullptr && guard(base + peer.size, true);
  while (!in.empty()) {
    const uint8_t what = in.byte();
    if (what % 4 == 0)
      scribble(peer, in);
    else if (what % 4 == 1)
      forge(peer, in);
    else
      call(peer.port, ends, in);
  }
  fuzz::close_as_program(ends[0]);
  fuzz::close_as_program(peer.port);
  fuzz::close_as_program(ends[1]);
  if (low) (void)guard(base - kGuard, false);
  if (high) (void)guard(base + peer.size, false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::prepare();
  Input in(data, size);
  Peer peer = make_peer(in.byte() % 2 != 0);
  run(peer, in);
  munmap(peer.memory, peer.size);
  fuzz::expect_no_leak();
  return 0;
}
