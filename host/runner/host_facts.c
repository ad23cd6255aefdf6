/* SPDX-License-Identifier: BSD-2-Clause */
/* What this machine and its kernel are. */
#include "runner/host_facts.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "base/buf.h"
#include "base/str.h"
#include "runner/settings.h"
#include "vmm/vm.h"

char *text_file(const char *path)
{
	size_t size;
	char *text = file_read(path, &size);

	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

static bool numbers_compare(const char **a, const char **b, int *order)
{
	char *a_end, *b_end;
	unsigned long a_number, b_number;

	if (!isdigit((unsigned char)**b))
		return false;
	a_number = strtoul(*a, &a_end, 10);
	b_number = strtoul(*b, &b_end, 10);
	*order = a_number < b_number ? -1 : a_number > b_number;
	*a = a_end + (*a_end == '.');
	*b = b_end + (*b_end == '.');
	return !*order;
}

int version_compare(const char *a, const char *b)
{
	int order = 0;

	while (numbers_compare(&a, &b, &order))
		continue;
	return order;
}

/* The value of a line "NAME : VALUE" of /proc/cpuinfo, or NULL. */
static char *cpu_value(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value;

		line += *line == '\n';
		if (strncmp(line, name, length))
			continue;
		value = line + length + strspn(line + length, " \t");
		if (*value != ':')
			continue;
		value += 1 + strspn(value + 1, " \t");
		return mem_text(value, strcspn(value, "\n"));
	}
	return NULL;
}

static char *vendor_word(const char *cpuinfo)
{
	static const struct { const char *id, *word; } vendors[] = {
		{ "GenuineIntel", "intel" }, { "AuthenticAMD", "amd" },
		{ "HygonGenuine", "hygon" }, { "CentaurHauls", "zhaoxin" },
		{ "  Shanghai  ", "zhaoxin" }, { "0x41", "arm" }, { "0x61", "apple" },
		{ "0xc0", "ampere" }, { "IBM/S390", "ibm" },
	};
	static const char *const names[] = { "vendor_id", "CPU implementer" };

	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
		char *id = cpu_value(cpuinfo, names[n]);

		if (!id)
			continue;
		for (size_t i = 0; i < sizeof(vendors) / sizeof(*vendors); i++) {
			if (strcmp(vendors[i].id, id))
				continue;
			free(id);
			return mem_copy(vendors[i].word);
		}
		return id;
	}
	return mem_copy("unknown");
}

static char *cpu_line(const char *cpuinfo)
{
	static const struct { const char *name, *shown; } values[] = {
		{ "cpu family", "family" }, { "model", "model" }, { "stepping", "stepping" },
		{ "microcode", "microcode" }, { "CPU part", "part" }, { "revision", "revision" },
	};
	char *name = cpu_value(cpuinfo, "model name");
	const char *separator = " (";
	struct buf out = { 0 };

	if (!name)
		name = cpu_value(cpuinfo, "cpu");
	buf_puts(&out, name ? name : "CPU without a name");
	free(name);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char *value = cpu_value(cpuinfo, values[i].name);

		if (!value)
			continue;
		buf_printf(&out, "%s%s %s", separator, values[i].shown, value);
		separator = ", ";
		free(value);
	}
	if (*separator == ',')
		buf_puts(&out, ")");
	return buf_take(&out);
}

/* The first CPU: the kernel takes its time for each of many. */
static char *cpuinfo_read(void)
{
	char text[8192];
	int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	return mem_text(text, got > 0 ? got : 0);
}

/*
 * Who signs the hypervisor's leaf of CPUID (x86); on arm64, MIDR_EL1's implementer 0,
 * which is for software (DDI 0487, MIDR_EL1), is QEMU's "max"; of a riscv machine QEMU
 * says that it made it, and one that has KVM in it is hardly KVM's.  Elsewhere nobody
 * tells, and who emulates a CPU to the bit, as Bochs does, hides on x86, too: whoever
 * started it may say so.
 */
static const char *hypervisor_word(void)
{
	const char *told = getenv("BENEATH");

	if (told && *told)
		return told;
#ifdef __x86_64__
	static const struct { char signature[13]; const char *word; } hypervisors[] = {
		{ "TCGTCGTCGTCG", "tcg" }, { "KVMKVMKVM", "kvm" },
		{ "Microsoft Hv", "hyperv" }, { "VMwareVMware", "vmware" },
		{ "XenVMMXenVMM", "xen" }, { "bhyve bhyve ", "bhyve" },
	};
	unsigned int eax, signature[4] = { 0 };

	__cpuid(1, eax, signature[0], signature[1], signature[2]);
	if (!(signature[1] >> 31))	/* ECX: the hypervisor bit */
		return "none";
	__cpuid(0x40000000, eax, signature[0], signature[1], signature[2]);
	for (size_t i = 0; i < sizeof(hypervisors) / sizeof(*hypervisors); i++)
		if (!strncmp(hypervisors[i].signature, (const char *)signature, 12))
			return hypervisors[i].word;
#elif defined(__aarch64__)
	size_t size;
	char *midr = file_read("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", &size);
	bool software = midr && !(strtoull(midr, NULL, 16) >> 24 & 0xff);

	free(midr);
	if (software)
		return "tcg";
#elif defined(__riscv)
	size_t size;
	char *model = file_read("/proc/device-tree/model", &size);
	bool software = model && strstr(model, "qemu");

	free(model);
	if (software)
		return "tcg";
#endif
	return "unknown";
}

const struct host_facts *host_facts(void)
{
	static struct host_facts facts;
	struct utsname name;
	char *cpuinfo, *flags;

	if (facts.machine)
		return &facts;
	uname(&name);
	facts.machine = mem_copy(name.machine);
	facts.kernel = mem_copy(name.release);
	facts.build = mem_copy(name.version);
	facts.kvm = vm_host_kind();
	facts.beneath = hypervisor_word();
	cpuinfo = cpuinfo_read();
	facts.vendor = vendor_word(cpuinfo);
	facts.cpu = cpu_line(cpuinfo);
	flags = cpu_value(cpuinfo, "flags");
	facts.virtual = flags && strstr(flags, " hypervisor");
	free(flags);
	free(cpuinfo);
	return &facts;
}

static int entry_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int entry_plain(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int entry_kvm(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "kvm", 3);
}

static void module_parameters(struct buf *out, const char *module)
{
	struct buf path = { 0 };
	struct dirent **list;
	int count;

	buf_printf(&path, "/sys/module/%s/parameters", module);
	count = scandir(buf_text(&path), &list, entry_plain, entry_order);
	for (int i = 0; i < count; i++) {
		struct buf file = { 0 };
		char *value;

		buf_printf(&file, "%s/%s", buf_text(&path), list[i]->d_name);
		value = text_file(buf_text(&file));
		if (value)
			buf_printf(out, " %s=%s", list[i]->d_name, value);
		free(value);
		free(list[i]);
		buf_free(&file);
	}
	if (count >= 0)
		free(list);
	buf_free(&path);
}

void host_modules(struct buf *out)
{
	struct dirent **list;
	int count = scandir("/sys/module", &list, entry_kvm, entry_order);

	for (int i = 0; i < count; i++) {
		buf_printf(out, "%s:", list[i]->d_name);
		module_parameters(out, list[i]->d_name);
		buf_puts(out, "\n");
		free(list[i]);
	}
	if (count >= 0)
		free(list);
}
