/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which MSRs there are is found out once: KVM's own list and those that it
 * leaves out, as far as this CPU lets one read them and write them back.
 */
#include "vmm/x86/msrs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "defs/msr.h"
#include "vmm/machine.h"

#define MSRS_MAX	512

/*
 * KVM's list (KVM_GET_MSR_INDEX_LIST) lacks these.  Of each range a CPU has the
 * first so many, or none.
 */
static const struct {
	uint32_t first, count;
} unlisted[] = {
	{ 0x200, 16 },		/* MTRRs: variable ranges (SDM 3A, 12.11) */
	{ 0x250, 1 }, { 0x258, 2 }, { 0x268, 8 },	/* fixed ranges */
	{ 0x2ff, 1 },		/* their default type */
	{ 0x280, 32 },		/* IA32_MCi_CTL2 (SDM 3B, 16.3.2.5) */
	{ MSR_MC0_CTL, 128 },	/* machine-check banks (SDM 3B, 16.3.2) */
	{ 0x40000080, 4 },	/* Hyper-V's SynIC: SCONTROL … SIMP, */
	{ 0x40000090, 16 },	/* SINT0 … SINT15, */
	{ 0x400000b0, 8 },	/* and synthetic timers */
};

/* What is read and written at once; the deadline is last, behind the TSC. */
static struct {
	struct kvm_msrs *all;
	size_t size;
} msrs;

static void add(uint32_t index)
{
	struct kvm_msr_entry *e = msrs.all->entries;

	for (uint32_t i = 0; i < msrs.all->nmsrs; i++)
		if (e[i].index == index)
			return;
	if (msrs.all->nmsrs < MSRS_MAX)
		e[msrs.all->nmsrs++].index = index;
}

static void add_unlisted(struct vcpu *vcpu, uint32_t first, uint32_t count)
{
	struct kvm_msrs *part = calloc(1, msrs.size);
	int done;

	must(part ? 0 : -1, "memory for MSRs");
	part->nmsrs = count;
	for (uint32_t i = 0; i < count; i++)
		part->entries[i].index = first + i;
	done = must(ioctl(vcpu->fd, KVM_GET_MSRS, part), "KVM_GET_MSRS");
	for (int i = 0; i < done; i++)
		add(first + i);
	free(part);
}

static void add_listed(void)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + MSRS_MAX * 4);

	must(list ? 0 : -1, "memory for a list of MSRs");
	list->nmsrs = MSRS_MAX;
	must(ioctl(machine.kvm, KVM_GET_MSR_INDEX_LIST, list),
	     "KVM_GET_MSR_INDEX_LIST");
	for (uint32_t i = 0; i < list->nmsrs; i++)
		if (list->indices[i] != MSR_TSC &&
		    list->indices[i] != MSR_TSC_DEADLINE)
			add(list->indices[i]);
	free(list);
}

/*
 * The kernel stops at the first MSR that it refuses, and says how many it did:
 * that one is dropped, and the rest is tried.
 */
static void drop_refused(struct vcpu *vcpu, unsigned long request)
{
	struct kvm_msrs *part = calloc(1, msrs.size);
	uint32_t kept = 0;

	must(part ? 0 : -1, "memory for MSRs");
	for (uint32_t at = 0; at < msrs.all->nmsrs;) {
		int done;

		part->nmsrs = msrs.all->nmsrs - at;
		memcpy(part->entries, msrs.all->entries + at,
		       part->nmsrs * sizeof(*part->entries));
		done = must(ioctl(vcpu->fd, request, part), "MSRs");
		memcpy(msrs.all->entries + kept, part->entries,
		       done * sizeof(*part->entries));
		kept += done;
		at += done + 1;
	}
	msrs.all->nmsrs = kept;
	free(part);
}

static void list_make(void)
{
	struct vcpu *vcpu = &machine.vcpus[0];

	msrs.size = sizeof(*msrs.all) +
		MSRS_MAX * sizeof(struct kvm_msr_entry);
	msrs.all = calloc(1, msrs.size);
	must(msrs.all ? 0 : -1, "memory for MSRs");
	add(MSR_TSC);
	add_listed();
	for (size_t i = 0; i < sizeof(unlisted) / sizeof(*unlisted); i++)
		add_unlisted(vcpu, unlisted[i].first, unlisted[i].count);
	add(MSR_TSC_DEADLINE);
	drop_refused(vcpu, KVM_GET_MSRS);
	drop_refused(vcpu, KVM_SET_MSRS);
	msrs.size = sizeof(*msrs.all) +
		msrs.all->nmsrs * sizeof(struct kvm_msr_entry);
}

size_t msrs_size(void)
{
	if (!msrs.all)
		list_make();
	return msrs.size;
}

/* All of them, or errno and the first refusal. */
static int all_or_nothing(int done)
{
	if (done == (int)msrs.all->nmsrs)
		return 0;
	if (done >= 0)
		errno = EPERM;
	return -1;
}

int msrs_take(struct vcpu *vcpu, void *to)
{
	memcpy(to, msrs.all, msrs.size);
	return all_or_nothing(ioctl(vcpu->fd, KVM_GET_MSRS, to));
}

int msrs_put(struct vcpu *vcpu, const void *from)
{
	return all_or_nothing(ioctl(vcpu->fd, KVM_SET_MSRS, from));
}

void msrs_settle(void *copy)
{
	struct kvm_msrs *all = copy;

	for (uint32_t i = 0; i < all->nmsrs; i++)
		if (all->entries[i].index == MSR_TSC)
			all->entries[i].data = 0;	/* it counts on */
}

void msrs_where(const void *part, size_t offset, char *text, size_t size)
{
	const struct kvm_msrs *all = part;
	size_t n = (offset - sizeof(*all)) / sizeof(struct kvm_msr_entry);

	if (offset >= sizeof(*all) && n < all->nmsrs)
		snprintf(text, size, "MSR %#x (byte %zu)", all->entries[n].index,
			 offset % sizeof(uint64_t));
}
