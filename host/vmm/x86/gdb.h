/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU's registers as the debugger knows them, read once a stop. */
#ifndef HOST_VMM_X86_GDB_H
#define HOST_VMM_X86_GDB_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

struct vcpu;

struct gdb_registers {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	struct kvm_debugregs debug;
	uint64_t xcr0;
	uint32_t tags, ip_high, dp_high, zero;	/* of the FPU, as FSTENV has them */
};

/**
 * gdb_registers_of() - a CPU's
 */
struct gdb_registers *gdb_registers_of(struct vcpu *vcpu);

/**
 * gdb_registers_wide() - does the debugger see 64-bit registers? decided once
 */
void gdb_registers_wide(bool wide);

#endif
