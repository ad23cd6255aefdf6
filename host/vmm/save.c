/* SPDX-License-Identifier: BSD-2-Clause */
/* When to save, and what goes into the file. */
#include "vmm/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "vmm/clock.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"
#include "vmm/request.h"
#include "vmm/saved.h"
#include "vmm/slots.h"
#include "vmm/state.h"
#include "vmm/state_file.h"

/* The configuration as text: what is needed to make the same machine again. */
static char *config_text(void)
{
	const struct vm_config *config = machine.config;
	const char *const *device = config->devices;
	struct buf text = { 0 };

	buf_printf(&text, "arch=%s\nimage=%s\ncpu=%s\ncpus=%u\nmemory=%llu\npit=%d\n"
		   "irqchip=%d\nq35=%d\nvmport=%d\ncpu_pm=%d\nledger=%d\n"
		   "test_device=%d\nmodel=%016llx\n", ARCH_NAME,
		   config->image, config->cpu ? config->cpu : "", config->cpus,
		   (unsigned long long)config->memory, config->pit,
		   config->platform.irqchip, config->platform.q35,
		   config->platform.vmport, config->platform.cpu_pm,
		   config->ledger >= 0, config->test_device,
		   (unsigned long long)arch_model_hash());
	for (; device && *device; device++)
		buf_printf(&text, "device=%s\n", *device);
	return buf_take(&text);
}

static struct saved_slot *saved_slots(const struct slot *slots)
{
	struct saved_slot *saved = mem_new(SLOTS * sizeof(*saved));

	for (unsigned int n = 0; n < SLOTS; n++) {
		uint64_t offset = (char *)slots[n].host - (char *)ram_page(0);

		if (!slots[n].size)
			continue;
		saved[n] = (struct saved_slot){
			.gpa = slots[n].gpa, .size = slots[n].size,
			.offset = offset, .flags = slots[n].flags,
			.kind = offset < ram_pages() * RAM_PAGE ? SAVED_RAM :
				SAVED_OTHER,
		};
	}
	return saved;
}

/* Runs of pages that are not zeros. */
static struct saved_run *saved_runs(size_t *count)
{
	const uint64_t *populated = ram_populated();
	struct saved_run *runs = NULL;

	*count = 0;
	for (uint64_t page = 0; page < ram_pages(); page++) {
		struct saved_run *last = *count ? &runs[*count - 1] : NULL;

		if (!(page % 64) && !populated[page / 64]) {
			page += 63;
			continue;
		}
		if (!(populated[page / 64] >> page % 64 & 1) ||
		    page_is_zero(ram_page(page)))
			continue;
		if (last && last->first + last->count == page) {
			last->count++;
			continue;
		}
		runs = mem_grow(runs, *count, sizeof(*runs));
		runs[(*count)++] = (struct saved_run){ page, 1 };
	}
	return runs;
}

bool save_machine(int fd)
{
	static struct state *state;
	struct state_writer *writer = state_writer_new();
	struct state_piece piece;
	struct saved_slot *slots;
	struct saved_run *runs;
	const uint64_t *logged;
	size_t count;
	char *text = config_text();
	bool good;

	if (!state)
		state = state_new();
	faults_end();
	state_take(state);
	slots = saved_slots(state_slots(state));
	runs = saved_runs(&count);
	/* KVM's logs go with its VM. */
	logged = ram_logged();
	if (logged)
		slots_harvest(true);
	state_writer_add(writer, SAVED_CONFIG, 0, text, strlen(text));
	for (unsigned int n = 0; state_piece(state, n, &piece); n++)
		state_writer_add(writer, piece.name, piece.cpu, piece.bytes,
				 piece.size);
	state_writer_add(writer, SAVED_SLOTS, 0, slots, SLOTS * sizeof(*slots));
	state_writer_add(writer, SAVED_RUNS, 0, runs, count * sizeof(*runs));
	state_writer_add(writer, SAVED_LOGGED, 0, logged, logged ? ram_bitmap_bytes() : 0);
	state_writer_add(writer, SAVED_MEMORY, 0, NULL, 0);
	for (size_t i = 0; i < count; i++)
		state_writer_more(writer, ram_page(runs[i].first),
				  runs[i].count * RAM_PAGE);
	good = state_writer_end(writer, fd);
	if (machine.config->conduct.hash)
		state_hash_print("saved", state);
	free(text);
	free(slots);
	free(runs);
	return good;
}

/* Where conduct.save wants a file: at the start, an exit, each so many, a name. */
static struct {
	char *file;
	const char *name;	/* of a point, or NULL */
	uint64_t exit, every;	/* 0: not so */
	uint64_t exits;		/* so far; atomic */
	unsigned int files;
} save;

static void save_now(void *unused)
{
	uint64_t begin = host_ns();
	char *path = save.file, *draft;
	int fd;

	(void)unused;
	if (save.every && asprintf(&path, "%s.%u", save.file, save.files + 1) < 0)
		must(-1, "memory for a file's name");
	if (asprintf(&draft, "%s.new", path) < 0)
		must(-1, "memory for a file's name");
	/* Whole or not at all; and this machine may itself live on that file. */
	fd = open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		machine_end(NULL, VM_END_ERROR, 0, "saving to %s: %s", path,
			    strerror(errno));
	if (!save_machine(fd) || close(fd) < 0 || rename(draft, path) < 0) {
		int error = errno;

		unlink(draft);
		machine_end(NULL, VM_END_ERROR, 0, "saving to %s: %s", path,
			    strerror(error));
	}
	save.files++;
	machine.end->saves++;
	machine.end->save_ns += host_ns() - begin;
	free(draft);
	if (path != save.file)
		free(path);
}

/* FILE@POINT; returns what is wrong with it, or NULL. */
static const char *wanted_read(const char *wanted, size_t *file)
{
	const char *point = strrchr(wanted, '@'), *number;
	bool every;
	uint64_t n;
	char *end;

	if (!point || point == wanted || !point[1])
		return "not FILE@POINT";
	*file = point++ - wanted;
	every = !strncmp(point, "every:", 6);
	number = every ? point + 6 : point;
	n = strtoull(number, &end, 10);
	save.exit = save.every = 0;
	save.name = NULL;
	if (*number < '0' || *number > '9' || *end) {
		save.name = point;
		return every ? "every:N has a number of exits" : NULL;
	}
	*(every ? &save.every : &save.exit) = n;
	return n ? NULL : "exits count from 1";
}

const char *vm_save_wrong(const char *wanted)
{
	size_t file;

	return wanted_read(wanted, &file);
}

void save_init(void)
{
	const char *wanted = machine.config->conduct.save;
	size_t file;

	if (!wanted)
		return;
	ram_pages_open();
	wanted_read(wanted, &file);
	save.file = mem_text(wanted, file);
	machine.watch_exits |= !save.name;
	if (save.name && !strcmp(save.name, "start"))
		save_now(NULL);
}

/* Behind what other work has asked for (INIT, after S3): that is in no file. */
static void save_work(void *arg)
{
	vcpu_after_exit(save_now, arg);
}

void save_after_exit(void)
{
	uint64_t now;

	if (!save.exit && !save.every)
		return;
	now = __atomic_add_fetch(&save.exits, 1, __ATOMIC_RELAXED);
	if (now == save.exit || (save.every && !(now % save.every)))
		vcpu_after_exit(save_work, NULL);
}

void save_point(const char *name)
{
	if (save.name && !strcmp(save.name, name))
		vcpu_after_exit(save_now, NULL);
}
