/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's binary statistics: a header, descriptions with names, and the values. */
#include "vmm/stats.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/machine.h"

#define NAME_MOST	256
#define KNOWN_MOST	8

/* A description, and the name behind it. */
struct description {
	struct kvm_stats_desc head;
	char name[NAME_MOST];
};

/* Where the value of a name is; -1: nowhere. */
static off_t stats_place(int fd, const char *name)
{
	struct kvm_stats_header header;
	struct description d;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    header.name_size > NAME_MOST)
		return -1;
	for (uint32_t i = 0; i < header.num_desc; i++) {
		size_t size = sizeof(d.head) + header.name_size;

		if (pread(fd, &d, size, header.desc_offset + i * size) != (ssize_t)size)
			return -1;
		if (!strncmp(d.name, name, header.name_size))
			return header.data_offset + d.head.offset;
	}
	return -1;
}

static bool value_read(int fd, off_t place, uint64_t *value)
{
	return place >= 0 && pread(fd, value, sizeof(*value), place) == sizeof(*value);
}

bool stats_read(int fd, const char *name, uint64_t *value)
{
	return value_read(fd, stats_place(fd, name), value);
}

/* A descriptor that is kept, and where it has what was asked for. */
struct source {
	unsigned int generation;	/* of the VM that it is of, plus one */
	int fd;
	struct {
		const char *name;
		off_t place;
	} known[KNOWN_MOST];
};

static void source_open(struct source *source, int of)
{
	if (source->generation == machine.generation + 1)
		return;
	if (source->generation && source->fd >= 0)
		close(source->fd);
	source->generation = machine.generation + 1;
	source->fd = ioctl(of, KVM_GET_STATS_FD, NULL);
}

static bool source_read(struct source *source, int of, const char *name, uint64_t *value)
{
	unsigned int i;

	source_open(source, of);
	if (source->fd < 0)
		return false;
	for (i = 0; i < KNOWN_MOST && source->known[i].name; i++)
		if (!strcmp(source->known[i].name, name))
			return value_read(source->fd, source->known[i].place, value);
	if (i == KNOWN_MOST)
		return stats_read(source->fd, name, value);
	source->known[i].name = name;
	source->known[i].place = stats_place(source->fd, name);
	return value_read(source->fd, source->known[i].place, value);
}

bool stats_vm(const char *name, uint64_t *value)
{
	static struct source vm;

	return source_read(&vm, machine.vm, name, value);
}

bool stats_cpus(const char *name, uint64_t *sum)
{
	static struct source *cpus;

	if (!cpus)
		cpus = calloc(machine.config->cpus, sizeof(*cpus));
	must(cpus ? 0 : -1, "memory for statistics");
	*sum = 0;
	for (unsigned int i = 0; i < machine.config->cpus; i++) {
		uint64_t value;

		if (!source_read(&cpus[i], machine.vcpus[i].fd, name, &value))
			return false;
		*sum += value;
	}
	return true;
}
