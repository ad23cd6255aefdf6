/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether this host has KVM, and of which kind; the same on every architecture. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/vm.h"

#define DEV_KVM	"/dev/kvm"

bool vm_usable(char *why, size_t size)
{
	int fd = open(DEV_KVM, O_RDWR | O_CLOEXEC), version;

	if (fd < 0) {
		snprintf(why, size, DEV_KVM ": %s", strerror(errno));
		return false;
	}
	version = ioctl(fd, KVM_GET_API_VERSION, 0);
	close(fd);
	if (version != KVM_API_VERSION) {
		snprintf(why, size, DEV_KVM ": API version %d, not %d", version,
			 KVM_API_VERSION);
		return false;
	}
	return true;
}

/* A kernel may have several built in: the CPU tells which one it is. */
static bool is_idle(const char *module)
{
	char line[4096];
	FILE *cpus;
	bool amd;

	if (strcmp(module, "kvm_amd") && strcmp(module, "kvm_intel"))
		return false;
	cpus = fopen("/proc/cpuinfo", "re");
	while (cpus && fgets(line, sizeof(line), cpus) && strncmp(line, "flags", 5))
		;
	if (!cpus)
		return false;
	amd = strstr(line, " svm");
	fclose(cpus);
	return amd == !strcmp(module, "kvm_intel");
}

const char *vm_host_kind(void)
{
	static char kind[32];
	struct dirent *entry;
	DIR *modules;

	if (kind[0])
		return kind;
	snprintf(kind, sizeof(kind), "kvm");
	modules = opendir("/sys/module");
	while (modules && (entry = readdir(modules)))
		if (!strncmp(entry->d_name, "kvm_", 4) && !is_idle(entry->d_name))
			snprintf(kind, sizeof(kind), "%.31s", entry->d_name);
	if (modules)
		closedir(modules);
	return kind;
}
