/* SPDX-License-Identifier: BSD-2-Clause */
/* What of KVM_SET_GUEST_DEBUG works: a few bytes of code in a small VM find out. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "defs/cr.h"
#include "vmm/machine.h"
#include "vmm/x86/guest_debug.h"

#define BYTES	8192
#define CODE	0x1000
#define DATA	0x1800
#define DR7	(0x400u | 2)	/* the first, global; SDM 3B, "Debug Control Register (DR7)" */

struct trial {
	uint8_t code[6];	/* ends with HLT, which it does not come to if it stops */
	uint32_t control;
	uint32_t dr0, dr7;
};

static const struct trial trials[DEBUG_MEANS] = {
	[DEBUG_STEP] = { { 0x90, 0xf4 }, KVM_GUESTDBG_SINGLESTEP, 0, 0 },
	[DEBUG_TRAP] = { { 0xcc, 0xf4 }, KVM_GUESTDBG_USE_SW_BP, 0, 0 },
	[DEBUG_POINT] = { { 0x90, 0xf4 }, KVM_GUESTDBG_USE_HW_BP, CODE + 1, DR7 },
	/* mov %eax, DATA: of four bytes, written */
	[DEBUG_WATCH] = { { 0xa3, DATA & 0xff, DATA >> 8, 0, 0, 0xf4 },
			  KVM_GUESTDBG_USE_HW_BP, DATA, DR7 | 0xdu << 16 },
};

static const struct kvm_segment flat = {
	.limit = 0xffffffff, .selector = 8, .type = 0xb, .present = 1, .db = 1, .s = 1, .g = 1,
};

/*
 * Protected mode: real mode's INT3 is another matter where KVM emulates.  There is no
 * IDT, so that a trap that the guest gets shuts it down.
 */
static bool enter(int cpu)
{
	struct kvm_regs regs = { .rip = CODE, .rflags = RFLAGS_FIXED };
	struct kvm_sregs sregs;

	if (ioctl(cpu, KVM_GET_SREGS, &sregs))
		return false;
	sregs.cr0 |= CR0_PE;
	sregs.cs = sregs.ds = sregs.es = sregs.ss = flat;
	sregs.ds.type = sregs.es.type = sregs.ss.type = 3;
	sregs.idt.limit = 0;
	return !ioctl(cpu, KVM_SET_SREGS, &sregs) && !ioctl(cpu, KVM_SET_REGS, &regs);
}

static bool stops(const struct trial *trial, int vm, int cpu, uint8_t *memory)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = BYTES, .userspace_addr = (uintptr_t)memory,
	};
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | trial->control,
		.arch.debugreg = { [0] = trial->dr0, [7] = trial->dr7 },
	};
	size_t size = ioctl(machine.kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	bool stopped;

	if (run == MAP_FAILED)
		return false;
	memcpy(memory + CODE, trial->code, sizeof(trial->code));
	stopped = !ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) && enter(cpu) &&
		!ioctl(cpu, KVM_SET_GUEST_DEBUG, &debug) && !ioctl(cpu, KVM_RUN, 0) &&
		(run->exit_reason == KVM_EXIT_DEBUG ||
		 /* A trap that KVM cannot emulate comes here, too: arch_gdb_refused() */
		 (trial == &trials[DEBUG_TRAP] && run->exit_reason == KVM_EXIT_INTERNAL_ERROR));
	munmap(run, size);
	return stopped;
}

static bool try(const struct trial *trial)
{
	uint8_t *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int vm = ioctl(machine.kvm, KVM_CREATE_VM, 0);
	int cpu = vm < 0 ? -1 : ioctl(vm, KVM_CREATE_VCPU, 0);
	bool work = cpu >= 0 && memory != MAP_FAILED && stops(trial, vm, cpu, memory);

	if (cpu >= 0)
		close(cpu);
	if (vm >= 0)
		close(vm);
	if (memory != MAP_FAILED)
		munmap(memory, BYTES);
	return work;
}

bool guest_debug_works(enum debug_means means)
{
	static enum { UNKNOWN, WORKS, FAILS } known[DEBUG_MEANS];

	if (known[means] == UNKNOWN)
		known[means] = try(&trials[means]) ? WORKS : FAILS;
	return known[means] == WORKS;
}
