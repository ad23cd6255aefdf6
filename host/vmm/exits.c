/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM_EXIT_* by description: KVM's API document, section 5, "The kvm_run structure". */
#include "vmm/exits.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Newer than the headers that this may be built with. */
#define EXIT_S390_STSI		25
#define EXIT_MEMORY_FAULT	39
#define UNION_AT		offsetof(struct kvm_run, hw)

#define HEX(name, member)	EXIT_FIELD(EXIT_HEX, name, member)
#define NUMBER(name, member)	EXIT_FIELD(EXIT_NUMBER, name, member)
#define ROW(number, text, word, ...)					\
	{ .reason = (number), .name = (text), .group = (word), .fields = { __VA_ARGS__ } }
#define TYPED(number, first, text, word, ...)				\
	{ .reason = (number), .only = true, .type = (first), .name = (text), \
	  .group = (word), .fields = { __VA_ARGS__ } }

/* The value of these is not at a fixed place: exit_capture() knows. */
#define VALUE		{ .name = "value", .kind = EXIT_HEX, .size = 0 }

static const struct exit_row rows[] = {
	ROW(KVM_EXIT_UNKNOWN, "unknown", "error", HEX("hardware", hw.hardware_exit_reason)),
	ROW(KVM_EXIT_EXCEPTION, "exception", "error", NUMBER("vector", ex.exception),
	    HEX("error", ex.error_code)),
	ROW(KVM_EXIT_IO, "io", "io", HEX("port", io.port),
	    EXIT_WORDS("direction", io.direction, "in", "out"), NUMBER("size", io.size),
	    NUMBER("count", io.count), VALUE),
	ROW(KVM_EXIT_HYPERCALL, "hypercall", "hypercall", HEX("number", hypercall.nr),
	    HEX("arg0", hypercall.args[0]), HEX("arg1", hypercall.args[1]),
	    HEX("arg2", hypercall.args[2]), HEX("arg3", hypercall.args[3])),
	ROW(KVM_EXIT_DEBUG, "debug", "debug"),
	ROW(KVM_EXIT_HLT, "hlt", "hlt"),
	ROW(KVM_EXIT_MMIO, "mmio", "mmio", HEX("address", mmio.phys_addr),
	    EXIT_WORDS("direction", mmio.is_write, "read", "write"),
	    NUMBER("size", mmio.len), VALUE),
	ROW(KVM_EXIT_IRQ_WINDOW_OPEN, "irq_window_open", "irq"),
	ROW(KVM_EXIT_SHUTDOWN, "shutdown", "end"),
	ROW(KVM_EXIT_FAIL_ENTRY, "fail_entry", "error",
	    HEX("hardware", fail_entry.hardware_entry_failure_reason),
	    NUMBER("cpu", fail_entry.cpu)),
	ROW(KVM_EXIT_INTR, "intr", "signal"),
	ROW(KVM_EXIT_SET_TPR, "set_tpr", "irq", HEX("cr8", cr8)),
	ROW(KVM_EXIT_TPR_ACCESS, "tpr_access", "irq", HEX("pc", tpr_access.rip),
	    EXIT_WORDS("direction", tpr_access.is_write, "read", "write")),
	ROW(KVM_EXIT_S390_SIEIC, "s390_sieic", "intercept", HEX("code", s390_sieic.icptcode),
	    HEX("ipa", s390_sieic.ipa), HEX("ipb", s390_sieic.ipb)),
	ROW(KVM_EXIT_S390_RESET, "s390_reset", "end", HEX("flags", s390_reset_flags)),
	ROW(KVM_EXIT_DCR, "dcr", "io", HEX("register", dcr.dcrn),
	    EXIT_WORDS("direction", dcr.is_write, "read", "write"), HEX("value", dcr.data)),
	ROW(KVM_EXIT_NMI, "nmi", "irq"),
	TYPED(KVM_EXIT_INTERNAL_ERROR, KVM_INTERNAL_ERROR_EMULATION,
	      "internal_error", "error",
	      EXIT_WORDS("suberror", internal.suberror, "0", "emulation"),
	      NUMBER("words", emulation_failure.ndata), HEX("flags", emulation_failure.flags),
	      NUMBER("insn_size", emulation_failure.insn_size)),
	ROW(KVM_EXIT_INTERNAL_ERROR, "internal_error", "error",
	    EXIT_WORDS("suberror", internal.suberror, "0", "emulation", "simultaneous exceptions",
		       "event delivery", "unexpected exit reason"),
	    NUMBER("words", internal.ndata), HEX("data0", internal.data[0]),
	    HEX("data1", internal.data[1]), HEX("data2", internal.data[2])),
	ROW(KVM_EXIT_OSI, "osi", "hypercall", HEX("gpr3", osi.gprs[3]),
	    HEX("gpr4", osi.gprs[4]), HEX("gpr5", osi.gprs[5]), HEX("gpr6", osi.gprs[6])),
	ROW(KVM_EXIT_PAPR_HCALL, "papr_hcall", "hypercall", HEX("number", papr_hcall.nr),
	    HEX("arg0", papr_hcall.args[0]), HEX("arg1", papr_hcall.args[1]),
	    HEX("arg2", papr_hcall.args[2]), HEX("arg3", papr_hcall.args[3])),
	ROW(KVM_EXIT_S390_UCONTROL, "s390_ucontrol", "intercept",
	    HEX("exception", s390_ucontrol.trans_exc_code), HEX("code", s390_ucontrol.pgm_code)),
	ROW(KVM_EXIT_WATCHDOG, "watchdog", "end"),
	ROW(KVM_EXIT_S390_TSCH, "s390_tsch", "io", HEX("subchannel", s390_tsch.subchannel_nr),
	    HEX("parameter", s390_tsch.io_int_parm), HEX("word", s390_tsch.io_int_word),
	    HEX("ipb", s390_tsch.ipb), NUMBER("dequeued", s390_tsch.dequeued)),
	ROW(KVM_EXIT_EPR, "epr", "irq", HEX("epr", epr.epr)),
	ROW(KVM_EXIT_SYSTEM_EVENT, "system_event", "end",
	    EXIT_WORDS("type", system_event.type, "0", "shutdown", "reset", "crash", "wakeup",
		       "suspend", "sev_term"),
	    NUMBER("words", system_event.ndata), HEX("data0", system_event.data[0])),
	ROW(EXIT_S390_STSI, "s390_stsi", "hypercall", HEX("address", s390_stsi.addr),
	    NUMBER("fc", s390_stsi.fc), NUMBER("sel1", s390_stsi.sel1),
	    NUMBER("sel2", s390_stsi.sel2)),
	ROW(KVM_EXIT_IOAPIC_EOI, "ioapic_eoi", "irq", HEX("vector", eoi.vector)),
	TYPED(KVM_EXIT_HYPERV, KVM_EXIT_HYPERV_SYNIC, "hyperv_synic", "hypercall",
	      HEX("msr", hyperv.u.synic.msr), HEX("control", hyperv.u.synic.control),
	      HEX("event_page", hyperv.u.synic.evt_page),
	      HEX("message_page", hyperv.u.synic.msg_page)),
	TYPED(KVM_EXIT_HYPERV, KVM_EXIT_HYPERV_HCALL, "hyperv_hcall", "hypercall",
	      HEX("input", hyperv.u.hcall.input), HEX("result", hyperv.u.hcall.result),
	      HEX("param0", hyperv.u.hcall.params[0]), HEX("param1", hyperv.u.hcall.params[1])),
	TYPED(KVM_EXIT_HYPERV, KVM_EXIT_HYPERV_SYNDBG, "hyperv_syndbg", "hypercall",
	      HEX("msr", hyperv.u.syndbg.msr), HEX("control", hyperv.u.syndbg.control),
	      HEX("status", hyperv.u.syndbg.status), HEX("send_page", hyperv.u.syndbg.send_page),
	      HEX("receive_page", hyperv.u.syndbg.recv_page)),
	ROW(KVM_EXIT_HYPERV, "hyperv", "hypercall", NUMBER("type", hyperv.type)),
	ROW(KVM_EXIT_ARM_NISV, "arm_nisv", "mmio", HEX("esr_iss", arm_nisv.esr_iss),
	    HEX("address", arm_nisv.fault_ipa)),
	ROW(KVM_EXIT_X86_RDMSR, "rdmsr", "msr", HEX("msr", msr.index),
	    HEX("why", msr.reason), HEX("value", msr.data), NUMBER("refused", msr.error)),
	ROW(KVM_EXIT_X86_WRMSR, "wrmsr", "msr", HEX("msr", msr.index),
	    HEX("why", msr.reason), HEX("value", msr.data), NUMBER("refused", msr.error)),
	ROW(KVM_EXIT_DIRTY_RING_FULL, "dirty_ring_full", "memory"),
	ROW(KVM_EXIT_AP_RESET_HOLD, "ap_reset_hold", "hlt"),
	ROW(KVM_EXIT_X86_BUS_LOCK, "bus_lock", "intercept"),
	ROW(KVM_EXIT_XEN, "xen", "hypercall", NUMBER("type", xen.type),
	    HEX("input", xen.u.hcall.input), HEX("param0", xen.u.hcall.params[0]),
	    HEX("param1", xen.u.hcall.params[1])),
	ROW(KVM_EXIT_RISCV_SBI, "riscv_sbi", "hypercall",
	    HEX("extension", riscv_sbi.extension_id), HEX("function", riscv_sbi.function_id),
	    HEX("arg0", riscv_sbi.args[0]), HEX("arg1", riscv_sbi.args[1]),
	    HEX("arg2", riscv_sbi.args[2])),
	ROW(KVM_EXIT_RISCV_CSR, "riscv_csr", "intercept", HEX("csr", riscv_csr.csr_num),
	    HEX("value", riscv_csr.new_value), HEX("mask", riscv_csr.write_mask)),
	ROW(KVM_EXIT_NOTIFY, "notify", "error", HEX("flags", notify.flags)),
	ROW(EXIT_MEMORY_FAULT, "memory_fault", "memory",
	    { "flags", EXIT_HEX, UNION_AT, 8, NULL },
	    { "address", EXIT_HEX, UNION_AT + 8, 8, NULL },
	    { "size", EXIT_HEX, UNION_AT + 16, 8, NULL }),
	{ .name = NULL }
};

static const struct exit_row *row_in(const struct exit_row *row, uint32_t reason,
				     uint32_t type)
{
	for (; row->name; row++)
		if (row->reason == reason && (!row->only || row->type == type))
			return row;
	return NULL;
}

static const struct exit_row *row_find(uint32_t reason, uint32_t type)
{
	const struct exit_row *row = row_in(arch_exit_rows, reason, type);

	return row ? row : row_in(rows, reason, type);
}

/* Where the bytes of an access are; at most 8 of them are kept. */
static const void *value_at(const struct kvm_run *run, unsigned int *size)
{
	if (run->exit_reason == KVM_EXIT_MMIO) {
		*size = run->mmio.len < 8 ? run->mmio.len : 8;
		return run->mmio.data;
	}
	*size = run->io.size < 8 ? run->io.size : 8;
	return (const char *)run + run->io.data_offset;
}

static uint64_t field_get(const struct kvm_run *run, const struct exit_field *field)
{
	const void *at = (const char *)run + field->offset;
	unsigned int size = field->size;
	uint64_t value = 0;

	if (!size)
		at = value_at(run, &size);
	memcpy(&value, at, size);
	return value;
}

#define NO_TYPE		~0u

/* Of any exit, even one that a hostile process wrote down. */
static const struct exit_row *row_of(const struct vm_exit *exit)
{
	return row_find(exit->reason, exit->type);
}

static bool field_exists(const struct exit_row *row, uint32_t n)
{
	return row && n < EXIT_FIELDS && row->fields[n].name;
}

void exit_capture(struct vm_exit *exit, const struct kvm_run *run)
{
	const struct exit_row *row;
	uint32_t type;

	memcpy(&type, (const char *)run + UNION_AT, sizeof(type));
	exit->reason = run->exit_reason;
	row = row_find(run->exit_reason, type);
	for (uint32_t n = 0; field_exists(row, n); n++)
		exit->field[n] = field_get(run, &row->fields[n]);
	exit->type = row && row->only ? type : NO_TYPE;
}

void exit_complete(struct vm_exit *exit, const struct kvm_run *run)
{
	const struct exit_row *row = row_of(exit);

	for (uint32_t n = 0; field_exists(row, n); n++)
		exit->field[n] = field_get(run, &row->fields[n]);
}

const char *exit_name(uint32_t reason)
{
	static __thread char text[24];
	const struct exit_row *row = row_find(reason, NO_TYPE);

	if (row)
		return row->name;
	snprintf(text, sizeof(text), "reason %u", reason);
	return text;
}

const char *exit_group(const struct vm_exit *exit)
{
	const struct exit_row *row = row_of(exit);

	return row ? row->group : "error";
}

bool exit_group_known(const char *word, size_t length)
{
	for (const struct exit_row *row = rows; row->name; row++)
		if (str_same(word, length, row->group))
			return true;
	return false;
}

void exit_groups(struct str *to)
{
	for (const struct exit_row *row = rows; row->name; row++) {
		const struct exit_row *before = rows;

		while (before < row && strcmp(before->group, row->group))
			before++;
		if (before == row)
			str_add(to, ", %s", row->group);
	}
}

static const char *word_of(const struct exit_field *field, uint64_t value)
{
	if (field->kind != EXIT_WORD)
		return NULL;
	for (uint64_t i = 0; field->words[i]; i++)
		if (i == value)
			return field->words[i];
	return NULL;
}

static void field_text(struct str *to, const struct exit_field *field, uint64_t value)
{
	const char *word = word_of(field, value);

	if (word)
		str_add(to, "%s", word);
	else if (field->kind == EXIT_HEX)
		str_add(to, "%#llx", (unsigned long long)value);
	else
		str_add(to, "%llu", (unsigned long long)value);
}

void exit_text(struct str *to, const struct vm_exit *exit)
{
	const struct exit_row *row = row_of(exit);

	str_add(to, "%s", row ? row->name : exit_name(exit->reason));
	for (uint32_t n = 0; field_exists(row, n); n++) {
		str_add(to, " %s=", row->fields[n].name);
		field_text(to, &row->fields[n], exit->field[n]);
	}
}

void exit_json(struct json_out *json, const struct vm_exit *exit)
{
	const struct exit_row *row = row_of(exit);

	json_text(json, "reason", row ? row->name : exit_name(exit->reason));
	for (uint32_t n = 0; field_exists(row, n); n++) {
		const struct exit_field *field = &row->fields[n];
		const char *word = word_of(field, exit->field[n]);

		if (word)
			json_text(json, field->name, word);
		else if (field->kind == EXIT_HEX)
			json_hex(json, field->name, exit->field[n]);
		else
			json_number(json, field->name, exit->field[n]);
	}
}
