/* SPDX-License-Identifier: BSD-2-Clause */
/* A saved machine's file into a new machine. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/range.h"
#include "base/str.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"
#include "vmm/save.h"
#include "vmm/saved.h"
#include "vmm/slots.h"
#include "vmm/state.h"
#include "vmm/state_file.h"

#define MAP_PAGES	32	/* from so many on, a run is mapped */

static struct {
	void *file;
	uint64_t size;
	struct vm_config config;
	uint64_t model;		/* arch_model_hash() of the machine that was saved */
	bool ledger;
} load;

static void __attribute__((noreturn, format(printf, 1, 2)))
load_fail(const char *format, ...)
{
	va_list args;
	char why[300];

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	machine_end(NULL, VM_END_ERROR, 0, "%s: %s", machine.config->conduct.load,
		    why);
}

static const void *section(const char *name, unsigned int cpu, uint64_t *size)
{
	const void *bytes = state_file_find(load.file, name, cpu, size);

	if (!bytes)
		load_fail("it has no section \"%s\" of CPU %u: another kind of machine",
			  name, cpu);
	return bytes;
}

static void file_map(int fd)
{
	struct stat status;
	char why[200];

	must(fstat(fd, &status), "the saved machine's file");
	if (!S_ISREG(status.st_mode))
		load_fail("not a saved machine");
	load.size = status.st_size;
	/* Writable, as what is memory moves there. */
	load.file = mmap(NULL, load.size ? load.size : 1, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	if (load.file == MAP_FAILED)
		must(-1, "mapping the saved machine's file");
	if (!state_file_check(load.file, load.size, why, sizeof(why)))
		load_fail("%s", why);
}

static void device_add(char *name)
{
	static const char **devices;
	static size_t count;

	devices = mem_grow(devices, count + 1, sizeof(*devices));
	devices[count++] = name;
	devices[count] = NULL;
	load.config.devices = devices;
}

static void number_take(const char *name, size_t length, uint64_t number)
{
	struct vm_config *config = &load.config;

	if (str_same(name, length, "cpus"))
		config->cpus = number;
	else if (str_same(name, length, "memory"))
		config->memory = number;
	else if (str_same(name, length, "pit"))
		config->pit = number;
	else if (str_same(name, length, "irqchip"))
		config->platform.irqchip = number;
	else if (str_same(name, length, "q35"))
		config->platform.q35 = number;
	else if (str_same(name, length, "vmport"))
		config->platform.vmport = number;
	else if (str_same(name, length, "cpu_pm"))
		config->platform.cpu_pm = number;
	else if (str_same(name, length, "ledger"))
		load.ledger = number;
	else if (str_same(name, length, "test_device"))
		config->test_device = number;
}

static void line_take(const char *line, size_t length)
{
	const char *equals = memchr(line, '=', length);
	size_t name = equals ? (size_t)(equals - line) : length;
	char *value = mem_text(line + name + !!equals, length - name - !!equals);

	if (str_same(line, name, "arch") && strcmp(value, ARCH_NAME))
		load_fail("a machine of architecture %s, not " ARCH_NAME, value);
	if (str_same(line, name, "image")) {
		load.config.image = value;
	} else if (str_same(line, name, "cpu")) {
		load.config.cpu = *value ? value : NULL;
	} else if (str_same(line, name, "device")) {
		device_add(value);
	} else {
		if (str_same(line, name, "model"))
			load.model = strtoull(value, NULL, 16);
		else
			number_take(line, name, strtoull(value, NULL, 10));
		free(value);
	}
}

char *vm_saved_image(int fd)
{
	static const char key[] = "\nimage=";
	struct stat status;
	const char *text, *at;
	char *image = NULL, why[200];
	uint64_t size;
	void *file;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || !status.st_size)
		return NULL;
	file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		return NULL;
	text = state_file_check(file, status.st_size, why, sizeof(why)) ?
		state_file_find(file, SAVED_CONFIG, 0, &size) : NULL;
	at = text ? memmem(text, size, key, strlen(key)) : NULL;
	if (at) {
		const char *end;

		at += strlen(key);
		end = memchr(at, '\n', text + size - at);
		image = mem_text(at, (end ? end : text + size) - at);
	}
	munmap(file, status.st_size);
	return image;
}

const struct vm_config *load_config(const struct vm_config *config)
{
	const char *text, *end, *next;
	uint64_t size;

	load.config = *config;
	load.config.cpus = 0;
	load.config.memory = 0;
	load.config.devices = NULL;
	file_map(config->conduct.load_fd);
	text = section(SAVED_CONFIG, 0, &size);
	for (end = text + size; text < end; text = next + 1) {
		next = memchr(text, '\n', end - text);
		if (!next)
			break;
		line_take(text, next - text);
	}
	if (!load.config.cpus || load.config.cpus > 65535 ||
	    load.config.memory % RAM_PAGE || load.config.memory < 1 << 20)
		load_fail("damaged: a machine of %u CPUs and %llu bytes",
			  load.config.cpus,
			  (unsigned long long)load.config.memory);
	if (load.ledger != (config->ledger >= 0))
		load_fail("it was saved %s a ledger, and this machine is %s one",
			  load.ledger ? "with" : "without",
			  load.ledger ? "without" : "with");
	return &load.config;
}

static void load_slots(struct slot *slots)
{
	const struct range memory = { 0, ram_pages() * RAM_PAGE };
	const struct saved_slot *saved;
	uint64_t size;

	saved = section(SAVED_SLOTS, 0, &size);
	if (size != SLOTS * sizeof(*saved))
		load_fail("damaged: its memory slots are no table of %u", SLOTS);
	for (unsigned int n = 0; n < SLOTS; n++) {
		const struct saved_slot *s = &saved[n];
		const struct slot *own = slot_get(n);

		slots[n] = (struct slot){ 0 };
		if (s->kind == SAVED_RAM &&
		    range_contains(memory, s->offset, s->size))
			slots[n] = (struct slot){ s->gpa, s->size,
						  (char *)ram_page(0) + s->offset,
						  s->flags };
		else if (s->kind == SAVED_OTHER && own && own->gpa == s->gpa &&
			 own->size == s->size)
			slots[n] = *own;
		else if (s->kind != SAVED_NONE)
			load_fail("its memory slot %u is none of this machine's", n);
	}
}

/* Copying is quicker for short runs, and an offset may be wrong. */
static void run_put(const struct saved_run *run, const char *bytes)
{
	uint64_t offset = bytes - (const char *)load.file;

	if (run->count < MAP_PAGES || offset % RAM_PAGE)
		memcpy(ram_page(run->first), bytes, run->count * RAM_PAGE);
	else
		ram_map(run->first, run->count, machine.config->conduct.load_fd, offset,
			(char *)load.file + offset);
}

static void load_memory(void)
{
	const struct range memory = { 0, ram_pages() };
	const uint64_t *populated = ram_populated();
	const struct saved_run *runs;
	const char *bytes;
	uint64_t runs_size, size, pages = 0;

	/* What making the machine has written there is not in the file. */
	for (uint64_t w = 0; w < (ram_pages() + 63) / 64; w++)
		for (uint64_t word = populated[w]; word; word &= word - 1)
			memset(ram_page(w * 64 + __builtin_ctzll(word)), 0, RAM_PAGE);
	runs = section(SAVED_RUNS, 0, &runs_size);
	bytes = section(SAVED_MEMORY, 0, &size);
	for (uint64_t i = 0; i < runs_size / sizeof(*runs); i++) {
		if (!range_contains(memory, runs[i].first, runs[i].count) ||
		    runs[i].count > size / RAM_PAGE - pages)
			load_fail("damaged: its pages are none of this machine's");
		run_put(&runs[i], bytes + pages * RAM_PAGE);
		pages += runs[i].count;
	}
	if (pages * RAM_PAGE != size)
		load_fail("damaged: it has memory that is in no page");
}

/* Behind the state, which begins a log or not. */
static void load_logged(void)
{
	uint64_t size, *logged = ram_logged();
	const uint64_t *saved = section(SAVED_LOGGED, 0, &size);

	if (size != (logged ? ram_bitmap_bytes() : 0))
		load_fail("damaged: its log of dirty pages is none of this machine's");
	for (uint64_t w = 0; w < size / sizeof(*saved); w++)
		logged[w] |= saved[w];
}

void load_machine(void)
{
	static struct state *state;
	struct state_piece piece;

	if (!state)
		state = state_new();
	if (load.model != arch_model_hash())
		load_fail("this host makes another CPU of \"%s\"",
			  load.config.cpu ? load.config.cpu : "the default model");
	for (unsigned int n = 0; state_piece(state, n, &piece); n++) {
		uint64_t size;
		const void *bytes = section(piece.name, piece.cpu, &size);

		if (size != piece.size)
			load_fail("its %s of CPU %u has %llu bytes, not %zu: another "
				  "kind of host", piece.name, piece.cpu,
				  (unsigned long long)size, piece.size);
		memcpy(piece.bytes, bytes, size);
	}
	load_slots(state_slots(state));
	load_memory();
	machine.loading = true;
	state_put(state);
	machine.loading = false;
	load_logged();
	if (machine.config->conduct.hash) {
		state_take(state);
		state_hash_print("loaded", state);
	}
	munmap(load.file, load.size);
}
