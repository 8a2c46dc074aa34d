// SPDX-License-Identifier: MIT
//
// Where a C guest begins: what illumos's crt1.o does, as the ABI describes it. %rdx has the
// dynamic loader's function for the end.
        .globl  _start
        .type   _start,@function
_start:
        xorl    %ebp, %ebp
        movq    (%rsp), %rbx                    # argc
        leaq    8(%rsp), %r12                   # argv
        leaq    8(%r12,%rbx,8), %r13            # envp
        movq    %r13, _environ(%rip)
        andq    $-16, %rsp
        movq    %rdx, %rdi
        testq   %rdi, %rdi
        jz      1f
        call    atexit@PLT
1:      movl    %ebx, %edi
        movq    %r12, %rsi
        movq    %r13, %rdx
        call    main@PLT
        movl    %eax, %edi
        call    exit@PLT
        hlt
        .size   _start, . - _start

// The program's own, as on illumos: the library uses the program's.
        .bss
        .globl  _environ
        .type   _environ,@object
        .size   _environ, 8
        .globl  environ
        .type   environ,@object
        .size   environ, 8
        .balign 8
_environ:
environ: .zero  8
        .section .note.GNU-stack,"",@progbits
