/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intel's IOMMU (Virtualization Technology for Directed I/O, VT-d): one at a fixed
 * address, with tables for the edu device.
 */
#ifndef VTD_H
#define VTD_H

#include <base.h>

#define VTD_BASE		0xfed90000u
#define VTD_CAP		0x08
#define VTD_ECAP	0x10
#define VTD_GCMD	0x18
#define VTD_GSTS	0x1c
#define VTD_RTADDR	0x20
#define VTD_FSTS	0x34
#define VTD_IQH		0x80
#define VTD_IQT		0x88
#define VTD_IQA		0x90
#define VTD_IRTA	0xb8
#define VTD_TRANSLATION	BIT(31)
#define VTD_ROOT_SET	BIT(30)
#define VTD_QUEUE		BIT(26)
#define VTD_REMAPPING	BIT(25)
#define VTD_TABLE_SET	BIT(24)
#define VTD_PENDING_FAULT	BIT(1)
#define VTD_RECORD_VALID		BIT(31)		/* of a record's last word */
#define VTD_RECORD_READ	BIT(30)
#define VTD_LARGE		BIT(7)		/* an entry that is no table */
#define VTD_READ_WRITE		3u

/* Memory of vtd_begin(): for edu, context 0 of bus 0, and the first 512 GiB. */
struct vtd {
	u64 *root, *context;
	u64 *level[3];		/* level[0] has entries of 4 KiB */
	u64 *interrupts;	/* 65536 entries of two words */
};
extern struct vtd vtd;

/**
 * vtd_read(), vtd_write(), vtd_read64(), vtd_write64() - its registers
 */
u32 vtd_read(u32 reg);
void vtd_write(u32 reg, u32 value);
u64 vtd_read64(u32 reg);
void vtd_write64(u32 reg, u64 value);

/**
 * vtd_find() - find it and edu; returns false, and skips the TEST, without
 */
bool vtd_find(void);

/**
 * vtd_command() - one bit of GCMD, the others as they are ("Global Command Register");
 *	a check that GSTS follows
 */
void vtd_command(u32 bit, bool set);

/**
 * vtd_invalidate() - a descriptor for the queue, and wait until it is obeyed
 */
void vtd_invalidate(u64 low, u64 high);

/**
 * vtd_begin() - empty tables in force, the queue on; translation and remapping are off
 * vtd_end() - all off
 */
void vtd_begin(void);
void vtd_end(void);

/**
 * vtd_fault_expect() - checks: a request of edu was refused, and recorded; clears it
 */
void vtd_fault_expect(u32 reason, u32 type, u64 info);

#endif
