/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A riscv64 machine's parts: a CPU is its registers and whether it runs.  KVMs before
 * 6.6 do not list registers: those that they may have are tried one by one.
 */
#include <stdlib.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"
#include "vmm/riscv/platform.h"
#include "vmm/state.h"

#define SINGLE_REG	(KVM_REG_RISCV | KVM_REG_SIZE_U32)

/* Registers in a row, numbered from 0. */
static const struct {
	uint64_t first;
	unsigned int count;
} rows[] = {
	{ RISCV_REG(CORE), sizeof(struct kvm_riscv_core) / 8 },
	{ RISCV_REG(CSR), sizeof(struct kvm_riscv_csr) / 8 },
	{ RISCV_REG(FP_D), 32 },
	{ SINGLE_REG | KVM_REG_RISCV_FP_D | 32, 1 },	/* fcsr */
	/* The timer last: setting its state starts it; frequency is the host's. */
	{ TIMER_REG(time), 3 },
};

#define ROWS		(sizeof(rows) / sizeof(*rows))

static bool register_there(uint64_t id)
{
	uint64_t value[4];
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return ioctl(machine.vcpus[0].fd, KVM_GET_ONE_REG, &reg) >= 0;
}

struct kvm_reg_list *arch_register_list(void)
{
	struct kvm_reg_list *list;
	unsigned int most = 0;

	for (size_t r = 0; r < ROWS; r++)
		most += rows[r].count;
	list = calloc(1, sizeof(*list) + most * sizeof(list->reg[0]));
	must(list ? 0 : -1, "memory for a list of registers");
	for (size_t r = 0; r < ROWS; r++)
		for (unsigned int i = 0; i < rows[r].count; i++)
			if (register_there(rows[r].first + i))
				list->reg[list->n++] = rows[r].first + i;
	return list;
}

bool arch_register_moves(uint64_t id)
{
	return id == TIMER_REG(time);
}

/* A timer that is off cannot be turned off. */
bool arch_register_fixed(uint64_t id)
{
	return id == TIMER_REG(state);
}

STATE_PLAIN(mp_state, struct kvm_mp_state, KVM_GET_MP_STATE, KVM_SET_MP_STATE)

const struct state_part arch_vm_parts[] = {
	{ 0 }
};

const struct state_part arch_cpu_parts[] = {
	{ STATE_PART(registers, "registers"), .settle = registers_settle,
	  .where = registers_where },
	{ STATE_PART(mp_state, "run state") },
	{ 0 }
};
