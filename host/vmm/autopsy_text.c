/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's record as text and as JSON: in the parent, once the child is gone. */
#include <string.h>

#include "base/disasm.h"
#include "vmm/autopsy.h"
#include "vmm/contain.h"

#define LINE_MAX_BYTES	400	/* of a line: no further CPU begins behind it */
#define CPUS_IN_FULL	8	/* of the others, the first line is enough */

static bool explained(const struct vm_end *end)
{
	return end->kind != VM_END_DEBUG_EXIT && end->kind != VM_END_POWER_OFF &&
		end->kind != VM_END_UNSUPPORTED;
}

static void insn_text(const struct vm_record *record, struct buf *to)
{
	char text[128];

	buf_puts(to, disasm_insn(record->isa, record->pc, record->insn, record->insn_size,
				 text, sizeof(text)));
}

static void clamp8(uint8_t *value, unsigned int most)
{
	if (*value > most)
		*value = most;
}

/* A copy that nobody changes any more, and that is safe to follow. */
static void record_read(const struct vm_end *end, unsigned int cpu, struct vm_record *copy)
{
	memcpy(copy, record_of(end, cpu), sizeof(*copy));
	if (copy->samples > RECORD_SAMPLES)
		copy->samples = RECORD_SAMPLES;
	clamp8(&copy->state, CPU_NOT_STARTED);
	clamp8(&copy->isa, ISA_ARM64);
	clamp8(&copy->insn_size, RECORD_INSN);
	clamp8(&copy->frames, RECORD_FRAMES);
	arch_record_check(copy);
}

static unsigned int end_cpu(const struct vm_end *end)
{
	return end->cpu < vm_end_cpus(end) ? end->cpu : 0;
}

static void text_add(const struct vm_end *end, struct buf *to)
{
	buf_add(to, end->text, strnlen(end->text, sizeof(end->text)));
}

/* What the CPUs did when somebody's patience ended. */
static void stopped_line(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	const char *between = *end->text ? ": " : "";
	bool any = false;
	struct vm_record record;

	text_add(end, to);
	for (unsigned int i = 0; i < vm_end_cpus(end) && to->length < LINE_MAX_BYTES; i++) {
		record_read(end, i, &record);
		/* CPUs that wait for work are not why it took too long. */
		if (!record.taken || (i && record.state != CPU_RUNS))
			continue;
		buf_printf(to, "%sCPU %u ", between, i);
		doing_text(end, i, &record, symbols, to);
		between = "; ";
		any = true;
	}
	if (!any && !*end->text)
		buf_puts(to, "stopped from outside");
}

static void forbidden_line(const struct vm_end *end, struct buf *to)
{
	uint32_t number = end->forbidden - 1;
	const char *name = contain_forbidden_name(number);

	buf_printf(to, "the VMM made a system call that its sandbox forbids: %s (%u)",
		   name ? name : "one that has no name here", number);
}

/* kvm_amd resets a CPU that shuts down, and tells then: where it was is lost. */
static void reset_line(const struct vm_record *record, struct symbols *symbols,
		       struct buf *to)
{
	uint64_t pc;

	buf_puts(to, ", and KVM has reset the CPU since");
	if (record->exits < 2)
		return;
	pc = record->exit[(record->exits - 2) % RECORD_EXITS].pc;
	buf_printf(to, "; the exit before was at %#llx, in ", (unsigned long long)pc);
	if (!symbols_describe(symbols, pc, to))
		buf_printf(to, "code at %#llx", (unsigned long long)pc);
}

static void end_line(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	struct vm_record record;

	if (end->forbidden)
		return forbidden_line(end, to);
	if (end->kind == VM_END_STOPPED)
		return stopped_line(end, symbols, to);
	text_add(end, to);
	record_read(end, end_cpu(end), &record);
	if (!record.taken || !explained(end))
		return;
	if (end->kind == VM_END_SHUTDOWN && record.was_reset)
		return reset_line(&record, symbols, to);
	if (end->kind == VM_END_INTERNAL_ERROR) {
		buf_puts(to, " ");
		insn_text(&record, to);
	}
	if (end->kind == VM_END_SHUTDOWN || end->kind == VM_END_INTERNAL_ERROR) {
		buf_printf(to, " at %#llx", (unsigned long long)record.pc);
		if (vm_end_cpus(end) > 1)
			buf_printf(to, " on CPU %u", end_cpu(end));
	}
	buf_puts(to, ", in ");
	if (!symbols_describe(symbols, record.pc, to))
		buf_printf(to, "code at %#llx", (unsigned long long)record.pc);
}

/* Of an image that has moved itself, symbols are known by where it has moved to. */
void vm_end_line(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	symbols_loaded_at(symbols, end->image_at);
	end_line(end, symbols, to);
	symbols_loaded_at(symbols, 0);
}

static void stack_text(const struct vm_record *record, struct symbols *symbols,
		       struct buf *to)
{
	if (!record->frames)
		return;
	buf_puts(to, "\tcalled from\n");
	for (unsigned int i = 0; i < record->frames; i++) {
		uint64_t call = record->frame[i] - 1;

		buf_printf(to, "\t\t%#llx ", (unsigned long long)call);
		if (!symbols_describe(symbols, call, to))
			buf_puts(to, "?");
		buf_puts(to, "\n");
	}
}

static void samples_text(const struct vm_record *record, struct symbols *symbols,
			 struct buf *to)
{
	if (!record->samples)
		return;
	buf_puts(to, "\tseen at\n");
	for (unsigned int i = 0; i < record->samples; i++) {
		unsigned int times = 0, before = 0;

		for (unsigned int k = 0; k < record->samples; k++)
			if (record->sample[k] == record->sample[i]) {
				times++;
				before += k < i;
			}
		if (before)
			continue;
		buf_printf(to, "\t\t%#llx %u times ", (unsigned long long)record->sample[i], times);
		if (!symbols_describe(symbols, record->sample[i], to))
			buf_puts(to, "?");
		buf_puts(to, "\n");
	}
}

/* Calls @each for the last exits, oldest first. */
static void exits_each(const struct vm_record *record,
		       void (*each)(void *context, const struct vm_exit *exit), void *context)
{
	uint64_t total = record->exits;
	uint64_t n = total < RECORD_EXITS ? total : RECORD_EXITS;

	for (uint64_t i = total - n; i < total; i++)
		each(context, &record->exit[i % RECORD_EXITS]);
}

struct exits_text {
	struct buf *to;
	uint64_t first_ns;	/* when the machine's first exit was */
};

static void exit_line(void *context, const struct vm_exit *exit)
{
	const struct exits_text *c = context;
	char text[256];
	struct str line = str_on(text, sizeof(text));

	exit_text(&line, exit);
	buf_printf(c->to, "\t\t%11.6f %#llx %s\n",
		   (double)(int64_t)(exit->time - c->first_ns) / 1e9,
		   (unsigned long long)exit->pc, text);
}

static void cpu_text(const struct vm_end *end, unsigned int cpu, struct symbols *symbols,
		     struct buf *to)
{
	struct exits_text exits = { to, end->first_exit_ns };
	struct vm_record copy, *record = &copy;

	record_read(end, cpu, record);
	if (!record->exits && !record->taken)
		return;
	buf_printf(to, "CPU %u ", cpu);
	if (record->taken)
		doing_text(end, cpu, record, symbols, to);
	else
		buf_puts(to, "did not come out of the kernel to say where it is");
	buf_puts(to, "\n");
	if (cpu >= CPUS_IN_FULL && cpu != end_cpu(end))
		return;
	if (record->taken) {
		buf_printf(to, "\tat %#llx: ", (unsigned long long)record->pc);
		insn_text(record, to);
		buf_puts(to, "\n");
		stack_text(record, symbols, to);
		samples_text(record, symbols, to);
		arch_record_text(record, to);
	}
	if (record->exits) {
		buf_printf(to, "\tlast of %llu exits: seconds, place, what\n",
			   (unsigned long long)record->exits);
		exits_each(record, exit_line, &exits);
	}
}

static void unclaimed_text(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	if (!end->unclaimed)
		return;
	buf_printf(to, "%u access%s that no device claims\n", end->unclaimed,
		   end->unclaimed == 1 ? "" : "es");
	for (unsigned int i = 0; i < end->unclaimed && i < VM_UNCLAIMED; i++) {
		const struct vm_access *a = &end->access[i];

		buf_printf(to, "\t%s of %u bytes at %s %#llx", a->write ? "write" : "read",
			   a->size, a->port ? "port" : "address", (unsigned long long)a->at);
		if (a->write)
			buf_printf(to, ", value %#llx", (unsigned long long)a->value);
		buf_printf(to, ", CPU %u at %#llx ", a->cpu, (unsigned long long)a->pc);
		symbols_describe(symbols, a->pc, to);
		buf_puts(to, "\n");
	}
}

void vm_autopsy_text(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	if (end->lies)
		buf_printf(to, "wrong on purpose %llu times\n", (unsigned long long)end->lies);
	if (end->console_dropped)
		buf_printf(to, "%llu bytes of its console dropped, beyond the first %llu MiB\n",
			   (unsigned long long)end->console_dropped, VM_CONSOLE_MOST >> 20);
	symbols_loaded_at(symbols, end->image_at);
	unclaimed_text(end, symbols, to);
	for (unsigned int i = 0; explained(end) && i < vm_end_cpus(end); i++)
		cpu_text(end, i, symbols, to);
	symbols_loaded_at(symbols, 0);
}

static void place_json(struct json_out *json, struct symbols *symbols, uint64_t pc)
{
	struct symbol places[16];
	unsigned int n = symbols_at(symbols, pc, places, 16);

	json_open(json, NULL, '{');
	json_hex(json, "address", pc);
	json_open(json, "places", '[');
	for (unsigned int i = 0; i < n; i++) {
		json_open(json, NULL, '{');
		json_text(json, "function", places[i].function);
		json_hex(json, "offset", places[i].offset);
		json_text(json, "file", places[i].file);
		json_number(json, "line", places[i].line);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_close(json, '}');
}

static void exit_object(void *context, const struct vm_exit *exit)
{
	struct json_out *json = context;

	json_open(json, NULL, '{');
	json_number(json, "ns", exit->time);
	json_hex(json, "pc", exit->pc);
	exit_json(json, exit);
	json_close(json, '}');
}

static void cpu_json(const struct vm_end *end, unsigned int cpu, struct symbols *symbols,
		     struct json_out *json)
{
	struct vm_record copy, *record = &copy;
	struct buf text = { 0 };

	record_read(end, cpu, record);
	if (!record->exits && !record->taken)
		return;
	json_open(json, NULL, '{');
	json_number(json, "cpu", cpu);
	json_bool(json, "taken", record->taken);
	if (record->taken) {
		doing_text(end, cpu, record, symbols, &text);
		json_text(json, "doing", buf_text(&text));
		text.length = 0;
		insn_text(record, &text);
		json_text(json, "instruction", buf_text(&text));
		json_open(json, "stack", '[');
		place_json(json, symbols, record->pc);
		for (unsigned int i = 0; i < record->frames; i++)
			place_json(json, symbols, record->frame[i] - 1);
		json_close(json, ']');
		json_open(json, "samples", '[');
		for (unsigned int i = 0; i < record->samples; i++)
			json_hex(json, NULL, record->sample[i]);
		json_close(json, ']');
		arch_record_json(record, json);
	}
	json_number(json, "exits", record->exits);
	json_open(json, "last_exits", '[');
	exits_each(record, exit_object, json);
	json_close(json, ']');
	json_close(json, '}');
	buf_free(&text);
}

void vm_autopsy_json(const struct vm_end *end, struct symbols *symbols, struct buf *to)
{
	struct json_out json = { .to = to };
	struct buf line = { 0 };

	if (!explained(end) && !end->unclaimed)
		return;
	json_open(&json, NULL, '{');
	vm_end_line(end, symbols, &line);
	json_text(&json, "end", buf_text(&line));
	json_number(&json, "cpu", end_cpu(end));
	json_number(&json, "first_exit_ns", end->first_exit_ns);
	json_number(&json, "unclaimed_count", end->unclaimed);
	json_open(&json, "unclaimed", '[');
	for (unsigned int i = 0; i < end->unclaimed && i < VM_UNCLAIMED; i++) {
		const struct vm_access *a = &end->access[i];

		json_open(&json, NULL, '{');
		json_text(&json, "space", a->port ? "port" : "memory");
		json_text(&json, "direction", a->write ? "write" : "read");
		json_hex(&json, "at", a->at);
		json_number(&json, "size", a->size);
		json_hex(&json, "value", a->value);
		json_number(&json, "cpu", a->cpu);
		json_hex(&json, "pc", a->pc);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_open(&json, "cpus", '[');
	symbols_loaded_at(symbols, end->image_at);
	for (unsigned int i = 0; i < vm_end_cpus(end); i++)
		cpu_json(end, i, symbols, &json);
	symbols_loaded_at(symbols, 0);
	json_close(&json, ']');
	json_close(&json, '}');
	buf_puts(to, "\n");
	buf_free(&line);
}
