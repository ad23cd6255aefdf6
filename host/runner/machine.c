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
	uint64_t bytes;

	if (!str_bytes(value + (strncmp(value, "size=", 5) ? 0 : 5), &bytes) || !bytes)
		return false;
	machine->memory = bytes;
	return true;
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

static void option_note(char **field, const char *word, const char *value)
{
	struct buf text = { 0 };

	if (*field)
		return;
	buf_puts(&text, word);
	if (value)
		buf_printf(&text, " %s", value);
	*field = buf_take(&text);
}

static void set_pit(struct machine *machine)
{
	machine->pit = machine->pit_asked = true;
}

static void set_no_pit(struct machine *machine)
{
	machine->pit = false;
}

static void set_split(struct machine *machine)
{
	machine->platform.irqchip = VM_IRQCHIP_SPLIT;
}

static void set_no_irqchip(struct machine *machine)
{
	machine->platform.irqchip = VM_IRQCHIP_OFF;
}

static void set_q35(struct machine *machine)
{
	machine->platform.q35 = true;
}

static void set_vmport(struct machine *machine)
{
	machine->platform.vmport = true;
}

static void set_gicv2(struct machine *machine)
{
	machine->platform.gic = 2;
}

static void set_gicv3(struct machine *machine)
{
	machine->platform.gic = 3;
}

/* Words of -machine; the embedded VMM's machine is like these with or without. */
static const struct property {
	const char *word;
	void (*set)(struct machine *machine);	/* NULL: it is so anyhow */
	bool extra;				/* not on just any VMM */
} properties[] = {
	{ "pc", NULL, false }, { "type=pc", NULL, false },
	{ "q35", set_q35, false }, { "type=q35", set_q35, false },
	{ "accel=kvm", NULL, false },
	{ "pit=on", set_pit, false }, { "pit=off", set_no_pit, false },
	{ "kernel-irqchip=on", NULL, false }, { "kernel_irqchip=on", NULL, false },
	{ "kernel-irqchip=split", set_split, true },
	{ "kernel_irqchip=split", set_split, true },
	{ "kernel-irqchip=off", set_no_irqchip, true },
	{ "kernel_irqchip=off", set_no_irqchip, true },
	{ "vmport=on", set_vmport, true }, { "vmport=off", NULL, false },
	{ "hpet=on", NULL, false }, { "usb=off", NULL, false },
	{ "virt", NULL, false }, { "gic-version=host", NULL, false },
	{ "gic-version=2", set_gicv2, true }, { "gic-version=3", set_gicv3, true },
};

static bool property_take(struct machine *machine, const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++) {
		const struct property *p = &properties[i];

		if (!str_same(word, length, p->word))
			continue;
		if (p->set)
			p->set(machine);
		if (p->extra)
			option_note(&machine->extra, "-machine", p->word);
		return true;
	}
	return false;
}

static bool take_machine(struct machine *machine, const char *value)
{
	const char *word;
	size_t length;
	bool all = true;

	while ((word = str_word(&value, ",", &length))) {
		if (length > 6 && !memcmp(word, "accel=", 6))
			text_set(&machine->accel, word + 6, length - 6);
		all &= property_take(machine, word, length);
	}
	return all;
}

static bool take_device(struct machine *machine, const char *value)
{
	static const char *const everywhere[] = {
		"pc-testdev", "pci-testdev", "isa-debug-exit,iobase=0xf4,iosize=0x4",
		"isa-debug-exit,iobase=0xf4,iosize=0x04", "isa-debug-exit,iobase=0xf4,iosize=4",
	};

	for (size_t i = 0; i < sizeof(everywhere) / sizeof(*everywhere); i++)
		if (!strcmp(value, everywhere[i]))
			return true;
	if (!vm_device_known(value))
		return false;
	option_note(&machine->extra, "-device", value);
	words_add(&machine->devices, value);
	return true;
}

static bool take_default(struct machine *machine, const char *value)
{
	(void)machine;
	return !value || !strcmp(value, "none") || !strcmp(value, "stdio");
}

static bool take_overcommit(struct machine *machine, const char *value)
{
	machine->platform.cpu_pm = strstr(value, "cpu-pm=on");
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
	{ "net", true, take_default }, { "nic", true, take_default },
	{ "vga", true, take_default }, { "parallel", true, take_default },
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

void machine_read(struct machine *machine, const struct words *options)
{
	*machine = (struct machine){ .cpus = 1, .memory = MACHINE_MEMORY, .pit = true };
	for (size_t i = 0; i < options->count; i++) {
		const char *word = options->word[i], *next = options->word[i + 1];
		const struct option *option = option_find(word);

		if (!option) {
			/* What follows may be its value: no option, in any case. */
			bool value = *word == '-' && next && *next != '-';

			option_note(&machine->foreign, word, value ? next : NULL);
			i += value;
		} else if (option->argument && !next) {
			option_note(&machine->foreign, word, NULL);
		} else {
			const char *value = option->argument ? next : NULL;

			i += option->argument;
			if (!option->take(machine, value))
				option_note(&machine->foreign, word, value);
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
	free(machine->extra);
	words_free(&machine->devices);
	*machine = (struct machine){ 0 };
}

void machine_device_option(struct words *options, const char *device)
{
	struct machine unused = { 0 };
	bool property = property_take(&unused, device, strlen(device));

	machine_free(&unused);
	words_add(options, property ? "-machine" : "-device");
	words_add(options, device);
}
