/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of devices: a type that is never defined, so that compilers do not choose
 * the instruction.  A hypervisor emulates plain loads and stores.
 */
#ifndef ASM_IO_H
#define ASM_IO_H

#include <base.h>

struct io;

static inline struct io *io_at(struct io *io, size_t offset)
{
	return (struct io *)((uintptr_t)io + offset);
}

/* io_read8(io, offset), io_write8(io, offset, value), and so for 16 and 32 bits */
#define DEFINE_IO_ACCESS(bits, load, store)				\
static inline u##bits io_read##bits(struct io *io, size_t offset)	\
{									\
	unsigned long value;						\
									\
	asm volatile(load " %0, 0(%1)\n\tfence i, rw"			\
		     : "=r"(value) : "r"(io_at(io, offset)) : "memory"); \
	return value;							\
}									\
									\
static inline void io_write##bits(struct io *io, size_t offset, u##bits value) \
{									\
	asm volatile("fence rw, o\n\t" store " %0, 0(%1)"		\
		     : : "r"(value), "r"(io_at(io, offset)) : "memory"); \
}

DEFINE_IO_ACCESS(8, "lbu", "sb")
DEFINE_IO_ACCESS(16, "lhu", "sh")
DEFINE_IO_ACCESS(32, "lw", "sw")
#undef DEFINE_IO_ACCESS

#endif
