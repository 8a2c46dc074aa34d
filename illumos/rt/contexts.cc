// SPDX-License-Identifier: MIT
//
// Contexts that a program saves and resumes. Resuming is the kernel's business, as after a signal:
// it is given a frame of such a kind, and restores registers, floating point and mask at once.
//
// Source: getcontext(2), makecontext(3C), swapcontext(3C) of illumos; Linux
// arch/x86/kernel/signal_64.c, rt_sigreturn().
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdarg>
#include <cstring>

#include "illumos/abi/signal.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/signal_frames.h"
#include "illumos/rt/signal_numbers.h"
#include "illumos/rt/signals.h"
#include "illumos/rt/threads.h"

extern "C" {
[[noreturn]] void portc_illumos_resume(ucontext_t* frame);
void portc_illumos_context_ended();
}

namespace portc::illumos {

using abi::UContext;

thread_local UContext* link_of_current;

namespace {

// Selectors of a 64-bit program, and that the kernel shall take them literally.
constexpr uint64_t kSelectors = 0x002b000000000033;
constexpr unsigned long kUcSigcontextSs = 0x2, kUcStrictRestoreSs = 0x4;

[[noreturn]] void resume(const UContext& guest) {
  link_of_current = guest.link;
  if ((guest.flags & abi::kUcSigMask) != 0) change_mask(SIG_SETMASK, guest.mask, nullptr);
  alignas(16) static thread_local _libc_fpstate fp;
  ucontext_t frame = {};
  sigaltstack(nullptr, &frame.uc_stack);
  pthread_sigmask(SIG_BLOCK, nullptr, &frame.uc_sigmask);
  // Nothing may come in between: the frame's floating point is the thread's only one.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  frame.uc_flags = kUcSigcontextSs | kUcStrictRestoreSs;
  if ((guest.flags & abi::kUcFpu) != 0)
    memcpy(&fp, guest.fp.image, sizeof fp);
  else
    asm volatile("fxsave64 %0" : "=m"(fp));
  memset(&fp.__glibc_reserved1, 0, sizeof fp.__glibc_reserved1);
  frame.uc_mcontext.fpregs = &fp;
  UContext only_registers = guest;
  memcpy(only_registers.fp.image, &fp, sizeof fp);
  registers_to_host(only_registers, frame);
  frame.uc_mcontext.gregs[REG_CSGSFS] = static_cast<greg_t>(kSelectors);
  portc_illumos_resume(&frame);
}

}  // namespace

// What portc_illumos_getcontext has not filled in.
extern "C" __attribute__((used, visibility("hidden"))) void portc_illumos_save(UContext* context) {
  context->flags = abi::kUcAll;
  context->link = link_of_current;
  change_mask(SIG_BLOCK, abi::SigSet{}, &context->mask);
  context->stack = {};
  memset(context->filler, 0, sizeof context->filler);
  context->registers[abi::kFsBase] = reinterpret_cast<int64_t>(__builtin_thread_pointer());
  alignas(16) uint8_t image[sizeof context->fp.image];
  asm volatile("fxsave64 %0" : "=m"(image));
  memcpy(context->fp.image, image, sizeof image);
}

extern "C" __attribute__((used, visibility("hidden"), noreturn)) void portc_illumos_set(
    const UContext* context) {
  if (context == nullptr) exit_thread(nullptr);
  resume(*context);
}

// The function of a made context has returned.
extern "C" __attribute__((used, visibility("hidden"), noreturn)) void portc_illumos_go_on() {
  portc_illumos_set(link_of_current);
}

extern "C" {

[[noreturn]] void il_setcontext(const UContext* context) { portc_illumos_set(context); }

void il_makecontext(UContext* context, void (*function)(), int count, ...) {
  constexpr int kInRegisters = 6;
  constexpr abi::Register kPlaces[kInRegisters] = {abi::kRdi, abi::kRsi, abi::kRdx,
                                                   abi::kRcx, abi::kR8,  abi::kR9};
  const int on_stack = count > kInRegisters ? count - kInRegisters : 0;
  auto top = reinterpret_cast<uint64_t>(context->stack.sp) + context->stack.size;
  top = ((top - static_cast<uint64_t>(on_stack) * 8) & ~uint64_t{15}) - 8;
  auto* stack = reinterpret_cast<uint64_t*>(top);
  stack[0] = reinterpret_cast<uint64_t>(&portc_illumos_context_ended);
  va_list arguments;
  va_start(arguments, count);
  for (int i = 0; i < count; ++i) {
    const auto word = va_arg(arguments, int64_t);
    if (i < kInRegisters)
      context->registers[kPlaces[i]] = word;
    else
      stack[1 + i - kInRegisters] = static_cast<uint64_t>(word);
  }
  va_end(arguments);
  context->registers[abi::kRip] = reinterpret_cast<int64_t>(function);
  context->registers[abi::kRsp] = static_cast<int64_t>(top);
  context->registers[abi::kRbp] = 0;
}

}  // extern "C"

}  // namespace portc::illumos

// abi::Register's places from `registers` (64) on.
asm(R"(
.macro save_registers
  mov %r15, 64(%rdi)
  mov %r14, 72(%rdi)
  mov %r13, 80(%rdi)
  mov %r12, 88(%rdi)
  mov %rbp, 144(%rdi)
  mov %rbx, 152(%rdi)
  movq $0, 176(%rdi)
  movq $0x33, 208(%rdi)
  movq $0x2b, 232(%rdi)
  movq $0x202, 216(%rdi)
  mov (%rsp), %rax
  mov %rax, 200(%rdi)
  lea 8(%rsp), %rax
  mov %rax, 224(%rdi)
.endm

.globl il_getcontext
.hidden il_getcontext
.type il_getcontext,@function
il_getcontext:
  save_registers
  push %rbp
  mov %rsp, %rbp
  and $-16, %rsp
  call portc_illumos_save
  leave
  xor %eax, %eax
  ret

.globl il_swapcontext
.hidden il_swapcontext
.type il_swapcontext,@function
il_swapcontext:
  save_registers
  push %rbp
  mov %rsp, %rbp
  push %rsi
  and $-16, %rsp
  call portc_illumos_save
  mov -8(%rbp), %rdi
  call portc_illumos_set
  ud2

.globl portc_illumos_context_ended
.hidden portc_illumos_context_ended
.type portc_illumos_context_ended,@function
portc_illumos_context_ended:
  and $-16, %rsp
  call portc_illumos_go_on
  ud2

.globl portc_illumos_resume
.hidden portc_illumos_resume
.type portc_illumos_resume,@function
portc_illumos_resume:
  mov %rdi, %rsp
  mov $15, %eax
  syscall
  ud2
)");
