/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2's registers in memory (IHI 0048B, 4.3). */
#include <gic.h>
#include <smp.h>
#include <test.h>

#define ALL_CPUS	8	/* that an architecture of 8 target bits has */

static struct io *distributor;
static unsigned int lines;

static bool use_distributor(void)
{
	gic_enable();
	distributor = gic_distributor();
	lines = GICD_TYPER_LINES(io_read32(distributor, GICD_TYPER));
	return true;
}

static void check_read_only(u32 reg)
{
	static const u32 values[] = { 0xffffffff, 0xa5a55a5a, 0 };
	u32 old = io_read32(distributor, reg);

	for_each(value, values) {
		io_write32(distributor, reg, *value);
		EXPECT_EQ(io_read32(distributor, reg), old);
	}
}

static void check_identification(void)
{
	SUBTEST("CPUs")
		EXPECT_EQ(GICD_TYPER_CPUS(io_read32(distributor, GICD_TYPER)),
			  cpu_count());
	SUBTEST("TYPER is read-only") check_read_only(GICD_TYPER);
	SUBTEST("IIDR is read-only") check_read_only(GICD_IIDR);
	SUBTEST("ICPIDR2 is read-only") check_read_only(GICD_ICPIDR2);
	/* 4.3.19 */
	SUBTEST("architecture revision")
		EXPECT_EQ(io_read32(distributor, GICD_ICPIDR2) >> 4 & 0xf, 2);
}

/* One word for four interrupts, at @reg + 4 * n. */
static void check_bytes(u32 reg, u32 mask)
{
	u32 word = 0x01020408 * 0x11 & mask;

	io_write32(distributor, reg, word);
	EXPECT_EQ(io_read32(distributor, reg), word);
	/* 4.3.11, 4.3.12: these registers are byte-accessible. */
	EXPECT_EQ(io_read8(distributor, reg + 1), word >> 8 & 0xff);
	io_write8(distributor, reg + 2, 0x1f);
	EXPECT_EQ(io_read32(distributor, reg),
		  (word & 0xff00ffff) | (0x1f0000 & mask));
}

/* Registers of interrupts that are not there are RAZ/WI. */
static void check_beyond(u32 reg)
{
	if (lines >= 1020)
		return skip("all interrupts are there");
	io_write32(distributor, reg + lines, 0xffffffff);
	EXPECT_EQ(io_read32(distributor, reg + lines), 0);
}

static void check_priorities(void)
{
	u32 reg = GICD_IPRIORITYR + GIC_SPI(0), last = GICD_IPRIORITYR + lines - 4;
	u32 old = io_read32(distributor, reg), mask;

	io_write32(distributor, reg, 0xffffffff);
	mask = io_read32(distributor, reg);
	SUBTEST("unimplemented bits are the same of all")
		EXPECT_EQ(mask, (mask & 0xff) * 0x01010101);
	/* 3.3: at least 16 levels, in the upper bits */
	SUBTEST("at least four bits")
		EXPECT_EQ(mask & 0xf0, 0xf0);
	SUBTEST("zero") {
		io_write32(distributor, reg, 0);
		EXPECT_EQ(io_read32(distributor, reg), 0);
	}
	SUBTEST("masked") {
		io_write32(distributor, reg, 0xff7fbf3f);
		EXPECT_EQ(io_read32(distributor, reg), 0xff7fbf3f & mask);
	}
	SUBTEST("bytes") check_bytes(reg, mask);
	SUBTEST("beyond the last") check_beyond(GICD_IPRIORITYR);
	SUBTEST("the last") {
		u32 kept = io_read32(distributor, last);

		check_bytes(last, mask);
		io_write32(distributor, last, kept);
	}
	io_write32(distributor, reg, old);
}

static void check_targets(void)
{
	u32 reg = GICD_ITARGETSR + GIC_SPI(0), old = io_read32(distributor, reg);
	u32 mask = (0xff >> (ALL_CPUS - cpu_count())) * 0x01010101u;

	/* 4.3.12: a single CPU's are RAZ/WI. */
	if (cpu_count() == 1)
		mask = 0;
	SUBTEST("%s", mask ? "CPUs that are absent" : "RAZ/WI, with one CPU") {
		if (cpu_count() == ALL_CPUS) {
			skip("all %u CPUs are there", ALL_CPUS);
			break;
		}
		io_write32(distributor, reg, 0xffffffff);
		EXPECT_EQ(io_read32(distributor, reg) & ~mask, 0);
	}
	SUBTEST("CPUs that are there") {
		io_write32(distributor, reg, 0x0103020f);
		EXPECT_EQ(io_read32(distributor, reg) & mask, 0x0103020f & mask);
	}
	SUBTEST("bytes") {
		io_write8(distributor, reg + 2, 0xff);
		EXPECT_EQ(io_read8(distributor, reg + 2) & (mask & 0xff), mask & 0xff);
		EXPECT_EQ(io_read32(distributor, reg) & mask & 0xff00ffff,
			  0x0103020f & mask & 0xff00ffff);
	}
	SUBTEST("beyond the last") check_beyond(GICD_ITARGETSR);
	SUBTEST("private interrupts: this CPU, read-only") {
		u32 own = io_read32(distributor, GICD_ITARGETSR);

		EXPECT_EQ(own, (own & 0xff) * 0x01010101);
		EXPECT_EQ(own & ~mask, 0);
		check_read_only(GICD_ITARGETSR);
	}
	io_write32(distributor, reg, old);
}

TEST(mmio, "GICv2's distributor keeps what it can, and only that", DEVICE(DEVICE_GICV2))
{
	if (cpu_count() > ALL_CPUS)
		return skip("more than %u CPUs", ALL_CPUS);
	use_distributor();
	SUBTEST("identification") check_identification();
	SUBTEST("IPRIORITYR") check_priorities();
	SUBTEST("ITARGETSR") check_targets();
}

TEST(sgi_pending, "SGIs are made pending by sender: SPENDSGIR, CPENDSGIR (4.3.16)",
     DEVICE(DEVICE_GICV2))
{
	u32 sgi = 7, bit;

	use_distributor();
	bit = (io_read8(distributor, GICD_ITARGETSR) ?: 1) & 0xff;
	gic_set_mask(0);
	io_write8(distributor, GICD_SPENDSGIR + sgi, bit);
	EXPECT_EQ(io_read8(distributor, GICD_SPENDSGIR + sgi), bit);
	EXPECT_EQ(io_read8(distributor, GICD_CPENDSGIR + sgi), bit);
	EXPECT(gic_line_is_pending(sgi));
	io_write8(distributor, GICD_CPENDSGIR + sgi, bit);
	EXPECT_EQ(io_read8(distributor, GICD_SPENDSGIR + sgi), 0);
	EXPECT(!gic_line_is_pending(sgi));
	gic_set_mask(GIC_PRIORITY_MASK);
}
