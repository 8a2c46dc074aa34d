// SPDX-License-Identifier: MIT
//
// Regular expressions and path patterns: Linux's objects, kept behind a pointer in the guest's.
// Source: illumos <regex.h>, <glob.h>, <fnmatch.h>.
#include "illumos/abi/patterns.h"

#include <fnmatch.h>
#include <glob.h>
#include <regex.h>

#include <cstdlib>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kRegexErrors[] = {
#include "illumos/tables/regex_error.inc"
};
constexpr Number kRegexFlags[] = {
#include "illumos/tables/regex_flags.inc"
};
constexpr Number kMatchFlags[] = {
#include "illumos/tables/regexec_flags.inc"
};
constexpr Number kGlobFlags[] = {
#include "illumos/tables/glob_flags.inc"
};

constexpr int kFatal = 16, kNoSpace = 11;  // REG_EFATAL, REG_ESPACE
constexpr size_t kMaxMatches = 64;

int regex_error(int host) {
  return host == 0 ? 0 : static_cast<int>(guest_number(kRegexErrors, host, kFatal));
}

template <size_t kCount>
int flags_of(const Number (&table)[kCount], int guest) {
  int64_t rest = 0;
  return static_cast<int>(host_flags(table, guest, rest));
}

int glob_result(int host) {
  switch (host) {
    case 0:
      return 0;
    case GLOB_NOSPACE:
      return -2;
    case GLOB_ABORTED:
      return -1;
    case GLOB_NOMATCH:
      return -3;
    default:
      return -4;
  }
}

constexpr int kGlobAppend = 0x20, kIgnoreCase = 0x08;

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il_regcomp(abi::Regex* out, const char* pattern, int flags) {
  auto* host = static_cast<regex_t*>(malloc(sizeof(regex_t)));
  if (host == nullptr) return kNoSpace;
  const int error = regcomp(host, pattern, flags_of(kRegexFlags, flags));
  memset(out, 0, sizeof *out);
  out->flags = flags;
  if (error != 0) {
    free(host);
    return regex_error(error);
  }
  out->compiled = host;
  out->groups = host->re_nsub;
  return 0;
}

extern "C" int il_regexec(const abi::Regex* pattern, const char* text, size_t count,
                          abi::RegexMatch* matches, int flags) {
  if (pattern->compiled == nullptr) return 14;  // REG_BADPAT
  regmatch_t host[kMaxMatches];
  const size_t n = count < kMaxMatches ? count : kMaxMatches;
  const int result = regexec(static_cast<const regex_t*>(pattern->compiled), text, n, host,
                             flags_of(kMatchFlags, flags));
  if (result != 0) return regex_error(result);
  if ((pattern->flags & 0x2) != 0) return 0;  // REG_NOSUB
  for (size_t i = 0; i < count; ++i) {
    const bool found = i < n && host[i].rm_so >= 0;
    matches[i] = {found ? text + host[i].rm_so : nullptr,
                  found ? text + host[i].rm_eo : nullptr,
                  found ? host[i].rm_so : -1,
                  found ? host[i].rm_eo : -1,
                  {0, 0}};
  }
  return 0;
}

extern "C" size_t il_regerror(int error, const abi::Regex*, char* to, size_t size) {
  const auto host = static_cast<int>(host_number(kRegexErrors, error, REG_BADPAT));
  return regerror(error == 0 ? 0 : host, nullptr, to, size);
}

extern "C" void il_regfree(abi::Regex* pattern) {
  if (pattern->compiled == nullptr) return;
  regfree(static_cast<regex_t*>(pattern->compiled));
  free(pattern->compiled);
  pattern->compiled = nullptr;
}

extern "C" int il_fnmatch(const char* pattern, const char* text, int flags) {
  int host = flags & (FNM_PATHNAME | FNM_NOESCAPE | FNM_PERIOD);
  if ((flags & kIgnoreCase) != 0) host |= FNM_CASEFOLD;
  const int result = fnmatch(pattern, text, host);
  return result == 0 || result == FNM_NOMATCH ? result : 2;  // FNM_ERROR
}

extern "C" int il_glob(const char* pattern, int flags, int (*on_error)(const char*, int),
                       abi::Glob* out) {
  if ((flags & kGlobAppend) == 0) out->internal = nullptr;
  auto* host = static_cast<glob_t*>(out->internal);
  if (host == nullptr) {
    host = static_cast<glob_t*>(calloc(1, sizeof(glob_t)));
    if (host == nullptr) return glob_result(GLOB_NOSPACE);
    flags &= ~kGlobAppend;
  }
  host->gl_offs = out->offset;
  const int result = glob(pattern, flags_of(kGlobFlags, flags), on_error, host);
  out->internal = host;
  out->count = host->gl_pathc;
  out->paths = host->gl_pathv;
  return glob_result(result);
}

extern "C" void il_globfree(abi::Glob* out) {
  if (out->internal == nullptr) return;
  globfree(static_cast<glob_t*>(out->internal));
  free(out->internal);
  out->internal = nullptr;
}
