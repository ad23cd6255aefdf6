/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of `flatbed vm`: a row each. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/str.h"
#include "vmm/command.h"
#include "vmm/device.h"

static const char *set_cpus(struct vm_command *command, const char *value)
{
	char *end;
	unsigned long count = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || !count || count > 65535)
		return "not a number of CPUs";
	command->config.cpus = count;
	return NULL;
}

static const char *set_memory(struct vm_command *command, const char *value)
{
	if (!str_bytes(value, &command->config.memory))
		return "not a size in MiB, nor one with k, M, G or T behind it";
	return NULL;
}

static const char *set_cpu(struct vm_command *command, const char *value)
{
	command->config.cpu = value;
	return NULL;
}

static const char *set_append(struct vm_command *command, const char *value)
{
	command->append = value;
	return NULL;
}

static const char *set_environment(struct vm_command *command, const char *value)
{
	static char why[128];
	char *text = vm_environment_read(value, &command->config.environment_size,
					 why, sizeof(why));

	command->config.environment = text;
	return text ? NULL : why;
}

static const char *set_irqchip(struct vm_command *command, const char *value)
{
	static const char *const names[] = {
		[VM_IRQCHIP_KERNEL] = "kernel", [VM_IRQCHIP_SPLIT] = "split",
		[VM_IRQCHIP_OFF] = "off",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(value, names[i])) {
			command->config.platform.irqchip = i;
			return NULL;
		}
	return "neither kernel, split nor off";
}

static const char *set_q35(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.platform.q35 = true;
	return NULL;
}

static const char *set_vmport(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.platform.vmport = true;
	return NULL;
}

static const char *set_device(struct vm_command *command, const char *value)
{
	if (!vm_device_known(value))
		return "no such device, or not with these properties; --machine lists them";
	if (command->device_count == VM_COMMAND_DEVICES)
		return "too many devices";
	command->devices[command->device_count++] = value;
	command->config.devices = command->devices;
	return NULL;
}

static const char *set_pit(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.pit = true;
	return NULL;
}

static const char *set_isolate(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.conduct.isolate = true;
	return NULL;
}

static const char *set_verify_reset(struct vm_command *command, const char *value)
{
	command->config.conduct.verify_reset = true;
	return set_isolate(command, value);
}

static const char *set_migrate_every(struct vm_command *command, const char *value)
{
	char *end;

	command->config.conduct.migrate_every = strtoull(value, &end, 10);
	return *value < '0' || *value > '9' || *end || !command->config.conduct.migrate_every ?
		"not a number of exits" : NULL;
}

static const char *set_migrate_process(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.conduct.migrate_process = true;
	return NULL;
}

static const char *set_perturb(struct vm_command *command, const char *value)
{
	if (!strcmp(value, "help")) {
		vm_perturb_list(stdout);
		exit(0);
	}
	command->config.conduct.perturb = value;
	return vm_perturb_wrong(value);
}

static const char *set_seed(struct vm_command *command, const char *value)
{
	char *end;

	command->config.conduct.seed = strtoull(value, &end, 0);
	return *value < '0' || *value > '9' || *end ? "not a number" : NULL;
}

static const char *set_dirty_ring(struct vm_command *command, const char *value)
{
	char *end;
	uint64_t entries = strtoull(value, &end, 10);

	command->config.conduct.dirty_ring = entries;
	return *value < '0' || *value > '9' || *end || entries < 256 || entries > 65536 ||
		entries & (entries - 1) ? "not a power of two from 256 to 65536" : NULL;
}

static const char *set_save(struct vm_command *command, const char *value)
{
	command->config.conduct.save = value;
	return vm_save_wrong(value);
}

static const char *set_hash(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.conduct.hash = true;
	return NULL;
}

static const char *set_load(struct vm_command *command, const char *value)
{
	command->config.conduct.load = value;
	command->config.conduct.load_fd = open(value, O_RDONLY | O_CLOEXEC);
	return command->config.conduct.load_fd < 0 ? strerror(errno) : NULL;
}

static const char *set_stats(struct vm_command *command, const char *value)
{
	(void)value;
	command->stats = true;
	return NULL;
}

static const char *set_strict(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.conduct.strict = true;
	return NULL;
}

static const char *set_break(struct vm_command *command, const char *value)
{
	static char why[200];

	if (vm_lie_list(stdout, value))
		exit(0);
	command->config.conduct.lie = value;
	return vm_lie_known(value, why, sizeof(why)) ? NULL : why;
}

static const char *set_unconfined(struct vm_command *command, const char *value)
{
	(void)value;
	command->config.conduct.unconfined = true;
	return NULL;
}

static const char *set_gdb(struct vm_command *command, const char *value)
{
	command->config.conduct.gdb = value ? value : VM_GDB_PORT;
	return NULL;
}

static const char *set_trace(struct vm_command *command, const char *value)
{
	static char why[256];

	command->config.conduct.trace = value ? value : "exits";
	return vm_trace_known(command->config.conduct.trace, why, sizeof(why)) ? NULL : why;
}

static const char *set_timeout(struct vm_command *command, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	if (*value < '0' || *value > '9' || *end || seconds < 0.001 || seconds > 1e6)
		return "not a number of seconds";
	command->timeout_ms = seconds * 1000;
	return NULL;
}

static const char *set_autopsy(struct vm_command *command, const char *value)
{
	command->autopsy = value;
	return NULL;
}

static const char *list_machine(struct vm_command *command, const char *value)
{
	(void)command;
	if (!value || !strcmp(value, "text"))
		device_list_text(stdout);
	else if (!strcmp(value, "json"))
		device_list_json(stdout);
	else
		return "neither text nor json";
	exit(0);
}

static const char *help(struct vm_command *command, const char *value);

static const struct vm_option options[] = {
	{ "-smp", "N", "CPUs (1)", set_cpus },
	{ "-m", "SIZE", "memory in MiB, or with k, M, G, T behind (128)", set_memory },
	{ "-cpu", "MODEL", "CPU model and features in QEMU's words (qemu64)", set_cpu },
	{ "-append", "WORDS", "the image's arguments", set_append },
	{ "-initrd", "FILE", "the image's environment: NAME=value lines", set_environment },
	{ "-device", "NAME", "add a device that is not always there", set_device },
	{ "--irqchip", "KIND",
	  "where interrupt controllers are: kernel, split or off", set_irqchip },
	{ "--q35", NULL, "the host bridge is Q35's, not 440FX's", set_q35 },
	{ "--vmport", NULL, "give the machine VMware's backdoor port", set_vmport },
	{ "--pit", NULL, "give the machine an i8254", set_pit },
	{ "--isolate", NULL, "each TEST from the state after start-up", set_isolate },
	{ "--verify-reset", NULL, "the same, and check that state by hash", set_verify_reset },
	{ "--migrate-every", "N", "every N exits, go on in another VM", set_migrate_every },
	{ "--migrate-process", NULL, "and in another process, too", set_migrate_process },
	{ "--perturb", "LIST", "do NAME[:EVERY],… to it, or all; help lists them",
	  set_perturb },
	{ "--seed", "N", "when what is done (0)", set_seed },
	{ "--dirty-ring", "N", "log dirty pages in rings of N entries", set_dirty_ring },
	{ "--save", "FILE@POINT", "save the machine at the start, an exit's number, a name",
	  set_save },
	{ "--hash", NULL, "print a hash of what is saved, and of what is loaded", set_hash },
	{ "--load", "FILE", "go on with a saved machine, in place of an image", set_load },
	{ "--stats", NULL, "say at the end what it took", set_stats },
	{ "--strict", NULL, "end at an access that no device claims", set_strict },
	{ "--break", "NAME[@N]", "be wrong in one way, always or the N-th time; 'help' lists them",
	  set_break },
	{ "--unconfined", NULL, "keep all privileges: for debugging the VMM itself",
	  set_unconfined },
	{ "--gdb", "[=WHERE]", "wait for gdb at a port (1234) of this host, or a socket's path",
	  set_gdb },
	{ "--trace", "[=GROUPS]", "print exits as they come: exits, io, mmio, msr, …", set_trace },
	{ "--timeout", "SECONDS", "stop the machine then, and say what it does", set_timeout },
	{ "--autopsy", "FILE", "write what explains its end, as JSON", set_autopsy },
	{ "--machine", "[=json]", "list the machine's devices, as text or as JSON",
	  list_machine },
	{ "--help", NULL, "this text", help },
};

const struct vm_option *vm_options(size_t *count)
{
	*count = sizeof(options) / sizeof(*options);
	return options;
}

static const char *help(struct vm_command *command, const char *value)
{
	(void)command;
	(void)value;
	puts("Usage: flatbed vm [OPTION]... IMAGE\n");
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const struct vm_option *o = &options[i];
		char left[64];
		struct str text = str_on(left, sizeof(left));

		str_add(&text, "%s%s%s", o->name,
			o->argument && *o->argument != '[' ? " " : "",
			o->argument ? o->argument : "");
		printf("  %-20s %s\n", left, o->help);
	}
	exit(0);
}

int vm_option_take(struct vm_command *command, int argc, char **argv)
{
	const char *equals = strchr(argv[0], '='), *value = equals ? equals + 1 : NULL;
	size_t length = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
	const char *wrong;
	int taken = 1;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const struct vm_option *o = &options[i];

		if (!str_same(argv[0], length, o->name))
			continue;
		if (value && !o->argument)
			die("vm: %s takes no value", o->name);
		if (!value && o->argument && *o->argument != '[') {
			if (argc < 2)
				die("vm: %s: no %s behind it", o->name, o->argument);
			value = argv[1];
			taken = 2;
		}
		wrong = o->set(command, value);
		if (wrong)
			die("vm: %s %s: %s", o->name, value, wrong);
		return taken;
	}
	return 0;
}
