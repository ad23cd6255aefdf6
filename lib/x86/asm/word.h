/* SPDX-License-Identifier: BSD-2-Clause */
/* All that differs between 32-bit and 64-bit images, in C and in assembly. */
#ifndef ASM_WORD_H
#define ASM_WORD_H

#ifdef __x86_64__
#define WORD_BYTES	8
#define GPR_COUNT	16
#define STACK_POINTER	"rsp"
#define GPR_LIST	"rax,rcx,rdx,rbx,rsp,rbp,rsi,rdi,"		\
			"r8,r9,r10,r11,r12,r13,r14,r15"
#define WORD_FMT	"%016lx"
#define READ_CR8	"mov %%cr8, %0"
#define WRITE_CR8	"mov %0, %%cr8"
#else
#define WORD_BYTES	4
#define GPR_COUNT	8
#define STACK_POINTER	"esp"
#define GPR_LIST	"eax,ecx,edx,ebx,esp,ebp,esi,edi"
#define WORD_FMT	"%08lx"
/* CR8 exists in 64-bit mode only: never executed. */
#define READ_CR8	"xor %0, %0; ud2"
#define WRITE_CR8	"test %0, %0; ud2"
#endif

#define IS_64BIT	(WORD_BYTES == 8)

#endif
