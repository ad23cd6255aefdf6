/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debugging arm64 CPUs for gdb (GDB manual, appendices E and G.5): registers one by
 * one, breakpoints by BRK, hardware's own, single steps.  KVM keeps these from the
 * guest's own debug registers.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/arm/autopsy.h"
#include "vmm/arm/platform.h"
#include "vmm/gdb.h"
#include "vmm/machine.h"

/* ESR_EL2.EC (DDI 0487, D17.2.37), of exceptions from a lower level */
#define EC(esr)		((esr) >> 26 & 0x3f)
#define EC_BREAKPOINT	0x30
#define EC_STEP		0x32
#define EC_WATCHPOINT	0x34
#define EC_BRK		0x3c

/* DBGBCR and DBGWCR (D17.3.2, D17.3.11): enabled, in EL0 and EL1 */
#define CONTROL_ON	(1u | 3u << 1)
#define CONTROL_ALL	(0xfu << 5)	/* four bytes of an instruction */
#define CONTROL_LOAD	(1u << 3)
#define CONTROL_STORE	(2u << 3)
#define POINTS		16

#define REGISTERS	34	/* X0 to X30, SP, PC, CPSR */
#define SP		31
#define PC		32
#define CPSR		33

const uint8_t arch_gdb_trap[] = { 0x00, 0x00, 0x20, 0xd4 };	/* BRK #0 */
const unsigned int arch_gdb_trap_size = sizeof(arch_gdb_trap);

static struct {
	int breakpoints, watchpoints;	/* that the hardware has */
	struct kvm_guest_debug_arch points;
} debug;

void arch_gdb_init(void)
{
	debug.breakpoints = ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_BPS);
	debug.watchpoints = ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_WPS);
}

void arch_gdb_description(struct buf *to)
{
	buf_puts(to, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
		 "<target><architecture>aarch64</architecture>"
		 "<feature name=\"org.gnu.gdb.aarch64.core\">");
	for (unsigned int i = 0; i < 31; i++)
		buf_printf(to, "<reg name=\"x%u\" bitsize=\"64\"/>", i);
	buf_puts(to, "<reg name=\"sp\" bitsize=\"64\" type=\"data_ptr\"/>"
		 "<reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\"/>"
		 "<reg name=\"cpsr\" bitsize=\"32\"/></feature></target>");
}

unsigned int arch_gdb_registers(void)
{
	return REGISTERS;
}

/* SP is that of the level and of SPSel. */
static uint64_t register_id(const struct vcpu *vcpu, unsigned int number)
{
	switch (number) {
	case SP:
		return (register_get(vcpu, CORE_REG(regs.pstate)) & 0xf) == 5 ?
			CORE_REG(sp_el1) : CORE_REG(regs.sp);
	case PC:
		return CORE_REG(regs.pc);
	case CPSR:
		return CORE_REG(regs.pstate);
	default:
		return CORE_REG(regs.regs[0]) + 2 * number;
	}
}

unsigned int arch_gdb_get(struct vcpu *vcpu, unsigned int number, uint8_t *bytes)
{
	uint64_t value;

	if (number >= REGISTERS)
		return 0;
	value = register_get(vcpu, register_id(vcpu, number));
	memcpy(bytes, &value, sizeof(value));
	return number == CPSR ? 4 : 8;
}

bool arch_gdb_set(struct vcpu *vcpu, unsigned int number, const uint8_t *bytes)
{
	uint64_t value = 0;

	if (number >= REGISTERS)
		return false;
	memcpy(&value, bytes, number == CPSR ? 4 : 8);
	return register_set(vcpu, register_id(vcpu, number), value);
}

bool arch_gdb_translate(struct vcpu *vcpu, uint64_t linear, gpa_t *physical)
{
	struct arm_record r;

	arm_registers_take(vcpu, &r);
	return guest_translate(&r, linear, physical);
}

void arch_gdb_walk(struct vcpu *vcpu, uint64_t linear, struct buf *to)
{
	gpa_t physical;

	if (arch_gdb_translate(vcpu, linear, &physical))
		buf_printf(to, "%#llx is at %#llx\n", (unsigned long long)linear,
			   (unsigned long long)physical);
	else
		buf_printf(to, "%#llx is not mapped\n", (unsigned long long)linear);
}

/* One that has this control and value; of none, a free one; -1 if there is neither. */
static int point_find(const __u64 *control, const __u64 *value, int count, uint64_t c, uint64_t v,
		      bool on)
{
	for (int i = 0; i < count; i++)
		if (on ? !control[i] : control[i] == c && value[i] == v)
			return i;
	return -1;
}

int arch_gdb_point(enum gdb_point kind, uint64_t address, unsigned int size, bool on)
{
	const bool watch = kind != GDB_HARDWARE;
	int count = watch ? debug.watchpoints : debug.breakpoints, n;
	__u64 *control = watch ? debug.points.dbg_wcr : debug.points.dbg_bcr;
	__u64 *value = watch ? debug.points.dbg_wvr : debug.points.dbg_bvr;
	uint64_t c = CONTROL_ON | CONTROL_ALL;

	if (count <= 0)
		return 1;
	if (watch) {
		/* Bytes of one doubleword, each selected by a bit. */
		if (!size || address % 8 + size > 8)
			return 1;
		c = CONTROL_ON | ((1u << size) - 1) << address % 8 << 5 |
			(kind != GDB_WRITE ? CONTROL_LOAD : 0) |
			(kind != GDB_READ ? CONTROL_STORE : 0);
		address &= ~7ull;
	}
	n = point_find(control, value, count < POINTS ? count : POINTS, c, address, on);
	if (n < 0)
		return -1;
	control[n] = on ? c : 0;
	value[n] = on ? address : 0;
	return 0;
}

bool arch_gdb_traps(void)
{
	return true;
}

void arch_gdb_prepare(struct vcpu *vcpu, bool software, enum gdb_go how)
{
	struct kvm_guest_debug set = { .arch = debug.points };

	if (software)
		set.control |= KVM_GUESTDBG_USE_SW_BP;
	if (how != GDB_GO)
		set.control |= KVM_GUESTDBG_SINGLESTEP;
	for (unsigned int i = 0; i < POINTS; i++)
		if (debug.points.dbg_bcr[i] || debug.points.dbg_wcr[i])
			set.control |= KVM_GUESTDBG_USE_HW;
	if (set.control)
		set.control |= KVM_GUESTDBG_ENABLE;
	must(ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &set), "KVM_SET_GUEST_DEBUG");
}

/* What a watchpoint was hit by lies in its doubleword, or near. */
static enum gdb_point watch_kind(uint64_t address)
{
	for (unsigned int i = 0; i < POINTS; i++)
		if (debug.points.dbg_wcr[i] && debug.points.dbg_wvr[i] == (address & ~7ull))
			switch (debug.points.dbg_wcr[i] & (CONTROL_LOAD | CONTROL_STORE)) {
			case CONTROL_LOAD:
				return GDB_READ;
			case CONTROL_STORE:
				return GDB_WRITE;
			default:
				return GDB_ACCESS;
			}
	return GDB_ACCESS;
}

bool arch_gdb_why(struct vcpu *vcpu, struct gdb_why *why)
{
	const struct kvm_debug_exit_arch *exit = &vcpu->run->debug.arch;

	*why = (struct gdb_why){ 0 };
	switch (EC(exit->hsr)) {
	case EC_STEP:
		why->step = true;
		break;
	case EC_BRK:
		why->trap = true;
		break;
	case EC_BREAKPOINT:
		why->point = GDB_HARDWARE;
		break;
	case EC_WATCHPOINT:
		why->point = watch_kind(exit->far);
		why->address = exit->far;
		break;
	default:
		return false;
	}
	return true;
}

/* KVM has taken the exception: what the guest would have seen, we make (D1.3.1). */
void arch_gdb_reflect(struct vcpu *vcpu)
{
	const uint64_t pstate = register_get(vcpu, CORE_REG(regs.pstate));
	const uint64_t vbar = register_get(vcpu, SYSREG(3, 0, 12, 0, 0));
	const bool from_el1 = (pstate & 0xc) == 4;

	register_set(vcpu, CORE_REG(elr_el1), register_get(vcpu, CORE_REG(regs.pc)));
	register_set(vcpu, CORE_REG(spsr[0]), pstate);
	register_set(vcpu, SYSREG(3, 0, 5, 2, 0), vcpu->run->debug.arch.hsr);
	register_set(vcpu, CORE_REG(regs.pstate), 0x3c5);
	register_set(vcpu, CORE_REG(regs.pc),
		     vbar + (!from_el1 ? 0x400 : pstate & 1 ? 0x200 : 0));
}

/* KVM emulates no instructions but loads and stores of devices. */
bool arch_gdb_refused(struct vcpu *vcpu, uint64_t *address)
{
	(void)vcpu;
	(void)address;
	return false;
}

uint64_t arch_gdb_pc(struct vcpu *vcpu)
{
	return register_get(vcpu, CORE_REG(regs.pc));
}

const char *arch_gdb_state(struct vcpu *vcpu)
{
	struct kvm_mp_state state = { 0 };

	ioctl(vcpu->fd, KVM_GET_MP_STATE, &state);
	return state.mp_state == KVM_MP_STATE_STOPPED ? "off" : "running";
}

void arch_gdb_forget(void)
{
}
