// SPDX-License-Identifier: MIT
//
// What differs in stdio: variadic functions, which cannot be passed on, and some arguments.
// Source: illumos <stdio.h>, <iso/stdio_iso.h>.
#include <stdio_ext.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <cwchar>

#include "illumos/rt/data.h"
#include "illumos/rt/environment.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/objects.h"
#include "illumos/rt/signal_numbers.h"
#include "illumos/rt/streams.h"

alignas(16) unsigned char il___iob[portc::illumos::kStreamSize * portc::illumos::kStreamCount];

namespace portc::illumos {
namespace {

uintptr_t find_streams() {
  auto& first = guest_object("__iob", il___iob);
  if (&first != &il___iob) return reinterpret_cast<uintptr_t>(&first);
  return reinterpret_cast<uintptr_t>(&guest_object("_iob", il___iob));
}

uintptr_t first_stream() {
  static std::atomic<uintptr_t> first{0};
  uintptr_t at = first.load(std::memory_order_relaxed);
  if (at == 0) first.store(at = find_streams(), std::memory_order_relaxed);
  return at;
}

// What a variadic function leaves behind.
int told(int result) {
  if (result < 0 && errno != 0) set_guest_errno();
  return result;
}

constexpr int kFullyBuffered = 0, kLineBuffered = 0100, kUnbuffered = 04;

int buffering_to_host(int guest) {
  if (guest == kLineBuffered) return _IOLBF;
  if (guest == kUnbuffered) return _IONBF;
  return guest == kFullyBuffered ? _IOFBF : -1;
}

}  // namespace

FILE* host_stream(FILE* guest) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(guest) - first_stream();
  if (at >= sizeof il___iob) return guest;
  switch (at / kStreamSize) {
    case 0:
      return stdin;
    case 1:
      return stdout;
    case 2:
      return stderr;
    default:
      return guest;
  }
}

}  // namespace portc::illumos

using namespace portc::illumos;

// The call of a v-function with the rest of the arguments.
#define WITH_REST(last, call) \
  va_list rest;               \
  va_start(rest, last);       \
  errno = 0;                  \
  const int result = call;    \
  va_end(rest);               \
  return told(result)

extern "C" int il_printf(const char* format, ...) { WITH_REST(format, vprintf(format, rest)); }

extern "C" int il_fprintf(FILE* stream, const char* format, ...) {
  WITH_REST(format, vfprintf(host_stream(stream), format, rest));
}

extern "C" int il_dprintf(int fd, const char* format, ...) {
  WITH_REST(format, vdprintf(fd, format, rest));
}

extern "C" int il_sprintf(char* to, const char* format, ...) {
  WITH_REST(format, vsprintf(to, format, rest));
}

extern "C" int il_snprintf(char* to, size_t size, const char* format, ...) {
  WITH_REST(format, vsnprintf(to, size, format, rest));
}

extern "C" int il_asprintf(char** to, const char* format, ...) {
  WITH_REST(format, vasprintf(to, format, rest));
}

extern "C" int il_scanf(const char* format, ...) { WITH_REST(format, vscanf(format, rest)); }

extern "C" int il_fscanf(FILE* stream, const char* format, ...) {
  WITH_REST(format, vfscanf(host_stream(stream), format, rest));
}

extern "C" int il_sscanf(const char* from, const char* format, ...) {
  WITH_REST(format, vsscanf(from, format, rest));
}

extern "C" int il_wprintf(const wchar_t* format, ...) { WITH_REST(format, vwprintf(format, rest)); }

extern "C" int il_fwprintf(FILE* stream, const wchar_t* format, ...) {
  WITH_REST(format, vfwprintf(host_stream(stream), format, rest));
}

extern "C" int il_swprintf(wchar_t* to, size_t size, const wchar_t* format, ...) {
  WITH_REST(format, vswprintf(to, size, format, rest));
}

extern "C" int il_swscanf(const wchar_t* from, const wchar_t* format, ...) {
  WITH_REST(format, vswscanf(from, format, rest));
}

extern "C" int il_wscanf(const wchar_t* format, ...) { WITH_REST(format, vwscanf(format, rest)); }

extern "C" int il_fwscanf(FILE* stream, const wchar_t* format, ...) {
  WITH_REST(format, vfwscanf(host_stream(stream), format, rest));
}

// The guest's own pointer comes back, not Linux's.
extern "C" FILE* il_freopen(const char* path, const char* mode, FILE* stream) {
  errno = 0;
  FILE* result = freopen(path, mode, host_stream(stream));
  if (result != nullptr) return stream;
  if (errno != 0) set_guest_errno();
  return nullptr;
}

extern "C" int il_setvbuf(FILE* stream, char* buffer, int mode, size_t size) {
  return setvbuf(host_stream(stream), buffer, buffering_to_host(mode), size);
}

// A position is eight bytes here; the state of multibyte characters has no room in it.
extern "C" int il_fgetpos(FILE* stream, int64_t* position) {
  const off_t at = ftello(host_stream(stream));
  if (at < 0) return fail(errno);
  *position = at;
  return 0;
}

extern "C" int il_fsetpos(FILE* stream, const int64_t* position) {
  return fseeko(host_stream(stream), *position, SEEK_SET) == 0 ? 0 : fail(errno);
}

extern "C" int il_getw(FILE* stream) { return getw(host_stream(stream)); }

extern "C" FILE* il_popen(const char* command, const char* mode) {
  lend_environment();
  errno = 0;
  FILE* stream = popen(command, mode);
  if (stream == nullptr && errno != 0) set_guest_errno();
  return stream;
}

extern "C" int il_pclose(FILE* stream) {
  constexpr int kSignal = 0x7f;
  const int status = pclose(host_stream(stream));
  if (status < 0) return fail(errno);
  const int number = signal_to_guest(status & kSignal);
  return number > 0 ? (status & ~kSignal) | number : status;
}
