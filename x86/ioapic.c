/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The I/O APIC (82093AA datasheet; the I/O APIC chapters of the ICH and PCH datasheets):
 * its registers here; what its inputs do in ioapic/lines.c, and whom they reach in
 * ioapic/targets.c.  pc-testdev drives the inputs.
 */
#include <apic.h>
#include <irq.h>
#include <scope.h>
#include <test.h>

#define INPUT		15
#define ENTRY_LOW	(IOAPIC_REG_ENTRY + 2 * INPUT)
#define ENTRY_HIGH	(ENTRY_LOW + 1)
#define INPUTS(version)	(((version) >> 16 & 0xff) + 1)

static bool present(void)
{
	if (!ioapic_present())
		return skip("no I/O APIC"), false;
	apic_enable();
	return true;
}

TEST(version, "the version register: 82093AA's or a later one's, 24 inputs or more")
{
	u32 version;

	if (!present())
		return;
	version = ioapic_read(IOAPIC_REG_VERSION);
	EXPECT((version & 0xff) >= 0x11 && (version & 0xff) <= 0x2f);
	EXPECT(INPUTS(version) >= 24 && INPUTS(version) <= 240);
	for (unsigned int bit = 0; bit < 32; bit++) {
		ioapic_write(IOAPIC_REG_VERSION, version ^ BIT(bit));
		EXPECT_EQ(ioapic_read(IOAPIC_REG_VERSION), version);
	}
}

#define HAS_ARBITRATION(version)	(((version) & 0xff) == 0x11)

TEST(id, "of the id register, bits 27:24 can be written")
{
	u32 old;

	if (!present())
		return;
	old = ioapic_read(IOAPIC_REG_ID);
	for (u32 id = 0; id < 16; id++) {
		ioapic_write(IOAPIC_REG_ID, 0xf0ffffff | id << 24);
		EXPECT_EQ(ioapic_read(IOAPIC_REG_ID) & 0x0fffffff, id << 24);
	}
	ioapic_write(IOAPIC_REG_ID, old);
}

/* Those whose messages have no bus of their own have no such register. */
TEST(arbitration, "82093AA: the arbitration id is loaded with the id, and read-only")
{
	u32 old;

	if (!present())
		return;
	if (!HAS_ARBITRATION(ioapic_read(IOAPIC_REG_VERSION)))
		return skip("not an 82093AA");
	old = ioapic_read(IOAPIC_REG_ID);
	for (u32 id = 0; id < 16; id++) {
		ioapic_write(IOAPIC_REG_ID, id << 24);
		EXPECT_EQ(ioapic_read(IOAPIC_REG_ARB), id << 24);
		ioapic_write(IOAPIC_REG_ARB, ~(id << 24));
		EXPECT_EQ(ioapic_read(IOAPIC_REG_ARB), id << 24);
	}
	ioapic_write(IOAPIC_REG_ID, old);
}

TEST(select, "the window shows what the select register says, which reads back")
{
	volatile u32 *registers = (u32 *)(uintptr_t)IOAPIC_BASE;

	if (!present())
		return;
	for (u32 reg = 0; reg < IOAPIC_REG_ENTRY + 2 * 24; reg++) {
		registers[IOAPIC_SELECT / 4] = reg;
		EXPECT_EQ(registers[IOAPIC_SELECT / 4] & 0xff, reg);
	}
	registers[IOAPIC_SELECT / 4] = IOAPIC_REG_VERSION;
	EXPECT_EQ(registers[IOAPIC_WINDOW / 4], ioapic_read(IOAPIC_REG_VERSION));
}

static const struct {
	const char *name;
	u32 low;
} entries[] = {
	/* "I/O Redirection Table Registers"; masked, so that nothing is sent */
	{ "vector",		IOAPIC_MASKED | 0x55 },
	{ "other vector",	IOAPIC_MASKED | 0xaa },
	{ "NMI",		IOAPIC_MASKED | APIC_DM_NMI },
	{ "INIT",		IOAPIC_MASKED | APIC_DM_INIT },
	{ "ExtINT",		IOAPIC_MASKED | APIC_DM_EXTINT },
	{ "lowest priority",	IOAPIC_MASKED | APIC_DM_LOWEST | 0x41 },
	{ "logical",		IOAPIC_MASKED | APIC_DEST_LOGICAL | 0x41 },
	{ "active low",		IOAPIC_MASKED | IOAPIC_ACTIVE_LOW | 0x41 },
	{ "level",		IOAPIC_MASKED | IOAPIC_LEVEL | 0x41 },
};

TEST(entry, "a redirection entry keeps its fields, and has two read-only bits")
{
	if (!present())
		return;
	for_each(entry, entries) SUBTEST("%s", entry->name) {
		for (u32 to = 0; to < 256; to += 0x33) {
			ioapic_write(ENTRY_HIGH, to << 24);
			EXPECT_EQ(ioapic_read(ENTRY_HIGH) & 0xff000000, to << 24);
		}
		/* Delivery status and remote IRR are the I/O APIC's. */
		ioapic_write(ENTRY_LOW, entry->low | IOAPIC_REMOTE_IRR | APIC_ICR_BUSY);
		EXPECT_EQ(ioapic_read(ENTRY_LOW), entry->low);
	}
	ioapic_route(INPUT, IOAPIC_MASKED, 0);
}

TEST(neighbours, "each input has an entry of its own")
{
	u32 inputs;

	if (!present())
		return;
	inputs = INPUTS(ioapic_read(IOAPIC_REG_VERSION));
	for (u32 input = 0; input < inputs; input++)
		ioapic_route(input, IOAPIC_MASKED | (0x20 + input), input);
	for (u32 input = 0; input < inputs; input++) {
		EXPECT_EQ(ioapic_read(IOAPIC_REG_ENTRY + 2 * input),
			  IOAPIC_MASKED | (0x20 + input));
		EXPECT_EQ(ioapic_read(IOAPIC_REG_ENTRY + 2 * input + 1) >> 24, input);
		ioapic_route(input, IOAPIC_MASKED, 0);
	}
}
