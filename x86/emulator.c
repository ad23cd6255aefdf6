/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's instruction emulator, reached by operands in a device's memory
 * and by KVM's forced-emulation prefix; some hypervisors execute all kernel code in
 * it.  Whatever executes an instruction, the outcome must be what SDM 2 and APM 3
 * say: emulate.h has how it is compared, model.h the manuals' operations.  More
 * instructions are in the parts of this image, emulator/.
 */
#include <rows.h>

static const struct values operands[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_A5, VALUE_MIN, 0 },
	{ 0, VALUE_MAX, 0 },
};

TEST(mov, "MOV between memory, registers and immediates")
{
	SIZES(MEM_REG, "mov", model_mov, INPUTS(operands));
	SIZES(REG_MEM, "mov", model_mov, INPUTS(operands));
	SIZES(REG_REG, "mov", model_mov, INPUTS(operands));
	SIZES(MEM_IMM, "mov", model_mov, -3, INPUTS(operands));
	SIZES(REG_IMM, "mov", model_mov, 0x51, INPUTS(operands));
	INSTRUCTION("movb %ch, " MEM_A, .size = 1, .dest = IN_A,
		    .src = IN_CH, .model = model_mov, INPUTS(operands));
	INSTRUCTION64("movb %sil, %r9b", .size = 1, .dest = IN_R9,
		      .src = IN_SI, .model = model_mov);
	INSTRUCTION64("movq $-0x5a71a5f0, " MEM_A, .size = 8, .dest = IN_A,
		      .src = IN_IMM, .imm = -0x5a71a5f0, .model = model_mov);
	INSTRUCTION64("movabsq $0x5a6978b40f1e2d3c, %rdx", .size = 8,
		      .dest = IN_DX, .src = IN_IMM, .imm = 0x5a6978b40f1e2d3c,
		      .model = model_mov);
}
