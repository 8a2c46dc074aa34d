// SPDX-License-Identifier: MIT
//
// A traced call is entered through an assembly stub that keeps every register an argument may be
// in, and puts its own return address in the place of the caller's. The caller's is kept on a
// stack of the thread's own; a frame that a longjmp left behind is dropped when an outer one
// returns.
#include "illumos/link/trace.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "illumos/rt/errno.h"

extern "C" void portc_illumos_trace_return();

namespace portc::illumos {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr size_t kRegisters = 6;

struct Frame {
  const Symbol* symbol;
  uint64_t* slot;  // where the return address stands
  uint64_t back;
  uint64_t arguments[kRegisters];
};

thread_local Frame frames[kMaxDepth];
thread_local size_t depth;

class Line {
 public:
  template <typename... Values>
  void add(const char* format, Values... values) {
    const int n = snprintf(text_ + length_, sizeof text_ - length_, format, values...);
    if (n > 0) length_ += static_cast<size_t>(n);
    if (length_ > sizeof text_ - 1) length_ = sizeof text_ - 1;
  }
  void write_out() { (void)!write(STDERR_FILENO, text_, length_); }

 private:
  char text_[512];
  size_t length_ = 0;
};

void add_value(Line& line, char letter, uint64_t value) {
  switch (letter) {
    case 'd':
      return line.add("%d", static_cast<int>(value));
    case 'l':
      return line.add("%ld", static_cast<long>(value));
    case 'u':
      return line.add("%lu", value);
    case 's':
      if (value != 0) return line.add("\"%.200s\"", reinterpret_cast<const char*>(value));
      return line.add("NULL");
    case '.':
      return line.add("...");
    default:
      return line.add("0x%lx", value);
  }
}

char result_letter(const Symbol& symbol) {
  return symbol.signature[0] != '\0' ? symbol.signature[0] : 'p';
}

void add_call(Line& line, const Symbol& symbol, const uint64_t* arguments) {
  line.add("%d: %s(", static_cast<int>(gettid()), symbol.name);
  const char* letters = strchr(symbol.signature, '=');
  letters = letters != nullptr ? letters + 1 : "";
  for (size_t i = 0; letters[i] != '\0' && i < kRegisters; ++i) {
    if (i > 0) line.add(", ");
    add_value(line, letters[i], arguments[i]);
  }
  line.add(")");
}

bool failed(char letter, uint64_t result) {
  return (letter == 'd' && static_cast<int>(result) == -1) ||
         ((letter == 'l' || letter == 'p') && result == ~0ULL);
}

void print_return(const Frame& frame, uint64_t result) {
  Line line;
  const char letter = result_letter(*frame.symbol);
  add_call(line, *frame.symbol, frame.arguments);
  if (letter != 'v') {
    line.add(" = ");
    add_value(line, letter, result);
  }
  if (failed(letter, result)) line.add(" (errno %d)", guest_errno);
  line.add("\n");
  line.write_out();
}

// Our own lines must leave no trace in either errno.
class KeepErrno {
 public:
  KeepErrno() : host_(errno), guest_(guest_errno) {}
  ~KeepErrno() {
    errno = host_;
    guest_errno = guest_;
  }

 private:
  int host_, guest_;
};

}  // namespace

extern "C" __attribute__((used, visibility("hidden"))) uint64_t portc_illumos_trace_enter(
    const Symbol* symbol, const uint64_t* arguments, uint64_t* slot) {
  const KeepErrno keep;
  if (result_letter(*symbol) == '!' || depth == kMaxDepth) {
    Line line;
    add_call(line, *symbol, arguments);
    line.add("\n");
    line.write_out();
  } else {
    Frame& frame = frames[depth++];
    frame = {symbol, slot, *slot, {}};
    memcpy(frame.arguments, arguments, sizeof frame.arguments);
    *slot = reinterpret_cast<uint64_t>(&portc_illumos_trace_return);
  }
  return reinterpret_cast<uint64_t>(symbol->address);
}

extern "C" __attribute__((used, visibility("hidden"))) uint64_t portc_illumos_trace_leave(
    uint64_t result, const uint64_t* slot) {
  const KeepErrno keep;
  while (depth > 1 && frames[depth - 1].slot != slot) --depth;
  const Frame frame = frames[--depth];
  print_return(frame, result);
  return frame.back;
}

}  // namespace portc::illumos

asm(R"(
.globl portc_illumos_trace_call
.hidden portc_illumos_trace_call
.type portc_illumos_trace_call,@function
portc_illumos_trace_call:
  push %rbp
  mov %rsp, %rbp
  push %r9
  push %r8
  push %rcx
  push %rdx
  push %rsi
  push %rdi
  push %rax
  sub $136, %rsp
  movups %xmm0, (%rsp)
  movups %xmm1, 16(%rsp)
  movups %xmm2, 32(%rsp)
  movups %xmm3, 48(%rsp)
  movups %xmm4, 64(%rsp)
  movups %xmm5, 80(%rsp)
  movups %xmm6, 96(%rsp)
  movups %xmm7, 112(%rsp)
  mov %r11, %rdi
  lea -48(%rbp), %rsi
  lea 8(%rbp), %rdx
  and $-16, %rsp
  call portc_illumos_trace_enter
  mov %rax, %r10
  lea -192(%rbp), %rsp
  movups (%rsp), %xmm0
  movups 16(%rsp), %xmm1
  movups 32(%rsp), %xmm2
  movups 48(%rsp), %xmm3
  movups 64(%rsp), %xmm4
  movups 80(%rsp), %xmm5
  movups 96(%rsp), %xmm6
  movups 112(%rsp), %xmm7
  mov -56(%rbp), %rax
  mov -48(%rbp), %rdi
  mov -40(%rbp), %rsi
  mov -32(%rbp), %rdx
  mov -24(%rbp), %rcx
  mov -16(%rbp), %r8
  mov -8(%rbp), %r9
  leave
  jmp *%r10
.globl portc_illumos_trace_return
.hidden portc_illumos_trace_return
.type portc_illumos_trace_return,@function
portc_illumos_trace_return:
  sub $8, %rsp
  push %rbp
  mov %rsp, %rbp
  push %rax
  push %rdx
  sub $32, %rsp
  movups %xmm0, (%rsp)
  movups %xmm1, 16(%rsp)
  mov %rax, %rdi
  lea 8(%rbp), %rsi
  and $-16, %rsp
  call portc_illumos_trace_leave
  mov %rax, 8(%rbp)
  lea -48(%rbp), %rsp
  movups (%rsp), %xmm0
  movups 16(%rsp), %xmm1
  mov -16(%rbp), %rdx
  mov -8(%rbp), %rax
  leave
  ret
)");
