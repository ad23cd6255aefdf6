/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU models, on a KVM that exists only here. */
#include <errno.h>
#include <linux/kvm.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <cmocka.h>

#include "defs/cpuid.h"
#include "defs/msr.h"
#include "vmm/machine.h"
#include "vmm/x86/cpu_model.h"

#define KVM	1000		/* no descriptor that is open */

static bool broken;
static bool umip_emulated;

/* All features but INVPCID, UMIP and RTM; family and vendor of nobody. */
static const struct kvm_cpuid_entry2 supported[] = {
	{ .function = 0, .eax = 0xd, .ebx = 1, .ecx = 2, .edx = 3 },
	{ .function = 1, .eax = 0x906ed, .ebx = 0x12340800, .ecx = ~(1u << 24), .edx = ~0u },
	{ .function = 6, .eax = 4 },
	{ .function = 7, .ebx = ~(1u << 10 | 1u << 11), .ecx = ~(1u << 2), .edx = ~0u },
	{ .function = 0xa, .eax = 0x07300402 },
	{ .function = 0xb, .index = 0, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX },
	{ .function = 0xb, .index = 1, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX },
	{ .function = 0xd, .index = 1, .eax = 0xf },
	{ .function = 0x40000000, .eax = 0x40000001, .ebx = 0x4b4d564b },
	{ .function = 0x40000001, .eax = ~0u },
	{ .function = 0x80000000, .eax = 0x80000008 },
	{ .function = 0x80000001, .ecx = ~0u, .edx = ~0u },
	{ .function = 0x80000002 }, { .function = 0x80000003 }, { .function = 0x80000004 },
	{ .function = 0x80000007, .edx = 1u << 8 },
	{ .function = 0x80000008, .eax = 0x3028 },
};

/* What KVM_GET_SUPPORTED_HV_CPUID gives. */
static const struct kvm_cpuid_entry2 hyperv[] = {
	{ .function = 0x40000000, .eax = 0x40000082, .ebx = 0x7263694d },
	{ .function = 0x40000001, .eax = 0x31237648 },
	{ .function = 0x40000003, .eax = 0xfff, .ebx = 0x30, .edx = 1u << 8 },
	{ .function = 0x40000004, .eax = 0xff },
	{ .function = 0x40000005, .eax = 0x400 },
	{ .function = 0x40000082 },
};

static bool has_hyperv;

static int entries_give(struct kvm_cpuid2 *cpuid, const struct kvm_cpuid_entry2 *entries,
			uint32_t count)
{
	assert_true(cpuid->nent >= count);
	cpuid->nent = count;
	memcpy(cpuid->entries, entries, count * sizeof(*entries));
	return 0;
}

#define GIVE(cpuid, entries) \
	entries_give(cpuid, entries, sizeof(entries) / sizeof(*(entries)))

/* VMX: only EPT and PML of the secondary controls may be on. */
static int msrs_give(struct kvm_msrs *msrs)
{
	assert_int_equal(msrs->nmsrs, 1);
	msrs->entries[0].data = msrs->entries[0].index == MSR_VMX_PROCBASED2 ?
		(1ull << 33 | 1ull << 49) : 0;
	return 1;
}

/* The C library's, for the CPU model. */
int ioctl(int fd, unsigned long request, ...)
{
	const struct kvm_cpuid_entry2 umip = {
		.function = 7, .ecx = (uint32_t)umip_emulated << 2,
	};
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	assert_int_equal(fd, KVM);
	if (request == KVM_CHECK_EXTENSION)
		return (uintptr_t)argument == KVM_CAP_SYS_HYPERV_CPUID && has_hyperv;
	if (broken) {
		errno = E2BIG;
		return -1;
	}
	switch (request) {
	case KVM_GET_SUPPORTED_CPUID:
		return GIVE(argument, supported);
	case KVM_GET_SUPPORTED_HV_CPUID:
		return GIVE(argument, hyperv);
	case KVM_GET_MSRS:
		return msrs_give(argument);
	}
	assert_int_equal(request, KVM_GET_EMULATED_CPUID);
	return entries_give(argument, &umip, 1);
}

static struct kvm_cpuid_entry2 *entry(struct kvm_cpuid2 *cpuid, uint32_t function,
				      uint32_t index)
{
	struct kvm_cpuid_entry2 *e = cpuid_find(cpuid, function, index);

	if (!e)
		fail_msg("no leaf %#x.%u", function, index);
	return e;
}

static bool has(const struct kvm_cpuid2 *cpuid, uint32_t feature)
{
	return cpu_model_get(cpuid, feature);
}

/* The same process has several KVMs here. */
static struct cpu_model *model_try(const char *words, char *why, size_t size, int *result)
{
	cpu_supported(KVM, true);
	return cpu_model_build(KVM, words, why, size, result);
}

static struct cpu_model *model_build(const char *words)
{
	char why[100] = "";
	int result = 5;
	struct cpu_model *model = model_try(words, why, sizeof(why), &result);

	if (!model)
		fail_msg("%s: %d, %s", words ? words : "none", result, why);
	assert_int_equal(result, 0);
	return model;
}

/* Only its CPUID. */
static struct kvm_cpuid2 *build(const char *words)
{
	struct cpu_model *model = model_build(words);
	struct kvm_cpuid2 *cpuid = model->cpuid;

	free(model);
	return cpuid;
}

static void refused(const char *model, int wanted, const char *text)
{
	char why[100] = "";
	int result = 5;

	assert_null(model_try(model, why, sizeof(why), &result));
	assert_int_equal(result, wanted);
	if (!strstr(why, text))
		fail_msg("%s: %s", model, why);
}

static void max_is_what_kvm_has(void **state)
{
	struct kvm_cpuid2 *cpuid = build("max");

	(void)state;
	assert_int_equal(cpuid->nent, sizeof(supported) / sizeof(*supported));
	assert_int_equal(entry(cpuid, 1, 0)->eax, 0x906ed);
	assert_int_equal(entry(cpuid, 0, 0)->ebx, 1);
	assert_true(has(cpuid, CPU_SMEP));
	assert_false(has(cpuid, CPU_UMIP));
	assert_false(has(cpuid, CPU_INVPCID));
	/* KVM never lists it; user space may. */
	assert_true(has(cpuid, CPU_TSC_DEADLINE));
	free(cpuid);
}

static void model_is_restricted(void **state)
{
	struct kvm_cpuid2 *cpuid = build(NULL), *named = build("qemu64");

	(void)state;
	assert_int_equal(cpuid->nent, named->nent);
	assert_memory_equal(cpuid->entries, named->entries,
			    cpuid->nent * sizeof(*cpuid->entries));
	/* The host's vendor, whatever the model's is. */
	assert_int_equal(entry(cpuid, 0, 0)->ebx, 1);
	assert_int_equal(entry(cpuid, 0, 0)->ecx, 2);
	assert_int_equal(entry(cpuid, 0, 0)->edx, 3);
	assert_int_equal(entry(cpuid, 1, 0)->eax, 0x60fb1);
	assert_int_equal(entry(cpuid, 0, 0)->eax, 0xd);
	assert_memory_equal(&entry(cpuid, 0x80000002, 0)->eax, "QEMU", 4);
	assert_true(has(cpuid, CPU_APIC));
	assert_true(has(cpuid, CPU_HYPERVISOR));
	assert_false(has(cpuid, CPU_SMEP));
	/* As QEMU under KVM: these two are not the model's own. */
	assert_true(has(cpuid, CPU_X2APIC));
	assert_false(has(cpuid, CPU_SVM));
	assert_false(has(cpuid, CPU_TSC_DEADLINE));
	free(cpuid);
	free(named);
}

static void words(void **state)
{
	static const struct {
		const char *model;
		uint32_t feature;
		bool has;
	} rows[] = {
		{ "qemu64,+smep", CPU_SMEP, true },
		{ "qemu64,smep=on", CPU_SMEP, true },
		{ "qemu64,smep", CPU_SMEP, true },
		{ "max,-smep", CPU_SMEP, false },
		{ "max,smep=off", CPU_SMEP, false },
		{ "max,+smep,-smep", CPU_SMEP, false },
		{ "max,-smep,+smep", CPU_SMEP, false },	/* as in QEMU: minus wins */
		{ "qemu64,+tsc-deadline", CPU_TSC_DEADLINE, true },
		{ "qemu64,+tsc_deadline", CPU_TSC_DEADLINE, true },
		{ "max,-tsc-deadline", CPU_TSC_DEADLINE, false },
		{ "max,-umip", CPU_UMIP, false },
		{ "max,-x2apic,,", CPU_X2APIC, false },
		{ "host,migratable=no,host-phys-bits", CPU_SMEP, true },
		{ "IvyBridge", CPU_SMEP, true },
		{ "IvyBridge", CPU_SMAP, false },
		{ "Skylake-Server,host-phys-bits,+vmx", CPU_SMAP, true },
		{ "Skylake-Server", CPU_RTM, false },	/* KVM has none here */
		{ "kvm64", CPU_SVM, false },
		{ "kvm64,+svm", CPU_SVM, true },
		{ "EPYC-Milan-v1", CPU_PCID, true },
		{ "EPYC-IBPB,-x2apic", CPU_X2APIC, false },
		{ "max", CPU_PDCM, true },
		{ "max,pmu=off", CPU_PDCM, false },
		{ "Haswell-noTSX,pdcm=on,pmu=on", CPU_PDCM, true },
		{ "max,-xsave", CPU_FMA, false },
		{ "max", CPU_INVTSC, false },
		{ "max,migratable=no", CPU_INVTSC, true },
		{ "max,invtsc=on", CPU_INVTSC, true },
		{ "max,sse4_1,sse4.2=off", CPU_SSE2, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kvm_cpuid2 *cpuid = build(rows[i].model);

		if (has(cpuid, rows[i].feature) != rows[i].has)
			fail_msg("%s", rows[i].model);
		free(cpuid);
	}
}

static void values(void **state)
{
	struct kvm_cpuid2 *cpuid = build("max,vendor=GenuineIntel,phys-bits=36");

	(void)state;
	assert_memory_equal(&entry(cpuid, 0, 0)->ebx, "Genu", 4);
	assert_memory_equal(&entry(cpuid, 0, 0)->edx, "ineI", 4);
	assert_memory_equal(&entry(cpuid, 0, 0)->ecx, "ntel", 4);
	assert_int_equal(entry(cpuid, 0x80000008, 0)->eax, 0x3024);
	free(cpuid);
	cpuid = build("max,family=6,model=85,stepping=4,level=7,xlevel=0x80000001");
	assert_int_equal(entry(cpuid, 1, 0)->eax, 0x50654);
	assert_int_equal(entry(cpuid, 0, 0)->eax, 7);
	assert_int_equal(entry(cpuid, 0x80000000, 0)->eax, 0x80000001);
	assert_null(cpuid_find(cpuid, 0xb, 0));
	assert_null(cpuid_find(cpuid, 0x80000008, 0));
	assert_non_null(cpuid_find(cpuid, 0x40000001, 0));
	free(cpuid);
	cpuid = build("max,family=0x17");
	assert_int_equal(entry(cpuid, 1, 0)->eax, 0x00890fed);
	free(cpuid);
	cpuid = build("max,kvm=off,host-phys-bits-limit=40");
	assert_null(cpuid_find(cpuid, 0x40000000, 0));
	assert_int_equal(entry(cpuid, 0x80000008, 0)->eax, 0x3028);
	free(cpuid);
	/* Leaf 7 is above the model's level, but a feature in it is wanted. */
	cpuid = build("kvm32,+smep");
	assert_int_equal(entry(cpuid, 0, 0)->eax, 7);
	free(cpuid);
}

static void more_than_cpuid(void **state)
{
	struct cpu_model *model = model_build("max,-vmx-pml,vmx-ept=on,-vmx-mbec,"
					      "tsc-frequency=2000000000,kvm-pv-enforce-cpuid");

	(void)state;
	assert_int_equal(model->msr_count, 1);
	assert_int_equal(model->msrs[0].index, MSR_VMX_PROCBASED2);
	assert_int_equal(model->msrs[0].data, 1ull << 33);
	assert_int_equal(model->tsc_khz, 2000000);
	assert_true(model->enforce_pv);
	assert_true(model->pmu);
	assert_false(model->synic);
	cpu_model_free(model);
	model = model_build("qemu64");
	assert_false(model->pmu);
	assert_null(cpuid_find(model->cpuid, 0xa, 0));
	cpu_model_free(model);
	cpu_model_free(NULL);
	refused("max,+vmx-mbec", 1, "vmx-mbec");
}

static void enlightenments(void **state)
{
	struct cpu_model *model;

	(void)state;
	refused("max,hv_passthrough", 1, "Hyper-V");
	has_hyperv = true;
	model = model_build("host,hv_passthrough");
	assert_true(model->synic);
	assert_int_equal(entry(model->cpuid, 0x40000000, 0)->ebx, 0x7263694d);
	assert_int_equal(entry(model->cpuid, 0x40000100, 0)->ebx, 0x4b4d564b);
	assert_int_equal(entry(model->cpuid, 0x40000100, 0)->eax, 0x40000101);
	assert_int_equal(entry(model->cpuid, 0x40000101, 0)->eax, ~0u);
	assert_int_equal(entry(model->cpuid, 0x40000003, 0)->eax, 0xfff);
	assert_null(cpuid_find(model->cpuid, 0x40000082, 0));
	cpu_model_free(model);
	model = model_build("qemu64,hv-time,hv-relaxed=on,hv_vapic=off,hv-spinlocks=0x1fff,"
			    "hv-vendor-id=Flatbed");
	assert_false(model->synic);
	assert_int_equal(entry(model->cpuid, 0x40000003, 0)->eax, 1u << 1 | 1u << 5 | 1u << 9);
	assert_int_equal(entry(model->cpuid, 0x40000003, 0)->ebx, 0x30);
	assert_int_equal(entry(model->cpuid, 0x40000004, 0)->eax, 1u << 5);
	assert_int_equal(entry(model->cpuid, 0x40000004, 0)->ebx, 0x1fff);
	assert_memory_equal(&entry(model->cpuid, 0x40000000, 0)->ebx, "Flat", 4);
	cpu_model_free(model);
	refused("max,hv-stimer-direct", 1, "'hv-stimer-direct'");
	refused("max,hv-nonsense", -1, "hv-nonsense");
	refused("max,hv-time=perhaps", -1, "hv-time");
	has_hyperv = false;
}

/* Every feature that a model or a version names is one. */
static void word_exists(void *context, const char *word, size_t length)
{
	bool minus = *word == '-';

	if (cpu_feature_find(word + minus, length - minus, 0) == cpu_feature_count)
		fail_msg("%s: %.*s", (const char *)context, (int)length, word);
}

static void tables(void **state)
{
	static const char *const names[] = {
		"qemu32", "qemu64", "kvm32", "kvm64", "Snowridge", "Icelake-Server",
		"Cooperlake", "EPYC-Milan", "core2duo",
	};

	(void)state;
	assert_true(cpu_feature_count <= CPU_FEATURES_MAX);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct cpu_named *named = cpu_named_find(names[i], strlen(names[i]));

		assert_non_null(named);
		cpu_named_each(named, word_exists, (void *)(uintptr_t)names[i]);
		free(build(names[i]));
	}
}

static void refusals(void **state)
{
	(void)state;
	refused("max,+umip", 1, "'umip'");
	refused("qemu64,+smep,invpcid=on", 1, "'invpcid'");
	refused("max,+nonsense", -1, "'+nonsense'");
	refused("max,+", -1, "'+'");
	refused("max,+sme", -1, "'+sme'");
	refused("max,+smepp", -1, "'+smepp'");
	refused("nonsense", -1, "'nonsense'");
	refused("", -1, "''");
	refused("maximum", -1, "'maximum'");
	refused("max,phys-bits=99", -1, "phys-bits");
	refused("max,phys-bits=x", -1, "phys-bits");
	refused("max,vendor=short", -1, "vendor");
	refused("max,phys-bits=52", 1, "physical address bits");
	refused("max,level=x", -1, "level");
	refused("max,xlevel=5", -1, "xlevel");
	refused("max,stepping=16", -1, "stepping");
	refused("max,tsc-frequency=0", -1, "tsc-frequency");
	refused("qemu64-v9", -1, "qemu64-v9");
	refused("-v1", -1, "-v1");
	umip_emulated = true;
	free(build("max,+umip"));
	umip_emulated = false;
	broken = true;
	refused("max", -1, "KVM_GET_SUPPORTED_CPUID");
	broken = false;
}

/* More words than there is room to keep. */
static void many_words(void **state)
{
	char model[8192] = "max";

	(void)state;
	for (int i = 0; i < 500; i++)
		strcat(model, ",-smep,+nx");
	free(build(model));
}

static void cpus_differ(void **state)
{
	static const struct {
		unsigned int index, cpus, bits;
	} rows[] = { { 0, 1, 0 }, { 0, 2, 1 }, { 1, 2, 1 }, { 2, 3, 2 }, { 200, 255, 8 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kvm_cpuid2 *cpuid = build("max");

		cpu_model_for(cpuid, rows[i].index, rows[i].cpus);
		assert_int_equal(entry(cpuid, 1, 0)->ebx,
				 rows[i].index << 24 | rows[i].cpus << 16 | 0x0800);
		assert_int_equal(entry(cpuid, 0xb, 0)->edx, rows[i].index);
		assert_int_equal(entry(cpuid, 0xb, 1)->eax, rows[i].bits);
		assert_int_equal(entry(cpuid, 0xb, 1)->ebx, rows[i].cpus);
		assert_int_equal(entry(cpuid, 0xb, 1)->ecx, 0x201);
		free(cpuid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(max_is_what_kvm_has),
		cmocka_unit_test(model_is_restricted),
		cmocka_unit_test(words),
		cmocka_unit_test(values),
		cmocka_unit_test(refusals),
		cmocka_unit_test(many_words),
		cmocka_unit_test(cpus_differ),
		cmocka_unit_test(more_than_cpuid),
		cmocka_unit_test(enlightenments),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
