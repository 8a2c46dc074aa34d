// SPDX-License-Identifier: MIT
//
// What system this is; and calls that no program can make work here.
//
// Sources: illumos uname(2), sysinfo(2), <sys/systeminfo.h>, syscall(2), priocntl(2).
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "illumos/abi/process.h"
#include "illumos/rt/errno.h"

namespace portc::illumos {
namespace {

constexpr char kSystem[] = "SunOS";
constexpr char kRelease[] = "5.11";
constexpr char kVersion[] = "illumos-portc";
constexpr char kMachine[] = "i86pc";

enum Question : int {
  kSysname = 1,
  kHostname = 2,
  kRelease_ = 3,
  kVersion_ = 4,
  kMachine_ = 5,
  kArchitecture = 6,
  kSerial = 7,
  kProvider = 8,
  kDomain = 9,
  kSetHostname = 258,
  kPlatform = 513,
  kIsaList = 514,
  kArchitecture32 = 516,
  kArchitecture64 = 517,
  kArchitectureKernel = 518,
  kArchitectureNative = 519,
};

// Null if nobody knows.
const char* answer(int question) {
  switch (question) {
    case kSysname:
      return kSystem;
    case kRelease_:
      return kRelease;
    case kVersion_:
      return kVersion;
    case kMachine_:
    case kPlatform:
      return kMachine;
    case kArchitecture:
    case kArchitecture32:
      return "i386";
    case kSerial:
      return "0";
    case kProvider:
      return "";
    case kDomain:
      return "";
    case kIsaList:
      return "amd64 pentium_pro+mmx pentium_pro pentium+mmx pentium i486 i386 i86";
    case kArchitecture64:
    case kArchitectureKernel:
    case kArchitectureNative:
      return "amd64";
    default:
      return nullptr;
  }
}

void put(char (&to)[abi::kNameSize], const char* text) { snprintf(to, sizeof to, "%s", text); }

// The whole length, also when only a part of it had room.
int answered(const char* text, char* buffer, long size) {
  if (size > 0) snprintf(buffer, static_cast<size_t>(size), "%s", text);
  return static_cast<int>(strlen(text)) + 1;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

// Not negative, rather than 0, is success there.
int il_uname(abi::Utsname* name) {
  put(name->system, kSystem);
  if (gethostname(name->node, sizeof name->node) != 0) return fail(errno);
  put(name->release, kRelease);
  put(name->version, kVersion);
  put(name->machine, kMachine);
  return 1;
}

int il_sysinfo(int question, char* buffer, long size) {
  if (question == kSetHostname)
    return sethostname(buffer, strnlen(buffer, static_cast<size_t>(size))) == 0
               ? static_cast<int>(size)
               : fail(errno);
  char host[abi::kNameSize];
  if (question == kHostname)
    return gethostname(host, sizeof host) != 0 ? fail(errno) : answered(host, buffer, size);
  const char* text = answer(question);
  return text == nullptr ? fail(EINVAL) : answered(text, buffer, size);
}

// System calls by number are between illumos's libc and its kernel.
long il_syscall(int, ...) { return fail(ENOSYS); }

// There are no scheduling classes to ask for.
long il_priocntl(int, int, int, void*, ...) { return fail(EINVAL); }
long il___priocntl(int, int, int, int, void*, ...) { return fail(EINVAL); }

int il_getcpuid() { return sched_getcpu(); }
int il_getpagesize() { return getpagesize(); }

}  // extern "C"
