/* SPDX-License-Identifier: BSD-2-Clause */
/* fw_cfg (QEMU's docs/specs/fw_cfg): selector and data port. */
#include <string.h>

#include "vmm/machine.h"

static struct {
	uint16_t item;
	uint32_t offset;
} selected;

static unsigned int item_bytes(uint16_t item, uint8_t *bytes)
{
	uint64_t memory = machine.config->memory;
	uint32_t version = 1;		/* no DMA */
	uint16_t cpus = machine.config->cpus;

	switch (item) {
	case 0x00:
		memcpy(bytes, "QEMU", 4);
		return 4;
	case 0x01:
		memcpy(bytes, &version, sizeof(version));
		return sizeof(version);
	case 0x03:
		memcpy(bytes, &memory, sizeof(memory));
		return sizeof(memory);
	case 0x05:
	case 0x0f:
		memcpy(bytes, &cpus, sizeof(cpus));
		return sizeof(cpus);
	default:
		return 0;	/* unknown items read as zeros */
	}
}

static void select_write(uint64_t offset, unsigned int size, uint64_t value)
{
	if (offset || size != 2)
		return;
	selected.item = value;
	selected.offset = 0;
}

static uint64_t data_read(uint64_t offset, unsigned int size)
{
	uint8_t bytes[8];
	uint32_t at;

	if (offset != 1 || size != 1)
		return 0;
	at = selected.offset++;
	return at < item_bytes(selected.item, bytes) ? bytes[at] : 0;
}

static struct device fwcfg_device = {
	.name = "fw_cfg",
	.text = "what the machine is made of, for firmware",
	.ranges = { { BUS_PORT, 0x510, 2, data_read, select_write, 0,
		      "selector (16 bits); data (8 bits at 0x511)" } },
	.state = { 1, &selected, sizeof(selected) },
};
DEVICE_REGISTER(fwcfg_device);
