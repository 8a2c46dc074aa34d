// SPDX-License-Identifier: MIT
#include "illumos/link/stubs.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "illumos/elf/image.h"
#include "illumos/link/trace.h"

namespace portc::illumos {
namespace {

constexpr size_t kStub = 32;
constexpr int kNotProvided = 127;

[[noreturn]] void report_missing(const char* name) {
  char line[256];
  const int length =
      snprintf(line, sizeof line, "portc-run: illumos function %s is not provided\n", name);
  const size_t size =
      length < static_cast<int>(sizeof line) ? static_cast<size_t>(length) : sizeof line;
  (void)!write(STDERR_FILENO, line, size);
  _exit(kNotProvided);
}

void put(unsigned char* at, const void* value) { memcpy(at, &value, sizeof value); }

}  // namespace

bool Stubs::reserve(size_t count) {
  if (count == 0) return true;
  size_ = page_up(count * kStub);
  void* at = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return false;
  memory_ = static_cast<unsigned char*>(at);
  return true;
}

const void* Stubs::emit(const unsigned char* code, size_t size) {
  if (used_ + kStub > size_) return nullptr;
  unsigned char* at = memory_ + used_;
  used_ += kStub;
  memcpy(at, code, size);
  return at;
}

const void* Stubs::missing(const char* name) {
  unsigned char code[] = {
      0x48, 0xbf, 0,    0,    0, 0, 0, 0, 0, 0,  // movabs $name, %rdi
      0x48, 0xb8, 0,    0,    0, 0, 0, 0, 0, 0,  // movabs $report_missing, %rax
      0x48, 0x83, 0xe4, 0xf0,                    // and $-16, %rsp
      0xff, 0xd0,                                // call *%rax
  };
  put(code + 2, name);
  put(code + 12, reinterpret_cast<const void*>(&report_missing));
  return emit(code, sizeof code);
}

const void* Stubs::traced(const Symbol& symbol) {
  unsigned char code[] = {
      0x49, 0xbb, 0,    0, 0, 0, 0, 0, 0, 0,  // movabs $symbol, %r11
      0x49, 0xba, 0,    0, 0, 0, 0, 0, 0, 0,  // movabs $trace_call, %r10
      0x41, 0xff, 0xe2,                       // jmp *%r10
  };
  put(code + 2, &symbol);
  put(code + 12, reinterpret_cast<const void*>(&portc_illumos_trace_call));
  return emit(code, sizeof code);
}

bool Stubs::seal() { return size_ == 0 || mprotect(memory_, size_, PROT_READ | PROT_EXEC) == 0; }

}  // namespace portc::illumos
