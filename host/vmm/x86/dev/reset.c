/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ports by which PCs reset their CPUs: the keyboard controller (i8042), system
 * control port A, the chip set's reset control.  All but a hard reset, which ends
 * the machine, are INIT; firmware.c is what the CPUs find then.
 */
#include "vmm/machine.h"
#include "vmm/x86/reset.h"

#define A_INIT		(1u << 0)	/* port 0x92, alternate INIT */
#define A_A20		(1u << 1)
#define CONTROL_HARD	(1u << 1)	/* port 0xcf9 */
#define CONTROL_CPU	(1u << 2)
#define CONTROL_FULL	(1u << 3)

#define KBD_FULL	(1u << 0)	/* status: there is a byte to read */
#define KBD_IDLE	0x18		/* not locked; the last byte was a command */
#define KBD_READ_OUTPUT		0xd0
#define KBD_WRITE_OUTPUT	0xd1
#define KBD_PULSE	0xf0		/* low bits: output lines not to pulse */
#define OUTPUT_RUN	(1u << 0)	/* output port: 0 holds the CPU in reset */
#define OUTPUT_INITIAL	0xcf

static struct {
	uint8_t port_a, control;
	uint8_t output;			/* the keyboard controller's port */
	uint8_t full, write_output;	/* what its next byte is */
} reset = { .port_a = A_A20, .output = OUTPUT_INITIAL };

static uint64_t port_a_read(uint64_t offset, unsigned int size)
{
	(void)offset;
	(void)size;
	return reset.port_a;
}

static void port_a_write(uint64_t offset, unsigned int size, uint64_t value)
{
	bool rises = value & ~reset.port_a & A_INIT;

	(void)offset;
	(void)size;
	reset.port_a = value & (A_INIT | A_A20);
	if (rises)
		reset_init();
}

uint8_t reset_control_read(void)
{
	return __atomic_load_n(&reset.control, __ATOMIC_RELAXED);
}

void reset_control_write(uint8_t value)
{
	uint8_t old = __atomic_exchange_n(&reset.control, value, __ATOMIC_RELAXED);

	if (!(value & ~old & CONTROL_CPU))
		return;
	if (value & (CONTROL_HARD | CONTROL_FULL))
		machine_end(vcpu_current(), VM_END_SHUTDOWN, 0,
			    "hard reset through port 0xcf9");
	reset_init();
}

static uint64_t keyboard_read(uint64_t offset, unsigned int size)
{
	(void)size;
	if (offset)
		return KBD_IDLE | (reset.full ? KBD_FULL : 0);
	reset.full = 0;
	return reset.output;
}

static void output_set(uint8_t value)
{
	reset.output = value;
	if (!(value & OUTPUT_RUN)) {
		reset.output |= OUTPUT_RUN;
		reset_init();
	}
}

static void keyboard_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	if (!offset) {
		if (reset.write_output)
			output_set(value);
		reset.write_output = 0;
		return;
	}
	reset.write_output = value == KBD_WRITE_OUTPUT;
	if (value == KBD_READ_OUTPUT)
		reset.full = 1;
	else if (value >= KBD_PULSE && !(value & OUTPUT_RUN))
		reset_init();
}

/* Two ranges of one device: the data port lies below, the other at 0x64. */
static uint64_t keyboard_status_read(uint64_t offset, unsigned int size)
{
	return keyboard_read(offset + 4, size);
}

static void keyboard_command_write(uint64_t offset, unsigned int size,
				   uint64_t value)
{
	keyboard_write(offset + 4, size, value);
}

static struct device reset_device = {
	.name = "reset",
	.text = "i8042 and system control port A, as far as they reset CPUs",
	.ranges = {
		{ BUS_PORT, 0x60, 1, keyboard_read, keyboard_write, 1,
		  "i8042 data: its output port" },
		{ BUS_PORT, 0x64, 1, keyboard_status_read,
		  keyboard_command_write, 1,
		  "i8042 status; commands 0xd0, 0xd1 and pulses" },
		{ BUS_PORT, 0x92, 1, port_a_read, port_a_write, 1,
		  "system control port A: bit 0 rising is INIT" },
	},
	.state = DEVICE_STATE(1, reset),
};
DEVICE_REGISTER(reset_device);
