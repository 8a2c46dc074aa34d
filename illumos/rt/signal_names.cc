// SPDX-License-Identifier: MIT
//
// Source: str2sig(3C) of illumos.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/abi/signal.h"

namespace {

constexpr int kFirstRealTime = 42;
constexpr int kLastRealTime = portc::illumos::abi::kMaxSignal;

// By number; 0 is EXIT, as for a shell.
constexpr const char* kNames[kFirstRealTime] = {
    "EXIT",   "HUP",    "INT",   "QUIT", "ILL",  "TRAP",    "ABRT", "EMT",    "FPE",
    "KILL",   "BUS",    "SEGV",  "SYS",  "PIPE", "ALRM",    "TERM", "USR1",   "USR2",
    "CLD",    "PWR",    "WINCH", "URG",  "POLL", "STOP",    "TSTP", "CONT",   "TTIN",
    "TTOU",   "VTALRM", "PROF",  "XCPU", "XFSZ", "WAITING", "LWP",  "FREEZE", "THAW",
    "CANCEL", "LOST",   "XRES",  "JVM1", "JVM2", "INFO",
};

struct Alias {
  const char* name;
  int number;
};
constexpr Alias kAliases[] = {
    {"IOT", 6}, {"CHLD", 18}, {"IO", 22}, {"RTMIN", kFirstRealTime}, {"RTMAX", kLastRealTime}};

bool parse_number(const char* text, int& out) {
  char* end;
  const long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < 0 || value > kLastRealTime) return false;
  out = static_cast<int>(value);
  return true;
}

}  // namespace

extern "C" {

int il_sig2str(int number, char* text) {
  constexpr size_t kSize = 32;  // SIG2STR_MAX
  if (number >= 0 && number < kFirstRealTime)
    strcpy(text, kNames[number]);
  else if (number == kFirstRealTime || number == kLastRealTime)
    strcpy(text, number == kFirstRealTime ? "RTMIN" : "RTMAX");
  else if (number > kFirstRealTime && number <= (kFirstRealTime + kLastRealTime) / 2)
    snprintf(text, kSize, "RTMIN+%d", number - kFirstRealTime);
  else if (number > kFirstRealTime && number < kLastRealTime)
    snprintf(text, kSize, "RTMAX-%d", kLastRealTime - number);
  else
    return -1;
  return 0;
}

int il_str2sig(const char* text, int* number) {
  if (parse_number(text, *number)) return 0;
  for (int i = 0; i < kFirstRealTime; ++i) {
    if (strcmp(text, kNames[i]) != 0) continue;
    *number = i;
    return 0;
  }
  for (const Alias& alias : kAliases) {
    if (strcmp(text, alias.name) != 0) continue;
    *number = alias.number;
    return 0;
  }
  int step = 0;
  const bool up = strncmp(text, "RTMIN+", 6) == 0;
  if (!up && strncmp(text, "RTMAX-", 6) != 0) return -1;
  if (!parse_number(text + 6, step) || step > kLastRealTime - kFirstRealTime) return -1;
  *number = up ? kFirstRealTime + step : kLastRealTime - step;
  return 0;
}

}  // extern "C"
