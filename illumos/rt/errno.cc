// SPDX-License-Identifier: MIT
#include "illumos/rt/errno.h"

#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kErrno[] = {
#include "illumos/tables/errno.inc"
};
constexpr auto kToGuest = by_host<256>(kErrno);
constexpr auto kToHost = by_guest<256>(kErrno);

}  // namespace

thread_local int guest_errno;

int errno_to_guest(int host) { return kToGuest.find(host, kToGuest.find(EIO, 0)); }
int errno_to_host(int guest) { return kToHost.find(guest, EIO); }

}  // namespace portc::illumos

extern "C" int* il____errno() { return &portc::illumos::guest_errno; }
