/* SPDX-License-Identifier: BSD-2-Clause */
/* An arm64 CPU's state for the record: taken, and told as text and as JSON. */
#include "vmm/arm/autopsy.h"

#include <string.h>
#include <sys/ioctl.h>

#include "base/disasm.h"
#include "vmm/arm/platform.h"
#include "vmm/machine.h"

#define INSN_BYTES	4
#define PSTATE_32BIT	(1u << 4)

uint64_t arch_pc(const struct vcpu *vcpu)
{
	return register_get(vcpu, CORE_REG(regs.pc));
}

void arm_registers_take(const struct vcpu *vcpu, struct arm_record *r)
{
	for (unsigned int i = 0; i < 31; i++)
		r->x[i] = register_get(vcpu, CORE_REG(regs.regs[0]) + 2 * i);
	r->sp_el0 = register_get(vcpu, CORE_REG(regs.sp));
	r->pc = register_get(vcpu, CORE_REG(regs.pc));
	r->pstate = register_get(vcpu, CORE_REG(regs.pstate));
#define TAKE(name, id)	r->name = register_get(vcpu, id);
	ARM_SYSTEM_REGISTERS(TAKE)
#undef TAKE
}

static bool word_read(const struct arm_record *r, uint64_t address, void *to, unsigned int size)
{
	uint64_t physical;
	const void *from;

	if (!guest_translate(r, address, &physical))
		return false;
	from = ram_at(physical, size);
	if (from)
		memcpy(to, from, size);
	return from;
}

/* Frame records (AAPCS64, 6.4.6): the caller's one, and the return address. */
static void frames_take(struct vm_record *record, const struct arm_record *r)
{
	uint64_t frame = r->x[29], last = 0;

	if (r->pstate & PSTATE_32BIT)
		return;
	while (record->frames < RECORD_FRAMES && frame > last) {
		uint64_t pair[2];

		if (!word_read(r, frame, &pair[0], 8) || !word_read(r, frame + 8, &pair[1], 8) ||
		    !pair[1])
			break;
		record->frame[record->frames++] = pair[1];
		last = frame;
		frame = pair[0];
	}
}

/* WFI and WFE wait in the kernel: the CPU is behind them. */
static enum cpu_state state_of(const struct arm_record *r)
{
	uint32_t before;

	if (r->mp_state == KVM_MP_STATE_STOPPED)
		return CPU_NOT_STARTED;
	if (!(r->pstate & PSTATE_32BIT) && word_read(r, r->pc - INSN_BYTES, &before, INSN_BYTES) &&
	    before == 0xd503207f)
		return CPU_HALTED;
	return CPU_RUNS;
}

void arch_record_take(struct vcpu *vcpu, struct vm_record *record)
{
	struct arm_record *r = (struct arm_record *)record->arch;
	struct kvm_mp_state mp_state = { 0 };

	arm_registers_take(vcpu, r);
	ioctl(vcpu->fd, KVM_GET_MP_STATE, &mp_state);
	r->mp_state = mp_state.mp_state;
	record->pc = r->pc;
	record->isa = ISA_ARM64;
	record->state = state_of(r);
	if (!(r->pstate & PSTATE_32BIT) && word_read(r, r->pc, record->insn, INSN_BYTES))
		record->insn_size = INSN_BYTES;
	r->mapped = record->insn_size != 0;
	frames_take(record, r);
}

void arch_record_text(const struct vm_record *record, struct buf *to)
{
	const struct arm_record *r = (const struct arm_record *)record->arch;
	unsigned int n = 0;

	for (unsigned int i = 0; i < 31; i++)
		buf_printf(to, "%sx%-9u %016llx%s", i % 4 ? "  " : "\t", i,
			   (unsigned long long)r->x[i], i % 4 == 3 ? "\n" : "");
	buf_printf(to, "  sp_el0     %016llx\n\tpc         %016llx  pstate     %016llx\n",
		   (unsigned long long)r->sp_el0, (unsigned long long)r->pc,
		   (unsigned long long)r->pstate);
#define TEXT(name, id)							\
	buf_printf(to, "%s%-10s %016llx%s", n % 4 ? "  " : "\t", #name,	\
		   (unsigned long long)r->name, n % 4 == 3 ? "\n" : "");	\
	n++;
	ARM_SYSTEM_REGISTERS(TEXT)
#undef TEXT
	if (n % 4)
		buf_puts(to, "\n");
	if (!r->mapped)
		buf_puts(to, "\tthe address in PC is not mapped, or not RAM\n");
}

void arch_record_json(const struct vm_record *record, struct json_out *json)
{
	const struct arm_record *r = (const struct arm_record *)record->arch;

	json_open(json, "registers", '{');
	for (unsigned int i = 0; i < 31; i++) {
		char name[8];

		snprintf(name, sizeof(name), "x%u", i);
		json_hex(json, name, r->x[i]);
	}
	json_hex(json, "sp_el0", r->sp_el0);
	json_hex(json, "pc", r->pc);
	json_hex(json, "pstate", r->pstate);
#define JSON(name, id)	json_hex(json, #name, r->name);
	ARM_SYSTEM_REGISTERS(JSON)
#undef JSON
	json_close(json, '}');
	json_bool(json, "mapped", r->mapped);
}
