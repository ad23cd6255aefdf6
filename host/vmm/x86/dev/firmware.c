/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reset vector.  No firmware runs; what a guest may expect of one after INIT
 * happens here: the shutdown code in CMOS 0x0f says where to go on, as on all PCs
 * since the AT, and after a sleep the waking vector does (ACPI 6, 16.3).
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/slots.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/reset.h"

#define PORT		0xf19fu
#define ROM		0xfffff000ull
#define RESET_VECTOR	0xff0u		/* offsets in that page */
#define JUMP		0xfe6u
#define EOI_JUMP	0xfe0u
#define SHUTDOWN_CODE	0x0f		/* in CMOS */
#define CODE_EOI_JUMP	0x05		/* EOI to the 8259s, then as CODE_JUMP */
#define CODE_JUMP	0x0a		/* through the far pointer at 40:67 */
#define APIC_SVR	0xf0u
#define APIC_SVR_ENABLE	0x100u
#define MSI_BASE	0xfee00000ull
#define MSI_INIT	(5u << 8)	/* delivery mode */

/* All that there is of firmware, 16-bit code. */
static const struct { unsigned int at; uint8_t code[12]; unsigned int size; } program[] = {
	/* mov $PORT, %dx; out %al, %dx; 1: cli; hlt; jmp 1b */
	{ RESET_VECTOR, { 0xba, PORT & 0xff, PORT >> 8, 0xee, 0xfa, 0xf4, 0xeb, 0xfc }, 8 },
	/* mov $0x20, %al; out %al, $0xa0; out %al, $0x20 */
	{ EOI_JUMP, { 0xb0, 0x20, 0xe6, 0xa0, 0xe6, 0x20 }, 6 },
	/* ljmp *0x467 */
	{ JUMP, { 0xff, 0x2e, 0x67, 0x04 }, 4 },
};

static uint8_t rom[4096] __attribute__((aligned(4096)));

static struct {
	uint32_t wake;
	uint32_t waking;
} firmware;

void reset_wake(uint32_t vector)
{
	firmware.wake = vector;
	firmware.waking = 1;
}

/*
 * An APIC takes INIT whether it is software-enabled or not (SDM 3A, local APIC
 * state); some KVMs need it enabled, which INIT itself will undo.
 */
static void apic_enable(struct vcpu *vcpu)
{
	struct kvm_lapic_state apic;

	must(ioctl(vcpu->fd, KVM_GET_LAPIC, &apic), "KVM_GET_LAPIC");
	apic.regs[APIC_SVR + 1] |= APIC_SVR_ENABLE >> 8;
	must(ioctl(vcpu->fd, KVM_SET_LAPIC, &apic), "KVM_SET_LAPIC");
}

static void init_all(void *arg)
{
	(void)arg;
	if (machine.config->platform.irqchip == VM_IRQCHIP_OFF)
		machine_end(machine.vcpus, VM_END_SHUTDOWN, 0,
			    "reset: INIT, and no local APIC to take it");
	for (unsigned int i = 0; i < machine.config->cpus; i++) {
		uint64_t to = MSI_BASE | (i & 0xff) << 12 |
			(uint64_t)(i & ~0xffu) << 32;

		if (irq_msi(to, MSI_INIT))
			continue;
		apic_enable(&machine.vcpus[i]);
		irq_msi(to, MSI_INIT);
	}
}

void reset_init(void)
{
	if (lie_tell(&lie_init_lost))
		return;
	vcpu_after_exit(init_all, NULL);
}

/* CS is the reset vector's still, unless @vector says where to go in low memory. */
static void go_on_at(struct vcpu *vcpu, unsigned int rom_offset, uint32_t vector)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	must(ioctl(vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	regs.rip = rom_offset ? 0xf000 + rom_offset : vector & 0xf;
	if (!rom_offset) {
		must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
		sregs.cs.selector = vector >> 4;
		sregs.cs.base = vector & ~0xfu;
		must(ioctl(vcpu->fd, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	}
	must(ioctl(vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void start_again(void *arg)
{
	uint8_t code = rtc_cmos(SHUTDOWN_CODE);
	struct vcpu *vcpu = arg;

	if (firmware.waking) {
		firmware.waking = 0;
		go_on_at(vcpu, 0, firmware.wake);
		return;
	}
	rtc_cmos_set(SHUTDOWN_CODE, 0);
	if (code != CODE_JUMP && code != CODE_EOI_JUMP)
		machine_end(vcpu, VM_END_SHUTDOWN, 0,
			    "reset: CPU %u came to the reset vector with shutdown code %#x",
			    vcpu->index, code);
	go_on_at(vcpu, code == CODE_JUMP ? JUMP : EOI_JUMP, 0);
}

static void firmware_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	(void)value;
	vcpu_after_exit(start_again, vcpu_current());
}

static void firmware_init(void)
{
	for (unsigned int i = 0; i < sizeof(program) / sizeof(*program); i++)
		memcpy(rom + program[i].at, program[i].code, program[i].size);
	errno = -slot_add(ROM, sizeof(rom), rom, KVM_MEM_READONLY);
	must(errno > 0 ? -1 : 0, "a memory slot for the reset vector");
}

static struct device firmware_device = {
	.name = "firmware",
	.text = "the reset vector: goes on where CMOS 0x0f or a sleep says",
	.init = firmware_init,
	.ranges = { { BUS_PORT, PORT, 1, NULL, firmware_write, 1,
		      "the code at 0xfffffff0 calls" } },
	.state = DEVICE_STATE(1, firmware),
	.lockless = true,
};
DEVICE_REGISTER(firmware_device);
