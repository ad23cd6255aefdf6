/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU's own tables (SDM 3A, chapters 3 and 8), and what it announces. */
#include <abi/image.h>
#include <asm/cpu.h>
#include <asm/start.h>
#include <defs/page.h>
#include <defs/vector.h>

_Static_assert(CPU_STACK_MAIN_ASM == CPU_STACK_MAIN, "start.S");
_Static_assert(CPU_KERNEL_SP_ASM == offsetof(struct cpu, kernel_sp), "jump.S");
_Static_assert(ABI_TEST_WORDS_ASM == ABI_TEST_WORDS, "start.S");

/* The boot CPU's block; start.S enters with its main stack. */
u8 cpu0[CPU_BLOCK_SIZE] __attribute__((aligned(CPU_BLOCK_SIZE),
				       section(".bss.cpu0")));

extern const u8 gdt_template[];
extern const u8 idt[];

#define DESCRIPTOR_LDT	0x82	/* present */
#define DESCRIPTOR_TSS	0x89	/* present, available TSS */
#define GATE_TASK	0x85
#define TSS_SIZE	sizeof(((struct cpu *)NULL)->tss)

/* A store, however @at is aligned: calls are slow where instructions are emulated. */
static inline __attribute__((always_inline)) void put(void *at, u64 value, size_t size)
{
	__builtin_memcpy(at, &value, size);
}

static void put_descriptor(struct cpu *cpu, unsigned int selector, u64 type,
			   const void *at, u64 size)
{
	u64 base = (uintptr_t)at;

	put(cpu->gdt + selector, (size - 1) | (base & 0xffffff) << 16 |
	    type << 40 | (base >> 24 & 0xff) << 56, 8);
	if (IS_64BIT)
		put(cpu->gdt + selector + 8, base >> 32, 8);
}

static void put_tss_descriptor(struct cpu *cpu, unsigned int selector,
			       const void *tss)
{
	put_descriptor(cpu, selector, DESCRIPTOR_TSS, tss, TSS_SIZE);
}

void cpu_ldt_descriptor(unsigned int selector, const void *base)
{
	put_descriptor(cpu_self(), selector, DESCRIPTOR_LDT, base, PAGE_SIZE);
}

static void prepare_tss64(struct cpu *cpu)
{
	uintptr_t block = (uintptr_t)cpu;

	put(cpu->tss + 4, block + CPU_STACK_TRAP, 8);		/* RSP0 */
	put(cpu->tss + 36, block + CPU_STACK_NMI, 8);		/* IST1 */
	put(cpu->tss + 44, block + CPU_STACK_DF, 8);		/* IST2 */
	put(cpu->tss + 52, block + CPU_STACK_MC, 8);		/* IST3 */
	put(cpu->tss + 102, sizeof(cpu->tss), 2);		/* no I/O map */
}

void cpu_tss_descriptor(unsigned int selector, const void *base)
{
	put_tss_descriptor(cpu_self(), selector, base);
}

void cpu_task_prepare(u8 *tss, uintptr_t entry, uintptr_t stack)
{
	static const u8 segments[] = { 72, 80, 84, 88, 92 };

	memset(tss, 0, TSS_SIZE);
	put(tss + 28, read_cr3(), 4);
	put(tss + 32, entry, 4);
	put(tss + 36, RFLAGS_FIXED, 4);
	put(tss + 56, stack, 4);
	for (unsigned int i = 0; i < ARRAY_SIZE(segments); i++)
		put(tss + segments[i], SEL_KERNEL_DS, 4);
	put(tss + 76, SEL_KERNEL_CS, 4);
	put(tss + 102, TSS_SIZE, 2);		/* no I/O map */
}

void cpu_task_gate(void *gate, unsigned int selector, const u8 *tss)
{
	put_tss_descriptor(cpu_self(), selector, tss);
	put(gate, (u64)selector << 16 | (u64)GATE_TASK << 40, 8);
}

static void prepare_tss32(struct cpu *cpu)
{
	uintptr_t block = (uintptr_t)cpu;
	extern char double_fault_task[];

	put(cpu->tss + 4, block + CPU_STACK_TRAP, 4);		/* ESP0 */
	put(cpu->tss + 8, SEL_KERNEL_DS, 4);
	put(cpu->tss + 102, sizeof(cpu->tss), 2);
	/* #DF needs a stack that is surely good: a task of its own. */
	cpu_task_prepare(cpu->df_tss, (uintptr_t)double_fault_task,
			 block + CPU_STACK_DF);
	cpu_task_gate((u8 *)idt + 8 * VECTOR_DF, SEL_DF_TSS, cpu->df_tss);
}

void cpu_prepare(struct cpu *cpu)
{
	memcpy(cpu->gdt, gdt_template, sizeof(cpu->gdt));
	put_tss_descriptor(cpu, SEL_TSS, cpu->tss);
	if (IS_64BIT)
		prepare_tss64(cpu);
	else
		prepare_tss32(cpu);
}

void cpu_load(struct cpu *cpu)
{
	struct table_register gdtr = { SEL_LIMIT, (uintptr_t)cpu->gdt };
	struct table_register idtr = {
		256 * 2 * WORD_BYTES - 1, (uintptr_t)idt
	};

	asm volatile("lgdt %0" : : "m"(gdtr));
	write_idtr(&idtr);
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
}

/* A leaf beyond its range's highest is not there, whatever CPUID returns. */
bool cpu_has(unsigned int feature)
{
	u32 leaf = CPUID_FEATURE_LEAF(feature);
	struct cpuid id = cpuid(leaf & 0xffff0000, 0);

	if ((leaf & 0xffff0000) == 0x40000000) {
		/* KVM's leaves move up where Hyper-V's are offered. */
		u32 base = cpu_hypervisor_leaf(HYPERVISOR_KVM);

		if (!base)
			return false;
		leaf = base + (leaf & 0xff);
	} else if (id.reg[CPUID_EAX] < leaf) {
		return false;
	}
	id = cpuid(leaf, CPUID_FEATURE_SUBLEAF(feature));
	return id.reg[CPUID_FEATURE_REG(feature)] >>
		CPUID_FEATURE_BIT(feature) & 1;
}

bool hypervisor_is(const char *signature)
{
	return cpu_hypervisor_leaf(signature);
}

u32 cpu_hypervisor_leaf(const char *signature)
{
	struct cpuid id = cpuid(1, 0);

	if (!(id.reg[CPUID_ECX] >> CPUID_FEATURE_BIT(CPU_HYPERVISOR) & 1))
		return 0;
	for (u32 leaf = 0x40000000; leaf < 0x40000400; leaf += 0x100) {
		id = cpuid(leaf, 0);
		if (!memcmp(&id.reg[CPUID_EBX], signature, 12))
			return leaf;
	}
	return 0;
}

bool cpu_is_intel(void)
{
	struct cpuid id = cpuid(0, 0);

	return id.reg[CPUID_EBX] == 0x756e6547;		/* "Genu" */
}
