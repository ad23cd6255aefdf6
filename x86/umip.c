/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User-mode instruction prevention (SDM 3A 2.5, "CR4.UMIP"; SDM 2, SGDT, SIDT, SLDT,
 * SMSW, STR).
 *
 * While CR4.UMIP is set, the five instructions that reveal system-table
 * addresses raise #GP(0) above CPL 0.  CPL 0 is never affected, and IOPL does
 * not matter.
 */
#include <asm/page.h>
#include <insn.h>
#include <scope.h>
#include <test.h>

/* Its last bytes are in no instruction's way: nothing may change there. */
static u8 memory[16];
static unsigned long value;
static u8 *nowhere = (u8 *)PAGES_SPARE;

INSN(sgdt, "sgdt %0", "m"(memory));
INSN(sidt, "sidt %0", "m"(memory));
INSN(sldt, "sldt %0", "m"(memory));
INSN(smsw, "smsw %0", "m"(memory));
INSN(str,  "str %0",  "m"(memory));
INSN(sldt_register, "sldt %0", "r"(value));
INSN(smsw_register, "smsw %0", "r"(value));
INSN(str_register,  "str %0",  "r"(value));
INSN(sgdt_nowhere, "sgdt (%0)", "r"(nowhere));
INSN(sidt_nowhere, "sidt (%0)", "r"(nowhere));
INSN(sldt_nowhere, "sldt (%0)", "r"(nowhere));
INSN(smsw_nowhere, "smsw (%0)", "r"(nowhere));
INSN(str_nowhere,  "str (%0)",	"r"(nowhere));
INSN(mov_from_cr0, "mov %%cr0, %0", "r"(value));

#define TABLE_SIZE	(2 + WORD_BYTES)

static const struct row {
	const struct insn *insn, *nowhere;
	unsigned int size;	/* bytes that it stores */
} revealing[] = {
	{ &sgdt, &sgdt_nowhere, TABLE_SIZE },
	{ &sidt, &sidt_nowhere, TABLE_SIZE },
	{ &sldt, &sldt_nowhere, 2 },
	{ &smsw, &smsw_nowhere, 2 },
	{ &str,	 &str_nowhere,	2 },
};

static const struct insn *const in_registers[] = {
	&sldt_register, &smsw_register, &str_register
};

#define UNTOUCHED	0x5a

/* What the CPU really has, which is what must be stored. */
static void truth(const struct insn *insn, u8 *to)
{
	struct table_register gdtr, idtr = read_idtr();
	unsigned long cr0 = read_cr0();
	u16 ldtr, tr;

	asm("sgdt %0; sldt %1; str %2" : "=m"(gdtr), "=m"(ldtr), "=m"(tr));
	memset(to, UNTOUCHED, sizeof(memory));
	if (insn == &sgdt)
		memcpy(to, &gdtr, TABLE_SIZE);
	else if (insn == &sidt)
		memcpy(to, &idtr, TABLE_SIZE);
	else
		memcpy(to, insn == &sldt ? &ldtr : insn == &str ? &tr : (u16 *)&cr0, 2);
}

static void expect_stored(const struct row *row, struct how how)
{
	u8 want[sizeof(memory)];

	truth(row->insn, want);
	memset(memory, UNTOUCHED, sizeof(memory));
	EXPECT_FAULT(FAULT_NONE, exec_insn(row->insn, how));
	EXPECT(!memcmp(memory, want, sizeof(want)));
}

static void expect_refused(const struct row *row, struct how how)
{
	memset(memory, UNTOUCHED, sizeof(memory));
	EXPECT_FAULT(FAULT_GP(0), exec_insn(row->insn, how));
	for (unsigned int i = 0; i < sizeof(memory); i++)
		EXPECT_EQ(memory[i], UNTOUCHED);
}

static void off(bool forced)
{
	WITH_CR4(0, CR4_UMIP)
		for_each(row, revealing) SUBTEST("%s", row->insn->name) {
			expect_stored(row, (struct how){ .cpl = 0, .forced = forced });
			expect_stored(row, (struct how){ .cpl = 3, .forced = forced });
		}
}

static void on(bool forced)
{
	WITH_CR4(CR4_UMIP, 0)
		for_each(row, revealing) SUBTEST("%s", row->insn->name) {
			expect_stored(row, (struct how){ .cpl = 0, .forced = forced });
			expect_refused(row, (struct how){ .cpl = 3, .forced = forced });
			expect_refused(row, (struct how){ .cpl = 3, .forced = forced,
							  .flags = RFLAGS_IOPL });
		}
}

TEST(off, "UMIP clear: every CPL may execute them")
{
	off(false);
}

TEST(off_forced, "UMIP clear, through the emulator", DEVICE(DEVICE_FEP))
{
	off(true);
}

TEST(on, "UMIP set: #GP(0) above CPL 0, whatever IOPL, and nothing is stored",
     REQUIRES(CPU_UMIP))
{
	on(false);
}

TEST(on_forced, "UMIP set, through the emulator", REQUIRES(CPU_UMIP),
     DEVICE(DEVICE_FEP))
{
	on(true);
}

TEST(registers, "with a register for the result it is no different",
     REQUIRES(CPU_UMIP))
{
	for_each(i, in_registers) SUBTEST("%s", (*i)->name) {
		WITH_CR4(0, CR4_UMIP) {
			EXPECT_FAULT(FAULT_NONE, exec(**i, .cpl = 0));
			EXPECT_FAULT(FAULT_NONE, exec(**i, .cpl = 3));
		}
		WITH_CR4(CR4_UMIP, 0) {
			EXPECT_FAULT(FAULT_NONE, exec(**i, .cpl = 0));
			EXPECT_FAULT(FAULT_GP(0), exec(**i, .cpl = 3));
		}
	}
}

TEST(absent_operand, "an operand that is not there hides no refusal",
     REQUIRES(CPU_UMIP))
{
	for_each(row, revealing) SUBTEST("%s", row->insn->name)
		WITH_PTE(nowhere, 0, PTE_P) {
			struct fault absent = FAULT_PF_AT(nowhere, PF_U | PF_W), got;

			WITH_CR4(0, CR4_UMIP)
				EXPECT_FAULT(absent, exec(*row->nowhere, .cpl = 3));
			WITH_CR4(CR4_UMIP, 0) {
				EXPECT_FAULT(FAULT_PF_AT(nowhere, PF_W),
					     exec(*row->nowhere, .cpl = 0));
				/* Which one comes first no manual tells. */
				got = exec(*row->nowhere, .cpl = 3);
				EXPECT_FAULT(got.vector == VECTOR_PF ? absent :
					     FAULT_GP(0), got);
			}
		}
}

TEST(cr0, "MOV from CR0 is #GP(0) above CPL 0, with UMIP or without")
{
	EXPECT_FAULT(FAULT_NONE, exec(mov_from_cr0, .cpl = 0));
	EXPECT_FAULT(FAULT_GP(0), exec(mov_from_cr0, .cpl = 3));
	EXPECT_FAULT(FAULT_GP(0), exec(mov_from_cr0, .cpl = 3, .flags = RFLAGS_IOPL));
}

TEST(absent, "without the CPUID bit, CR4.UMIP is reserved", LACKS(CPU_UMIP))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_UMIP));
}
