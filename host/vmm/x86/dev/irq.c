/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines that several devices may share, and messages. */
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/x86/ioapic.h"
#include "vmm/x86/irq.h"

/* One bit for each source that holds the line high. */
static uint32_t lines[IRQ_LINES];
static bool told[IRQ_LINES];		/* the level that the VM knows */

static struct {
	pthread_mutex_t lock;
	struct kvm_irq_routing_entry at[IRQ_ROUTES];
	bool there[IRQ_ROUTES];
	bool changed;
	unsigned int count;		/* of those there */
} routes = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void line_tell(unsigned int line)
{
	struct kvm_irq_level level = { .irq = line, .level = lines[line] != 0 };

	told[line] = lines[line] != 0;
	if (machine.config->platform.irqchip == VM_IRQCHIP_KERNEL) {
		must(ioctl(machine.vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE");
		return;
	}
	if (line < 16)
		pic_line(line, level.level);
	if (machine.config->platform.irqchip == VM_IRQCHIP_SPLIT)
		ioapic_line(line, level.level);
}

/* A line's own routes: to the 8259s and the I/O APIC, where those are KVM's. */
static unsigned int default_routes(struct kvm_irq_routing_entry *to, unsigned int line)
{
	unsigned int n = 0;

	if (machine.config->platform.irqchip != VM_IRQCHIP_KERNEL || line >= IRQ_LINES)
		return 0;
	to[n] = (struct kvm_irq_routing_entry){ line, KVM_IRQ_ROUTING_IRQCHIP, 0, 0, { } };
	to[n].u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
	to[n++].u.irqchip.pin = line;
	if (line >= 16)
		return n;
	to[n] = to[0];
	to[n].u.irqchip.irqchip = line < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE;
	to[n++].u.irqchip.pin = line & 7;
	return n;
}

/* With routes.lock held. */
static void routes_tell(void)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[IRQ_ROUTES + 16];
	} table = { 0 };

	for (unsigned int i = 0; i < IRQ_ROUTES; i++)
		if (routes.there[i])
			table.entries[table.head.nr++] = routes.at[i];
		else
			table.head.nr += default_routes(table.entries + table.head.nr, i);
	must(ioctl(machine.vm, KVM_SET_GSI_ROUTING, &table), "KVM_SET_GSI_ROUTING");
	routes.changed = false;
}

void irq_route(unsigned int number, const struct kvm_irq_routing_entry *entry)
{
	pthread_mutex_lock(&routes.lock);
	if (routes.there[number] != !!entry ||
	    (entry && memcmp(&routes.at[number], entry, sizeof(*entry)))) {
		routes.count += !!entry - routes.there[number];
		routes.there[number] = entry;
		if (entry)
			routes.at[number] = *entry;
		routes.changed = true;
	}
	pthread_mutex_unlock(&routes.lock);
}

void irq_routes_commit(void)
{
	pthread_mutex_lock(&routes.lock);
	if (routes.changed)
		routes_tell();
	pthread_mutex_unlock(&routes.lock);
}

/* Another VM knows nothing yet. */
static void irq_attach(void)
{
	memset(told, 0, sizeof(told));
	pthread_mutex_lock(&routes.lock);
	if (routes.count)
		routes_tell();
	pthread_mutex_unlock(&routes.lock);
}

/*
 * Chips of our own have their inputs in their own state.  KVM's I/O APIC forgets in
 * KVM_SET_IRQCHIP that an edge-triggered input is high once its interrupt was
 * delivered: it is told again, before local APICs get what they had.
 */
static void irq_restore(void)
{
	for (unsigned int i = 0; i < IRQ_LINES; i++)
		if (machine.config->platform.irqchip != VM_IRQCHIP_KERNEL)
			told[i] = lines[i] != 0;
		else if (told[i] || lines[i])
			line_tell(i);
}

static struct device irq_device = {
	.name = "irq-lines",
	.text = "interrupt lines, shared by wired-OR",
	.state = DEVICE_STATE(1, lines),
	.attach = irq_attach,
	.restore = irq_restore,
};
DEVICE_REGISTER(irq_device);

void irq_line(enum irq_source source, unsigned int line, bool high)
{
	if (lie_tell(high ? &lie_irq_lost : &lie_irq_stuck))
		return;
	pthread_mutex_lock(&irq_device.lock);
	lines[line] &= ~(1u << source);
	lines[line] |= (uint32_t)high << source;
	line_tell(line);
	pthread_mutex_unlock(&irq_device.lock);
}

bool irq_msi(uint64_t address, uint32_t data)
{
	struct kvm_msi msi = {
		.address_lo = address, .address_hi = address >> 32, .data = data,
	};

	if (lie_tell(&lie_msi_lost))
		return true;
	return ioctl(machine.vm, KVM_SIGNAL_MSI, &msi) > 0;
}
