/* SPDX-License-Identifier: BSD-2-Clause */
/* One buffer through one queue: the console that ends the machine. */
#include <asm/cpu.h>
#include <boot.h>
#include <fdt.h>
#include <mmu.h>
#include <paging.h>
#include <virtio.h>

/* Registers; those from 0x28 to 0x40 are the legacy interface's alone (4.2.4). */
#define MAGIC			0x000
#define MAGIC_VALUE		0x74726976
#define VERSION			0x004
#define VERSION_LEGACY		1
#define DEVICE_ID		0x008
#define ID_CONSOLE		3
#define DRIVER_FEATURES		0x020
#define DRIVER_FEATURES_SEL	0x024
#define FEATURE_1_IS_VERSION_1	1	/* VIRTIO_F_VERSION_1 is bit 32 */
#define GUEST_PAGE_SIZE		0x028
#define QUEUE_SEL		0x030
#define QUEUE_NUM		0x038
#define QUEUE_ALIGN		0x03c
#define QUEUE_PFN		0x040
#define QUEUE_READY		0x044
#define QUEUE_NOTIFY		0x050
#define STATUS			0x070
#define STATUS_ACKNOWLEDGE	1
#define STATUS_DRIVER		2
#define STATUS_DRIVER_OK	4
#define STATUS_FEATURES_OK	8
#define QUEUE_DESC		0x080
#define QUEUE_DRIVER		0x090
#define QUEUE_DEVICE		0x0a0

#define TRANSMIT		1	/* queue of port 0 */
#define ENTRIES			2u
#define ALIGNMENT		4096u
#define WAIT_ROUNDS		1000000

/* A split virtqueue (2.7), laid out as the legacy interface wants it. */
static struct {
	struct {
		u64 address;
		u32 length;
		u16 flags, next;
	} descriptors[ENTRIES];
	u16 driver_flags, driver_index, driver_ring[ENTRIES];
	u8 unused[ALIGNMENT - ENTRIES * 16 - 4 - 2 * ENTRIES];
	u16 device_flags, device_index;
	struct {
		u32 id, length;
	} device_ring[ENTRIES];
	char text[16];
} queue __attribute__((aligned(4096)));

static struct io *transport;

static u32 get(u32 reg)
{
	return io_read32(transport, reg);
}

static void set(u32 reg, u32 value)
{
	io_write32(transport, reg, value);
}

static bool console_find(void)
{
	int node = FDT_NONE;
	u64 base, size;

	if (!boot_info.fdt)
		return false;
	while ((node = fdt_compatible(boot_info.fdt, node, "virtio,mmio")) != FDT_NONE) {
		if (!fdt_reg(boot_info.fdt, node, 0, &base, &size))
			continue;
		transport = io_map(base, size);
		if (get(MAGIC) == MAGIC_VALUE && get(DEVICE_ID) == ID_CONSOLE)
			return true;
	}
	return false;
}

static void set_address(u32 reg, const void *address)
{
	set(reg, (uintptr_t)address);
	set(reg + 4, (u64)(uintptr_t)address >> 32);
}

static void queue_start(void)
{
	bool legacy = get(VERSION) == VERSION_LEGACY;

	set(STATUS, 0);
	set(STATUS, STATUS_ACKNOWLEDGE);
	set(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	set(DRIVER_FEATURES_SEL, 0);
	set(DRIVER_FEATURES, 0);
	if (!legacy) {
		set(DRIVER_FEATURES_SEL, 1);
		set(DRIVER_FEATURES, FEATURE_1_IS_VERSION_1);
		set(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
	} else {
		set(GUEST_PAGE_SIZE, ALIGNMENT);
	}
	set(QUEUE_SEL, TRANSMIT);
	set(QUEUE_NUM, ENTRIES);
	if (legacy) {
		set(QUEUE_ALIGN, ALIGNMENT);
		set(QUEUE_PFN, (uintptr_t)&queue / ALIGNMENT);
	} else {
		set_address(QUEUE_DESC, queue.descriptors);
		set_address(QUEUE_DRIVER, &queue.driver_flags);
		set_address(QUEUE_DEVICE, &queue.device_flags);
		set(QUEUE_READY, 1);
	}
	set(STATUS, get(STATUS) | STATUS_DRIVER_OK);
}

bool virtio_console_write(const char *text, size_t size)
{
	if (size > sizeof(queue.text) || !console_find())
		return false;
	memset(&queue, 0, sizeof(queue));
	memcpy(queue.text, text, size);
	queue.descriptors[0].address = (uintptr_t)queue.text;
	queue.descriptors[0].length = size;
	queue_start();
	queue.driver_index = 1;		/* of entry 0, which is descriptor 0 */
	dsb();
	set(QUEUE_NOTIFY, TRANSMIT);
	for (u32 n = 0; n < WAIT_ROUNDS; n++)
		if (*(volatile u16 *)&queue.device_index)
			return true;
	return false;
}
