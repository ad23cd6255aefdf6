/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of KVM's own, made from the guest's: shadow paging, and the tables of
 * nested guests.  KVM watches the guest write to its tables; it does not watch us.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "defs/cpuid.h"
#include "vmm/break.h"
#include "vmm/host.h"
#include "vmm/machine.h"
#include "vmm/slots.h"
#include "vmm/state.h"
#include "vmm/stats.h"
#include "vmm/x86/platform.h"

/* Can there be any in this machine? */
static bool shadow_paging(void)
{
	static const char *const two_dimensional[] = {
		"/sys/module/kvm_intel/parameters/ept",
		"/sys/module/kvm_amd/parameters/npt",
	};

	/* A nested guest's are made from its hypervisor's. */
	if (cpu_model_has(CPU_VMX) || cpu_model_has(CPU_SVM))
		return true;
	for (unsigned int i = 0; i < 2; i++) {
		FILE *file = fopen(two_dimensional[i], "re");
		int answer = file ? getc(file) : EOF;

		if (file)
			fclose(file);
		if (answer == 'Y' || answer == '1')
			return false;
	}
	return true;
}

static bool shadow;

/* The slot that moves. */
static struct {
	void *page;
	unsigned int generation;	/* of the VM that has it, plus one */
	unsigned int turn;
	uint64_t made, faults;		/* tables and page faults, when it moved */
} mover;

static void mover_place(void)
{
	struct kvm_userspace_memory_region region = {
		.slot = SLOT_MOVING, .flags = KVM_MEM_READONLY, .memory_size = RAM_PAGE,
		.guest_phys_addr = HOST_REGION - (1 + mover.turn++ % 2) * RAM_PAGE,
		.userspace_addr = (uintptr_t)mover.page,
	};

	must(ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, &region),
	     "moving a memory slot");
}

/* It cannot move before it is there. */
static void mover_ready(void)
{
	if (mover.generation == machine.generation + 1)
		return;
	if (!mover.page)
		mover.page = mmap(NULL, RAM_PAGE, PROT_READ,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(mover.page == MAP_FAILED ? -1 : 0, "memory for a slot that moves");
	mover.generation = machine.generation + 1;
	mover.made = mover.faults = 0;
	mover_place();
}

/*
 * Has KVM made any since it last dropped all?  What makes them is a page fault: roots
 * that none came to have nothing derived from the guest's tables yet.
 */
static bool tables_made(void)
{
	uint64_t made = 0, faults = 0;
	bool known = stats_vm("mmu_cache_miss", &made);

	if (known && made == mover.made)
		return false;
	if (known && stats_cpus("pf_taken", &faults) && faults == mover.faults)
		return false;
	mover.made = made;
	mover.faults = faults;
	return true;
}

LIE(lie_tables_kept, .name = "reset-tables",
    .text = "putting memory back, KVM keeps the page tables that it made of it");

void arch_memory_learn(bool soon)
{
	shadow = shadow_paging();
	if (shadow && soon)
		mover_ready();
}

/* A memory slot that moves makes KVM drop all of its tables. */
void arch_memory_forget(void)
{
	if (!shadow)
		return;
	mover_ready();
	if (tables_made() && !lie_tell(&lie_tables_kept))
		mover_place();
}
