/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of emulate.h: a state in, every way of execution, the states compared. */
#include <apic.h>
#include <device.h>
#include <emulate.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>

#define ARENA_PAGES	2
#define ARENA_BYTES	(ARENA_PAGES * PAGE_SIZE)
#define AT_DEFAULT	0x100	/* room for a 32-bit frame below the stack */
#define RFLAGS_ARITH	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF |	\
			 RFLAGS_SF | RFLAGS_OF)

/* 16-bit code that reaches all of memory: descriptors in free slots. */
#define SEL_CS16_KERNEL	0x68
#define SEL_CS16_USER	0x73
#define DESC_CS16_KERNEL 0x008f9b000000ffffull
#define DESC_DATA_USER	0x00cff3000000ffffull
#define DESC_CS16_USER	0x008ffb000000ffffull

#if IS_64BIT
#define REPE_CMPS_WORDS	"repe cmpsq"
#else
#define REPE_CMPS_WORDS	"repe cmpsl"
#endif

struct way {
	const char *name;
	u8 cpl;
	bool forced;
	u8 device;		/* BIT(arena): in the device's memory */
};

struct mapping {
	unsigned int device;	/* BIT(arena): to the device */
	unsigned int absent;	/* without the second page */
};

/* Of the row at hand; static, as it is much for a stack. */
static struct {
	const struct insn_row *row;
	bool lacks;		/* a CPUID bit */
	bool can_force, has_device;
	unsigned int arenas;	/* BIT(arena): a memory operand's */
	struct mapping mapped;
	u8 *ram;		/* behind all arenas */
	size_t window;		/* offset of the window in arenas in use */
	struct step steps[EMULATE_MAX_INPUTS];
	struct outcome ends[EMULATE_MAX_INPUTS];
	unsigned int count;
} now;

/* What the device's windows hold: reading and writing it is dear. */
static u8 device_holds[ARENAS][ARENA_BYTES] __attribute__((aligned(8)));

u64 size_mask(u8 size)
{
	return size == 8 ? ~0ull : (1ull << size * 8) - 1;
}

static u64 value_of(u8 value, u8 size)
{
	u64 top = 1ull << (size * 8 - 1);

	switch (value) {
	case VALUE_MAX:
		return top - 1;
	case VALUE_MIN:
		return top;
	case VALUE_ONES:
		return size_mask(size);
	case VALUE_M2:
		return size_mask(size) - 1;
	case VALUE_5A:
		return 0x5a6978b40f1e2d3cull & size_mask(size);
	case VALUE_A5:
		return 0xa5964b87f0e1d2c3ull & size_mask(size);
	}
	return value;
}

static bool in_memory(enum place place)
{
	return place >= IN_A && place <= IN_S;
}

static unsigned long operand_address(enum arena arena)
{
	return ARENA(arena) + (now.row->at ?: AT_DEFAULT);
}

static u8 *window_at(struct outcome *is, unsigned long address, u8 size)
{
	size_t arena = (address - ARENA_BASE) / ARENA_STRIDE;
	size_t offset = address - ARENA(arena) - now.window;

	if (address < ARENA_BASE || arena >= ARENAS || offset + size > WINDOW)
		panic("%s: address %#lx is in no window", now.row->name, address);
	return is->memory[arena] + offset;
}

/* The first byte of an access that lies in an absent page; 0 if none does. */
static unsigned long absent_at(unsigned long address, u8 size)
{
	unsigned int arena = (address - ARENA_BASE) / ARENA_STRIDE;
	unsigned long page = ARENA(arena) + PAGE_SIZE;

	if (!(now.row->absent & BIT(arena)) || address + size <= page)
		return 0;
	return address > page ? address : page;
}

u64 step_load(struct step *step, unsigned long address, u8 size)
{
	unsigned long absent = absent_at(address, size);
	u64 value = 0;

	if (absent)
		step->fault = FAULT_PF_AT(absent, 0);
	else
		memcpy(&value, window_at(&step->is, address, size), size);
	return value;
}

void step_store(struct step *step, unsigned long address, u8 size, u64 value)
{
	unsigned long absent = absent_at(address, size);

	if (absent)
		step->fault = FAULT_PF_AT(absent, PF_W);
	else
		memcpy(window_at(&step->is, address, size), &value, size);
}

u64 step_get(struct step *step, enum place place)
{
	const struct insn_row *row = step->row;
	const unsigned long *gpr = step->is.frame.gpr;

	if (place == IN_IMM)
		return row->imm & size_mask(row->size);
	if (in_memory(place))
		return step_load(step, operand_address(place - IN_A), row->size);
	if (place >= IN_AH)
		return gpr[place - IN_AH] >> 8 & 0xff;
	return gpr[place - IN_AX] & size_mask(row->size);
}

/* Only the operand's bytes: the rest is what it was. */
static void place_set(struct step *step, enum place place, u64 value)
{
	u64 mask = size_mask(step->row->size);
	unsigned long *gpr;

	if (in_memory(place))
		return step_store(step, operand_address(place - IN_A),
				  step->row->size, value);
	if (place >= IN_AH) {
		gpr = &step->is.frame.gpr[place - IN_AH];
		*gpr = (*gpr & ~0xff00ul) | (value & 0xff) << 8;
		return;
	}
	gpr = &step->is.frame.gpr[place - IN_AX];
	*gpr = (*gpr & ~mask) | (value & mask);
}

void step_put(struct step *step, enum place place, u64 value)
{
	place_set(step, place, value);
	if (step->row->size == 4 && place <= IN_R15)
		step->is.frame.gpr[place - IN_AX] &= 0xffffffff;
}

static unsigned int row_arenas(const struct insn_row *row)
{
	const u8 places[] = { row->dest, row->src, row->aux };
	unsigned int arenas = row->uses;

	for_each(place, places)
		if (in_memory(*place))
			arenas |= BIT(*place - IN_A);
	return arenas;
}

/* A state in which every byte is its own. */
static void step_blank(struct step *step)
{
	static struct outcome blank;
	u8 *bytes = (u8 *)blank.memory;

	if (!blank.cr2) {
		for (unsigned int i = 0; i < GPR_COUNT; i++)
			blank.frame.gpr[i] = 0x0123456789abcdefull *
				(2 * i + 3);
		for (size_t i = 0; i < sizeof(blank.memory); i++)
			bytes[i] = 0x40 + 7 * i;
		for_each(selector, blank.selectors)
			*selector = SEL_USER_DS;
		blank.cr2 = TRIAL_CR2;
	}
	memset(step, 0, offsetof(struct step, is));
	step->is = blank;
	step->undefined = now.row->undefined;
	step->fault = FAULT_NONE;
}

static void step_start(struct step *step, const struct values *values,
		       bool flags)
{
	const struct insn_row *row = now.row;
	struct frame *frame = &step->is.frame;

	step_blank(step);
	step->row = row;
	frame->gpr[7] = operand_address(ARENA_A);
	frame->gpr[6] = operand_address(ARENA_B);
	frame->sp = operand_address(ARENA_S);
	frame->flags = RFLAGS_FIXED | row->flags | (flags ? RFLAGS_ARITH : 0);
	frame->ip = (uintptr_t)row->code->start;
	frame->cs = frame->ss = SEL_OWN;
	if (values && row->dest && row->dest != IN_IMM)
		place_set(step, row->dest, value_of(values->dest, row->size));
	if (values && row->src && row->src != IN_IMM)
		place_set(step, row->src, value_of(values->src, row->size));
	if (values && row->aux && row->aux != IN_IMM)
		place_set(step, row->aux, value_of(values->aux, row->size));
	if (row->prepare)
		row->prepare(step);
	frame->gpr[4] = frame->sp;
	/* Narrow code neither sees the upper halves nor keeps them. */
	for (unsigned int i = 0; row->mode && i < 8; i++)
		frame->gpr[i] = (u32)frame->gpr[i];
}

static u8 *backing(enum arena arena, bool device)
{
	size_t offset = arena * ARENA_BYTES;

	return device ? (u8 *)(uintptr_t)TESTDEV_MEMORY + offset :
		now.ram + offset;
}

static void arenas_map_now(void *arg)
{
	const struct mapping *want = arg;
	unsigned int changed = (now.mapped.device ^ want->device) |
		(now.mapped.absent ^ want->absent);

	if (!now.ram) {
		now.ram = pages_alloc_permanent(ARENAS * ARENA_PAGES, PAGE_SIZE);
		changed = ~0u;
	}
	for (unsigned int arena = 0; arena < ARENAS; arena++)
		for (size_t page = 0; page < ARENA_BYTES &&
		     changed & BIT(arena); page += PAGE_SIZE)
			page_map((void *)(ARENA(arena) + page),
				 (uintptr_t)backing(arena,
						    want->device & BIT(arena)) +
				 page, page && want->absent & BIT(arena) ? 0 :
				 PTE_P | PTE_W | PTE_U | PTE_A | PTE_D);
	now.mapped = *want;
}

static void arenas_map(unsigned int device)
{
	struct mapping want = { device, now.row->absent };

	if (!now.ram || now.mapped.device != device ||
	    now.mapped.absent != want.absent)
		kernel_call(arenas_map_now, &want);
}

/* The device takes and gives words; bytes would be an exit each. */
static void device_write(enum arena arena, const u8 *from)
{
	volatile unsigned long *to = (void *)(backing(arena, true) + now.window);
	unsigned long *holds = (void *)(device_holds[arena] + now.window);
	const unsigned long *want = (const void *)from;

	for (unsigned int i = 0; i < WINDOW / sizeof(*to); i++)
		if (holds[i] != want[i])
			to[i] = holds[i] = want[i];
}

static void device_read(enum arena arena, u8 *to)
{
	volatile unsigned long *from = (void *)(backing(arena, true) + now.window);
	unsigned long *holds = (void *)(device_holds[arena] + now.window);

	for (unsigned int i = 0; i < WINDOW / sizeof(*from); i++)
		holds[i] = from[i];
	memcpy(to, holds, WINDOW);
}

static void memory_fill(const struct outcome *is)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++) {
		if (!(now.arenas & BIT(arena)))
			continue;
		if (now.mapped.device & BIT(arena))
			device_write(arena, is->memory[arena]);
		else
			memcpy(backing(arena, false) + now.window,
			       is->memory[arena], WINDOW);
	}
}

static void memory_fetch(struct outcome *is)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++) {
		if (!(now.arenas & BIT(arena)))
			continue;
		if (now.mapped.device & BIT(arena))
			device_read(arena, is->memory[arena]);
		else
			memcpy(is->memory[arena],
			       backing(arena, false) + now.window, WINDOW);
	}
}

u16 row_other_code(const struct insn_row *row)
{
	return row->privileged ? SEL_OTHER_CODE : SEL_OTHER_CODE | 3;
}

static u16 code_segment(unsigned int mode, bool user)
{
	switch (mode) {
	case 16:
		return user ? SEL_CS16_USER : SEL_CS16_KERNEL;
	case 32:
		return user ? SEL_USER_CS32 : SEL_KERNEL_CS32;
	}
	return user ? SEL_USER_CS : SEL_KERNEL_CS;
}

u16 row_code(const struct insn_row *row)
{
	return code_segment(row->mode, !row->privileged);
}

static void descriptor_set(u16 selector, u64 descriptor)
{
	memcpy(cpu_self()->gdt + (selector & ~7), &descriptor, 8);
}

/* Selectors and the page-fault error code's U are the way's own. */
static void normalize(struct outcome *end, u16 cs, u16 ss)
{
	if (end->frame.vector == VECTOR_PF && cs & 3)
		end->frame.error ^= PF_U;
	end->frame.cs &= 0xffff;
	end->frame.ss &= 0xffff;
	if (end->frame.cs == cs)
		end->frame.cs = SEL_OWN;
	if (end->frame.ss == ss)
		end->frame.ss = SEL_OWN;
}

/* At CPL 0: all else of this file is computed at CPL 3, see kernel_call(). */
static void run_trial(void *arg)
{
	const struct frame *frame = arg;

	trial_run(frame);
}

static void run(const struct step *step, const struct way *way,
		struct outcome *end)
{
	struct frame frame = step->is.frame;
	bool user = way->cpl == 3;

	frame.cs = code_segment(now.row->mode, user);
	frame.ss = user ? SEL_USER_DS : SEL_KERNEL_DS;
	if (way->forced)
		frame.ip -= FORCE_BYTES;
	arenas_map(way->device & now.arenas);
	memory_fill(&step->is);
	kernel_call(run_trial, &frame);
	end->frame = trial_end.frame;
	end->cr2 = trial_end.cr2;
	memcpy(end->selectors, trial_end.selectors, sizeof(end->selectors));
	memory_fetch(end);
	normalize(end, frame.cs, frame.ss);
}

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
		if (now.arenas & BIT(arena) &&
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
	const u8 *landing = now.row->code->end;
	struct trial a = { .frame = want->frame, .cr2 = want->cr2 };
	struct trial b = { .frame = got->frame, .cr2 = got->cr2 };
	char text_a[FAULT_TEXT], text_b[FAULT_TEXT];

	printf("\t\texpected %s at %+ld, got %s at %+ld\n",
	       fault_text(trial_fault(&a, landing), text_a),
	       (long)(want->frame.ip - (uintptr_t)now.row->code->start),
	       fault_text(trial_fault(&b, landing), text_b),
	       (long)(got->frame.ip - (uintptr_t)now.row->code->start));
}

static void print_memory(const struct outcome *want, const struct outcome *got)
{
	for (unsigned int arena = 0; arena < ARENAS; arena++)
		for (unsigned int i = 0; i < WINDOW && now.arenas & BIT(arena); i++)
			if (want->memory[arena][i] != got->memory[arena][i])
				printf("\t\tmemory %c%+d: expected %02x, got %02x\n",
				       "ABS"[arena],
				       (int)(ARENA(arena) + now.window + i -
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
		u8 where = *((const u8 *)now.row + *place);

		if (where)
			printf(", %s %#llx", (const char *[]){ "first operand",
			       "second", "third" }[place - places],
			       (unsigned long long)step_get(step, where));
	}
	printf("\n");
}

/*
 * A trial of 32-bit code at CPL 0 comes and goes through the code's own stack: what
 * is below its pointer at the start counts only if the code has written it.
 */
static void forgive_stack(const struct step *step, const struct outcome *want,
			  struct outcome *got)
{
	const u8 *before = step->is.memory[ARENA_S];
	unsigned long bottom = ARENA(ARENA_S) + now.window;

	for (unsigned int i = 0; i < WINDOW; i++) {
		u8 wanted = want->memory[ARENA_S][i];

		if (bottom + i < got->frame.sp ||
		    (bottom + i < step->is.frame.sp && wanted == before[i]))
			got->memory[ARENA_S][i] = wanted;
	}
}

/* A check of its own only where it fails: the row's ways are one check each. */
static bool agree(struct step *step, const struct outcome *want,
		  struct outcome *got, const struct way *way,
		  unsigned long open_flags)
{
	got->frame.flags = (got->frame.flags & ~open_flags) |
		(want->frame.flags & open_flags);
	if (!IS_64BIT && way->cpl == 0 && now.arenas & BIT(ARENA_S))
		forgive_stack(step, want, got);
	if (same(want, got))
		return true;
	printf("\t%s: %s\n", now.row->name, way->name);
	print_input(step);
	print_differences(want, got);
	return false;
}

static void expected_end(const struct step *start, struct step *end)
{
	const struct insn_code *code = now.row->code;

	*end = *start;
	end->is.frame.vector = VECTOR_UD;
	end->is.frame.error = 0;
	end->is.frame.ip = (uintptr_t)code->end;
	now.row->model(end);
	end->is.frame.gpr[4] = end->is.frame.sp;
	if (!end->fault.raised)
		return;
	if (end->progress) {
		end->is.frame.ip = start->is.frame.ip;
	} else {
		end->is = start->is;
		end->undefined = start->undefined;
	}
	end->is.frame.vector = end->fault.vector;
	end->is.frame.error = end->fault.error;
	if (end->fault.vector == VECTOR_PF)
		end->is.cr2 = end->fault.address;
}

/* The CPU itself, as far as it ever executes the guest's code. */
static void run_reference(const struct way *way)
{
	static struct step want;
	static struct outcome got;
	bool held = true;

	for (unsigned int i = 0; i < now.count; i++) {
		struct step *step = &now.steps[i];

		run(step, way, &now.ends[i]);
		if (!now.row->model || !held)
			continue;
		expected_end(step, &want);
		step->undefined = want.undefined;
		got = now.ends[i];
		held = agree(step, &want.is, &got, way,
			     want.undefined | RFLAGS_RF);
	}
	if (now.row->model)
		check_condition(CHECK_HERE("the outcome is the manual's"), held);
}

/* An exception of 32-bit code at CPL 0 is pushed to the code's own stack. */
static bool stack_is_free(const struct way *way)
{
	unsigned long sp = now.steps[0].is.frame.sp;

	return IS_64BIT || way->cpl == 3 ||
		(sp - ARENA(ARENA_S) < ARENA_BYTES &&
		 !((way->device | now.row->absent) & BIT(ARENA_S)));
}

static void run_way(const struct way *way)
{
	static struct outcome got;
	bool held = true;

	if (!stack_is_free(way))
		return;

	for (unsigned int i = 0; held && i < now.count; i++) {
		run(&now.steps[i], way, &got);
		held = agree(&now.steps[i], &now.ends[i], &got, way,
			     now.steps[i].undefined);
	}
	check_condition(CHECK_HERE("this way has the same outcome"), held);
}

static void run_device_ways(void)
{
	static const char *const names[] = {
		"operand A in a device, CPL 0", "B in a device, CPL 0",
		"A and B in a device, CPL 0", "stack in a device, CPL 0",
		"A and stack in a device, CPL 0",
		"B and stack in a device, CPL 0", "all in a device, CPL 0",
	};
	struct way way = { .cpl = 0 };

	for (way.device = 1; way.device <= now.arenas; way.device++) {
		if (way.device & ~now.arenas || now.row->unprivileged)
			continue;
		way.name = names[way.device - 1];
		run_way(&way);
	}
	if (now.row->privileged || !now.arenas)
		return;
	way = (struct way){ "operands in a device, CPL 3", 3, false, now.arenas };
	run_way(&way);
}

static void steps_prepare(void)
{
	const struct insn_row *row = now.row;

	now.count = 0;
	for (unsigned int i = 0; i < (row->n_inputs ?: 1); i++)
		for (unsigned int flags = 0; flags < 2; flags++) {
			if (!row->reads_flags && flags != i % 2)
				continue;
			if (now.count == EMULATE_MAX_INPUTS)
				panic("%s: too many inputs", row->name);
			step_start(&now.steps[now.count++],
				   row->inputs ? &row->inputs[i] : NULL, flags);
		}
}

static void emulate_row(const struct insn_row *row)
{
	static const struct way user = { "RAM, CPL 3", 3, false, 0 };
	static const struct way kernel = { "RAM, CPL 0", 0, false, 0 };
	static const struct way forced = { "forced, CPL 0", 0, true, 0 };
	static const struct way forced_user = { "forced, CPL 3", 3, true, 0 };

	now.row = row;
	now.arenas = row_arenas(row);
	now.window = ALIGN_DOWN((row->at ?: AT_DEFAULT) - WINDOW_BEFORE, 8);
	steps_prepare();
	run_reference(row->privileged ? &kernel : &user);
	if (!row->privileged && !row->unprivileged)
		run_way(&kernel);
	if (now.can_force) {
		if (!row->unprivileged)
			run_way(&forced);
		if (!row->privileged)
			run_way(&forced_user);
	}
	if (now.has_device && !row->ram_only)
		run_device_ways();
}

static void emulate_subtest(void *arg)
{
	const struct insn_row *row = arg;

	SUBTEST("%s", row->name) {
		if (now.lacks)
			skip("no CPUID bit for it");
		else
			emulate_row(row);
	}
}

void emulate(const struct insn_row *row)
{
	static bool prepared;

	if (!prepared) {
		descriptor_set(SEL_CS16_KERNEL, DESC_CS16_KERNEL);
		descriptor_set(SEL_CS16_USER, DESC_CS16_USER);
		descriptor_set(SEL_OTHER_DATA, DESC_DATA_USER);
		prepared = true;
		/* Rows set IF: no interrupt of firmware's shall be their end. */
		apic_enable();
	}
	if (row->other)
		descriptor_set(SEL_OTHER_CODE, row->other);
	else if (row->privileged || row->unprivileged)
		memcpy(cpu_self()->gdt + SEL_OTHER_CODE,
		       cpu_self()->gdt + (row_code(row) & ~7), 8);
	now.lacks = row->needs && !cpu_has(row->needs);
	now.can_force = device_present(DEVICE_FEP, NULL);
	now.has_device = device_present(DEVICE_TESTDEV_MEMORY, NULL);
	user_call(emulate_subtest, (void *)row, 0);
}
