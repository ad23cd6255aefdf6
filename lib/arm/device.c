/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's devices as far as the harness uses or finds them. */
#include <abi/host.h>
#include <abi/verdict.h>
#include <asm/cpu.h>
#include <boot.h>
#include <device.h>
#include <fdt.h>
#include <gic.h>
#include <paging.h>
#include <pci.h>
#include <pmu.h>
#include <psci.h>
#include <virtio.h>

/* What QEMU's virt has, until the tree is read. */
#ifndef EARLY_UART
#define EARLY_UART	0x09000000ul
#endif
#define PL011_FR	0x18
#define PL011_RXFE	0x10
#define NS16550_LSR	5
#define NS16550_DR	0x01

static struct uart {
	struct io *base;
	bool is_16550;
	bool final;
} uart = { (struct io *)EARLY_UART, false, false };

/* PL011 (DDI 0183) and 16550 both take characters at offset 0. */
static void uart_find(void)
{
	static const char *const kinds[] = { "arm,pl011", "ns16550a" };
	const struct fdt *fdt = boot_info.fdt;
	u64 base, size;
	int node;

	if (uart.final || !fdt)
		return;
	uart.final = true;
	node = fdt_console(fdt);
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds) && node == FDT_NONE; i++)
		node = fdt_compatible(fdt, FDT_NONE, kinds[i]);
	if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &base, &size))
		return;
	uart.is_16550 = fdt_is_compatible(fdt, node, "ns16550a");
	uart.base = io_map(base, size);
}

void console_write(const char *text, size_t size)
{
	uart_find();
	for (; size; size--)
		io_write8(uart.base, 0, *text++);
}

int console_read(void)
{
	uart_find();
	if (uart.is_16550 ? !(io_read8(uart.base, NS16550_LSR) & NS16550_DR) :
	    io_read32(uart.base, PL011_FR) & PL011_RXFE)
		return -1;
	return uart.is_16550 ? io_read8(uart.base, 0) : io_read32(uart.base, 0) & 0xff;
}

void machine_exit(unsigned int code)
{
	char line[16];

	if (boot_info.host)
		host_write(ABI_PORT_END, code);
	console_exit_status(code);
	/* QEMU's chardev "testdev": the code and 'q' on a console of its own. */
	virtio_console_write(line, snprintf(line, sizeof(line), "%uq", code));
	psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		asm volatile("wfi");
}

/* On arm the VMM's ports are words in memory, which boot_info.host->port names. */
static struct io *host_ports(void)
{
	return (struct io *)(uintptr_t)boot_info.host->port;
}

u32 host_read(unsigned int port)
{
	return io_read32(host_ports(), port);
}

void host_write(unsigned int port, u32 value)
{
	io_write32(host_ports(), port, value);
}

static bool compatible_present(const char *what)
{
	return fdt_compatible(boot_info.fdt, FDT_NONE, what) != FDT_NONE;
}

bool device_probe(enum device device)
{
	switch (device) {
	case DEVICE_GIC:
		return gic_version();
	case DEVICE_GICV2:
		return gic_version() == 2;
	case DEVICE_GICV3:
		return gic_version() == 3;
	case DEVICE_ITS:
		return compatible_present("arm,gic-v3-its");
	case DEVICE_PSCI:
		return psci_present();
	case DEVICE_PCI_TESTDEV:
		return pci_find(0x1b36, 0x0005) != PCI_NONE;
	case DEVICE_PL031:
		return compatible_present("arm,pl031");
	case DEVICE_PMU:
		return pmu_version() || pmu_cycle_bits() == 32;
	default:
		break;
	}
	return false;
}
