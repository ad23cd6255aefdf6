/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intel VT-d: registers (VT-d 10.4), the invalidation queue, and records of faults.
 * Nothing is cached, so that invalidations have nothing to do but to be complete;
 * how interrupts are remapped, KVM has to be told anew.
 *
 * `registers` guards what is not read in passing; a CPU that works off the queue
 * holds `queue`, and may come to take the I/O APIC's lock and then `registers`.
 */
#include <string.h>

#include "base/str.h"
#include "vmm/machine.h"
#include "vmm/x86/ioapic.h"
#include "vmm/x86/iommu.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/vtd.h"

#define REG_VERSION	0x000
#define REG_CAP		0x008
#define REG_ECAP	0x010
#define REG_GCMD	0x018
#define REG_GSTS	0x01c
#define REG_RTADDR	0x020
#define REG_CCMD	0x028
#define REG_FSTS	0x034
#define REG_FECTL	0x038		/* then data, address, upper address */
#define REG_IQH		0x080
#define REG_IQT		0x088
#define REG_IQA		0x090
#define REG_ICS		0x09c
#define REG_IECTL	0x0a0		/* likewise */
#define REG_IRTA	0x0b8
#define REG_IVA		0x0f0
#define REG_IOTLB	0x0f8
#define REG_FAULTS	0x220
#define REGISTERS	0x230
#define SIZE		0x1000

#define VERSION		0x10
/* One fault register, 16-bit domains, 39 bits by three levels, 2 MiB and 1 GiB. */
#define CAP		(6ull | 1ull << 9 | (VTD_ADDRESS_BITS - 1ull) << 16 |	\
			 (uint64_t)REG_FAULTS / 16 << 24 | 3ull << 34 |		\
			 1ull << 39 | 18ull << 48 | 3ull << 54)
#define ECAP_QUEUE	(1ull << 1)
#define ECAP_REMAPPING	(1ull << 3)
#define ECAP		(ECAP_QUEUE | (uint64_t)REG_IVA / 16 << 8 | 15ull << 20)
#define STAYS_ON	(VTD_TRANSLATION | VTD_QUEUE | VTD_REMAPPING | VTD_COMPATIBLE)

#define BUSY		(1ull << 63)	/* in CCMD and IOTLB, until it is done */
#define FSTS_OVERFLOW	(1u << 0)
#define FSTS_PENDING	(1u << 1)	/* some record's FAULT bit is set */
#define FSTS_QUEUE	(1u << 4)	/* a descriptor was wrong */
#define FSTS_CLEARABLE	(FSTS_OVERFLOW | FSTS_QUEUE | 0x60u)
#define FAULT		(1ull << 63)	/* of a record's upper half */
#define FAULT_READ	(1ull << 62)
#define ICS_COMPLETE	1u
#define EVENT_MASKED	(1u << 31)
#define EVENT_PENDING	(1u << 30)

#define DESCRIPTOR_CONTEXT	1
#define DESCRIPTOR_IOTLB	2
#define DESCRIPTOR_INTERRUPTS	4
#define DESCRIPTOR_WAIT		5
#define WAIT_INTERRUPT	(1u << 4)
#define WAIT_STATUS	(1u << 5)

static struct {
	uint8_t bytes[REGISTERS] __attribute__((aligned(8)));
} vtd;

static pthread_mutex_t registers = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t queue = PTHREAD_MUTEX_INITIALIZER;
static struct device vtd_device;
static bool remapping;			/* the machine's IOMMU can remap interrupts */

/* Registers of 32 and 64 bits lie aligned; CPUs read and write them whole. */
static uint32_t get32(unsigned int at)
{
	return __atomic_load_n((uint32_t *)(vtd.bytes + at), __ATOMIC_ACQUIRE);
}

static uint64_t get64(unsigned int at)
{
	return __atomic_load_n((uint64_t *)(vtd.bytes + at), __ATOMIC_ACQUIRE);
}

static void set32(unsigned int at, uint32_t value)
{
	__atomic_store_n((uint32_t *)(vtd.bytes + at), value, __ATOMIC_RELEASE);
}

static void set64(unsigned int at, uint64_t value)
{
	__atomic_store_n((uint64_t *)(vtd.bytes + at), value, __ATOMIC_RELEASE);
}

/* VT-d's own messages are not remapped (5.1). With `registers` held. */
static void event_send(unsigned int control)
{
	uint32_t value = get32(control);

	if (value & EVENT_MASKED) {
		set32(control, value | EVENT_PENDING);
		return;
	}
	set32(control, value & ~EVENT_PENDING);
	irq_msi(get32(control + 8) | (uint64_t)get32(control + 12) << 32,
		get32(control + 4));
}

/* One record; what comes while it is not read is lost, and that is noted (7.2.1). */
static void fault_record(enum vtd_fault reason, uint16_t source, bool read,
			 uint64_t information)
{
	pthread_mutex_lock(&registers);
	if (get64(REG_FAULTS + 8) & FAULT) {
		set32(REG_FSTS, get32(REG_FSTS) | FSTS_OVERFLOW);
	} else {
		set64(REG_FAULTS, information);
		set64(REG_FAULTS + 8, FAULT | (read ? FAULT_READ : 0) |
		      (uint64_t)reason << 32 | source);
		set32(REG_FSTS, get32(REG_FSTS) | FSTS_PENDING);
		event_send(REG_FECTL);
	}
	pthread_mutex_unlock(&registers);
}

static struct vtd_tables tables(void)
{
	return (struct vtd_tables){
		.root = get64(REG_RTADDR), .interrupts = get64(REG_IRTA),
		.compatible = get32(REG_GSTS) & VTD_COMPATIBLE,
	};
}

bool iommu_translate(uint16_t source, uint64_t address, bool write, gpa_t *gpa)
{
	struct vtd_tables now;
	enum vtd_fault fault;
	bool quiet;

	*gpa = address;
	if (!vtd_device.there || !(get32(REG_GSTS) & VTD_TRANSLATION))
		return true;
	now = tables();
	fault = vtd_translate(&now, source, write, gpa, &quiet);
	if (fault != VTD_OK && !quiet)
		fault_record(fault, source, !write, address & ~0xfffull);
	return fault == VTD_OK;
}

bool iommu_remap(uint16_t source, uint64_t *address, uint32_t *data)
{
	struct vtd_tables now;
	enum vtd_fault fault;
	uint32_t index;
	bool quiet;

	if (!vtd_device.there || !(get32(REG_GSTS) & VTD_REMAPPING))
		return true;
	now = tables();
	fault = vtd_remap(&now, source, address, data, &index, &quiet);
	if (fault != VTD_OK && !quiet)
		fault_record(fault, source, false, (uint64_t)index << 48);
	return fault == VTD_OK;
}

void iommu_msi(uint16_t source, uint64_t address, uint32_t data)
{
	if (iommu_remap(source, &address, &data))
		irq_msi(address, data);
}

static void queue_error(void)
{
	pthread_mutex_lock(&registers);
	set32(REG_FSTS, get32(REG_FSTS) | FSTS_QUEUE);
	event_send(REG_FECTL);
	pthread_mutex_unlock(&registers);
}

static void wait_done(const uint64_t descriptor[2])
{
	uint32_t status = descriptor[0] >> 32;

	if (descriptor[0] & WAIT_STATUS && ram_at(descriptor[1] & ~3ull, 4))
		ram_write(descriptor[1] & ~3ull, &status, sizeof(status));
	if (!(descriptor[0] & WAIT_INTERRUPT))
		return;
	pthread_mutex_lock(&registers);
	if (!(get32(REG_ICS) & ICS_COMPLETE)) {
		set32(REG_ICS, ICS_COMPLETE);
		event_send(REG_IECTL);
	}
	pthread_mutex_unlock(&registers);
}

/* One descriptor of 128 bits (6.5.2); false if it is none. */
static bool descriptor_run(const uint64_t descriptor[2])
{
	switch (descriptor[0] & 0xf) {
	case DESCRIPTOR_CONTEXT:
	case DESCRIPTOR_IOTLB:
		return true;
	case DESCRIPTOR_INTERRUPTS:
		if (remapping)
			ioapic_remap();
		return true;
	case DESCRIPTOR_WAIT:
		wait_done(descriptor);
		return true;
	default:
		return false;
	}
}

static void queue_run(void)
{
	uint64_t base = get64(REG_IQA) & ~0xfffull;
	uint64_t size = 4096ull << (get64(REG_IQA) & 7);
	uint64_t head, tail, descriptor[2];
	const void *ram;

	pthread_mutex_lock(&queue);
	head = get64(REG_IQH);
	tail = get64(REG_IQT) & (size - 1) & ~0xfull;
	while (head != tail && get32(REG_GSTS) & VTD_QUEUE &&
	       !(get32(REG_FSTS) & FSTS_QUEUE)) {
		ram = ram_at(base + head, sizeof(descriptor));
		if (ram)
			memcpy(descriptor, ram, sizeof(descriptor));
		if (!ram || !descriptor_run(descriptor)) {
			queue_error();
			break;
		}
		head = (head + sizeof(descriptor)) & (size - 1);
		set64(REG_IQH, head);
	}
	pthread_mutex_unlock(&queue);
}

/* Bits that are set or cleared stay so; the others are commands (10.4.4). */
static void command(uint32_t value)
{
	uint32_t allowed = STAYS_ON & ~(remapping ? 0 : VTD_REMAPPING | VTD_COMPATIBLE);
	uint32_t status, changed;

	pthread_mutex_lock(&queue);
	status = get32(REG_GSTS);
	changed = (status ^ value) & allowed;
	status ^= changed;
	if (value & VTD_ROOT_SET)
		status |= VTD_ROOT_SET;
	if (value & VTD_TABLE_SET && remapping)
		status |= VTD_TABLE_SET;
	if (changed & VTD_QUEUE)
		set64(REG_IQH, 0);
	set32(REG_GSTS, status);
	if (remapping && (changed & (VTD_REMAPPING | VTD_COMPATIBLE) ||
			  value & VTD_TABLE_SET))
		ioapic_remap();
	pthread_mutex_unlock(&queue);
	if (changed & status & VTD_QUEUE)
		queue_run();
}

/* What became of a register that somebody wrote; the bytes are there already. */
static void written(unsigned int at, uint64_t old)
{
	switch (at) {
	case REG_CCMD:			/* done as asked: the same granularity */
		if (get64(at) & BUSY)
			set64(at, (get64(at) & ~(BUSY | 3ull << 59)) |
			      (get64(at) >> 61 & 3) << 59);
		break;
	case REG_IOTLB:
		if (get64(at) & BUSY)
			set64(at, (get64(at) & ~(BUSY | 3ull << 57)) |
			      (get64(at) >> 60 & 3) << 57);
		break;
	case REG_FSTS:
		set32(at, old & ~(get32(at) & FSTS_CLEARABLE));
		break;
	case REG_FAULTS + 8:
		if (get64(at) & FAULT)
			set32(REG_FSTS, get32(REG_FSTS) & ~FSTS_PENDING);
		set64(at, get64(at) & FAULT ? 0 : old);
		break;
	case REG_ICS:
		set32(at, old & ~get32(at));
		break;
	case REG_FECTL:
	case REG_IECTL:
		set32(at, (get32(at) & EVENT_MASKED) | (old & EVENT_PENDING));
		if (old & EVENT_PENDING && !(get32(at) & EVENT_MASKED))
			event_send(at);
		break;
	}
}

/* The registers that may be written, apart from GCMD and IQT; others ignore it. */
static const struct { uint16_t at, size; } writable[] = {
	{ REG_RTADDR, 8 }, { REG_CCMD, 8 }, { REG_FSTS, 4 }, { REG_FECTL, 16 },
	{ REG_IQT, 16 }, { REG_ICS, 20 }, { REG_IRTA, 8 }, { REG_IVA, 16 },
	{ REG_FAULTS + 8, 8 },
};

static bool is_writable(uint64_t offset, unsigned int size)
{
	for (size_t i = 0; i < sizeof(writable) / sizeof(*writable); i++)
		if (offset >= writable[i].at &&
		    offset + size <= writable[i].at + writable[i].size)
			return true;
	return false;
}

static uint64_t vtd_read(uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (offset + size <= REGISTERS) {
		pthread_mutex_lock(&registers);
		memcpy(&value, vtd.bytes + offset, size);
		pthread_mutex_unlock(&registers);
	}
	return value;
}

static void vtd_write(uint64_t offset, unsigned int size, uint64_t value)
{
	/* Which register it belongs to: the second half decides for one of 64 bits. */
	unsigned int wide = offset & ~7ull, old_size = 4;
	uint64_t old = 0;

	if ((size != 4 && size != 8) || offset & (size - 1))
		return;
	if (offset == REG_GCMD) {
		command(value);
		return;
	}
	if (!is_writable(offset, size) || (offset == REG_FAULTS + 8 && size == 4))
		return;
	pthread_mutex_lock(&registers);
	if (wide == REG_CCMD || wide == REG_IOTLB || wide == REG_FAULTS + 8)
		old_size = 8;
	else
		wide = offset;
	memcpy(&old, vtd.bytes + wide, old_size);
	memcpy(vtd.bytes + offset, &value, size);
	/* A half-written command begins with its busy bit, in the upper half. */
	if (old_size == 4 || offset + size == wide + 8)
		written(wide, old);
	pthread_mutex_unlock(&registers);
	if (offset <= REG_IQT && offset + size > REG_IQT)
		queue_run();
}

static void vtd_init(void)
{
	size_t length;
	const char *value = device_option(VTD_DEVICE, "intremap", &length);
	bool split = machine.config->platform.irqchip == VM_IRQCHIP_SPLIT;
	const char *eim;

	/* As on QEMU: it is there if it can be, unless it is said. */
	remapping = value ? str_same(value, length, "on") : split;
	if (remapping && !split)
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    VTD_DEVICE ",intremap=on needs kernel-irqchip=split");
	eim = device_option(VTD_DEVICE, "eim", &length);
	if (eim && str_same(eim, length, "on"))
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "this VMM's " VTD_DEVICE " has no eim=on");
	set32(REG_VERSION, VERSION);
	set64(REG_CAP, CAP);
	set64(REG_ECAP, ECAP | (remapping ? ECAP_REMAPPING : 0));
	set32(REG_FECTL, EVENT_MASKED);
	set32(REG_IECTL, EVENT_MASKED);
}

static void vtd_restore(void)
{
	if (remapping)
		ioapic_remap();
}

static struct device vtd_device = {
	.name = VTD_DEVICE,
	.text = "Intel VT-d: DMA and interrupt remapping",
	.optional = true,
	.switches = { "intremap", "eim" },
	.init = vtd_init,
	.ranges = { { BUS_MEMORY, VTD_BASE, SIZE, vtd_read, vtd_write, 0,
		      "registers" } },
	.state = DEVICE_STATE(1, vtd),
	.restore = vtd_restore,
	.lockless = true,
};
DEVICE_REGISTER(vtd_device);
