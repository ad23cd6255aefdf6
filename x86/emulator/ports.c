/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Port instructions at CPL 0, on the test device's latch: 32 bits at four ports, of
 * which reads give what was written (SDM 2, IN, INS, OUT, OUTS; SDM 1, "Input/Output").
 */
#include <memory.h>
#include <rows.h>

#define LATCH		0xe0
#define LATCH_TEXT	"$0xe0"
_Static_assert(LATCH == 0xe0, "LATCH_TEXT");

static const struct values operands[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_ONES, 0, 0 },
};

static void point_dx_at_latch(struct step *step)
{
	step->is.frame.gpr[IN_DX - IN_AX] = 0x5a710000 | LATCH;
}

/* AX goes out, is lost, and comes back: narrow reads leave the rest of it. */
static void model_return(struct step *step)
{
	u64 value = step_dest(step);

	step->is.frame.gpr[0] = 0;
	step_put_dest(step, value);
}

#define OUT_IN(bytes, s, ax, cx, dx, port)				\
	INSTRUCTION_NAMED("out" s " and in" s " by " port,		\
			  "out " ax ", " port "; mov $0, %eax; in " port ", " ax, \
			  .privileged = true, .size = bytes, .dest = IN_AX, \
			  .prepare = point_dx_at_latch,			\
			  .model = model_return, INPUTS(operands))

TEST(ports, "OUT and IN of each size, by DX and by an immediate",
     DEVICE(DEVICE_PC_TESTDEV))
{
	OUT_IN(1, "b", "%al", , , LATCH_TEXT);
	OUT_IN(2, "w", "%ax", , , LATCH_TEXT);
	OUT_IN(4, "l", "%eax", , , LATCH_TEXT);
	OUT_IN(1, "b", "%al", , , "%dx");
	OUT_IN(2, "w", "%ax", , , "%dx");
	OUT_IN(4, "l", "%eax", , , "%dx");
}

/* row->imm: rounds */
static void prepare_string(struct step *step)
{
	point_dx_at_latch(step);
	step->is.frame.gpr[IN_CX - IN_AX] = step->row->imm;
}

static long stride(struct step *step)
{
	return step_flag(step, RFLAGS_DF) ? -step->row->size : step->row->size;
}

/* What the latch holds is what came last; AX gets it. */
static void model_outs(struct step *step)
{
	unsigned long *si = &step->is.frame.gpr[IN_SI - IN_AX];
	u8 size = step->row->size;
	u64 last = 0;

	for (u64 n = step->row->imm; n; n--) {
		last = step_load(step, *si, size);
		*si += stride(step);
	}
	step->is.frame.gpr[IN_CX - IN_AX] = 0;
	step->is.frame.gpr[0] = last;
}

#define OUTS(bytes, s, ax, rounds, ...)					\
	INSTRUCTION_NAMED("rep outs" s, "rep outs" s			\
			  "; mov $0, %eax; in %dx, " ax,		\
			  .privileged = true, .size = bytes,		\
			  .uses = BIT(ARENA_B), .imm = rounds,		\
			  .prepare = prepare_string, .model = model_outs, \
			  ##__VA_ARGS__)

/* The latch holds AX throughout. */
static void model_ins(struct step *step)
{
	unsigned long *di = &step->is.frame.gpr[IN_DI - IN_AX];

	for (u64 n = step->row->imm; n; n--) {
		step_store(step, *di, step->row->size, step_get(step, IN_AX));
		*di += stride(step);
	}
	step->is.frame.gpr[IN_CX - IN_AX] = 0;
}

#define INS(bytes, s, rounds, ...)					\
	INSTRUCTION_NAMED("rep ins" s, "outl %eax, %dx; rep ins" s,	\
			  .privileged = true, .size = bytes,		\
			  .uses = BIT(ARENA_A), .imm = rounds,		\
			  .prepare = prepare_string, .model = model_ins, \
			  ##__VA_ARGS__)

TEST(string_ports, "REP OUTS and REP INS, up and down, across pages",
     DEVICE(DEVICE_PC_TESTDEV))
{
	OUTS(1, "b", "%al", 5);
	OUTS(2, "w", "%ax", 3);
	OUTS(4, "l", "%eax", 3);
	OUTS(1, "b", "%al", 5, .flags = RFLAGS_DF);
	OUTS(4, "l", "%eax", 3, .at = PAGE_SIZE - 6);
	INS(1, "b", 7);
	INS(2, "w", 3);
	INS(4, "l", 3);
	INS(2, "w", 3, .flags = RFLAGS_DF);
	INS(1, "b", 9, .at = PAGE_SIZE - 4);
	INS(4, "l", 3, .at = PAGE_SIZE - 6);
}

/* More than a hypervisor reads ahead at a time. */
#define LONG_BYTES	1024
#define LONG_PATTERN	0x5a
#define LONG_IN_DEVICE	(TESTDEV_MEMORY + 0xe000)	/* where rows have no operand */

static bool is_pattern(const volatile u8 *from, unsigned int bytes, u8 value)
{
	while (bytes && *from == value) {
		from++;
		bytes--;
	}
	return !bytes;
}

/* Half of it in each of two pages; nothing around it changes. */
static void long_string(u8 *pages)
{
	u8 *to = pages + PAGE_SIZE - LONG_BYTES / 2;
	unsigned long at = (uintptr_t)to, count = LONG_BYTES;

	for (u8 *byte = to - 4; byte < to + LONG_BYTES + 4; byte++)
		*(volatile u8 *)byte = 0;
	out32(LATCH, 0x01010101 * LONG_PATTERN);
	EXPECT_FAULT(FAULT_NONE, TRY_OUT("rep insb", OUT("+D"(at), "+c"(count)),
					 "d"(LATCH)));
	EXPECT_EQ(count, 0);
	EXPECT_EQ(at, (uintptr_t)to + LONG_BYTES);
	EXPECT(is_pattern(to, LONG_BYTES, LONG_PATTERN));
	EXPECT(is_pattern(to - 4, 4, 0));
	EXPECT(is_pattern(to + LONG_BYTES, 4, 0));
}

TEST(long_string, "REP INSB of 1024 bytes over the border of two pages",
     DEVICE(DEVICE_PC_TESTDEV))
{
	SUBTEST("RAM")
		long_string(pages_alloc_zeroed(2));
	SUBTEST("device") {
		if (device_present(DEVICE_TESTDEV_MEMORY, NULL))
			long_string((u8 *)(uintptr_t)LONG_IN_DEVICE);
		else
			skip("no memory of a device");
	}
}
