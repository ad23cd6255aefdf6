/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU: what it owns, what it announces, and its simplest instructions. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <asm/lowcore.h>
#include <asm/start.h>
#include <base.h>
#include <cpu.h>
#include <defs/cr.h>
#include <defs/psw.h>

#define CPU_BLOCK_SIZE		CPU_BLOCK_SIZE_ASM
#define CPU_STACK_USER		CPU_STACK_USER_ASM	/* tops, as offsets */
#define CPU_STACK_MAIN		CPU_STACK_MAIN_ASM
#define CPU_LOWCORE		0x2000	/* the place for one, of all but the boot CPU */

struct cpu {
	CPU_MEMBERS;
	u16 address;		/* as SIGP and STAP have it */
	u32 asleep;		/* cpu_wake() has to signal */
	u32 sclp_done;		/* SCCB whose service interruption has come */
	bool sclp_waits;
};

static inline struct cpu *cpu_self(void)
{
	return lowcore.block;
}

static inline struct lowcore *cpu_lowcore(struct cpu *cpu)
{
	return (struct lowcore *)((char *)cpu + CPU_LOWCORE);
}

static inline void cpu_relax(void)
{
	/* DIAG 44: another CPU may have what this one waits for. */
	asm volatile("diag 0, 0, 0x44" : : : "memory");
}

/*
 * Features for REQUIRES: bits of the facility list (STFLE), and of what SCLP's READ
 * SCP INFO tells, by byte and bit.
 */
#define CPU_FACILITY(n)		(0x1000 | (n))
#define CPU_SCP(byte, bit)	(0x2000 | (byte) << 3 | (bit))

#define CPU_Z_INSTALLED		CPU_FACILITY(1)
#define CPU_IDTE		CPU_FACILITY(3)
#define CPU_ASN_LX		CPU_FACILITY(6)
#define CPU_EDAT1		CPU_FACILITY(8)
#define CPU_SENSE_RUNNING	CPU_FACILITY(9)
#define CPU_CONDITIONAL_SSKE	CPU_FACILITY(10)
#define CPU_TOPOLOGY		CPU_FACILITY(11)
#define CPU_EXTENDED_TRANSLATION3	CPU_FACILITY(22)
#define CPU_STORE_CLOCK_FAST	CPU_FACILITY(25)
#define CPU_MVCOS		CPU_FACILITY(27)
#define CPU_EXECUTE_EXTENSIONS	CPU_FACILITY(35)
#define CPU_SET_PROGRAM_PARAMETER	CPU_FACILITY(40)
#define CPU_FPE			CPU_FACILITY(37)
#define CPU_TX_CONSTRAINED	CPU_FACILITY(50)
#define CPU_TX			CPU_FACILITY(73)
#define CPU_STHYI		CPU_FACILITY(74)
#define CPU_FETCH_STORE		CPU_FACILITY(75)
#define CPU_EDAT2		CPU_FACILITY(78)
#define CPU_ESSA_NO_DAT		CPU_FACILITY(147)
#define CPU_VECTOR		CPU_FACILITY(129)
#define CPU_IEP			CPU_FACILITY(130)
#define CPU_GUARDED_STORAGE	CPU_FACILITY(133)
#define CPU_VECTOR_DECIMAL	CPU_FACILITY(134)
#define CPU_VECTOR_ENHANCED1	CPU_FACILITY(135)
#define CPU_MULTIPLE_EPOCH	CPU_FACILITY(139)
#define CPU_MSA8		CPU_FACILITY(146)
#define CPU_VECTOR_ENHANCED2	CPU_FACILITY(148)
#define CPU_MOVE_PAGE_SET_KEY	CPU_FACILITY(149)
#define CPU_PROTECTED_GUEST	CPU_FACILITY(158)
#define CPU_NO_KEYS		CPU_FACILITY(169)	/* storage keys are removed */
#define CPU_NEVER		0x8000

#define HYPERVISOR_TCG	"tcg"
#define HYPERVISOR_KVM	"kvm"

/**
 * facility() - a bit of the facility list
 * facility_doublewords() - its length
 */
bool facility(unsigned int n);
unsigned int facility_doublewords(void);

static inline void irq_enable(void)
{
	u8 old;

	asm volatile("stosm %0, 3" : "=Q"(old) : : "memory");
}

static inline void irq_disable(void)
{
	u8 old;

	asm volatile("stnsm %0, 0xfc" : "=Q"(old) : : "memory");
}

static inline u16 cpu_address(void)
{
	u16 address;

	asm volatile("stap %0" : "=Q"(address));
	return address;
}

/* ctl_read(0): the number is part of the instruction */
#define ctl_read(n) ({							\
	u64 value_;							\
	asm volatile("stctg " #n ", " #n ", %0" : "=QS"(value_));	\
	value_;								\
})
#define ctl_write(n, v) do {						\
	u64 written_ = (v);						\
	asm volatile("lctlg " #n ", " #n ", %0" : : "QS"(written_) : "memory"); \
} while (0)

/* The mask of the current PSW; bits 12 and 24-30 included. */
static inline u64 psw_mask(void)
{
	u32 high, low;

	asm volatile("epsw %0, %1" : "=&d"(high), "=&a"(low));
	return (u64)high << 32 | low;
}

/**
 * cpu_wait() - load a PSW that waits, with these masks open; interrupts are off
 * @masks: of PSW_EXT, PSW_IO, PSW_MCK
 *
 * Returns when an interruption has been handled, with interrupts off again.
 */
void cpu_wait(u64 masks);

/* Addresses are real ones, or virtual again: those of memory stay the same. */
static inline void dat_off(void)
{
	u8 old;

	asm volatile("stnsm %0, 0xfb" : "=Q"(old) : : "memory");
}

static inline void dat_on(void)
{
	u8 old;

	asm volatile("stosm %0, 4" : "=Q"(old) : : "memory");
}

/* Let in what is pending. */
static inline void irq_window(void)
{
	irq_enable();
	irq_disable();
}

#endif
