/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a PC's firmware leaves for real mode, in machines with a PIT: 8259s that are
 * programmed, a PIT that ticks at 18.2 Hz, and an interrupt table of handlers that
 * do nothing but end their interrupt.
 */
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"
#include "vmm/x86/platform.h"

#define HANDLER_NONE	0x00u		/* offsets there */
#define HANDLER_FIRST	0x10u
#define HANDLER_SECOND	0x20u
#define VECTORS		256u
#define FIRST_BASE	0x08		/* vectors of the two 8259s */
#define SECOND_BASE	0x70
#define FIRST_MASK	0xfa		/* timer and cascade are open */
#define SECOND_MASK	0xf7		/* line 11 is */
#define PIT_MODE	2
#define PIT_COUNT	65536u

static const struct { unsigned int at; uint8_t code[12]; unsigned int size; } handlers[] = {
	/* iret */
	{ HANDLER_NONE, { 0xcf }, 1 },
	/* push %ax; mov $0x20, %al; out %al, $0x20; pop %ax; iret */
	{ HANDLER_FIRST, { 0x50, 0xb0, 0x20, 0xe6, 0x20, 0x58, 0xcf }, 7 },
	/* the same, with out %al, $0xa0 before */
	{ HANDLER_SECOND, { 0x50, 0xb0, 0x20, 0xe6, 0xa0, 0xe6, 0x20, 0x58, 0xcf }, 9 },
};

static void table_write(void)
{
	uint32_t table[VECTORS];

	for (unsigned int i = 0; i < VECTORS; i++) {
		uint32_t handler = i - FIRST_BASE < 8 ? HANDLER_FIRST :
			i - SECOND_BASE < 8 ? HANDLER_SECOND : HANDLER_NONE;

		table[i] = (uint32_t)(BOOT_HANDLERS >> 4) << 16 | handler;
	}
	ram_write(0, table, sizeof(table));
	for (size_t i = 0; i < sizeof(handlers) / sizeof(*handlers); i++)
		ram_write(BOOT_HANDLERS + handlers[i].at, handlers[i].code, handlers[i].size);
}

static void pic_prepare(unsigned int chip, uint8_t base, uint8_t mask)
{
	struct kvm_irqchip state = { .chip_id = chip };

	must(ioctl(machine.vm, KVM_GET_IRQCHIP, &state), "KVM_GET_IRQCHIP");
	state.chip.pic.irq_base = base;
	state.chip.pic.imr = mask;
	must(ioctl(machine.vm, KVM_SET_IRQCHIP, &state), "KVM_SET_IRQCHIP");
}

static void pit_prepare(void)
{
	struct kvm_pit_state2 pit;

	must(ioctl(machine.vm, KVM_GET_PIT2, &pit), "KVM_GET_PIT2");
	pit.channels[0].mode = PIT_MODE;
	pit.channels[0].rw_mode = 3;
	pit.channels[0].count = PIT_COUNT;
	must(ioctl(machine.vm, KVM_SET_PIT2, &pit), "KVM_SET_PIT2");
}

/* The chips are devices of ours: they are programmed as firmware would. */
static void chips_program(void)
{
	static const struct { uint16_t port; uint8_t value; } writes[] = {
		{ 0x20, 0x11 }, { 0x21, FIRST_BASE }, { 0x21, 4 }, { 0x21, 1 },
		{ 0xa0, 0x11 }, { 0xa1, SECOND_BASE }, { 0xa1, 2 }, { 0xa1, 1 },
		{ 0x21, FIRST_MASK }, { 0xa1, SECOND_MASK },
		{ 0x43, 3 << 4 | PIT_MODE << 1 }, { 0x40, 0 }, { 0x40, 0 },
	};

	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++) {
		uint8_t value = writes[i].value;

		bus_access(BUS_PORT, writes[i].port, &value, 1, true);
	}
}

void legacy_prepare(void)
{
	if (!machine.config->pit)
		return;
	table_write();
	if (machine.config->platform.irqchip == VM_IRQCHIP_KERNEL) {
		pic_prepare(KVM_IRQCHIP_PIC_MASTER, FIRST_BASE, FIRST_MASK);
		pic_prepare(KVM_IRQCHIP_PIC_SLAVE, SECOND_BASE, SECOND_MASK);
		pit_prepare();
	} else {
		chips_program();
	}
}
