/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What KVM says about itself, and how it refuses what is not for it: api.rst,
 * sections 2 and 4.1 to 4.7.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

/* 4.1: "applications should refuse to run if it is not 12"; 4.1's ioctl has no argument. */
TEST(version, "KVM_GET_API_VERSION is 12, and takes no argument")
{
	int kvm = kvm_open();

	EXPECT_EQ(call(kvm, KVM_GET_API_VERSION, 0), 12);
	EXPECT_ERROR(call(kvm, KVM_GET_API_VERSION, 1), EINVAL);
	EXPECT_ERROR(call(kvm, KVM_GET_VCPU_MMAP_SIZE, 1), EINVAL);
}

/* 4.4: a VM answers for itself; what nobody knows is 0. */
TEST(extensions, "KVM_CHECK_EXTENSION of /dev/kvm and of a VM")
{
	/* Every KVM for x86 has had these for ten years. */
	static const struct {
		const char *name;
		unsigned int capability;
	} always[] = {
		{ "USER_MEMORY", KVM_CAP_USER_MEMORY }, { "IRQCHIP", KVM_CAP_IRQCHIP },
		{ "SYNC_MMU", KVM_CAP_SYNC_MMU },
		{ "DESTROY_MEMORY_REGION_WORKS", KVM_CAP_DESTROY_MEMORY_REGION_WORKS },
		{ "MP_STATE", KVM_CAP_MP_STATE }, { "VCPU_EVENTS", KVM_CAP_VCPU_EVENTS },
		{ "CHECK_EXTENSION_VM", KVM_CAP_CHECK_EXTENSION_VM },
		{ "IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT },
	};
	int kvm = kvm_open(), vm = vm_new(kvm);

	for_each(one, always)
		SUBTEST("%s", one->name) {
			EXPECT(kvm_has(kvm, one->capability) > 0);
			EXPECT(kvm_has(vm, one->capability) > 0);
		}
	EXPECT_EQ(call(kvm, KVM_CHECK_EXTENSION, 99999), 0);
	EXPECT_EQ(call(vm, KVM_CHECK_EXTENSION, ~0u), 0);
	EXPECT(kvm_has(kvm, KVM_CAP_NR_MEMSLOTS) >= 32);
	/* 4.7: the recommended number is not above the possible one, nor that above the ids. */
	EXPECT(kvm_has(kvm, KVM_CAP_NR_VCPUS) >= 1);
	EXPECT(kvm_has(kvm, KVM_CAP_MAX_VCPUS) >= kvm_has(kvm, KVM_CAP_NR_VCPUS));
	EXPECT(kvm_has(kvm, KVM_CAP_MAX_VCPU_ID) >= kvm_has(kvm, KVM_CAP_MAX_VCPUS));
}

/* Section 3: each ioctl belongs to one kind of descriptor. */
TEST(wrong_descriptor, "ioctls of another kind of descriptor, and of nobody")
{
	static const struct {
		const char *name;
		unsigned long request;
		bool kvm, vm, cpu;	/* whose it is */
	} calls[] = {
		{ "KVM_CREATE_VM", KVM_CREATE_VM, .kvm = true },
		{ "KVM_GET_MSR_INDEX_LIST", KVM_GET_MSR_INDEX_LIST, .kvm = true },
		{ "KVM_GET_VCPU_MMAP_SIZE", KVM_GET_VCPU_MMAP_SIZE, .kvm = true },
		{ "KVM_CREATE_IRQCHIP", KVM_CREATE_IRQCHIP, .vm = true },
		{ "KVM_SET_USER_MEMORY_REGION", KVM_SET_USER_MEMORY_REGION, .vm = true },
		{ "KVM_GET_DIRTY_LOG", KVM_GET_DIRTY_LOG, .vm = true },
		{ "KVM_RUN", KVM_RUN, .cpu = true },
		{ "KVM_GET_REGS", KVM_GET_REGS, .cpu = true },
		{ "KVM_GET_LAPIC", KVM_GET_LAPIC, .cpu = true },
		{ "an unknown one", _IO(KVMIO, 0xff), .kvm = false },
	};
	int kvm = kvm_open(), vm = vm_new(kvm), cpu = cpu_new(vm, 0);

	for_each(one, calls)
		SUBTEST("%s", one->name) {
			/* x86's own dispatch of system and CPU ioctls says EINVAL. */
			if (!one->kvm)
				EXPECT_ERROR(call(kvm, one->request, 0), EINVAL);
			if (!one->vm)
				EXPECT_ERROR(call(vm, one->request, 0), ENOTTY);
			if (!one->cpu)
				EXPECT_ERROR(call(cpu, one->request, 0), EINVAL);
		}
}

/* 4.2: the machine type says what kind of VM it is to be. */
TEST(machine_types, "KVM_CREATE_VM with unknown types")
{
	int kvm = kvm_open();

	EXPECT_ERROR(call(kvm, KVM_CREATE_VM, 63), EINVAL);
	EXPECT_ERROR(call(kvm, KVM_CREATE_VM, ~0ul), EINVAL);
	EXPECT_DONE(call(kvm, KVM_CREATE_VM, 0));
}

/* 4.5, and "5. The kvm_run structure": what can be mapped of a CPU. */
TEST(mapping, "a CPU's mapping: its size, and what lies beyond")
{
	int kvm = kvm_open(), vm = vm_new(kvm), cpu = cpu_new(vm, 0);
	int size = call(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	volatile char *run;

	REQUIRE(size >= (int)sizeof(struct kvm_run));
	EXPECT_EQ(size % PAGE, 0);
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	REQUIRE(run != MAP_FAILED);
	for (int at = 0; at < size; at += PAGE)
		run[at] = run[at];	/* SIGBUS if it is not there */
	EXPECT(true);
}

/* 4.3: E2BIG, and how many there are; EFAULT. */
TEST(msr_lists, "KVM_GET_MSR_INDEX_LIST and its like: E2BIG, EFAULT, no twins")
{
	static const struct {
		const char *name;
		unsigned long request;
	} lists[] = {
		{ "KVM_GET_MSR_INDEX_LIST", KVM_GET_MSR_INDEX_LIST },
		{ "KVM_GET_MSR_FEATURE_INDEX_LIST", KVM_GET_MSR_FEATURE_INDEX_LIST },
	};
	int kvm = kvm_open();

	for_each(one, lists)
		SUBTEST("%s", one->name) {
			struct kvm_msr_list *list = calloc(1, sizeof(*list) + 4096 * 4);
			unsigned int count, twins = 0;

			EXPECT_ERROR(call(kvm, one->request, 8), EFAULT);
			EXPECT_ERROR(call(kvm, one->request, list), E2BIG);
			count = list->nmsrs;
			EXPECT(count && count < 4096);
			if (count > 1) {
				list->nmsrs = count - 1;
				EXPECT_ERROR(call(kvm, one->request, list), E2BIG);
			}
			list->nmsrs = count;
			REQUIRE_DONE(call(kvm, one->request, list));
			EXPECT_EQ(list->nmsrs, count);
			for (unsigned int i = 0; i < count; i++)
				for (unsigned int j = 0; j < i; j++)
					twins += list->indices[i] == list->indices[j];
			EXPECT_EQ(twins, 0);
		}
}

/* 4.18: read on /dev/kvm, they are what the host can give. */
TEST(msr_features, "each MSR of KVM_GET_MSR_FEATURE_INDEX_LIST can be read on /dev/kvm",
     REQUIRES(KVM_CAP_GET_MSR_FEATURES))
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + 4096 * 4);
	int kvm = kvm_open();
	uint64_t value;

	list->nmsrs = 4096;
	REQUIRE_DONE(call(kvm, KVM_GET_MSR_FEATURE_INDEX_LIST, list));
	for (unsigned int i = 0; i < list->nmsrs; i++)
		SUBTEST("%#x", list->indices[i])
			EXPECT_EQ(cpu_msr_get(kvm, list->indices[i], &value), 1);
	/* One that is no feature. */
	EXPECT(cpu_msr_get(kvm, 0xdead, &value) <= 0);
}

/* 4.7: "unique … in the range [0, max_vcpu_ids)" */
TEST(cpu_ids, "KVM_CREATE_VCPU: twice, out of range, and as many as said")
{
	int kvm = kvm_open(), vm = vm_new(kvm), cpu;
	int ids = kvm_has(vm, KVM_CAP_MAX_VCPU_ID);

	cpu = cpu_new(vm, 0);
	EXPECT_ERROR(call(vm, KVM_CREATE_VCPU, 0), EEXIST);
	EXPECT_ERROR(call(vm, KVM_CREATE_VCPU, ids), EINVAL);
	EXPECT_ERROR(call(vm, KVM_CREATE_VCPU, ~0u), EINVAL);
	EXPECT_DONE(call(vm, KVM_CREATE_VCPU, ids - 1));
	/* Its id is in use as long as the VM lives, whoever has closed what. */
	close(cpu);
	EXPECT_ERROR(call(vm, KVM_CREATE_VCPU, 0), EEXIST);
}

/* 7.32 */
TEST(max_id, "KVM_CAP_MAX_VCPU_ID bounds ids, once, before there is any CPU",
     REQUIRES(KVM_CAP_MAX_VCPU_ID))
{
	int kvm = kvm_open(), vm = vm_new(kvm), ids = kvm_has(vm, KVM_CAP_MAX_VCPU_ID), done;

	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_MAX_VCPU_ID, ids + 1), EINVAL);
	done = kvm_enable(vm, KVM_CAP_MAX_VCPU_ID, 4);
	if (!EXPECT_DONE(done))
		return;
	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_MAX_VCPU_ID, 8), EINVAL);
	EXPECT_ERROR(call(vm, KVM_CREATE_VCPU, 4), EINVAL);
	EXPECT_DONE(call(vm, KVM_CREATE_VCPU, 3));
}

/* 4.37: what is unknown, and what has flags, is refused. */
TEST(enable_nothing, "KVM_ENABLE_CAP of what is unknown, with flags, and of nowhere")
{
	int kvm = kvm_open(), vm = vm_new(kvm), cpu = cpu_new(vm, 0);
	struct kvm_enable_cap flagged = { .cap = KVM_CAP_HALT_POLL, .flags = 1 };

	EXPECT_ERROR(kvm_enable(vm, 99999, 0), EINVAL);
	EXPECT_ERROR(kvm_enable(cpu, 99999, 0), EINVAL);
	EXPECT_ERROR(call(vm, KVM_ENABLE_CAP, &flagged), EINVAL);
	EXPECT_ERROR(call(vm, KVM_ENABLE_CAP, 8), EFAULT);
	EXPECT_ERROR(call(cpu, KVM_ENABLE_CAP, 8), EFAULT);
}
