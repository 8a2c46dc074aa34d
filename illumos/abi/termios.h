// SPDX-License-Identifier: MIT
//
// Terminals as illumos lays them out. Source: illumos <sys/termios.h>, <sys/termio.h>,
// <sys/stropts.h>.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

constexpr size_t kControlCharacters = 19;

struct Termios {
  uint32_t input, output, control, local;
  uint8_t characters[kControlCharacters];
};
static_assert(sizeof(Termios) == 36 && offsetof(Termios, characters) == 16);

struct Termio {
  uint16_t input, output, control, local;
  char line;
  uint8_t characters[8];
};
static_assert(sizeof(Termio) == 18 && offsetof(Termio, characters) == 9);

struct Strioctl {
  int command;
  int timeout;
  int size;
  void* data;
};
static_assert(sizeof(Strioctl) == 24 && offsetof(Strioctl, data) == 16);

// Two of Linux's characters share each of these, by whether ICANON is set.
constexpr int kEofOrMin = 4;
constexpr int kEolOrTime = 5;

}  // namespace portc::illumos::abi
