/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory by linear or physical address, breakpoints, and the monitor's commands. */
#include "vmm/gdb_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "vmm/autopsy.h"
#include "vmm/gdb.h"
#include "vmm/gdb_link.h"
#include "vmm/machine.h"

#define POINTS		256	/* trap instructions, and hardware's */
#define PAGE		4096u
#define TRAP_MAX	8

static struct {
	bool physical;		/* addresses are physical */
	struct point {
		enum gdb_point kind;
		uint64_t address;
		unsigned int size;
		bool by_steps;	/* only stepping sees it: KVM has no such thing */
		gpa_t gpa;	/* of what is watched, or a trap: it stays if mappings change */
		uint8_t old[TRAP_MAX];	/* what was there */
	} points[POINTS];
	unsigned int count;
} memory;

static bool translate(struct vcpu *vcpu, uint64_t address, gpa_t *gpa)
{
	*gpa = address;
	return memory.physical || arch_gdb_translate(vcpu, address, gpa);
}

static bool is_planted(const struct point *point)
{
	return point->kind == GDB_SOFTWARE && !point->by_steps;
}

/*
 * Where a trap instruction is, the debugger sees what it stands for, and changes
 * that: @bytes are those from @gpa on.
 */
static void traps_hide(gpa_t gpa, uint8_t *bytes, size_t size, bool write)
{
	for (unsigned int i = 0; i < memory.count; i++) {
		struct point *p = &memory.points[i];

		for (unsigned int n = 0; is_planted(p) && n < arch_gdb_trap_size; n++) {
			gpa_t at = p->gpa + n - gpa;

			if (at >= size)
				continue;
			if (write) {
				p->old[n] = bytes[at];
				bytes[at] = arch_gdb_trap[n];
			} else {
				bytes[at] = p->old[n];
			}
		}
	}
}

/* Piece by piece: pages need not follow each other. */
static size_t memory_copy(struct vcpu *vcpu, uint64_t address, uint8_t *bytes, size_t size,
			  bool write)
{
	size_t done = 0;

	while (done < size) {
		size_t piece = PAGE - (address + done) % PAGE;
		void *at;
		gpa_t gpa;

		if (piece > size - done)
			piece = size - done;
		if (!translate(vcpu, address + done, &gpa))
			break;
		at = write ? ram_write_at(gpa, piece) : ram_at(gpa, piece);
		if (!at)
			break;
		if (write) {
			traps_hide(gpa, bytes + done, piece, true);
			memcpy(at, bytes + done, piece);
		} else {
			memcpy(bytes + done, at, piece);
			traps_hide(gpa, bytes + done, piece, false);
		}
		done += piece;
	}
	return done;
}

void gdb_memory_send(struct vcpu *vcpu, const char *text)
{
	uint64_t address, length;
	struct buf out = { 0 };
	uint8_t *bytes;

	if (!hex_number(&text, ',', &address) || !hex_number(&text, '\0', &length)) {
		gdb_send("E22", 3);
		return;
	}
	if (length > GDB_PACKET_MAX / 2)
		length = GDB_PACKET_MAX / 2;
	bytes = mem_new(length);
	length = memory_copy(vcpu, address, bytes, length, false);
	if (length) {
		hex_add(&out, bytes, length);
		gdb_send(out.data, out.length);
	} else {
		gdb_send("E14", 3);	/* EFAULT */
	}
	free(bytes);
	buf_free(&out);
}

bool gdb_memory_take(struct vcpu *vcpu, const char *text, size_t length, bool binary)
{
	const char *end = text + length;
	uint64_t address, size;
	uint8_t *bytes;
	bool good;

	if (!hex_number(&text, ',', &address) || !hex_number(&text, ':', &size) ||
	    size > (size_t)(end - text))
		return false;
	bytes = mem_new(size);
	good = binary || hex_bytes(text, bytes, size);
	if (binary)
		memcpy(bytes, text, size);
	good = good && memory_copy(vcpu, address, bytes, size, true) == size;
	free(bytes);
	return good;
}

static struct point *point_find(enum gdb_point kind, uint64_t address)
{
	for (unsigned int i = 0; i < memory.count; i++)
		if (memory.points[i].kind == kind && memory.points[i].address == address)
			return &memory.points[i];
	return NULL;
}

bool gdb_planted(uint64_t address)
{
	const struct point *point = point_find(GDB_SOFTWARE, address);

	return point && is_planted(point);
}

bool gdb_any_planted(void)
{
	for (unsigned int i = 0; i < memory.count; i++)
		if (is_planted(&memory.points[i]))
			return true;
	return false;
}

bool gdb_watching(void)
{
	for (unsigned int i = 0; i < memory.count; i++)
		if (memory.points[i].by_steps)
			return true;
	return false;
}

bool gdb_watch_hit(uint64_t *address)
{
	for (unsigned int i = 0; i < memory.count; i++) {
		struct point *p = &memory.points[i];
		const void *at = p->by_steps && p->kind == GDB_WRITE ?
			ram_at(p->gpa, p->size) : NULL;

		if (at && memcmp(at, p->old, p->size)) {
			*address = p->address;
			return true;
		}
	}
	return false;
}

bool gdb_passed_at(uint64_t address, bool *software)
{
	const struct point *point = point_find(GDB_SOFTWARE, address);

	*software = point && point->by_steps;
	return *software || point_find(GDB_HARDWARE, address);
}

/* Steps, and looks after each: all that is left where KVM overlooks points. */
static int steps_set(struct vcpu *vcpu, struct point *point)
{
	const void *at = translate(vcpu, point->address, &point->gpa) ?
		ram_at(point->gpa, point->size) : NULL;

	if (!at)
		return -1;
	memcpy(point->old, at, point->size);
	point->by_steps = true;
	return 0;
}

/* 0, -1, or 1 if there is no such thing here, as arch_gdb_point() says. */
static int point_set(struct vcpu *vcpu, struct point *point)
{
	void *at;

	if (point->kind != GDB_SOFTWARE) {
		int result = arch_gdb_point(point->kind, point->address, point->size, true);

		return result > 0 && (point->kind == GDB_WRITE || point->kind == GDB_HARDWARE) ?
			steps_set(vcpu, point) : result;
	}
	if (!arch_gdb_traps())
		return steps_set(vcpu, point);
	if (!translate(vcpu, point->address, &point->gpa))
		return -1;
	at = ram_write_at(point->gpa, arch_gdb_trap_size);
	if (!at)
		return -1;
	memcpy(point->old, at, arch_gdb_trap_size);
	memcpy(at, arch_gdb_trap, arch_gdb_trap_size);
	return 0;
}

static void point_clear(struct point *point)
{
	void *at;

	if (is_planted(point)) {
		at = ram_write_at(point->gpa, arch_gdb_trap_size);
		/* The guest may have written other code there since. */
		if (at && !memcmp(at, arch_gdb_trap, arch_gdb_trap_size))
			memcpy(at, point->old, arch_gdb_trap_size);
	} else if (!point->by_steps) {
		arch_gdb_point(point->kind, point->address, point->size, false);
	}
	*point = memory.points[--memory.count];
}

void gdb_unplant_all(void)
{
	while (memory.count)
		point_clear(&memory.points[memory.count - 1]);
}

void gdb_point(struct vcpu *vcpu, const char *packet)
{
	bool set = *packet == 'Z';
	struct point point = { 0 }, *old;
	uint64_t kind, size;
	int result = 0;

	packet++;
	if (!hex_number(&packet, ',', &kind) || !hex_number(&packet, ',', &point.address) ||
	    !hex_number(&packet, packet[strcspn(packet, ";")], &size) || kind > GDB_ACCESS) {
		gdb_send("E22", 3);
		return;
	}
	point.kind = kind;
	point.size = size < 8 ? size : 8;
	old = point_find(point.kind, point.address);
	if (!set && old)
		point_clear(old);
	else if (set && !old && memory.count < POINTS)
		result = point_set(vcpu, &point);
	else if (set && !old)
		result = -1;
	if (set && !old && !result)
		memory.points[memory.count++] = point;
	/* gdb helps itself without those that are not there. */
	if (result > 0)
		gdb_send("", 0);
	else if (result < 0)
		gdb_send("E28", 3);	/* ENOSPC */
	else
		gdb_send("OK", 2);
}

bool gdb_physical_packet(const char *packet)
{
	if (!strcmp(packet, "qqemu.PhyMemMode")) {
		gdb_send(memory.physical ? "1" : "0", 1);
	} else if (!strncmp(packet, "Qqemu.PhyMemMode:", 17)) {
		memory.physical = packet[17] == '1';
		gdb_send("OK", 2);
	} else {
		return false;
	}
	return true;
}

static void monitor_phys(struct vcpu *vcpu, const char *argument, struct buf *to)
{
	(void)vcpu;
	if (!strcmp(argument, "on") || !strcmp(argument, "off"))
		memory.physical = !strcmp(argument, "on");
	buf_printf(to, "addresses are %s\n", memory.physical ? "physical" : "linear");
}

static void monitor_walk(struct vcpu *vcpu, const char *argument, struct buf *to)
{
	char *end;
	uint64_t address = strtoull(argument, &end, 0);

	if (!*argument || *end)
		buf_puts(to, "walk ADDRESS\n");
	else
		arch_gdb_walk(vcpu, address, to);
}

static void monitor_exits(struct vcpu *vcpu, const char *argument, struct buf *to)
{
	const struct vm_record *record = record_of(machine.end, vcpu->index);
	uint64_t n = record->exits < RECORD_EXITS ? record->exits : RECORD_EXITS;

	(void)argument;
	for (uint64_t i = record->exits - n; i < record->exits; i++) {
		const struct vm_exit *exit = &record->exit[i % RECORD_EXITS];
		char text[256];
		struct str line = str_on(text, sizeof(text));

		exit_text(&line, exit);
		buf_printf(to, "%#llx %s\n", (unsigned long long)exit->pc, text);
	}
}

static void monitor_help(struct vcpu *vcpu, const char *argument, struct buf *to);

static const struct {
	const char *name, *text;
	void (*run)(struct vcpu *vcpu, const char *argument, struct buf *to);
} commands[] = {
	{ "phys", "on|off: memory is read and written by physical address, or not",
	  monitor_phys },
	{ "walk", "ADDRESS: its way through the page tables", monitor_walk },
	{ "exits", "the last exits of this CPU", monitor_exits },
	{ "help", "this list", monitor_help },
};

static void monitor_help(struct vcpu *vcpu, const char *argument, struct buf *to)
{
	(void)vcpu;
	(void)argument;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		buf_printf(to, "%s %s\n", commands[i].name, commands[i].text);
}

void gdb_monitor(struct vcpu *vcpu, const char *hex)
{
	char text[128] = "";
	size_t size = strlen(hex) / 2, name;
	struct buf out = { 0 }, packet = { 0 };
	bool known = false;

	if (size >= sizeof(text) || !hex_bytes(hex, text, size)) {
		gdb_send("E22", 3);
		return;
	}
	name = strcspn(text, " ");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (str_same(text, name, commands[i].name)) {
			commands[i].run(vcpu, text + name + strspn(text + name, " "), &out);
			known = true;
		}
	if (!known)
		monitor_help(vcpu, "", &out);
	if (out.length > GDB_PACKET_MAX / 2)
		out.length = GDB_PACKET_MAX / 2;
	hex_add(&packet, out.data, out.length);
	if (packet.length)
		gdb_send(packet.data, packet.length);
	else
		gdb_send("OK", 2);
	buf_free(&out);
	buf_free(&packet);
}
