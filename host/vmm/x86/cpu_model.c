/* SPDX-License-Identifier: BSD-2-Clause */
/* From a model's words to what KVM is told. */
#include "vmm/x86/cpu_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "defs/cpuid.h"

#define CPUID_BYTES	(sizeof(struct kvm_cpuid2) +			\
			 CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2))
#define EXTENDED	0x80000000u
#define PARAVIRTUAL	0x40000000u	/* up to EXTENDED: hypervisors' leaves */

/* arch_prctl(2) on behalf of guests, for AMX's tile data. */
#define ARCH_REQ_XCOMP_GUEST_PERM	0x1025
#define XFEATURE_TILE_DATA		18

/* QEMU under KVM gives these to models that are not the host's. */
static const char *const kvm_on[] = { "x2apic" };
static const char *const kvm_off[] = { "svm", "monitor", "acpi" };

struct building {
	struct cpu_model *model;
	const struct kvm_cpuid2 *supported;
	struct cpu_choice choice;
	int kvm;
	char *why;
	size_t size;
};

struct kvm_cpuid_entry2 *cpuid_find(struct kvm_cpuid2 *cpuid, uint32_t function,
				    uint32_t index)
{
	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == function &&
		    cpuid->entries[i].index == index)
			return &cpuid->entries[i];
	return NULL;
}

static uint32_t *feature_register(struct kvm_cpuid2 *cpuid, uint32_t bit)
{
	struct kvm_cpuid_entry2 *e = cpuid_find(cpuid, CPUID_FEATURE_LEAF(bit),
						CPUID_FEATURE_SUBLEAF(bit));

	if (!e)
		return NULL;
	return (uint32_t *[]){ &e->eax, &e->ebx, &e->ecx, &e->edx }[CPUID_FEATURE_REG(bit)];
}

bool cpu_model_get(const struct kvm_cpuid2 *cpuid, uint32_t bit)
{
	uint32_t *reg = feature_register((struct kvm_cpuid2 *)(uintptr_t)cpuid, bit);

	return reg && *reg >> CPUID_FEATURE_BIT(bit) & 1;
}

void cpu_model_set(struct kvm_cpuid2 *cpuid, uint32_t bit, bool on)
{
	uint32_t *reg = feature_register(cpuid, bit);

	if (!reg)
		return;
	*reg &= ~(1u << CPUID_FEATURE_BIT(bit));
	*reg |= (uint32_t)on << CPUID_FEATURE_BIT(bit);
}

static struct kvm_cpuid2 *cpuid_get(int kvm, unsigned long request)
{
	struct kvm_cpuid2 *cpuid = calloc(1, CPUID_BYTES);

	if (!cpuid)
		return NULL;
	cpuid->nent = CPUID_ENTRIES;
	if (ioctl(kvm, request, cpuid) < 0) {
		free(cpuid);
		return NULL;
	}
	return cpuid;
}

const struct kvm_cpuid2 *cpu_supported(int kvm, bool anew)
{
	static struct kvm_cpuid2 *known;

	if (anew) {
		free(known);
		known = NULL;
	}
	if (!known)
		known = cpuid_get(kvm, KVM_GET_SUPPORTED_CPUID);
	return known;
}

/* Features that KVM emulates are not on offer until they are asked for. */
static bool emulated(int kvm, uint32_t bit)
{
	struct kvm_cpuid2 *cpuid = cpuid_get(kvm, KVM_GET_EMULATED_CPUID);
	bool found = cpuid && cpu_model_get(cpuid, bit);

	free(cpuid);
	return found;
}

/* For cpu_named_each(): "name" is on, "-name" off, by number in the array. */
static void collect(void *context, const char *word, size_t length)
{
	bool on = *word != '-';
	uint8_t *wanted = context;
	unsigned int i = cpu_feature_find(word + !on, length - !on, 0);

	for (; i < cpu_feature_count; i = cpu_feature_find(word + !on, length - !on, i + 1))
		wanted[i] = on;
}

static void collect_all(uint8_t *wanted, const char *words)
{
	const char *word;
	size_t length;

	while ((word = str_word(&words, " ", &length)))
		collect(wanted, word, length);
}

/* Of what KVM supports only what the model names stays; its own leaves do anyhow. */
static void features_restrict(struct building *b)
{
	struct kvm_cpuid2 *cpuid = b->model->cpuid;
	uint8_t wanted[CPU_FEATURES_MAX] = { 0 };

	cpu_named_each(b->choice.named, collect, wanted);
	for (size_t i = 0; i < sizeof(kvm_on) / sizeof(*kvm_on); i++)
		collect(wanted, kvm_on[i], strlen(kvm_on[i]));
	for (size_t i = 0; i < sizeof(kvm_off) / sizeof(*kvm_off); i++)
		wanted[cpu_feature_find(kvm_off[i], strlen(kvm_off[i]), 0)] = 0;
	if (b->choice.version)
		collect_all(wanted, b->choice.version);
	for (unsigned int i = 0; i < cpu_feature_count; i++)
		if (CPUID_FEATURE_LEAF(cpu_features[i].bit) >> 28 != PARAVIRTUAL >> 28)
			cpu_model_set(cpuid, cpu_features[i].bit, false);
	for (unsigned int i = 0; i < cpu_feature_count; i++) {
		uint32_t bit = cpu_features[i].bit;

		if (wanted[i] && (cpu_model_get(b->supported, bit) || bit == CPU_TSC_DEADLINE))
			cpu_model_set(cpuid, bit, true);
	}
}

static int wishes_apply(struct building *b)
{
	for (unsigned int i = 0; i < cpu_feature_count; i++) {
		uint32_t bit = cpu_features[i].bit;

		if (b->choice.wish[i] == CPU_OFF)
			cpu_model_set(b->model->cpuid, bit, false);
		if (b->choice.wish[i] != CPU_ON)
			continue;
		/* The TSC deadline timer is ours to announce: see api.rst. */
		if (!cpu_model_get(b->supported, bit) && bit != CPU_TSC_DEADLINE &&
		    !emulated(b->kvm, bit)) {
			snprintf(b->why, b->size, "this KVM lacks CPU feature '%s'",
				 cpu_features[i].name);
			return 1;
		}
		cpu_model_set(b->model->cpuid, bit, true);
	}
	return 0;
}

/* A value that the model says itself, or that it takes over from another. */
#define INHERITED(field)						\
static __typeof__(((struct cpu_named *)0)->field)			\
named_##field(const struct cpu_named *named)				\
{									\
	while (!named->field && named->like)				\
		named = cpu_named_find(named->like, strlen(named->like)); \
	return named->field;						\
}

INHERITED(signature)
INHERITED(level)
INHERITED(xlevel)
INHERITED(brand)

static void vendor_set(struct kvm_cpuid2 *cpuid, const char *vendor)
{
	static const uint32_t leaves[] = { 0, EXTENDED };

	for (size_t i = 0; i < sizeof(leaves) / sizeof(*leaves); i++) {
		struct kvm_cpuid_entry2 *e = cpuid_find(cpuid, leaves[i], 0);

		if (!e)
			continue;
		memcpy(&e->ebx, vendor, 4);
		memcpy(&e->edx, vendor + 4, 4);
		memcpy(&e->ecx, vendor + 8, 4);
	}
}

static void brand_set(struct kvm_cpuid2 *cpuid, const char *brand)
{
	uint32_t words[12] = { 0 };

	memcpy(words, brand, strnlen(brand, sizeof(words) - 1));
	for (unsigned int i = 0; i < 3; i++) {
		struct kvm_cpuid_entry2 *e = cpuid_find(cpuid, EXTENDED + 2 + i, 0);

		if (!e)
			continue;
		e->eax = words[4 * i];
		e->ebx = words[4 * i + 1];
		e->ecx = words[4 * i + 2];
		e->edx = words[4 * i + 3];
	}
}

/* CPUID.1:EAX (SDM 2A, "Version Information"). */
static void signature_set(struct kvm_cpuid2 *cpuid, const struct cpu_choice *c)
{
	struct kvm_cpuid_entry2 *e = cpuid_find(cpuid, 1, 0);
	uint32_t base = named_signature(c->named);

	if (!e)
		return;
	if (base)
		e->eax = base;
	if (c->family >= 0) {
		e->eax &= ~0x0ff00f00u;
		e->eax |= c->family > 0xf ? 0xf00 | (c->family - 0xf) << 20 :
			c->family << 8;
	}
	if (c->number >= 0)
		e->eax = (e->eax & ~0x000f00f0u) | (c->number & 0xf) << 4 |
			c->number >> 4 << 16;
	if (c->stepping >= 0)
		e->eax = (e->eax & ~0xfu) | c->stepping;
}

static int phys_bits_set(struct building *b)
{
	struct kvm_cpuid_entry2 *e = cpuid_find(b->model->cpuid, EXTENDED + 8, 0);
	unsigned int wanted = b->choice.phys_bits, limit = b->choice.phys_bits_limit;

	if (!e)
		return 0;
	if (!wanted && limit && limit < (e->eax & 0xff))
		wanted = limit;
	if (!wanted)
		return 0;
	if (wanted > (e->eax & 0xff)) {
		snprintf(b->why, b->size, "this KVM has %u physical address bits, not %u",
			 e->eax & 0xff, wanted);
		return 1;
	}
	e->eax = (e->eax & ~0xffu) | wanted;
	return 0;
}

static void entries_remove(struct kvm_cpuid2 *cpuid, uint32_t from, uint32_t to)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function < from || cpuid->entries[i].function > to)
			cpuid->entries[kept++] = cpuid->entries[i];
	cpuid->nent = kept;
}

/* Without what they rest on, these are not to be announced either. */
static void consequences(struct building *b)
{
	static const char *const vectors[] = {
		"avx", "avx2", "fma", "f16c", "avx512f", "avx512dq", "avx512ifma",
		"avx512cd", "avx512bw", "avx512vl", "avx512vbmi", "avx512vbmi2",
		"avx512vnni", "avx512bitalg", "avx512-vpopcntdq", "avx512-bf16",
		"avx512-fp16", "avx-vnni", "avx-ifma", "vaes", "vpclmulqdq", "xop",
		"fma4", "pku", "mpx", "amx-tile", "amx-int8", "amx-bf16",
	};
	struct kvm_cpuid2 *cpuid = b->model->cpuid;

	if (!cpu_model_get(cpuid, CPU_XSAVE)) {
		for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++)
			cpu_model_set(cpuid, cpu_features[cpu_feature_find(
				vectors[i], strlen(vectors[i]), 0)].bit, false);
		entries_remove(cpuid, 0xd, 0xd);
	}
	if (!cpu_model_get(cpuid, CPU_SVM))
		entries_remove(cpuid, EXTENDED + 0xa, EXTENDED + 0xa);
}

static void pmu_set(struct building *b)
{
	static const char *const parts[] = { "pdcm", "arch-lbr", "perfctr-core", "perfctr-nb" };
	struct kvm_cpuid2 *cpuid = b->model->cpuid;

	/* As on QEMU: models of the host have one, others only if told so. */
	b->model->pmu = b->choice.pmu == CPU_UNSAID ? !b->choice.named->features :
		b->choice.pmu == CPU_ON;
	if (b->model->pmu)
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		cpu_model_set(cpuid, cpu_features[cpu_feature_find(
			parts[i], strlen(parts[i]), 0)].bit, false);
	entries_remove(cpuid, 0xa, 0xa);
	entries_remove(cpuid, EXTENDED + 0x22, EXTENDED + 0x22);
}

static uint32_t highest(const struct kvm_cpuid2 *cpuid, uint32_t from, uint32_t to)
{
	uint32_t last = from;

	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function > last && cpuid->entries[i].function <= to)
			last = cpuid->entries[i].function;
	return last;
}

/*
 * The highest leaf of a range: as told, or as the model's, but raised to @needed, the
 * last leaf with a feature in it; leaves above are cut off.
 */
static void level_set(struct kvm_cpuid2 *cpuid, uint32_t from, uint32_t to,
		      uint32_t told, uint32_t named, uint32_t needed)
{
	struct kvm_cpuid_entry2 *e = cpuid_find(cpuid, from, 0);
	uint32_t level = told ? told : named > needed ? named : needed;

	if (!e || (!told && !named))
		return;
	if (level < highest(cpuid, from, to))
		entries_remove(cpuid, level + 1, to);
	e->eax = level;
}

static void levels_set(struct building *b)
{
	struct kvm_cpuid2 *cpuid = b->model->cpuid;
	uint32_t basic = 1, extended = EXTENDED;

	for (unsigned int i = 0; i < cpu_feature_count; i++) {
		uint32_t leaf = CPUID_FEATURE_LEAF(cpu_features[i].bit);

		if (!cpu_model_get(cpuid, cpu_features[i].bit))
			continue;
		if (leaf < PARAVIRTUAL && leaf > basic)
			basic = leaf;
		if (leaf > extended)
			extended = leaf;
	}
	level_set(cpuid, 0, PARAVIRTUAL - 1, b->choice.level,
		  named_level(b->choice.named), basic);
	level_set(cpuid, EXTENDED, ~0u, b->choice.xlevel,
		  named_xlevel(b->choice.named), extended);
}

static int model_apply(struct building *b)
{
	const struct cpu_choice *c = &b->choice;
	struct kvm_cpuid2 *cpuid = b->model->cpuid;
	bool own = !c->named->features;
	unsigned int invtsc = cpu_feature_find("invtsc", 6, 0);
	int result;

	if (own) {
		cpu_model_set(cpuid, CPU_TSC_DEADLINE, true);
		if (c->migratable != CPU_OFF && c->wish[invtsc] == CPU_UNSAID)
			cpu_model_set(cpuid, cpu_features[invtsc].bit, false);
	} else {
		features_restrict(b);
	}
	/* KVM offers it, whether or not it says so. */
	cpu_model_set(cpuid, CPU_HYPERVISOR, true);
	/* As QEMU with KVM: SYSRET, MSRs and more of the host's CPU are its vendor's. */
	if (*c->vendor)
		vendor_set(cpuid, c->vendor);
	if (named_brand(c->named))
		brand_set(cpuid, named_brand(c->named));
	signature_set(cpuid, c);
	result = phys_bits_set(b);
	if (!result)
		result = wishes_apply(b);
	if (result)
		return result;
	pmu_set(b);
	consequences(b);
	levels_set(b);
	if (c->kvm == CPU_OFF)
		entries_remove(cpuid, PARAVIRTUAL, PARAVIRTUAL + 1);
	return c->hyperv.any ? cpu_hyperv_add(b->model, &c->hyperv, b->kvm, b->why, b->size) : 0;
}

/* Tile data is large, and a process may have to ask to give it to guests. */
static bool amx_permit(const struct cpu_choice *choice)
{
	unsigned int tile = cpu_feature_find("amx-tile", 8, 0);

	return choice->wish[tile] == CPU_ON &&
		!syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_GUEST_PERM, XFEATURE_TILE_DATA);
}

void cpu_model_free(struct cpu_model *model)
{
	if (model)
		free(model->cpuid);
	free(model);
}

struct cpu_model *cpu_model_build(int kvm, const char *text, char *why, size_t size,
				  int *result)
{
	struct building b = { .kvm = kvm, .why = why, .size = size };

	*result = -1;
	b.model = calloc(1, sizeof(*b.model));
	if (b.model)
		b.model->cpuid = calloc(1, CPUID_BYTES);
	if (!b.model || !b.model->cpuid)
		snprintf(why, size, "no memory for a CPU model");
	else
		*result = cpu_choice_read(&b.choice, b.model, kvm, text ? text : "qemu64",
					  why, size);
	/* With the permission, KVM supports more. */
	if (!*result)
		b.supported = cpu_supported(kvm, amx_permit(&b.choice));
	if (!*result && !b.supported) {
		snprintf(why, size, "KVM_GET_SUPPORTED_CPUID failed");
		*result = -1;
	}
	if (!*result) {
		memcpy(b.model->cpuid, b.supported, CPUID_BYTES);
		*result = model_apply(&b);
	}
	if (!*result)
		return b.model;
	cpu_model_free(b.model);
	return NULL;
}

void cpu_model_for(struct kvm_cpuid2 *cpuid, unsigned int index,
		   unsigned int cpus)
{
	unsigned int bits = 0;

	while (1u << bits < cpus)
		bits++;
	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		switch (e->function) {
		case 1:		/* initial APIC id, logical processors */
			e->ebx = (e->ebx & 0x0000ffff) | index << 24 |
				(cpus < 255 ? cpus : 255) << 16;
			break;
		case 0xb:	/* one thread a core, all cores in one package */
		case 0x1f:
			e->edx = index;
			e->eax = e->index ? bits : 0;
			e->ebx = e->index == 0 ? 1 : e->index == 1 ? cpus : 0;
			e->ecx = e->index | (e->index == 0 ? 0x100 :
					     e->index == 1 ? 0x200 : 0);
			break;
		case 0x8000001e:
			e->eax = index;
			e->ebx = index & 0xff;
			e->ecx = 0;
			break;
		case 0x80000008:
			e->ecx = (bits << 12) | ((cpus - 1) & 0xff);
			break;
		}
	}
}
