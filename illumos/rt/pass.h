// SPDX-License-Identifier: MIT
//
// Functions that are the same on both systems but for the errno. pass<&::read> is a function of
// the guest's: it calls Linux's and, when that says -1 (or a null pointer), sets the guest's
// errno. plain<&::getpid> does not look at errno. Both, rather than Linux's function itself,
// because guests may call with a stack that is not aligned (rules.mk: -mstackrealign).
#pragma once

#include <type_traits>

#include "illumos/rt/errno.h"

namespace portc::illumos {

template <typename R>
bool is_failure(R result) {
  if constexpr (std::is_pointer_v<R>)
    return result == nullptr;
  else
    return result == static_cast<R>(-1);
}

template <auto kFunction, typename R, typename... Arguments>
const void* pass_as(R (*)(Arguments...)) {
  R (*call)
  (Arguments...) = [](Arguments... arguments) -> R {
    const R result = kFunction(arguments...);
    if (is_failure(result)) set_guest_errno();
    return result;
  };
  return reinterpret_cast<const void*>(call);
}

template <auto kFunction, typename R, typename... Arguments>
const void* plain_as(R (*)(Arguments...)) {
  R (*call)(Arguments...) = [](Arguments... arguments) -> R { return kFunction(arguments...); };
  return reinterpret_cast<const void*>(call);
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
