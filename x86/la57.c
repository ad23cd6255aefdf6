/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Five-level paging and what it makes of canonical addresses (SDM 3A 4.5, 2.5; SDM 1
 * 3.3.7.1; Intel's white paper on 5-level paging).
 *
 * An access is checked by the width of the paging mode, 48 or 57 bits.  A register
 * that holds an address is checked when it is loaded, by the width that the CPU can
 * have: 57 bits wherever CPUID announces LA57, whatever CR4.LA57 says.
 */
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

static struct fault try_toggle(void)
{
	return try_write_cr4(read_cr4() ^ CR4_LA57);
}

TEST(absent, "without the CPUID bit, CR4.LA57 is reserved", LACKS(CPU_LA57))
{
	EXPECT_FAULT(FAULT_GP(0), try_toggle());
}

#if !IS_64BIT
TEST(toggle, "CR4.LA57 may be set and cleared outside of long mode",
     REQUIRES(CPU_LA57))
{
	unsigned long cr4 = read_cr4();

	EXPECT_FAULT(FAULT_NONE, try_toggle());
	EXPECT_EQ(read_cr4(), cr4 | CR4_LA57);
	EXPECT_FAULT(FAULT_NONE, try_toggle());
	EXPECT_EQ(read_cr4(), cr4);
}
#else

static const struct space *space_of_5(void)
{
	static struct space space;

	space_split(&space, &paging_5level);
	return &space;
}

TEST(toggle, "changing CR4.LA57 is #GP in long mode, on either side",
     REQUIRES(CPU_LA57))
{
	EXPECT_FAULT(FAULT_GP(0), try_toggle());
	/* With a bit that no hypervisor leaves to the guest alone. */
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() ^ (CR4_LA57 | CR4_PSE)));
	WITH_SPACE(space_of_5()) {
		EXPECT_FAULT(FAULT_GP(0), try_toggle());
		EXPECT_FAULT(FAULT_GP(0),
			     try_write_cr4(read_cr4() ^ (CR4_LA57 | CR4_PSE)));
	}
}

/* Edges of both widths; bits: the width that an address needs, 0 for none. */
static const struct {
	u64 address;
	unsigned int bits;
} addresses[] = {
	{ 0x00007ffffffff000, 48 }, { 0x0000800000000000, 57 },
	{ 0x00fffffffffff000, 57 }, { 0x0100000000000000, 0 },
	{ 0xfefffffffffff000, 0	 }, { 0xff00000000000000, 57 },
	{ 0xffff7ffffffff000, 57 }, { 0xffff800000000000, 48 },
	{ 0xaaaaaaaaaaaaa000, 0	 }, { 0x00aaaaaaaaaaa000, 57 },
	{ 0x00002aaaaaaaa000, 48 },
};

static struct fault by_width(unsigned int bits, unsigned int width)
{
	return bits && bits <= width ? FAULT_NONE : FAULT_GP(0);
}

#define EITHER(forced, insn, ...)					\
	((forced) ? TRY_FORCED(insn, ##__VA_ARGS__) : TRY(insn, ##__VA_ARGS__))

/* Loads @base, and what was there again before anything can need it. */
static struct fault load_gdtr(u64 base, u32 msr, bool forced)
{
	struct table_register wild = { SEL_LIMIT, base };
	struct table_register old = { SEL_LIMIT, (uintptr_t)cpu_self()->gdt };

	(void)msr;
	return EITHER(forced, "lgdt %0; lgdt %1", "m"(wild), "m"(old));
}

static struct fault load_idtr(u64 base, u32 msr, bool forced)
{
	struct table_register old = read_idtr(), wild = { old.limit, base };

	(void)msr;
	return EITHER(forced, "lidt %0; lidt %1", "m"(wild), "m"(old));
}

/* The error code of a bad base may be 0 or the selector: manuals do not tell. */
static struct fault without_selector(struct fault fault)
{
	if (fault.vector == VECTOR_GP && fault.error == SEL_FREE)
		fault.error = 0;
	return fault;
}

static struct fault load_ldtr(u64 base, u32 msr, bool forced)
{
	struct fault fault;

	(void)msr;
	cpu_ldt_descriptor(SEL_FREE, (void *)base);
	fault = EITHER(forced, "lldt %w0", "r"(SEL_FREE));
	asm volatile("lldt %w0" : : "r"(0));
	return without_selector(fault);
}

static struct fault load_tr(u64 base, u32 msr, bool forced)
{
	struct cpu *cpu = cpu_self();
	struct fault fault;

	(void)msr;
	cpu_tss_descriptor(SEL_FREE, (void *)base);
	fault = EITHER(forced, "ltr %w0", "r"(SEL_FREE));
	cpu_tss_descriptor(SEL_TSS, cpu->tss);
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
	return without_selector(fault);
}

static struct fault load_msr(u64 base, u32 msr, bool forced)
{
	struct fault fault;
	u64 old, got;

	fault = try_rdmsr(msr, &old);
	if (!EXPECT_FAULT(FAULT_NONE, fault))
		return fault;
	fault = EITHER(forced, "wrmsr", "c"(msr), "a"((u32)base),
		       "d"((u32)(base >> 32)));
	got = rdmsr(msr);
	wrmsr(msr, old);
	EXPECT_EQ(got, fault.raised ? old : base);
	return fault;
}

static struct fault load_base(u64 base, u32 msr, bool forced)
{
	u64 old = rdmsr(msr);
	struct fault fault;

	WITH_CR4(CR4_FSGSBASE, 0)
		fault = msr == MSR_FS_BASE ? EITHER(forced, "wrfsbase %0", "r"(base)) :
			EITHER(forced, "wrgsbase %0", "r"(base));
	wrmsr(msr, old);
	return fault;
}

static struct fault load_invpcid(u64 base, u32 msr, bool forced)
{
	u64 descriptor[2] = { 0, base };

	(void)msr;
	return EITHER(forced, "invpcid %0, %1", "m"(descriptor), "r"(0ul));
}

/* The ends of Intel PT's address ranges, two to each. */
#define RTIT_ADDRESS(n)	(MSR_RTIT_ADDR0_A + (n))

static bool lacks_range(u32 msr)
{
	if (msr < RTIT_ADDRESS(0) || msr > RTIT_ADDRESS(7))
		return false;
	/* SDM 2A, CPUID leaf 14H: how many there are. */
	return (msr - RTIT_ADDRESS(0)) / 2 >= (cpuid(0x14, 1).reg[CPUID_EAX] & 7);
}

static const struct {
	const char *what;
	struct fault (*load)(u64 base, u32 msr, bool forced);
	u32 msr;
	unsigned int feature;	/* 0: none needed */
	bool native;		/* KVM's emulator does not know the instruction */
} registers[] = {
	{ "GDTR",		load_gdtr, 0, 0, false },
	{ "IDTR",		load_idtr, 0, 0, false },
	{ "LDTR",		load_ldtr, 0, 0, false },
	{ "TR",			load_tr, 0, 0, false },
	{ "FS base",		load_msr, MSR_FS_BASE, 0, false },
	{ "GS base",		load_msr, MSR_GS_BASE, 0, false },
	{ "kernel GS base",	load_msr, MSR_KERNEL_GS_BASE, CPU_LM, false },
	{ "LSTAR",		load_msr, MSR_LSTAR, CPU_SYSCALL, false },
	{ "CSTAR",		load_msr, MSR_CSTAR, CPU_SYSCALL, false },
	{ "IA32_DS_AREA",	load_msr, MSR_DS_AREA, CPU_DS, false },
	{ "IA32_RTIT_ADDR0_A",	load_msr, RTIT_ADDRESS(0), CPU_INTEL_PT, false },
	{ "IA32_RTIT_ADDR0_B",	load_msr, RTIT_ADDRESS(1), CPU_INTEL_PT, false },
	{ "IA32_RTIT_ADDR1_A",	load_msr, RTIT_ADDRESS(2), CPU_INTEL_PT, false },
	{ "IA32_RTIT_ADDR1_B",	load_msr, RTIT_ADDRESS(3), CPU_INTEL_PT, false },
	{ "IA32_RTIT_ADDR2_A",	load_msr, RTIT_ADDRESS(4), CPU_INTEL_PT, false },
	{ "IA32_RTIT_ADDR2_B",	load_msr, RTIT_ADDRESS(5), CPU_INTEL_PT, false },
	{ "IA32_RTIT_ADDR3_A",	load_msr, RTIT_ADDRESS(6), CPU_INTEL_PT, false },
	{ "IA32_RTIT_ADDR3_B",	load_msr, RTIT_ADDRESS(7), CPU_INTEL_PT, false },
	{ "WRFSBASE",		load_base, MSR_FS_BASE, CPU_FSGSBASE, true },
	{ "WRGSBASE",		load_base, MSR_GS_BASE, CPU_FSGSBASE, true },
	{ "INVPCID",		load_invpcid, 0, CPU_INVPCID, false },
};

static void registers_load(bool forced)
{
	unsigned int width = cpu_has(CPU_LA57) ? 57 : 48;

	for_each(r, registers) SUBTEST("%s", r->what) {
		if (forced && r->native) {
			skip("KVM emulates no such instruction");
			break;
		}
		if ((r->feature && !cpu_has(r->feature)) || lacks_range(r->msr)) {
			skip("CPUID does not announce it");
			break;
		}
		for_each(a, addresses)
			if (!EXPECT_FAULT(by_width(a->bits, width),
					  r->load(a->address, r->msr, forced)))
				printf("\t\tfor %#llx\n",
				       (unsigned long long)a->address);
	}
}

TEST(registers4, "4-level: registers hold what is canonical by the CPU's width")
{
	registers_load(false);
}

TEST(registers5, "5-level: registers hold what is canonical by the CPU's width",
     REQUIRES(CPU_LA57))
{
	WITH_SPACE(space_of_5())
		registers_load(false);
}

TEST(registers4_forced, "4-level: the same through the emulator",
     DEVICE(DEVICE_FEP))
{
	registers_load(true);
}

TEST(registers5_forced, "5-level: the same through the emulator",
     REQUIRES(CPU_LA57), DEVICE(DEVICE_FEP))
{
	WITH_SPACE(space_of_5())
		registers_load(true);
}

/* What an access to a page that is not there comes to. */
static const struct {
	enum touch_kind kind;
	bool user;
	u32 absent;
	struct fault none;	/* if the address is not canonical */
} accesses[] = {
	{ TOUCH_READ,  false, 0,	   AS_GP(0) },
	{ TOUCH_WRITE, false, PF_W,	   AS_GP(0) },
	{ TOUCH_PUSH,  false, PF_W,	   AS_SS(0) },
	{ TOUCH_FETCH, false, 0,	   AS_GP(0) },
	{ TOUCH_READ,  true,  PF_U,	   AS_GP(0) },
	{ TOUCH_WRITE, true,  PF_W | PF_U, AS_GP(0) },
	{ TOUCH_PUSH,  true,  PF_W | PF_U, AS_SS(0) },
};

static void accesses_make(unsigned int width)
{
	for_each(a, accesses) SUBTEST("%s, CPL %d", touch_names[a->kind],
				      a->user ? 3 : 0)
		for_each(at, addresses) {
			bool canonical = at->bits && at->bits <= width;

			if (!EXPECT_FAULT(canonical ?
					  FAULT_PF_AT(at->address, a->absent) : a->none,
					  touch_at(a->kind, at->address,
						   .user = a->user)))
				printf("\t\tat %#llx\n",
				       (unsigned long long)at->address);
		}
}

TEST(accesses4, "4-level: accesses beyond 48 bits are #GP, of the stack #SS")
{
	WITH_SPLIT_SPACE()
		accesses_make(48);
}

TEST(accesses5, "5-level: accesses beyond 57 bits are #GP, of the stack #SS",
     REQUIRES(CPU_LA57))
{
	WITH_SPACE(space_of_5())
		WITH_TOUCH()
			accesses_make(57);
}

static u64 *map_own_page(const struct space *space, u64 address, u64 value)
{
	u64 *frame = pages_alloc_zeroed(1);

	frame[0] = value;
	pte_write(space_entry(space, (void *)address, 1),
		  (uintptr_t)frame | PTE_P | PTE_W);
	return (u64 *)address;
}

TEST(fifth, "5-level: bits 56:48 choose the entry of the fifth table",
     REQUIRES(CPU_LA57))
{
	static const u64 bases[] = { 1, 2, 4, 0x80, 0xff, 0xff00, 0xff80, 0xfffe };
	struct space space;

	WITH_SPACE(space_of_5()) {
		space = space_current();
		for_each(base, bases)
			map_own_page(&space, *base << 48 | 0x123000, *base);
		for_each(base, bases)
			EXPECT_EQ(*(volatile u64 *)(*base << 48 | 0x123000), *base);
	}
}
#endif
