/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's edu device (docs/specs/edu): DMA and interrupts when it is told to. */
#ifndef EDU_H
#define EDU_H

#include <base.h>

#define EDU_ID		0x00		/* registers in BAR 0 */
#define EDU_LIVENESS	0x04
#define EDU_FACTORIAL	0x08
#define EDU_STATUS	0x20
#define EDU_PENDING	0x24		/* interrupts */
#define EDU_RAISE	0x60
#define EDU_ACK		0x64
#define EDU_SOURCE	0x80
#define EDU_TARGET	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98
#define EDU_BUFFER	0x40000		/* its own memory, in DMA's eyes */
#define EDU_TO_RAM	2u		/* direction of DMA */

/**
 * edu_find() - find it, and let it access memory
 *
 * Returns false, and skips the TEST, if there is none.
 */
bool edu_find(void);

/**
 * edu_devfn() - where edu_find() found it
 */
unsigned int edu_devfn(void);

/**
 * edu_read(), edu_write() - a register of 32 bits
 */
u32 edu_read(u32 offset);
void edu_write(u32 offset, u32 value);

/**
 * edu_done() - wait until bits of a register are clear, at most two seconds
 */
bool edu_done(u32 offset, u32 bits);

/**
 * edu_dma() - copy, and wait for the end
 * @direction: EDU_TO_RAM, or 0 for the other way
 */
bool edu_dma(u32 source, u32 target, u32 count, u32 direction);

/**
 * edu_msi() - where its MSI capability is in configuration space, 0: nowhere
 */
unsigned int edu_msi(void);

/**
 * edu_interrupt() - a handler that counts and acknowledges
 * @count: u32 *
 */
void edu_interrupt(void *count);

#endif
