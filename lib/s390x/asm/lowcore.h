/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prefix area: real locations 0 to 8191, each CPU's own (SA22-7832, "Assigned
 * Storage Locations").
 */
#ifndef ASM_LOWCORE_H
#define ASM_LOWCORE_H

#include <base.h>
#include <defs/lowcore.h>

struct psw {
	u64 mask, addr;
};

/* What is stored about interruptions, from 0x80 on. */
struct interruption {
	u32 ext_param;
	u16 ext_cpu, ext_code;
	u16 svc_ilc, svc_code;
	u16 pgm_ilc, pgm_code;
	u32 dxc;			/* data-exception code */
	u16 monitor_class;
	u16 per_code;
	u64 per_address;
	u8 access_id, per_access_id, operand_id, arch_mode;
	u32 unused_a4;
	u64 teid;
	u64 monitor_code;
	u32 schid;			/* I/O: subsystem-identification word */
	u32 io_param;
	u32 io_word;			/* interruption-identification word */
	u32 unused_c4;
};

struct lowcore {
	u32 ipl_psw[2];
	u8 unused_008[0x78];
	struct interruption interruption;
	u32 stfl;
	u8 unused_0cc[0x1c];
	u64 mck_code;
	u32 unused_0f0, damage_code;
	u64 failing_address;
	u8 unused_100[0x10];
	u64 breaking_event;
	u8 unused_118[8];
	struct psw restart_old, ext_old, svc_old, pgm_old, mck_old, io_old;
	u8 unused_180[0x20];
	struct psw restart_new, ext_new, svc_new, pgm_new, mck_new, io_new;
	/* The program's own. */
	u64 save[16];
	struct psw psw;
	u64 kernel_sp;
	struct cpu *block;
	u64 cr0, cr1;
	u8 unused_2b0[0x1000 - 0x2b0];
	/* What the machine stores in the second page. */
	u8 unused_1000[0x1b8];
	u64 ext_param2;
	u8 unused_11c0[0x40];
	u64 fpr[16], gpr[16];
	struct psw status_psw;
	u8 unused_1310[8];
	u32 prefix, fpc;
	u32 unused_1320, tod_programmable;
	u64 cpu_timer, clock_comparator;
	u8 unused_1338[8];
	u32 ar[16];
	u64 cr[16];
	u8 unused_1400[0x400];
	u8 tdb[0x100];			/* transaction diagnostic block */
	u8 unused_1900[0x700];
};

#define LOWCORE_AT(member, offset)					\
	_Static_assert(offsetof(struct lowcore, member) == (offset), #member)
LOWCORE_AT(interruption, LOWCORE_INTERRUPTION);
LOWCORE_AT(interruption.teid, 0xa8);
LOWCORE_AT(interruption.io_word, 0xc0);
LOWCORE_AT(mck_code, 0xe8);
LOWCORE_AT(breaking_event, 0x110);
LOWCORE_AT(restart_old, LOWCORE_RESTART_OLD);
LOWCORE_AT(restart_new, 0x1a0);
LOWCORE_AT(ext_new, LOWCORE_EXT_OLD + LOWCORE_NEW);
LOWCORE_AT(save, LOWCORE_SAVE);
LOWCORE_AT(psw, LOWCORE_PSW);
LOWCORE_AT(kernel_sp, LOWCORE_KERNEL_SP);
LOWCORE_AT(block, LOWCORE_BLOCK);
LOWCORE_AT(cr0, LOWCORE_CR0);
LOWCORE_AT(cr1, LOWCORE_CR1);
LOWCORE_AT(ext_param2, 0x11b8);
LOWCORE_AT(fpr, 0x1200);
LOWCORE_AT(status_psw, 0x1300);
LOWCORE_AT(prefix, 0x1318);
LOWCORE_AT(tod_programmable, 0x1324);
LOWCORE_AT(cpu_timer, 0x1328);
LOWCORE_AT(ar, 0x1340);
LOWCORE_AT(tdb, 0x1800);
_Static_assert(sizeof(struct lowcore) == LOWCORE_SIZE, "two pages");
_Static_assert(sizeof(struct interruption) == LOWCORE_INTERRUPTION_SIZE, "vectors.S");

/* This CPU's: at real, and virtual, address 0. */
extern struct lowcore lowcore;

#endif
