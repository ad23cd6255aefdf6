/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which pages the guest wrote, by bitmap: api.rst, 4.8 KVM_GET_DIRTY_LOG, 4.117
 * KVM_CLEAR_DIRTY_LOG, 7.18 KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "api/guest.h"
#include "api/test.h"

#define SLOT	1
#define PAGES	100u
#define BASE	0x200000ull	/* of SLOT */
#define LIST	0x3000		/* of the pages to write */

/* Writes to each page of the list, through a pointer in 64-bit mode. */
CODE64(write_pages, "mov $0x3000, %esi; 1: mov (%rsi), %rax; add $8, %esi; test %rax, %rax;"
		    "jz 2f; incl (%rax); jmp 1b; 2: hlt");

struct logged {
	struct guest guest;
	uint32_t *memory;
	uint64_t bits[2];
};

static struct logged logged_new(uint64_t manual, uint32_t flags)
{
	struct logged logged = {
		.guest = guest_new(&write_pages, GUEST_LONG),
		.memory = memory_new(PAGES * PAGE),
	};

	if (manual)
		REQUIRE_DONE(kvm_enable(logged.guest.vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
					manual));
	REQUIRE_DONE(slot_set(logged.guest.vm, SLOT, BASE, PAGES * PAGE, logged.memory, flags));
	return logged;
}

/* The guest writes to these pages, ended by -1. */
static void writes(struct logged *logged, const int *pages)
{
	uint64_t *list = (uint64_t *)(logged->guest.memory + LIST);

	while (*pages >= 0)
		*list++ = BASE + *pages++ * (uint64_t)PAGE;
	*list = 0;
	guest_start(&logged->guest, &write_pages);
	REQUIRE_EQ(guest_run(&logged->guest), KVM_EXIT_HLT);
}

static int log_get(struct logged *logged, uint32_t slot)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = logged->bits };

	memset(logged->bits, 0xaa, sizeof(logged->bits));
	return call(logged->guest.vm, KVM_GET_DIRTY_LOG, &log);
}

static int log_clear(struct logged *logged, uint64_t first, uint32_t count, uint64_t *bits)
{
	struct kvm_clear_dirty_log clear = {
		.slot = SLOT, .first_page = first, .num_pages = count, .dirty_bitmap = bits,
	};

	return call(logged->guest.vm, KVM_CLEAR_DIRTY_LOG, &clear);
}

static void expect_bits(struct logged *logged, uint64_t low, uint64_t high)
{
	EXPECT_DONE(log_get(logged, SLOT));
	EXPECT_EQ(logged->bits[0], low);
	EXPECT_EQ(logged->bits[1], high);
}

#define WRITES(logged, ...)	writes(logged, (const int[]){ __VA_ARGS__, -1 })

TEST(log, "the pages that were written since the last time, and no others")
{
	struct logged logged = logged_new(0, KVM_MEM_LOG_DIRTY_PAGES);

	expect_bits(&logged, 0, 0);
	WRITES(&logged, 0, 3, 63, 64, 99);
	expect_bits(&logged, 1 | 1 << 3 | 1ull << 63, 1 | 1ull << 35);
	expect_bits(&logged, 0, 0);
	SUBTEST("a page that was reported is logged again") {
		WRITES(&logged, 3, 3, 65);
		expect_bits(&logged, 1 << 3, 1 << 1);
	}
	SUBTEST("what the host writes is not logged") {
		logged.memory[10 * PAGE / 4] = 1;
		expect_bits(&logged, 0, 0);
	}
	SUBTEST("memory is what was written") {
		EXPECT_EQ(logged.memory[3 * PAGE / 4], 3);
		EXPECT_EQ(logged.memory[99 * PAGE / 4], 1);
	}
}

TEST(switched, "logging switched on and off while the guest has the pages")
{
	struct logged logged = logged_new(0, 0);

	WRITES(&logged, 1, 2);
	EXPECT_ERROR(log_get(&logged, SLOT), ENOENT);
	REQUIRE_DONE(slot_set(logged.guest.vm, SLOT, BASE, PAGES * PAGE, logged.memory,
			      KVM_MEM_LOG_DIRTY_PAGES));
	expect_bits(&logged, 0, 0);
	WRITES(&logged, 2, 7);
	expect_bits(&logged, 1 << 2 | 1 << 7, 0);
	REQUIRE_DONE(slot_set(logged.guest.vm, SLOT, BASE, PAGES * PAGE, logged.memory, 0));
	EXPECT_ERROR(log_get(&logged, SLOT), ENOENT);
	WRITES(&logged, 4);
	REQUIRE_DONE(slot_set(logged.guest.vm, SLOT, BASE, PAGES * PAGE, logged.memory,
			      KVM_MEM_LOG_DIRTY_PAGES));
	expect_bits(&logged, 0, 0);
}

TEST(refused, "slots that there are not, that have no log, and bad pointers")
{
	struct logged logged = logged_new(0, KVM_MEM_LOG_DIRTY_PAGES);
	struct kvm_dirty_log log = { .slot = SLOT, .dirty_bitmap = (void *)8 };
	int slots = kvm_has(logged.guest.vm, KVM_CAP_NR_MEMSLOTS);

	EXPECT_ERROR(log_get(&logged, 0), ENOENT);	/* it has none */
	EXPECT_ERROR(log_get(&logged, 2), ENOENT);
	EXPECT_ERROR(log_get(&logged, slots), EINVAL);
	EXPECT_ERROR(log_get(&logged, SLOT | 7 << 16), EINVAL);
	EXPECT_ERROR(call(logged.guest.vm, KVM_GET_DIRTY_LOG, 8), EFAULT);
	EXPECT_ERROR(call(logged.guest.vm, KVM_GET_DIRTY_LOG, &log), EFAULT);
}

/* 7.18: KVM_GET_DIRTY_LOG then clears nothing; KVM_CLEAR_DIRTY_LOG does. */
TEST(manual, "with manual protection, only what is cleared is logged again",
     REQUIRES(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2))
{
	struct logged logged = logged_new(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE,
					  KVM_MEM_LOG_DIRTY_PAGES);
	uint64_t bits[2] = { 1 << 3, 0 };

	WRITES(&logged, 3, 5, 70);
	expect_bits(&logged, 1 << 3 | 1 << 5, 1 << 6);
	expect_bits(&logged, 1 << 3 | 1 << 5, 1 << 6);
	EXPECT_DONE(log_clear(&logged, 0, 64, bits));
	expect_bits(&logged, 1 << 5, 1 << 6);
	WRITES(&logged, 3);
	expect_bits(&logged, 1 << 3 | 1 << 5, 1 << 6);
	SUBTEST("the last pages need not be a multiple of 64") {
		bits[0] = ~0ull;
		EXPECT_DONE(log_clear(&logged, 64, PAGES - 64, bits));
		expect_bits(&logged, 1 << 3 | 1 << 5, 0);
	}
	SUBTEST("ranges") {
		EXPECT_ERROR(log_clear(&logged, 1, 63, bits), EINVAL);
		EXPECT_ERROR(log_clear(&logged, 32, 64, bits), EINVAL);
		EXPECT_ERROR(log_clear(&logged, 0, 63, bits), EINVAL);
		EXPECT_ERROR(log_clear(&logged, 64, PAGES, bits), EINVAL);
		EXPECT_ERROR(log_clear(&logged, 128, 64, bits), EINVAL);
		EXPECT_ERROR(log_clear(&logged, 0, 64, (uint64_t *)8), EFAULT);
		expect_bits(&logged, 1 << 3 | 1 << 5, 0);
	}
}

TEST(initially_set, "with KVM_DIRTY_LOG_INITIALLY_SET all pages are logged at first",
     REQUIRES(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2))
{
	struct logged logged = logged_new(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE |
					  KVM_DIRTY_LOG_INITIALLY_SET, 0);
	uint64_t bits[2] = { ~0ull, ~0ull };

	WRITES(&logged, 1);
	REQUIRE_DONE(slot_set(logged.guest.vm, SLOT, BASE, PAGES * PAGE, logged.memory,
			      KVM_MEM_LOG_DIRTY_PAGES));
	EXPECT_DONE(log_get(&logged, SLOT));
	EXPECT_EQ(logged.bits[0], ~0ull);
	EXPECT_EQ(logged.bits[1] & 0xfffffffff, 0xfffffffff);
	EXPECT_DONE(log_clear(&logged, 0, PAGES, bits));
	EXPECT_DONE(log_get(&logged, SLOT));
	EXPECT_EQ(logged.bits[0], 0);
	WRITES(&logged, 2);
	EXPECT_DONE(log_get(&logged, SLOT));
	EXPECT_EQ(logged.bits[0], 1 << 2);
}

/*
 * Memory that the host and KVM may map by large pages: with a log, each page counts by
 * itself; without one again, they may be made one again.
 */
TEST(large_pages, "in memory of large pages single pages are logged, and what is there stays")
{
	struct guest guest = guest_new(&write_pages, GUEST_LONG);
	const uint64_t size = 4ull << 20, large = 2ull << 20;
	uint8_t *memory = memory_new(size + large);
	uint64_t *list = (uint64_t *)(guest.memory + LIST);
	uint64_t *bits = calloc(size / PAGE / 64, 8);
	struct kvm_dirty_log log = { .slot = SLOT, .dirty_bitmap = bits };

	memory += -(uintptr_t)memory & (large - 1);
	madvise(memory, size, MADV_HUGEPAGE);
	memset(memory, 0, size);
	for (int round = 1; round <= 3; round++) {
		REQUIRE_DONE(slot_set(guest.vm, SLOT, BASE, size, memory, 0));
		list[0] = BASE + 5 * PAGE;
		list[1] = BASE + large + 7 * PAGE;
		list[2] = 0;
		guest_start(&guest, &write_pages);
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
		REQUIRE_DONE(slot_set(guest.vm, SLOT, BASE, size, memory,
				      KVM_MEM_LOG_DIRTY_PAGES));
		list[0] = BASE + 9 * PAGE;
		guest_start(&guest, &write_pages);
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
		REQUIRE_DONE(call(guest.vm, KVM_GET_DIRTY_LOG, &log));
		EXPECT_EQ(bits[0], 1 << 9);
		EXPECT_EQ(bits[large / PAGE / 64], 1 << 7);
		EXPECT_EQ(bits[1], 0);
		EXPECT_EQ(memory[5 * PAGE], round);
		EXPECT_EQ(memory[9 * PAGE], round);
		EXPECT_EQ(memory[large + 7 * PAGE], 2 * round);
	}
}

TEST(manual_flags, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 with what it does not know",
     REQUIRES(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2))
{
	int kvm = kvm_open(), vm = vm_new(kvm);
	int known = kvm_has(kvm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);

	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, known + 1ull), EINVAL);
	/* The second is of use with the first only. */
	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
				KVM_DIRTY_LOG_INITIALLY_SET), EINVAL);
	EXPECT_DONE(kvm_enable(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, known));
	EXPECT_DONE(kvm_enable(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 0));
}
