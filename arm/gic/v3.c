/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3: redistributors and the CPU interface's registers (IHI 0069, 12). */
#include <asm/cpu.h>
#include <gic.h>
#include <smp.h>
#include <test.h>

TEST(v3_identification, "distributor and redistributor say what they are",
     DEVICE(DEVICE_GICV3))
{
	struct io *redistributor;
	u64 affinity = cpu_affinity();

	gic_enable();
	redistributor = gic_redistributor();
	/* 12.9.24, 12.11.22: ArchRev is 3, or 4 of GICv4 */
	SUBTEST("PIDR2") {
		u32 own = io_read32(gic_distributor(), GIC_PIDR2) >> 4 & 0xf;

		EXPECT(own == 3 || own == 4);
		EXPECT_EQ(io_read32(redistributor, GIC_PIDR2) >> 4 & 0xf, own);
	}
	SUBTEST("GICR_TYPER has this CPU's affinity")
		EXPECT_EQ(io_read32(redistributor, GICR_TYPER + 4),
			  (affinity >> 32 & 0xff) << 24 | (affinity & 0xffffff));
	SUBTEST("it is awake")
		EXPECT_EQ(io_read32(redistributor, GICR_WAKER) &
			  (GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP), 0);
	SUBTEST("affinity routing is on")
		EXPECT(io_read32(gic_distributor(), GICD_CTLR) & GICD_CTLR_ARE);
}

TEST(v3_interface, "the CPU interface is as the distributor has it",
     DEVICE(DEVICE_GICV3))
{
	u32 bits;

	gic_enable();
	SUBTEST("SRE") EXPECT(sysreg_read_s(icc_sre_el1) & ICC_SRE_SRE);
	/* 12.2.6, 4.8: 4 to 8 bits of priority, the same in PMR */
	SUBTEST("priority bits") {
		u8 old = gic_set_mask(0xff);

		bits = ICC_CTLR_PRIBITS(sysreg_read_s(icc_ctlr_el1));
		EXPECT(bits >= 4);
		EXPECT(bits <= 8);
		EXPECT_EQ(gic_set_mask(old), (0xff00 >> bits) & 0xff);
	}
	SUBTEST("nothing is active, nothing is pending") {
		EXPECT_EQ(gic_running_priority(), 0xff);
		EXPECT_EQ(gic_intid(sysreg_read_s(icc_hppir1_el1)), GIC_SPURIOUS);
		EXPECT_EQ(gic_intid(gic_acknowledge()), GIC_SPURIOUS);
	}
}

TEST(v3_routing, "GICD_IROUTER keeps affinities, and has none of private interrupts",
     DEVICE(DEVICE_GICV3))
{
	struct io *router;
	u32 low, high;

	gic_enable();
	router = io_at(gic_distributor(), GICD_IROUTER + 8 * GIC_SPI(0));
	low = io_read32(router, 0);
	high = io_read32(router, 4);
	/* 12.9.22: Aff0 to 2, and Interrupt_Routing_Mode in bit 31 */
	SUBTEST("affinity") {
		io_write32(router, 0, 0x00010203);
		EXPECT_EQ(io_read32(router, 0), 0x00010203);
	}
	SUBTEST("1 of N") {
		if (io_read32(gic_distributor(), GICD_TYPER) & GICD_TYPER_NO1N) {
			skip("not supported, by GICD_TYPER.No1N");
			break;
		}
		io_write32(router, 0, GICD_IROUTER_ANY | low);
		EXPECT_EQ(io_read32(router, 0), GICD_IROUTER_ANY | low);
	}
	SUBTEST("as it was") {
		io_write32(router, 0, low);
		io_write32(router, 4, high);
		EXPECT_EQ(io_read32(router, 0), low);
		EXPECT_EQ(io_read32(router, 4), high);
	}
}
