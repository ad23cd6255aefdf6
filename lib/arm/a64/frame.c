/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions taken in AArch64 state (DDI 0487, D1.3). */
#include <abi/image.h>
#include <asm/start.h>
#include <exception.h>

_Static_assert(CPU_STACK_MAIN_ASM == CPU_STACK_MAIN, "start.S");
_Static_assert(ABI_TEST_WORDS_ASM == ABI_TEST_WORDS, "start.S");

/* Places in the vector table: where from, by fours, and of what kind. */
#define KIND(vector)		((vector) & 3)
#define KIND_SYNCHRONOUS	0
#define KIND_IRQ		1
#define KIND_FIQ		2
#define KIND_SERROR		3
#define FROM_USER		2	/* vector / 4, and above */

unsigned int frame_class(const struct frame *frame)
{
	switch (KIND(frame->vector)) {
	case KIND_SYNCHRONOUS:
		return frame->esr >> ESR_EC_SHIFT & (EC_COUNT - 1);
	case KIND_SERROR:
		return EC_SERROR;
	default:
		return EXCEPTION_IRQ;
	}
}

/* Calls return behind themselves (D1.3.2). */
uintptr_t frame_insn(const struct frame *frame)
{
	switch (frame_class(frame)) {
	case EC_SVC64:
	case EC_HVC64:
	case EC_SMC64:
		return frame->pc - 4;
	}
	return frame->pc;
}

bool frame_from_user(const struct frame *frame)
{
	return frame->vector / 4 >= FROM_USER;
}

static bool has_address(u32 esr)
{
	switch (esr >> ESR_EC_SHIFT) {
	case EC_INSN_ABORT_LOWER:
	case EC_INSN_ABORT:
	case EC_DATA_ABORT_LOWER:
	case EC_DATA_ABORT:
	case EC_PC_ALIGNMENT:
	case EC_WATCHPOINT_LOWER:
	case EC_WATCHPOINT:
		return true;
	}
	return false;
}

struct fault frame_fault(const struct frame *frame)
{
	return (struct fault){
		.raised = true, .esr = frame->esr,
		.serror = KIND(frame->vector) == KIND_SERROR,
		.address = has_address(frame->esr) ? frame->far : 0,
	};
}

/* The part of a syndrome that does not depend on how the access was compiled. */
static u32 compared(u32 esr)
{
	u32 class = esr & ESR_EC_MASK, iss = esr & ESR_ISS_MASK;

	switch (esr >> ESR_EC_SHIFT) {
	case EC_INSN_ABORT_LOWER:
	case EC_INSN_ABORT:
	case EC_DATA_ABORT_LOWER:
	case EC_DATA_ABORT:
	case EC_WATCHPOINT_LOWER:
	case EC_WATCHPOINT:
		return class | (iss & ISS_ABORT_COMPARED);
	case EC_SYSREG:
		return class | (iss & ~ISS_SYSREG_RT);
	}
	return class | iss;
}

bool fault_matches(struct fault want, struct fault got)
{
	if (want.raised != got.raised || want.serror != got.serror)
		return false;
	return !want.raised ||
		(compared(want.esr) == compared(got.esr) &&
		 (!want.at || want.address == got.address));
}

struct fault fault_falsify(struct fault fault, bool kind)
{
	fault.esr ^= kind ? 1u << ESR_EC_SHIFT : 1;
	return fault;
}

static const char *class_name(u32 class)
{
	static const char *const names[EC_COUNT] = {
#define CLASS_NAME(number, name) [number] = name,
		EXCEPTION_CLASSES(CLASS_NAME)
#undef CLASS_NAME
	};

	return names[class] ?: "exception of an unknown class";
}

const char *fault_text(struct fault fault, char *to)
{
	u32 class = fault.esr >> ESR_EC_SHIFT;
	bool data = class == EC_DATA_ABORT || class == EC_DATA_ABORT_LOWER;
	bool insn = class == EC_INSN_ABORT || class == EC_INSN_ABORT_LOWER;
	char status[FAULT_STATUS_TEXT];
	int at;

	if (!fault.raised) {
		snprintf(to, FAULT_TEXT, "no fault");
		return to;
	}
	if (fault.serror) {
		snprintf(to, FAULT_TEXT, "SError, ESR %#x", fault.esr);
		return to;
	}
	if (data || insn)
		at = snprintf(to, FAULT_TEXT, "%s(%s%s)", class_name(class),
			      data && fault.esr & ISS_WNR ? "write, " : "",
			      fault_status_text(fault.esr & ISS_FSC, status));
	else
		at = snprintf(to, FAULT_TEXT, "%s(%#x)", class_name(class),
			      compared(fault.esr) & ESR_ISS_MASK);
	if (fault.at || fault.address)
		snprintf(to + at, FAULT_TEXT - at, " at %#lx",
			 (unsigned long)fault.address);
	return to;
}

void frame_print(const struct frame *frame)
{
	for (unsigned int i = 0; i < GPR_COUNT; i++)
		printf("%sx%-2u " WORD_FMT "%s", i % 4 ? "  " : "\t", i,
		       frame->gpr[i], i % 4 == 3 ? "\n" : "");
	printf("  sp  " WORD_FMT "\n", frame->sp);
	printf("\tpc  " WORD_FMT "  pstate %08lx  esr %08lx  far " WORD_FMT "\n",
	       frame->pc, frame->pstate, frame->esr, frame->far);
	printf("\tsctlr %08llx  tcr %016llx  ttbr0 %016llx  EL%u\n",
	       (unsigned long long)sysreg_read(sctlr_el1),
	       (unsigned long long)sysreg_read(tcr_el1),
	       (unsigned long long)sysreg_read(ttbr0_el1), current_el());
}

uintptr_t frame_caller(const struct frame *frame, uintptr_t *fp)
{
	const uintptr_t *record = (const uintptr_t *)*fp;

	(void)frame;
	if (!*fp || *fp % sizeof(*record) ||
	    try_load(record).raised || try_load(record + 1).raised)
		return 0;
	/* Stacks grow down: callers' records are above. */
	*fp = record[0] > *fp ? record[0] : 0;
	return record[1];
}

struct fault try_load(const void *address)
{
	u32 byte;

	return TRY_OUT("ldrb %w0, [%1]", OUT("=r"(byte)), "r"(address));
}

struct fault try_store(void *address)
{
	return TRY("strb wzr, [%0]", "r"(address));
}
