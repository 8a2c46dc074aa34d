// SPDX-License-Identifier: MIT
//
// poll and select. The low byte of poll's events is the same on both systems, and is all that
// most programs use: then Linux works on the guest's own array.
//
// Sources: illumos <sys/poll.h>, poll(2), select(3C), <sys/select.h>.
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include <cstdlib>

#include "illumos/rt/errno.h"
#include "illumos/rt/poll_events.h"
#include "illumos/rt/signal_numbers.h"

namespace portc::illumos {
namespace {

constexpr short kSame = 0xff;
constexpr nfds_t kOnStack = 64;

bool all_same(const pollfd* files, nfds_t count) {
  for (nfds_t i = 0; i < count; ++i)
    if ((files[i].events & ~kSame) != 0) return false;
  return true;
}

// A mask that may be missing.
class HostMask {
 public:
  explicit HostMask(const abi::SigSet* guest) : given_(guest != nullptr) {
    if (given_) set_ = set_to_host(*guest);
  }
  const sigset_t* get() const { return given_ ? &set_ : nullptr; }

 private:
  bool given_;
  sigset_t set_ = {};
};

template <typename Call>
int translated(pollfd* files, nfds_t count, Call call) {
  pollfd few[kOnStack];
  pollfd* copy = count <= kOnStack ? few : static_cast<pollfd*>(calloc(count, sizeof *copy));
  if (copy == nullptr) return fail(ENOMEM);
  for (nfds_t i = 0; i < count; ++i)
    copy[i] = {files[i].fd, static_cast<short>(poll_to_host(files[i].events)), 0};
  const int result = call(copy);
  if (result < 0) set_guest_errno();
  for (nfds_t i = 0; result >= 0 && i < count; ++i)
    files[i].revents = static_cast<short>(poll_to_guest(copy[i].revents));
  if (copy != few) free(copy);
  return result;
}

template <typename Call>
int polled(pollfd* files, nfds_t count, Call call) {
  if (files != nullptr && !all_same(files, count)) return translated(files, count, call);
  const int result = call(files);
  if (result < 0) set_guest_errno();
  return result;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_poll(pollfd* files, nfds_t count, int timeout) {
  return polled(files, count, [&](pollfd* host) { return poll(host, count, timeout); });
}

int il_ppoll(pollfd* files, nfds_t count, const timespec* timeout, const abi::SigSet* mask) {
  const HostMask host_mask(mask);
  return polled(files, count,
                [&](pollfd* host) { return ppoll(host, count, timeout, host_mask.get()); });
}

// Linux would write the time that is left into the guest's timeout.
int il_select(int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
              const timeval* timeout) {
  timeval left = {};
  if (timeout != nullptr) left = *timeout;
  const int result =
      select(count, readable, writable, exceptional, timeout != nullptr ? &left : nullptr);
  return result < 0 ? fail(errno) : result;
}

int il_pselect(int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
               const timespec* timeout, const abi::SigSet* mask) {
  const HostMask host_mask(mask);
  const int result = pselect(count, readable, writable, exceptional, timeout, host_mask.get());
  return result < 0 ? fail(errno) : result;
}

}  // extern "C"
