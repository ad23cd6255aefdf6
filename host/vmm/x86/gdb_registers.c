/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers by one table: the target description, their numbers and where their
 * bytes are all come from it.  Names and order are those of gdb's own features for
 * i386 and amd64 (GDB manual, G.5.5); the last feature is ours.
 */
#include <linux/kvm.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/gdb.h"
#include "vmm/machine.h"
#include "vmm/x86/gdb.h"

enum source { REGS, SREGS, FPU, DEBUG, XCRS, MADE };

enum { NARROW = 1, WIDE = 2, BOTH = 3 };

struct row {
	const char *name;
	const char *type;	/* gdb's */
	uint8_t in;		/* NARROW, WIDE: which descriptions have it */
	uint8_t bits;		/* as the debugger sees it */
	enum source source;	/* MADE: cannot be set */
	uint16_t offset, size;	/* in struct gdb_registers */
};

#define AT(member)	offsetof(struct gdb_registers, member),		\
	sizeof(((struct gdb_registers *)0)->member)
#define NEW(name, member)	{ name, "int64", WIDE, 64, REGS, AT(regs.member) }
#define SELECTOR(name)		{ #name, "int32", BOTH, 32, SREGS, AT(sregs.name.selector) }
#define ST(n)	{ "st" #n, "i387_ext", BOTH, 80, FPU, AT(fpu.fpr[n]) }
#define FP(name, member)	{ name, "int", BOTH, 32, FPU, AT(member) }
#define XMM(n, where)	{ "xmm" #n, "vec128", where, 128, FPU, AT(fpu.xmm[n]) }
#define CONTROL(name)	{ #name, "int64", BOTH, 64, SREGS, AT(sregs.name) }
#define DR(n)		{ "dr" #n, "int64", BOTH, 64, DEBUG, AT(debug.db[n]) }
#define TABLE(name)	{ #name "r_base", "int64", BOTH, 64, SREGS, AT(sregs.name.base) }, \
	{ #name "r_limit", "int32", BOTH, 32, SREGS, AT(sregs.name.limit) }
#define CACHED(name)	{ #name "_base", "int64", BOTH, 64, SREGS, AT(sregs.name.base) }, \
	{ #name "_limit", "int32", BOTH, 32, SREGS, AT(sregs.name.limit) }

/* The order is gdb's: i386 counts ecx before edx before ebx, amd64 does not. */
static const struct row core[] = {
	{ "eax", "int", NARROW, 32, REGS, AT(regs.rax) },
	{ "ecx", "int", NARROW, 32, REGS, AT(regs.rcx) },
	{ "edx", "int", NARROW, 32, REGS, AT(regs.rdx) },
	{ "ebx", "int", NARROW, 32, REGS, AT(regs.rbx) },
	{ "esp", "data_ptr", NARROW, 32, REGS, AT(regs.rsp) },
	{ "ebp", "data_ptr", NARROW, 32, REGS, AT(regs.rbp) },
	{ "esi", "int", NARROW, 32, REGS, AT(regs.rsi) },
	{ "edi", "int", NARROW, 32, REGS, AT(regs.rdi) },
	NEW("rax", rax), NEW("rbx", rbx), NEW("rcx", rcx), NEW("rdx", rdx),
	NEW("rsi", rsi), NEW("rdi", rdi),
	{ "rbp", "data_ptr", WIDE, 64, REGS, AT(regs.rbp) },
	{ "rsp", "data_ptr", WIDE, 64, REGS, AT(regs.rsp) },
	NEW("r8", r8), NEW("r9", r9), NEW("r10", r10), NEW("r11", r11),
	NEW("r12", r12), NEW("r13", r13), NEW("r14", r14), NEW("r15", r15),
	{ "eip", "code_ptr", NARROW, 32, REGS, AT(regs.rip) },
	{ "rip", "code_ptr", WIDE, 64, REGS, AT(regs.rip) },
	{ "eflags", "i386_eflags", BOTH, 32, REGS, AT(regs.rflags) },
	SELECTOR(cs), SELECTOR(ss), SELECTOR(ds), SELECTOR(es), SELECTOR(fs), SELECTOR(gs),
	ST(0), ST(1), ST(2), ST(3), ST(4), ST(5), ST(6), ST(7),
	FP("fctrl", fpu.fcw), FP("fstat", fpu.fsw),
	{ "ftag", "int", BOTH, 32, MADE, AT(tags) },
	{ "fiseg", "int", BOTH, 32, MADE, AT(ip_high) },
	FP("fioff", fpu.last_ip),
	{ "foseg", "int", BOTH, 32, MADE, AT(dp_high) },
	FP("fooff", fpu.last_dp), FP("fop", fpu.last_opcode),
};

static const struct row sse[] = {
	XMM(0, BOTH), XMM(1, BOTH), XMM(2, BOTH), XMM(3, BOTH),
	XMM(4, BOTH), XMM(5, BOTH), XMM(6, BOTH), XMM(7, BOTH),
	XMM(8, WIDE), XMM(9, WIDE), XMM(10, WIDE), XMM(11, WIDE),
	XMM(12, WIDE), XMM(13, WIDE), XMM(14, WIDE), XMM(15, WIDE),
	{ "mxcsr", "int", BOTH, 32, FPU, AT(fpu.mxcsr) },
};

static const struct row segments[] = {
	{ "fs_base", "int64", WIDE, 64, SREGS, AT(sregs.fs.base) },
	{ "gs_base", "int64", WIDE, 64, SREGS, AT(sregs.gs.base) },
};

static const struct row system_rows[] = {
	CONTROL(cr0), CONTROL(cr2), CONTROL(cr3), CONTROL(cr4), CONTROL(cr8), CONTROL(efer),
	{ "xcr0", "int64", BOTH, 64, XCRS, AT(xcr0) },
	{ "apic_base", "int64", BOTH, 64, SREGS, AT(sregs.apic_base) },
	DR(0), DR(1), DR(2), DR(3),
	{ "dr6", "int64", BOTH, 64, DEBUG, AT(debug.dr6) },
	{ "dr7", "int64", BOTH, 64, DEBUG, AT(debug.dr7) },
	TABLE(gdt), TABLE(idt),
	{ "tr", "int32", BOTH, 32, SREGS, AT(sregs.tr.selector) }, CACHED(tr),
	{ "ldtr", "int32", BOTH, 32, SREGS, AT(sregs.ldt.selector) }, CACHED(ldt),
	CACHED(cs), CACHED(ss), CACHED(ds), CACHED(es),
	{ "fs_limit", "int32", BOTH, 32, SREGS, AT(sregs.fs.limit) },
	{ "gs_limit", "int32", BOTH, 32, SREGS, AT(sregs.gs.limit) },
};

#define ROWS(rows)	rows, sizeof(rows) / sizeof(*(rows))

static const struct feature {
	const char *name;
	const struct row *rows;
	size_t count;
	const char *types;
} features[] = {
	{ "org.gnu.gdb.i386.core", ROWS(core),
	  "<flags id=\"i386_eflags\" size=\"4\">"
	  "<field name=\"CF\" start=\"0\" end=\"0\"/><field name=\"\" start=\"1\" end=\"1\"/>"
	  "<field name=\"PF\" start=\"2\" end=\"2\"/><field name=\"AF\" start=\"4\" end=\"4\"/>"
	  "<field name=\"ZF\" start=\"6\" end=\"6\"/><field name=\"SF\" start=\"7\" end=\"7\"/>"
	  "<field name=\"TF\" start=\"8\" end=\"8\"/><field name=\"IF\" start=\"9\" end=\"9\"/>"
	  "<field name=\"DF\" start=\"10\" end=\"10\"/><field name=\"OF\" start=\"11\" end=\"11\"/>"
	  "<field name=\"NT\" start=\"14\" end=\"14\"/><field name=\"RF\" start=\"16\" end=\"16\"/>"
	  "<field name=\"VM\" start=\"17\" end=\"17\"/><field name=\"AC\" start=\"18\" end=\"18\"/>"
	  "<field name=\"VIF\" start=\"19\" end=\"19\"/>"
	  "<field name=\"VIP\" start=\"20\" end=\"20\"/>"
	  "<field name=\"ID\" start=\"21\" end=\"21\"/></flags>" },
	{ "org.gnu.gdb.i386.sse", ROWS(sse),
	  "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	  "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
	  "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
	  "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
	  "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
	  "<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
	  "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"
	  "<field name=\"v2_double\" type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/>"
	  "<field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>"
	  "<field name=\"v2_int64\" type=\"v2i64\"/>"
	  "<field name=\"uint128\" type=\"uint128\"/></union>" },
	{ "org.gnu.gdb.i386.segments", ROWS(segments), "" },
	{ "org.flatbed.x86.system", ROWS(system_rows), "" },
};

#define FEATURES	(sizeof(features) / sizeof(*features))

static struct {
	bool wide;
	struct gdb_registers *of;	/* each CPU's */
	bool *known;
} registers;

void gdb_registers_wide(bool wide)
{
	registers.wide = wide;
	registers.of = calloc(machine.config->cpus, sizeof(*registers.of));
	registers.known = calloc(machine.config->cpus, sizeof(*registers.known));
	must(registers.of && registers.known ? 0 : -1, "memory for registers");
}

static bool has(const struct row *row)
{
	return row->in & (registers.wide ? WIDE : NARROW);
}

unsigned int arch_gdb_registers(void)
{
	unsigned int n = 0;

	for (size_t f = 0; f < FEATURES; f++)
		for (size_t i = 0; i < features[f].count; i++)
			n += has(&features[f].rows[i]);
	return n;
}

static const struct row *row_at(unsigned int number)
{
	for (size_t f = 0; f < FEATURES; f++)
		for (size_t i = 0; i < features[f].count; i++)
			if (has(&features[f].rows[i]) && !number--)
				return &features[f].rows[i];
	return NULL;
}

static bool is_there(const struct feature *feature)
{
	for (size_t i = 0; i < feature->count; i++)
		if (has(&feature->rows[i]))
			return true;
	return false;
}

void arch_gdb_description(struct buf *to)
{
	buf_printf(to, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
		   "<target><architecture>%s</architecture>",
		   registers.wide ? "i386:x86-64" : "i386");
	for (size_t f = 0; f < FEATURES; f++) {
		if (!is_there(&features[f]))
			continue;
		buf_printf(to, "<feature name=\"%s\">%s", features[f].name, features[f].types);
		for (size_t i = 0; i < features[f].count; i++) {
			const struct row *row = &features[f].rows[i];

			if (has(row))
				buf_printf(to, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>",
					   row->name, row->bits, row->type);
		}
		buf_puts(to, "</feature>");
	}
	buf_puts(to, "</target>");
}

/* Two bits a register, from one: the abridged form does not tell zeros from values. */
static uint32_t tags_of(uint8_t abridged)
{
	uint32_t tags = 0;

	for (unsigned int i = 0; i < 8; i++)
		if (!(abridged >> i & 1))
			tags |= 3u << 2 * i;
	return tags;
}

struct gdb_registers *gdb_registers_of(struct vcpu *vcpu)
{
	struct gdb_registers *r = &registers.of[vcpu->index];
	struct kvm_xcrs xcrs = { 0 };

	if (registers.known[vcpu->index])
		return r;
	registers.known[vcpu->index] = true;
	must(ioctl(vcpu->fd, KVM_GET_REGS, &r->regs), "KVM_GET_REGS");
	must(ioctl(vcpu->fd, KVM_GET_SREGS, &r->sregs), "KVM_GET_SREGS");
	must(ioctl(vcpu->fd, KVM_GET_FPU, &r->fpu), "KVM_GET_FPU");
	must(ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &r->debug), "KVM_GET_DEBUGREGS");
	if (ioctl(vcpu->fd, KVM_GET_XCRS, &xcrs) >= 0 && xcrs.nr_xcrs)
		r->xcr0 = xcrs.xcrs[0].value;
	r->tags = tags_of(r->fpu.ftwx);
	r->ip_high = r->fpu.last_ip >> 32;
	r->dp_high = r->fpu.last_dp >> 32;
	return r;
}

void arch_gdb_forget(void)
{
	memset(registers.known, 0, machine.config->cpus * sizeof(*registers.known));
}

unsigned int arch_gdb_get(struct vcpu *vcpu, unsigned int number, uint8_t *bytes)
{
	const struct row *row = row_at(number);
	const char *r = (const char *)gdb_registers_of(vcpu);
	unsigned int size = row ? row->bits / 8 : 0;

	if (!row)
		return 0;
	memset(bytes, 0, size);
	memcpy(bytes, r + row->offset, row->size < size ? row->size : size);
	return size;
}

static bool put(struct vcpu *vcpu, struct gdb_registers *r, enum source source)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs = { { .value = r->xcr0 } } };

	switch (source) {
	case REGS:
		return ioctl(vcpu->fd, KVM_SET_REGS, &r->regs) == 0;
	case SREGS:
		return ioctl(vcpu->fd, KVM_SET_SREGS, &r->sregs) == 0;
	case FPU:
		return ioctl(vcpu->fd, KVM_SET_FPU, &r->fpu) == 0;
	case DEBUG:
		return ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &r->debug) == 0;
	case XCRS:
		return ioctl(vcpu->fd, KVM_SET_XCRS, &xcrs) == 0;
	default:
		return false;
	}
}

bool arch_gdb_set(struct vcpu *vcpu, unsigned int number, const uint8_t *bytes)
{
	const struct row *row = row_at(number);
	struct gdb_registers *r = gdb_registers_of(vcpu);
	unsigned int size = row ? row->bits / 8 : 0;
	bool good;

	if (!row)
		return false;
	memset((char *)r + row->offset, 0, row->size);
	memcpy((char *)r + row->offset, bytes, row->size < size ? row->size : size);
	good = put(vcpu, r, row->source);
	/* KVM may have made something else of it. */
	registers.known[vcpu->index] = false;
	return good;
}
