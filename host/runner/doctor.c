/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed doctor: what this host offers and lacks, and what that would unlock. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/arch.h"
#include "runner/bochs.h"
#include "runner/history.h"
#include "runner/host_facts.h"
#include "runner/options.h"
#include "runner/process.h"
#include "runner/session.h"
#include "vmm/vm.h"

/* What ./configure did not find. */
#ifndef HAVE_JANSSON
#define HAVE_JANSSON 0
#endif
#ifndef HAVE_LIBXML2
#define HAVE_LIBXML2 0
#endif
#ifndef HAVE_SQLITE3
#define HAVE_SQLITE3 0
#endif
#ifndef HAVE_LIBDW
#define HAVE_LIBDW 0
#endif
#ifndef HAVE_SECCOMP
#define HAVE_SECCOMP 0
#endif
#ifndef HAVE_CAPSTONE
#define HAVE_CAPSTONE 0
#endif
#ifndef HAVE_ZYDIS
#define HAVE_ZYDIS 0
#endif

/* How a finding is marked: there; there, and something is to be known; not there. */
enum mark { HAVE, NOTE, LACK };

static void tell(enum mark mark, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(enum mark mark, const char *format, ...)
{
	static const char *const marks[] = { [HAVE] = "+", [NOTE] = "!", [LACK] = "-" };
	va_list arguments;

	printf("%s ", marks[mark]);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

static void host_tell(void)
{
	const struct host_facts *facts = host_facts();
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	double memory = (double)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) / (1 << 30);

	printf("This host\n");
	tell(HAVE, "%s", facts->cpu);
	tell(HAVE, "Linux %s on %s, %ld CPU%s, %.1f GiB of memory", facts->kernel, facts->machine,
	     cpus, cpus == 1 ? "" : "s", memory);
	if (facts->virtual)
		tell(NOTE, "it is a virtual machine itself: times mean little, and what KVM shows "
		     "may be its hypervisor's doing");
	if (cpus < 4)
		tell(NOTE, "machines with more CPUs than the host's are slow, and cases take turns "
		     "(-j %ld)", cpus);
}

static void kvm_missing(const char *why)
{
	const struct host_facts *facts = host_facts();

	tell(LACK, "%s", why);
	if (!access("/dev/kvm", F_OK))
		tell(LACK, "  with the right to use it (group %s: usermod -a -G %s $USER, then log "
		     "in again), a test takes milliseconds", "kvm", "kvm");
	else if (facts->virtual)
		tell(LACK, "  with nested virtualization switched on in the host below, "
		     "kvm_intel or kvm_amd would load, and a test take milliseconds");
	else
		tell(LACK, "  with kvm_intel or kvm_amd loaded (modprobe; in the firmware's set-up "
		     "virtualization must be on), a test takes milliseconds");
}

static bool kvm_tell(void)
{
	const char *kind = host_facts()->kvm;
	char why[160];

	printf("\nKVM\n");
	if (!vm_usable(why, sizeof(why))) {
		kvm_missing(why);
		return false;
	}
	tell(HAVE, "/dev/kvm works: the embedded VMM runs images of this architecture");
	tell(HAVE, "its kind, for known failures, is %s", kind);
	if (strcmp(kind, "kvm_intel") && strcmp(kind, "kvm_amd") && strcmp(kind, "kvm"))
		tell(NOTE, "it is no hardware's: it emulates guest kernels in software, which is "
		     "slow and knows not every instruction");
	return true;
}

/* Parameters that decide what can be tested. */
static const struct parameter {
	const char *module, *name, *wanted, *unlocks;
} parameters[] = {
	{ "kvm", "force_emulation_prefix", "Y1",
	  "tests of the emulator run each instruction in it" },
	{ "kvm", "enable_vmware_backdoor", "Y1", "tests of VMware's backdoor run" },
	{ "kvm", "enable_pmu", "Y1", "tests of the PMU run" },
	{ "kvm", "ignore_msrs", "N0", "accesses to MSRs that do not exist fault, as tests expect" },
	{ "kvm_intel", "nested", "Y1", "tests of VMX run" },
	{ "kvm_intel", "ept", "Y1", "guests have the hardware's page tables; N tests KVM's own" },
	{ "kvm_intel", "unrestricted_guest", "Y1", "real mode runs in hardware; N tests KVM's" },
	{ "kvm_amd", "nested", "Y1", "tests of SVM run" },
	{ "kvm_amd", "npt", "Y1", "guests have the hardware's page tables; N tests KVM's own" },
	{ "kvm_amd", "avic", "Y1", "the CPU's interrupt controller serves guests" },
};

static void parameter_tell(const struct parameter *one)
{
	char *value, wish[] = { one->wanted[0], ',', ' ', '\0' };
	struct buf path = { 0 };

	buf_printf(&path, "/sys/module/%s/parameters/%s", one->module, one->name);
	value = text_file(buf_text(&path));
	if (value)
		tell(strchr(one->wanted, *value) ? HAVE : LACK, "%s.%s is %s%s%c%s%s", one->module,
		     one->name, value, strchr(one->wanted, *value) ? ":" : "; with",
		     ' ', strchr(one->wanted, *value) ? "" : wish, one->unlocks);
	free(value);
	buf_free(&path);
}

static void modules_tell(void)
{
	char *value = text_file("/proc/sys/kernel/nmi_watchdog");
	char *clock = text_file("/sys/devices/system/clocksource/clocksource0/"
				"current_clocksource");

	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
		parameter_tell(&parameters[i]);
	if (value)
		tell(*value == '0' ? HAVE : NOTE, "kernel.nmi_watchdog is %s%s", value,
		     *value == '0' ? "" : ": it takes a counter of the PMU away from guests; "
		     "sysctl kernel.nmi_watchdog=0");
	if (clock)
		tell(!strcmp(clock, "tsc") ? HAVE : NOTE, "the clock source is %s%s", clock,
		     !strcmp(clock, "tsc") ? "" : ": tests of kvmclock's precision do not run");
	free(value);
	free(clock);
}

static char *qemu_find(const struct arch *arch)
{
	char *path = NULL;

	for (size_t i = 0; arch->qemu && arch->qemu[i] && !path; i++)
		path = program_find(arch->qemu[i]);
	return path;
}

/* Whether it starts: one whose libraries are missing is there, and of no use. */
static bool qemu_answers(const char *name, const char *path)
{
	const char *const argv[] = { path, "--version", NULL };
	char *text = program_ask(argv, NULL);
	bool answers = strstr(text, "QEMU emulator version");
	const char *line = answers ? strstr(text, "QEMU emulator version") : text;
	int length = strcspn(line, "\n");

	if (answers)
		tell(HAVE, "%s: %s, %.*s", name, path, length, line);
	else
		tell(LACK, "%s: %s is there and does not start%s%.*s", name, path,
		     length ? ": " : "", length, line);
	free(text);
	return answers;
}

static bool qemu_tell(void)
{
	bool any = false;

	printf("\nOther VMMs\n");
	for (const struct arch *arch = arch_next(NULL); arch; arch = arch_next(arch)) {
		char *path = qemu_find(arch);

		if (path)
			any |= qemu_answers(arch->name, path);
		else
			tell(LACK, "%s: no QEMU; with it (Debian: %s), its images run without KVM",
			     arch->name, arch->package ? arch->package : arch->qemu[0]);
		free(path);
	}
	return any;
}

static void bochs_tell(void)
{
	size_t count;
	char why[300];
	struct bochs *list = bochs_list(&count, why, sizeof(why));

	for (size_t i = 0; i < count; i++)
		tell(HAVE, "Bochs %s: VMX, SVM, CET and more without any hardware for it",
		     list[i].version);
	if (!count)
		tell(LACK, "no Bochs (%s); with it (Debian: bochs), tests of VMX, SVM and CET run "
		     "without any hardware for them", why);
}

static void build_tell(void)
{
	static const struct { bool there; const char *name, *package, *unlocks; } libraries[] = {
		{ HAVE_JANSSON, "jansson", "libjansson-dev", "reports as JSON lines and HTML" },
		{ HAVE_LIBXML2, "libxml2", "libxml2-dev", "reports as JUnit XML" },
		{ HAVE_SQLITE3, "sqlite3", "libsqlite3-dev", "a history of all runs" },
		{ HAVE_LIBDW, "libdw", "libdw-dev", "functions and source lines for addresses" },
		{ HAVE_SECCOMP, "libseccomp", "libseccomp-dev",
		  "machines with only the system calls that they need" },
		{ HAVE_ZYDIS || HAVE_CAPSTONE, "Zydis or capstone", "libzydis-dev, libcapstone-dev",
		  "names for instructions that KVM cannot emulate" },
	};

	printf("\nThis runner\n");
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		if (libraries[i].there)
			tell(HAVE, "built with %s: %s", libraries[i].name, libraries[i].unlocks);
		else
			tell(LACK, "built without %s; with it (Debian: %s; ./configure && make), "
			     "%s", libraries[i].name, libraries[i].package, libraries[i].unlocks);
}

static size_t files_count(const char *directory, const char *suffix)
{
	DIR *folder = opendir(directory);
	size_t count = 0, tail = strlen(suffix);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		size_t length = strlen(entry->d_name);

		count += length > tail && !strcmp(entry->d_name + length - tail, suffix);
	}
	if (folder)
		closedir(folder);
	return count;
}

static bool tree_tell(const struct session *session, bool configured)
{
	char *folder = session_image(session, "");
	size_t images = files_count(folder, session->target->suffix);
	size_t symbols = files_count(folder, ".elf");
	char *history = history_file();

	if (images)
		tell(HAVE, "%zu images in %s", images, folder);
	else
		tell(LACK, "no images in %s; %s", folder, configured ? "run make" :
		     "run ./configure && make, or go to a built tree");
	if (images && !symbols && strcmp(session->target->suffix, ".elf"))
		tell(LACK, "no .elf files beside them; with them, stack traces name functions");
	if (access(".", W_OK))
		tell(LACK, "the current folder cannot be written: unittest_log_dir= says where "
		     "logs go instead");
	if (history_missing())
		tell(LACK, "no history: see sqlite3 above");
	else if (access(history, F_OK))
		tell(HAVE, "no history yet; the first run makes %s", history);
	else
		tell(access(history, W_OK) ? LACK : HAVE, "the history is %s%s", history,
		     access(history, W_OK) ? ", and cannot be written" : "");
	free(history);
	free(folder);
	return images;
}

static const struct text_row statuses[] = {
	{ "0", "images are there, and something that can run them" },
	{ "1", "something that tests need is missing" },
	{ NULL, NULL }
};

static int doctor_run(const char *program, int argc, char **argv)
{
	static struct session session;
	int first, status = options_read(&doctor_command, NULL, argc, argv, &first);
	bool configured, kvm, qemu, images;

	if (status != OPTIONS_GO_ON)
		return status;
	configured = session_start(&session, program, NULL);
	host_tell();
	kvm = kvm_tell();
	modules_tell();
	qemu = qemu_tell();
	bochs_tell();
	build_tell();
	images = tree_tell(&session, configured);
	printf("\n");
	if (images && (kvm || qemu))
		printf("Tests can run here: ./run_tests.sh\n");
	else if (!images)
		printf("There are no images to run.\n");
	else
		printf("Nothing here can run a machine: install QEMU, or get /dev/kvm.\n");
	return images && (kvm || qemu) ? 0 : 1;
}

const struct command doctor_command = {
	.name = "doctor", .operands = "", .run = doctor_run, .statuses = statuses,
	.text = "what this host offers and lacks for tests, and what each would unlock",
};
