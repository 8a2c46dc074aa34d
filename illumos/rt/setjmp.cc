// SPDX-License-Identifier: MIT
//
// setjmp and longjmp on the guest's buffers: eight words, %rbx %rbp %r12-%r15 %rsp %rip. Neither
// keeps the signal mask; sigsetjmp does if asked, in the words behind (its buffer has 128).
// Source: illumos <setjmp.h>, setjmp(3C).
#include <csignal>
#include <cstdint>

namespace portc::illumos {
namespace {

constexpr int kWords = 8;

struct SavedMask {
  uint64_t saved;
  sigset_t mask;
};
static_assert(sizeof(SavedMask) <= (128 - kWords) * sizeof(uint64_t));

SavedMask& mask_of(uint64_t* buffer) { return *reinterpret_cast<SavedMask*>(buffer + kWords); }

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" __attribute__((used, visibility("hidden"))) void portc_illumos_save_mask(
    uint64_t* buffer, int wanted) {
  SavedMask& mask = mask_of(buffer);
  mask.saved = wanted != 0;
  if (wanted != 0) (void)sigprocmask(SIG_BLOCK, nullptr, &mask.mask);
}

extern "C" __attribute__((used, visibility("hidden"))) void portc_illumos_restore_mask(
    uint64_t* buffer) {
  const SavedMask& mask = mask_of(buffer);
  if (mask.saved == 1) (void)sigprocmask(SIG_SETMASK, &mask.mask, nullptr);
}

asm(R"(
.globl il_setjmp
.hidden il_setjmp
.type il_setjmp,@function
il_setjmp:
  mov %rbx, (%rdi)
  mov %rbp, 8(%rdi)
  mov %r12, 16(%rdi)
  mov %r13, 24(%rdi)
  mov %r14, 32(%rdi)
  mov %r15, 40(%rdi)
  lea 8(%rsp), %rax
  mov %rax, 48(%rdi)
  mov (%rsp), %rax
  mov %rax, 56(%rdi)
  xor %eax, %eax
  ret
.size il_setjmp, . - il_setjmp

.globl il_longjmp
.hidden il_longjmp
.type il_longjmp,@function
il_longjmp:
  mov %esi, %eax
  test %eax, %eax
  jne 1f
  inc %eax
1:
  mov (%rdi), %rbx
  mov 8(%rdi), %rbp
  mov 16(%rdi), %r12
  mov 24(%rdi), %r13
  mov 32(%rdi), %r14
  mov 40(%rdi), %r15
  mov 48(%rdi), %rsp
  jmp *56(%rdi)
.size il_longjmp, . - il_longjmp

.globl il_sigsetjmp
.hidden il_sigsetjmp
.type il_sigsetjmp,@function
il_sigsetjmp:
  push %rdi
  push %rbp
  mov %rsp, %rbp
  and $-16, %rsp
  call portc_illumos_save_mask
  mov %rbp, %rsp
  pop %rbp
  pop %rdi
  jmp il_setjmp
.size il_sigsetjmp, . - il_sigsetjmp

.globl il_siglongjmp
.hidden il_siglongjmp
.type il_siglongjmp,@function
il_siglongjmp:
  push %rdi
  push %rsi
  mov %rsp, %rbp
  and $-16, %rsp
  call portc_illumos_restore_mask
  mov %rbp, %rsp
  pop %rsi
  pop %rdi
  jmp il_longjmp
.size il_siglongjmp, . - il_siglongjmp
)");
