// SPDX-License-Identifier: MIT
//
// The public functions with arbitrary arguments: every number a descriptor can be, hidden ones
// included, and pointers to memory that is there, that is not, that is read-only, and that ends in
// the middle. No call crashes or hangs; what fails says so with -1 and an errno.
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "libportc/api/timer.h"
#include "libportc/core/registry.h"
#include "tests/fuzz/fuzz.h"

using fuzz::Input;

namespace {

constexpr size_t kPage = 4096;

// Pages that stay for ever: what was valid may be remembered as such, portc(7) fault-cache.
struct Memory {
  char* writable;  // two pages
  char* read_only;
  char* nothing;
};

const Memory& memory() {
  static const Memory made = [] {
    void* base =
        mmap(nullptr, 5 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(base != MAP_FAILED);
    char* first = static_cast<char*>(base);
    Memory m = {first, first + 3 * kPage, first + 2 * kPage};
    EXPECT(mprotect(m.nothing, kPage, PROT_NONE) == 0);
    EXPECT(mprotect(m.read_only, kPage, PROT_READ) == 0);
    EXPECT(mprotect(first + 4 * kPage, kPage, PROT_NONE) == 0);
    return m;
  }();
  return made;
}

// Good ones, with what the call would read there; and all others.
void* pointer(Input& in, size_t size) {
  const uint8_t kind = in.byte();
  const Memory& m = memory();
  switch (kind % 12) {
    case 0:
      return nullptr;
    case 1:
      return m.read_only;
    case 2:
      return m.nothing;
    case 3:
      return m.nothing - kind / 12;  // begins well
    case 4:
      return m.read_only + kPage - kind / 12;
    case 5:
      // The sanitizer's own memory lies in between.
      return reinterpret_cast<void*>(uintptr_t{1} << (kind < 128 ? kind / 12 : 37 + kind / 12));
    case 6:
      return reinterpret_cast<void*>(UINTPTR_MAX - kind / 12);
    default:
      break;
  }
  char* good = m.nothing - size - kind / 12;
  if (good < m.writable) return m.writable;
  for (size_t i = 0; i < size && i < 64; ++i) good[i] = static_cast<char>(in.byte());
  return good;
}

// The name is one of our pointers as well: others could be into the sanitizer's own memory.
void* file_object(Input& in) {
  void* name = pointer(in, 16);
  char* made = static_cast<char*>(pointer(in, sizeof(file_obj_t)));
  const Memory& m = memory();
  if (made >= m.writable && made <= m.nothing - sizeof(file_obj_t))
    std::memcpy(made + offsetof(file_obj_t, fo_name), &name, sizeof name);
  return made;
}

struct World {
  int port;
  int other;
  int ends[2];
};

int descriptor(const World& world, Input& in) {
  const uint8_t kind = in.byte();
  switch (kind % 9) {
    case 0:
      return world.other;
    case 1:
      return world.ends[kind / 9 & 1];
    case 2:
      return portc::port_known(world.port)->memory_fd + kind / 9 % 4;
    case 3:
      return static_cast<int>(in.word());
    case 4:
      return 1 << (kind / 9);
    case 5:
      return -1 - kind / 9;
    default:
      return world.port;
  }
}

// Never long: nobody would wake us.
const struct timespec* timeout(Input& in) {
  static struct timespec good;
  const uint8_t kind = in.byte();
  const void* bad[] = {memory().nothing, memory().nothing - 8, reinterpret_cast<void*>(1),
                       reinterpret_cast<void*>(UINTPTR_MAX - 8)};
  if (kind % 4 == 0) return static_cast<const struct timespec*>(bad[kind / 4 % 4]);
  good = {kind % 16 == 1 ? -1 : 0, static_cast<long>(in.number(2)) - 100};
  if (kind % 4 == 1) good.tv_nsec = 0;
  if (kind == 2) good.tv_nsec = 1'000'000'000;
  return &good;
}

bool sound(long result) { return result >= 0 || (result == -1 && errno > 0); }

long use_timer(const World& world, Input& in) {
  port_notify_t notify = {descriptor(world, in), nullptr};
  struct sigevent event = {};
  event.sigev_notify = in.byte() % 4 == 0 ? static_cast<int>(in.word()) : SIGEV_PORT;
  event.sigev_value.sival_ptr = in.byte() % 3 == 0 ? pointer(in, sizeof notify) : &notify;
  timer_t good = nullptr;
  auto* id = in.byte() % 3 == 0 ? static_cast<timer_t*>(pointer(in, sizeof(timer_t))) : &good;
  const int r = portc_private_timer_create(static_cast<clockid_t>(in.byte() % 14), &event, id);
  if (r != 0) return r > 0 ? 0 : r;
  timer_t made = *id;
  const auto* next = static_cast<const struct itimerspec*>(pointer(in, sizeof(struct itimerspec)));
  auto* before = static_cast<struct itimerspec*>(pointer(in, sizeof(struct itimerspec)));
  (void)portc_private_timer_settime(made, in.byte(), next, before);
  (void)portc_private_timer_gettime(made, before);
  const auto any = reinterpret_cast<timer_t>(static_cast<uintptr_t>(in.wide()));
  (void)portc_private_timer_gettime(any, before);
  EXPECT(portc_private_timer_delete(made) == 0);
  return 0;
}

long call(const World& world, Input& in) {
  const uint8_t which = in.byte();
  const int port = descriptor(world, in);
  switch (which % 14) {
    case 0:
      return port_send(port, static_cast<int>(in.word()), nullptr);
    case 1: {
      const uint_t count = in.byte() % 4 == 0 ? in.word() : in.byte() % 32;
      auto* ports = static_cast<int*>(pointer(in, 64));
      auto* errors = static_cast<int*>(pointer(in, 64));
      return port_sendn(ports, errors, count, 1, nullptr);
    }
    case 2:
    case 3: {
      const int source = in.byte() % 10;
      const uintptr_t object = source == PORT_SOURCE_FILE
                                   ? reinterpret_cast<uintptr_t>(file_object(in))
                                   : static_cast<uintptr_t>(descriptor(world, in));
      const int events = static_cast<int>(in.word());
      if ((which & 16) != 0) return port_dissociate(port, source, object);
      return port_associate(port, source, object, events, nullptr);
    }
    case 4: {
      auto* event = static_cast<port_event_t*>(pointer(in, sizeof(port_event_t)));
      return port_get(port, event, timeout(in));
    }
    case 5:
    case 6: {
      auto* list = static_cast<port_event_t*>(pointer(in, 0));
      const uint_t max = in.byte() % 4 == 0 ? in.word() : in.byte() % 32;
      uint_t count = in.byte() % 4 == 0 ? in.word() : in.byte() % 32;
      return port_getn(port, list, max, in.byte() % 16 == 0 ? nullptr : &count, timeout(in));
    }
    case 7:
      return port_alert(port, in.byte(), static_cast<int>(in.word()), nullptr);
    case 8: {
      const nfds_t count = in.byte() % 4 == 0 ? in.word() : in.byte() % 8;
      (void)portc_private_polling(static_cast<struct pollfd*>(pointer(in, 64)), count);
      return 0;
    }
    case 9:
      (void)portc_private_stat(port, static_cast<struct stat*>(pointer(in, sizeof(struct stat))));
      return 0;
    case 10:
      portc_private_watch(port);
      (void)portc_private_has_room(port);
      return 0;
    case 11: {
      const int bag = portc_private_pack(port);
      if (bag >= 0) close(bag);
      portc_private_received(port);
      return 0;
    }
    case 12: {
      const uint32_t first = in.word();
      PortcRange range = {first, first + in.byte(), 0, 0, false, false};
      while (portc_private_next_part(&range)) {
      }
      return 0;
    }
    default:
      return use_timer(world, in);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::prepare();
  Input in(data, size);
  World world;
  world.port = port_create();
  world.other = port_create();
  EXPECT(world.port >= 0 && world.other >= 0 && pipe(world.ends) == 0);
  while (!in.empty()) EXPECT(sound(call(world, in)));
  for (const int fd : {world.ends[0], world.port, world.other, world.ends[1]})
    fuzz::close_as_program(fd);
  fuzz::expect_no_leak();
  return 0;
}
