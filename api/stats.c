/* SPDX-License-Identifier: BSD-2-Clause */
/* Binary statistics: api.rst, 4.133 KVM_GET_STATS_FD. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

CODE16(spin_io, "mov $100, %cx; 1: out %al, $0x80; loop 1b; hlt");

#define MOST	(1u << 16)	/* bytes of descriptors and data */

struct stats {
	int fd;
	struct kvm_stats_header header;
	char id[64];
	uint8_t *descriptors;
	size_t step;		/* bytes of one */
};

static const struct kvm_stats_desc *descriptor(const struct stats *stats, unsigned int n)
{
	return (const void *)(stats->descriptors + n * stats->step);
}

static struct stats stats_open(int of)
{
	struct stats stats = { .fd = call(of, KVM_GET_STATS_FD, 0) };
	size_t size;

	REQUIRE_DONE(stats.fd);
	REQUIRE(read(stats.fd, &stats.header, sizeof(stats.header)) == sizeof(stats.header));
	REQUIRE(stats.header.name_size && stats.header.name_size < 1000);
	REQUIRE(stats.header.num_desc && stats.header.num_desc < 1000);
	stats.step = sizeof(struct kvm_stats_desc) + stats.header.name_size;
	size = stats.header.num_desc * stats.step;
	stats.descriptors = calloc(1, size);
	EXPECT(pread(stats.fd, stats.id, sizeof(stats.id) - 1, stats.header.id_offset) > 0);
	REQUIRE(pread(stats.fd, stats.descriptors, size, stats.header.desc_offset) ==
		(ssize_t)size);
	return stats;
}

static void expect_sound(const struct stats *stats)
{
	uint64_t end = 0, ends[1000];

	for (unsigned int i = 0; i < stats->header.num_desc; i++) {
		const struct kvm_stats_desc *d = descriptor(stats, i);
		uint32_t type = d->flags & KVM_STATS_TYPE_MASK;
		uint32_t unit = d->flags & KVM_STATS_UNIT_MASK;

		SUBTEST("%s", d->name) {
			EXPECT(strlen(d->name) && strlen(d->name) < stats->header.name_size);
			EXPECT(type <= KVM_STATS_TYPE_MAX);
			EXPECT(unit <= KVM_STATS_UNIT_MAX);
			EXPECT(d->size >= 1);
			EXPECT_EQ(d->offset % 8, 0);
			for (unsigned int j = 0; j < i; j++) {
				const struct kvm_stats_desc *other = descriptor(stats, j);

				if (!strcmp(d->name, other->name) ||
				    (d->offset < ends[j] &&
				     other->offset < d->offset + 8ull * d->size))
					check_explained(CHECK_HERE("no two are the same"), false,
							"as %s, at %#x", other->name,
							other->offset);
			}
		}
		ends[i] = d->offset + 8ull * d->size;
		if (ends[i] > end)
			end = ends[i];
	}
	/* The data end where the file does. */
	EXPECT_EQ(pread(stats->fd, (uint8_t[MOST]){ 0 }, MOST, stats->header.data_offset), end);
	EXPECT_EQ(pread(stats->fd, (uint8_t[8]){ 0 }, 8, stats->header.data_offset + end), 0);
}

static int64_t stat_get(const struct stats *stats, const char *name)
{
	for (unsigned int i = 0; i < stats->header.num_desc; i++) {
		const struct kvm_stats_desc *d = descriptor(stats, i);
		uint64_t value;

		if (strcmp(d->name, name))
			continue;
		REQUIRE(pread(stats->fd, &value, sizeof(value),
			      stats->header.data_offset + d->offset) == sizeof(value));
		return value;
	}
	return -1;
}

TEST(vm, "a VM's statistics: header, descriptors, data", REQUIRES(KVM_CAP_BINARY_STATS_FD))
{
	struct guest guest = guest_new(NULL, GUEST_PLAIN);
	struct stats stats = stats_open(guest.vm);

	EXPECT_EQ(stats.header.flags, 0);
	EXPECT(!strncmp(stats.id, "kvm-", 4));
	EXPECT(stats.header.id_offset >= sizeof(stats.header));
	expect_sound(&stats);
}

TEST(cpu, "a CPU's statistics, and that they count", REQUIRES(KVM_CAP_BINARY_STATS_FD))
{
	struct guest guest = guest_new(&spin_io, GUEST_PLAIN);
	struct stats stats = stats_open(guest.cpu);
	int64_t exits, io;

	EXPECT(strstr(stats.id, "/vcpu-0"));
	expect_sound(&stats);
	exits = stat_get(&stats, "exits");
	io = stat_get(&stats, "io_exits");
	REQUIRE(exits >= 0 && io >= 0);
	while (guest_run(&guest) == KVM_EXIT_IO)
		;
	REQUIRE_EQ(guest.run->exit_reason, KVM_EXIT_HLT);
	EXPECT(stat_get(&stats, "exits") > exits);
	EXPECT(stat_get(&stats, "io_exits") >= io);
}

TEST(outlives, "the descriptor outlives those of CPU and VM, and cannot be written",
     REQUIRES(KVM_CAP_BINARY_STATS_FD))
{
	struct guest guest = guest_new(NULL, GUEST_PLAIN);
	struct stats stats = stats_open(guest.cpu);

	close(guest.cpu);
	close(guest.vm);
	EXPECT(stat_get(&stats, "exits") >= 0);
	EXPECT(pwrite(stats.fd, "12345678", 8, stats.header.data_offset) < 0);
	EXPECT(pread(stats.fd, (char[8]){ 0 }, 8, 1 << 30) == 0);
}
