// SPDX-License-Identifier: MIT
#include "libportc/source/mq.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "libportc/base/sys.h"
#include "libportc/core/hidden.h"
#include "libportc/core/process.h"
#include "libportc/core/registry.h"

namespace portc {

constinit std::atomic<MqMark*> portc_private_mq_marks{nullptr};

namespace {

struct Registration {
  uint32_t serial;    // 0: unused
  uint32_t slot;      // or the next unused entry
  int queue;          // descriptor
  uint64_t queue_id;  // which queue that is
};

// What a port has, in port.own. Guarded by the port's lock; made and unmapped as a whole.
struct PortQueues {
  int socket;     // -1 until made
  bool joined;    // the socket is an item of the port's set
  uint32_t used;  // entries that have ever been in use
  uint32_t free;  // 1 + the first unused one among them; 0: none
  Registration entries[kMqRegistrations];
};

// What the kernel keeps for us. It writes the last byte and nothing else.
struct Cookie {
  uint64_t magic;
  uint32_t entry;
  uint32_t serial;
  uint8_t unused[15];
  uint8_t reason;
};
static_assert(sizeof(Cookie) == 32, "NOTIFY_COOKIE_LEN");

constexpr uint64_t kCookieMagic = 0x31'65'69'6b'6f'6f'63'6d;  // "mcookie1", little endian
constexpr uint8_t kWokenUp = 1;                               // NOTIFY_WOKENUP
constexpr uint8_t kRemoved = 2;                               // NOTIFY_REMOVED

constinit std::atomic<uint32_t> last_serial{0};

PortQueues* queues_of(const Port& port) {
  return static_cast<PortQueues*>(port.own[static_cast<uint32_t>(Source::kMq)]);
}

void set_queues(Port& port, PortQueues* queues) {
  port.own[static_cast<uint32_t>(Source::kMq)] = queues;
}

void* map_zeros(size_t size) {
  const long r = sys::raw(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return r < 0 ? nullptr : reinterpret_cast<void*>(r);
}

void discard(PortQueues* queues) {
  private_close(queues->socket);
  (void)sys::raw(SYS_munmap, sys::arg(queues), sizeof *queues);
}

// Which queue the descriptor is, so that a number that was closed and used again is told apart.
// 0: it is not open.
uint64_t queue_id(int queue) {
  struct stat st = {};
  if (sys::raw(SYS_fstat, queue, sys::arg(&st)) != 0) return 0;
  return ((st.st_ino * 0x9e3779b97f4a7c15u) ^ (st.st_dev * 0xc2b2ae3d27d4eb4fu)) | 1;
}

// Removes this process's registration with the queue, if it has one. The kernel sends the cookie
// before it returns.
Result<void> kernel_unregister(int queue) {
  return sys::as_void(sys::raw(SYS_mq_notify, queue, 0));
}

// --- marks ---

// pool number of the port 17 bits | entry 12 | serial 32
constexpr int kEntryShift = 32;
constexpr int kPortShift = 44;
static_assert(kMqRegistrations <= 1u << (kPortShift - kEntryShift));

uint64_t name_of(const Port& port, uint32_t entry, uint32_t serial) {
  return uint64_t{port.pool_number} << kPortShift | uint64_t{entry} << kEntryShift | serial;
}

MqMark* mark_of(int queue) {
  MqMark* marks = portc_private_mq_marks.load(std::memory_order_acquire);
  if (marks == nullptr || static_cast<unsigned>(queue) >= kMaxDescriptors) return nullptr;
  return &marks[queue];
}

constexpr size_t kMarksSize = kMaxDescriptors * sizeof(MqMark);

Result<void> make_marks() {
  if (portc_private_mq_marks.load(std::memory_order_relaxed) != nullptr) return {};
  void* made = map_zeros(kMarksSize);
  if (made == nullptr) return Errno{ENOMEM};
  MqMark* none = nullptr;
  if (!portc_private_mq_marks.compare_exchange_strong(none, static_cast<MqMark*>(made),
                                                      std::memory_order_acq_rel))
    (void)sys::raw(SYS_munmap, sys::arg(made), kMarksSize);
  return {};
}

void set_mark(int queue, uint64_t name, uint64_t id) {
  MqMark* mark = mark_of(queue);
  if (mark == nullptr) return;
  mark->queue.store(id, std::memory_order_relaxed);
  mark->name.store(name, std::memory_order_release);
}

// --- entries ---

// kMqRegistrations if all are in use.
uint32_t take_entry(PortQueues& queues) {
  if (queues.free == 0) return queues.used < kMqRegistrations ? queues.used++ : kMqRegistrations;
  const uint32_t entry = queues.free - 1;
  queues.free = queues.entries[entry].slot;
  return entry;
}

void free_entry(PortQueues& queues, uint32_t entry) {
  queues.entries[entry].serial = 0;
  queues.entries[entry].slot = queues.free;
  queues.free = entry + 1;
}

// Null if it has ended.
Registration* find(PortQueues* queues, uint32_t entry, uint32_t serial) {
  if (queues == nullptr || serial == 0 || entry >= queues->used) return nullptr;
  Registration& found = queues->entries[entry];
  return found.serial == serial ? &found : nullptr;
}

// --- messages ---

// Not ours to judge where it came from: a message counts if it names a registration that exists.
void take_message(Port& port, PortQueues& queues, const Cookie& cookie) {
  if (cookie.magic != kCookieMagic || (cookie.reason != kWokenUp && cookie.reason != kRemoved))
    return;
  const Registration* found = find(&queues, cookie.entry, cookie.serial);
  if (found == nullptr) return;
  const uint32_t slot = found->slot;
  free_entry(queues, cookie.entry);
  // The slot lies in memory that others can damage.
  if (!private_is_own(port, slot, Source::kMq)) return;
  if (cookie.reason == kWokenUp)
    private_fire(port, slot, 0);
  else
    private_free(port, slot);
}

void collect(Port& port) {
  PortQueues* queues = queues_of(port);
  if (queues == nullptr || queues->socket < 0) return;
  // Bounded: while we read, others can register and fire.
  for (uint32_t most = 2 * kMqRegistrations; most > 0; --most) {
    Cookie cookie;
    const long size = sys::raw(SYS_recvfrom, queues->socket, sys::arg(&cookie), sizeof cookie,
                               MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0) return;
    if (size == sizeof cookie) take_message(port, *queues, cookie);
  }
}

// --- registering ---

Errno socket_error(long r) {
  switch (-r) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Errno{static_cast<int>(-r)};
    case ENOBUFS:
      return Errno{ENOMEM};
    default:  // EAFNOSUPPORT, EPROTONOSUPPORT, EPERM, EACCES: a sandbox, or no network in the
              // kernel
      return Errno{ENOTSUP};
  }
}

// The protocol is libc's choice, so that a sandbox that lets SIGEV_THREAD work lets us work. Nobody
// can send to the socket: it is never bound. With the registry's lock no fork comes between, whose
// child would keep a descriptor that nobody knows of.
Result<void> make_socket(PortQueues& queues) {
  LocalLockGuard guard(registry_lock);
  HiddenRange range;
  const long fd = sys::raw(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return socket_error(fd);
  const int room = kMqRegistrations * 1024;
  for (const int option : {SO_RCVBUFFORCE, SO_RCVBUF})
    if (sys::raw(SYS_setsockopt, fd, SOL_SOCKET, option, sys::arg(&room), sizeof room) == 0) break;
  const Result<int> hidden = range.adopt(static_cast<int>(fd), true);
  if (!hidden) return Errno{hidden.error()};
  queues.socket = *hidden;
  return {};
}

// The port's table and its socket in the port's set. What fails is tried again the next time.
Result<PortQueues*> ready_queues(Port& port) {
  PortQueues* queues = queues_of(port);
  if (queues == nullptr) {
    queues = static_cast<PortQueues*>(map_zeros(sizeof *queues));
    if (queues == nullptr) return Errno{ENOMEM};
    queues->socket = -1;
    set_queues(port, queues);
  }
  if (queues->socket < 0) {
    const Result<void> made = make_socket(*queues);
    if (!made) return Errno{made.error()};
  }
  if (!queues->joined) {
    const Result<void> joined = private_join(port, queues->socket, Source::kMq);
    if (!joined) return Errno{joined.error()};
    queues->joined = true;
  }
  return queues;
}

// Can the kernel count one more against the socket without putting us to sleep?
bool has_room(const PortQueues& queues) {
  constexpr uint32_t kOne = 4096;  // more than the kernel needs for one
  uint32_t counts[SK_MEMINFO_VARS] = {};
  uint32_t size = sizeof counts;
  if (sys::raw(SYS_getsockopt, queues.socket, SOL_SOCKET, SO_MEMINFO, sys::arg(counts),
               sys::arg(&size)) != 0)
    return false;
  return counts[SK_MEMINFO_RMEM_ALLOC] + kOne <= counts[SK_MEMINFO_RCVBUF];
}

Result<void> kernel_register(const PortQueues& queues, uint32_t entry) {
  const Registration& made = queues.entries[entry];
  Cookie cookie = {kCookieMagic, entry, made.serial, {}, 0};
  struct sigevent event = {};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_signo = queues.socket;
  event.sigev_value.sival_ptr = &cookie;
  return sys::as_void(sys::raw(SYS_mq_notify, made.queue, sys::arg(&event)));
}

uint32_t next_serial() {
  uint32_t serial;
  do serial = last_serial.fetch_add(1, std::memory_order_relaxed) + 1;
  while (serial == 0);
  return serial;
}

Result<void> register_in(Port& port, PortQueues& queues, int queue, uint64_t user) {
  collect(port);  // entries and slots of what has ended
  const uint32_t entry = has_room(queues) ? take_entry(queues) : kMqRegistrations;
  if (entry == kMqRegistrations) return Errno{EAGAIN};
  Registration& made = queues.entries[entry];
  made = {next_serial(), 0, queue, queue_id(queue)};
  made.slot = private_allocate(port, Source::kMq, static_cast<uint64_t>(queue), user);
  Result<void> registered = Errno{EAGAIN};
  if (made.slot != 0) registered = kernel_register(queues, entry);
  if (registered) {
    set_mark(queue, name_of(port, entry, made.serial), made.queue_id);
    return {};
  }
  if (made.slot != 0) private_free(port, made.slot);
  free_entry(queues, entry);
  return registered;
}

// --- the source's operations ---

// What is registered with a queue ends with the port: otherwise the queue would be taken until a
// message came, for nobody.
void leave(Port& port) {
  PortQueues* queues = queues_of(port);
  if (queues == nullptr) return;
  collect(port);
  for (uint32_t entry = 0; entry < queues->used; ++entry) {
    const Registration& left = queues->entries[entry];
    if (left.serial != 0 && queue_id(left.queue) == left.queue_id)
      (void)kernel_unregister(left.queue);
  }
  private_free_all(port, Source::kMq);
  set_queues(port, nullptr);
  if (queues->socket >= 0) private_part(port, queues->socket);
  discard(queues);
}

void forget(Port& port) {
  PortQueues* queues = queues_of(port);
  if (queues == nullptr) return;
  set_queues(port, nullptr);
  discard(queues);
}

void forked() {
  MqMark* marks = portc_private_mq_marks.exchange(nullptr, std::memory_order_relaxed);
  if (marks != nullptr) (void)sys::raw(SYS_munmap, sys::arg(marks), kMarksSize);
}

// The kernel's registrations hold the socket, not its number; the port's set knows both.
bool move_socket(Port& port, int fd) {
  PortGuard guard(port);
  PortQueues* queues = guard ? queues_of(port) : nullptr;
  if (queues == nullptr || queues->socket != fd) return false;
  const Result<int> moved = private_move(fd);
  if (!moved) return false;
  queues->socket = *moved;
  queues->joined = bool(private_join(port, *moved, Source::kMq));
  private_part(port, fd);
  private_close(fd);
  return true;
}

bool vacate(int fd) {
  bool moved = false;
  each_port([fd, &moved](Port& port) { moved = moved || move_socket(port, fd); });
  return moved;
}

constexpr PrivateOps kOwn = {collect, leave, forget, forked, vacate};

}  // namespace

const SourceOps kMqOps = {private_deliverable, private_retire_once, private_rearm, private_drop,
                          &kOwn};

Result<void> mq_check(int queue) { return sys::as_void(sys::raw(SYS_mq_getsetattr, queue, 0, 0)); }

Result<void> mq_register(Port& port, int queue, uint64_t user) {
  const Result<void> marks = make_marks();
  if (!marks) return marks;
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  // Its last number was closed since it was looked up: nothing would ever end what we make now.
  if (port.fd.load(std::memory_order_relaxed) < 0) return Errno{EBADF};
  const Result<PortQueues*> queues = ready_queues(port);
  if (!queues) return Errno{queues.error()};
  return register_in(port, **queues, queue, user);
}

bool mq_is_marked(int queue) {
  process_check();
  const MqMark* mark = mark_of(queue);
  if (mark == nullptr || mark->name.load(std::memory_order_acquire) == 0) return false;
  if (process_is_vfork_child()) return false;  // the marks are its parent's
  return mark->queue.load(std::memory_order_relaxed) == queue_id(queue);
}

Result<void> mq_unregister(int queue) {
  const MqMark* mark = mark_of(queue);
  const uint64_t name = mark != nullptr ? mark->name.load(std::memory_order_acquire) : 0;
  PortRef port = port_by_pool_number(static_cast<uint32_t>(name >> kPortShift));
  if (!port) return Errno{EBUSY};
  PortGuard guard(*port);
  // In a signal handler inside a section, or with damaged memory, we cannot look for ourselves.
  if (!guard) return kernel_unregister(queue);
  collect(*port);
  const uint32_t entry = static_cast<uint32_t>(name >> kEntryShift) & (kMqRegistrations - 1);
  const Registration* found = find(queues_of(*port), entry, static_cast<uint32_t>(name));
  if (found == nullptr) return Errno{EBUSY};
  const uint32_t slot = found->slot;
  const Result<void> ended = kernel_unregister(queue);
  if (!ended) return ended;
  collect(*port);
  // Still there: a message came first, and its event is queued now.
  if (private_is_own(*port, slot, Source::kMq)) return Errno{EBUSY};
  return {};
}

void mq_unmark(int queue) {
  if (MqMark* mark = mark_of(queue)) mark->name.store(0, std::memory_order_relaxed);
}

}  // namespace portc
