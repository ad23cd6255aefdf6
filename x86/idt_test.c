/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception delivery (SDM 3A, "Interrupt and Exception Handling" and its section on
 * 64-bit mode; SDM 3B, "Instruction-Breakpoint Exception Condition": RF).
 *
 * A fault pushes RFLAGS with RF set and the address of the instruction that
 * faulted; a trap pushes the address behind it.
 */
#include <apic.h>
#include <exception.h>
#include <insn.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

TEST(ud2, "UD2 is #UD, with RF in the frame")
{
	struct fault fault = TRY("ud2");

	EXPECT_FAULT(FAULT_UD, fault);
	EXPECT(fault.rf);
}

TEST(divide, "a division by zero is #DE and leaves the registers alone")
{
	unsigned long low = 7, high = 0, zero = 0;
	struct fault fault = TRY_OUT("div %2", OUT("+a"(low), "+d"(high)),
				     "r"(zero));

	EXPECT_FAULT(FAULT_DE, fault);
	EXPECT(fault.rf);
	EXPECT_EQ(low, 7);
	EXPECT_EQ(high, 0);
}

TEST(selector, "a selector beyond the GDT is #GP with the selector as error code")
{
	EXPECT_FAULT(FAULT_GP(0x1230), TRY("mov %w0, %%fs", "r"(0x1230)));
}

TEST(cr4, "MOV to CR4 with a reserved bit is #GP(0), with RF in the frame")
{
	struct fault fault = try_write_cr4(read_cr4() | BIT(31));

	EXPECT_FAULT(FAULT_GP(0), fault);
	EXPECT(fault.rf);
}

/* What a handler saw; the way it came is the test's business. */
static struct frame seen;
static unsigned long seen_flags, seen_frame_end;

static bool look(struct frame *frame)
{
	seen = *frame;
	seen_flags = read_rflags();
	seen_frame_end = (uintptr_t)(frame + 1);
	return true;
}

/* A vector with a handler and perhaps another gate, until the scope is left. */
struct vector_scope {
	struct scope scope;
	unsigned int vector;
	u8 gate[16];
};

extern u8 idt[];

static u8 *gate_of(unsigned int vector)
{
	return idt + 16 * vector;
}

static void vector_leave(struct scope *scope)
{
	struct vector_scope *s = (struct vector_scope *)scope;

	exception_handle(s->vector, NULL);
	memcpy(gate_of(s->vector), s->gate, sizeof(s->gate));
}

static void vector_enter(struct vector_scope *s, unsigned int vector)
{
	s->vector = vector;
	memcpy(s->gate, gate_of(vector), sizeof(s->gate));
	scope_enter(&s->scope, vector_leave);
	exception_handle(vector, look);
	memset(&seen, 0, sizeof(seen));
}

#define WITH_VECTOR(vector)	SCOPE(vector_scope, vector_enter, vector)

TEST(int3, "INT3 is a trap: the address behind it, RF clear")
{
	unsigned long behind;

	WITH_VECTOR(VECTOR_BP)
		asm volatile("int3; 1: lea 1b(%%rip), %0"
			     : "=r"(behind) : : "memory");
	EXPECT_EQ(seen.ip, behind);
	EXPECT(!(seen.flags & RFLAGS_RF));
}

/* A vector that no exception has and that pushes no error code. */
#define SOFTWARE	31
#define SOFTWARE_TEXT	"$31"
#define IDT_ERROR(vector)	((vector) << 3 | 2)	/* SDM 3A, "Error Code" */

#define GATE_IST	4	/* offsets in a gate (SDM 3A, "IDT Descriptors") */
#define GATE_TYPE	5
#define GATE_SELECTOR	2
#define GATE_INTERRUPT	0x8e
#define GATE_TRAP	0x8f
#define GATE_DPL3	0x60
#define GATE_PRESENT	0x80

INSN(int_n, "int " SOFTWARE_TEXT, "r"(0));

TEST(int_n, "INT n is a trap; its frame ends at a multiple of 16")
{
	unsigned long behind, flags = RFLAGS_CF | RFLAGS_DF;

	WITH_VECTOR(SOFTWARE)
		asm volatile("sub $8, %%rsp; push %1; popf; int " SOFTWARE_TEXT
			     "; 1: lea 1b(%%rip), %0; cld; add $8, %%rsp"
			     : "=r"(behind) : "r"(flags) : "memory", "cc");
	EXPECT_EQ(seen.ip, behind);
	EXPECT_EQ(seen.flags, flags | RFLAGS_FIXED);
	EXPECT_EQ(seen.ss, SEL_KERNEL_DS);
	EXPECT_EQ(seen_frame_end % 16, 0);
}

static const struct {
	const char *name;
	u8 type;
	unsigned long keeps;
} gate_types[] = {
	{ "interrupt gate", GATE_INTERRUPT, 0 },
	{ "trap gate", GATE_TRAP, RFLAGS_IF },
};

TEST(gate_types, "an interrupt gate clears IF, a trap gate does not; both clear NT")
{
	apic_enable();	/* so that firmware's interrupts stay away */
	for_each(row, gate_types) SUBTEST("%s", row->name)
		WITH_VECTOR(SOFTWARE) {
			unsigned long flags = RFLAGS_IF | RFLAGS_NT;

			gate_of(SOFTWARE)[GATE_TYPE] = row->type;
			asm volatile("push %0; popf; int " SOFTWARE_TEXT
				     "; push %1; popf"
				     : : "r"(flags), "r"((long)RFLAGS_FIXED)
				     : "memory", "cc");
			EXPECT_EQ(seen.flags & flags, flags);
			EXPECT_EQ(seen_flags & RFLAGS_IF, row->keeps);
			EXPECT(!(seen_flags & RFLAGS_NT));
		}
}

TEST(gate_privilege, "INT n at CPL 3 through a gate of DPL 0 is #GP; of DPL 3 it is not")
{
	EXPECT_FAULT(FAULT_GP(IDT_ERROR(SOFTWARE)), exec(int_n, .cpl = 3));
	WITH_VECTOR(SOFTWARE) {
		gate_of(SOFTWARE)[GATE_TYPE] |= GATE_DPL3;
		EXPECT_FAULT(FAULT_NONE, exec(int_n, .cpl = 3));
		EXPECT_EQ(seen.cs, SEL_USER_CS);
		EXPECT_EQ(seen.ss, SEL_USER_DS);
	}
}

TEST(gate_absent, "a gate that is not present is #NP with the vector as error code")
{
	WITH_VECTOR(SOFTWARE) {
		gate_of(SOFTWARE)[GATE_TYPE] &= ~GATE_PRESENT;
		EXPECT_FAULT(FAULT_NP(IDT_ERROR(SOFTWARE)), exec(int_n, .cpl = 0));
	}
}

TEST(gate_selector, "a gate to no code segment is #GP with the selector as error code")
{
	static const u16 selectors[] = { 0, SEL_KERNEL_DS, 0x1230 };

	for_each(selector, selectors) SUBTEST("selector %#x", *selector)
		WITH_VECTOR(SOFTWARE) {
			memcpy(gate_of(SOFTWARE) + GATE_SELECTOR, selector, 2);
			EXPECT_FAULT(FAULT_GP(*selector), exec(int_n, .cpl = 0));
		}
}

static void idtr_leave(struct scope *scope)
{
	struct table_register idtr = { 256 * 16 - 1, (uintptr_t)idt };

	(void)scope;
	write_idtr(&idtr);
}

TEST(limit, "a vector beyond the IDT's limit is #GP with the vector as error code")
{
	struct table_register idtr = { SOFTWARE * 16 - 1, (uintptr_t)idt };
	struct scope scope;

	scope_enter(&scope, idtr_leave);
	write_idtr(&idtr);
	EXPECT_FAULT(FAULT_GP(IDT_ERROR(SOFTWARE)), exec(int_n, .cpl = 0));
	scope_exit(&scope);
}

TEST(ist, "a gate with an IST index uses that stack, and none the one at hand")
{
	uintptr_t block = (uintptr_t)cpu_self();

	WITH_VECTOR(SOFTWARE) {
		asm volatile("int " SOFTWARE_TEXT : : : "memory");
		EXPECT(seen_frame_end > block + CPU_STACK_TRAP);
		gate_of(SOFTWARE)[GATE_IST] = 1;
		asm volatile("int " SOFTWARE_TEXT : : : "memory");
		EXPECT_EQ(seen_frame_end, block + CPU_STACK_NMI);
	}
}

TEST(page_fault, "a page fault's frame has RF, its error code and the address in CR2")
{
	static u8 page[4096] __attribute__((aligned(4096)));

	WITH_PTE(page, 0, PTE_P) {
		struct fault fault = TRY("movb %%al, (%0)", "r"(page + 5));

		EXPECT_FAULT(FAULT_PF_AT(page + 5, PF_W), fault);
		EXPECT(fault.rf);
	}
}
