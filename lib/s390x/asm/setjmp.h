/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-local jumps: what a called function must preserve, and where to go on. */
#ifndef ASM_SETJMP_H
#define ASM_SETJMP_H

/* r6 to r15: jump.S knows */
struct jump {
	unsigned long reg[10];
};

/**
 * jump_set() - remember this place; returns 0, and again what jump_to() gives
 * jump_to() - return @value (not 0) from jump_set() once more
 *
 * The function that called jump_set() must not have returned.
 */
int jump_set(struct jump *jump) __attribute__((returns_twice));
void jump_to(struct jump *jump, int value) __attribute__((noreturn));

#endif
