/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory slots: api.rst, 4.35 KVM_SET_USER_MEMORY_REGION. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "api/guest.h"
#include "api/test.h"

#define AT	0x10000000ull		/* where slots of these TESTs are */

/* Reads the word at 0x10000 + 4 * SI, that is CX's page, and tells it. */
CODE16(read_word, "mov $0x2000, %ax; mov %ax, %ds; mov (0), %eax; out %eax, $0x80; hlt");
CODE16(write_word, "mov $0x2000, %ax; mov %ax, %ds; movl $0x12345678, (0);"
		   "mov (0), %eax; out %eax, $0x80; hlt");
#define WORD	0x20000u		/* where they look */

static struct kvm_run *said(struct guest *guest, uint32_t *value)
{
	EXPECT_EQ(guest_run(guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(guest, 0x80, 4, value));
	return guest->run;
}

/* A guest whose slot 0 ends below WORD, so that slots of a TEST may lie there. */
static struct guest guest_short(const struct code *code)
{
	struct guest guest = guest_new(code, GUEST_PLAIN);

	REQUIRE_DONE(slot_set(guest.vm, 0, 0, 0, NULL, 0));
	REQUIRE_DONE(slot_set(guest.vm, 0, 0, WORD, guest.memory, 0));
	return guest;
}

TEST(arguments, "what is not aligned, wraps round, has unknown flags or number")
{
	int kvm = kvm_open(), vm = vm_new(kvm), slots = kvm_has(vm, KVM_CAP_NR_MEMSLOTS);
	uint8_t *memory = memory_new(4 * PAGE);
	int spaces = kvm_has(vm, KVM_CAP_MULTI_ADDRESS_SPACE);

	EXPECT_ERROR(call(vm, KVM_SET_USER_MEMORY_REGION, 8), EFAULT);
	SUBTEST("size") {
		EXPECT_ERROR(slot_set(vm, 0, AT, PAGE / 2, memory, 0), EINVAL);
		EXPECT_ERROR(slot_set(vm, 0, AT, PAGE + 1, memory, 0), EINVAL);
	}
	SUBTEST("guest address") {
		EXPECT_ERROR(slot_set(vm, 0, AT + 1, PAGE, memory, 0), EINVAL);
		EXPECT_ERROR(slot_set(vm, 0, AT + PAGE / 2, PAGE, memory, 0), EINVAL);
		EXPECT_ERROR(slot_set(vm, 0, -(uint64_t)PAGE, 2 * PAGE, memory, 0), EINVAL);
	}
	SUBTEST("host address") {
		EXPECT_ERROR(slot_set(vm, 0, AT, PAGE, memory + 1, 0), EINVAL);
		EXPECT_ERROR(slot_set(vm, 0, AT, PAGE, (void *)(1ull << 63), 0), EINVAL);
	}
	SUBTEST("flags") {
		EXPECT_ERROR(slot_set(vm, 0, AT, PAGE, memory, 1 << 15), EINVAL);
		EXPECT_ERROR(slot_set(vm, 0, AT, PAGE, memory, 1u << 31), EINVAL);
	}
	SUBTEST("number") {
		EXPECT_ERROR(slot_set(vm, slots, AT, PAGE, memory, 0), EINVAL);
		EXPECT_ERROR(slot_set(vm, 0xffff, AT, PAGE, memory, 0), EINVAL);
		EXPECT_DONE(slot_set(vm, slots - 1, AT, PAGE, memory, 0));
	}
	/* "bits 16-31 specify the address space" */
	SUBTEST("address space")
		EXPECT_ERROR(slot_set(vm, (spaces ? spaces : 1) << 16, AT, PAGE, memory, 0),
			     EINVAL);
	SUBTEST("more pages than can be counted")
		EXPECT_ERROR(slot_set(vm, 1, AT, 1ull << 44, NULL, 0), EINVAL);
}

TEST(overlap, "slots may touch, but not overlap in guest memory")
{
	static const struct {
		const char *name;
		int first, pages;	/* from the page in the middle */
		bool overlaps;
	} rows[] = {
		{ "the same", 0, 2, true }, { "its first page", 0, 1, true },
		{ "its last page", 1, 1, true }, { "into its begin", -1, 2, true },
		{ "into its end", 1, 2, true }, { "all around", -1, 4, true },
		{ "in front", -1, 1, false }, { "behind", 2, 1, false },
	};
	int kvm = kvm_open(), vm = vm_new(kvm);
	uint8_t *memory = memory_new(8 * PAGE);

	REQUIRE_DONE(slot_set(vm, 0, AT, 2 * PAGE, memory, 0));
	for_each(row, rows)
		SUBTEST("%s", row->name) {
			uint64_t gpa = AT + row->first * (int64_t)PAGE;
			int result = slot_set(vm, 1, gpa, row->pages * PAGE, memory, 0);

			if (row->overlaps)
				EXPECT_ERROR(result, EEXIST);
			else if (EXPECT_DONE(result))
				EXPECT_DONE(slot_set(vm, 1, 0, 0, NULL, 0));
		}
	/* A slot that moves is not in its own way. */
	SUBTEST("a slot that moves by a page") {
		EXPECT_DONE(slot_set(vm, 0, AT + PAGE, 2 * PAGE, memory, 0));
		EXPECT_DONE(slot_set(vm, 0, AT, 2 * PAGE, memory, 0));
	}
	SUBTEST("a slot that moves into another") {
		REQUIRE_DONE(slot_set(vm, 1, AT + 4 * PAGE, PAGE, memory, 0));
		EXPECT_ERROR(slot_set(vm, 0, AT + 3 * PAGE, 2 * PAGE, memory, 0), EEXIST);
	}
}

/* "a slot … may be moved in guest physical memory …, it may not be resized" */
TEST(changes, "what of a slot may change, and what not")
{
	int kvm = kvm_open(), vm = vm_new(kvm);
	uint8_t *memory = memory_new(8 * PAGE);

	EXPECT_ERROR(slot_set(vm, 3, 0, 0, NULL, 0), EINVAL);	/* there is none */
	REQUIRE_DONE(slot_set(vm, 3, AT, 2 * PAGE, memory, 0));
	EXPECT_DONE(slot_set(vm, 3, AT, 2 * PAGE, memory, 0));
	EXPECT_ERROR(slot_set(vm, 3, AT, 3 * PAGE, memory, 0), EINVAL);
	EXPECT_ERROR(slot_set(vm, 3, AT, PAGE, memory, 0), EINVAL);
	EXPECT_ERROR(slot_set(vm, 3, AT, 2 * PAGE, memory + PAGE, 0), EINVAL);
	EXPECT_ERROR(slot_set(vm, 3, AT, 2 * PAGE, memory, KVM_MEM_READONLY), EINVAL);
	EXPECT_DONE(slot_set(vm, 3, AT, 2 * PAGE, memory, KVM_MEM_LOG_DIRTY_PAGES));
	EXPECT_DONE(slot_set(vm, 3, AT + PAGE, 2 * PAGE, memory, 0));
	EXPECT_DONE(slot_set(vm, 3, 0, 0, NULL, 0));
	EXPECT_ERROR(slot_set(vm, 3, 0, 0, NULL, 0), EINVAL);
	EXPECT_DONE(slot_set(vm, 3, AT, 3 * PAGE, memory, 0));
}

TEST(many, "as many slots as KVM_CAP_NR_MEMSLOTS says")
{
	int kvm = kvm_open(), vm = vm_new(kvm), slots = kvm_has(vm, KVM_CAP_NR_MEMSLOTS);
	unsigned int most = slots < 1000 ? slots : 1000, made = 0;
	uint8_t *memory = memory_new(PAGE);

	for (unsigned int i = 0; i < most; i++)
		made += !slot_set(vm, slots - 1 - i, AT + 2ull * i * PAGE, PAGE, memory, 0);
	EXPECT_EQ(made, most);
	METRIC("slots", slots, "slots");
}

TEST(moves, "what the guest reads is what the slot has by now")
{
	struct guest guest = guest_short(&read_word);
	uint32_t *a = memory_new(PAGE), *b = memory_new(PAGE), value = 0;

	*a = 0xaaaa0001;
	*b = 0xbbbb0002;
	REQUIRE_DONE(slot_set(guest.vm, 1, WORD, PAGE, a, 0));
	said(&guest, &value);
	EXPECT_EQ(value, *a);
	SUBTEST("deleted, the address is nobody's") {
		REQUIRE_DONE(slot_set(guest.vm, 1, 0, 0, NULL, 0));
		guest_start(&guest, &read_word);
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_MMIO);
		EXPECT_EQ(guest.run->mmio.phys_addr, WORD);
		EXPECT_EQ(guest.run->mmio.len, 4);
		EXPECT_EQ(guest.run->mmio.is_write, 0);
		memcpy(guest.run->mmio.data, "\x04\x03\x02\x01", 4);
		said(&guest, &value);
		EXPECT_EQ(value, 0x01020304);
	}
	SUBTEST("another in its place") {
		REQUIRE_DONE(slot_set(guest.vm, 2, WORD, PAGE, b, 0));
		guest_start(&guest, &read_word);
		said(&guest, &value);
		EXPECT_EQ(value, *b);
	}
	SUBTEST("moved away, and another one moved here") {
		REQUIRE_DONE(slot_set(guest.vm, 2, WORD + PAGE, PAGE, b, 0));
		REQUIRE_DONE(slot_set(guest.vm, 3, WORD + 8 * PAGE, PAGE, a, 0));
		REQUIRE_DONE(slot_set(guest.vm, 3, WORD, PAGE, a, 0));
		guest_start(&guest, &read_word);
		said(&guest, &value);
		EXPECT_EQ(value, *a);
	}
}

/* "changes in the backing of the memory region are automatically reflected" */
TEST(host_changes, "what the host does to the memory behind a slot, the guest sees")
{
	struct guest guest = guest_short(&read_word);
	uint32_t *memory = memory_new(PAGE), value = 0;

	*memory = 0x11111111;
	REQUIRE_DONE(slot_set(guest.vm, 1, WORD, PAGE, memory, 0));
	said(&guest, &value);
	EXPECT_EQ(value, 0x11111111);
	SUBTEST("MADV_DONTNEED") {
		REQUIRE(!madvise(memory, PAGE, MADV_DONTNEED));
		guest_start(&guest, &read_word);
		said(&guest, &value);
		EXPECT_EQ(value, 0);
	}
	SUBTEST("another mapping over it") {
		REQUIRE(mmap(memory, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == memory);
		*memory = 0x22222222;
		guest_start(&guest, &read_word);
		said(&guest, &value);
		EXPECT_EQ(value, 0x22222222);
	}
	SUBTEST("no access") {
		REQUIRE(!mprotect(memory, PAGE, PROT_NONE));
		guest_start(&guest, &read_word);
		EXPECT_ERROR(guest_run(&guest), EFAULT);	/* and the CPU lives on */
		REQUIRE(!mprotect(memory, PAGE, PROT_READ | PROT_WRITE));
		guest_start(&guest, &read_word);
		said(&guest, &value);
		EXPECT_EQ(value, 0x22222222);
	}
}

/* "writes to the memory region … cause KVM_EXIT_MMIO exits" */
TEST(read_only, "writing to a read-only slot exits, and changes nothing",
     REQUIRES(KVM_CAP_READONLY_MEM))
{
	struct guest guest = guest_short(&write_word);
	uint32_t *memory = memory_new(PAGE), value = 0;

	*memory = 0xcafe0003;
	REQUIRE_DONE(slot_set(guest.vm, 1, WORD, PAGE, memory, KVM_MEM_READONLY));
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_MMIO);
	EXPECT_EQ(guest.run->mmio.phys_addr, WORD);
	EXPECT_EQ(guest.run->mmio.is_write, 1);
	EXPECT_EQ(guest.run->mmio.len, 4);
	EXPECT(!memcmp(guest.run->mmio.data, "\x78\x56\x34\x12", 4));
	said(&guest, &value);
	EXPECT_EQ(value, 0xcafe0003);
	EXPECT_EQ(*memory, 0xcafe0003);
	/* The host's mapping need not be writable, either. */
	SUBTEST("of memory that the host may only read") {
		REQUIRE(!mprotect(memory, PAGE, PROT_READ));
		guest_start(&guest, &read_word);
		said(&guest, &value);
		EXPECT_EQ(value, 0xcafe0003);
	}
}
