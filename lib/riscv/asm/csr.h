/* SPDX-License-Identifier: BSD-2-Clause */
/* Control and status registers by number: names are not known to all assemblers. */
#ifndef ASM_CSR_H
#define ASM_CSR_H

#include <base.h>
#include <defs/csr.h>

#define csr_read(csr) ({						\
	unsigned long value_;						\
	asm volatile("csrr %0, %1" : "=r"(value_) : "i"(csr) : "memory"); \
	value_;								\
})
#define csr_write(csr, value)						\
	asm volatile("csrw %0, %1"					\
		     : : "i"(csr), "rK"((unsigned long)(value)) : "memory")
#define csr_set(csr, bits)						\
	asm volatile("csrs %0, %1"					\
		     : : "i"(csr), "rK"((unsigned long)(bits)) : "memory")
#define csr_clear(csr, bits)						\
	asm volatile("csrc %0, %1"					\
		     : : "i"(csr), "rK"((unsigned long)(bits)) : "memory")
/* Each gives what was there before. */
#define csr_swap(csr, value) ({						\
	unsigned long old_;						\
	asm volatile("csrrw %0, %1, %2" : "=r"(old_)			\
		     : "i"(csr), "rK"((unsigned long)(value)) : "memory"); \
	old_;								\
})

#endif
