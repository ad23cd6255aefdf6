/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU model in QEMU's words as one of Bochs' own, which are fixed.  What each
 * has is asked of itself, by a ROM that prints CPUID.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/bochs.h"
#include "runner/bochs_rom.h"
#include "runner/job.h"
#include "runner/process.h"
#include "vmm/vm.h"

/* Where a search begins; it goes on to newer ones, or from the newest to older. */
static const char *const newest_first[] = {
	"sapphire_rapids", "tigerlake", "corei7_icelake_u", "corei3_cnl",
	"corei7_skylake_x", "broadwell_ult", "corei7_haswell_4770",
	"corei7_ivy_bridge_3770k", "corei7_sandy_bridge_2600k", "ryzen", "trinity_apu",
	"zambezi", "corei5_arrandale_m520", "corei5_lynnfield_750", "phenom_8650_toliman",
	"core2_penryn_t9600", "turion64_tyler", "athlon64_venice", "athlon64_clawhammer",
	"p4_prescott_celeron_336", "arrow_lake",
};

/* QEMU's models by how their names begin, and the nearest of Bochs'. */
static const struct {
	const char *qemu, *bochs;
} nearest[] = {
	{ "qemu", "athlon64_clawhammer" }, { "kvm", "p4_prescott_celeron_336" },
	{ "Conroe", "core2_penryn_t9600" }, { "core2duo", "core2_penryn_t9600" },
	{ "Penryn", "core2_penryn_t9600" }, { "Nehalem", "corei5_lynnfield_750" },
	{ "Westmere", "corei5_arrandale_m520" }, { "SandyBridge", "corei7_sandy_bridge_2600k" },
	{ "IvyBridge", "corei7_ivy_bridge_3770k" }, { "Haswell", "corei7_haswell_4770" },
	{ "Broadwell", "broadwell_ult" }, { "Skylake", "corei7_skylake_x" },
	{ "Cascadelake", "corei7_skylake_x" }, { "Cooperlake", "corei7_skylake_x" },
	{ "Icelake", "corei7_icelake_u" }, { "SapphireRapids", "sapphire_rapids" },
	{ "GraniteRapids", "sapphire_rapids" }, { "Opteron_G1", "athlon64_clawhammer" },
	{ "Opteron_G2", "turion64_tyler" }, { "Opteron_G3", "phenom_8650_toliman" },
	{ "phenom", "phenom_8650_toliman" }, { "Opteron_G4", "zambezi" },
	{ "Opteron_G5", "trinity_apu" }, { "EPYC", "ryzen" },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static bool has_model(const struct bochs *bochs, const char *model)
{
	for (size_t i = 0; i < bochs->models.count; i++)
		if (!strcmp(bochs->models.word[i], model))
			return true;
	return false;
}

/* Boots the ROM that prints CPUID; its lines joined, without line ends. */
static char *cpuid_ask(const struct bochs *bochs, const char *model)
{
	const struct bochs_machine machine = { .model = model, .cpus = 1, .memory = 32 << 20 };
	struct buf rom = { 0 }, facts = { 0 };
	struct words argv = { 0 };
	struct boot boot = { 0 };
	char *answer = NULL, *rest, *line;

	bochs_rom_probe(&rom);
	if (bochs_prepare(&boot, bochs, &machine, &rom, &argv))
		answer = program_ask((const char *const *)argv.word, &boot);
	rest = answer;
	while ((line = strsep(&rest, "\n"))) {
		unsigned int v[6];

		if (sscanf(line, "%x %x %x %x %x %x", &v[0], &v[1], &v[2], &v[3], &v[4],
			   &v[5]) == 6)
			buf_printf(&facts, "%x.%x:%x,%x,%x,%x;", v[0], v[1], v[2], v[3], v[4],
				   v[5]);
	}
	free(answer);
	boot_files_close(&boot);
	words_free(&argv);
	buf_free(&rom);
	return buf_take(&facts);
}

/* What CPUID says: "LEAF.SUBLEAF:EAX,EBX,ECX,EDX;" and so on. */
static const char *cpuid_facts(struct bochs *bochs, const char *model)
{
	struct buf name = { 0 };
	const char *facts;

	buf_printf(&name, "cpuid_%s", model);
	facts = cache_get(&bochs->cache, buf_text(&name));
	if (!facts) {
		char *asked = cpuid_ask(bochs, model);

		cache_put(&bochs->cache, buf_text(&name), asked);
		free(asked);
		facts = cache_get(&bochs->cache, buf_text(&name));
	}
	buf_free(&name);
	return facts ? facts : "";
}

static bool facts_leaf(const char *facts, uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
	for (; *facts; facts += strcspn(facts, ";") + 1) {
		unsigned int at[2];

		if (sscanf(facts, "%x.%x:%x,%x,%x,%x", &at[0], &at[1], &out[0], &out[1], &out[2],
			   &out[3]) == 6 && at[0] == leaf && at[1] == subleaf)
			return true;
	}
	return false;
}

/* A word behind the model's name. */
struct demand {
	const char *word;	/* as written, not terminated */
	size_t length;
	enum { DEMAND_ON, DEMAND_OFF, DEMAND_VENDOR, DEMAND_BITS } kind;
	struct vm_cpuid_bit bit;
	unsigned int number;	/* DEMAND_BITS: of physical addresses */
	bool met;		/* some model does */
};

static bool begins(const char *word, size_t length, const char *with)
{
	return length >= strlen(with) && !memcmp(word, with, strlen(with));
}

/* Words that are about KVM or QEMU, and mean nothing to a model of a CPU. */
static bool is_idle(const char *word, size_t length)
{
	static const char *const idle[] = {
		"host-phys-bits", "migratable", "check", "enforce", "kvm=", "pmu=",
	};

	for (size_t i = 0; i < COUNT(idle); i++)
		if (begins(word, length, idle[i]))
			return true;
	return false;
}

static bool demand_read(struct demand *demand, const char *word, size_t length)
{
	bool off = *word == '-';

	*demand = (struct demand){ .word = word, .length = length };
	if (begins(word, length, "vendor=")) {
		demand->kind = DEMAND_VENDOR;
		return length == strlen("vendor=") + 12;
	}
	if (begins(word, length, "phys-bits=")) {
		demand->kind = DEMAND_BITS;
		demand->number = strtoul(word + strlen("phys-bits="), NULL, 10);
		return true;
	}
	if (*word == '+' || *word == '-') {
		word++;
		length--;
	} else if (length > 3 && !memcmp(word + length - 3, "=on", 3)) {
		length -= 3;
	} else if (length > 4 && !memcmp(word + length - 4, "=off", 4)) {
		length -= 4;
		off = true;
	}
	demand->kind = off ? DEMAND_OFF : DEMAND_ON;
	return vm_cpu_feature(word, length, &demand->bit);
}

static bool demand_holds(const struct demand *demand, const char *facts)
{
	uint32_t leaf[4];
	char vendor[13] = "";
	bool there;

	switch (demand->kind) {
	case DEMAND_VENDOR:
		if (!facts_leaf(facts, 0, 0, leaf))
			return false;
		memcpy(vendor, &leaf[1], 4);
		memcpy(vendor + 4, &leaf[3], 4);
		memcpy(vendor + 8, &leaf[2], 4);
		return !memcmp(demand->word + strlen("vendor="), vendor, 12);
	case DEMAND_BITS:
		return facts_leaf(facts, 0x80000008, 0, leaf) &&
		       (leaf[0] & 0xff) == demand->number;
	case DEMAND_ON:
	case DEMAND_OFF:
		break;
	}
	there = facts_leaf(facts, demand->bit.leaf, demand->bit.subleaf, leaf) &&
		leaf[demand->bit.reg] >> demand->bit.bit & 1;
	return there == (demand->kind == DEMAND_ON);
}

/* The features behind the name; NULL with a reason if a word is not known. */
static struct demand *demands_read(const char *words, size_t *count, char *why, size_t size)
{
	struct demand *demands = mem_new(sizeof(*demands));
	const char *word;
	size_t length;

	*count = 0;
	while ((word = str_word(&words, ",", &length))) {
		if (is_idle(word, length))
			continue;
		demands = mem_grow(demands, *count, sizeof(*demands));
		if (demand_read(&demands[(*count)++], word, length))
			continue;
		snprintf(why, size, "Bochs has no CPU feature '%.*s'", (int)length, word);
		free(demands);
		return NULL;
	}
	return demands;
}

static bool model_fits(struct bochs *bochs, const char *model, struct demand *demands,
		       size_t count)
{
	const char *facts = count ? cpuid_facts(bochs, model) : "";
	bool fits = true;

	for (size_t i = 0; i < count; i++) {
		bool holds = demand_holds(&demands[i], facts);

		demands[i].met |= holds;
		fits &= holds;
	}
	return fits;
}

static void misfit_say(const struct bochs *bochs, const struct demand *demands, size_t count,
		       const char *cpu, char *why, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		if (demands[i].met)
			continue;
		snprintf(why, size, "no CPU of Bochs %s has '%.*s'", bochs->version,
			 (int)demands[i].length, demands[i].word);
		return;
	}
	snprintf(why, size, "no CPU of Bochs %s is all of '%s'", bochs->version, cpu);
}

/* Tries the models from one on, in one direction or the other. */
static const char *search(struct bochs *bochs, size_t from, int step, struct demand *demands,
			  size_t count)
{
	for (size_t i = from; i < COUNT(newest_first); i += step)
		if (has_model(bochs, newest_first[i]) &&
		    model_fits(bochs, newest_first[i], demands, count))
			return newest_first[i];
	return NULL;
}

static const char *nearest_to(const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(nearest); i++)
		if (begins(name, length, nearest[i].qemu))
			return nearest[i].bochs;
	return NULL;
}

const char *bochs_cpu(struct bochs *bochs, const char *cpu, char *why, size_t size)
{
	size_t length, count, from = 0;
	const char *model = NULL, *target = NULL;
	struct demand *demands;
	int step = 1;

	if (!cpu)
		cpu = "max";
	length = strcspn(cpu, ",");
	demands = demands_read(cpu + length, &count, why, size);
	if (!demands)
		return NULL;
	if (!str_same(cpu, length, "max") && !str_same(cpu, length, "host")) {
		/* The nearest one, and what is newer: as few features as will do. */
		step = -1;
		for (size_t i = 0; i < bochs->models.count; i++)
			if (str_same(cpu, length, bochs->models.word[i]))
				target = bochs->models.word[i];
		if (!target)
			target = nearest_to(cpu, length);
		if (!target) {
			snprintf(why, size, "Bochs has nothing like the CPU model '%.*s'",
				 (int)length, cpu);
			free(demands);
			return NULL;
		}
		while (from < COUNT(newest_first) - 1 && strcmp(newest_first[from], target))
			from++;
		if (has_model(bochs, target) && model_fits(bochs, target, demands, count))
			model = target;
	}
	if (!model)
		model = search(bochs, from, step, demands, count);
	if (!model)
		misfit_say(bochs, demands, count, cpu, why, size);
	free(demands);
	return model;
}
