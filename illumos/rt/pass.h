// SPDX-License-Identifier: MIT
//
// Functions that are the same on both systems but for the errno. pass<&::read> is a function of
// the guest's: it calls Linux's and, when that says -1 (or a null pointer), sets the guest's
// errno. plain<&::getpid> does not look at errno. Both, rather than Linux's function itself,
// because guests may call with a stack that is not aligned (rules.mk: -mincoming-stack-boundary=3).
//
// checked<&::strtol> is for those that tell a failure by the errno: the guest's is set if Linux's
// was, though not by a function that could say -1 or a null pointer and did not.
#pragma once

#include <type_traits>

#include "illumos/rt/errno.h"
#include "illumos/rt/streams.h"

namespace portc::illumos {

template <typename R>
bool is_failure(R result) {
  if constexpr (std::is_pointer_v<R>)
    return result == nullptr;
  else
    return result == static_cast<R>(-1);
}

// An argument of the guest's as Linux's functions want it.
template <typename T>
T host_argument(T argument) {
  return argument;
}
inline FILE* host_argument(FILE* stream) { return host_stream(stream); }

template <auto kFunction, typename R, typename... Arguments>
const void* pass_as(R (*)(Arguments...)) {
  R (*call)
  (Arguments...) = [](Arguments... arguments) -> R {
    const R result = kFunction(host_argument(arguments)...);
    if (is_failure(result)) set_guest_errno();
    return result;
  };
  return reinterpret_cast<const void*>(call);
}

template <auto kFunction, typename R, typename... Arguments>
const void* plain_as(R (*)(Arguments...)) {
  R (*call)(Arguments...) = [](Arguments... arguments) -> R { return kFunction(host_argument(arguments)...); };
  return reinterpret_cast<const void*>(call);
}

template <typename R>
bool may_have_failed(R result) {
  if constexpr (std::is_pointer_v<R> || std::is_same_v<R, int>)
    return is_failure(result);
  else
    return true;
}

template <auto kFunction, typename R, typename... Arguments>
const void* checked_as(R (*)(Arguments...)) {
  R (*call)
  (Arguments...) = [](Arguments... arguments) -> R {
    errno = 0;
    const R result = kFunction(host_argument(arguments)...);
    if (errno != 0 && may_have_failed(result)) set_guest_errno();
    return result;
  };
  return reinterpret_cast<const void*>(call);
}

template <auto kFunction>
const void* checked() {
  return checked_as<kFunction>(kFunction);
}

template <auto kFunction>
const void* pass() {
  return pass_as<kFunction>(kFunction);
}

template <auto kFunction>
const void* plain() {
  return plain_as<kFunction>(kFunction);
}

}  // namespace portc::illumos
