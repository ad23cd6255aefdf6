/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine of this process: what the VMM's own files share.  There is one,
 * and it lives until the process ends.
 */
#ifndef HOST_VMM_MACHINE_H
#define HOST_VMM_MACHINE_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/arch.h"
#include "vmm/device.h"
#include "vmm/ram.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"

#define DEV_KVM		"/dev/kvm"

struct machine {
	const struct vm_config *config;
	struct vm_end *end;
	int kvm, vm;
	unsigned int generation;	/* counts the VMs that it has lived in */
	struct vcpu *vcpus;
	void (*before_run)(struct vcpu *vcpu);	/* NULL: nobody asks */
	bool watch_exits;	/* perturbations, or whoever saves, ask for each */
	bool loading;		/* state that is put comes from a file */
	bool moving;		/* its CPUs have no state just now; atomic */
};

extern struct machine machine;

/**
 * machine_end() - the machine is over: tell the parent how, and leave
 * @vcpu: whose exit it was, or NULL
 * @code: the debug-exit value, 0 otherwise
 * @format: one line for people
 *
 * The first CPU that comes here wins.  The process ends, and all CPUs with it.
 */
void machine_end(const struct vcpu *vcpu, enum vm_end_kind kind, uint32_t code,
		 const char *format, ...)
	__attribute__((noreturn, format(printf, 4, 5)));

/**
 * must() - the result of a call that cannot fail here; otherwise the machine ends
 * @result: the call's
 * @what: what was tried
 */
int must(int result, const char *what);

/**
 * console_write() - bytes of the guest to the console, at once
 */
void console_write(const void *bytes, size_t size);

/* What an architecture provides. */

struct boot_door {
	gpa_t entry;
	uint32_t eax;		/* x86: what it finds there */
	bool pvh;		/* x86: Xen's note names it */
};

/**
 * loader_load() - the image into RAM; says which door it has
 */
struct boot_door loader_load(const char *path);

/**
 * boot_prepare() - boot information, and the boot CPU's registers
 */
void boot_prepare(struct boot_door door);

/**
 * arch_prepare() - ask the kernel what is the same for all machines, in the parent
 */
void arch_prepare(void);

/**
 * arch_model_hash() - a hash over all that the CPUs' model says
 */
uint64_t arch_model_hash(void);

/**
 * arch_vm_open() - what an architecture sets in machine.vm before it has CPUs
 *
 * After the memory slots: KVM then has no readers to wait for.
 */
void arch_vm_open(void);

#endif
