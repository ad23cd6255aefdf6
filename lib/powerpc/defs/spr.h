/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of special purpose registers (Power ISA 3.1, Book III, 5.4.4). */
#ifndef DEFS_SPR_H
#define DEFS_SPR_H

#define SPR_XER		1
#define SPR_LR		8
#define SPR_CTR		9
#define SPR_DSISR	18
#define SPR_DAR		19
#define SPR_DEC		22
#define SPR_SRR0	26
#define SPR_SRR1	27
#define SPR_PIDR	48
#define SPR_FSCR	153
#define SPR_SPRG0	272
#define SPR_SPRG1	273		/* the handlers' */
#define SPR_SPRG2	274
#define SPR_SPRG3	275		/* this CPU's block */
#define SPR_PVR		287
#define SPR_HDEC	310
#define SPR_HSRR0	314
#define SPR_HSRR1	315
#define SPR_LPCR	318
#define SPR_LPIDR	319
#define SPR_HEIR	339
#define SPR_PTCR	464
#define SPR_SIAR	780
#define SPR_PIR		1023

/* Versions of processors, the upper half of PVR. */
#define PVR_970		0x39
#define PVR_970FX	0x3c
#define PVR_970MP	0x44
#define PVR_POWER8E	0x4b
#define PVR_POWER8NVL	0x4c
#define PVR_POWER8	0x4d
#define PVR_POWER9	0x4e
#define PVR_POWER10	0x80

#define LPCR_HDICE_BIT	0	/* hypervisor decrementer interrupts */
#define LPCR_LPES_BIT	3
#define LPCR_GTSE_BIT	10
#define LPCR_ILE_BIT	25
#define LPCR_LD_BIT	17	/* large decrementer */
#define LPCR_HR_BIT	20
#define LPCR_UPRT_BIT	22

#endif
