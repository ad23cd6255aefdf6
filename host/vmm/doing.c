/* SPDX-License-Identifier: BSD-2-Clause */
/* From samples and stacks to what a CPU does, or waits for. */
#include <string.h>

#include "base/disasm.h"
#include "vmm/autopsy.h"

#define INLINED		16

/* Where the harness waits; what it waits for, the other CPUs' state tells. */
enum wait { WAIT_NONE, WAIT_START, WAIT_WORK, WAIT_OTHERS };

static const struct {
	const char *function;
	enum wait wait;
	const char *text;
} waits[] = {
	{ "smp_wait_online", WAIT_START, "waits for %s to start" },
	{ "work_end", WAIT_WORK, "waits for %s to end its work" },
	{ "barrier_wait", WAIT_OTHERS, "waits at a barrier for %s" },
	{ "spin_lock", WAIT_OTHERS, "waits for a lock that %s may hold" },
};

/* A trace of places: the samples' functions, then what called them. */
static unsigned int place_of(struct symbols *symbols, uint64_t pc, struct symbol *places)
{
	return symbols_at(symbols, pc, places, INLINED);
}

/* The function that the samples have in common: the outermost, inlining apart. */
static bool one_function(const struct vm_record *record, struct symbols *symbols)
{
	struct symbol places[INLINED];
	uint64_t start = 0;

	for (unsigned int i = 0; i < record->samples; i++) {
		unsigned int n = place_of(symbols, record->sample[i], places);
		uint64_t base = n ? record->sample[i] - places[n - 1].offset :
			record->sample[i] & ~63ull;

		if (i && base != start)
			return false;
		start = base;
	}
	return true;
}

static bool one_address(const struct vm_record *record)
{
	for (unsigned int i = 0; i < record->samples; i++)
		if (record->sample[i] != record->pc)
			return false;
	return record->samples > 2;
}

/* An instruction that stays where it is of its own accord. */
static bool may_stay(const struct vm_record *record)
{
	char text[96], target[32];
	struct str self = str_on(target, sizeof(target));
	const uint8_t *insn = record->insn;

	/* REP, and prefixes before it. */
	for (unsigned int i = 0; i + 1 < record->insn_size; i++) {
		if (insn[i] == 0xf2 || insn[i] == 0xf3)
			return true;
		if (insn[i] != 0x66 && insn[i] != 0x67 && (insn[i] & 0xf0) != 0x40)
			break;
	}
	disasm(record->isa, record->pc, insn, record->insn_size, text, sizeof(text));
	str_add(&self, "%llx", (unsigned long long)record->pc);
	return strstr(text, target) || !*text;
}

/* The CPUs that CPU @cpu may wait for; all in that state, or all others that work. */
static void others_text(const struct vm_end *end, unsigned int cpu, enum wait wait,
			char *text, size_t size)
{
	struct str list = str_on(text, size);
	unsigned int count = 0;

	for (unsigned int i = 0; i < vm_end_cpus(end); i++) {
		const struct vm_record *other = record_of(end, i);
		bool idle = other->state == CPU_HALTED || other->state == CPU_NOT_STARTED;

		if (i == cpu || !other->taken ||
		    (wait == WAIT_START && other->state != CPU_NOT_STARTED) ||
		    (wait != WAIT_START && idle))
			continue;
		str_add(&list, "%s%u", count++ ? ", " : "CPU ", i);
	}
	if (!count)
		str_add(&list, "another CPU");
}

static bool wait_text(const struct vm_end *end, unsigned int cpu, const char *function,
		      struct buf *to)
{
	char others[128];

	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		const char *text = waits[i].text, *at = strstr(text, "%s");

		if (strcmp(function, waits[i].function))
			continue;
		others_text(end, cpu, waits[i].wait, others, sizeof(others));
		buf_printf(to, "%.*s%s%s", (int)(at - text), text, others, at + 2);
		return true;
	}
	return false;
}

/* Whether a place is the harness's: the test is what its reader knows. */
static bool in_harness(const struct symbol *place)
{
	return !place->file || !strncmp(place->file, "lib/", 4);
}

/* Where the test called what @pc is in. */
static void caller_text(const struct vm_record *record, struct symbols *symbols,
			struct buf *to)
{
	struct symbol places[INLINED];

	for (unsigned int i = 0; i <= record->frames; i++) {
		unsigned int n = i ? place_of(symbols, record->frame[i - 1] - 1, places) :
			place_of(symbols, record->pc, places);

		for (unsigned int k = 0; k < n; k++)
			if (!in_harness(&places[k])) {
				/* The first place is named already. */
				if (i || k)
					buf_printf(to, ", called from %s() at %s:%u",
						   places[k].function ? places[k].function : "?",
						   places[k].file, places[k].line);
				return;
			}
	}
}

void doing_text(const struct vm_end *end, unsigned int cpu, const struct vm_record *record,
		struct symbols *symbols, struct buf *to)
{
	static const char *const states[] = {
		[CPU_HALTED] = "is halted and waits for an interrupt",
		[CPU_HALTED_OFF] = "is halted with interrupts off",
	};
	/* A CPU that halts is behind the HLT. */
	uint64_t pc = record->pc - (record->state != CPU_RUNS);
	struct symbol places[INLINED];
	unsigned int n = place_of(symbols, pc, places);
	bool waiting = false;
	char insn[128];

	if (record->state == CPU_NOT_STARTED) {
		buf_puts(to, "has not been started");
		return;
	}
	if (record->state != CPU_RUNS) {
		buf_puts(to, states[record->state]);
	} else if (one_address(record) && !may_stay(record)) {
		buf_printf(to, "does not get past %s",
			   disasm_insn(record->isa, record->pc, record->insn,
				       record->insn_size, insn, sizeof(insn)));
	} else if (record->samples > 2 && one_function(record, symbols)) {
		for (unsigned int i = 0; i < n && !waiting; i++)
			waiting = places[i].function &&
				wait_text(end, cpu, places[i].function, to);
		if (!waiting)
			buf_puts(to, "spins");
	} else {
		/* Seen once only, when it ended the machine. */
		buf_puts(to, record->samples ? "runs" : "was");
	}
	buf_puts(to, " in ");
	if (n)
		symbols_describe(symbols, pc, to);
	else
		buf_printf(to, "code at %#llx", (unsigned long long)pc);
	caller_text(record, symbols, to);
}
