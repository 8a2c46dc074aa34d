// SPDX-License-Identifier: MIT
//
// Errors and signals in words, and programs that complain: strerror, perror, err, assert, syslog.
// Source: illumos strerror(3C), err(3C), syslog(3C), <assert.h>.
#include <syslog.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/error_texts.h"
#include "illumos/rt/start.h"

namespace portc::illumos {
namespace {

const char* const kSignals[] = {
    nullptr,
    "Hangup",
    "Interrupt",
    "Quit",
    "Illegal Instruction",
    "Trace/Breakpoint Trap",
    "Abort",
    "Emulation Trap",
    "Arithmetic Exception",
    "Killed",
    "Bus Error",
    "Segmentation Fault",
    "Bad System Call",
    "Broken Pipe",
    "Alarm Clock",
    "Terminated",
    "User Signal 1",
    "User Signal 2",
    "Child Status Changed",
    "Power-Fail/Restart",
    "Window Size Change",
    "Urgent Socket Condition",
    "Pollable Event",
    "Stopped (signal)",
    "Stopped (user)",
    "Continued",
    "Stopped (tty input)",
    "Stopped (tty output)",
    "Virtual Timer Expired",
    "Profiling Timer Expired",
    "Cpu Limit Exceeded",
    "File Size Limit Exceeded",
    "No runnable lwp",
    "Inter-lwp signal",
    "Checkpoint Freeze",
    "Checkpoint Thaw",
    "Thread Cancellation",
    "Resource Lost",
    "Resource Control Exceeded",
    "Reserved for JVM 1",
    "Reserved for JVM 2",
    "Information Request",
};
constexpr int kSignalCount = sizeof kSignals / sizeof kSignals[0];
constexpr int kFirstRealTime = 42, kLastRealTime = 74;

const char* signal_text(int number) {
  static thread_local char text[32];
  if (number > 0 && number < kSignalCount) return kSignals[number];
  if (number < kFirstRealTime || number > kLastRealTime) return nullptr;
  snprintf(text, sizeof text, "Real Time Signal %d", number - kFirstRealTime);
  return text;
}

const char* program_name;

const char* last_part(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash != nullptr ? slash + 1 : path;
}

const char* name_of_program() {
  return program_name != nullptr ? program_name : last_part(handover().program);
}

// "NAME: ", the message, and with an error number ": " and its text.
void complain(const int* error, const char* format, va_list arguments) {
  (void)fflush(stdout);
  flockfile(stderr);
  fprintf(stderr, "%s: ", name_of_program());
  if (format != nullptr) vfprintf(stderr, format, arguments);
  if (error != nullptr) fprintf(stderr, "%s%s", format != nullptr ? ": " : "", error_text(*error));
  fputc('\n', stderr);
  funlockfile(stderr);
}

constexpr int kCronHere = 15 << 3, kFacilityMask = 0x3f8;  // LOG_CRON

int priority_to_host(int guest) {
  return (guest & kFacilityMask) == kCronHere ? (guest & ~kFacilityMask) | LOG_CRON : guest;
}

}  // namespace

const ErrorText* find_error_text(int number) {
  for (const ErrorText& entry : kErrorTexts)
    if (entry.number == number) return &entry;
  return nullptr;
}

const char* error_text(int number) {
  static thread_local char unknown[32];
  if (const ErrorText* entry = find_error_text(number)) return entry->text;
  snprintf(unknown, sizeof unknown, "Unknown error %d", number);
  return unknown;
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" const char* il_strerror(int number) { return error_text(number); }

extern "C" const char* il_strerrorname_np(int number) {
  const ErrorText* entry = find_error_text(number);
  return entry != nullptr ? entry->name : nullptr;
}

extern "C" int il_strerror_r(int number, char* to, size_t size) {
  const char* text = error_text(number);
  if (strlen(text) >= size) return errno_to_guest(ERANGE);
  strcpy(to, text);
  return find_error_text(number) != nullptr ? 0 : errno_to_guest(EINVAL);
}

extern "C" void il_perror(const char* prefix) {
  const int error = guest_errno;
  if (prefix != nullptr && prefix[0] != '\0') fprintf(stderr, "%s: ", prefix);
  fprintf(stderr, "%s\n", error_text(error));
}

extern "C" const char* il_strsignal(int number) { return signal_text(number); }

extern "C" void il_psignal(int number, const char* prefix) {
  const char* text = signal_text(number);
  if (prefix != nullptr && prefix[0] != '\0') fprintf(stderr, "%s: ", prefix);
  fprintf(stderr, "%s\n", text != nullptr ? text : "Unknown Signal");
}

extern "C" const char* il_getprogname() { return name_of_program(); }
extern "C" void il_setprogname(const char* name) { program_name = last_part(name); }

extern "C" void il_vwarn(const char* format, va_list arguments) {
  const int error = guest_errno;
  complain(&error, format, arguments);
}

extern "C" void il_vwarnx(const char* format, va_list arguments) {
  complain(nullptr, format, arguments);
}

extern "C" void il_vwarnc(int error, const char* format, va_list arguments) {
  complain(&error, format, arguments);
}

extern "C" void il_verr(int status, const char* format, va_list arguments) {
  il_vwarn(format, arguments);
  exit(status);
}

extern "C" void il_verrx(int status, const char* format, va_list arguments) {
  il_vwarnx(format, arguments);
  exit(status);
}

extern "C" void il_verrc(int status, int error, const char* format, va_list arguments) {
  il_vwarnc(error, format, arguments);
  exit(status);
}

extern "C" void il_warn(const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  il_vwarn(format, rest);
  va_end(rest);
}

extern "C" void il_warnx(const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  il_vwarnx(format, rest);
  va_end(rest);
}

extern "C" void il_warnc(int error, const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  il_vwarnc(error, format, rest);
  va_end(rest);
}

extern "C" void il_err(int status, const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  il_verr(status, format, rest);
  va_end(rest);
}

extern "C" void il_errx(int status, const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  il_verrx(status, format, rest);
  va_end(rest);
}

extern "C" void il_errc(int status, int error, const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  il_verrc(status, error, format, rest);
  va_end(rest);
}

extern "C" void il___assert_c99(const char* expression, const char* file, int line,
                                const char* function) {
  fprintf(stderr, "Assertion failed: %s, file %s, line %d, function %s\n", expression, file, line,
          function);
  abort();
}

extern "C" void il___assert(const char* expression, const char* file, int line) {
  fprintf(stderr, "Assertion failed: %s, file %s, line %d\n", expression, file, line);
  abort();
}

extern "C" int il_assfail(const char* text, const char* file, int line) {
  fprintf(stderr, "assertion failed: %s, file: %s, line: %d\n", text, file, line);
  abort();
}

extern "C" void il_assfail3(const char* text, unsigned long left, const char* operation,
                            unsigned long right, const char* file, int line) {
  fprintf(stderr, "assertion failed: %s (0x%lx %s 0x%lx), file: %s, line: %d\n", text, left,
          operation, right, file, line);
  abort();
}

extern "C" void il_vsyslog(int priority, const char* format, va_list arguments) {
  errno = errno_to_host(guest_errno);  // for %m
  vsyslog(priority_to_host(priority), format, arguments);
}

extern "C" void il_syslog(int priority, const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  il_vsyslog(priority, format, rest);
  va_end(rest);
}

extern "C" void il_openlog(const char* name, int options, int facility) {
  openlog(name, options, priority_to_host(facility));
}
