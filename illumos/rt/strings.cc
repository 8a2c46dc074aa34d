// SPDX-License-Identifier: MIT
//
// Functions of illumos's that Linux's library does not have, or has with another result.
// Source: illumos string(3C), strtonum(3C), malloc(3C), mktemp(3C), fenv(3M).
#include <endian.h>
#include <fenv.h>
#include <unistd.h>

#include <bit>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/errno.h"

namespace portc::illumos {
namespace {

constexpr int kRandMax = 32767;

// A file of such a name is made and taken away: what else could tell that it is not used?
char* unused_name(char* name) {
  const int fd = mkstemp(name);
  if (fd < 0) {
    name[0] = '\0';
    return name;
  }
  (void)close(fd);
  (void)unlink(name);
  return name;
}

// The order is illumos's: FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO.
constexpr int kRounding[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" size_t il_strlcpy(char* to, const char* from, size_t size) {
  const size_t length = strlen(from);
  if (size == 0) return length;
  const size_t copied = length < size ? length : size - 1;
  memcpy(to, from, copied);
  to[copied] = '\0';
  return length;
}

extern "C" size_t il_strlcat(char* to, const char* from, size_t size) {
  const size_t used = strnlen(to, size);
  if (used == size) return size + strlen(from);
  return used + il_strlcpy(to + used, from, size - used);
}

extern "C" char* il_strnstr(const char* in, const char* what, size_t size) {
  return static_cast<char*>(memmem(const_cast<char*>(in), strnlen(in, size), what, strlen(what)));
}

extern "C" int il_flsll(long long word) {
  return word == 0 ? 0 : 64 - __builtin_clzll(static_cast<unsigned long long>(word));
}
extern "C" int il_flsl(long word) { return il_flsll(word); }
extern "C" int il_fls(int word) { return il_flsll(static_cast<unsigned>(word)); }

extern "C" long long il_strtonumx(const char* text, long long least, long long most,
                                  const char** why, int base) {
  const char* problem = nullptr;
  int error = 0;
  char* end = nullptr;
  errno = 0;
  const long long value = strtoll(text, &end, base);
  if (least > most || base < 0 || base > 36 || base == 1) {
    problem = least > most ? "invalid" : "unparsable; invalid base specified";
    error = EINVAL;
  } else if (end == text || *end != '\0') {
    problem = "invalid";
    error = EINVAL;
  } else if (value < least || (value == LLONG_MIN && errno == ERANGE)) {
    problem = "too small";
    error = ERANGE;
  } else if (value > most || (value == LLONG_MAX && errno == ERANGE)) {
    problem = "too large";
    error = ERANGE;
  }
  if (why != nullptr) *why = problem;
  if (error == 0) return value;
  guest_errno = errno_to_guest(error);
  return 0;
}

extern "C" long long il_strtonum(const char* text, long long least, long long most,
                                 const char** why) {
  return il_strtonumx(text, least, most, why, 10);
}

extern "C" int il_memset_s(void* to, size_t size, int byte, size_t count) {
  const size_t n = count < size ? count : size;
  if (to == nullptr || size > SIZE_MAX / 2) return errno_to_guest(EINVAL);
  memset(to, byte, n);
  asm volatile("" : : "r"(to) : "memory");
  if (count > SIZE_MAX / 2) return errno_to_guest(ERANGE);
  return count > size ? errno_to_guest(EOVERFLOW) : 0;
}

extern "C" int il_rand() { return rand() & kRandMax; }
extern "C" int il_rand_r(unsigned* seed) { return rand_r(seed) & kRandMax; }

extern "C" void* il_reallocf(void* memory, size_t size) {
  void* result = realloc(memory, size);
  if (result != nullptr) return result;
  set_guest_errno();
  if (size != 0) free(memory);
  return nullptr;
}

extern "C" void il_freezero(void* memory, size_t size) {
  if (memory == nullptr) return;
  explicit_bzero(memory, size);
  free(memory);
}

extern "C" void* il_recallocarray(void* memory, size_t old_count, size_t count, size_t size) {
  size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    (void)fail(ENOMEM);
    return nullptr;
  }
  void* result = calloc(count, size);
  if (result == nullptr) {
    (void)fail(ENOMEM);
    return nullptr;
  }
  const size_t old = old_count * size;
  if (memory != nullptr) memcpy(result, memory, old < total ? old : total);
  il_freezero(memory, memory != nullptr ? old : 0);
  return result;
}

extern "C" char* il_tmpnam_r(char* name) {
  if (name == nullptr) return nullptr;
  strcpy(name, "/var/tmp/tmpXXXXXX");
  return unused_name(name);
}

extern "C" char* il_tmpnam(char* name) {
  static char own[25];
  return il_tmpnam_r(name != nullptr ? name : own);
}

extern "C" char* il_tempnam(const char* folder, const char* prefix) {
  char* name = nullptr;
  if (asprintf(&name, "%s/%sXXXXXX", folder != nullptr ? folder : "/var/tmp",
               prefix != nullptr ? prefix : "") < 0) {
    (void)fail(ENOMEM);
    return nullptr;
  }
  return unused_name(name);
}

extern "C" uint16_t il_be16toh(uint16_t x) { return be16toh(x); }
extern "C" uint32_t il_be32toh(uint32_t x) { return be32toh(x); }
extern "C" uint64_t il_be64toh(uint64_t x) { return be64toh(x); }
extern "C" uint16_t il_le16toh(uint16_t x) { return x; }
extern "C" uint32_t il_le32toh(uint32_t x) { return x; }
extern "C" uint64_t il_le64toh(uint64_t x) { return x; }

extern "C" int il_fegetround() {
  const int host = fegetround();
  for (int guest = 0; guest < 4; ++guest)
    if (kRounding[guest] == host) return guest;
  return -1;
}

extern "C" int il_fesetround(int guest) {
  return guest < 0 || guest > 3 ? -1 : fesetround(kRounding[guest]);
}

// The way it was before, unlike fesetround.
extern "C" int il_fpsetround(int guest) {
  const int before = il_fegetround();
  (void)il_fesetround(guest);
  return before;
}

// FP_SNAN 0, QNAN 1, NINF 2, PINF 3, NDENORM 4, PDENORM 5, NZERO 6, PZERO 7, NNORM 8, PNORM 9.
extern "C" int il_fpclass(double value) {
  constexpr uint64_t kQuiet = uint64_t{1} << 51;
  const int positive = std::signbit(value) ? 0 : 1;
  switch (std::fpclassify(value)) {
    case FP_NAN:
      return (std::bit_cast<uint64_t>(value) & kQuiet) == 0 ? 0 : 1;
    case FP_INFINITE:
      return 2 + positive;
    case FP_SUBNORMAL:
      return 4 + positive;
    case FP_ZERO:
      return 6 + positive;
    default:
      return 8 + positive;
  }
}

extern "C" int il_unordered(double a, double b) { return std::isunordered(a, b); }
