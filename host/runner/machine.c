/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine in neutral words, taken from options in QEMU's. */
#include "runner/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/words.h"

static void text_set(char **field, const char *text, size_t length)
{
	free(*field);
	*field = mem_text(text, length);
}

static bool take_cpu(struct machine *machine, const char *value)
{
	text_set(&machine->cpu, value, strlen(value));
	return true;
}

static bool number_all(const char *text, size_t length, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return length && *text >= '0' && *text <= '9' && !errno && end == text + length;
}

/* "4", "cpus=4", "4,maxcpus=4": a count, and no topology. */
static bool take_smp(struct machine *machine, const char *value)
{
	const char *word;
	unsigned long count;
	size_t length;

	while ((word = str_word(&value, ",", &length))) {
		bool most = length > 8 && !memcmp(word, "maxcpus=", 8);
		size_t skip = most ? 8 : length > 5 && !memcmp(word, "cpus=", 5) ? 5 : 0;

		if (!number_all(word + skip, length - skip, &count) || !count || count > 65535)
			return false;
		if (most ? count != machine->cpus : 0)
			return false;
		machine->cpus = count;
	}
	return true;
}

/* "256", in MiB, or "256M", "2G"; "size=" may stand in front. */
static bool take_memory(struct machine *machine, const char *value)
{
	return str_bytes(value + (strncmp(value, "size=", 5) ? 0 : 5), &machine->memory);
}

static bool take_append(struct machine *machine, const char *value)
{
	text_set(&machine->append, value, strlen(value));
	return true;
}

static bool take_initrd(struct machine *machine, const char *value)
{
	text_set(&machine->initrd, value, strlen(value));
	return true;
}

static bool take_accel(struct machine *machine, const char *value)
{
	text_set(&machine->accel, value, strlen(value));
	return !strcmp(value, "kvm");
}

static bool take_enable_kvm(struct machine *machine, const char *value)
{
	(void)value;
	return take_accel(machine, "kvm");
}

static bool take_machine(struct machine *machine, const char *value)
{
	const char *word;
	size_t length;
	bool all = true;

	while ((word = str_word(&value, ",", &length))) {
		if (length > 6 && !memcmp(word, "accel=", 6)) {
			text_set(&machine->accel, word + 6, length - 6);
			all &= str_same(word, length, "accel=kvm");
		} else if (str_same(word, length, "pit=off")) {
			machine->pit = false;
		} else if (str_same(word, length, "pit=on")) {
			machine->pit = machine->pit_asked = true;
		} else if (length > 5 && !memcmp(word, "type=", 5)) {
			all &= str_same(word, length, "type=pc") ||
			       str_same(word, length, "type=q35");
		} else if (!str_same(word, length, "pc") && !str_same(word, length, "q35")) {
			all = false;
		}
	}
	return all;
}

static bool take_device(struct machine *machine, const char *value)
{
	static const char *const built_in[] = {
		"pc-testdev", "pci-testdev", "isa-debug-exit,iobase=0xf4,iosize=0x4",
		"isa-debug-exit,iobase=0xf4,iosize=0x04", "isa-debug-exit,iobase=0xf4,iosize=4",
	};

	(void)machine;
	for (size_t i = 0; i < sizeof(built_in) / sizeof(*built_in); i++)
		if (!strcmp(value, built_in[i]))
			return true;
	return false;
}

static bool take_default(struct machine *machine, const char *value)
{
	(void)machine;
	return !value || !strcmp(value, "none") || !strcmp(value, "stdio");
}

static bool take_overcommit(struct machine *machine, const char *value)
{
	(void)machine;
	(void)value;
	return true;
}

static bool take_global(struct machine *machine, const char *value)
{
	(void)machine;
	return !strcmp(value, "kvm-pit.lost_tick_policy=discard");
}

static const struct option {
	const char *name;
	bool argument;
	bool (*take)(struct machine *machine, const char *value);
} known[] = {
	{ "cpu", true, take_cpu }, { "smp", true, take_smp },
	{ "m", true, take_memory }, { "append", true, take_append },
	{ "initrd", true, take_initrd }, { "machine", true, take_machine },
	{ "M", true, take_machine }, { "accel", true, take_accel },
	{ "enable-kvm", false, take_enable_kvm }, { "device", true, take_device },
	{ "no-reboot", false, take_default }, { "nodefaults", false, take_default },
	{ "display", true, take_default }, { "vnc", true, take_default },
	{ "serial", true, take_default }, { "monitor", true, take_default },
	{ "nographic", false, take_default }, { "overcommit", true, take_overcommit },
	{ "global", true, take_global },
};

static const struct option *option_find(const char *word)
{
	if (*word != '-')
		return NULL;
	word += word[1] == '-' ? 2 : 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i].name, word))
			return &known[i];
	return NULL;
}

static void foreign_set(struct machine *machine, const char *word, const char *value)
{
	struct buf text = { 0 };

	if (machine->foreign)
		return;
	buf_puts(&text, word);
	if (value)
		buf_printf(&text, " %s", value);
	machine->foreign = buf_take(&text);
}

void machine_read(struct machine *machine, const struct words *options)
{
	*machine = (struct machine){ .cpus = 1, .memory = MACHINE_MEMORY, .pit = true };
	for (size_t i = 0; i < options->count; i++) {
		const char *word = options->word[i], *next = options->word[i + 1];
		const struct option *option = option_find(word);

		if (!option) {
			/* What follows may be its value: no option, in any case. */
			bool value = *word == '-' && next && *next != '-';

			foreign_set(machine, word, value ? next : NULL);
			i += value;
		} else if (option->argument && !next) {
			foreign_set(machine, word, NULL);
		} else {
			i += option->argument;
			if (!option->take(machine, option->argument ? next : NULL))
				foreign_set(machine, word, option->argument ? next : NULL);
		}
	}
}

void machine_free(struct machine *machine)
{
	free(machine->cpu);
	free(machine->append);
	free(machine->initrd);
	free(machine->accel);
	free(machine->foreign);
	*machine = (struct machine){ 0 };
}

void machine_device_option(struct words *options, const char *device)
{
	bool property = !strcmp(device, "pit=off") || !strcmp(device, "pit=on");

	words_add(options, property ? "-machine" : "-device");
	words_add(options, device);
}
