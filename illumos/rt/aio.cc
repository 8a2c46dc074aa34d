// SPDX-License-Identifier: MIT
//
// A request of the guest's has a twin in Linux's layout, which libc and libportc know. The twin
// lives until the guest has fetched the result (aio_return) or uses its own aiocb again, and its
// memory is used again last of all: an event of a port that is still queued names it.
//
// Source: aio_read(3C), lio_listio(3C), aio_waitn(3C), aio_cancel(3C) of illumos.
#include <aio.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "illumos/abi/realtime.h"
#include "illumos/rt/cancel.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/lock.h"
#include "illumos/rt/realtime.h"
#include "illumos/rt/signal_frames.h"
#include "include/port.h"

namespace portc::illumos {
namespace {

struct Twin {
  aiocb host;
  abi::Aiocb* guest;  // stays when it is given back, for events
  Twin* next;         // in its chain, or of the unused
  bool used;
  sigevent notice;  // or, of a list
};

constexpr size_t kMaxTwins = 1 << 17;
constexpr size_t kChains = 1 << 12;
constexpr int kMaxList = 4096;  // _AIO_LISTIO_MAX

Twin* twins;  // kMaxTwins, of memory that is made when touched
size_t touched;
Twin* chains[kChains];
Twin* first_unused;  // in the order in which they were given back
Twin* last_unused;

size_t chain_of(const abi::Aiocb* guest) {
  return (reinterpret_cast<uint64_t>(guest) * 0x9e3779b97f4a7c15) >> 52;
}

// The following are called with the lock held.
Twin* look_up(const abi::Aiocb* guest) {
  for (Twin* twin = chains[chain_of(guest)]; twin != nullptr; twin = twin->next)
    if (twin->guest == guest) return twin;
  return nullptr;
}

void retire(Twin* twin) {
  twin->used = false;
  twin->next = nullptr;
  (last_unused != nullptr ? last_unused->next : first_unused) = twin;
  last_unused = twin;
}

void unlink(Twin* twin) {
  Twin** place = &chains[chain_of(twin->guest)];
  while (*place != twin) place = &(*place)->next;
  *place = twin->next;
  retire(twin);
}

// As many as possible before one is used again.
Twin* take_unused() {
  constexpr size_t kAtLeast = 1024;
  if (twins == nullptr) {
    void* at = mmap(nullptr, kMaxTwins * sizeof(Twin), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return nullptr;
    twins = static_cast<Twin*>(at);
  }
  if (touched < kAtLeast || (first_unused == nullptr && touched < kMaxTwins))
    return &twins[touched++];
  Twin* twin = first_unused;
  if (twin == nullptr) return nullptr;
  first_unused = twin->next;
  if (first_unused == nullptr) last_unused = nullptr;
  return twin;
}

int opcode_to_host(int guest) {
  switch (guest) {
    case abi::kLioRead:
      return LIO_READ;
    case abi::kLioWrite:
      return LIO_WRITE;
    default:
      return LIO_NOP;
  }
}

// Null and errno: EINVAL (its notification), EAGAIN.
Twin* make_twin(abi::Aiocb* guest) {
  sigevent event = {};
  event.sigev_notify = SIGEV_NONE;
  // A request that was only cleared asks for no notification.
  if (guest->event.notify != 0 && !event_to_host(guest->event, event)) {
    errno = EINVAL;
    return nullptr;
  }
  const Locked locked(aio_lock);
  Twin* twin = look_up(guest);
  if (twin != nullptr) unlink(twin);
  twin = take_unused();
  if (twin == nullptr) {
    errno = EAGAIN;
    return nullptr;
  }
  *twin = {};
  twin->host.aio_fildes = guest->fd;
  twin->host.aio_buf = guest->buffer;
  twin->host.aio_nbytes = guest->size;
  twin->host.aio_offset = guest->offset;
  twin->host.aio_reqprio = guest->priority;
  twin->host.aio_sigevent = event;
  twin->host.aio_lio_opcode = opcode_to_host(guest->opcode);
  twin->guest = guest;
  twin->used = true;
  twin->next = chains[chain_of(guest)];
  chains[chain_of(guest)] = twin;
  return twin;
}

// The event of a whole list names its notification. Nobody says when that is of no more use, so its
// twin is given back at once, and lasts as long as the unused do.
sigevent* make_notice(const abi::SigEvent* guest, const sigevent& event) {
  const Locked locked(aio_lock);
  Twin* twin = take_unused();
  if (twin == nullptr) return nullptr;
  twin->guest = const_cast<abi::Aiocb*>(reinterpret_cast<const abi::Aiocb*>(guest));
  twin->notice = event;
  retire(twin);
  return &twin->notice;
}

Twin* find(const abi::Aiocb* guest) {
  const Locked locked(aio_lock);
  return look_up(guest);
}

void give_back(Twin* twin) {
  const Locked locked(aio_lock);
  unlink(twin);
}

template <typename Start>
int start(abi::Aiocb* guest, Start function) {
  Twin* twin = make_twin(guest);
  if (twin != nullptr && function(&twin->host) == 0) return 0;
  set_guest_errno();
  if (twin != nullptr) give_back(twin);
  return -1;
}

// The state of a request, as an errno of the guest's; its own copy of it, too.
int look(Twin* twin) {
  const int error = aio_error(&twin->host);
  twin->guest->error = error == 0 ? 0 : errno_to_guest(error);
  return twin->guest->error;
}

class HostList {
 public:
  ~HostList() { free(list_); }
  bool reserve(int count) {
    list_ = static_cast<aiocb**>(calloc(static_cast<size_t>(count) + 1, sizeof *list_));
    return list_ != nullptr;
  }
  aiocb*& operator[](int i) { return list_[i]; }
  aiocb** list() { return list_; }

 private:
  aiocb** list_ = nullptr;
};

int list_all(int mode, abi::Aiocb* const* list, int count, sigevent* notice) {
  HostList host;
  if (!host.reserve(count)) return fail(EAGAIN);
  for (int i = 0; i < count; ++i) {
    if (list[i] == nullptr || list[i]->opcode == abi::kLioNop) continue;
    Twin* twin = make_twin(list[i]);
    if (twin == nullptr) return fail(errno);
    host[i] = &twin->host;
  }
  const int host_mode = mode == abi::kLioWait ? LIO_WAIT : LIO_NOWAIT;
  if (lio_listio(host_mode, host.list(), count, notice) == 0) return 0;
  set_guest_errno();
  return -1;
}

// For aio_waitn: requests that are done, up to `most`, and others that are not.
struct Found {
  uint32_t done = 0;
  int waiting = 0;
};

Found collect(abi::Aiocb** list, uint32_t most, HostList& host, int host_most) {
  Found found;
  const Locked locked(aio_lock);
  for (size_t i = 0; i < touched; ++i) {
    Twin& twin = twins[i];
    if (!twin.used) continue;
    if (aio_error(&twin.host) == EINPROGRESS) {
      if (found.waiting < host_most) host[found.waiting++] = &twin.host;
    } else if (found.done < most) {
      list[found.done++] = twin.guest;
    }
  }
  return found;
}

}  // namespace

uint64_t aio_object_to_guest(uint64_t host) {
  const auto first = reinterpret_cast<uint64_t>(twins);
  if (twins == nullptr || host < first || host >= first + kMaxTwins * sizeof(Twin)) return host;
  return reinterpret_cast<uint64_t>(twins[(host - first) / sizeof(Twin)].guest);
}

extern "C" {

int il_aio_read(abi::Aiocb* request) { return start(request, &aio_read); }
int il_aio_write(abi::Aiocb* request) { return start(request, &aio_write); }

int il_aio_fsync(int kind, abi::Aiocb* request) {
  if (kind != abi::kOSync && kind != abi::kODsync) return fail(EINVAL);
  return start(request, [kind](aiocb* host) {
    return aio_fsync(kind == abi::kOSync ? O_SYNC : O_DSYNC, host);
  });
}

int il_aio_error(const abi::Aiocb* request) {
  Twin* twin = find(request);
  return twin != nullptr ? look(twin) : fail(EINVAL);
}

long il_aio_return(abi::Aiocb* request) {
  Twin* twin = find(request);
  if (twin == nullptr) return fail(EINVAL);
  const int error = look(twin);
  if (error == errno_to_guest(EINPROGRESS)) return fail(EINPROGRESS);
  request->result = aio_return(&twin->host);
  give_back(twin);
  if (request->result < 0) guest_errno = error;
  return request->result;
}

int il_aio_suspend(const abi::Aiocb* const* list, int count, const timespec* timeout) {
  HostList host;
  if (count <= 0 || list == nullptr) return fail(EINVAL);
  if (!host.reserve(count)) return fail(EAGAIN);
  for (int i = 0; i < count; ++i) {
    Twin* twin = list[i] != nullptr ? find(list[i]) : nullptr;
    if (twin != nullptr) host[i] = &twin->host;
  }
  if (aio_suspend(host.list(), count, timeout) == 0) return 0;
  set_guest_errno();
  return -1;
}

int il_aio_cancel(int fd, abi::Aiocb* request) {
  Twin* twin = request != nullptr ? find(request) : nullptr;
  if (request != nullptr && twin == nullptr)
    return fcntl(fd, F_GETFD) < 0 ? fail(EBADF) : abi::kAioAllDone;
  switch (aio_cancel(fd, twin != nullptr ? &twin->host : nullptr)) {
    case AIO_CANCELED:
      return abi::kAioCanceled;
    case AIO_NOTCANCELED:
      return abi::kAioNotCanceled;
    case AIO_ALLDONE:
      return abi::kAioAllDone;
    default:
      set_guest_errno();
      return -1;
  }
}

int il_lio_listio(int mode, abi::Aiocb* const* list, int count, const abi::SigEvent* notice) {
  sigevent host;
  if ((mode != abi::kLioNoWait && mode != abi::kLioWait) || count <= 0 || count > kMaxList ||
      (notice != nullptr && !event_to_host(*notice, host)))
    return fail(EINVAL);
  sigevent* told = notice != nullptr ? make_notice(notice, host) : nullptr;
  if (notice != nullptr && told == nullptr) return fail(EAGAIN);
  return list_all(mode, list, count, told);
}

// At least *nwait of all that are under way, whoever started them.
int il_aio_waitn(abi::Aiocb** list, uint32_t most, uint32_t* nwait, const timespec* timeout) {
  const uint32_t wanted = *nwait;
  if (list == nullptr || most == 0 || most > kMaxList || wanted == 0 || wanted > most)
    return fail(EINVAL);
  HostList host;
  if (!host.reserve(kMaxList)) return fail(ENOMEM);
  for (;;) {
    const Found found = collect(list, most, host, kMaxList);
    *nwait = found.done;
    if (found.done >= wanted) return 0;
    if (found.waiting == 0) return found.done == 0 ? fail(EAGAIN) : 0;
    if (aio_suspend(host.list(), found.waiting, timeout) != 0)
      return fail(errno == EAGAIN ? ETIME : errno);
  }
}

}  // extern "C"

}  // namespace portc::illumos
