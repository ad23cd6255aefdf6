/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pair of 8259s, where they are not in the kernel (8259A data sheet; the
 * edge/level registers are Intel chip sets').  The boot CPU gets their interrupt
 * at LINT0, or at its pin where it has no local APIC.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"
#include "vmm/x86/ioapic.h"
#include "vmm/x86/irq.h"

#define CASCADE		2
#define NONE		8
#define SPURIOUS	7

#define ICW1		0x10		/* bits of what is written to the even port */
#define ICW1_ICW4	0x01
#define OCW3		0x08
#define ICW4_AUTO_EOI	0x02
#define OCW3_POLL	0x04
#define OCW3_MASK_SET	0x40
#define OCW3_MASK	0x20

/* What the next write to the odd port is. */
enum { OPERATION, ICW2, ICW3, ICW4 };

struct chip {
	uint8_t irr, isr, imr, inputs, level;
	uint8_t base;			/* of its vectors */
	uint8_t lowest;			/* input of the lowest priority */
	uint8_t next, want_icw4;
	uint8_t auto_eoi, rotate, special_mask, poll, read_isr;
};

static struct {
	struct chip chips[2];
	uint32_t output;		/* it asks the CPU; others read it */
	uint32_t given;			/* vector + 1 that KVM has and its state has not */
} pic;

static uint32_t given;			/* the last vector that KVM got, + 1 */

static struct device pic_device;

/* Distance from the highest priority. */
static unsigned int rank(const struct chip *chip, unsigned int input)
{
	return (input - chip->lowest - 1) & 7;
}

static unsigned int highest(const struct chip *chip, uint8_t inputs)
{
	unsigned int best = NONE;

	for (unsigned int i = 0; i < 8; i++)
		if (inputs >> i & 1 &&
		    (best == NONE || rank(chip, i) < rank(chip, best)))
			best = i;
	return best;
}

/* The input that may interrupt now, or NONE. */
static unsigned int requested(const struct chip *chip)
{
	uint8_t serving = chip->special_mask ? chip->isr & ~chip->imr : chip->isr;
	unsigned int wanted = highest(chip, chip->irr & ~chip->imr);
	unsigned int current = highest(chip, serving);

	if (wanted == NONE || current == NONE)
		return wanted;
	return rank(chip, wanted) < rank(chip, current) ? wanted : NONE;
}

static void input_set(struct chip *chip, unsigned int input, bool high)
{
	uint8_t bit = 1u << input;

	if (high && (chip->level & bit || !(chip->inputs & bit)))
		chip->irr |= bit;
	else if (!high)
		chip->irr &= ~bit;	/* an edge's request needs its line, too */
	chip->inputs = high ? chip->inputs | bit : chip->inputs & ~bit;
}

static void update(void)
{
	uint32_t output;

	input_set(&pic.chips[0], CASCADE, requested(&pic.chips[1]) != NONE);
	output = requested(&pic.chips[0]) != NONE;
	if (__atomic_exchange_n(&pic.output, output, __ATOMIC_SEQ_CST) != output &&
	    output && machine.vcpus)
		vcpu_kick(&machine.vcpus[0]);
}

static unsigned int acknowledge(struct chip *chip)
{
	unsigned int input = requested(chip);

	if (input == NONE)
		return SPURIOUS;
	if (!(chip->level >> input & 1))
		chip->irr &= ~(1u << input);
	if (!chip->auto_eoi)
		chip->isr |= 1u << input;
	else if (chip->rotate)
		chip->lowest = input;
	return input;
}

static uint8_t acknowledge_both(void)
{
	unsigned int input = acknowledge(&pic.chips[0]);
	uint8_t vector = pic.chips[0].base + input;

	if (input == CASCADE)
		vector = pic.chips[1].base + acknowledge(&pic.chips[1]);
	update();
	return vector;
}

void pic_line(unsigned int input, bool high)
{
	pthread_mutex_lock(&pic_device.lock);
	input_set(&pic.chips[input / 8], input & 7, high);
	update();
	pthread_mutex_unlock(&pic_device.lock);
}

bool pic_pending(void)
{
	return __atomic_load_n(&pic.output, __ATOMIC_SEQ_CST);
}

/* The boot CPU is about to run: give it what is due, or ask when it can take it. */
static void before_run(struct vcpu *vcpu)
{
	struct kvm_interrupt interrupt;

	if (vcpu != machine.vcpus)
		return;
	vcpu->run->request_interrupt_window = 0;
	if (!pic_pending())
		return;
	if (vcpu->run->ready_for_interrupt_injection) {
		pthread_mutex_lock(&pic_device.lock);
		interrupt.irq = acknowledge_both();
		pthread_mutex_unlock(&pic_device.lock);
		must(ioctl(vcpu->fd, KVM_INTERRUPT, &interrupt), "KVM_INTERRUPT");
		given = interrupt.irq + 1;
		vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;	/* for pic_save() */
		vcpu->run->ready_for_interrupt_injection = 0;
	}
	vcpu->run->request_interrupt_window = pic_pending();
}

/* Bits 7:5 of OCW2 (data sheet, table 2). */
static void eoi(struct chip *chip, uint8_t value)
{
	unsigned int input = value & 0x40 ? value & 7 : highest(chip, chip->isr);

	switch (value >> 5) {
	case 0:				/* rotate in automatic EOI mode: off */
	case 4:				/* on */
		chip->rotate = value >> 7;
		break;
	case 1:				/* non-specific EOI */
	case 3:				/* specific EOI */
	case 5:				/* the same, and rotate */
	case 7:
		if (input != NONE) {
			chip->isr &= ~(1u << input);
			if (value & 0x80)
				chip->lowest = input;
		}
		break;
	case 6:				/* set priority */
		chip->lowest = value & 7;
		break;
	}
}

static void command(struct chip *chip, uint8_t value)
{
	if (value & ICW1) {
		*chip = (struct chip){
			.base = chip->base, .level = chip->level, .lowest = 7,
			.inputs = chip->level & chip->inputs, .next = ICW2,
			.want_icw4 = value & ICW1_ICW4,
		};
		chip->irr = chip->inputs;
	} else if (value & OCW3) {
		chip->poll = value & OCW3_POLL;
		if (value & 2)
			chip->read_isr = value & 1;
		if (value & OCW3_MASK_SET)
			chip->special_mask = value & OCW3_MASK;
	} else {
		eoi(chip, value);
	}
}

static void data(struct chip *chip, uint8_t value)
{
	switch (chip->next) {
	case OPERATION:
		chip->imr = value;
		break;
	case ICW2:
		chip->base = value & 0xf8;
		chip->next = ICW3;
		break;
	case ICW3:			/* the wiring is what it is */
		chip->next = chip->want_icw4 ? ICW4 : OPERATION;
		break;
	case ICW4:
		chip->auto_eoi = value & ICW4_AUTO_EOI;
		chip->next = OPERATION;
		break;
	}
}

static uint8_t chip_read(struct chip *chip, bool odd)
{
	unsigned int input;

	if (odd && !chip->poll)
		return chip->imr;
	if (!chip->poll)
		return chip->read_isr ? chip->isr : chip->irr;
	chip->poll = 0;
	input = requested(chip) == NONE ? NONE : acknowledge(chip);
	update();
	return input == NONE ? 0 : 0x80 | input;
}

static void chip_write(struct chip *chip, bool odd, uint8_t value)
{
	if (odd)
		data(chip, value);
	else
		command(chip, value);
	update();
}

static uint64_t first_read(uint64_t offset, unsigned int size)
{
	(void)size;
	return chip_read(&pic.chips[0], offset);
}

static void first_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	chip_write(&pic.chips[0], offset, value);
}

static uint64_t second_read(uint64_t offset, unsigned int size)
{
	(void)size;
	return chip_read(&pic.chips[1], offset);
}

static void second_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	chip_write(&pic.chips[1], offset, value);
}

static uint64_t level_read(uint64_t offset, unsigned int size)
{
	(void)size;
	return pic.chips[offset].level;
}

/* Lines 0, 1, 2, 8 and 13 are edge-triggered in any case. */
static void level_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	pic.chips[offset].level = value & (offset ? 0xde : 0xf8);
}

/*
 * KVM does not tell of a vector that it got by KVM_INTERRUPT before it looks at it;
 * it has not looked if KVM_RUN was cut short before it gave another reason.
 */
static void pic_save(void)
{
	bool waits = given && machine.vcpus[0].run->exit_reason == KVM_EXIT_UNKNOWN;

	pic.given = waits ? given : 0;
}

static void pic_restore(void)
{
	struct kvm_interrupt interrupt = { .irq = pic.given - 1 };

	/* The same VM may have it still. */
	if (pic.given && ioctl(machine.vcpus[0].fd, KVM_INTERRUPT, &interrupt) < 0 &&
	    errno != EEXIST)
		must(-1, "KVM_INTERRUPT");
	given = pic.given;
}

static bool pic_present(void)
{
	return machine.config->platform.irqchip != VM_IRQCHIP_KERNEL;
}

static void pic_init(void)
{
	machine.before_run = before_run;
	for (unsigned int i = 0; i < 2; i++)
		pic.chips[i].lowest = 7;
}

static struct device pic_device = {
	.name = "i8259",
	.text = "the pair of 8259 interrupt controllers",
	.present = pic_present,
	.when = "without an in-kernel irqchip; else KVM has them",
	.init = pic_init,
	.ranges = {
		{ BUS_PORT, 0x20, 2, first_read, first_write, 1, "lines 0 to 7" },
		{ BUS_PORT, 0xa0, 2, second_read, second_write, 1, "lines 8 to 15" },
		{ BUS_PORT, 0x4d0, 2, level_read, level_write, 1,
		  "edge or level" },
	},
	.state = DEVICE_STATE(1, pic),
	.save = pic_save,
	.restore = pic_restore,
};
DEVICE_REGISTER(pic_device);
