/* SPDX-License-Identifier: BSD-2-Clause */
/* An x86 CPU's recorded state as text and as JSON; in the parent. */
#include <stddef.h>
#include <string.h>

#include "defs/cr.h"
#include "defs/vector.h"
#include "vmm/x86/autopsy.h"

#define NAMED(text, member)	{ text, offsetof(struct x86_record, member) }

/* 64 bits each, in the order of the text; four to a line. */
static const struct {
	const char *name;
	size_t offset;
} registers[] = {
	NAMED("rax", regs.rax), NAMED("rcx", regs.rcx), NAMED("rdx", regs.rdx),
	NAMED("rbx", regs.rbx), NAMED("rsp", regs.rsp), NAMED("rbp", regs.rbp),
	NAMED("rsi", regs.rsi), NAMED("rdi", regs.rdi), NAMED("r8", regs.r8),
	NAMED("r9", regs.r9), NAMED("r10", regs.r10), NAMED("r11", regs.r11),
	NAMED("r12", regs.r12), NAMED("r13", regs.r13), NAMED("r14", regs.r14),
	NAMED("r15", regs.r15), NAMED("rip", regs.rip), NAMED("rflags", regs.rflags),
	NAMED("efer", sregs.efer), NAMED("xcr0", xcr0), NAMED("cr0", sregs.cr0),
	NAMED("cr2", sregs.cr2), NAMED("cr3", sregs.cr3), NAMED("cr4", sregs.cr4),
	NAMED("dr0", debug.db[0]), NAMED("dr1", debug.db[1]), NAMED("dr2", debug.db[2]),
	NAMED("dr3", debug.db[3]), NAMED("dr6", debug.dr6), NAMED("dr7", debug.dr7),
	NAMED("cr8", sregs.cr8), NAMED("apic", sregs.apic_base),
};

static const struct {
	const char *name;
	size_t offset;
} segments[] = {
	NAMED("cs", sregs.cs), NAMED("ss", sregs.ss), NAMED("ds", sregs.ds),
	NAMED("es", sregs.es), NAMED("fs", sregs.fs), NAMED("gs", sregs.gs),
	NAMED("tr", sregs.tr), NAMED("ldt", sregs.ldt),
};

static const struct {
	const char *name;
	size_t offset;
} tables[] = {
	NAMED("gdt", sregs.gdt), NAMED("idt", sregs.idt),
};

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

void arch_record_check(struct vm_record *record)
{
	struct x86_record *r = (struct x86_record *)record->arch;

	if (r->walks > X86_WALKS)
		r->walks = X86_WALKS;
	for (uint32_t i = 0; i < r->walks; i++) {
		r->walk[i].of[sizeof(r->walk[i].of) - 1] = '\0';
		walk_check(&r->walk[i].walk);
	}
}

static uint64_t register_of(const struct x86_record *r, size_t n)
{
	uint64_t value;

	memcpy(&value, (const char *)r + registers[n].offset, sizeof(value));
	return value;
}

static const void *member(const struct x86_record *r, size_t offset)
{
	return (const char *)r + offset;
}

static void segments_text(const struct x86_record *r, struct buf *to)
{
	for (size_t i = 0; i < COUNT(segments); i++) {
		const struct kvm_segment *s = member(r, segments[i].offset);

		buf_printf(to, "\t%-3s %04x base %#llx limit %#x type %#x DPL %u%s%s%s%s%s%s\n",
			   segments[i].name, s->selector, (unsigned long long)s->base,
			   s->limit, s->type, s->dpl, s->s ? " S" : "", s->present ? " P" : "",
			   s->db ? " DB" : "", s->l ? " L" : "", s->g ? " G" : "",
			   s->unusable ? " unusable" : "");
	}
	for (size_t i = 0; i < COUNT(tables); i++) {
		const struct kvm_dtable *t = member(r, tables[i].offset);

		buf_printf(to, "\t%-3s base %#llx limit %#x\n", tables[i].name,
			   (unsigned long long)t->base, t->limit);
	}
}

static const char *vector_name(unsigned int vector)
{
	static const char *const names[32] = {
#define VECTOR_NAME(number, name) [number] = #name,
		VECTORS(VECTOR_NAME)
#undef VECTOR_NAME
	};

	return vector < 32 ? names[vector] : NULL;
}

/* What is on its way to the CPU, and what keeps it off. */
static void events_text(const struct x86_record *r, struct buf *to)
{
	const struct kvm_vcpu_events *e = &r->events;
	struct buf text = { 0 };

	if (e->exception.injected || e->exception.pending) {
		const char *name = vector_name(e->exception.nr);

		buf_printf(&text, ", %s exception %s%u",
			   e->exception.injected ? "injected" : "pending", name ? "#" : "",
			   e->exception.nr);
		if (name)
			buf_printf(&text, " (%s)", name);
		if (e->exception.has_error_code)
			buf_printf(&text, " error %#x", e->exception.error_code);
	}
	if (e->interrupt.injected)
		buf_printf(&text, ", %s interrupt %#x", e->interrupt.soft ? "software" : "injected",
			   e->interrupt.nr);
	if (e->interrupt.shadow)
		buf_puts(&text, ", in the shadow of STI or MOV SS");
	if (e->nmi.injected || e->nmi.pending)
		buf_printf(&text, ", NMI %s", e->nmi.injected ? "injected" : "pending");
	if (e->nmi.masked)
		buf_puts(&text, ", NMIs blocked");
	if (e->flags & KVM_VCPUEVENT_VALID_SMM && e->smi.smm)
		buf_puts(&text, ", in SMM");
	if (e->flags & KVM_VCPUEVENT_VALID_SMM && e->smi.pending)
		buf_puts(&text, ", SMI pending");
	if (!(r->regs.rflags & RFLAGS_IF))
		buf_puts(&text, ", interrupts off (IF=0)");
	if (text.length)
		buf_printf(to, "\tevents: %s\n", buf_text(&text) + 2);
	buf_free(&text);
}

static void vectors_text(struct buf *to, const char *name, const uint32_t set[8])
{
	const char *between = "";

	buf_printf(to, ", %s ", name);
	for (unsigned int v = 0; v < 256; v++)
		if (set[v / 32] >> v % 32 & 1) {
			buf_printf(to, "%s%#x", between, v);
			between = " ";
		}
	if (!*between)
		buf_puts(to, "none");
}

static void apic_text(const struct x86_record *r, struct buf *to)
{
	if (!r->apic)
		return;
	buf_printf(to, "\tAPIC: TPR %#x, SVR %#x", r->apic_tpr & 0xff, r->apic_svr);
	vectors_text(to, "in service", r->apic_isr);
	vectors_text(to, "requested", r->apic_irr);
	buf_printf(to, ", timer LVT %#x, %#x left\n", r->apic_timer, r->apic_timer_left);
}

void arch_record_text(const struct vm_record *record, struct buf *to)
{
	const struct x86_record *r = (const struct x86_record *)record->arch;

	for (size_t i = 0; i < COUNT(registers); i++)
		buf_printf(to, "%s%-6s %016llx%s", i % 4 ? "  " : "\t", registers[i].name,
			   (unsigned long long)register_of(r, i), i % 4 == 3 ? "\n" : "");
	segments_text(r, to);
	events_text(r, to);
	apic_text(r, to);
	for (uint32_t i = 0; i < r->walks; i++) {
		const struct walk *walk = &r->walk[i].walk;

		/* Of the others it is enough that they are mapped. */
		if (walk->end == WALK_MAPPED && strcmp(r->walk[i].of, "CR2"))
			continue;
		buf_printf(to, "\tpage walk of %s\n", r->walk[i].of);
		walk_text(to, walk);
	}
}

static void segments_json(const struct x86_record *r, struct json_out *json)
{
	json_open(json, "segments", '{');
	for (size_t i = 0; i < COUNT(segments); i++) {
		const struct kvm_segment *s = member(r, segments[i].offset);

		json_open(json, segments[i].name, '{');
		json_hex(json, "selector", s->selector);
		json_hex(json, "base", s->base);
		json_hex(json, "limit", s->limit);
		json_hex(json, "type", s->type);
		json_number(json, "dpl", s->dpl);
		json_number(json, "s", s->s);
		json_number(json, "present", s->present);
		json_number(json, "db", s->db);
		json_number(json, "l", s->l);
		json_number(json, "g", s->g);
		json_number(json, "avl", s->avl);
		json_bool(json, "unusable", s->unusable);
		json_close(json, '}');
	}
	for (size_t i = 0; i < COUNT(tables); i++) {
		const struct kvm_dtable *t = member(r, tables[i].offset);

		json_open(json, tables[i].name, '{');
		json_hex(json, "base", t->base);
		json_hex(json, "limit", t->limit);
		json_close(json, '}');
	}
	json_close(json, '}');
}

static void vectors_json(struct json_out *json, const char *name, const uint32_t set[8])
{
	json_open(json, name, '[');
	for (unsigned int v = 0; v < 256; v++)
		if (set[v / 32] >> v % 32 & 1)
			json_number(json, NULL, v);
	json_close(json, ']');
}

void arch_record_json(const struct vm_record *record, struct json_out *json)
{
	const struct x86_record *r = (const struct x86_record *)record->arch;
	struct buf events = { 0 };

	json_open(json, "registers", '{');
	for (size_t i = 0; i < COUNT(registers); i++)
		json_hex(json, registers[i].name, register_of(r, i));
	json_close(json, '}');
	segments_json(r, json);
	events_text(r, &events);
	if (events.length)
		events.length--;	/* its newline */
	json_text(json, "events", events.length ? buf_text(&events) + strlen("\tevents: ") : NULL);
	buf_free(&events);
	if (r->apic) {
		json_open(json, "apic", '{');
		json_hex(json, "tpr", r->apic_tpr);
		json_hex(json, "svr", r->apic_svr);
		vectors_json(json, "in_service", r->apic_isr);
		vectors_json(json, "requested", r->apic_irr);
		json_hex(json, "lvt_timer", r->apic_timer);
		json_number(json, "timer_left", r->apic_timer_left);
		json_close(json, '}');
	}
	json_open(json, "walks", '{');
	for (uint32_t i = 0; i < r->walks; i++)
		walk_json(json, r->walk[i].of, &r->walk[i].walk);
	json_close(json, '}');
}
