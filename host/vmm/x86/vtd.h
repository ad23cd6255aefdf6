/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intel VT-d (Virtualization Technology for Directed I/O, revision 3): what its
 * registers say and what its tables mean.
 */
#ifndef HOST_VMM_X86_VTD_H
#define HOST_VMM_X86_VTD_H

#include <stdbool.h>
#include <stdint.h>

#define VTD_BASE	0xfed90000ull
#define VTD_DEVICE	"intel-iommu"

#define VTD_ADDRESS_BITS	39	/* that three levels of tables translate */

/* Status bits (GSTS), and those of the same place in the command register. */
#define VTD_TRANSLATION		(1u << 31)
#define VTD_ROOT_SET		(1u << 30)
#define VTD_WRITE_BUFFER	(1u << 27)
#define VTD_QUEUE		(1u << 26)
#define VTD_REMAPPING		(1u << 25)
#define VTD_TABLE_SET		(1u << 24)
#define VTD_COMPATIBLE		(1u << 23)

/* Fault reasons (7.1.3, tables 25 and 26). */
enum vtd_fault {
	VTD_OK,
	VTD_NO_ROOT, VTD_NO_CONTEXT, VTD_BAD_CONTEXT, VTD_BEYOND, VTD_NO_WRITE,
	VTD_NO_READ, VTD_BAD_TABLE, VTD_BAD_ROOT_POINTER, VTD_BAD_CONTEXT_POINTER,
	VTD_RESERVED_ROOT, VTD_RESERVED_CONTEXT, VTD_RESERVED_ENTRY,
	VTD_IR_BEYOND = 0x21, VTD_IR_ABSENT, VTD_IR_BAD_POINTER, VTD_IR_RESERVED,
	VTD_IR_COMPATIBLE, VTD_IR_SOURCE,
};

/* What translation rests on: a copy of the registers. */
struct vtd_tables {
	uint64_t root;			/* RTADDR */
	uint64_t interrupts;		/* IRTA */
	bool compatible;		/* interrupts in compatible format pass */
};

/**
 * vtd_translate() - an address by root, context and second-level tables (3.4, 3.7)
 * @source: bus, device and function
 * @write: which way
 * @address: changed to the guest's physical address
 * @quiet: set if the tables say that faults of this source are not recorded
 */
enum vtd_fault vtd_translate(const struct vtd_tables *tables, uint16_t source,
			     bool write, uint64_t *address, bool *quiet);

/**
 * vtd_remap() - an interrupt message by the remapping table (5.1)
 * @address, @data: changed to what CPUs get
 * @index: set to the entry's number, for the fault's record
 */
enum vtd_fault vtd_remap(const struct vtd_tables *tables, uint16_t source,
			 uint64_t *address, uint32_t *data, uint32_t *index,
			 bool *quiet);

#endif
