/* SPDX-License-Identifier: BSD-2-Clause */
/* System control, as start.S sets it (DDI 0487, D17.2). */
#ifndef DEFS_EL2_H
#define DEFS_EL2_H

#define HCR_TGE			0x08000000
#define HCR_RW			0x80000000	/* EL1 is in AArch64 state */
#define HCR_E2H			0x400000000
#define HCR_APK_API		0x30000000000
#define HCR_ATA			0x100000000000000
#define CNTHCTL_EL1_ALL		3		/* EL1PCTEN, EL1PCEN */
#define CPTR_RES1		0x32ff
#define SPSR_EL1H_MASKED	0x3c5
#define ICC_SRE_SRE		1
#define ICC_SRE_ENABLE		8		/* for EL1 */
#define CPACR_FP_SVE		0x330000

#define SCTLR_M			(1 << 0)	/* translation */
#define SCTLR_A			(1 << 1)	/* alignment check */
#define SCTLR_C			(1 << 2)	/* data cache */
#define SCTLR_SA		(1 << 3)
#define SCTLR_SA0		(1 << 4)
#define SCTLR_I			(1 << 12)	/* instruction cache */
#define SCTLR_NTWI		(1 << 16)	/* WFI, WFE of EL0 are not trapped */
#define SCTLR_NTWE		(1 << 18)
/* What user mode may, without which it traps */
#define SCTLR_UMA		(1 << 9)	/* DAIF */
#define SCTLR_DZE		(1 << 14)	/* DC ZVA */
#define SCTLR_UCT		(1 << 15)	/* CTR_EL0 */
#define SCTLR_UCI		(1 << 26)	/* cache maintenance */
/* RES1 of ARMv8.0; SPAN among them leaves PSTATE.PAN alone on exceptions. */
#define SCTLR_OFF		0x30d00800
#define SCTLR_ON		(SCTLR_OFF | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA | \
				 SCTLR_SA0 | SCTLR_NTWI | SCTLR_NTWE)

/* Registers that assemblers do not know by name unless told of extensions. */
#define HFGRTR_EL2		S3_4_C1_C1_4
#define HFGWTR_EL2		S3_4_C1_C1_5
#define HFGITR_EL2		S3_4_C1_C1_6
#define HDFGRTR_EL2		S3_4_C3_C1_4
#define HDFGWTR_EL2		S3_4_C3_C1_5
#define HFGRTR2_EL2		S3_4_C3_C1_2
#define HFGWTR2_EL2		S3_4_C3_C1_3
#define HFGITR2_EL2		S3_4_C3_C1_7
#define HDFGRTR2_EL2		S3_4_C3_C1_0
#define HDFGWTR2_EL2		S3_4_C3_C1_1
#define ICC_SRE_EL2		S3_4_C12_C9_5
#define ZCR_EL2			S3_4_C1_C2_0

#endif
