/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an exception: a TRY's result, a test's handler, or a report. */
#include <apic.h>
#include <boot.h>
#include <exception.h>
#include <smp.h>

static bool (*handlers[32])(struct frame *frame);
static struct irq irqs[256];

static const char *const vector_names[32] = {
#define VECTOR_NAME(number, name) [number] = #name,
	VECTORS(VECTOR_NAME)
#undef VECTOR_NAME
};

static const char *pf_error_text(u32 error, char *to, size_t size)
{
	static const char *const bits[] = { "P", "W", "U", "RSVD", "I", "PK", "SS" };
	int at = 0;

	to[0] = 0;
	for (unsigned int i = 0; i < 32; i++)
		if (error >> i & 1)
			at += i < ARRAY_SIZE(bits) ?
				snprintf(to + at, size - at, "%s%s",
					 at ? "|" : "", bits[i]) :
				snprintf(to + at, size - at, "%sbit %u",
					 at ? "|" : "", i);
	return to[0] ? to : "0";
}

const char *fault_text(struct fault fault, char *to)
{
	const char *name = fault.vector < 32 ? vector_names[fault.vector] : NULL;
	char error[40], number[12];

	if (!fault.raised) {
		snprintf(to, FAULT_TEXT, "no fault");
		return to;
	}
	snprintf(number, sizeof(number), "vector %u", fault.vector);
	if (fault.vector == VECTOR_PF && (fault.address || fault.at))
		snprintf(to, FAULT_TEXT, "#PF(%s) at %#lx",
			 pf_error_text(fault.error, error, sizeof(error)),
			 (unsigned long)fault.address);
	else if (fault.vector == VECTOR_PF)
		snprintf(to, FAULT_TEXT, "#PF(%s)",
			 pf_error_text(fault.error, error, sizeof(error)));
	else if (fault.vector < 32 && VECTOR_ERROR_CODES >> fault.vector & 1)
		snprintf(to, FAULT_TEXT, "#%s(%#x)", name, fault.error);
	else
		snprintf(to, FAULT_TEXT, "%s%s", name ? "#" : "", name ?: number);
	return to;
}

bool fault_matches(struct fault want, struct fault got)
{
	if (want.raised != got.raised)
		return false;
	return !want.raised ||
		(want.vector == got.vector && want.error == got.error &&
		 (!want.at || want.address == got.address));
}

struct fault fault_falsify(struct fault fault, bool kind)
{
	if (kind)
		fault.vector ^= 1;
	else
		fault.error ^= 1;
	return fault;
}

static bool from_user(const struct frame *frame)
{
	return frame->cs & 3;
}

struct fault frame_fault(const struct frame *frame)
{
	u8 vector = frame->vector;

	return (struct fault){
		.raised = true, .vector = vector, .error = frame->error,
		.rf = frame->flags & RFLAGS_RF,
		.address = vector == VECTOR_PF ? read_cr2() : 0,
	};
}

/* With SMAP on, a pointer from CPL 3 may be followed only with AC set. */
static void user_write(struct fault *to, struct fault fault)
{
	unsigned long flags = read_rflags();

	if (read_cr4() & CR4_SMAP)
		write_rflags(flags | RFLAGS_AC);
	*to = fault;
	write_rflags(flags);
}

static bool try_fault(struct frame *frame)
{
	const struct fault_entry *entry = fault_entry_find(frame->ip);
	struct fault *to;

	if (!entry)
		return false;
	to = (struct fault *)frame->gpr[entry->reg];
	if (from_user(frame))
		user_write(to, frame_fault(frame));
	else
		*to = frame_fault(frame);
	frame->ip = fault_entry_fixup(entry);
	return true;
}

const char *gpr_name(unsigned int gpr)
{
	static const char names[][4] = {
		"ax", "cx", "dx", "bx", "sp", "bp", "si", "di",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	};

	return names[gpr];
}

static void registers_print(const struct frame *frame)
{
	for (unsigned int i = 0; i < GPR_COUNT; i++)
		printf("%s%-3s " WORD_FMT "%s", i % 4 ? "  " : "\t", gpr_name(i),
		       i == 4 && (IS_64BIT || from_user(frame)) ? frame->sp :
		       frame->gpr[i], i % 4 == 3 ? "\n" : "");
	printf("\tip  " WORD_FMT "  cs  %04lx  flags %08lx\n", frame->ip,
	       frame->cs & 0xffff, frame->flags);
	printf("\tcr0 %08lx  cr2 " WORD_FMT "  cr3 " WORD_FMT "  cr4 %08lx\n",
	       read_cr0(), read_cr2(), read_cr3(), read_cr4());
}

struct fault try_load(const void *address)
{
	char byte;

	return TRY_OUT("movb (%1), %0", OUT("=q"(byte)), "r"(address));
}

struct fault try_store(void *address)
{
	return TRY("movb $0, (%0)", "r"(address));
}

static bool readable(unsigned long at)
{
	return !try_load((const void *)at).raised;
}

static void bytes_print(unsigned long ip)
{
	char text[3 * 16 + 1];
	int at = 0;

	text[0] = 0;
	for (unsigned int i = 0; i < 15 && readable(ip + i); i++)
		at += snprintf(text + at, sizeof(text) - at, " %02x",
			       ((const u8 *)ip)[i]);
	printf("\tbytes at ip:%s\n", at ? text : " not readable");
}

void frame_print(const struct frame *frame)
{
	registers_print(frame);
	bytes_print(frame->ip);
}

const char *frame_where(const struct frame *frame, char *to)
{
	snprintf(to, FRAME_WHERE, "ip %#lx, CPL %lu", frame->ip, frame->cs & 3);
	return to;
}

unsigned int frame_trace(struct frame *frame, uintptr_t *to)
{
	unsigned long bp = frame->gpr[5];
	unsigned int n = 0;

	to[n++] = frame->ip;
	while (n < FRAME_TRACE && bp && readable(bp) && readable(bp + 2 * sizeof(long) - 1)) {
		const unsigned long *caller = (const unsigned long *)bp;

		if (!caller[1] || caller[0] <= bp)
			break;
		to[n++] = caller[1];
		bp = caller[0];
	}
	return n;
}

static void unexpected(struct frame *frame)
{
	u8 vector = frame->vector;

	unexpected_fault(frame);
	if (vector == VECTOR_MC)
		panic("machine check");
	unexpected_leave("fault");
}

static void irq_dispatch(struct frame *frame)
{
	const struct irq *irq = &irqs[frame->vector & 0xff];

	if (!irq->fn)
		return unexpected(frame);
	irq->fn(irq->arg);
	if (!irq->no_eoi)
		apic_eoi();
}

/* The harness's own ways from CPL 3 to CPL 0. */
static bool harness_call(struct frame *frame)
{
	void (*fn)(void *arg);

	if (frame->ip == (uintptr_t)user_done)
		user_return();
	if (frame->ip != (uintptr_t)kernel_trap)
		return false;
	frame->ip += 2;
	fn = (void (*)(void *))frame->gpr[IS_64BIT ? 7 : 0];
	fn((void *)frame->gpr[IS_64BIT ? 6 : 2]);
	return true;
}

void vectors_dispatch(struct frame *frame)
{
	u8 vector = frame->vector;

	frame->vector = vector;
	if (!(VECTOR_ERROR_CODES >> (vector & 31) & 1) || vector >= 32)
		frame->error = 0;
	if (from_user(frame) && harness_call(frame))
		return;
	if (vector < 32 && handlers[vector] && handlers[vector](frame))
		return;
	if (vector >= 32)
		return irq_dispatch(frame);
	if (!try_fault(frame))
		unexpected(frame);
}

void exception_handle(unsigned int vector, bool (*handler)(struct frame *frame))
{
	handlers[vector] = handler;
}

struct irq irq_set(unsigned int vector, struct irq irq)
{
	struct irq old = irqs[vector];

	irqs[vector] = irq;
	return old;
}

#if !IS_64BIT
void double_fault_task(void);

/* Entered by a task switch: where it came from is in the other TSS. */
void double_fault_task(void)
{
	const u8 *tss = cpu_self()->tss;
	u32 ip, sp;

	memcpy(&ip, tss + 32, 4);
	memcpy(&sp, tss + 56, 4);
	panic("#DF at ip %#x, sp %#x", ip, sp);
}
#endif
