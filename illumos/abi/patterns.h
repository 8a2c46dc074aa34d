// SPDX-License-Identifier: MIT
//
// Regular expressions and path patterns as illumos lays them out. Source: illumos <regex.h>,
// <glob.h>.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

struct Regex {
  size_t groups;
  void* compiled;
  int flags;
  size_t error_at;
  size_t size;
  void* extension;
};
static_assert(sizeof(Regex) == 48 && offsetof(Regex, compiled) == 8);

struct RegexMatch {
  const char* start;
  const char* end;
  int64_t start_offset;
  int64_t end_offset;
  int internal[2];
};
static_assert(sizeof(RegexMatch) == 40 && offsetof(RegexMatch, start_offset) == 16);

// _glob_ext's has more members, which are not written here.
struct Glob {
  size_t count;
  char** paths;
  size_t offset;
  void* internal;
  int allocated;
};
static_assert(offsetof(Glob, internal) == 24);

}  // namespace portc::illumos::abi
