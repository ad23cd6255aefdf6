/* SPDX-License-Identifier: BSD-2-Clause */
/* That rows of emulate.h see each kind of difference: models that are wrong on purpose. */
#include <rows.h>

#define ON_PURPOSE	XFAIL("the model is wrong on purpose")

static const struct values operands[] = { { VALUE_5A, VALUE_A5, 0 } };

#define ADD_AS(m, ...)							\
	INSTRUCTION("addl %ecx, " MEM_A, .size = 4, .dest = IN_A,	\
		    .src = IN_CX, .model = m, INPUTS(operands), ##__VA_ARGS__)

TEST(rows_agree, "a right model agrees with the CPU")
{
	ADD_AS(model_add);
}

static void wrong_register(struct step *step)
{
	model_add(step);
	step->is.frame.gpr[3] ^= BIT(31);
}

TEST(rows_see_registers, "a register that no operand is in", ON_PURPOSE)
{
	ADD_AS(wrong_register);
}

static void wrong_flag(struct step *step)
{
	model_add(step);
	step->is.frame.flags ^= RFLAGS_PF;
}

TEST(rows_see_flags, "one flag", ON_PURPOSE)
{
	ADD_AS(wrong_flag);
}

TEST(rows_forgive_flags, "one flag that the manual leaves open")
{
	ADD_AS(wrong_flag, .undefined = RFLAGS_PF);
}

static void wrong_memory(struct step *step)
{
	model_add(step);
	step_store(step, step->is.frame.gpr[7] + 4, 1, 0);
}

TEST(rows_see_memory, "a byte behind the operand", ON_PURPOSE)
{
	ADD_AS(wrong_memory);
}

static void wrong_fault(struct step *step)
{
	step->fault = FAULT_GP(0);
}

TEST(rows_see_no_fault, "a fault that does not come", ON_PURPOSE)
{
	ADD_AS(wrong_fault);
}

TEST(rows_see_fault, "a fault that comes", ON_PURPOSE)
{
	INSTRUCTION("ud2", .size = 4,
		    .dest = IN_DX, .src = IN_CX, .model = model_mov);
}

static void wrong_address(struct step *step)
{
	step->is.frame.ip++;
}

TEST(rows_see_ip, "the instruction pointer", ON_PURPOSE)
{
	INSTRUCTION("nop", .model = wrong_address);
}
