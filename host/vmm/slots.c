/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's memory slots: a table, and their dirty logs. */
#include "vmm/slots.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/range.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot table[SLOTS];
static unsigned int loggers;	/* how many want dirty logs */
static bool manual;		/* KVM clears a log only when told to */
static uint64_t *bitmap;	/* as large as the largest slot needs */
static uint64_t bitmap_size;

static int slot_set(unsigned int n, const struct slot *slot)
{
	struct kvm_userspace_memory_region region = {
		.slot = n,
		.flags = slot->flags & KVM_MEM_READONLY && lie_tell(&lie_slot_writable) ?
			0 : slot->flags,
		.guest_phys_addr = slot->gpa,
		.memory_size = slot->size,
		.userspace_addr = (uintptr_t)slot->host,
	};

	return ioctl(machine.vm, KVM_SET_USER_MEMORY_REGION, &region) < 0 ?
		-errno : 0;
}

static uint32_t with_log(uint32_t flags)
{
	return flags | (loggers && !(flags & KVM_MEM_READONLY) ?
			KVM_MEM_LOG_DIRTY_PAGES : 0);
}

/* With the lock held. */
static int slot_fill(unsigned int n, struct slot slot)
{
	int result;

	slot.flags = with_log(slot.flags);
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
	result = slot_fill(n, (struct slot){ gpa, size, host, flags });
	pthread_mutex_unlock(&lock);
	return result;
}

/* KVM forgets a slot's log with the slot: all of it counts as dirty. */
static void log_lost(const struct slot *slot)
{
	if (slot->flags & KVM_MEM_LOG_DIRTY_PAGES)
		ram_dirtied_at(slot->host, slot->size);
}

int slot_change(unsigned int n, gpa_t gpa, uint32_t flags)
{
	int result = -ENOENT;

	pthread_mutex_lock(&lock);
	if (n < SLOTS && table[n].size) {
		struct slot slot = table[n];

		slot.gpa = gpa;
		slot.flags = with_log(flags);
		result = slot_set(n, &slot);
		if (!result) {
			if (gpa != table[n].gpa)
				log_lost(&table[n]);
			table[n] = slot;
		}
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int slot_remove(unsigned int n)
{
	int result = -ENOENT;

	pthread_mutex_lock(&lock);
	if (n < SLOTS && table[n].size) {
		struct slot none = { 0 };

		result = lie_tell(&lie_slot_kept) ? 0 : slot_set(n, &none);
		if (!result) {
			log_lost(&table[n]);
			table[n] = none;
		}
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

	manual = ioctl(machine.vm, KVM_ENABLE_CAP, &cap) == 0;
}

void slots_attach(void)
{
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
	/* Those that are in the way go first. */
	for (unsigned int n = 0; n < SLOTS; n++)
		if (table[n].size && !same_place(&table[n], &slots[n]))
			must(slot_remove(n), "removing a memory slot");
	for (unsigned int n = 0; n < SLOTS; n++) {
		struct slot slot = slots[n];

		if (!slot.size || table[n].size)
			continue;
		slot.flags = with_log(slot.flags & KVM_MEM_READONLY);
		must(slot_set(n, &slot) ? -1 : 0, "KVM_SET_USER_MEMORY_REGION");
		table[n] = slot;
	}
}

void slots_log(bool on)
{
	pthread_mutex_lock(&lock);
	if (on ? !loggers++ : !--loggers) {
		if (on)
			log_by_hand();
		for (unsigned int n = 0; n < SLOTS; n++) {
			struct slot *slot = &table[n];

			if (!slot->size)
				continue;
			slot->flags = with_log(slot->flags & KVM_MEM_READONLY);
			must(slot_set(n, slot) ? -1 : 0,
			     "logging dirty pages of a memory slot");
		}
	}
	pthread_mutex_unlock(&lock);
}

static void log_fetch(unsigned int n)
{
	uint64_t words = (table[n].size / RAM_PAGE + 63) / 64;
	struct kvm_dirty_log log = { .slot = n };

	if (words > bitmap_size) {
		free(bitmap);
		bitmap = calloc(words, sizeof(*bitmap));
		must(bitmap ? 0 : -1, "memory for a dirty log");
		bitmap_size = words;
	}
	log.dirty_bitmap = bitmap;
	must(ioctl(machine.vm, KVM_GET_DIRTY_LOG, &log), "KVM_GET_DIRTY_LOG");
	for (uint64_t w = 0; w < words; w++)
		if (bitmap[w]) {
			if (lie_tell(&lie_dirty_lost))
				bitmap[w] &= bitmap[w] - 1;
			break;
		}
}

static void log_clear(unsigned int n)
{
	struct kvm_clear_dirty_log clear = {
		.slot = n, .num_pages = table[n].size / RAM_PAGE,
		.dirty_bitmap = bitmap,
	};

	must(ioctl(machine.vm, KVM_CLEAR_DIRTY_LOG, &clear),
	     "KVM_CLEAR_DIRTY_LOG");
}

void slots_harvest(bool again)
{
	pthread_mutex_lock(&lock);
	for (unsigned int n = 0; n < SLOTS; n++) {
		const struct slot *slot = &table[n];
		bool any = false;

		if (!slot->size || !(slot->flags & KVM_MEM_LOG_DIRTY_PAGES))
			continue;
		log_fetch(n);
		for (uint64_t w = 0; w < (slot->size / RAM_PAGE + 63) / 64; w++)
			for (uint64_t word = bitmap[w]; word; word &= word - 1) {
				uint64_t page = w * 64 + __builtin_ctzll(word);

				ram_dirtied_at((char *)slot->host +
					       page * RAM_PAGE, RAM_PAGE);
				any = true;
			}
		if (any && again && manual)
			log_clear(n);
	}
	pthread_mutex_unlock(&lock);
}
