/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's devices as far as the harness uses or finds them. */
#include <abi/host.h>
#include <abi/verdict.h>
#include <acpi.h>
#include <asm/cpu.h>
#include <boot.h>
#include <insn.h>
#include <device.h>
#include <fault.h>
#include <pci.h>

#define UART		0x3f8
#define UART_LCR	3
#define UART_LSR	5
#define UART_SCRATCH	7
#define UART_DR		0x01
#define UART_THRE	0x20
#define FW_CFG		0x510
#define FW_CFG_CPUS	0x05
#define TESTDEV_LATCH	0xe0
#define MADT_LAPIC	0
#define MADT_X2APIC	9

static bool fep_present(void)
{
	return !TRY_FORCED("nop").raised;
}

static bool latch_present(void)
{
	out32(TESTDEV_LATCH, 0x5a17c0de);
	return in32(TESTDEV_LATCH) == 0x5a17c0de;
}

static bool testdev_memory_present(void)
{
	volatile u32 *word = (void *)(uintptr_t)TESTDEV_MEMORY;

	word[0] = 0x5a17c0de;
	word[1] = 0;
	return word[0] == 0x5a17c0de;
}

static bool pm_timer_present(void)
{
	const struct acpi_header *fadt = acpi_table("FACP");

	return fadt && acpi_field32(fadt, ACPI_FADT_PM_TIMER);
}

bool device_probe(enum device device)
{
	switch (device) {
	case DEVICE_KVM:
		return cpu_hypervisor_leaf(HYPERVISOR_KVM);
	case DEVICE_FEP:
		return fep_present();
	case DEVICE_PC_TESTDEV:
		return latch_present();
	case DEVICE_TESTDEV_MEMORY:
		return testdev_memory_present();
	case DEVICE_PCI_TESTDEV:
		return pci_find(0x1b36, 0x0005) != PCI_NONE;
	case DEVICE_PM_TIMER:
		return pm_timer_present();
	default:
		break;
	}
	panic("unknown device %u", device);
}

void testdev_nmi(u32 apic_id)
{
	host_write(ABI_PORT_NMI, apic_id);
}

u32 host_read(unsigned int port)
{
	return in32(boot_info.host->port + port);
}

/* Checks and text may come from user mode, which has no ports. */
static void host_write_now(void *arg)
{
	const u32 *access = arg;

	out32(boot_info.host->port + access[0], access[1]);
}

static __attribute__((noinline)) void host_write_user(unsigned int port, u32 value)
{
	u32 access[] = { port, value };

	kernel_call(host_write_now, access);
}

void host_write(unsigned int port, u32 value)
{
	if (user_mode())
		host_write_user(port, value);
	else
		out32(boot_info.host->port + port, value);
}

static void uart_write(const char *text, size_t size)
{
	for (; size; size--, text++) {
		if (*text == '\n') {
			while (!(in8(UART + UART_LSR) & UART_THRE))
				cpu_relax();
			out8(UART, '\r');
		}
		while (!(in8(UART + UART_LSR) & UART_THRE))
			cpu_relax();
		out8(UART, *text);
	}
}

static bool uart_present(void)
{
	out8(UART + UART_SCRATCH, 0xa5);
	if (in8(UART + UART_SCRATCH) != 0xa5)
		return false;
	out8(UART + UART_LCR, 3);	/* 8n1, divisor latch off */
	return true;
}

struct text {
	const char *at;
	size_t size;
};

static void console_text(void *arg)
{
	const struct text *t = arg;
	const char *text = t->at;
	size_t size = t->size;
	static enum { UNKNOWN, DEBUG_CONSOLE, SERIAL, NO_CONSOLE } console;

	if (console == UNKNOWN)
		console = in8(ABI_DEBUG_CONSOLE_PORT) == ABI_DEBUG_CONSOLE_PORT ?
			DEBUG_CONSOLE : uart_present() ? SERIAL : NO_CONSOLE;
	if (console == DEBUG_CONSOLE)
		asm volatile("rep outsb" : "+S"(text), "+c"(size)
			     : "d"((u16)ABI_DEBUG_CONSOLE_PORT) : "memory");
	else if (console == SERIAL)
		uart_write(text, size);
}

void console_write(const char *text, size_t size)
{
	struct text t = { text, size };

	kernel_call(console_text, &t);
}

int console_read(void)
{
	return in8(UART + UART_LSR) & UART_DR ? in8(UART) : -1;
}

static void exit_now(void *arg)
{
	unsigned int code = *(unsigned int *)arg;
	u64 has_exit = 1;

	if (boot_info.environment)
		environment_number("TEST_DEVICE", &has_exit);
	if (has_exit)
		out32(ABI_DEBUG_EXIT_PORT, code);
	/* Still alive: say it, and try the other way out. */
	console_exit_status(code);
	for (const char *c = "Shutdown"; *c; c++)
		out8(ABI_BOCHS_SHUTDOWN_PORT, *c);
	for (;;)
		asm volatile("cli; hlt");
}

void machine_exit(unsigned int code)
{
	kernel_call(exit_now, &code);
	__builtin_unreachable();
}

static u8 fw_cfg_byte(void)
{
	return in8(FW_CFG + 1);
}

static unsigned int fw_cfg_cpus(void)
{
	char signature[4];
	unsigned int low;

	out16(FW_CFG, 0);
	for (unsigned int i = 0; i < sizeof(signature); i++)
		signature[i] = fw_cfg_byte();
	if (memcmp(signature, "QEMU", 4))
		return 0;
	out16(FW_CFG, FW_CFG_CPUS);
	low = fw_cfg_byte();
	return low | fw_cfg_byte() << 8;
}

/* ACPI 6, 5.2.12: entries of type, length; enabled is bit 0 of their flags. */
static unsigned int madt_cpus(void)
{
	const struct acpi_header *madt = acpi_table("APIC");
	const u8 *entry, *end;
	unsigned int count = 0;

	if (!madt)
		return 0;
	end = (const u8 *)madt + madt->length;
	for (entry = (const u8 *)madt + 44; entry + 2 <= end && entry[1];
	     entry += entry[1])
		count += (entry[0] == MADT_LAPIC && entry[4] & 1) ||
			(entry[0] == MADT_X2APIC && entry[8] & 1);
	return count;
}

unsigned int machine_cpu_count(void)
{
	return fw_cfg_cpus() ?: madt_cpus();
}
