/* SPDX-License-Identifier: BSD-2-Clause */
/* GIC registers, as offsets (IHI 0048B, chapter 4; IHI 0069, chapter 12). */
#ifndef DEFS_GIC_H
#define DEFS_GIC_H

#define GIC_SGIS		16	/* INTIDs 0-15; PPIs from there, SPIs from 32 */
#define GIC_SPI(n)		(32 + (n))
#define GIC_PPI(n)		(16 + (n))
#define GIC_SPURIOUS		1023
#define GIC_LPI(n)		(8192 + (n))

/* Distributor */
#define GICD_CTLR		0x000
#define GICD_CTLR_ENABLE	(1 << 0)	/* GICv2 without security */
#define GICD_CTLR_G1		(1 << 0)	/* GICv3, as non-secure code sees it */
#define GICD_CTLR_G1A		(1 << 1)
#define GICD_CTLR_ARE		(1 << 4)
#define GICD_CTLR_RWP		0x80000000u
#define GICD_TYPER		0x004
#define GICD_TYPER_LINES(t)	(32 * (((t) & 0x1f) + 1))
#define GICD_TYPER_CPUS(t)	(((t) >> 5 & 7) + 1)
#define GICD_IIDR		0x008
#define GICD_TYPER2		0x00c
#define GICD_TYPER2_NASSGICAP	(1 << 8)
#define GICD_IGROUPR		0x080		/* a bit an interrupt */
#define GICD_ISENABLER		0x100
#define GICD_ICENABLER		0x180
#define GICD_ISPENDR		0x200
#define GICD_ICPENDR		0x280
#define GICD_ISACTIVER		0x300
#define GICD_ICACTIVER		0x380
#define GICD_IPRIORITYR		0x400		/* a byte an interrupt */
#define GICD_ITARGETSR		0x800
#define GICD_ICFGR		0xc00		/* two bits an interrupt */
#define GICD_SGIR		0xf00
#define GICD_SGIR_OTHERS	(1 << 24)
#define GICD_SGIR_SELF		(2 << 24)
#define GICD_ICPIDR2		0xfe8
#define GICD_IROUTER		0x6000		/* 8 bytes an interrupt */

/* GICv2 CPU interface */
#define GICC_CTLR		0x00
#define GICC_PMR		0x04
#define GICC_BPR		0x08
#define GICC_IAR		0x0c
#define GICC_IAR_CPU(iar)	((iar) >> 10 & 7)
#define GICC_EOIR		0x10
#define GICC_RPR		0x14
#define GICC_HPPIR		0x18

/* GICv3 redistributor: RD_base, and SGI_base behind it, 64 KiB each */
#define GICR_CTLR		0x00
#define GICR_CTLR_LPIS		(1 << 0)
#define GICR_CTLR_RWP		(1 << 3)
#define GICR_TYPER		0x08
#define GICR_TYPER_VLPIS	(1 << 1)
#define GICR_TYPER_LAST		(1 << 4)
#define GICR_WAKER		0x14
#define GICR_WAKER_SLEEP	(1 << 1)
#define GICR_WAKER_ASLEEP	(1 << 2)
#define GICR_PROPBASER		0x70
#define GICR_PENDBASER		0x78
#define GICR_SGI_BASE		0x10000
#define GICR_FRAME		0x20000		/* both frames of a CPU */

#define ICC_SGI1R_OTHERS	(1ull << 40)
#define ICC_SRE_SRE		(1 << 0)

#define GIC_PRIORITY		0xa0		/* of all interrupts, by default */
#define GIC_PRIORITY_MASK	0xf0		/* lets them through */

#endif
