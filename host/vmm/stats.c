/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's binary statistics: a header, descriptions with names, and the values. */
#include "vmm/stats.h"

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

bool stats_vm(const char *name, uint64_t *value)
{
	static struct {
		const char *name;
		off_t place;
	} known[KNOWN_MOST];
	static unsigned int generation;
	static int fd = -1;
	unsigned int i;

	if (fd < 0 || generation != machine.generation) {
		if (fd >= 0)
			close(fd);
		generation = machine.generation;
		fd = ioctl(machine.vm, KVM_GET_STATS_FD, NULL);
	}
	if (fd < 0)
		return false;
	for (i = 0; i < KNOWN_MOST && known[i].name; i++)
		if (!strcmp(known[i].name, name))
			return value_read(fd, known[i].place, value);
	if (i == KNOWN_MOST)
		return stats_read(fd, name, value);
	known[i].name = name;
	known[i].place = stats_place(fd, name);
	return value_read(fd, known[i].place, value);
}
