/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's leaves (TLFS, "Feature and Interface Discovery").  What KVM supports it
 * says by KVM_GET_SUPPORTED_HV_CPUID; more is never announced.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/str.h"
#include "defs/cpuid.h"
#include "vmm/x86/cpu_model.h"

#define HV_BASE		0x40000000u
#define HV_FEATURES	0x40000003u
#define HV_ADVICE	0x40000004u
#define HV_LIMITS	0x40000005u
#define HV_LAST		0x4000000au	/* of those that nested virtualisation adds */
#define KVM_LEAVES	2		/* KVM's own, which move */
#define MOVED		0x100u

#define FEATURE(reg, bit) CPUID_BIT(HV_FEATURES, 0, CPUID_##reg, bit)
#define ADVICE(bit) CPUID_BIT(HV_ADVICE, 0, CPUID_EAX, bit)
#define SYNIC		FEATURE(EAX, 2)

/* One name may stand for several bits. */
static const struct cpu_feature words[] = {
	{ "hv-runtime", FEATURE(EAX, 0) }, { "hv-time", FEATURE(EAX, 1) },
	{ "hv-time", FEATURE(EAX, 9) }, { "hv-synic", SYNIC },
	{ "hv-stimer", FEATURE(EAX, 3) }, { "hv-vapic", FEATURE(EAX, 4) },
	{ "hv-vapic", ADVICE(3) }, { "hv-relaxed", ADVICE(5) },
	{ "hv-vpindex", FEATURE(EAX, 6) }, { "hv-reset", FEATURE(EAX, 7) },
	{ "hv-frequencies", FEATURE(EAX, 11) },
	{ "hv-frequencies", FEATURE(EDX, 8) },
	{ "hv-reenlightenment", FEATURE(EAX, 13) },
	{ "hv-crash", FEATURE(EDX, 10) }, { "hv-stimer-direct", FEATURE(EDX, 19) },
	{ "hv-tlbflush", ADVICE(2) }, { "hv-tlbflush", ADVICE(11) },
	{ "hv-ipi", ADVICE(10) }, { "hv-ipi", ADVICE(11) },
	{ "hv-avic", ADVICE(9) }, { "hv-apicv", ADVICE(9) },
	{ "hv-evmcs", ADVICE(14) },
};

/* What every guest of Hyper-V needs: hypercalls, messages and events among them. */
static const uint32_t always[] = { FEATURE(EAX, 5), FEATURE(EBX, 4), FEATURE(EBX, 5) };

_Static_assert(sizeof(words) / sizeof(*words) <= 64, "hyperv_choice.on");

bool cpu_hyperv_word(struct hyperv_choice *choice, const char *word, size_t length)
{
	const char *value = memchr(word, '=', length);
	size_t name = value ? (size_t)(value - word) : length;
	bool on = !value || str_same(value, word + length - value, "=on");
	bool found = false;

	if (cpu_name_same(word, name, "hv-passthrough")) {
		choice->passthrough = on;
		choice->any |= on;
		return true;
	}
	if (value && cpu_name_same(word, name, "hv-spinlocks")) {
		choice->spinlocks = strtoul(value + 1, NULL, 0);
		return choice->any = true;
	}
	if (value && cpu_name_same(word, name, "hv-vendor-id")) {
		snprintf(choice->vendor, sizeof(choice->vendor), "%.*s",
			 (int)(word + length - value - 1), value + 1);
		return choice->any = true;
	}
	if (value && !on && !str_same(value, word + length - value, "=off"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!cpu_name_same(word, name, words[i].name))
			continue;
		found = true;
		choice->on &= ~(1ull << i);
		choice->on |= (uint64_t)on << i;
	}
	choice->any |= found && on;
	return found;
}

static struct kvm_cpuid2 *supported_get(int kvm)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + CPUID_ENTRIES *
					  sizeof(cpuid->entries[0]));

	if (!cpuid)
		return NULL;
	cpuid->nent = CPUID_ENTRIES;
	if (ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_SYS_HYPERV_CPUID) > 0 &&
	    ioctl(kvm, KVM_GET_SUPPORTED_HV_CPUID, cpuid) >= 0)
		return cpuid;
	free(cpuid);
	return NULL;
}

static void entry_add(struct kvm_cpuid2 *cpuid, struct kvm_cpuid_entry2 entry)
{
	if (cpuid->nent < CPUID_ENTRIES)
		cpuid->entries[cpuid->nent++] = entry;
}

/* Leaves as KVM has them, or empty where bits are chosen one by one. */
static void leaves_add(struct kvm_cpuid2 *cpuid, const struct kvm_cpuid2 *supported,
		       const struct hyperv_choice *choice)
{
	for (uint32_t i = 0; i < supported->nent; i++) {
		struct kvm_cpuid_entry2 e = supported->entries[i];

		if (e.function < HV_BASE || e.function > HV_LAST ||
		    (!choice->passthrough && e.function > HV_LIMITS))
			continue;
		if (e.function == HV_BASE)
			e.eax = choice->passthrough ? HV_LAST : HV_LIMITS;
		if (!choice->passthrough &&
		    (e.function == HV_FEATURES || e.function == HV_ADVICE))
			e.eax = e.ebx = e.ecx = e.edx = 0;
		if (e.function == HV_ADVICE && !choice->passthrough)
			e.ebx = choice->spinlocks ? choice->spinlocks : ~0u;
		entry_add(cpuid, e);
	}
}

static int bit_add(struct kvm_cpuid2 *cpuid, const struct kvm_cpuid2 *supported,
		   const char *name, uint32_t bit, char *why, size_t size)
{
	if (!cpu_model_get(supported, bit)) {
		snprintf(why, size, "this KVM lacks '%s'", name);
		return 1;
	}
	cpu_model_set(cpuid, bit, true);
	return 0;
}

static int bits_add(struct kvm_cpuid2 *cpuid, const struct kvm_cpuid2 *supported,
		    const struct hyperv_choice *choice, char *why, size_t size)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		if (cpu_model_get(supported, always[i]))
			cpu_model_set(cpuid, always[i], true);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (choice->on >> i & 1 &&
		    bit_add(cpuid, supported, words[i].name, words[i].bit, why, size))
			return 1;
	return 0;
}

int cpu_hyperv_add(struct cpu_model *model, const struct hyperv_choice *choice, int kvm,
		   char *why, size_t size)
{
	struct kvm_cpuid2 *supported = supported_get(kvm);
	struct kvm_cpuid_entry2 *e;
	int result = 0;

	if (!supported) {
		snprintf(why, size, "this KVM lacks Hyper-V's enlightenments");
		return 1;
	}
	for (uint32_t leaf = HV_BASE; leaf < HV_BASE + KVM_LEAVES; leaf++) {
		e = cpuid_find(model->cpuid, leaf, 0);
		if (e && leaf == HV_BASE)
			e->eax = HV_BASE + MOVED + 1;
		if (e)
			e->function += MOVED;
	}
	leaves_add(model->cpuid, supported, choice);
	if (!choice->passthrough)
		result = bits_add(model->cpuid, supported, choice, why, size);
	e = cpuid_find(model->cpuid, HV_BASE, 0);
	if (e && *choice->vendor) {
		memcpy(&e->ebx, choice->vendor, 4);
		memcpy(&e->ecx, choice->vendor + 4, 4);
		memcpy(&e->edx, choice->vendor + 8, 4);
	}
	model->synic = cpu_model_get(model->cpuid, SYNIC);
	free(supported);
	return result;
}
