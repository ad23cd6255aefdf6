/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's edu device. */
#include <clock.h>
#include <edu.h>
#include <pci.h>
#include <test.h>

#define COMMAND_MASTER	BIT(2)
#define CAPABILITIES	0x34
#define CAPABILITY_MSI	0x05
#define DMA_START	1u

static unsigned int devfn;
static volatile u8 *registers;

bool edu_find(void)
{
	devfn = pci_find(0x1234, 0x11e8);
	if (devfn == PCI_NONE)
		return skip("no edu device"), false;
	registers = (volatile u8 *)pci_bar(devfn, 0);
	pci_write(devfn, PCI_COMMAND,
		  (pci_read(devfn, PCI_COMMAND) & 0xffff) | COMMAND_MASTER);
	return true;
}

unsigned int edu_devfn(void)
{
	return devfn;
}

u32 edu_read(u32 offset)
{
	return *(volatile u32 *)(registers + offset);
}

void edu_write(u32 offset, u32 value)
{
	*(volatile u32 *)(registers + offset) = value;
}

bool edu_done(u32 offset, u32 bits)
{
	for (unsigned int i = 0; i < 20000; i++) {
		if (!(edu_read(offset) & bits))
			return true;
		delay_us(100);
	}
	return false;
}

bool edu_dma(u32 source, u32 target, u32 count, u32 direction)
{
	edu_write(EDU_SOURCE, source);
	edu_write(EDU_TARGET, target);
	edu_write(EDU_COUNT, count);
	edu_write(EDU_COMMAND, DMA_START | direction);
	return edu_done(EDU_COMMAND, DMA_START);
}

unsigned int edu_msi(void)
{
	unsigned int at = pci_read(devfn, CAPABILITIES) & 0xfc;

	while (at && (pci_read(devfn, at) & 0xff) != CAPABILITY_MSI)
		at = pci_read(devfn, at) >> 8 & 0xfc;
	return at;
}

void edu_interrupt(void *count)
{
	++*(u32 *)count;
	edu_write(EDU_ACK, edu_read(EDU_PENDING));
}
