/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of devices.  A hypervisor sees how an access was made only of the simplest
 * instructions (DDI 0487, ISS encoding of a data abort, ISV): compilers must not choose
 * them, so that blocks of registers have a type that is never defined.
 */
#ifndef ASM_IO_H
#define ASM_IO_H

#include <asm/word.h>
#include <base.h>

struct io;

static inline struct io *io_at(struct io *io, size_t offset)
{
	return (struct io *)((uintptr_t)io + offset);
}

/* io_read8(io, offset), io_write8(io, offset, value), and so for 16 and 32 bits */
#define DEFINE_IO_ACCESS(bits, suffix)					\
static inline u##bits io_read##bits(struct io *io, size_t offset)	\
{									\
	u32 value;							\
									\
	asm volatile("ldr" suffix " %" IO_WORD "0, [%1]"		\
		     : "=r"(value) : "r"(io_at(io, offset)) : "memory"); \
	return value;							\
}									\
									\
static inline void io_write##bits(struct io *io, size_t offset,		\
				  u##bits value)			\
{									\
	asm volatile("str" suffix " %" IO_WORD "0, [%1]"		\
		     : : "r"((u32)value), "r"(io_at(io, offset)) : "memory"); \
}

DEFINE_IO_ACCESS(8, "b")
DEFINE_IO_ACCESS(16, "h")
DEFINE_IO_ACCESS(32, "")
#undef DEFINE_IO_ACCESS

/* Registers of 64 bits take halves, the lower one first. */
static inline u64 io_read64(struct io *io, size_t offset)
{
	u64 low = io_read32(io, offset);

	return (u64)io_read32(io, offset + 4) << 32 | low;
}

static inline void io_write64(struct io *io, size_t offset, u64 value)
{
	io_write32(io, offset, value);
	io_write32(io, offset + 4, value >> 32);
}

#endif
