/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU models in QEMU's spelling: "MODEL[,+feature|,-feature|,key=value]…".
 * A model never has what this KVM does not support; a feature asked for by name
 * that KVM lacks is an unmet need.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "defs/cpuid.h"
#include "vmm/machine.h"

#define MAX_ENTRIES	256
#define CPUID_BYTES	(sizeof(struct kvm_cpuid2) +			\
			 MAX_ENTRIES * sizeof(struct kvm_cpuid_entry2))

static const struct feature {
	const char *name;
	uint32_t bit;
} features[] = {
#define L1C(n) CPUID_BIT(1, 0, CPUID_ECX, n)
#define L1D(n) CPUID_BIT(1, 0, CPUID_EDX, n)
#define L7B(n) CPUID_BIT(7, 0, CPUID_EBX, n)
#define L7C(n) CPUID_BIT(7, 0, CPUID_ECX, n)
#define L7D(n) CPUID_BIT(7, 0, CPUID_EDX, n)
#define E1C(n) CPUID_BIT(0x80000001u, 0, CPUID_ECX, n)
#define E1D(n) CPUID_BIT(0x80000001u, 0, CPUID_EDX, n)
#define E8B(n) CPUID_BIT(0x80000008u, 0, CPUID_EBX, n)
#define XS(n) CPUID_BIT(0xd, 1, CPUID_EAX, n)
	{ "pni", L1C(0) }, { "sse3", L1C(0) }, { "pclmulqdq", L1C(1) },
	{ "monitor", L1C(3) }, { "vmx", L1C(5) }, { "ssse3", L1C(9) },
	{ "fma", L1C(12) }, { "cx16", L1C(13) }, { "pdcm", L1C(15) },
	{ "pcid", L1C(17) }, { "sse4.1", L1C(19) }, { "sse4.2", L1C(20) },
	{ "x2apic", L1C(21) }, { "movbe", L1C(22) }, { "popcnt", L1C(23) },
	{ "tsc-deadline", L1C(24) }, { "aes", L1C(25) }, { "xsave", L1C(26) },
	{ "avx", L1C(28) }, { "f16c", L1C(29) }, { "rdrand", L1C(30) },
	{ "hypervisor", L1C(31) },
	{ "fpu", L1D(0) }, { "vme", L1D(1) }, { "de", L1D(2) },
	{ "pse", L1D(3) }, { "tsc", L1D(4) }, { "msr", L1D(5) },
	{ "pae", L1D(6) }, { "mce", L1D(7) }, { "cx8", L1D(8) },
	{ "apic", L1D(9) }, { "sep", L1D(11) }, { "mtrr", L1D(12) },
	{ "pge", L1D(13) }, { "mca", L1D(14) }, { "cmov", L1D(15) },
	{ "pat", L1D(16) }, { "pse36", L1D(17) }, { "clflush", L1D(19) },
	{ "mmx", L1D(23) }, { "fxsr", L1D(24) }, { "sse", L1D(25) },
	{ "sse2", L1D(26) }, { "ss", L1D(27) }, { "ht", L1D(28) },
	{ "fsgsbase", L7B(0) }, { "tsc-adjust", L7B(1) }, { "bmi1", L7B(3) },
	{ "hle", L7B(4) }, { "avx2", L7B(5) }, { "smep", L7B(7) },
	{ "bmi2", L7B(8) }, { "erms", L7B(9) }, { "invpcid", L7B(10) },
	{ "rtm", L7B(11) }, { "mpx", L7B(14) }, { "avx512f", L7B(16) },
	{ "avx512dq", L7B(17) }, { "rdseed", L7B(18) }, { "adx", L7B(19) },
	{ "smap", L7B(20) }, { "avx512ifma", L7B(21) },
	{ "clflushopt", L7B(23) }, { "clwb", L7B(24) }, { "avx512cd", L7B(28) },
	{ "sha-ni", L7B(29) }, { "avx512bw", L7B(30) }, { "avx512vl", L7B(31) },
	{ "avx512vbmi", L7C(1) }, { "umip", L7C(2) }, { "pku", L7C(3) },
	{ "waitpkg", L7C(5) }, { "avx512vbmi2", L7C(6) }, { "gfni", L7C(8) },
	{ "vaes", L7C(9) }, { "vpclmulqdq", L7C(10) },
	{ "avx512vnni", L7C(11) }, { "avx512bitalg", L7C(12) },
	{ "avx512-vpopcntdq", L7C(14) }, { "la57", L7C(16) },
	{ "rdpid", L7C(22) }, { "bus-lock-detect", L7C(24) },
	{ "movdiri", L7C(27) }, { "movdir64b", L7C(28) }, { "pks", L7C(31) },
	{ "fsrm", L7D(4) }, { "md-clear", L7D(10) }, { "spec-ctrl", L7D(26) },
	{ "stibp", L7D(27) }, { "flush-l1d", L7D(28) },
	{ "arch-capabilities", L7D(29) }, { "ssbd", L7D(31) },
	{ "lahf-lm", E1C(0) }, { "cmp-legacy", E1C(1) }, { "svm", E1C(2) },
	{ "cr8legacy", E1C(4) }, { "abm", E1C(5) }, { "sse4a", E1C(6) },
	{ "misalignsse", E1C(7) }, { "3dnowprefetch", E1C(8) },
	{ "osvw", E1C(9) }, { "xop", E1C(11) }, { "skinit", E1C(12) },
	{ "fma4", E1C(16) }, { "tbm", E1C(21) }, { "topoext", E1C(22) },
	{ "perfctr-core", E1C(23) },
	{ "syscall", E1D(11) }, { "nx", E1D(20) }, { "mmxext", E1D(22) },
	{ "fxsr-opt", E1D(25) }, { "pdpe1gb", E1D(26) }, { "rdtscp", E1D(27) },
	{ "lm", E1D(29) }, { "3dnowext", E1D(30) }, { "3dnow", E1D(31) },
	{ "clzero", E8B(0) }, { "xsaveerptr", E8B(2) }, { "rdpru", E8B(4) },
	{ "wbnoinvd", E8B(9) }, { "ibpb", E8B(12) }, { "ibrs", E8B(14) },
	{ "amd-stibp", E8B(15) }, { "amd-ssbd", E8B(24) },
	{ "virt-ssbd", E8B(25) },
	{ "xsaveopt", XS(0) }, { "xsavec", XS(1) }, { "xgetbv1", XS(2) },
	{ "xsaves", XS(3) },
	{ "invtsc", CPUID_BIT(0x80000007u, 0, CPUID_EDX, 8) },
	{ "arat", CPUID_BIT(6, 0, CPUID_EAX, 2) },
	{ "npt", CPUID_BIT(0x8000000au, 0, CPUID_EDX, 0) },
	{ "nrip-save", CPUID_BIT(0x8000000au, 0, CPUID_EDX, 3) },
#undef L1C
#undef L1D
#undef L7B
#undef L7C
#undef L7D
#undef E1C
#undef E1D
#undef E8B
#undef XS
};

/* Fixed models: QEMU 7.2's, as words of features. */
static const struct model {
	const char *name;
	const char *features;	/* NULL: all that KVM supports */
	const char *vendor;	/* NULL: the host's */
	uint32_t signature;	/* CPUID.1:EAX */
} models[] = {
	{ "max", NULL, NULL, 0 },
	{ "host", NULL, NULL, 0 },
	{ "qemu64", "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
	  "cmov pat pse36 clflush mmx fxsr sse sse2 pni cx16 hypervisor "
	  "syscall nx lm lahf-lm svm", "AuthenticAMD", 0xf61 },
	{ "Opteron_G1", "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge "
	  "mca cmov pat pse36 clflush mmx fxsr sse sse2 pni hypervisor syscall "
	  "nx lm", "AuthenticAMD", 0xf61 },
};

struct choice {
	const struct model *model;
	const char *vendor;
	uint32_t on[sizeof(features) / sizeof(features[0])];
	uint32_t off[sizeof(features) / sizeof(features[0])];
	unsigned int ons, offs;
	unsigned int phys_bits;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct feature *feature_find(const char *name, size_t length)
{
	for (unsigned int i = 0; i < COUNT(features); i++) {
		const char *f = features[i].name;
		size_t at;

		/* '_' and '-' are the same letter here. */
		for (at = 0; at < length && f[at]; at++)
			if (f[at] != name[at] &&
			    !(f[at] == '-' && name[at] == '_'))
				break;
		if (at == length && !f[at])
			return &features[i];
	}
	return NULL;
}

bool vm_cpu_feature(const char *name, size_t length, struct vm_cpuid_bit *where)
{
	const struct feature *f = feature_find(name, length);

	if (f)
		*where = (struct vm_cpuid_bit){
			CPUID_FEATURE_LEAF(f->bit), CPUID_FEATURE_SUBLEAF(f->bit),
			CPUID_FEATURE_REG(f->bit), CPUID_FEATURE_BIT(f->bit),
		};
	return f;
}

static bool starts(const char *word, size_t length, const char *with)
{
	return length >= strlen(with) && !memcmp(word, with, strlen(with));
}

/* Keys of QEMU that are about QEMU, or hold here anyhow. */
static bool word_ignored(const char *word, size_t length)
{
	static const char *const keys[] = {
		"host-phys-bits", "migratable", "check", "enforce", "kvm=on",
		"pmu=",
	};

	for (unsigned int i = 0; i < COUNT(keys); i++)
		if (starts(word, length, keys[i]))
			return true;
	return false;
}

static bool choose_word(struct choice *choice, const char *word, size_t length)
{
	static char vendor[13];
	const struct feature *f;
	bool on = true;

	if (starts(word, length, "vendor=") && length == 7 + 12) {
		memcpy(vendor, word + 7, 12);
		choice->vendor = vendor;
		return true;
	}
	if (starts(word, length, "phys-bits=")) {
		choice->phys_bits = strtoul(word + 10, NULL, 10);
		return choice->phys_bits >= 32 && choice->phys_bits <= 52;
	}
	if (word_ignored(word, length))
		return true;
	if (*word == '+' || *word == '-') {
		on = *word++ == '+';
		length--;
	} else if (length > 3 && !memcmp(word + length - 3, "=on", 3)) {
		length -= 3;
	} else if (length > 4 && !memcmp(word + length - 4, "=off", 4)) {
		length -= 4;
		on = false;
	}
	f = feature_find(word, length);
	if (!f)
		return false;
	if (on && choice->ons < COUNT(features))
		choice->on[choice->ons++] = f->bit;
	else if (!on && choice->offs < COUNT(features))
		choice->off[choice->offs++] = f->bit;
	return true;
}

static bool choose(struct choice *choice, const char *text, char *why,
		   size_t size)
{
	size_t length = strcspn(text, ",");

	for (unsigned int i = 0; i < COUNT(models); i++)
		if (strlen(models[i].name) == length &&
		    !memcmp(models[i].name, text, length))
			choice->model = &models[i];
	if (!choice->model) {
		snprintf(why, size, "unknown CPU model '%.*s'", (int)length,
			 text);
		return false;
	}
	choice->vendor = choice->model->vendor;
	for (text += length; *text == ','; text += length) {
		length = strcspn(++text, ",");
		if (length && !choose_word(choice, text, length)) {
			snprintf(why, size, "unknown CPU feature '%.*s'",
				 (int)length, text);
			return false;
		}
	}
	return true;
}

static uint32_t *feature_register(struct kvm_cpuid2 *cpuid, uint32_t bit)
{
	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];
		uint32_t *regs[] = { &e->eax, &e->ebx, &e->ecx, &e->edx };

		if (e->function == CPUID_FEATURE_LEAF(bit) &&
		    e->index == CPUID_FEATURE_SUBLEAF(bit))
			return regs[CPUID_FEATURE_REG(bit)];
	}
	return NULL;
}

static bool feature_get(struct kvm_cpuid2 *cpuid, uint32_t bit)
{
	uint32_t *reg = feature_register(cpuid, bit);

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

/* Only what the model names stays. */
static void restrict_to(struct kvm_cpuid2 *cpuid, const char *words)
{
	bool keep[COUNT(features)] = { false };

	for (size_t length; *words; words += length + (words[length] == ' ')) {
		const struct feature *f;

		length = strcspn(words, " ");
		f = feature_find(words, length);
		if (f)
			keep[f - features] = feature_get(cpuid, f->bit);
	}
	for (unsigned int i = 0; i < COUNT(features); i++)
		cpu_model_set(cpuid, features[i].bit, false);
	for (unsigned int i = 0; i < COUNT(features); i++)
		if (keep[i])
			cpu_model_set(cpuid, features[i].bit, true);
}

static void set_vendor(struct kvm_cpuid2 *cpuid, const char *vendor)
{
	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function != 0 && e->function != 0x80000000)
			continue;
		memcpy(&e->ebx, vendor, 4);
		memcpy(&e->edx, vendor + 4, 4);
		memcpy(&e->ecx, vendor + 8, 4);
	}
}

static struct kvm_cpuid2 *cpuid_get(int kvm, unsigned long request)
{
	struct kvm_cpuid2 *cpuid = calloc(1, CPUID_BYTES);

	if (!cpuid)
		return NULL;
	cpuid->nent = MAX_ENTRIES;
	if (ioctl(kvm, request, cpuid) < 0) {
		free(cpuid);
		return NULL;
	}
	return cpuid;
}

/* Features that KVM emulates are not on offer until they are asked for. */
static bool emulated(int kvm, uint32_t bit)
{
	struct kvm_cpuid2 *cpuid = cpuid_get(kvm, KVM_GET_EMULATED_CPUID);
	bool found = cpuid && feature_get(cpuid, bit);

	free(cpuid);
	return found;
}

static const char *feature_name(uint32_t bit)
{
	for (unsigned int i = 0; i < COUNT(features); i++)
		if (features[i].bit == bit)
			return features[i].name;
	return "?";
}

static void apply_model(struct kvm_cpuid2 *cpuid, const struct choice *choice)
{
	if (choice->model->features)
		restrict_to(cpuid, choice->model->features);
	if (choice->vendor)
		set_vendor(cpuid, choice->vendor);
	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == 1 && choice->model->signature)
			e->eax = choice->model->signature;
		if (e->function == 0x80000008 && choice->phys_bits)
			e->eax = (e->eax & ~0xffu) | choice->phys_bits;
		/* The TSC deadline timer is ours to announce: see api.rst. */
		if (e->function == 1 && !choice->model->features)
			e->ecx |= 1u << CPUID_FEATURE_BIT(CPU_TSC_DEADLINE) |
				1u << CPUID_FEATURE_BIT(CPU_HYPERVISOR);
	}
}

struct kvm_cpuid2 *cpu_model_build(int kvm, const char *text, char *why,
				   size_t size, int *result)
{
	struct choice choice = { 0 };
	struct kvm_cpuid2 *supported, *cpuid;

	*result = -1;
	if (!choose(&choice, text ? text : "qemu64", why, size))
		return NULL;
	supported = cpuid_get(kvm, KVM_GET_SUPPORTED_CPUID);
	cpuid = calloc(1, CPUID_BYTES);
	if (!supported || !cpuid) {
		snprintf(why, size, "KVM_GET_SUPPORTED_CPUID failed");
		goto fail;
	}
	memcpy(cpuid, supported, CPUID_BYTES);
	apply_model(cpuid, &choice);
	for (unsigned int i = 0; i < choice.ons; i++) {
		if (!feature_get(supported, choice.on[i]) &&
		    choice.on[i] != CPU_TSC_DEADLINE &&
		    !emulated(kvm, choice.on[i])) {
			snprintf(why, size, "this KVM lacks CPU feature '%s'",
				 feature_name(choice.on[i]));
			*result = 1;
			goto fail;
		}
		cpu_model_set(cpuid, choice.on[i], true);
	}
	for (unsigned int i = 0; i < choice.offs; i++)
		cpu_model_set(cpuid, choice.off[i], false);
	free(supported);
	*result = 0;
	return cpuid;
fail:
	free(supported);
	free(cpuid);
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
