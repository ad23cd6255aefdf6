/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an image begins, at 0x10000, and where its other CPUs do: DAT is off, and
 * all interruptions are masked.
 */
#include <abi/image.h>
#include <asm/start.h>
#include <defs/lowcore.h>
#include <defs/psw.h>
#include <defs/sigp.h>

	.section .lowcore, "aw"
	.globl lowcore
lowcore:
	/* Loaded by the end of an initial program load, and by DIAG 308. */
	.long PSW_SHORT >> 32, PSW_SHORT_BA + start
	.org 0x1a0
	.quad PSW_64, start		/* restart */
	.org LOWCORE_IMAGE
	.long ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1
	.short ABI_IMAGE_VERSION, WORD_BYTES
	.long ABI_TEST_WORDS_ASM * WORD_BYTES
	.weak image_arguments
	.quad tests_start, tests_end, image_arguments, 0
	.org LOWCORE_SIZE

	.section .boot, "ax"
	.globl start
start:
	/* All CPUs are to be in the z/Architecture mode; these may be in it. */
	lghi %r1, 2
	lghi %r2, 0
	sigp %r1, %r2, SIGP_SET_ARCHITECTURE
	sam64
	larl %r1, reset_restart
	lg %r0, 0(%r1)
	ltgr %r0, %r0
	jnz 1f				/* a reset that somebody waits for */
	larl %r2, bss_start
	larl %r3, bss_end
2:	clgr %r2, %r3
	jnl 3f
	mvghi 0(%r2), 0
	aghi %r2, 8
	j 2b
3:	larl %r15, cpu0
	lay %r15, CPU_STACK_MAIN_ASM - STACK_AREA(%r15)
	xc 0(8, %r15), 0(%r15)		/* the last frame of a stack trace */
	brasl %r14, start_boot_cpu
1:	mvghi 0(%r1), 0
	lgr %r1, %r0
	br %r1

	/* Loaders leave these (Linux, arch/s390/kernel/head64.S). */
	.org 0x400
	.globl start_parameters
start_parameters:
	.quad 0
	.quad 0, 0			/* initrd: address, bytes */
	.org 0x480
	.globl start_command_line
start_command_line:
	.fill 0xb80, 1, 0

	/* SIGP restart; the prefix area is the CPU's own. */
	.globl start_other
start_other:
	lctlg %c0, %c0, LOWCORE_CR0
	lctlg %c1, %c1, LOWCORE_CR1
	stosm LOWCORE_PSW, 4		/* DAT: these addresses are the same */
	lg %r15, LOWCORE_BLOCK
	lay %r15, CPU_STACK_MAIN_ASM - STACK_AREA(%r15)
	xc 0(8, %r15), 0(%r15)
	brasl %r14, start_other_cpu

	.data
	.balign 8
	/* Where to go on when the machine has been reset, if not 0. */
	.globl reset_restart
reset_restart:
	.quad 0

	.section .note.GNU-stack, "", @progbits
