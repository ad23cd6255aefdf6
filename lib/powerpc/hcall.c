/* SPDX-License-Identifier: BSD-2-Clause */
/* The call itself: results come where arguments go. */
#include <hcall.h>

long hcall_array(u64 *results, unsigned long number, const u64 *arguments)
{
	register u64 r3 asm("r3") = number;
	register u64 r4 asm("r4") = arguments[0];
	register u64 r5 asm("r5") = arguments[1];
	register u64 r6 asm("r6") = arguments[2];
	register u64 r7 asm("r7") = arguments[3];
	register u64 r8 asm("r8") = arguments[4];
	register u64 r9 asm("r9") = arguments[5];

	asm volatile("sc 1"
		     : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8), "+r"(r9)
		     : : "r0", "r10", "r11", "r12", "ctr", "xer", "memory",
		       "cr0", "cr1", "cr5", "cr6", "cr7");
	if (results) {
		results[0] = r4;
		results[1] = r5;
		results[2] = r6;
		results[3] = r7;
	}
	return r3;
}
