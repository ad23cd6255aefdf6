/* SPDX-License-Identifier: BSD-2-Clause */
/* A riscv64 CPU's state for the record: taken, and told as text and as JSON. */
#include "vmm/autopsy.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"
#include "vmm/riscv/platform.h"

/* X(name, KVM's id), in the order of the text. */
#define REGISTERS(X)							\
	X(pc, CORE_REG(regs.pc)) X(ra, CORE_REG(regs.ra))		\
	X(sp, CORE_REG(regs.sp)) X(gp, CORE_REG(regs.gp))		\
	X(tp, CORE_REG(regs.tp)) X(t0, CORE_REG(regs.t0))		\
	X(t1, CORE_REG(regs.t1)) X(t2, CORE_REG(regs.t2))		\
	X(s0, CORE_REG(regs.s0)) X(s1, CORE_REG(regs.s1))		\
	X(a0, CORE_REG(regs.a0)) X(a1, CORE_REG(regs.a1))		\
	X(a2, CORE_REG(regs.a2)) X(a3, CORE_REG(regs.a3))		\
	X(a4, CORE_REG(regs.a4)) X(a5, CORE_REG(regs.a5))		\
	X(a6, CORE_REG(regs.a6)) X(a7, CORE_REG(regs.a7))		\
	X(s2, CORE_REG(regs.s2)) X(s3, CORE_REG(regs.s3))		\
	X(s4, CORE_REG(regs.s4)) X(s5, CORE_REG(regs.s5))		\
	X(s6, CORE_REG(regs.s6)) X(s7, CORE_REG(regs.s7))		\
	X(s8, CORE_REG(regs.s8)) X(s9, CORE_REG(regs.s9))		\
	X(s10, CORE_REG(regs.s10)) X(s11, CORE_REG(regs.s11))		\
	X(t3, CORE_REG(regs.t3)) X(t4, CORE_REG(regs.t4))		\
	X(t5, CORE_REG(regs.t5)) X(t6, CORE_REG(regs.t6))		\
	X(mode, CORE_REG(mode)) X(sstatus, CSR_REG(sstatus))		\
	X(sie, CSR_REG(sie)) X(sip, CSR_REG(sip))			\
	X(stvec, CSR_REG(stvec)) X(sepc, CSR_REG(sepc))			\
	X(scause, CSR_REG(scause)) X(stval, CSR_REG(stval))		\
	X(satp, CSR_REG(satp)) X(sscratch, CSR_REG(sscratch))

struct riscv_record {
#define MEMBER(name, id)	uint64_t name;
	REGISTERS(MEMBER)
#undef MEMBER
};

_Static_assert(sizeof(struct riscv_record) <= RECORD_ARCH, "a record has room for it");

#define SATP_MODE(satp)		((satp) >> 60)
#define SATP_SV39		8u
#define SATP_SV57		10u
#define PTE_VALID		1u
#define PTE_LEAF		0xeu
#define PTE_PPN(pte)		((pte) >> 10 & 0xfffffffffffull)

uint64_t arch_pc(const struct vcpu *vcpu)
{
	return register_get(vcpu, CORE_REG(regs.pc));
}

/* Sv39 to Sv57 (privileged ISA, 12.3.2): nine bits a level. */
static bool translate(const struct riscv_record *r, uint64_t address, uint64_t *physical)
{
	unsigned int mode = SATP_MODE(r->satp);
	uint64_t table = (r->satp & 0xfffffffffffull) << 12;

	*physical = address;
	if (!mode)
		return true;
	if (mode < SATP_SV39 || mode > SATP_SV57)
		return false;
	for (int level = mode - SATP_SV39 + 2; level >= 0; level--) {
		const unsigned int at = 12 + 9 * level;
		const void *entry = ram_at(table + (address >> at & 0x1ff) * 8, 8);
		uint64_t pte;

		if (!entry)
			return false;
		memcpy(&pte, entry, sizeof(pte));
		pte = le64toh(pte);
		if (!(pte & PTE_VALID))
			return false;
		table = PTE_PPN(pte) << 12;
		if (pte & PTE_LEAF) {
			*physical = table | (address & ((1ull << at) - 1));
			return true;
		}
	}
	return false;
}

static bool word_read(const struct riscv_record *r, uint64_t address, uint64_t *to)
{
	uint64_t physical;
	const void *from;

	if (!translate(r, address, &physical))
		return false;
	from = ram_at(physical, sizeof(*to));
	if (from)
		memcpy(to, from, sizeof(*to));
	return from;
}

/* Below a frame pointer: the return address, and the caller's frame pointer. */
static void frames_take(struct vm_record *record, const struct riscv_record *r)
{
	uint64_t frame = r->s0, last = 0;

	while (record->frames < RECORD_FRAMES && frame > last) {
		uint64_t back, link;

		if (!word_read(r, frame - 8, &back) || !word_read(r, frame - 16, &link) || !back)
			break;
		record->frame[record->frames++] = back;
		last = frame;
		frame = link;
	}
}

void arch_record_take(struct vcpu *vcpu, struct vm_record *record)
{
	struct riscv_record *r = (struct riscv_record *)record->arch;
	struct kvm_mp_state mp_state = { 0 };

#define TAKE(name, id)	r->name = register_get(vcpu, id);
	REGISTERS(TAKE)
#undef TAKE
	ioctl(vcpu->fd, KVM_GET_MP_STATE, &mp_state);
	record->pc = r->pc;
	record->state = mp_state.mp_state == KVM_MP_STATE_STOPPED ? CPU_NOT_STARTED : CPU_RUNS;
	frames_take(record, r);
}

void arch_record_text(const struct vm_record *record, struct buf *to)
{
	const struct riscv_record *r = (const struct riscv_record *)record->arch;
	unsigned int n = 0;

#define TEXT(name, id)							\
	buf_printf(to, "%s%-8s %016llx%s", n % 4 ? "  " : "\t", #name,	\
		   (unsigned long long)r->name, n % 4 == 3 ? "\n" : "");	\
	n++;
	REGISTERS(TEXT)
#undef TEXT
	if (n % 4)
		buf_puts(to, "\n");
}

void arch_record_json(const struct vm_record *record, struct json_out *json)
{
	const struct riscv_record *r = (const struct riscv_record *)record->arch;

	json_open(json, "registers", '{');
#define JSON(name, id)	json_hex(json, #name, r->name);
	REGISTERS(JSON)
#undef JSON
	json_close(json, '}');
}
