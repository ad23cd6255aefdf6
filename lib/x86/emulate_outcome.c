/* SPDX-License-Identifier: BSD-2-Clause */
/* Outcomes of emulate.h's rows: compared, and what differs told. */
#include <emulate_parts.h>

#if IS_64BIT
#define REPE_CMPS_WORDS	"repe cmpsq"
#else
#define REPE_CMPS_WORDS	"repe cmpsl"
#endif

/* A few string instructions, where each instruction costs an emulator's round. */
static bool same_words(const void *a, const void *b, size_t size)
{
	bool equal;

	size /= WORD_BYTES;
	asm volatile(REPE_CMPS_WORDS : "+S"(a), "+D"(b), "+c"(size),
		     "=@ccz"(equal) : : "memory");
	return equal;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	if (!same_words(a, b, offsetof(struct outcome, memory)))
		return false;
	for (unsigned int arena = 0; arena < ARENAS; arena++)
		if (emulation.arenas & BIT(arena) &&
		    !same_words(a->memory[arena], b->memory[arena], WINDOW))
			return false;
	return true;
}

static bool print_word(const char *name, u64 want, u64 got)
{
	if (want != got)
		printf("\t\t%-8s expected %#llx, got %#llx\n", name,
		       (unsigned long long)want, (unsigned long long)got);
	return want != got;
}

static void print_end(const struct outcome *want, const struct outcome *got)
{
	const u8 *landing = (const u8 *)emulation.end;
	struct trial a = { .frame = want->frame, .cr2 = want->cr2 };
	struct trial b = { .frame = got->frame, .cr2 = got->cr2 };
	char text_a[FAULT_TEXT], text_b[FAULT_TEXT];

	printf("\t\texpected %s at %+ld, got %s at %+ld\n",
	       fault_text(trial_fault(&a, landing), text_a),
	       (long)(want->frame.ip - emulation.start),
	       fault_text(trial_fault(&b, landing), text_b),
	       (long)(got->frame.ip - emulation.start));
}

static void print_memory(const struct outcome *want, const struct outcome *got)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++)
		for (unsigned int i = 0; i < WINDOW && emulation.arenas & BIT(arena); i++)
			if (want->memory[arena][i] != got->memory[arena][i])
				printf("\t\tmemory %c%+d: expected %02x, got %02x\n",
				       "ABS"[arena],
				       (int)(arena_base(arena) + emulation.window + i -
					     operand_address(arena)),
				       want->memory[arena][i],
				       got->memory[arena][i]);
}

static void print_differences(const struct outcome *want,
			      const struct outcome *got)
{
	static const char *const selectors[] = { "ds", "es", "fs", "gs" };

	if (want->frame.vector != got->frame.vector ||
	    want->frame.error != got->frame.error ||
	    want->frame.ip != got->frame.ip)
		print_end(want, got);
	for (unsigned int i = 0; i < GPR_COUNT; i++)
		print_word(gpr_name(i), want->frame.gpr[i], got->frame.gpr[i]);
	print_word("flags", want->frame.flags, got->frame.flags);
	print_word("cs", want->frame.cs, got->frame.cs);
	print_word("ss", want->frame.ss, got->frame.ss);
	print_word("cr2", want->cr2, got->cr2);
	for (unsigned int i = 0; i < ARRAY_SIZE(selectors); i++)
		print_word(selectors[i], want->selectors[i], got->selectors[i]);
	print_memory(want, got);
}

static void print_input(struct step *step)
{
	static const u8 places[] = {
		offsetof(struct insn_row, dest), offsetof(struct insn_row, src),
		offsetof(struct insn_row, aux),
	};

	printf("\t\twith flags %#lx", step->is.frame.flags);
	for_each(place, places) {
		u8 where = *((const u8 *)emulation.row + *place);

		if (where)
			printf(", %s %#llx", (const char *[]){ "first operand",
			       "second", "third" }[place - places],
			       (unsigned long long)step_get(step, where));
	}
	printf("\n");
}

/*
 * A trial of 32-bit code at CPL 0 comes and goes through the code's own stack, one of
 * real mode goes: what is below its pointer at the start counts only if the code has
 * written it.
 */
static void forgive_stack(const struct step *step, const struct outcome *want,
			  struct outcome *got)
{
	const u8 *before = step->is.memory[ARENA_S];
	unsigned long bottom = arena_base(ARENA_S) + emulation.window;

	for (unsigned int i = 0; i < WINDOW; i++) {
		u8 wanted = want->memory[ARENA_S][i];

		if (bottom + i < got->frame.sp ||
		    (bottom + i < step->is.frame.sp && wanted == before[i]))
			got->memory[ARENA_S][i] = wanted;
	}
}

/* A check of its own only where it fails: the row's ways are one check each. */
bool emulate_agree(struct step *step, const struct outcome *want,
		  struct outcome *got, const struct way *way,
		  unsigned long open_flags)
{
	got->frame.flags = (got->frame.flags & ~open_flags) |
		(want->frame.flags & open_flags);
	if ((way->real || (!IS_64BIT && way->cpl == 0)) &&
	    emulation.arenas & BIT(ARENA_S))
		forgive_stack(step, want, got);
	if (same(want, got))
		return true;
	printf("\t%s: %s\n", emulation.row->name, way->name);
	print_input(step);
	print_differences(want, got);
	return false;
}
