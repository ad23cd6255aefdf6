/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a CPU an arm64 CPU of the machine's model. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"
#include "vmm/arm/platform.h"
#include "vmm/machine.h"

#define MPIDR_EL1	SYSREG(3, 0, 0, 0, 5)
#define MPIDR_AFFINITY	0xff00ffffffull
#define PMU_PPI		23	/* the overflow interrupt's INTID (BSA) */

static bool extension(int kvm, int cap)
{
	return ioctl(kvm, KVM_CHECK_EXTENSION, cap) > 0;
}

/* A word that turns something on or off, in QEMU's spellings: "x=on", "+x", "-x". */
static bool switch_take(const char *word, size_t length, const char *name, bool *on)
{
	size_t n = strlen(name);

	if (length == n + 1 && (*word == '+' || *word == '-') && !memcmp(word + 1, name, n)) {
		*on = *word == '+';
		return true;
	}
	if (length <= n || memcmp(word, name, n) || word[n] != '=')
		return false;
	*on = str_same(word + n + 1, length - n - 1, "on");
	return *on || str_same(word + n + 1, length - n - 1, "off");
}

static int word_take(struct cpu_model *model, const char *word, size_t length, bool first)
{
	bool on;

	if (first)
		return str_same(word, length, "host") || str_same(word, length, "max") ? 0 : -1;
	if (switch_take(word, length, "pmu", &model->pmu) ||
	    switch_take(word, length, "sve", &model->sve) ||
	    switch_take(word, length, "pauth", &model->ptrauth))
		return 0;
	if (!switch_take(word, length, "aarch64", &on))
		return -1;
	model->is_32bit = !on;
	return 0;
}

/* 0; 1 with @why if KVM lacks what is asked for; -1 if a word is not known. */
static int model_read(struct cpu_model *model, int kvm, const char *words, char *why, size_t size)
{
	const bool pmu = extension(kvm, KVM_CAP_ARM_PMU_V3), sve = extension(kvm, KVM_CAP_ARM_SVE),
		ptrauth = extension(kvm, KVM_CAP_ARM_PTRAUTH_ADDRESS) &&
			extension(kvm, KVM_CAP_ARM_PTRAUTH_GENERIC);
	const char *lacks = NULL;
	bool first = true;

	*model = (struct cpu_model){ .pmu = pmu, .sve = sve, .ptrauth = ptrauth };
	for (const char *word = words ? words : "host"; *word; first = false) {
		size_t length = strcspn(word, ",");

		if (word_take(model, word, length, first)) {
			snprintf(why, size, "'%.*s'", (int)length, word);
			return -1;
		}
		word += length + (word[length] == ',');
	}
	/* AArch32 has neither. */
	if (model->is_32bit)
		model->sve = model->ptrauth = false;
	if (model->is_32bit && !extension(kvm, KVM_CAP_ARM_EL1_32BIT))
		lacks = "AArch32 at EL1";
	else if (model->pmu && !pmu)
		lacks = "a PMU";
	else if (model->sve && !sve)
		lacks = "SVE";
	else if (model->ptrauth && !ptrauth)
		lacks = "pointer authentication";
	if (lacks)
		snprintf(why, size, "this KVM lacks %s", lacks);
	return lacks != NULL;
}

int vm_cpu_supported(const char *cpu, char *why, size_t size)
{
	int kvm = open(DEV_KVM, O_RDWR | O_CLOEXEC), result;
	struct cpu_model model;

	if (kvm < 0) {
		snprintf(why, size, DEV_KVM ": %s", strerror(errno));
		return -1;
	}
	result = model_read(&model, kvm, cpu, why, size);
	close(kvm);
	return result;
}

const struct cpu_model *cpu_model(void)
{
	static struct cpu_model model;
	static bool read;
	char why[200];
	int result;

	if (read)
		return &model;
	result = model_read(&model, machine.kvm, machine.config->cpu, why, sizeof(why));
	if (result)
		machine_end(NULL, result > 0 ? VM_END_UNSUPPORTED : VM_END_ERROR, 0, "%s", why);
	read = true;
	return &model;
}

static struct kvm_vcpu_init init_of(unsigned int cpu)
{
	const struct cpu_model *model = cpu_model();
	struct kvm_vcpu_init init;

	must(ioctl(machine.vm, KVM_ARM_PREFERRED_TARGET, &init), "KVM_ARM_PREFERRED_TARGET");
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2 |
		(uint32_t)(cpu > 0) << KVM_ARM_VCPU_POWER_OFF |
		(uint32_t)model->is_32bit << KVM_ARM_VCPU_EL1_32BIT |
		(uint32_t)model->pmu << KVM_ARM_VCPU_PMU_V3 |
		(uint32_t)model->sve << KVM_ARM_VCPU_SVE |
		(uint32_t)model->ptrauth << KVM_ARM_VCPU_PTRAUTH_ADDRESS |
		(uint32_t)model->ptrauth << KVM_ARM_VCPU_PTRAUTH_GENERIC;
	return init;
}

uint64_t arch_model_hash(void)
{
	struct kvm_vcpu_init init = init_of(0);
	uint64_t midr = register_get(&machine.vcpus[0], SYSREG(3, 0, 0, 0, 0));

	return hash_bytes(&init, sizeof(init)) ^ hash_bytes(&midr, sizeof(midr));
}

uint64_t mpidr_of(const struct vcpu *vcpu)
{
	return register_get(vcpu, MPIDR_EL1) & MPIDR_AFFINITY;
}

/* KVM wants the GIC first, which wants all CPUs. */
static void pmu_start(struct vcpu *vcpu)
{
	int irq = PMU_PPI;
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PMU_V3_CTRL, .attr = KVM_ARM_VCPU_PMU_V3_IRQ,
		.addr = (uintptr_t)&irq,
	};

	must(ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr), "the PMU's interrupt");
	attr = (struct kvm_device_attr){
		.group = KVM_ARM_VCPU_PMU_V3_CTRL, .attr = KVM_ARM_VCPU_PMU_V3_INIT,
	};
	must(ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr), "starting the PMU");
}

void arch_vcpu_prepare(struct vcpu *vcpu)
{
	struct kvm_vcpu_init init = init_of(vcpu->index);
	int sve = KVM_ARM_VCPU_SVE;

	must(ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT");
	if (cpu_model()->sve)
		must(ioctl(vcpu->fd, KVM_ARM_VCPU_FINALIZE, &sve), "KVM_ARM_VCPU_FINALIZE");
	if (vcpu->index + 1 < machine.config->cpus)
		return;
	gic_start();
	for (unsigned int i = 0; cpu_model()->pmu && i < machine.config->cpus; i++)
		pmu_start(&machine.vcpus[i]);
}
