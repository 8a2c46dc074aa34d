// SPDX-License-Identifier: MIT
#include "libportc/core/attach.h"

#include <sys/eventfd.h>

#include "libportc/base/sys.h"
#include "libportc/core/fdinfo.h"
#include "libportc/core/hidden.h"
#include "libportc/core/owner.h"
#include "libportc/core/passing.h"
#include "libportc/core/registry.h"
#include "libportc/core/source.h"

namespace portc {
namespace {

// F_SETSIG sticks to the epoll file through dup, fork, exec and SCM_RIGHTS, and means nothing
// without O_ASYNC: the cheapest way to tell a port from any other epoll set.
constexpr int kMark = 40;

constexpr uint64_t kDoorbellTag = 0xD0;
constexpr int kTagShift = 56;
constexpr int kWakeShift = 28;
constexpr uint64_t kNumberMask = (uint64_t{1} << kWakeShift) - 1;

// Key of the doorbell's item: says where the other parts are.
uint64_t doorbell_key(const PortParts& parts) {
  return kDoorbellTag << kTagShift | static_cast<uint64_t>(parts.wake_fd) << kWakeShift |
         static_cast<uint64_t>(parts.memory_fd);
}

// EPOLL_CTL_MOD succeeds only for a file that is in the set under this number.
bool doorbell_belongs(int port_fd, const PortParts& parts) {
  return sys::epoll_ctl(port_fd, EPOLL_CTL_MOD, parts.doorbell_fd, EPOLLIN, doorbell_key(parts)) ==
         0;
}

// We read and write them with the port's lock held: whoever made them, that must not block.
bool bells_usable(const PortParts& parts) {
  for (const int fd : {parts.doorbell_fd, parts.wake_fd}) {
    const long flags = sys::fcntl(fd, F_GETFL);
    if (flags < 0 || !fd_is_eventfd(fd)) return false;
    if ((flags & O_NONBLOCK) == 0 && sys::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return false;
  }
  return true;
}

PortParts parts_of(const Port& port) { return {port.memory_fd, port.doorbell_fd, port.wake_fd}; }

// Null if this process has no number for it. Under the registry's lock a port with numbers stays.
Port* find_known(int port_fd) {
  const uint32_t count = pool_high_water();
  for (uint32_t number = 1; number <= count; ++number) {
    Port& port = pool_entry(number);
    if (port.numbers != 0 && doorbell_belongs(port_fd, parts_of(port))) return &port;
  }
  return nullptr;
}

bool marked(int fd) { return sys::fcntl(fd, F_GETSIG) == kMark; }

struct NewPort {
  int port_fd = -1;
  PortParts parts = {-1, -1, -1};
  Segment segment;
};

void discard(NewPort& made) {
  made.segment.unmap();
  for (const int fd : {made.parts.memory_fd, made.parts.doorbell_fd, made.parts.wake_fd}) {
    if (fd < 0) continue;
    registry_unhide(fd);
    (void)sys::close(fd);
  }
  if (made.port_fd >= 0) (void)sys::close(made.port_fd);
}

// Each part replaces -1 as soon as it exists, for discard().
Result<void> make_parts(NewPort& made, uint32_t slots) {
  HiddenRange range;
  int memory_fd = -1;
  Result<Segment> segment = Segment::create(slots, memory_fd);
  if (!segment) return Errno{segment.error()};
  made.segment = *segment;
  Result<int> fd = range.adopt(memory_fd, false);
  if (!fd) return Errno{fd.error()};
  made.parts.memory_fd = *fd;
  constexpr int kFlags = EFD_CLOEXEC | EFD_NONBLOCK;
  fd = sys::eventfd(0, kFlags);
  if (fd) fd = range.adopt(*fd, false);
  if (!fd) return Errno{fd.error()};
  made.parts.doorbell_fd = *fd;
  // Readable from the start, so that the kernel never drops a later edge for want of readiness.
  fd = sys::eventfd(1, kFlags);
  if (fd) fd = range.adopt(*fd, false);
  if (!fd) return Errno{fd.error()};
  made.parts.wake_fd = *fd;
  return {};
}

Result<void> make_epoll_set(NewPort& made) {
  const long fd = sys::raw(SYS_epoll_create1, 0);
  if (fd < 0) return Errno{static_cast<int>(-fd)};
  made.port_fd = static_cast<int>(fd);
  return {};
}

Result<void> join_parts(const NewPort& made) {
  if (!doorbell_join(made.port_fd, made.parts)) return Errno{ENOMEM};
  return sys::as_void(sys::fcntl(made.port_fd, F_SETSIG, kMark));
}

enum class Origin { kCreated, kInherited, kPassed };

// From here on the segment and the parts are the Port's. It is filled in before others can find
// it by its place in the pool.
Result<Port*> register_new(const NewPort& made, Origin origin) {
  Port* port = registry_new_port();
  if (port == nullptr) return Errno{ENOMEM};
  port->segment = made.segment;
  port->segment.header().lock.join(owner_namespace());
  port->memory_fd = made.parts.memory_fd;
  port->doorbell_fd = made.parts.doorbell_fd;
  port->wake_fd = made.parts.wake_fd;
  if (origin != Origin::kCreated) port_expose(*port);
  port->announced = port->settled = origin == Origin::kCreated;
  port->solo.store(origin == Origin::kCreated, std::memory_order_relaxed);
  port->inherited = origin == Origin::kInherited;
  port->references.store(1, std::memory_order_release);
  registry_add_number(*port, made.port_fd);
  return port;
}

void note_number(void* context, int fd) {
  Port& port = *static_cast<Port*>(context);
  const DescriptorRecord* record = descriptor_record(fd);
  if (record == nullptr || record->port.load(std::memory_order_relaxed) != nullptr) return;
  if (port_is_at(port, fd)) registry_add_number(port, fd);
}

// A program can have several numbers of a port when it starts. To close one of them is not to
// close the last one.
void note_numbers(Port& port) { (void)fd_each_open(note_number, &port); }

// Inherited parts keep their numbers, and so need no new key.
Result<PortRef> adopt_inherited(int fd, const PortParts& parts) {
  if (registry_is_hidden(parts.memory_fd) || registry_is_hidden(parts.wake_fd))
    return Errno{EBADFD};
  if (!doorbell_belongs(fd, parts)) return Errno{EBADFD};
  Result<Segment> segment = Segment::map(parts.memory_fd);
  if (!segment) return Errno{segment.error()};
  // Last, since it changes them, and until here they may be anything of the program's.
  if (!bells_usable(parts)) {
    segment->unmap();
    return Errno{EBADFD};
  }
  const Result<Port*> port = register_new({fd, parts, *segment}, Origin::kInherited);
  if (!port) {
    segment->unmap();
    return Errno{port.error()};
  }
  registry_hide(parts.memory_fd);
  registry_hide(parts.doorbell_fd);
  registry_hide(parts.wake_fd);
  note_numbers(**port);
  return port_known(fd);
}

struct Search {
  int fd;
  PortRef found;
  int error;  // EBADFD, unless what was found could not be used for want of something
};

void note_failure(Search& search, int error) {
  if (error != EBADFD) search.error = error;
}

// One item of the epoll set: is it the doorbell, under numbers that are right in this process?
bool try_item(void* context, const EpollItem& item) {
  Search& search = *static_cast<Search*>(context);
  if (item.key >> kTagShift != kDoorbellTag) return true;
  const PortParts parts = {static_cast<int>(item.key & kNumberMask), item.fd,
                           static_cast<int>(item.key >> kWakeShift & kNumberMask)};
  Result<PortRef> adopted = adopt_inherited(search.fd, parts);
  if (!adopted) {
    note_failure(search, adopted.error());
    return true;
  }
  search.found = adopted.take();
  return false;
}

// Parts are made one after the other, so they usually have consecutive numbers.
void search_hidden_range(Search& search) {
  HiddenRange range;
  constexpr int kSearched = 4096;
  for (int n = range.base(); n < range.base() + kSearched; ++n) {
    if (sys::fcntl(n, F_GET_SEALS) < 0) continue;
    Result<PortRef> adopted = adopt_inherited(search.fd, {n, n + 1, n + 2});
    if (adopted) {
      search.found = adopted.take();
      return;
    }
    note_failure(search, adopted.error());
  }
}

Result<PortRef> search(int fd) {
  if (Port* known = find_known(fd)) {
    registry_add_number(*known, fd);
    return port_known(fd);
  }
  Search state{fd, PortRef(), EBADFD};
  if (!fdinfo_each_item(fd, try_item, &state)) search_hidden_range(state);
  if (!state.found) return Errno{state.error};
  return static_cast<PortRef&&>(state.found);
}

// Joined, so that an exec from here finds the parts under the numbers they have here.
Result<void> map_adopted(NewPort& made) {
  const Result<Segment> segment = Segment::map(made.parts.memory_fd);
  if (!segment) return Errno{segment.error()};
  made.segment = *segment;
  if (!bells_usable(made.parts)) return Errno{EBADFD};
  if (!join_parts(made)) return Errno{EBADFD};  // what came as a port is no epoll set
  return {};
}

// Puts the epoll set in the place of the bag at `fd`, whose close-on-exec flag it gets. The number
// that it had is closed in any case.
Result<void> place_set(int set_fd, int fd) {
  const long flags = sys::fcntl(fd, F_GETFD);
  const long r = sys::raw(SYS_dup3, set_fd, fd, (flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
  (void)sys::close(set_fd);
  return sys::as_void(r);
}

bool is_open(int fd) { return fd >= 0 && sys::fcntl(fd, F_GETFD) >= 0; }

// `met`: it was a port before, and this process did not know.
Result<PortRef> attach(int fd, bool& met) {
  if (fd >= kMaxDescriptors) return Errno{EBADFD};
  if (!marked(fd)) return bag_open(fd);
  LocalLockGuard guard(registry_lock);
  const Result<void> ready = port_prepare();
  if (!ready) return Errno{ready.error()};
  if (PortRef known = port_known(fd)) return known;
  if (registry_is_closing(fd)) return Errno{EBADF};
  Result<PortRef> found = search(fd);
  met = static_cast<bool>(found);
  return found;
}

}  // namespace

bool doorbell_join(int port_fd, const PortParts& parts) {
  return sys::epoll_ctl(port_fd, EPOLL_CTL_ADD, parts.doorbell_fd, EPOLLIN, doorbell_key(parts)) ==
             0 ||
         doorbell_belongs(port_fd, parts);
}

Result<void> port_prepare() {
  const Result<void> tables = registry_init();
  if (!tables) return tables;
  if (own_token != 0) return {};  // with an earlier port
  const HiddenRange range;        // there may be a number above the program's limit
  return owner_prepare();
}

Result<int> port_make(const PortLimits& limits) {
  LocalLockGuard guard(registry_lock);
  Result<void> r = port_prepare();
  if (!r) return Errno{r.error()};
  if (registry_port_count() >= limits.ports) return Errno{EAGAIN};
  NewPort made;
  r = make_epoll_set(made);  // first: it gets the lowest number, under the program's own limit
  if (r) r = make_parts(made, limits.events);
  if (r) r = join_parts(made);
  if (r && made.port_fd >= kMaxDescriptors) r = Errno{EMFILE};
  const Result<Port*> port =
      r ? register_new(made, Origin::kCreated) : Result<Port*>(Errno{r.error()});
  if (!port) {
    discard(made);
    return Errno{port.error()};
  }
  (*port)->rearm = limits.rearm;
  if (limits.shared) (void)made.segment.header().flags.fetch_or(kFlagShared);
  if (limits.exact) port_set_exact(**port);
  return made.port_fd;
}

bool port_recognise(int fd) {
  if (const DescriptorRecord* record = descriptor_record(fd))
    if (record->port.load(std::memory_order_relaxed) != nullptr) return true;
  return marked(fd);
}

bool port_is_at(const Port& port, int fd) {
  return marked(fd) && doorbell_belongs(fd, parts_of(port));
}

Result<PortRef> port_attach(int fd) {
  if (!is_open(fd)) return Errno{EBADF};
  bool met = false;
  Result<PortRef> found = attach(fd, met);
  // FD_CLOEXEC may have been set before the number was known, or is not that of the others.
  if (met) hidden_mirror_cloexec(**found);
  // Another thread may have closed it meanwhile.
  if (!found && found.error() == EBADFD && !is_open(fd)) return Errno{EBADF};
  return found;
}

Result<PortRef> port_adopt(int set_fd, PortParts parts, int fd) {
  if (Port* known = find_known(set_fd)) {
    for (const int part : {parts.memory_fd, parts.doorbell_fd, parts.wake_fd})
      (void)sys::close(part);
    const Result<void> placed = place_set(set_fd, fd);
    if (!placed) return Errno{placed.error()};
    registry_add_number(*known, fd);
    return port_known(fd);
  }
  HiddenRange range;
  NewPort made;
  made.port_fd = set_fd;
  Result<int> moved = range.adopt(parts.memory_fd, false);
  if (moved) made.parts.memory_fd = *moved;
  moved = range.adopt(parts.doorbell_fd, false);
  if (moved) made.parts.doorbell_fd = *moved;
  moved = range.adopt(parts.wake_fd, false);
  if (moved) made.parts.wake_fd = *moved;
  const bool all =
      made.parts.memory_fd >= 0 && made.parts.doorbell_fd >= 0 && made.parts.wake_fd >= 0;
  Result<void> r = all ? map_adopted(made) : Result<void>(Errno{EMFILE});
  if (r && !registry_has_room()) r = Errno{ENOMEM};
  if (r) {
    r = place_set(set_fd, fd);  // last: what fails leaves the bag for another try
    made.port_fd = r ? fd : -1;
  }
  const Result<Port*> port =
      r ? register_new(made, Origin::kPassed) : Result<Port*>(Errno{r.error()});
  if (port) {
    note_numbers(**port);
    return port_known(fd);
  }
  discard(made);
  return Errno{port.error()};
}

}  // namespace portc
