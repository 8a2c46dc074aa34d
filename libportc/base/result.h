// SPDX-License-Identifier: MIT
//
// Result<T>: a value or an error number. Everything below the C boundary returns one; errno is
// written only in api/ and interpose/.
//
// std::expected would need C++23 in g++ 12 and is not [[nodiscard]] as a class.
#pragma once

#include <cerrno>

#include "libportc/base/assert.h"

namespace portc {

// An error number, spelled so that `return Errno{EBADF};` reads as what it is.
struct Errno {
  int value;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(static_cast<T&&>(value)), error_(0) {}
  Result(Errno error) : value_(), error_(error.value) { PORTC_ASSERT(error.value != 0); }

  explicit operator bool() const { return error_ == 0; }
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  T&& take() { return static_cast<T&&>(value_); }
  int error() const { return error_; }

 private:
  T value_;
  int error_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() : error_(0) {}
  Result(Errno error) : error_(error.value) { PORTC_ASSERT(error.value != 0); }

  explicit operator bool() const { return error_ == 0; }
  int error() const { return error_; }

 private:
  int error_;
};

}  // namespace portc
