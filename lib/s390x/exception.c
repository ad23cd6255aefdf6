/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an interruption: a TRY's result, a test's handler, or a report. */
#include <abi/image.h>
#include <exception.h>
#include <smp.h>

#define IRQS		16	/* numbers that have handlers at the same time */

_Static_assert(ABI_TEST_WORDS_ASM == ABI_TEST_WORDS, "start.S");

static bool (*handlers[PGM_COUNT])(struct frame *frame);
static struct {
	u32 number;
	struct irq irq;
} irqs[IRQS];
static struct frame *handled;

void vectors_install(struct lowcore *to, u64 dat)
{
	u64 mask = PSW_64 | dat;

	to->restart_new = (struct psw){ mask, (uintptr_t)vector_restart };
	to->ext_new = (struct psw){ mask, (uintptr_t)vector_ext };
	to->svc_new = (struct psw){ mask, (uintptr_t)vector_svc };
	to->pgm_new = (struct psw){ mask, (uintptr_t)vector_pgm };
	to->mck_new = (struct psw){ mask, (uintptr_t)vector_mck };
	to->io_new = (struct psw){ mask, (uintptr_t)vector_io };
}

/* An instruction that is nullified is where the PSW points (chapter 6). */
static bool is_nullifying(u16 code)
{
	switch (code) {
	case PGM_SEGMENT:
	case PGM_PAGE:
	case PGM_ASCE_TYPE:
	case PGM_REGION_FIRST:
	case PGM_REGION_SECOND:
	case PGM_REGION_THIRD:
	case PGM_SECURE_ACCESS:
	case PGM_NON_SECURE_ACCESS:
	case PGM_SECURE_VIOLATION:
		return true;
	}
	return false;
}

static u16 pgm_code(const struct frame *frame)
{
	return frame->interruption.pgm_code & PGM_CODE_MASK;
}

static uintptr_t frame_insn(const struct frame *frame)
{
	if (frame->kind == KIND_SVC)
		return frame->psw.addr - frame->interruption.svc_ilc;
	if (is_nullifying(pgm_code(frame)))
		return frame->psw.addr;
	return frame->psw.addr - frame->interruption.pgm_ilc;
}

static bool has_teid(u16 code)
{
	return code == PGM_PROTECTION || is_nullifying(code);
}

struct fault frame_fault(const struct frame *frame)
{
	const struct interruption *i = &frame->interruption;
	u16 code = pgm_code(frame);

	if (frame->kind == KIND_SVC)
		return FAULT_SVC(i->svc_code);
	return (struct fault){
		.raised = true, .code = code,
		.dxc = code == PGM_DATA || code == PGM_VECTOR ? i->dxc : 0,
		.teid = has_teid(code) ? i->teid : 0,
		.access_id = has_teid(code) ? i->access_id : 0,
	};
}

static bool try_fault(struct frame *frame)
{
	const struct fault_entry *entry = fault_entry_find(frame_insn(frame));

	if (!entry)
		return false;
	*(struct fault *)frame->gpr[entry->reg] = frame_fault(frame);
	frame->psw.addr = fault_entry_fixup(entry);
	return true;
}

void frame_print(const struct frame *frame)
{
	const struct interruption *i = &frame->interruption;

	for (unsigned int n = 0; n < 16; n++)
		printf("%sr%-2u " WORD_FMT "%s", n % 4 ? "  " : "\t", n,
		       frame->gpr[n], n % 4 == 3 ? "\n" : "");
	printf("\tpsw " WORD_FMT " " WORD_FMT "  ilc %u  teid " WORD_FMT "\n",
	       frame->psw.mask, frame->psw.addr,
	       frame->kind == KIND_SVC ? i->svc_ilc : i->pgm_ilc, i->teid);
	printf("\tcr0 " WORD_FMT "  cr1 " WORD_FMT "  dxc %#x  access id %#x"
	       "  breaking event " WORD_FMT "\n", ctl_read(0), ctl_read(1), i->dxc,
	       i->access_id, lowcore.breaking_event);
}

/* By back chains: each leads to the caller's frame, where R14 was saved at 112. */
unsigned int frame_trace(struct frame *frame, uintptr_t *to)
{
	u64 sp = frame->gpr[15];
	unsigned int n = 0;

	to[n++] = frame->psw.addr;
	while (n < FRAME_TRACE && sp && sp % 8 == 0) {
		const u64 *record = (const u64 *)sp;

		if (try_load(record).raised || record[0] <= sp ||
		    try_load((const u64 *)record[0] + 14).raised)
			break;
		sp = record[0];
		to[n++] = ((const u64 *)sp)[14];
	}
	return n;
}

static bool from_user(const struct frame *frame)
{
	return frame->psw.mask & PSW_PROBLEM;
}

static bool is_irq(const struct frame *frame)
{
	return frame->kind != KIND_PGM && frame->kind != KIND_SVC;
}

const char *frame_where(const struct frame *frame, char *to)
{
	snprintf(to, FRAME_WHERE, "%#lx, %s state",
		 (unsigned long)(is_irq(frame) ? frame->psw.addr : frame_insn(frame)),
		 from_user(frame) ? "problem" : "supervisor");
	return to;
}

static u32 irq_number(const struct frame *frame)
{
	switch (frame->kind) {
	case KIND_EXT:
		return frame->interruption.ext_code;
	case KIND_IO:
		return IRQ_IO;
	case KIND_MCK:
		return IRQ_MCK;
	}
	return IRQ_RESTART;
}

/* One of the harness's own: a CPU that is woken, SCLP that has answered. */
static bool harness_irq(struct frame *frame)
{
	struct cpu *cpu = cpu_self();

	if (frame->kind != KIND_EXT)
		return false;
	if (cpu->sclp_waits && frame->interruption.ext_code == EXT_SERVICE) {
		cpu->sclp_done = frame->interruption.ext_param & ~7u;
		return true;
	}
	return cpu->asleep && frame->interruption.ext_code == EXT_EMERGENCY;
}

static void irq_dispatch(struct frame *frame)
{
	u32 number = irq_number(frame);
	unsigned int n;

	/* A wait ends with it, masks closed again. */
	if (frame->psw.mask & PSW_WAIT)
		frame->psw.mask &= ~(PSW_WAIT | PSW_EXT | PSW_IO | PSW_MCK);
	if (harness_irq(frame))
		return;
	for (n = 0; n < IRQS; n++)
		if (irqs[n].irq.fn && irqs[n].number == number) {
			handled = frame;
			return irqs[n].irq.fn(irqs[n].irq.arg);
		}
	unexpected_irq(frame, "%s%#x", frame->kind == KIND_EXT ? "external " : "number ",
		       number);
	unexpected_leave("interruption");
}

void vectors_dispatch(struct frame *frame)
{
	u16 code = frame->kind == KIND_SVC ? 0 : pgm_code(frame);

	if (is_irq(frame))
		return irq_dispatch(frame);
	if (from_user(frame) && frame_insn(frame) == (uintptr_t)user_done)
		user_return(lowcore.kernel_sp);
	if (handlers[code] && handlers[code](frame))
		return;
	if (try_fault(frame))
		return;
	unexpected_fault(frame);
	unexpected_leave("fault");
}

void pgm_handle(unsigned int code, bool (*handler)(struct frame *frame))
{
	handlers[code] = handler;
}

struct irq irq_set(u32 number, struct irq irq)
{
	struct irq old = { NULL, NULL };
	unsigned int n, free = IRQS;

	for (n = 0; n < IRQS; n++)
		if (irqs[n].irq.fn && irqs[n].number == number) {
			old = irqs[n].irq;
			free = n;
			break;
		} else if (!irqs[n].irq.fn) {
			free = n;
		}
	if (free == IRQS)
		panic("more than %u kinds of interruptions have handlers", IRQS);
	irqs[free].number = number;
	irqs[free].irq = irq;
	return old;
}

struct frame *irq_frame(void)
{
	return handled;
}

void branch_to(void *address);	/* jump.S: a call */

static struct fault branch_fault;
static u64 branch_target;

/* What fetching left: R14 has the way back, and nothing at the target ran. */
static bool branch_failed(struct frame *frame)
{
	if (frame->psw.addr - branch_target > 6)
		return false;
	branch_fault = frame_fault(frame);
	frame->psw.addr = frame->gpr[14];
	return true;
}

struct fault branch_try(void *address)
{
	static const u16 codes[] = {
		PGM_PROTECTION, PGM_ADDRESSING, PGM_SPECIFICATION, PGM_PAGE, PGM_SEGMENT,
		PGM_REGION_THIRD, PGM_ASCE_TYPE, PGM_TRANSLATION,
	};

	branch_fault = FAULT_NONE;
	branch_target = (uintptr_t)address;
	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++)
		pgm_handle(codes[i], branch_failed);
	branch_to(address);
	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++)
		pgm_handle(codes[i], NULL);
	return branch_fault;
}
