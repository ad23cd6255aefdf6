/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine that images are promised, seen from inside: what the boot loader
 * leaves (multiboot 0.6.96, 3.3), and the devices of QEMU's ABI that every image
 * uses.  QEMU is the reference: the same TESTs pass there.
 */
#include <boot.h>
#include <memory.h>
#include <smp.h>
#include <test.h>

#define INFO_FLAGS	0		/* offsets in the multiboot information */
#define INFO_MEM_UPPER	8
#define INFO_CMDLINE	16
#define INFO_MODS_COUNT	20
#define INFO_MODS_ADDR	24
#define INFO_MAP_LENGTH	44
#define INFO_MAP	48
#define INFO_HAS_MAP	BIT(6)

extern u32 boot_magic, boot_pointer;

static u32 at32(uintptr_t address)
{
	u32 value;

	memcpy(&value, (void *)address, sizeof(value));
	return value;
}

static u64 at64(uintptr_t address)
{
	return at32(address) | (u64)at32(address + 4) << 32;
}

static bool in_image(uintptr_t address)
{
	return address >= (uintptr_t)image_start && address < (uintptr_t)image_end;
}

TEST(memory_map, "the map has RAM at 0 and up to mem_upper, and the image is in it")
{
	u32 map, length, size;
	u64 low_end = 0, ends = 0;
	bool image = false;

	if (boot_magic != 0x2badb002)
		return skip("booted by %s", boot_info.door);
	REQUIRE(at32(boot_pointer + INFO_FLAGS) & INFO_HAS_MAP);
	map = at32(boot_pointer + INFO_MAP);
	length = at32(boot_pointer + INFO_MAP_LENGTH);
	EXPECT(!in_image(boot_pointer) && !in_image(map));
	for (u32 at = map; at < map + length; at += size + 4) {
		u64 base = at64(at + 4), bytes = at64(at + 12);

		size = at32(at);
		REQUIRE(size >= 20);
		if (at32(at + 20) != 1)
			continue;
		if (!base)
			low_end = bytes;
		if (base <= 0x100000 && base + bytes <= BIT(32) && base + bytes > ends)
			ends = base + bytes;
		image |= base <= (uintptr_t)image_start &&
			 base + bytes >= (uintptr_t)image_end;
	}
	EXPECT(low_end >= 0x90000);
	EXPECT(image);
	/* QEMU keeps tables of its own at the end, which the map leaves out. */
	EXPECT(at32(boot_pointer + INFO_MEM_UPPER) * 1024ull + 0x100000 >= ends);
}

TEST(command_line, "word 0 is the image's name, and the line ends")
{
	const char *line = boot_info.command_line;
	size_t length = 0;

	while (line[length] && line[length] != ' ')
		length++;
	REQUIRE(length >= strlen("machine.flat"));
	EXPECT(!memcmp(line + length - strlen("machine.flat"), "machine.flat",
		       strlen("machine.flat")));
	EXPECT(!in_image((uintptr_t)line));
}

TEST(environment, "a module is RAM behind which nothing of the image lies")
{
	u32 module, begin, end;

	if (boot_magic != 0x2badb002 || at32(boot_pointer + INFO_MODS_COUNT) != 1)
		return skip("no module");
	module = at32(boot_pointer + INFO_MODS_ADDR);
	begin = at32(module);
	end = at32(module + 4);
	EXPECT(end >= begin && end - begin <= 16384);
	EXPECT(!in_image(module) && !in_image(begin) && !in_image(end));
}

TEST(page0, "page 0 and the rest of low memory is RAM")
{
	static const u32 words[] = {
		0x0, 0x44, 0x1cc, 0x467, 0x1000, 0x2000, 0x42000, 0x80000,
	};

	for_each(word, words) {
		volatile u32 *at = (u32 *)(uintptr_t)*word;
		u32 old;

		/* The compiler knows that nothing is at 0. */
		asm("" : "+r"(at));
		old = *at;
		*at = ~old;
		EXPECT_EQ(*at, ~old);
		*at = old;
	}
}

/* 16550 data sheet: the register file; nothing may be printed while DLAB is set. */
#define UART		0x3f8
#define UART_IER	(UART + 1)
#define UART_LCR	(UART + 3)
#define UART_LSR	(UART + 5)
#define UART_SCRATCH	(UART + 7)

TEST(uart, "the serial port is a 16550 that can always send")
{
	u8 low, high, ier, lcr = in8(UART_LCR);

	out8(UART_SCRATCH, 0x5a);
	if (in8(UART_SCRATCH) != 0x5a)
		return skip("no UART");
	EXPECT_EQ(in8(UART_LSR) & 0x60, 0x60);
	ier = in8(UART_IER);
	out8(UART_LCR, 0x83);
	out8(UART, 0x01);
	out8(UART_IER, 0x02);
	low = in8(UART);
	high = in8(UART_IER);
	out8(UART, 0x01);
	out8(UART_IER, 0x00);
	out8(UART_LCR, 0x03);
	EXPECT_EQ(low, 1);
	EXPECT_EQ(high, 2);
	EXPECT_EQ(in8(UART_IER), ier);
	EXPECT_EQ(in8(UART_LCR), 3);
	out8(UART_LCR, lcr);
}

/* QEMU's testdev: latches that give back what they got. */
TEST(latch, "pc-testdev keeps 32 bits at port 0xe0, of any size, and shows them as bytes at 0xe8",
     DEVICE(DEVICE_PC_TESTDEV))
{
	out32(0xe0, 0x44332211);
	EXPECT_EQ(in32(0xe0), 0x44332211);
	EXPECT_EQ(in16(0xe2), 0x4433);
	EXPECT_EQ(in8(0xe3), 0x44);
	out16(0xe2, 0xbbaa);
	out8(0xe0, 0x99);
	EXPECT_EQ(in32(0xe0), 0xbbaa2299);
	out8(0xe8, 0x77);
	EXPECT_EQ(in8(0xe8), 0x77);
	out16(0xea, 0x6655);
	EXPECT_EQ(in8(0xea), 0x55);
	EXPECT_EQ(in8(0xeb), 0x66);
	EXPECT_EQ(in32(0xe0), 0x66552277);
}

TEST(window, "pc-testdev has 64 KiB of memory at 0xff000000", DEVICE(DEVICE_PC_TESTDEV))
{
	volatile u8 *bytes = (u8 *)0xff000000;
	volatile u16 *words = (u16 *)bytes;
	volatile u32 *longs = (u32 *)bytes;

	longs[0] = 0x12345678;
	EXPECT_EQ(bytes[0], 0x78);
	EXPECT_EQ(words[1], 0x1234);
	bytes[0xffff] = 0xa5;
	EXPECT_EQ(bytes[0xffff], 0xa5);
	EXPECT_EQ(longs[0x3fff] >> 24, 0xa5);
	/* Across a page, and unaligned. */
	*(volatile u32 *)(bytes + 0xffe) = 0xcafe0123;
	EXPECT_EQ(words[0x800], 0xcafe);
	EXPECT_EQ(*(volatile u16 *)(bytes + 0xfff), 0xfe01);
}

TEST(flush, "a page that the host forgot keeps its contents", DEVICE(DEVICE_PC_TESTDEV))
{
	volatile u32 *page = pages_alloc(1);

	for (u32 i = 0; i < 3; i++) {
		page[i] = 0x600d0000 + i;
		out32(0xe4, (uintptr_t)page + 4 * i);
		EXPECT_EQ(page[i], 0x600d0000 + i);
	}
}

TEST(nobody, "ports without a device read as ones, and swallow writes")
{
	static const u16 ports[] = { 0x1234, 0x5000, 0x9000, 0xfffc };

	for_each(port, ports) SUBTEST("%#x", *port) {
		out32(*port, 0);
		EXPECT_EQ(in32(*port), 0xffffffff);
		EXPECT_EQ(in16(*port), 0xffff);
		EXPECT_EQ(in8(*port), 0xff);
	}
	out8(0x80, 0x42);	/* the delay port: the access is all */
	EXPECT(true);
}

#define VMWARE_PORT	0x5658
#define VMWARE_MAGIC	0x564d5868u
#define VMWARE_VERSION	0x0a

static u32 vmware_call(u32 command, u32 *bx)
{
	u32 ax = VMWARE_MAGIC;

	asm volatile("inl %%dx, %%eax" : "+a"(ax), "+b"(*bx), "+c"(command)
		     : "d"(VMWARE_PORT) : "memory");
	return ax;
}

TEST(vmware, "the backdoor tells its version in registers, and knows no other command")
{
	u32 bx = 0xdeadbeef;

	if (vmware_call(VMWARE_VERSION, &bx) == 0xffffffff)
		return skip("no VMware backdoor");
	EXPECT_EQ(bx, VMWARE_MAGIC);
	bx = 0xdeadbeef;
	vmware_call(0xfff, &bx);
	EXPECT_EQ(bx, 0xdeadbeef);
}
