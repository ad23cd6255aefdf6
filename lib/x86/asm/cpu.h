/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU's own instructions and registers, one wrapper each. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <base.h>
#include <cpu.h>
#include <asm/word.h>
#include <defs/cpuid.h>
#include <defs/cr.h>
#include <defs/segment.h>
#include <defs/msr.h>

struct cpuid {
	u32 reg[4];		/* indexed by CPUID_EAX … CPUID_EDX */
};

static inline struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid id;

	asm volatile("cpuid"
		     : "=a"(id.reg[0]), "=b"(id.reg[1]),
		       "=c"(id.reg[2]), "=d"(id.reg[3])
		     : "a"(leaf), "c"(subleaf));
	return id;
}

/**
 * cpu_hypervisor_leaf() - base of the CPUID range with this signature
 * @signature: twelve characters as in EBX, ECX, EDX
 *
 * Returns 0x40000000, 0x40000100, …, or 0 if no hypervisor says so.
 */
u32 cpu_hypervisor_leaf(const char *signature);

#define HYPERVISOR_KVM	"KVMKVMKVM\0\0"	/* and the literal's own NUL */
#define HYPERVISOR_TCG	"TCGTCGTCGTCG"	/* QEMU without an accelerator */

/**
 * cpu_is_intel() - is the vendor GenuineIntel (as CPUID tells, not the host)?
 */
bool cpu_is_intel(void);

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((u32)value),
		     "d"((u32)(value >> 32)) : "memory");
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

#define DEFINE_CONTROL_REGISTER(cr)					\
static inline unsigned long read_##cr(void)				\
{									\
	unsigned long value;						\
									\
	asm volatile("mov %%" #cr ", %0" : "=r"(value) : : "memory");	\
	return value;							\
}									\
									\
static inline void write_##cr(unsigned long value)			\
{									\
	asm volatile("mov %0, %%" #cr : : "r"(value) : "memory");	\
}

DEFINE_CONTROL_REGISTER(cr0)
DEFINE_CONTROL_REGISTER(cr2)
DEFINE_CONTROL_REGISTER(cr3)
DEFINE_CONTROL_REGISTER(cr4)
DEFINE_CONTROL_REGISTER(dr6)
DEFINE_CONTROL_REGISTER(dr7)
#undef DEFINE_CONTROL_REGISTER

/* RDPKRU and WRPKRU: #UD while CR4.PKE is clear. */
static inline u32 read_pkru(void)
{
	u32 value, high;

	asm volatile(".byte 0x0f, 0x01, 0xee" : "=a"(value), "=d"(high) : "c"(0));
	return value;
}

static inline void write_pkru(u32 value)
{
	asm volatile(".byte 0x0f, 0x01, 0xef" : : "a"(value), "c"(0), "d"(0)
		     : "memory");
}

static inline unsigned long read_rflags(void)
{
	unsigned long flags;

	asm volatile("pushf; pop %0" : "=r"(flags));
	return flags;
}

static inline void write_rflags(unsigned long flags)
{
	asm volatile("push %0; popf" : : "r"(flags) : "cc", "memory");
}

static inline bool user_mode(void)
{
	unsigned long cs;

	asm volatile("mov %%cs, %0" : "=r"(cs));
	return cs & 3;
}

static inline void cpu_relax(void)
{
	asm volatile("pause" : : : "memory");
}

static inline void irq_enable(void)
{
	asm volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
	asm volatile("cli" : : : "memory");
}

/* One instruction after STI may still be shadowed; NOP is that one. */
static inline void irq_window(void)
{
	asm volatile("sti; nop; cli" : : : "memory");
}

static inline void tlb_flush_page(const void *address)
{
	asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void tlb_flush(void)
{
	write_cr3(read_cr3());
}

/* Port access: out8(port, value), in8(port), and so for 16 and 32 bits. */
#define DEFINE_PORT_ACCESS(bits, suffix)				\
static inline void out##bits(u16 port, u##bits value)			\
{									\
	asm volatile("out" suffix " %0, %1" : : "a"(value), "Nd"(port));	\
}									\
									\
static inline u##bits in##bits(u16 port)				\
{									\
	u##bits value;							\
									\
	asm volatile("in" suffix " %1, %0" : "=a"(value) : "Nd"(port));	\
	return value;							\
}

DEFINE_PORT_ACCESS(8, "b")
DEFINE_PORT_ACCESS(16, "w")
DEFINE_PORT_ACCESS(32, "l")
#undef DEFINE_PORT_ACCESS

struct table_register {
	u16 limit;
	unsigned long base;
} __attribute__((packed));

static inline struct table_register read_idtr(void)
{
	struct table_register idtr;

	asm volatile("sidt %0" : "=m"(idtr));
	return idtr;
}

static inline void write_idtr(const struct table_register *idtr)
{
	asm volatile("lidt %0" : : "m"(*idtr));
}

/*
 * What a CPU owns: one block of CPU_BLOCK_SIZE bytes, aligned to its size, with
 * this structure at its bottom and all its stacks above.  The stack pointer thus
 * leads to it; FS and GS stay free for tests.
 */
#define CPU_BLOCK_SIZE		0x8000
#define CPU_STACK_USER		0x2000	/* tops, as offsets in the block */
#define CPU_STACK_NMI		0x2c00
#define CPU_STACK_DF		0x3400
#define CPU_STACK_MC		0x3c00
#define CPU_STACK_TRAP		0x5000	/* entered from CPL 3 */
#define CPU_STACK_MAIN		0x8000

struct cpu {
	u8 gdt[SEL_LIMIT + 1];		/* offset 0: start.S and ap.S know */
	u8 tss[104];
	u8 df_tss[104];			/* 32-bit: the task of #DF */
	unsigned long kernel_sp;	/* while at CPL 3: user.S knows */
	CPU_MEMBERS;
	u32 apic_id;
	bool x2;			/* to be in x2APIC mode */
};

_Static_assert(offsetof(struct cpu, kernel_sp) == 336, "user.S");

static inline struct cpu *cpu_self(void)
{
	unsigned long sp;

	/* From any of its stacks, whose tops lie at the next block at most. */
	asm("lea -1(%%" STACK_POINTER "), %0" : "=r"(sp));
	return (struct cpu *)ALIGN_DOWN(sp, CPU_BLOCK_SIZE);
}

/**
 * cpu_ldt_descriptor() - describe an LDT of PAGE_SIZE bytes in this CPU's GDT
 * cpu_tss_descriptor() - describe a TSS there, one that is not busy
 */
void cpu_ldt_descriptor(unsigned int selector, const void *base);
void cpu_tss_descriptor(unsigned int selector, const void *base);

/**
 * cpu_task_prepare() - 32-bit: a task that begins at @entry in the current space
 * cpu_task_gate() - 32-bit: @gate of the IDT switches to it
 * @tss: 104 bytes
 * @selector: a free slot of this CPU's GDT
 */
void cpu_task_prepare(u8 *tss, uintptr_t entry, uintptr_t stack);
void cpu_task_gate(void *gate, unsigned int selector, const u8 *tss);

#endif
