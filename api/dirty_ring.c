/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pages each CPU wrote, by rings: api.rst, 8.29 KVM_CAP_DIRTY_LOG_RING. */
#include <errno.h>
#include <sys/mman.h>

#include "api/guest.h"
#include "api/test.h"

#define SLOT	1
#define PAGES	1024u
#define BASE	0x200000ull

/* Writes to page after page, without an end but SLOT's. */
CODE64(write_all, "mov $0x200000, %eax; 1: incl (%rax); add $0x1000, %eax;"
		  "cmp $0x600000, %eax; jb 1b; hlt");

struct ringed {
	struct guest guest;
	struct kvm_dirty_gfn *ring;
	unsigned int entries, next;
};

/* A guest without CPU, as rings come before CPUs. */
static int ring_enable(int vm, unsigned int bytes)
{
	return kvm_enable(vm, kvm_has(vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL) ?
			  KVM_CAP_DIRTY_LOG_RING_ACQ_REL : KVM_CAP_DIRTY_LOG_RING, bytes);
}

static struct ringed ringed_new(unsigned int entries)
{
	struct ringed ringed = { .entries = entries };
	unsigned int bytes = entries * sizeof(*ringed.ring);
	int kvm = kvm_open(), vm = vm_new(kvm);

	REQUIRE_DONE(ring_enable(vm, bytes));
	ringed.guest = guest_on(kvm, vm, &write_all, GUEST_LONG);
	REQUIRE_DONE(slot_set(vm, SLOT, BASE, PAGES * PAGE, memory_new(PAGES * PAGE),
			      KVM_MEM_LOG_DIRTY_PAGES));
	ringed.ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ringed.guest.cpu,
			   KVM_DIRTY_LOG_PAGE_OFFSET * PAGE);
	REQUIRE(ringed.ring != MAP_FAILED);
	return ringed;
}

/* Takes what the ring has, and marks the pages in @seen.  Returns how many entries. */
static unsigned int harvest(struct ringed *ringed, bool *seen)
{
	unsigned int count = 0, wrong = 0;

	for (; count < ringed->entries; ringed->next++, count++) {
		struct kvm_dirty_gfn *entry = &ringed->ring[ringed->next % ringed->entries];
		uint32_t flags = __atomic_load_n(&entry->flags, __ATOMIC_ACQUIRE);

		if (!(flags & KVM_DIRTY_GFN_F_DIRTY))
			break;
		if (entry->slot == SLOT && entry->offset < PAGES)
			seen[entry->offset] = true;
		else
			wrong++;
		__atomic_store_n(&entry->flags, KVM_DIRTY_GFN_F_RESET, __ATOMIC_RELEASE);
	}
	EXPECT_EQ(wrong, 0);
	return count;
}

static void expect_pages(const bool *seen, unsigned int from, unsigned int to)
{
	unsigned int lost = 0, first = 0, early = 0;

	for (unsigned int page = from; page < to; page++)
		if (!seen[page] && !lost++)
			first = page;
	check_explained(CHECK_HERE("each page that was written is in the ring"), !lost,
			"%u are not, the first is page %u", lost, first);
	for (unsigned int page = to + 1; page < PAGES; page++)
		early += seen[page];
	EXPECT_EQ(early, 0);
}

/* Where the guest is: pages before have been written, and maybe that one. */
static unsigned int written(const struct ringed *ringed)
{
	return (guest_regs(&ringed->guest).rax - BASE) / PAGE;
}

TEST(full, "a full ring exits; what is harvested and reset makes room",
     REQUIRES(KVM_CAP_DIRTY_LOG_RING))
{
	struct ringed ringed = ringed_new(256);
	bool seen[PAGES] = { false };
	unsigned int exits = 0, got;
	int reason;

	while ((reason = guest_run(&ringed.guest)) == KVM_EXIT_DIRTY_RING_FULL &&
	       exits < PAGES) {
		got = harvest(&ringed, seen);
		REQUIRE(got);
		EXPECT_EQ(call(ringed.guest.vm, KVM_RESET_DIRTY_RINGS, 0), got);
		/* It is out of the guest before the instruction behind the last entry. */
		SUBTEST("exit %u", ++exits)
			expect_pages(seen, 0, written(&ringed));
	}
	EXPECT_EQ(reason, KVM_EXIT_HLT);
	harvest(&ringed, seen);
	expect_pages(seen, 0, PAGES);
	EXPECT(exits >= PAGES / 256 - 1);
}

TEST(still_full, "nothing harvested, KVM_RUN exits again and runs nothing",
     REQUIRES(KVM_CAP_DIRTY_LOG_RING))
{
	struct ringed ringed = ringed_new(256);
	struct kvm_regs before;

	REQUIRE_EQ(guest_run(&ringed.guest), KVM_EXIT_DIRTY_RING_FULL);
	before = guest_regs(&ringed.guest);
	EXPECT_EQ(call(ringed.guest.vm, KVM_RESET_DIRTY_RINGS, 0), 0);
	EXPECT_EQ(guest_run(&ringed.guest), KVM_EXIT_DIRTY_RING_FULL);
	EXPECT_EQ(guest_regs(&ringed.guest).rax, before.rax);
}

TEST(again, "a page that was reset is logged again", REQUIRES(KVM_CAP_DIRTY_LOG_RING))
{
	struct ringed ringed = ringed_new(4096);

	for (int round = 0; round < 3; round++) {
		bool seen[PAGES] = { false };

		guest_start(&ringed.guest, &write_all);
		REQUIRE_EQ(guest_run(&ringed.guest), KVM_EXIT_HLT);
		EXPECT_EQ(harvest(&ringed, seen), PAGES);
		expect_pages(seen, 0, PAGES);
		EXPECT_EQ(call(ringed.guest.vm, KVM_RESET_DIRTY_RINGS, 0), PAGES);
	}
}

TEST(refused, "sizes, times and calls that do not go with rings",
     REQUIRES(KVM_CAP_DIRTY_LOG_RING))
{
	int kvm = kvm_open(), vm = vm_new(kvm), most = kvm_has(vm, KVM_CAP_DIRTY_LOG_RING);
	struct kvm_dirty_log log = { 0 };

	EXPECT_ERROR(call(vm, KVM_RESET_DIRTY_RINGS, 0), EINVAL);	/* there are none */
	EXPECT_ERROR(ring_enable(vm, 0), EINVAL);
	EXPECT_ERROR(ring_enable(vm, 3 * PAGE), EINVAL);
	EXPECT_ERROR(ring_enable(vm, PAGE / 2), EINVAL);
	EXPECT_ERROR(ring_enable(vm, 2 * most), E2BIG);
	EXPECT_DONE(ring_enable(vm, 2 * PAGE));
	EXPECT_ERROR(ring_enable(vm, 2 * PAGE), EINVAL);
	EXPECT_ERROR(call(vm, KVM_GET_DIRTY_LOG, &log), ENXIO);
	SUBTEST("once there is a CPU") {
		vm = vm_new(kvm);
		cpu_new(vm, 0);
		EXPECT_ERROR(ring_enable(vm, 2 * PAGE), EINVAL);
	}
	SUBTEST("a mapping of it that may be executed, or is private") {
		struct ringed ringed = ringed_new(256);
		off_t at = KVM_DIRTY_LOG_PAGE_OFFSET * PAGE;

		EXPECT(mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED,
			    ringed.guest.cpu, at) == MAP_FAILED);
		EXPECT(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, ringed.guest.cpu,
			    at) == MAP_FAILED && errno == EINVAL);
	}
}
