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
#define GICD_CTLR_NASSGIREQ	(1 << 8)
#define GICD_CTLR_RWP		0x80000000u
#define GICD_TYPER		0x004
#define GICD_TYPER_LINES(t)	(32 * (((t) & 0x1f) + 1))
#define GICD_TYPER_CPUS(t)	(((t) >> 5 & 7) + 1)
#define GICD_TYPER_NO1N		(1 << 25)	/* no interrupts for any CPU */
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
#define GICD_CPENDSGIR		0xf10		/* a byte an SGI, a bit a sender */
#define GICD_SPENDSGIR		0xf20
#define GICD_ICPIDR2		0xfe8
#define GICD_IROUTER		0x6000		/* 8 bytes an interrupt */
#define GICD_IROUTER_ANY	0x80000000u	/* Interrupt_Routing_Mode */
#define GIC_PIDR2		0xffe8		/* of GICv3, in every frame */

/* GICv2 CPU interface */
#define GICC_CTLR		0x00
#define GICC_PMR		0x04
#define GICC_BPR		0x08
#define GICC_IAR		0x0c
#define GICC_IAR_CPU(iar)	((iar) >> 10 & 7)
#define GICC_EOIR		0x10
#define GICC_RPR		0x14
#define GICC_HPPIR		0x18
#define GICC_DIR		0x1000
#define GICC_CTLR_EOIMODE	(1 << 9)
#define GICC_FROM(iar)		((iar) & 0x1c00)

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
#define ICC_CTLR_EOIMODE	(1 << 1)
#define ICC_CTLR_PRIBITS(c)	(((c) >> 8 & 7) + 1)
#define ICC_SRE_SRE		(1 << 0)

#define GIC_PRIORITY		0xa0		/* of all interrupts, by default */
#define GIC_PRIORITY_MASK	0xf0		/* lets them through */

/* Memory attributes in the registers below: inner shareable, cached */
#define GIC_CACHED_LOW		(1ull << 10 | 7ull << 7)	/* PROPBASER, PENDBASER */
#define GIC_CACHED_HIGH		(1ull << 10 | 7ull << 59)	/* BASER, CBASER */

/* LPIs: a byte of configuration, a bit of state each; 14 bits of INTID here */
#define LPI_FIRST		8192
#define LPI_ID_BITS		14
#define LPI_COUNT		((1u << LPI_ID_BITS) - LPI_FIRST)
#define LPI_ENABLE		1
#define LPI_TABLE_SIZE		0x10000

/* ITS (IHI 0069, 12.18, 5.3) */
#define GITS_CTLR		0x0000
#define GITS_CTLR_ENABLED	1u
#define GITS_IIDR		0x0004
#define GITS_TYPER		0x0008
#define GITS_TYPER_PHYSICAL	(1ull << 0)
#define GITS_TYPER_PTA		(1ull << 19)
#define GITS_TYPER_EVENT_BITS(t)	(((t) >> 8 & 0x1f) + 1)
#define GITS_TYPER_DEVICE_BITS(t)	(((t) >> 13 & 0x1f) + 1)
#define GITS_TYPER_ITT_SIZE(t)		(((t) >> 4 & 0xf) + 1)
#define GITS_CBASER		0x0080
#define GITS_CWRITER		0x0088
#define GITS_CREADR		0x0090
#define GITS_BASER(n)		(0x0100 + 8 * (n))
#define GITS_BASERS		8
#define GITS_BASER_VALID	(1ull << 63)
#define GITS_BASER_TYPE(b)	((b) >> 56 & 7)
#define GITS_BASER_64K		(2ull << 8)
#define GITS_TYPE_DEVICE	1
#define GITS_TYPE_COLLECTION	4
#define GITS_TRANSLATER		0x10040
#define ITS_MOVI		0x01
#define ITS_INT			0x03
#define ITS_CLEAR		0x04
#define ITS_SYNC		0x05
#define ITS_MAPD		0x08
#define ITS_MAPC		0x09
#define ITS_MAPTI		0x0a
#define ITS_MAPI		0x0b
#define ITS_INV			0x0c
#define ITS_INVALL		0x0d
#define ITS_DISCARD		0x0f

#endif
