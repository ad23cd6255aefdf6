/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arm64 machine's parts, in the order in which they are put: the interrupt
 * controller after the CPUs would have it too, but parts of the VM come first; it
 * needs nothing of the CPUs but their affinities.
 *
 * A CPU is what KVM_GET_REG_LIST names: general and system registers, vectors,
 * timers, and what firmware pretends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/arm/platform.h"
#include "vmm/machine.h"
#include "vmm/slots.h"
#include "vmm/state.h"

#define REGISTER_BYTES(id)						\
	((size_t)1 << (((id) & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT))

/* All CPUs have the same: the model is one. */
static struct kvm_reg_list *registers(void)
{
	static struct kvm_reg_list *list;
	struct kvm_reg_list none = { 0 };
	int fd = machine.vcpus[0].fd;

	if (list)
		return list;
	if (ioctl(fd, KVM_GET_REG_LIST, &none) < 0 && errno != E2BIG)
		must(-1, "KVM_GET_REG_LIST");
	list = calloc(1, sizeof(*list) + none.n * sizeof(list->reg[0]));
	must(list ? 0 : -1, "memory for a list of registers");
	list->n = none.n;
	must(ioctl(fd, KVM_GET_REG_LIST, list), "KVM_GET_REG_LIST");
	return list;
}

static size_t registers_size(void)
{
	const struct kvm_reg_list *list = registers();
	size_t size = 0;

	for (uint64_t i = 0; i < list->n; i++)
		size += REGISTER_BYTES(list->reg[i]);
	return size;
}

static int registers_take(struct vcpu *vcpu, void *to)
{
	const struct kvm_reg_list *list = registers();
	char *at = to;

	for (uint64_t i = 0; i < list->n; at += REGISTER_BYTES(list->reg[i]), i++) {
		struct kvm_one_reg reg = { .id = list->reg[i], .addr = (uintptr_t)at };

		if (ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) < 0)
			return -1;
	}
	return 0;
}

static int registers_put(struct vcpu *vcpu, const void *from)
{
	const struct kvm_reg_list *list = registers();
	const char *at = from;

	for (uint64_t i = 0; i < list->n; at += REGISTER_BYTES(list->reg[i]), i++) {
		struct kvm_one_reg reg = { .id = list->reg[i], .addr = (uintptr_t)at };

		/* Vector lengths are the model's: they were settled with the CPU's start. */
		if (reg.id != KVM_REG_ARM64_SVE_VLS && ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg) < 0) {
			fprintf(stderr, "flatbed vm: register %#llx: ", (unsigned long long)reg.id);
			return -1;
		}
	}
	return 0;
}

/* Counters count on; what a timer shows follows from them. */
static void registers_settle(void *copy)
{
	static const uint64_t moving[] = {
		KVM_REG_ARM_TIMER_CNT, KVM_REG_ARM_PTIMER_CNT,
		SYSREG(3, 3, 9, 13, 0),		/* PMCCNTR_EL0 */
	};
	const struct kvm_reg_list *list = registers();
	char *at = copy;

	for (uint64_t i = 0; i < list->n; at += REGISTER_BYTES(list->reg[i]), i++)
		for (size_t m = 0; m < sizeof(moving) / sizeof(*moving); m++)
			if (list->reg[i] == moving[m])
				memset(at, 0, REGISTER_BYTES(list->reg[i]));
}

static void registers_where(const void *part, size_t offset, char *text, size_t size)
{
	const struct kvm_reg_list *list = registers();
	size_t at = 0;

	(void)part;
	for (uint64_t i = 0; i < list->n; at += REGISTER_BYTES(list->reg[i]), i++)
		if (offset < at + REGISTER_BYTES(list->reg[i])) {
			snprintf(text, size, "register %#llx", (unsigned long long)list->reg[i]);
			return;
		}
}

#define PLAIN(part, type, get, set)					\
static size_t part##_size(void)						\
{									\
	return sizeof(type);						\
}									\
									\
static int part##_take(struct vcpu *vcpu, void *to)			\
{									\
	memset(to, 0, sizeof(type));					\
	return ioctl(vcpu->fd, get, to);				\
}									\
									\
static int part##_put(struct vcpu *vcpu, const void *from)		\
{									\
	return ioctl(vcpu->fd, set, from);				\
}

PLAIN(events, struct kvm_vcpu_events, KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS)
PLAIN(mp_state, struct kvm_mp_state, KVM_GET_MP_STATE, KVM_SET_MP_STATE)

#define PART(part, text)						\
	.name = (text), .size = part##_size, .take = part##_take,	\
	.put = part##_put

const struct state_part arch_vm_parts[] = {
	{ PART(gic_state, "interrupt controller"), .where = gic_state_where },
	{ 0 }
};

const struct state_part arch_cpu_parts[] = {
	{ PART(registers, "registers"), .settle = registers_settle, .where = registers_where },
	{ PART(events, "events") },
	{ PART(mp_state, "run state") },
	{ 0 }
};

/* KVM works off a CPU_ON before it tells a CPU's run state. */
void arch_cpu_settle(struct vcpu *vcpu)
{
	struct kvm_mp_state now;

	must(ioctl(vcpu->fd, KVM_GET_MP_STATE, &now), "KVM_GET_MP_STATE");
}

void arch_cpu_clear(struct vcpu *vcpu)
{
	arch_cpu_settle(vcpu);
}

void arch_memory_learn(void)
{
}

/*
 * Guests' translations are found by hardware, by their tables' memory: KVM's notifiers
 * deal with host memory that changes place, and nothing else is derived from it.
 */
void arch_memory_forget(void)
{
}
