/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O APIC for machines whose local APICs alone are in the kernel (82093AA data
 * sheet).  Each input's redirection entry is a message; KVM has to know those of
 * level-triggered ones beforehand, so that it tells of their EOI.
 */
#include <sys/ioctl.h>

#include "vmm/machine.h"
#include "vmm/x86/ioapic.h"
#include "vmm/x86/iommu.h"
#include "vmm/x86/irq.h"

#define BASE		0xfec00000ull
#define SELECT		0x00		/* offsets of the registers */
#define WINDOW		0x10
#define REG_ID		0x00		/* indexes in the window */
#define REG_VERSION	0x01
#define REG_ARBITRATION	0x02
#define REG_ENTRIES	0x10
#define VERSION		(0x11 | (IRQ_LINES - 1) << 16)
#define ID_MASK		0x0f000000u

#define ENTRY_VECTOR	0xffull		/* and its delivery mode above */
#define ENTRY_MODE	0x700ull
#define ENTRY_MODE_EXTINT	0x700ull
#define ENTRY_LOGICAL	(1ull << 11)
#define ENTRY_STATUS	(1ull << 12)	/* read-only: never seen pending */
#define ENTRY_REMOTE_IRR	(1ull << 14)	/* read-only */
#define ENTRY_LEVEL	(1ull << 15)
#define ENTRY_MASKED	(1ull << 16)
#define ENTRY_FIXED	(ENTRY_STATUS | ENTRY_REMOTE_IRR | 0x00fffffffffe0000ull)

#define APIC_ISR	0x100u		/* in struct kvm_lapic_state */
#define APIC_IRR	0x200u

/* Bit 48 says that an entry names one of an IOMMU's (VT-d 5.1.5.1). */
#define ENTRY_REMAPPED	(1ull << 48)

static struct {
	uint32_t select, id;
	uint32_t high;			/* a bit for each input */
	uint64_t entries[IRQ_LINES];
} ioapic;

static struct device ioapic_device;

/* The same bits in other places, whether remapped or not (VT-d 5.1.5.1). */
static struct ioapic_message entry_message(uint64_t entry)
{
	return (struct ioapic_message){
		.address = 0xfee00000u | (entry >> 48) << 4 |
			(entry & ENTRY_LOGICAL ? 1 << 2 : 0),
		.data = (entry & (ENTRY_VECTOR | ENTRY_MODE | ENTRY_LEVEL)) |
			(entry & ENTRY_LEVEL ? 1 << 14 : 0),
	};
}

static void deliver(unsigned int input)
{
	uint64_t *entry = &ioapic.entries[input];
	struct ioapic_message message = entry_message(*entry);

	if (*entry & ENTRY_MASKED ||
	    (!(*entry & ENTRY_REMAPPED) && (*entry & ENTRY_MODE) == ENTRY_MODE_EXTINT))
		return;
	if (*entry & ENTRY_LEVEL) {
		if (*entry & ENTRY_REMOTE_IRR)
			return;
		*entry |= ENTRY_REMOTE_IRR;
	}
	iommu_msi(IOAPIC_SOURCE, message.address, message.data);
}

/* Level-triggered and high: due unless it is in service. */
static void deliver_level(unsigned int input)
{
	if (ioapic.entries[input] & ENTRY_LEVEL && ioapic.high >> input & 1)
		deliver(input);
}

void ioapic_line(unsigned int input, bool high)
{
	uint32_t bit = 1u << input;
	bool rises;

	pthread_mutex_lock(&ioapic_device.lock);
	rises = high && !(ioapic.high & bit);
	ioapic.high = high ? ioapic.high | bit : ioapic.high & ~bit;
	if (ioapic.entries[input] & ENTRY_LEVEL)
		deliver_level(input);
	else if (rises)
		deliver(input);
	pthread_mutex_unlock(&ioapic_device.lock);
}

void ioapic_eoi(uint8_t vector)
{
	pthread_mutex_lock(&ioapic_device.lock);
	for (unsigned int i = 0; i < IRQ_LINES; i++) {
		uint64_t *entry = &ioapic.entries[i];
		struct ioapic_message message = entry_message(*entry);

		/* Behind an IOMMU the vector is the remapped one. */
		if (!(*entry & ENTRY_REMOTE_IRR) ||
		    !iommu_remap(IOAPIC_SOURCE, &message.address, &message.data) ||
		    (message.data & ENTRY_VECTOR) != vector)
			continue;
		*entry &= ~ENTRY_REMOTE_IRR;
		deliver_level(i);
	}
	pthread_mutex_unlock(&ioapic_device.lock);
}

/* Masked or not: masking is too frequent to tell KVM each time. */
static void routes_tell(void)
{
	for (unsigned int i = 0; i < IRQ_LINES; i++) {
		struct ioapic_message message = entry_message(ioapic.entries[i]);
		struct kvm_irq_routing_entry route = {
			.gsi = i, .type = KVM_IRQ_ROUTING_MSI,
		};
		bool wanted = ioapic.entries[i] & ENTRY_LEVEL &&
			iommu_remap(IOAPIC_SOURCE, &message.address, &message.data);

		route.u.msi.address_lo = message.address;
		route.u.msi.address_hi = message.address >> 32;
		route.u.msi.data = message.data;
		irq_route(i, wanted ? &route : NULL);
	}
	irq_routes_commit();
}

void ioapic_remap(void)
{
	pthread_mutex_lock(&ioapic_device.lock);
	routes_tell();
	pthread_mutex_unlock(&ioapic_device.lock);
}

static void entry_write(unsigned int input, bool upper, uint32_t value)
{
	uint64_t *entry = &ioapic.entries[input], old = *entry;

	if (upper)
		*entry = (uint32_t)*entry | (uint64_t)value << 32;
	else
		*entry = (*entry & ~0xffffffffull) | value;
	/* A remapped entry has more to say in its upper half. */
	if (*entry & ENTRY_REMAPPED)
		*entry = (*entry & ~(ENTRY_STATUS | ENTRY_REMOTE_IRR)) |
			(old & ENTRY_REMOTE_IRR);
	else
		*entry = (*entry & ~ENTRY_FIXED) | (old & ENTRY_REMOTE_IRR);
	if (!(*entry & ENTRY_LEVEL))
		*entry &= ~ENTRY_REMOTE_IRR;
	if ((old | *entry) & ENTRY_LEVEL &&
	    (old ^ *entry) & ~(ENTRY_REMOTE_IRR | ENTRY_MASKED))
		routes_tell();
	deliver_level(input);
}

static uint32_t window_read(void)
{
	unsigned int entry = ioapic.select - REG_ENTRIES;

	if (ioapic.select == REG_ID || ioapic.select == REG_ARBITRATION)
		return ioapic.id;
	if (ioapic.select == REG_VERSION)
		return VERSION;
	if (ioapic.select < REG_ENTRIES || entry >= 2 * IRQ_LINES)
		return 0;
	return ioapic.entries[entry / 2] >> (entry % 2 ? 32 : 0);
}

static void window_write(uint32_t value)
{
	unsigned int entry = ioapic.select - REG_ENTRIES;

	if (ioapic.select == REG_ID)
		ioapic.id = value & ID_MASK;
	else if (ioapic.select >= REG_ENTRIES && entry < 2 * IRQ_LINES)
		entry_write(entry / 2, entry % 2, value);
}

static uint64_t ioapic_read(uint64_t offset, unsigned int size)
{
	(void)size;
	if (offset == SELECT)
		return ioapic.select;
	return offset == WINDOW ? window_read() : 0;
}

static void ioapic_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	if (offset == SELECT)
		ioapic.select = value & 0xff;
	else if (offset == WINDOW)
		window_write(value);
}

/* Does a CPU's APIC have this vector in service or requested? */
static bool vector_known(const struct kvm_lapic_state *apic, uint8_t vector)
{
	unsigned int byte = vector / 32 * 16 + vector % 32 / 8;
	uint8_t bits = apic->regs[APIC_ISR + byte] | apic->regs[APIC_IRR + byte];

	return bits >> vector % 8 & 1;
}

/*
 * An EOI that KVM has not told us of yet is nowhere in its state: it shows by an
 * interrupt in service here that no CPU knows of.
 */
static void ioapic_save(void)
{
	struct ioapic_message message;
	struct kvm_lapic_state apic;

	for (unsigned int i = 0; i < IRQ_LINES; i++) {
		bool known = false;

		if (!(ioapic.entries[i] & ENTRY_REMOTE_IRR))
			continue;
		message = entry_message(ioapic.entries[i]);
		if (!iommu_remap(IOAPIC_SOURCE, &message.address, &message.data))
			continue;
		for (unsigned int cpu = 0; cpu < machine.config->cpus; cpu++) {
			must(ioctl(machine.vcpus[cpu].fd, KVM_GET_LAPIC, &apic),
			     "KVM_GET_LAPIC");
			known |= vector_known(&apic, message.data);
		}
		if (known)
			continue;
		ioapic.entries[i] &= ~ENTRY_REMOTE_IRR;
		deliver_level(i);
	}
}

static bool ioapic_present(void)
{
	return machine.config->platform.irqchip == VM_IRQCHIP_SPLIT;
}

static void ioapic_init(void)
{
	for (unsigned int i = 0; i < IRQ_LINES; i++)
		ioapic.entries[i] = ENTRY_MASKED;
}

static struct device ioapic_device = {
	.name = "ioapic",
	.text = "I/O APIC with 24 inputs",
	.present = ioapic_present,
	.when = "with a split irqchip; else KVM has it",
	.init = ioapic_init,
	.ranges = { { BUS_MEMORY, BASE, 0x1000, ioapic_read, ioapic_write, 4,
		      "register select, window" } },
	.state = DEVICE_STATE(1, ioapic),
	.save = ioapic_save,
	.attach = routes_tell,
	.restore = routes_tell,
};
DEVICE_REGISTER(ioapic_device);
