/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of devices, on architectures that have them in memory.
 *
 * <asm/io.h> has struct io, which is never defined, io_at(io, offset), and io_read8(io,
 * offset), io_write8(io, offset, value) and the same for 16 and 32 bits.
 */
#ifndef IO_H
#define IO_H

#include <asm/io.h>

/**
 * io_map() - a device's registers, mapped at their address unless they are already
 *
 * Returns their address.  Panics where that is RAM.
 */
struct io *io_map(u64 base, u64 size);

/**
 * io_read(), io_write() - a register of @width bytes: 1, 2 or 4
 */
static inline u32 io_read(struct io *io, size_t offset, unsigned int width)
{
	return width == 1 ? io_read8(io, offset) :
		width == 2 ? io_read16(io, offset) : io_read32(io, offset);
}

static inline void io_write(struct io *io, size_t offset, unsigned int width, u32 value)
{
	if (width == 1)
		io_write8(io, offset, value);
	else if (width == 2)
		io_write16(io, offset, value);
	else
		io_write32(io, offset, value);
}

#endif
