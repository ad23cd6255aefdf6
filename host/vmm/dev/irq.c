/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines that several devices may share, and messages. */
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/break.h"
#include "vmm/irq.h"
#include "vmm/machine.h"

/* One bit for each source that holds the line high. */
static uint32_t lines[IRQ_LINES];
static bool told[IRQ_LINES];		/* the level that the VM knows */

static void line_tell(unsigned int line)
{
	struct kvm_irq_level level = { .irq = line, .level = lines[line] != 0 };

	told[line] = lines[line] != 0;
	must(ioctl(machine.vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE");
}

static void irq_attach(void)
{
	memset(told, 0, sizeof(told));
}

static void irq_restore(void)
{
	for (unsigned int i = 0; i < IRQ_LINES; i++)
		if (told[i] != (lines[i] != 0))
			line_tell(i);
}

static struct device irq_device = {
	.name = "irq-lines",
	.text = "interrupt lines, shared by wired-OR",
	.state = { 1, lines, sizeof(lines) },
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
