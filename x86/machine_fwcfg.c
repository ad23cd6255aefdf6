/* SPDX-License-Identifier: BSD-2-Clause */
/* fw_cfg (QEMU's docs/specs/fw_cfg): ports, DMA, directory. */
#include <boot.h>
#include <smp.h>
#include <test.h>

#define SELECTOR	0x510
#define DATA		0x511
#define DMA		0x514
#define ITEM_ID		0x01
#define ITEM_RAM	0x03
#define ITEM_CPUS	0x05
#define ITEM_DIRECTORY	0x19
#define ITEM_UNKNOWN	0x7ff0
#define ID_DMA		BIT(1)

#define DMA_ERROR	0x01u
#define DMA_READ	0x02u
#define DMA_SKIP	0x04u
#define DMA_SELECT	0x08u
#define DMA_WRITE	0x10u

static u32 swap32(u32 value)
{
	return __builtin_bswap32(value);
}

static bool fw_cfg_present(void)
{
	u8 signature[4];

	out16(SELECTOR, 0);
	for_each(byte, signature)
		*byte = in8(DATA);
	if (memcmp(signature, "QEMU", 4))
		return skip("no fw_cfg"), false;
	return true;
}

static u64 item_number(u16 item, unsigned int size)
{
	u64 value = 0;

	out16(SELECTOR, item);
	for (unsigned int i = 0; i < size; i++)
		value |= (u64)in8(DATA) << 8 * i;
	return value;
}

TEST(numbers, "fw_cfg tells the machine's number of CPUs and bytes of RAM")
{
	u64 ram;

	if (!fw_cfg_present())
		return;
	EXPECT_EQ(item_number(ITEM_CPUS, 2), cpu_count());
	ram = item_number(ITEM_RAM, 8);
	EXPECT(ram >= boot_memory_size());
	EXPECT(ram - boot_memory_size() < 1 << 20);
}

TEST(selector, "selecting an item of fw_cfg starts it again; behind its end come zeros")
{
	if (!fw_cfg_present())
		return;
	EXPECT_EQ(item_number(ITEM_CPUS, 8), cpu_count());
	EXPECT_EQ(item_number(ITEM_CPUS, 2), cpu_count());
	EXPECT_EQ(item_number(ITEM_UNKNOWN, 8), 0);
}

/* One DMA, as in QEMU's documents: all numbers are big-endian. */
static u32 dma(u32 control, void *to, u32 length)
{
	static volatile struct {
		u32 control, length, address[2];
	} descriptor;

	descriptor.control = swap32(control);
	descriptor.length = swap32(length);
	descriptor.address[0] = 0;
	descriptor.address[1] = swap32((uintptr_t)to);
	out32(DMA, 0);
	out32(DMA + 4, swap32((uintptr_t)&descriptor));
	asm volatile("" : : : "memory");	/* it wrote to @to */
	return swap32(descriptor.control);
}

static bool dma_present(void)
{
	if (!fw_cfg_present())
		return false;
	if (!(item_number(ITEM_ID, 4) & ID_DMA))
		return skip("no DMA"), false;
	return true;
}

TEST(dma_signature, "fw_cfg's DMA port tells that it is there")
{
	if (!dma_present())
		return;
	EXPECT_EQ(swap32(in32(DMA)), 0x51454d55);	/* "QEMU" */
	EXPECT_EQ(swap32(in32(DMA + 4)), 0x20434647);	/* " CFG" */
}

TEST(dma_read, "fw_cfg's DMA reads what the ports do, and skips")
{
	u64 cpus = ~0ull;

	if (!dma_present())
		return;
	EXPECT_EQ(dma(ITEM_CPUS << 16 | DMA_SELECT | DMA_READ, &cpus, 8), 0);
	EXPECT_EQ(cpus, cpu_count());
	cpus = ~0ull;
	EXPECT_EQ(dma(ITEM_RAM << 16 | DMA_SELECT | DMA_SKIP, NULL, 4), 0);
	EXPECT_EQ(dma(DMA_READ, &cpus, 4), 0);
	EXPECT_EQ(cpus, 0xffffffff00000000 | item_number(ITEM_RAM, 8) >> 32);
}

TEST(dma_refused, "fw_cfg's DMA writes to no item")
{
	u32 value = 0;

	if (!dma_present())
		return;
	EXPECT_EQ(dma(ITEM_CPUS << 16 | DMA_SELECT | DMA_WRITE, &value, 2), DMA_ERROR);
	EXPECT_EQ(item_number(ITEM_CPUS, 2), cpu_count());
}

/* The base of the first RAM in "etc/e820", which is selected. */
static u64 e820_low(u32 size)
{
	struct {
		u64 base, size;
		u32 type;
	} __attribute__((packed)) entry;

	for (; size >= sizeof(entry); size -= sizeof(entry)) {
		dma(DMA_READ, &entry, sizeof(entry));
		if (entry.type == 1 && entry.size >= boot_info.memory[0].size)
			return entry.base;
	}
	return ~0ull;
}

TEST(directory, "fw_cfg lists files in order of their numbers, and reads them")
{
	static struct {
		u32 size;
		u16 select, reserved;
		char name[56];
	} file;
	u32 count, previous = 0x1f, at = 4;

	if (!dma_present())
		return;
	EXPECT_EQ(dma(ITEM_DIRECTORY << 16 | DMA_SELECT | DMA_READ, &count, 4), 0);
	count = swap32(count);
	REQUIRE(count && count < 100);
	for (; count; count--, at += sizeof(file)) {
		dma(ITEM_DIRECTORY << 16 | DMA_SELECT | DMA_SKIP, NULL, at);
		EXPECT_EQ(dma(DMA_READ, &file, sizeof(file)), 0);
		file.select = __builtin_bswap16(file.select);
		EXPECT(file.select > previous);
		previous = file.select;
		if (strcmp(file.name, "etc/e820"))
			continue;
		dma((u32)file.select << 16 | DMA_SELECT, NULL, 0);
		EXPECT_EQ(e820_low(swap32(file.size)), boot_info.memory[0].base);
	}
}
