/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rows cannot have: another TSS (SDM 2A, LTR), a base without a selector (SDM 2A,
 * IRET; SDM 3A, "Segment Loading Instructions in IA-32e Mode"), and code at two addresses
 * (SDM 2A, "RIP-Relative Addressing").
 */
#include <asm/page.h>
#include <insn.h>
#include <memory.h>
#include <rows.h>
#include <scope.h>

static u16 free_selector = SEL_FREE;
static u16 *in_device = (u16 *)(uintptr_t)TESTDEV_MEMORY;

INSN(ltr, "ltr %0", "m"(free_selector));
INSN(ltr_device, "ltr (%0)", "r"(in_device));
INSN(ltr_register, "ltr %0", "r"(free_selector));

#define TSS_BYTES	104
#define TYPE_OF(selector)	(cpu_self()->gdt[(selector) + 5])
#define TYPE_BUSY	0x8b	/* present, DPL 0, TSS in use */

static u16 read_tr(void)
{
	u16 tr;

	asm volatile("str %0" : "=m"(tr));
	return tr;
}

/* A copy of the TSS in use: stacks are where they are. */
static void check_ltr(const struct insn *insn, bool forced)
{
	static u8 tss[TSS_BYTES], slots[16];

	/* Rows have a descriptor of their own there. */
	memcpy(slots, cpu_self()->gdt + SEL_FREE, sizeof(slots));
	memcpy(tss, cpu_self()->tss, sizeof(tss));
	cpu_tss_descriptor(SEL_FREE, tss);
	EXPECT_FAULT(FAULT_NONE, exec_insn(insn, (struct how){ .forced = forced }));
	EXPECT_EQ(read_tr(), SEL_FREE);
	EXPECT_EQ(TYPE_OF(SEL_FREE), TYPE_BUSY);
	/* It is in use now: once more is refused. */
	EXPECT_FAULT(FAULT_GP(SEL_FREE), exec_insn(insn, (struct how){ .forced = forced }));
	cpu_tss_descriptor(SEL_TSS, cpu_self()->tss);
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
	EXPECT_EQ(TYPE_OF(SEL_TSS), TYPE_BUSY);
	memcpy(cpu_self()->gdt + SEL_FREE, slots, sizeof(slots));
}

TEST(ltr, "LTR loads TR and makes the TSS busy; a busy one is #GP")
{
	SUBTEST("from memory")
		check_ltr(&ltr, false);
	SUBTEST("from a register")
		check_ltr(&ltr_register, false);
}

TEST(ltr_device, "LTR from a device's memory", DEVICE(DEVICE_TESTDEV_MEMORY))
{
	*(volatile u16 *)in_device = SEL_FREE;
	check_ltr(&ltr_device, false);
}

TEST(ltr_forced, "LTR through the emulator", DEVICE(DEVICE_FEP))
{
	check_ltr(&ltr, true);
}

#if IS_64BIT
static u64 marker = 0x1f2e3d4c5b6a7988;

struct user_gs {
	u64 value;
	u16 selector;
};

static void look_at_gs(void *arg)
{
	struct user_gs *found = arg;

	asm volatile("mov %%gs, %0; mov %%gs:0x10, %1"
		     : "=m"(found->selector), "=r"(found->value));
}

TEST(iret_gs, "IRET to CPL 3 takes GS's selector of DPL 0 away, and leaves its base")
{
	struct user_gs found = { .value = 0, .selector = 0xffff };
	u16 old;

	asm volatile("mov %%gs, %0" : "=r"(old));
	asm volatile("mov %w0, %%gs" : : "r"(SEL_KERNEL_DS));
	WITH_MSR(MSR_GS_BASE, (uintptr_t)&marker - 0x10)
		user_call(look_at_gs, &found, 0);
	EXPECT_EQ(found.selector, 0);
	EXPECT_EQ(found.value, marker);
	WITH_MSR(MSR_GS_BASE, rdmsr(MSR_GS_BASE))
		asm volatile("mov %w0, %%gs" : : "r"(old));
}

/* movl $0x1f2e3d4c, PAGE_SIZE(%rip): from the page behind its own. */
asm(".pushsection .rodata; store_behind:\n"
    ".byte 0xc7, 0x05; .long 4096; .long 0x1f2e3d4c; store_behind_end: ud2\n"
    ".popsection");
extern const u8 store_behind[], store_behind_end[];

#define CODE_BYTES	(store_behind_end - store_behind)

/* The same code, from @alias: what it stores to is @target. */
static void check_alias(u8 *alias, const void *code, u64 target,
			volatile u32 *stored)
{
	struct frame frame = {
		.ip = (uintptr_t)alias, .cs = SEL_KERNEL_CS, .ss = SEL_KERNEL_DS,
		.flags = RFLAGS_FIXED,
		.sp = (uintptr_t)cpu_self() + CPU_STACK_USER - 64,
	};

	page_map(alias, (uintptr_t)code, PAGE_DATA);
	page_map(alias + PAGE_SIZE, target, PAGE_DATA);
	*stored = 0;
	EXPECT_FAULT(FAULT_NONE,
		     trial_fault(trial_run(&frame), alias + CODE_BYTES));
	EXPECT_EQ(*stored, 0x1f2e3d4c);
}

TEST(rip_relative, "an operand by RIP is behind the instruction's end, at whatever address")
{
	u8 *code = pages_alloc_zeroed(1), *data = pages_alloc_zeroed(2);
	u8 *alias = (u8 *)PAGES_SPARE;

	memcpy(code, store_behind, CODE_BYTES + 2);
	for (unsigned int n = 0; n < 2; n++) SUBTEST("RAM, alias %u", n) {
		u8 *page = data + n * PAGE_SIZE;

		check_alias(alias + 2 * n * PAGE_SIZE, code, (uintptr_t)page,
			    (u32 *)(page + CODE_BYTES));
	}
	if (!device_present(DEVICE_TESTDEV_MEMORY, NULL))
		return;
	for (unsigned int n = 2; n < 4; n++) SUBTEST("device, alias %u", n) {
		u8 *page = (u8 *)(uintptr_t)TESTDEV_MEMORY + n * PAGE_SIZE;

		check_alias(alias + 2 * n * PAGE_SIZE, code, (uintptr_t)page,
			    (u32 *)(page + CODE_BYTES));
	}
}
#endif
