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
#include "vmm/break.h"
#include "vmm/machine.h"

#define MSRS_MAX	1024
#define MSRS_AT_ONCE	255	/* KVM's MAX_IO_MSRS is 256, and refused itself */
#define UNLISTED_MOST	128
#define TSC_FAR		(1ull << 42)	/* some minutes, at any frequency */

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

/* All of them; the deadline is last, behind the TSC. */
static struct kvm_msr_entry msrs[MSRS_MAX];
static uint32_t count;

/*
 * Read or write entries, as many at once as KVM takes.  Returns how many it did:
 * it stops at the first that it refuses.  Below 0 with errno if it failed.
 */
static int msrs_do(struct vcpu *vcpu, unsigned long request,
		   struct kvm_msr_entry *entries, uint32_t n)
{
	static struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[MSRS_AT_ONCE];
	} batch;
	uint32_t all = 0;

	while (all < n) {
		uint32_t most = n - all < MSRS_AT_ONCE ? n - all : MSRS_AT_ONCE;
		int done;

		batch.head.nmsrs = most;
		memcpy(batch.entries, entries + all, most * sizeof(*entries));
		done = ioctl(vcpu->fd, request, &batch);
		if (done < 0)
			return done;
		memcpy(entries + all, batch.entries, done * sizeof(*entries));
		all += done;
		if (done < (int)most)
			break;
	}
	return all;
}

static void add(uint32_t index)
{
	for (uint32_t i = 0; i < count; i++)
		if (msrs[i].index == index)
			return;
	if (count < MSRS_MAX)
		msrs[count++].index = index;
}

static void add_unlisted(struct vcpu *vcpu, uint32_t first, uint32_t most)
{
	struct kvm_msr_entry entries[UNLISTED_MOST] = { 0 };
	int done;

	for (uint32_t i = 0; i < most; i++)
		entries[i].index = first + i;
	done = must(msrs_do(vcpu, KVM_GET_MSRS, entries, most), "KVM_GET_MSRS");
	for (int i = 0; i < done; i++)
		add(first + i);
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

/* One that KVM refuses is dropped, and the rest is tried. */
static void drop_refused(struct vcpu *vcpu, unsigned long request)
{
	uint32_t at = 0;

	while (at < count) {
		at += must(msrs_do(vcpu, request, msrs + at, count - at), "MSRs");
		if (at < count)
			memmove(msrs + at, msrs + at + 1,
				(--count - at) * sizeof(*msrs));
	}
}

static void list_make(void)
{
	struct vcpu *vcpu = &machine.vcpus[0];

	add(MSR_TSC);
	add_listed();
	for (size_t i = 0; i < sizeof(unlisted) / sizeof(*unlisted); i++)
		add_unlisted(vcpu, unlisted[i].first, unlisted[i].count);
	add(MSR_TSC_DEADLINE);
	drop_refused(vcpu, KVM_GET_MSRS);
	drop_refused(vcpu, KVM_SET_MSRS);
}

size_t msrs_size(void)
{
	if (!count)
		list_make();
	return count * sizeof(*msrs);
}

/* All of them, or errno. */
static int all_or_nothing(int done)
{
	if (done == (int)count)
		return 0;
	if (done >= 0)
		errno = EPERM;
	return -1;
}

int msrs_take(struct vcpu *vcpu, void *to)
{
	memcpy(to, msrs, msrs_size());
	return all_or_nothing(msrs_do(vcpu, KVM_GET_MSRS, to, count));
}

LIE(lie_msrs_lost, .name = "state-msrs",
    .text = "putting state, or migrating, MSRs are left as they are");

/*
 * KVM before 6.7 takes the first TSC that it is told for an attempt to synchronize with
 * what the CPUs began with, if that was less than a second ago, and keeps what they have.
 * It is no such attempt behind another TSC, which is far from both.
 */
static void tsc_begins(struct vcpu *vcpu, const struct kvm_msr_entry *tsc)
{
	static unsigned int generation = -1;
	struct kvm_msr_entry far = { .index = tsc->index, .data = tsc->data + TSC_FAR };

	if (vcpu->index || tsc->index != MSR_TSC || generation == machine.generation)
		return;
	generation = machine.generation;
	msrs_do(vcpu, KVM_SET_MSRS, &far, 1);
}

int msrs_put(struct vcpu *vcpu, const void *from)
{
	if (lie_tell(&lie_msrs_lost))
		return 0;
	tsc_begins(vcpu, from);
	/* KVM writes nothing back. */
	return all_or_nothing(msrs_do(vcpu, KVM_SET_MSRS, (void *)from, count));
}

/* Counters, which count on. */
static bool moves_on(uint32_t index)
{
	static const uint32_t moving[] = {
		MSR_TSC, 0xe7, 0xe8,		/* MPERF, APERF */
		0x40000010, 0x40000020,		/* Hyper-V: VP_RUNTIME, TIME_REF_COUNT */
	};

	for (size_t i = 0; i < sizeof(moving) / sizeof(*moving); i++)
		if (index == moving[i])
			return true;
	return false;
}

void msrs_settle(void *copy)
{
	struct kvm_msr_entry *entries = copy;

	for (uint32_t i = 0; i < count; i++)
		if (moves_on(entries[i].index))
			entries[i].data = 0;
}

void msrs_where(const void *part, size_t offset, char *text, size_t size)
{
	const struct kvm_msr_entry *entries = part;

	snprintf(text, size, "MSR %#x (byte %zu)",
		 entries[offset / sizeof(*entries)].index,
		 offset % sizeof(uint64_t));
}

/* struct kvm_msrs ends in an array. */
union one_msr {
	struct kvm_msrs head;
	uint8_t room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
};

bool msr_get(struct vcpu *vcpu, uint32_t index, uint64_t *value)
{
	union one_msr msr = { .head.nmsrs = 1 };

	msr.head.entries[0].index = index;
	if (ioctl(vcpu->fd, KVM_GET_MSRS, &msr) != 1)
		return false;
	*value = msr.head.entries[0].data;
	return true;
}

bool msr_set(struct vcpu *vcpu, uint32_t index, uint64_t value)
{
	union one_msr msr = { .head.nmsrs = 1 };

	msr.head.entries[0].index = index;
	msr.head.entries[0].data = value;
	return ioctl(vcpu->fd, KVM_SET_MSRS, &msr) == 1;
}
