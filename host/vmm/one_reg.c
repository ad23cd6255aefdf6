/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs whose registers KVM gives and takes one by one. */
#include "vmm/one_reg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"

#define REGISTER_BYTES(id)						\
	((size_t)1 << (((id) & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT))

/* All CPUs have the same: the model is one. */
static struct kvm_reg_list *registers(void)
{
	static struct kvm_reg_list *list;
	struct kvm_reg_list none = { 0 };
	int fd = machine.vcpus[0].fd;

	if (list || (list = arch_register_list()))
		return list;
	if (ioctl(fd, KVM_GET_REG_LIST, &none) < 0 && errno != E2BIG)
		must(-1, "KVM_GET_REG_LIST");
	list = calloc(1, sizeof(*list) + none.n * sizeof(list->reg[0]));
	must(list ? 0 : -1, "memory for a list of registers");
	list->n = none.n;
	must(ioctl(fd, KVM_GET_REG_LIST, list), "KVM_GET_REG_LIST");
	return list;
}

size_t registers_size(void)
{
	const struct kvm_reg_list *list = registers();
	size_t size = 0;

	for (uint64_t i = 0; i < list->n; i++)
		size += REGISTER_BYTES(list->reg[i]);
	return size;
}

int registers_take(struct vcpu *vcpu, void *to)
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

static bool is_now(const struct vcpu *vcpu, uint64_t id, const void *value)
{
	uint8_t now[256];	/* a vector register's slice, the largest */
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)now };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) >= 0 &&
		!memcmp(now, value, REGISTER_BYTES(id));
}

int registers_put(struct vcpu *vcpu, const void *from)
{
	const struct kvm_reg_list *list = registers();
	const char *at = from;

	for (uint64_t i = 0; i < list->n; at += REGISTER_BYTES(list->reg[i]), i++) {
		struct kvm_one_reg reg = { .id = list->reg[i], .addr = (uintptr_t)at };

		if (arch_register_fixed(reg.id) && is_now(vcpu, reg.id, at))
			continue;
		if (ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg) < 0) {
			fprintf(stderr, "flatbed vm: register %#llx: ", (unsigned long long)reg.id);
			return -1;
		}
	}
	return 0;
}

/* What moves on by itself is not compared. */
void registers_settle(void *copy)
{
	const struct kvm_reg_list *list = registers();
	char *at = copy;

	for (uint64_t i = 0; i < list->n; at += REGISTER_BYTES(list->reg[i]), i++)
		if (arch_register_moves(list->reg[i]))
			memset(at, 0, REGISTER_BYTES(list->reg[i]));
}

void registers_where(const void *part, size_t offset, char *text, size_t size)
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

uint64_t register_get(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) < 0 ? 0 : value;
}

bool register_set(const struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg) >= 0;
}
