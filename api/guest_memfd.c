/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that belongs to a VM: api.rst of Linux 6.8 and later, 4.140
 * KVM_SET_USER_MEMORY_REGION2, 4.142 KVM_CREATE_GUEST_MEMFD.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/newer.h"
#include "api/test.h"

CODE64(read_write, "mov (0x200000), %eax; out %eax, $0x80; movl $0x99, (0x200000); hlt");
#define AT	0x200000ull
#define SIZE	(16 * PAGE)

static int memfd_new(int vm, uint64_t size, uint64_t flags)
{
	struct kvm_create_guest_memfd create = { .size = size, .flags = flags };

	return call(vm, KVM_CREATE_GUEST_MEMFD, &create);
}

static int bind(int vm, uint32_t slot, uint64_t gpa, void *memory, int fd, uint64_t offset,
		uint64_t size)
{
	struct kvm_userspace_memory_region2 region = {
		.slot = slot, .flags = fd < 0 ? 0 : KVM_MEM_GUEST_MEMFD, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = (uintptr_t)memory,
		.guest_memfd = fd < 0 ? 0 : fd, .guest_memfd_offset = offset,
	};

	return call(vm, KVM_SET_USER_MEMORY_REGION2, &region);
}

TEST(plain, "without a guest_memfd it is KVM_SET_USER_MEMORY_REGION",
     REQUIRES(KVM_CAP_USER_MEMORY2))
{
	struct guest guest = guest_new(&read_write, GUEST_LONG);
	uint32_t *memory = memory_new(SIZE), value = 0;

	*memory = 0x1234;
	EXPECT_ERROR(bind(guest.vm, 1, AT + 1, memory, -1, 0, SIZE), EINVAL);
	EXPECT_ERROR(bind(guest.vm, 1, 0, memory, -1, 0, SIZE), EEXIST);
	EXPECT_ERROR(call(guest.vm, KVM_SET_USER_MEMORY_REGION2, 8), EFAULT);
	REQUIRE_DONE(bind(guest.vm, 1, AT, memory, -1, 0, SIZE));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 4, &value) && value == 0x1234);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(*memory, 0x99);
	EXPECT_DONE(bind(guest.vm, 1, AT, memory, -1, 0, 0));
}

TEST(creation, "KVM_CREATE_GUEST_MEMFD: sizes and flags", REQUIRES(KVM_CAP_GUEST_MEMFD))
{
	int vm = vm_new(kvm_open()), fd;
	struct stat info;

	EXPECT_ERROR(memfd_new(vm, 0, 0), EINVAL);
	EXPECT_ERROR(memfd_new(vm, PAGE + 1, 0), EINVAL);
	EXPECT_ERROR(memfd_new(vm, -(uint64_t)PAGE, 0), EINVAL);
	EXPECT_ERROR(memfd_new(vm, SIZE, 1ull << 40), EINVAL);
	fd = memfd_new(vm, SIZE, 0);
	REQUIRE_DONE(fd);
	REQUIRE(!fstat(fd, &info));
	EXPECT_EQ(info.st_size, SIZE);
	SUBTEST("it is no ordinary file") {
		EXPECT(read(fd, (char[1]){ 0 }, 1) < 0);
		EXPECT(write(fd, "1", 1) < 0);
		EXPECT(ftruncate(fd, 2 * SIZE) < 0);
		EXPECT(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	}
	SUBTEST("its pages may be allocated and given back") {
		EXPECT(!fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, SIZE));
		EXPECT(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
		EXPECT(fallocate(fd, FALLOC_FL_KEEP_SIZE, 1, PAGE) < 0);
		EXPECT(fallocate(fd, 0, 0, 2 * SIZE) < 0);
	}
}

TEST(mapped, "one that may be mapped and is shared is the guest's memory and the host's",
     REQUIRES(KVM_CAP_GUEST_MEMFD_FLAGS))
{
	const uint64_t flags = GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED;
	struct guest guest = guest_new(&read_write, GUEST_LONG);
	uint32_t *memory, value = 0;
	int fd;

	if ((kvm_has(guest.vm, KVM_CAP_GUEST_MEMFD_FLAGS) & flags) != flags)
		return skip("it cannot be mapped");
	fd = memfd_new(guest.vm, SIZE, flags);
	REQUIRE_DONE(fd);
	EXPECT(mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(memory != MAP_FAILED);
	*memory = 0x5678;
	REQUIRE_DONE(bind(guest.vm, 1, AT, memory, fd, 0, SIZE));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 4, &value));
	EXPECT_EQ(value, 0x5678);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(*memory, 0x99);
	SUBTEST("a hole is zeros, to both") {
		REQUIRE(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
		EXPECT_EQ(*memory, 0);
		guest_start(&guest, &read_write);
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
		EXPECT(guest_port_out(&guest, 0x80, 4, &value));
		EXPECT_EQ(value, 0);
	}
}

TEST(binding, "which guest_memfd may be bound to a slot, and where",
     REQUIRES(KVM_CAP_GUEST_MEMFD))
{
	const uint64_t flags = GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED;
	int kvm = kvm_open(), vm = vm_new(kvm), other = vm_new(kvm);
	bool shared = (kvm_has(vm, KVM_CAP_GUEST_MEMFD_FLAGS) & flags) == flags;
	int fd = memfd_new(vm, SIZE, shared ? flags : 0), foreign;
	void *memory = memory_new(SIZE);
	struct kvm_userspace_memory_region2 region = {
		.slot = 5, .guest_phys_addr = 32 * AT, .memory_size = PAGE,
		.userspace_addr = (uintptr_t)memory, .guest_memfd = fd,
		.flags = KVM_MEM_GUEST_MEMFD | KVM_MEM_READONLY,
	};

	REQUIRE_DONE(fd);
	foreign = memfd_new(other, SIZE, shared ? flags : 0);
	REQUIRE_DONE(foreign);
	EXPECT(bind(vm, 1, AT, memory, 99, 0, SIZE) < 0);
	EXPECT_ERROR(bind(vm, 1, AT, memory, kvm, 0, SIZE), EINVAL);
	EXPECT_ERROR(bind(vm, 1, AT, memory, foreign, 0, SIZE), EINVAL);
	EXPECT_ERROR(bind(vm, 1, AT, memory, fd, 1, PAGE), EINVAL);
	EXPECT_ERROR(bind(vm, 1, AT, memory, fd, PAGE, SIZE), EINVAL);
	EXPECT_ERROR(call(vm, KVM_SET_USER_MEMORY_REGION2, &region), EINVAL);
	REQUIRE_DONE(bind(vm, 1, AT, memory, fd, 0, 4 * PAGE));
	SUBTEST("pages that are another slot's")
		EXPECT(bind(vm, 2, 2 * AT, memory, fd, 3 * PAGE, PAGE) < 0);
	SUBTEST("pages beside them")
		EXPECT_DONE(bind(vm, 2, 2 * AT, memory, fd, 4 * PAGE, PAGE));
	SUBTEST("a bound slot cannot move or change") {
		EXPECT_ERROR(bind(vm, 1, 4 * AT, memory, fd, 0, 4 * PAGE), EINVAL);
		EXPECT_DONE(bind(vm, 1, AT, memory, -1, 0, 0));
		EXPECT_DONE(bind(vm, 3, 3 * AT, memory, fd, 0, 4 * PAGE));
	}
}
