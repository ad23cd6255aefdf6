/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions taken in AArch32 state (DDI 0406, B1.8). */
#include <abi/image.h>
#include <asm/start.h>
#include <boot.h>
#include <exception.h>

_Static_assert(CPU_STACK_MAIN_ASM == CPU_STACK_MAIN, "start.S");
_Static_assert(ABI_TEST_WORDS_ASM == ABI_TEST_WORDS, "start.S");

#define SVC_IMMEDIATE(insn)	((insn) & 0xffffff)

unsigned int frame_class(const struct frame *frame)
{
	return frame->vector >= VECTOR_IRQ ? EXCEPTION_IRQ : frame->vector;
}

uintptr_t frame_insn(const struct frame *frame)
{
	return frame->vector == EXCEPTION_SVC ? frame->pc - 4 : frame->pc;
}

bool frame_from_user(const struct frame *frame)
{
	return (frame->pstate & MODE_MASK) == MODE_USR;
}

struct fault frame_fault(const struct frame *frame)
{
	return (struct fault){
		.raised = true, .vector = frame->vector, .address = frame->far,
		.status = frame->vector == EXCEPTION_SVC ?
			SVC_IMMEDIATE(*(const u32 *)frame_insn(frame)) : frame->fsr,
	};
}

static bool is_abort(struct fault fault)
{
	return fault.vector == EXCEPTION_DATA_ABORT ||
		fault.vector == EXCEPTION_INSN_ABORT;
}

static u32 compared(struct fault fault)
{
	return is_abort(fault) ? fault.status & FSR_COMPARED : fault.status;
}

bool fault_matches(struct fault want, struct fault got)
{
	if (want.raised != got.raised)
		return false;
	return !want.raised ||
		(want.vector == got.vector && compared(want) == compared(got) &&
		 (!want.at || want.address == got.address));
}

struct fault fault_falsify(struct fault fault, bool kind)
{
	if (kind)
		fault.vector ^= 1;
	else
		fault.status ^= 1;
	return fault;
}

const char *fault_text(struct fault fault, char *to)
{
	static const char *const names[] = {
		[EXCEPTION_UNDEFINED] = "Undefined", [EXCEPTION_SVC] = "SVC",
		[EXCEPTION_INSN_ABORT] = "prefetch abort",
		[EXCEPTION_DATA_ABORT] = "data abort", [EXCEPTION_HYP_TRAP] = "Hyp trap",
		[VECTOR_IRQ] = "IRQ", [VECTOR_FIQ] = "FIQ",
	};
	const char *name = fault.vector < ARRAY_SIZE(names) ? names[fault.vector] : NULL;
	char status[FAULT_STATUS_TEXT];
	int at;

	if (!fault.raised) {
		snprintf(to, FAULT_TEXT, "no fault");
		return to;
	}
	if (!name)
		name = "exception of an unknown kind";
	if (!is_abort(fault)) {
		snprintf(to, FAULT_TEXT, "%s(%#x)", name, fault.status);
		return to;
	}
	at = snprintf(to, FAULT_TEXT, "%s(%s%s)", name,
		      fault.status & FSR_WNR ? "write, " : "",
		      fault_status_text(fault.status & FSR_STATUS, status));
	snprintf(to + at, FAULT_TEXT - at, " at %#lx", (unsigned long)fault.address);
	return to;
}

void frame_print(const struct frame *frame)
{
	static const char names[GPR_COUNT][4] = {
		"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10",
		"fp", "ip", "sp", "lr",
	};

	for (unsigned int i = 0; i < GPR_COUNT; i++)
		printf("%s%-3s " WORD_FMT "%s", i % 5 ? "  " : "\t", names[i],
		       frame->gpr[i], i % 5 == 4 ? "\n" : "");
	printf("\tpc  %08lx  cpsr %08lx  fsr %08lx  far %08lx\n", frame->pc,
	       frame->pstate, frame->fsr, frame->far);
	printf("\tsctlr %08llx  ttbcr %08llx  ttbr0 %016llx\n",
	       (unsigned long long)sysreg_read(sctlr_el1),
	       (unsigned long long)sysreg_read(ttbcr),
	       (unsigned long long)sysreg_read(ttbr0_el1));
}

/*
 * gcc lets the frame pointer point at the saved LR, below which is the caller's frame
 * pointer, and in a function that calls none at the latter; clang at the latter, with
 * LR above.
 */
uintptr_t frame_caller(const struct frame *frame, uintptr_t *fp)
{
	const uintptr_t *at = (const uintptr_t *)*fp;
	uintptr_t next, link;

	if (!*fp || *fp % sizeof(*at) || try_load(at - 1).raised ||
	    try_load(at + 1).raised)
		return 0;
	if (image_has_code(at[0])) {
		link = at[0];
		next = at[-1];
	} else {
		link = image_has_code(at[1]) ? at[1] :
			*fp == FRAME_POINTER(frame) ? FRAME_LINK(frame) : 0;
		next = at[0];
	}
	*fp = next > *fp ? next : 0;
	return image_has_code(link) ? link : 0;
}

struct fault try_load(const void *address)
{
	u32 byte;

	return TRY_OUT("ldrb %0, [%1]", OUT("=r"(byte)), "r"(address));
}

struct fault try_store(void *address)
{
	return TRY("strb %0, [%0]", "r"(address));
}
