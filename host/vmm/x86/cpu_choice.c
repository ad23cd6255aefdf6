/* SPDX-License-Identifier: BSD-2-Clause */
/* What the words of a CPU model say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "vmm/x86/cpu_model.h"

/* Ways in which QEMU's versions of a model differ from it. */
static const struct {
	const char *suffix, *words;
} versions[] = {
	{ "-v1", "" }, { "-noTSX-IBRS", "-hle -rtm spec-ctrl" },
	{ "-noTSX", "-hle -rtm" }, { "-IBRS", "spec-ctrl" }, { "-IBPB", "ibpb" },
};

struct reading {
	struct cpu_choice *choice;
	struct cpu_model *model;
	int kvm;
	char *why;
	size_t size;
};

static bool is_key(const char *word, size_t length, const char *key, const char **value,
		   size_t *value_length)
{
	size_t name = strlen(key);

	if (length <= name || word[name] != '=' || !cpu_name_same(word, name, key))
		return false;
	*value = word + name + 1;
	*value_length = length - name - 1;
	return true;
}

static bool number_take(const char *value, size_t length, unsigned long most,
			unsigned long *number)
{
	char *end;

	*number = strtoul(value, &end, 0);
	return length && *value >= '0' && *value <= '9' && end == value + length &&
		*number <= most;
}

/* "pmu", "pmu=on", "pmu=off", "pmu=no", …: CPU_UNSAID if it is another word. */
static uint8_t switch_take(const char *word, size_t length, const char *key)
{
	const char *value;
	size_t n;

	if (cpu_name_same(word, length, key))
		return CPU_ON;
	if (!is_key(word, length, key, &value, &n))
		return CPU_UNSAID;
	if (str_same(value, n, "on") || str_same(value, n, "yes") || str_same(value, n, "true"))
		return CPU_ON;
	return str_same(value, n, "off") || str_same(value, n, "no") ||
		str_same(value, n, "false") ? CPU_OFF : CPU_UNSAID;
}

/* Words that are about QEMU, or hold here anyhow. */
static bool is_ignored(const char *word, size_t length)
{
	static const char *const words[] = {
		"host-phys-bits", "check", "enforce", "l3-cache", "host-cache-info",
		"legacy-cache", "cpuid-0xb", "full-cpuid-auto-level",
		"fill-mtrr-mask", "tcg-cpuid", "vmware-cpuid-freq",
		"x-vendor-cpuid-only", "kvm-no-smi-migration",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (switch_take(word, length, words[i]) != CPU_UNSAID)
			return true;
	return false;
}

static bool switches_take(struct reading *r, const char *word, size_t length)
{
	static const struct {
		const char *key;
		size_t offset;
	} switches[] = {
		{ "pmu", offsetof(struct cpu_choice, pmu) },
		{ "kvm", offsetof(struct cpu_choice, kvm) },
		{ "migratable", offsetof(struct cpu_choice, migratable) },
	};
	uint8_t said;

	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++) {
		said = switch_take(word, length, switches[i].key);
		if (said == CPU_UNSAID)
			continue;
		*((uint8_t *)r->choice + switches[i].offset) = said;
		return true;
	}
	said = switch_take(word, length, "kvm-pv-enforce-cpuid");
	r->model->enforce_pv |= said == CPU_ON;
	return said != CPU_UNSAID;
}

static bool numbers_take(struct reading *r, const char *word, size_t length)
{
	struct cpu_choice *c = r->choice;
	unsigned long number;
	const char *value;
	size_t n;

	if (is_key(word, length, "phys-bits", &value, &n)) {
		c->phys_bits = number_take(value, n, 52, &number) ? number : 0;
		return c->phys_bits >= 32;
	}
	if (is_key(word, length, "host-phys-bits-limit", &value, &n)) {
		c->phys_bits_limit = number_take(value, n, 52, &number) ? number : 0;
		return c->phys_bits_limit >= 32;
	}
	if (is_key(word, length, "family", &value, &n))
		return number_take(value, n, 0x10e, (unsigned long *)&c->family);
	if (is_key(word, length, "model", &value, &n))
		return number_take(value, n, 0xff, (unsigned long *)&c->number);
	if (is_key(word, length, "stepping", &value, &n))
		return number_take(value, n, 0xf, (unsigned long *)&c->stepping);
	if (is_key(word, length, "level", &value, &n)) {
		c->level = number_take(value, n, 0x3fffffff, &number) ? number : 0;
		return c->level;
	}
	if (is_key(word, length, "xlevel", &value, &n)) {
		c->xlevel = number_take(value, n, 0xbfffffff, &number) ? number : 0;
		return c->xlevel >= 0x80000000;
	}
	if (is_key(word, length, "tsc-frequency", &value, &n)) {
		r->model->tsc_khz = number_take(value, n, 1000000000000ul, &number) ?
			number / 1000 : 0;
		return r->model->tsc_khz;
	}
	return false;
}

static bool vendor_take(struct reading *r, const char *word, size_t length)
{
	const char *value;
	size_t n;

	if (!is_key(word, length, "vendor", &value, &n) || n != 12)
		return false;
	memcpy(r->choice->vendor, value, 12);
	return true;
}

/* Returns 0, 1 if KVM lacks it, -1 if the word is not known. */
static int feature_take(struct reading *r, const char *word, size_t length)
{
	const char *name = word;
	size_t n = length;
	bool on = true;
	unsigned int i;

	if (*word == '+' || *word == '-') {
		on = *name++ == '+';
		n--;
	} else if (n > 3 && !memcmp(word + n - 3, "=on", 3)) {
		n -= 3;
	} else if (n > 4 && !memcmp(word + n - 4, "=off", 4)) {
		n -= 4;
		on = false;
	}
	i = cpu_feature_find(name, n, 0);
	if (i == cpu_feature_count)
		return cpu_msr_word(r->model, r->kvm, name, n, on);
	/* As in QEMU, minus wins. */
	for (; i < cpu_feature_count; i = cpu_feature_find(name, n, i + 1))
		if (r->choice->wish[i] != CPU_OFF)
			r->choice->wish[i] = on ? CPU_ON : CPU_OFF;
	return 0;
}

static int word_take(struct reading *r, const char *word, size_t length)
{
	int result = -1;

	if (is_ignored(word, length) || switches_take(r, word, length) ||
	    numbers_take(r, word, length) || vendor_take(r, word, length))
		return 0;
	if (length > 3 && cpu_name_same(word, 3, "hv-"))
		result = cpu_hyperv_word(&r->choice->hyperv, word, length) ? 0 : -1;
	else
		result = feature_take(r, word, length);
	if (result < 0)
		snprintf(r->why, r->size, "unknown CPU feature '%.*s'", (int)length, word);
	if (result > 0)
		snprintf(r->why, r->size, "this KVM lacks CPU feature '%.*s'",
			 (int)(length - (*word == '+')), word + (*word == '+'));
	return result;
}

static bool named_choose(struct cpu_choice *choice, const char *name, size_t length)
{
	choice->named = cpu_named_find(name, length);
	for (size_t i = 0; !choice->named && i < sizeof(versions) / sizeof(*versions); i++) {
		size_t suffix = strlen(versions[i].suffix);

		if (length <= suffix ||
		    memcmp(name + length - suffix, versions[i].suffix, suffix))
			continue;
		choice->named = cpu_named_find(name, length - suffix);
		choice->version = versions[i].words;
	}
	return choice->named;
}

int cpu_choice_read(struct cpu_choice *choice, struct cpu_model *model, int kvm,
		    const char *text, char *why, size_t size)
{
	struct reading r = { choice, model, kvm, why, size };
	size_t length = strcspn(text, ",");
	int result = 0;

	*choice = (struct cpu_choice){ .family = -1, .number = -1, .stepping = -1 };
	if (!named_choose(choice, text, length)) {
		snprintf(why, size, "unknown CPU model '%.*s'", (int)length, text);
		return -1;
	}
	for (text += length; !result && *text == ','; text += length) {
		length = strcspn(++text, ",");
		if (length)
			result = word_take(&r, text, length);
	}
	return result;
}
