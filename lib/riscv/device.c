/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's devices as far as the harness uses or finds them. */
#include <abi/host.h>
#include <asm/cpu.h>
#include <boot.h>
#include <device.h>
#include <fdt.h>
#include <paging.h>
#include <pci.h>
#include <sbi.h>

/* 16550, registers as numbers; LSR: there is room, there is a byte */
#define UART_DATA	0
#define UART_LSR	5
#define LSR_READY	0x01
#define LSR_ROOM	0x20

static struct uart {
	struct io *base;		/* NULL: SBI's console */
	unsigned int shift, width;	/* of registers: apart by, bytes of an access */
	bool final;
} uart = { (struct io *)EARLY_UART, 0, 1, false };

static unsigned int number(int node, const char *name, unsigned int otherwise)
{
	u64 value;

	return fdt_number(boot_info.fdt, node, name, 0, 1, &value) ? value : otherwise;
}

static void uart_find(void)
{
	const struct fdt *fdt = boot_info.fdt;
	u64 base, size;
	int node;

	if (uart.final || !fdt)
		return;
	uart.final = true;
	node = fdt_console(fdt);
	if (node == FDT_NONE || !fdt_is_compatible(fdt, node, "ns16550a"))
		node = fdt_compatible(fdt, FDT_NONE, "ns16550a");
	uart.base = NULL;
	if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &base, &size))
		return;
	uart.shift = number(node, "reg-shift", 0);
	uart.width = number(node, "reg-io-width", 1);
	uart.base = io_map(base, size);
}

static u8 uart_read(unsigned int reg)
{
	return io_read(uart.base, reg << uart.shift, uart.width);
}

static void sbi_console_write(const char *text, size_t size)
{
	while (size) {
		struct sbi_result done = sbi_call(SBI_DBCN, SBI_DBCN_WRITE, size,
						  (uintptr_t)text);

		if (done.error)
			return;
		text += done.value;
		size -= done.value;
	}
}

void console_write(const char *text, size_t size)
{
	uart_find();
	if (!uart.base)
		return sbi_console_write(text, size);
	for (; size; size--) {
		while (!(uart_read(UART_LSR) & LSR_ROOM))
			cpu_relax();
		io_write(uart.base, UART_DATA, uart.width, *text++);
	}
}

int console_read(void)
{
	char byte;

	uart_find();
	if (uart.base)
		return uart_read(UART_LSR) & LSR_READY ? uart_read(UART_DATA) : -1;
	return sbi_call(SBI_DBCN, SBI_DBCN_READ, 1, (uintptr_t)&byte).value == 1 ?
		byte : -1;
}

void machine_exit(unsigned int code)
{
	if (boot_info.host)
		host_write(ABI_PORT_END, code);
	console_exit_status(code);
	sbi_call(SBI_SRST, SBI_SRST_RESET, SRST_SHUTDOWN,
		 code ? SRST_FAILURE : SRST_NO_REASON);
	for (;;)
		asm volatile("wfi");
}

/* The VMM's ports are words in memory, which boot_info.host->port names. */
static struct io *host_ports(void)
{
	static struct io *ports;

	if (!ports)
		ports = io_map(boot_info.host->port, PAGE_SIZE);
	return ports;
}

u32 host_read(unsigned int port)
{
	return io_read32(host_ports(), port);
}

void host_write(unsigned int port, u32 value)
{
	io_write32(host_ports(), port, value);
}

bool device_probe(enum device device)
{
	static const u32 extensions[DEVICES_OF_MACHINE] = {
#define SBI_ROW(X, name, id) [DEVICE_SBI_##name] = id,
		SBI_EXTENSIONS(SBI_ROW,)
#undef SBI_ROW
	};

	if (device == DEVICE_PCI_TESTDEV)
		return pci_find(0x1b36, 0x0005) != PCI_NONE;
	return extensions[device] && sbi_has(extensions[device]);
}
