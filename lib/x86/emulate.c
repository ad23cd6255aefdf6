/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of emulate.h: a state in, every way of execution, the states compared. */
#include <apic.h>
#include <defs/page.h>
#include <device.h>
#include <emulate_parts.h>
#include <insn.h>
#include <real.h>

#define RFLAGS_ARITH	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF |	\
			 RFLAGS_SF | RFLAGS_OF)

/* 16-bit code and stack of CPL 3, and data of CPL 3: descriptors in free slots. */
#define SEL_USER_CS16	0x6b
#define SEL_USER_DS16	0x73
#define DESC_USER_CS16	0x0000fb000000ffffull
#define DESC_USER_DS16	0x0000f3000000ffffull
#define DESC_USER_DATA	0x00cff3000000ffffull

struct emulation emulation;

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

unsigned long step_code(void)
{
	return emulation.start;
}

unsigned long step_landing(void)
{
	return emulation.end;
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
	step->undefined = emulation.row->undefined;
	step->fault = FAULT_NONE;
}

static void step_start(struct step *step, const struct values *values,
		       bool flags)
{
	const struct insn_row *row = emulation.row;
	struct frame *frame = &step->is.frame;

	step_blank(step);
	step->row = row;
	frame->gpr[7] = operand_address(ARENA_A);
	frame->gpr[6] = operand_address(ARENA_B);
	frame->sp = operand_address(ARENA_S);
	frame->flags = RFLAGS_FIXED | row->flags | (flags ? RFLAGS_ARITH : 0);
	frame->ip = emulation.start;
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

u16 row_other_code(const struct insn_row *row)
{
	return row->privileged ? SEL_OTHER_CODE : SEL_OTHER_CODE | 3;
}

static u16 code_segment(unsigned int mode, bool user)
{
	switch (mode) {
	case 16:
		return user ? SEL_USER_CS16 : SEL_KERNEL_CS16;
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

static u16 stack_segment(bool user)
{
	/* 32-bit code that stays at CPL 0 keeps its stack. */
	if (emulation.row->mode == 16 && (user || IS_64BIT))
		return user ? SEL_USER_DS16 : SEL_KERNEL_DS16;
	return user ? SEL_USER_DS : SEL_KERNEL_DS;
}

static void run_protected(const struct step *step, const struct way *way,
			  struct outcome *end)
{
	struct frame frame = step->is.frame;
	bool user = way->cpl == 3;

	frame.cs = code_segment(emulation.row->mode, user);
	frame.ss = stack_segment(user);
	if (way->forced)
		frame.ip -= FORCE_BYTES;
	kernel_call(run_trial, &frame);
	end->frame = trial_end.frame;
	end->cr2 = trial_end.cr2;
	memcpy(end->selectors, trial_end.selectors, sizeof(end->selectors));
	/* IRET to a 16-bit stack leaves the pointer's upper half as it was. */
	if (emulation.row->mode == 16)
		end->frame.sp = end->frame.gpr[4] = (u16)end->frame.sp;
	normalize(end, frame.cs, frame.ss);
}

static void run_state(void *arg)
{
	real_run(arg);
}

/* Real mode's segments are 0, or what the code made of them. */
static u16 own_if(bool same, u16 own, u16 selector)
{
	return same ? own : selector;
}

static void run_real(const struct step *step, struct outcome *end)
{
	struct real_state state = {
		.flags = step->is.frame.flags, .ip = step->is.frame.ip,
	};

	for (unsigned int i = 0; i < 8; i++)
		state.gpr[i] = step->is.frame.gpr[i];
	kernel_call(run_state, &state);
	*end = step->is;
	for (unsigned int i = 0; i < 8; i++)
		end->frame.gpr[i] = state.gpr[i];
	end->frame.sp = state.gpr[4];
	end->frame.ip = state.ip;
	end->frame.vector = state.vector;
	end->frame.flags = state.flags;
	end->frame.cs = own_if(!state.cs, SEL_OWN, state.cs);
	end->frame.ss = own_if(!state.ss, SEL_OWN, state.ss);
	end->selectors[0] = own_if(!state.ds, SEL_USER_DS, state.ds);
	end->selectors[1] = own_if(!state.es, SEL_USER_DS, state.es);
	end->selectors[2] = own_if(!state.fs, SEL_USER_DS, state.fs);
	end->selectors[3] = own_if(state.gs == SEL_KERNEL_DS, SEL_USER_DS, state.gs);
}

/* @want: see arenas_fetch() */
static void run(const struct step *step, const struct way *way,
		struct outcome *end, const struct outcome *want)
{
	arenas_map(way->device & emulation.arenas, emulation.row->absent);
	arenas_fill(&step->is);
	if (way->real)
		run_real(step, end);
	else
		run_protected(step, way, end);
	arenas_fetch(end, &step->is, want);
}

static void expected_end(const struct step *start, struct step *end)
{
	*end = *start;
	end->is.frame.vector = VECTOR_UD;
	end->is.frame.error = 0;
	end->is.frame.ip = emulation.end;
	emulation.row->model(end);
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

	for (unsigned int i = 0; i < emulation.count; i++) {
		struct step *step = &emulation.steps[i];

		run(step, way, &emulation.ends[i], NULL);
		if (!emulation.row->model || !held)
			continue;
		expected_end(step, &want);
		step->undefined = want.undefined;
		got = emulation.ends[i];
		held = emulate_agree(step, &want.is, &got, way,
			     want.undefined | RFLAGS_RF);
	}
	if (emulation.row->model)
		check_condition(CHECK_HERE("the outcome is the manual's"), held);
}

/* An exception of 32-bit code at CPL 0 is pushed to the code's own stack. */
static bool stack_is_free(const struct way *way)
{
	unsigned long sp = emulation.steps[0].is.frame.sp;

	return IS_64BIT || way->cpl == 3 || way->real ||
		(arena_has(ARENA_S, sp) &&
		 !((way->device | emulation.row->absent) & BIT(ARENA_S)));
}

/*
 * A frame of 16 bits has no RF, and some CPUs forget it in others: idt_test has that, and
 * what does better is not to fail for it.
 */
static unsigned long open_rf(const struct way *way, const struct outcome *reference)
{
	return way->real || !(reference->frame.flags & RFLAGS_RF) ? RFLAGS_RF : 0;
}

static void run_way(const struct way *way)
{
	static struct outcome got;
	bool held = true;

	if (!stack_is_free(way))
		return;
	for (unsigned int i = 0; held && i < emulation.count; i++) {
		/* The last one looks at everything. */
		run(&emulation.steps[i], way, &got,
		    i + 1 < emulation.count ? &emulation.ends[i] : NULL);
		held = emulate_agree(&emulation.steps[i], &emulation.ends[i], &got, way,
				     emulation.steps[i].undefined |
				     open_rf(way, &emulation.ends[i]));
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

	for (way.device = 1; way.device <= emulation.arenas; way.device++) {
		if (way.device & ~emulation.arenas || emulation.row->unprivileged)
			continue;
		way.name = names[way.device - 1];
		run_way(&way);
	}
	if (emulation.row->privileged || !emulation.arenas)
		return;
	way = (struct way){
		.name = "operands in a device, CPL 3", .cpl = 3,
		.device = emulation.arenas,
	};
	run_way(&way);
}

static void steps_prepare(void)
{
	const struct insn_row *row = emulation.row;
	const unsigned int inputs = row->n_inputs ?: 1;

	emulation.count = 0;
	for (unsigned int i = 0; i < inputs; i++)
		for (unsigned int flags = 0; flags < 2; flags++) {
			if (!row->reads_flags && flags != i % 2)
				continue;
			if (emulation.count == EMULATE_MAX_INPUTS)
				panic("%s: too many inputs", row->name);
			step_start(&emulation.steps[emulation.count++],
				   row->inputs ? &row->inputs[i] : NULL, flags);
		}
}

/* 16-bit code runs where real mode reaches it, whatever runs it. */
static void place_code(void)
{
	const struct insn_code *code = emulation.row->code;
	size_t size = code->end - code->start;

	emulation.start = (uintptr_t)code->start;
	if (emulation.row->mode == 16) {
		memcpy((void *)(uintptr_t)REAL_CODE, code->start - FORCE_BYTES,
		       FORCE_BYTES + size + UD2_BYTES);
		emulation.start = REAL_CODE + FORCE_BYTES;
	}
	emulation.end = emulation.start + size;
}

static void emulate_row(const struct insn_row *row)
{
	static const struct way user = { .name = "RAM, CPL 3", .cpl = 3 };
	static const struct way kernel = { .name = "RAM, CPL 0" };
	static const struct way forced = { .name = "forced, CPL 0", .forced = true };
	static const struct way forced_user = {
		.name = "forced, CPL 3", .cpl = 3, .forced = true
	};

	static const struct way real = { .name = "real mode", .real = true };

	emulation.row = row;
	emulation.arenas = row_arenas(row);
	emulation.window = ALIGN_DOWN(arena_offset(row) - WINDOW_BEFORE, 8);
	place_code();
	steps_prepare();
	if (row->real_only)
		return run_reference(&real);
	run_reference(row->privileged ? &kernel : &user);
	if (!row->privileged && !row->unprivileged)
		run_way(&kernel);
	if (emulation.can_force) {
		if (!row->unprivileged)
			run_way(&forced);
		if (!row->privileged)
			run_way(&forced_user);
	}
	if (emulation.has_device && !row->ram_only)
		run_device_ways();
	/* Low memory is everybody's: the mapping is put back. */
	if (row->mode == 16)
		arenas_map(0, 0);
	if (row->real)
		run_way(&real);
}

static void emulate_subtest(void *arg)
{
	const struct insn_row *row = arg;

	SUBTEST("%s", row->name) {
		if (emulation.lacks)
			skip("no CPUID bit for it");
		else
			emulate_row(row);
	}
}

void emulate(const struct insn_row *row)
{
	static bool prepared;

	if (!prepared) {
		descriptor_set(SEL_USER_CS16, DESC_USER_CS16);
		descriptor_set(SEL_USER_DS16, DESC_USER_DS16);
		descriptor_set(SEL_OTHER_DATA, DESC_USER_DATA);
		prepared = true;
		/* Rows set IF: no interrupt of firmware's shall be their end. */
		apic_enable();
	}
	if (row->other)
		descriptor_set(SEL_OTHER_CODE, row->other);
	else if (row->privileged || row->unprivileged)
		memcpy(cpu_self()->gdt + SEL_OTHER_CODE,
		       cpu_self()->gdt + (row_code(row) & ~7), 8);
	emulation.lacks = row->needs && !cpu_has(row->needs);
	emulation.can_force = device_present(DEVICE_FEP, NULL);
	emulation.has_device = device_present(DEVICE_TESTDEV_MEMORY, NULL);
	user_call(emulate_subtest, (void *)row, 0);
}
