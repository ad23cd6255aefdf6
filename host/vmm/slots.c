/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's memory slots: a table, and their dirty logs. */
#include "vmm/slots.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/range.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot table[SLOTS];
/*
 * A slot that is cut is, to KVM, up to three others instead, from SLOT_PIECES on: what is
 * before some pages, those pages, read-only, and what is behind them.
 */
static struct {
	unsigned int slot;
	bool there;
	struct slot piece[3];	/* those of no size are not there */
} cut;
static unsigned int loggers;	/* how many want dirty logs */
static bool manual;		/* KVM clears a log only when told to */
static uint64_t *bitmap;	/* as large as the largest slot needs */
static uint64_t bitmap_size;

/*
 * Where KVM has SMM, CPUs in it have memory of their own: here, the same.  Slots
 * of address space 1 have 1 in bits 31:16 of their number.
 */
static unsigned int spaces(void)
{
	static int count = -1;

	if (count < 0)
		count = ioctl(machine.vm, KVM_CHECK_EXTENSION,
			      KVM_CAP_MULTI_ADDRESS_SPACE);
	return count > 1 ? 2 : 1;
}

static int slot_set(unsigned int n, const struct slot *slot)
{
	struct kvm_userspace_memory_region region = {
		.flags = slot->flags & KVM_MEM_READONLY && lie_tell(&lie_slot_writable) ?
			0 : slot->flags,
		.guest_phys_addr = slot->gpa,
		.memory_size = slot->size,
		.userspace_addr = (uintptr_t)slot->host,
	};

	for (unsigned int space = 0; space < spaces(); space++) {
		region.slot = space << 16 | n;
		if (ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
			return -errno;
	}
	return 0;
}

/* What is no part of RAM, nobody copies. */
static uint32_t with_log(const struct slot *slot, uint32_t flags)
{
	return flags | (loggers && !(flags & KVM_MEM_READONLY) && ram_has(slot->host) ?
			KVM_MEM_LOG_DIRTY_PAGES : 0);
}

/* One slot's log; defined below, with the others. */
static void log_harvest(unsigned int n, const struct slot *slot, bool again);

/*
 * KVM forgets a slot's log with the slot.  It can be read before only if nobody
 * writes meanwhile; else all that is in the slot counts as dirty.
 */
static void log_save(unsigned int n, const struct slot *slot, bool still)
{
	if (!(slot->flags & KVM_MEM_LOG_DIRTY_PAGES))
		return;
	if (still)
		log_harvest(n, slot, false);
	else
		ram_dirtied_populated(slot->host, slot->size);
}

static const struct slot none;

/* With the lock held: whatever is done to slots, is done to whole ones. */
static void mend(void)
{
	if (!cut.there)
		return;
	for (unsigned int i = 0; i < 3; i++) {
		if (!cut.piece[i].size)
			continue;
		/* While it is cut, no CPU runs but this one. */
		log_save(SLOT_PIECES + i, &cut.piece[i], machine_stands_still() || vcpu_current());
		must(slot_set(SLOT_PIECES + i, &none) ? -1 : 0,
		     "removing a piece of a memory slot");
	}
	cut.there = false;
	must(slot_set(cut.slot, &table[cut.slot]) ? -1 : 0, "putting a memory slot together");
}

void slots_mend(void)
{
	pthread_mutex_lock(&lock);
	mend();
	pthread_mutex_unlock(&lock);
}

bool slots_cut(void)
{
	return __atomic_load_n(&cut.there, __ATOMIC_RELAXED);
}

void slot_cut(unsigned int n, uint64_t first, uint64_t pages)
{
	uint64_t begin = first * RAM_PAGE, end = begin + pages * RAM_PAGE;
	struct slot whole;

	pthread_mutex_lock(&lock);
	mend();
	whole = table[n];
	log_save(n, &whole, true);
	must(slot_set(n, &none) ? -1 : 0, "removing a memory slot");
	for (unsigned int i = 0; i < 3; i++) {
		uint64_t at = i == 0 ? 0 : i == 1 ? begin : end;
		uint64_t size = (i == 0 ? begin : i == 1 ? end : whole.size) - at;

		cut.piece[i] = (struct slot){
			whole.gpa + at, size, (char *)whole.host + at,
			i == 1 ? KVM_MEM_READONLY : whole.flags
		};
		if (size)
			must(slot_set(SLOT_PIECES + i, &cut.piece[i]) ? -1 : 0,
			     "adding a piece of a memory slot");
	}
	cut.slot = n;
	cut.there = true;
	pthread_mutex_unlock(&lock);
}

/* With the lock held. */
static int slot_fill(unsigned int n, struct slot slot)
{
	int result;

	slot.flags = with_log(&slot, slot.flags);
	result = slot.size ? slot_set(n, &slot) : -EINVAL;
	if (result)
		return result;
	table[n] = slot;
	return n;
}

int slot_add(gpa_t gpa, uint64_t size, void *host, uint32_t flags)
{
	int result = -ENOSPC;

	pthread_mutex_lock(&lock);
	mend();
	for (unsigned int n = 0; n < SLOTS && result == -ENOSPC; n++)
		if (!table[n].size)
			result = slot_fill(n, (struct slot){ gpa, size, host, flags });
	pthread_mutex_unlock(&lock);
	return result;
}

int slot_add_as(unsigned int n, gpa_t gpa, uint64_t size, void *host,
		uint32_t flags)
{
	int result;

	pthread_mutex_lock(&lock);
	mend();
	result = slot_fill(n, (struct slot){ gpa, size, host, flags });
	pthread_mutex_unlock(&lock);
	return result;
}

int slot_change(unsigned int n, gpa_t gpa, uint32_t flags)
{
	int result = -ENOENT;

	pthread_mutex_lock(&lock);
	mend();
	if (n < SLOTS && table[n].size) {
		struct slot slot = table[n];

		slot.gpa = gpa;
		slot.flags = with_log(&slot, flags);
		if (gpa != table[n].gpa)
			log_save(n, &table[n], machine_stands_still());
		result = slot_set(n, &slot);
		if (!result)
			table[n] = slot;
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int slot_remove(unsigned int n)
{
	int result = -ENOENT;

	pthread_mutex_lock(&lock);
	mend();
	if (n < SLOTS && table[n].size) {
		log_save(n, &table[n], machine_stands_still());
		result = lie_tell(&lie_slot_kept) ? 0 : slot_set(n, &none);
		if (!result)
			table[n] = none;
	}
	pthread_mutex_unlock(&lock);
	return result;
}

const struct slot *slot_get(unsigned int n)
{
	return n < SLOTS && table[n].size ? &table[n] : NULL;
}

int slot_find(gpa_t gpa)
{
	for (unsigned int n = 0; n < SLOTS; n++)
		if (range_contains((struct range){ table[n].gpa, table[n].size },
				   gpa, 1))
			return n;
	return -1;
}

void *slot_host(gpa_t gpa, uint64_t size)
{
	void *host = NULL;

	pthread_mutex_lock(&lock);
	for (unsigned int n = 0; n < SLOTS && !host; n++)
		if (range_contains((struct range){ table[n].gpa, table[n].size },
				   gpa, size))
			host = (char *)table[n].host + (gpa - table[n].gpa);
	pthread_mutex_unlock(&lock);
	return host;
}

/* Where KVM clears logs by itself, each harvest has to fetch them anew. */
static void log_by_hand(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args = { KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE },
	};

	manual = !machine.config->conduct.dirty_ring &&
		ioctl(machine.vm, KVM_ENABLE_CAP, &cap) == 0;
}

void slots_attach(void)
{
	cut.there = false;
	if (loggers)
		log_by_hand();
	for (unsigned int n = 0; n < SLOTS; n++)
		if (table[n].size)
			must(slot_set(n, &table[n]) ? -1 : 0,
			     "KVM_SET_USER_MEMORY_REGION");
}

const struct slot *slots_table(void)
{
	return table;
}

static bool same_place(const struct slot *a, const struct slot *b)
{
	return a->gpa == b->gpa && a->size == b->size && a->host == b->host &&
		!((a->flags ^ b->flags) & KVM_MEM_READONLY);
}

void slots_put(const struct slot *slots)
{
	slots_mend();
	/* Those that are in the way go first. */
	for (unsigned int n = 0; n < SLOTS; n++)
		if (table[n].size && !same_place(&table[n], &slots[n]))
			must(slot_remove(n), "removing a memory slot");
	for (unsigned int n = 0; n < SLOTS; n++) {
		struct slot slot = slots[n];

		if (!slot.size || table[n].size)
			continue;
		slot.flags = with_log(&slot, slot.flags & KVM_MEM_READONLY);
		must(slot_set(n, &slot) ? -1 : 0, "KVM_SET_USER_MEMORY_REGION");
		table[n] = slot;
	}
}

void slots_log(bool on)
{
	pthread_mutex_lock(&lock);
	if (on ? !loggers++ : !--loggers) {
		mend();
		if (on)
			log_by_hand();
		for (unsigned int n = 0; n < SLOTS; n++) {
			struct slot *slot = &table[n];

			if (!slot->size)
				continue;
			slot->flags = with_log(slot, slot->flags & KVM_MEM_READONLY);
			must(slot_set(n, slot) ? -1 : 0,
			     "logging dirty pages of a memory slot");
		}
	}
	pthread_mutex_unlock(&lock);
}

static uint64_t ring_bytes(void)
{
	return machine.config->conduct.dirty_ring * sizeof(struct kvm_dirty_gfn);
}

void slots_new_vm(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_DIRTY_LOG_RING_ACQ_REL, .args = { ring_bytes() },
	};

	if (!ring_bytes())
		return;
	if (ioctl(machine.vm, KVM_CHECK_EXTENSION, cap.cap) < (int)ring_bytes())
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "this KVM has no dirty rings of %llu entries",
			    (unsigned long long)machine.config->conduct.dirty_ring);
	must(ioctl(machine.vm, KVM_ENABLE_CAP, &cap), "KVM_CAP_DIRTY_LOG_RING");
}

void slots_new_cpu(struct vcpu *vcpu)
{
	vcpu->ring_next = 0;
	if (!ring_bytes())
		return;
	vcpu->ring = mmap(NULL, ring_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED,
			  vcpu->fd, KVM_DIRTY_LOG_PAGE_OFFSET * RAM_PAGE);
	if (vcpu->ring == MAP_FAILED)
		must(-1, "mapping a dirty ring");
}

void slots_lose_cpu(struct vcpu *vcpu)
{
	if (ring_bytes())
		munmap(vcpu->ring, ring_bytes());
}

/* What KVM knows by a number: it may have gone since. */
static const struct slot *numbered(uint32_t number)
{
	number &= 0xffff;
	if (number < SLOTS)
		return &table[number];
	return cut.there && number - SLOT_PIECES < 3 ? &cut.piece[number - SLOT_PIECES] : NULL;
}

/* With the lock held.  An entry is the kernel's, ours, or the kernel's to reset. */
static void ring_harvest(struct vcpu *vcpu)
{
	uint32_t entries = machine.config->conduct.dirty_ring;

	for (uint32_t n = 0;; n++, vcpu->ring_next++) {
		struct kvm_dirty_gfn *gfn = &vcpu->ring[vcpu->ring_next % entries];
		const struct slot *slot;

		if (!(__atomic_load_n(&gfn->flags, __ATOMIC_ACQUIRE) &
		      KVM_DIRTY_GFN_F_DIRTY))
			return;
		/* KVM keeps some in reserve: a ring is never full. */
		if (n == entries - 1)
			machine_end(vcpu, VM_END_INTERNAL_ERROR, 0,
				    "KVM wrote more to a dirty ring than it has room for, before");
		/* A slot that has gone since is dirty as a whole. */
		slot = numbered(gfn->slot);
		if (slot && gfn->offset < slot->size / RAM_PAGE)
			ram_dirtied_at((char *)slot->host + gfn->offset * RAM_PAGE,
				       RAM_PAGE);
		__atomic_store_n(&gfn->flags, KVM_DIRTY_GFN_F_RESET,
				 __ATOMIC_RELEASE);
	}
}

/* With the lock held. */
static void rings_harvest(void)
{
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		ring_harvest(&machine.vcpus[i]);
	must(ioctl(machine.vm, KVM_RESET_DIRTY_RINGS), "KVM_RESET_DIRTY_RINGS");
}

static void every_other_lost(uint64_t words)
{
	bool keep = false;

	for (uint64_t w = 0; w < words; w++)
		for (uint64_t word = bitmap[w]; word; word &= word - 1) {
			if (!keep)
				bitmap[w] &= ~(word & -word);
			keep = !keep;
		}
}

static void log_fetch(unsigned int n, uint64_t size, unsigned int space)
{
	uint64_t words = (size / RAM_PAGE + 63) / 64;
	struct kvm_dirty_log log = { .slot = space << 16 | n };

	if (words > bitmap_size) {
		free(bitmap);
		bitmap = calloc(words, sizeof(*bitmap));
		must(bitmap ? 0 : -1, "memory for a dirty log");
		bitmap_size = words;
	}
	log.dirty_bitmap = bitmap;
	must(ioctl(machine.vm, KVM_GET_DIRTY_LOG, &log), "KVM_GET_DIRTY_LOG");
	if (lie_tell(&lie_dirty_lost))
		every_other_lost(words);
}

static void log_clear(unsigned int n, uint64_t size, unsigned int space)
{
	struct kvm_clear_dirty_log clear = {
		.slot = space << 16 | n, .num_pages = size / RAM_PAGE,
		.dirty_bitmap = bitmap,
	};

	must(ioctl(machine.vm, KVM_CLEAR_DIRTY_LOG, &clear),
	     "KVM_CLEAR_DIRTY_LOG");
}

/* Returns whether there was any. */
static bool log_tell(const struct slot *slot)
{
	bool any = false;

	for (uint64_t w = 0; w < (slot->size / RAM_PAGE + 63) / 64; w++)
		for (uint64_t word = bitmap[w]; word; word &= word - 1) {
			uint64_t page = w * 64 + __builtin_ctzll(word);

			ram_dirtied_at((char *)slot->host + page * RAM_PAGE,
				       RAM_PAGE);
			any = true;
		}
	return any;
}

static void log_harvest(unsigned int n, const struct slot *slot, bool again)
{
	if (ring_bytes())
		return rings_harvest();
	for (unsigned int space = 0; space < spaces(); space++) {
		log_fetch(n, slot->size, space);
		if (log_tell(slot) && again && manual)
			log_clear(n, slot->size, space);
	}
}

void slots_harvest(bool again)
{
	pthread_mutex_lock(&lock);
	mend();
	for (unsigned int n = 0; n < SLOTS; n++)
		if (table[n].size && table[n].flags & KVM_MEM_LOG_DIRTY_PAGES) {
			log_harvest(n, &table[n], again);
			if (ring_bytes())
				break;		/* rings are for all slots */
		}
	pthread_mutex_unlock(&lock);
}
