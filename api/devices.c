/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is left of KVM's calls: api.rst, 4.79 to 4.81 devices and attributes, 4.20 the old
 * KVM_SET_CPUID, 4.110; MMU pages; TPR accesses (KVM_CAP_VAPIC); files of debugfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

CODE64(out_loop, "mov $50, %ecx; 1: out %al, $0x80; loop 1b; hlt");
CODE64(tpr, "mov $0xfee00080, %ebx; movl $0x50, (%rbx); mov (%rbx), %eax; out %al, $0x80");
CODE64(touch_all, "mov $0x200000, %eax; 1: incl (%rax); add $0x1000, %eax;"
		  "cmp $0x280000, %eax; jb 1b; hlt");

/* 4.79: "ENODEV: the device type is unknown or unsupported" */
TEST(create_device, "KVM_CREATE_DEVICE of types that x86 has not", REQUIRES(KVM_CAP_DEVICE_CTRL))
{
	struct kvm_create_device device = { .type = 9999 };
	int vm = vm_new(kvm_open());

	EXPECT_ERROR(call(vm, KVM_CREATE_DEVICE, &device), ENODEV);
	device.type = KVM_DEV_TYPE_XICS;
	device.flags = KVM_CREATE_DEVICE_TEST;
	EXPECT_ERROR(call(vm, KVM_CREATE_DEVICE, &device), ENODEV);
	EXPECT_ERROR(call(vm, KVM_CREATE_DEVICE, 8), EFAULT);
}

/* virtual/kvm/devices/vfio.rst: groups of VFIO, which are files of that kind. */
TEST(vfio, "KVM_DEV_TYPE_VFIO: tested for, made once, and no file that is no group",
     REQUIRES(KVM_CAP_DEVICE_CTRL))
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_VFIO,
					    .flags = KVM_CREATE_DEVICE_TEST };
	struct kvm_device_attr attr = { .group = KVM_DEV_VFIO_GROUP,
					.attr = KVM_DEV_VFIO_GROUP_ADD };
	int vm = vm_new(kvm_open()), file = 0;

	if (call(vm, KVM_CREATE_DEVICE, &device) < 0)
		return skip("this kernel has no VFIO");
	device.flags = 0;
	REQUIRE_DONE(call(vm, KVM_CREATE_DEVICE, &device));
	EXPECT_DONE(call(device.fd, KVM_HAS_DEVICE_ATTR, &attr));
	attr.addr = (uintptr_t)&file;
	EXPECT(call(device.fd, KVM_SET_DEVICE_ATTR, &attr) < 0);
	attr.group = 77;
	EXPECT_ERROR(call(device.fd, KVM_HAS_DEVICE_ATTR, &attr), ENXIO);
	EXPECT_ERROR(call(device.fd, KVM_GET_DEVICE_ATTR, &attr), EPERM);
	EXPECT_ERROR(call(device.fd, KVM_RUN, 0), ENOTTY);
	EXPECT_ERROR(call(vm, KVM_CREATE_DEVICE, &device), EBUSY);
}

/* 4.20: entries without subleaves. */
TEST(old_cpuid, "KVM_SET_CPUID, which knows no subleaves")
{
	struct guest guest = guest_new(NULL, GUEST_NO_CPUID);
	struct kvm_cpuid2 *want = cpuid_supported(guest.kvm), *got = cpuid_supported(guest.kvm);
	struct kvm_cpuid *old = calloc(1, sizeof(*old) + CPUID_MOST * sizeof(*old->entries));

	for (uint32_t i = 0; i < want->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &want->entries[i];

		if (e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX)
			continue;
		old->entries[old->nent++] = (struct kvm_cpuid_entry){
			.function = e->function, .eax = e->eax, .ebx = e->ebx, .ecx = e->ecx,
			.edx = e->edx,
		};
	}
	REQUIRE_DONE(call(guest.cpu, KVM_SET_CPUID, old));
	memset(got->entries, 0, CPUID_MOST * sizeof(*got->entries));
	got->nent = CPUID_MOST;
	REQUIRE_DONE(call(guest.cpu, KVM_GET_CPUID2, got));
	for (uint32_t i = 0; i < old->nent; i++) {
		const struct kvm_cpuid_entry2 *e = cpuid_entry(got, old->entries[i].function, 0);

		REQUIRE(e);
		EXPECT_EQ(e->eax, old->entries[i].eax);
		EXPECT_EQ(e->flags, 0);
	}
	old->nent = 10000;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_CPUID, old), E2BIG);
}

/* "the minimum is KVM_MIN_ALLOC_MMU_PAGES, 64" */
TEST(mmu_pages, "KVM_SET_NR_MMU_PAGES bounds shadow pages, and the guest runs on")
{
	struct guest guest = guest_new(&touch_all, GUEST_LONG);
	uint32_t *memory = memory_new(128 * PAGE);

	REQUIRE_DONE(slot_set(guest.vm, 1, 0x200000, 128 * PAGE, memory, 0));
	EXPECT_ERROR(call(guest.vm, KVM_SET_NR_MMU_PAGES, 10), EINVAL);
	EXPECT_DONE(call(guest.vm, KVM_SET_NR_MMU_PAGES, 64));
	if (call(guest.vm, KVM_GET_NR_MMU_PAGES, 0) >= 0)
		EXPECT_EQ(call(guest.vm, KVM_GET_NR_MMU_PAGES, 0), 64);
	for (unsigned int round = 1; round <= 3; round++) {
		guest_start(&guest, &touch_all);
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
		EXPECT_EQ(memory[127 * PAGE / 4], round);
	}
}

/* 5, KVM_EXIT_TPR_ACCESS */
TEST(tpr_access, "KVM_TPR_ACCESS_REPORTING: accesses to the TPR in memory exit, done",
     REQUIRES(KVM_CAP_VAPIC))
{
	struct guest guest = guest_new(&tpr, GUEST_LONG | GUEST_IRQCHIP);
	struct kvm_tpr_access_ctl control = { .enabled = 1 };
	uint64_t *tables = (uint64_t *)(guest.memory + GUEST_TABLES);
	struct kvm_vapic_addr vapic = { .vapic_addr = 0x4000 };
	uint32_t value;

	EXPECT_ERROR(call(guest.cpu, KVM_TPR_ACCESS_REPORTING, 8), EFAULT);
	REQUIRE_DONE(call(guest.cpu, KVM_TPR_ACCESS_REPORTING, &control));
	EXPECT_DONE(call(guest.cpu, KVM_SET_VAPIC_ADDR, &vapic));
	vapic.vapic_addr = 1ull << 40;
	EXPECT(call(guest.cpu, KVM_SET_VAPIC_ADDR, &vapic) < 0);
	/* The fourth GiB, for the APIC's page. */
	tables[512 + 3] = (GUEST_TABLES + 3 * PAGE) | 7;
	tables[1536 + 503] = 0xfee00000 | 0x87;
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_TPR_ACCESS);
	EXPECT_EQ(guest.run->tpr_access.is_write, 1);
	EXPECT(guest.run->tpr_access.rip >= GUEST_CODE);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_TPR_ACCESS);
	EXPECT_EQ(guest.run->tpr_access.is_write, 0);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 1, &value) && value == 0x50);
}

/* A VM's folder in debugfs is named after its process and its descriptor. */
static bool file_read(const struct guest *guest, const char *name, char *text, size_t size)
{
	char path[200];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/%s", getpid(), guest->vm, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	text[got < 0 ? 0 : got] = '\0';
	return got >= 0;
}

TEST(debugfs, "files of debugfs say what calls say")
{
	struct guest guest = guest_new(&out_loop, GUEST_LONG);
	struct kvm_device_attr attr = { .group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET };
	uint64_t offset = 0;
	char text[4096];

	if (!file_read(&guest, "vcpu0/tsc-offset", text, sizeof(text)))
		return skip("no debugfs of KVM");
	attr.addr = (uintptr_t)&offset;
	REQUIRE_DONE(call(guest.cpu, KVM_GET_DEVICE_ATTR, &attr));
	/* Where the host's TSC is not stable, it may have been corrected meanwhile. */
	EXPECT(strtoll(text, NULL, 10) - (int64_t)offset < 1ll << 43);
	if (file_read(&guest, "vcpu0/guest_mode", text, sizeof(text)))
		EXPECT_EQ(strtoll(text, NULL, 10), 0);
	if (file_read(&guest, "vcpu0/lapic_timer_advance_ns", text, sizeof(text)))
		EXPECT(strtoll(text, NULL, 10) >= 0);
	if (file_read(&guest, "vcpu0/tsc-scaling-ratio", text, sizeof(text)))
		EXPECT(strtoull(text, NULL, 10) > 0);
	if (file_read(&guest, "vcpu0/tsc-scaling-ratio-frac-bits", text, sizeof(text)))
		EXPECT(strtoull(text, NULL, 10) < 64);
	while (guest_run(&guest) == KVM_EXIT_IO)
		;
	REQUIRE_EQ(guest.run->exit_reason, KVM_EXIT_HLT);
	REQUIRE(file_read(&guest, "exits", text, sizeof(text)));
	EXPECT(strtoull(text, NULL, 10) >= 1);
	if (file_read(&guest, "mmu_rmaps_stat", text, sizeof(text)))
		/* Nothing, where there are no shadow pages. */
		EXPECT(!*text || strstr(text, "Rmap_Count"));
}
