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
#include "vmm/machine.h"

#define KVM	1000		/* no descriptor that is open */

static bool broken;
static bool umip_emulated;

/* All features but INVPCID, UMIP and RTM; family and vendor of nobody. */
static const struct kvm_cpuid_entry2 supported[] = {
	{ .function = 0, .eax = 0xd, .ebx = 1, .ecx = 2, .edx = 3 },
	{ .function = 1, .eax = 0x906ed, .ebx = 0x12340800, .ecx = ~(1u << 24), .edx = ~0u },
	{ .function = 6, .eax = 4 },
	{ .function = 7, .ebx = ~(1u << 10 | 1u << 11), .ecx = ~(1u << 2), .edx = ~0u },
	{ .function = 0xb, .index = 0, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX },
	{ .function = 0xb, .index = 1, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX },
	{ .function = 0xd, .index = 1, .eax = 0xf },
	{ .function = 0x80000000, .eax = 0x80000008 },
	{ .function = 0x80000001, .ecx = ~0u, .edx = ~0u },
	{ .function = 0x80000008, .eax = 0x3028 },
};

/* The C library's, for cpu_model.c. */
int ioctl(int fd, unsigned long request, ...)
{
	struct kvm_cpuid2 *cpuid;
	va_list arguments;

	va_start(arguments, request);
	cpuid = va_arg(arguments, struct kvm_cpuid2 *);
	va_end(arguments);
	assert_int_equal(fd, KVM);
	if (broken) {
		errno = E2BIG;
		return -1;
	}
	assert_true(cpuid->nent >= sizeof(supported) / sizeof(*supported));
	if (request == KVM_GET_SUPPORTED_CPUID) {
		cpuid->nent = sizeof(supported) / sizeof(*supported);
		memcpy(cpuid->entries, supported, sizeof(supported));
		return 0;
	}
	assert_int_equal(request, KVM_GET_EMULATED_CPUID);
	cpuid->nent = 1;
	cpuid->entries[0] = (struct kvm_cpuid_entry2){
		.function = 7, .ecx = (uint32_t)umip_emulated << 2,
	};
	return 0;
}

static struct kvm_cpuid_entry2 *entry(struct kvm_cpuid2 *cpuid, uint32_t function,
				      uint32_t index)
{
	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == function && cpuid->entries[i].index == index)
			return &cpuid->entries[i];
	fail_msg("no leaf %#x.%u", function, index);
	return NULL;
}

static bool has(struct kvm_cpuid2 *cpuid, uint32_t feature)
{
	struct kvm_cpuid_entry2 *e = entry(cpuid, CPUID_FEATURE_LEAF(feature),
					   CPUID_FEATURE_SUBLEAF(feature));
	const uint32_t regs[] = { e->eax, e->ebx, e->ecx, e->edx };

	return regs[CPUID_FEATURE_REG(feature)] >> CPUID_FEATURE_BIT(feature) & 1;
}

static struct kvm_cpuid2 *build(const char *model)
{
	char why[100] = "";
	int result = 5;
	struct kvm_cpuid2 *cpuid = cpu_model_build(KVM, model, why, sizeof(why), &result);

	if (!cpuid)
		fail_msg("%s: %d, %s", model ? model : "none", result, why);
	assert_int_equal(result, 0);
	return cpuid;
}

static void refused(const char *model, int wanted, const char *text)
{
	char why[100] = "";
	int result = 5;

	assert_null(cpu_model_build(KVM, model, why, sizeof(why), &result));
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
	assert_memory_equal(&entry(cpuid, 0, 0)->ebx, "Auth", 4);
	assert_memory_equal(&entry(cpuid, 0, 0)->edx, "enti", 4);
	assert_memory_equal(&entry(cpuid, 0x80000000, 0)->ecx, "cAMD", 4);
	assert_int_equal(entry(cpuid, 1, 0)->eax, 0xf61);
	assert_true(has(cpuid, CPU_APIC));
	assert_true(has(cpuid, CPU_HYPERVISOR));
	assert_false(has(cpuid, CPU_SMEP));
	assert_false(has(cpuid, CPU_X2APIC));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
