/* SPDX-License-Identifier: BSD-2-Clause */
/* XCR0 and the components of XSAVE's state (SDM 1, chapter on XSAVE). */
#ifndef DEFS_XCR_H
#define DEFS_XCR_H

#define XCR0_X87	0x1
#define XCR0_SSE	0x2
#define XCR0_AVX	0x4
#define XCR0_BNDREGS	0x8
#define XCR0_BNDCSR	0x10
#define XCR0_OPMASK	0x20
#define XCR0_ZMM_HI256	0x40
#define XCR0_HI16_ZMM	0x80
#define XCR0_PKRU	0x200
#define XCR0_TILECFG	0x20000
#define XCR0_TILEDATA	0x40000

#define XCR0_MPX	(XCR0_BNDREGS | XCR0_BNDCSR)
#define XCR0_AVX512	(XCR0_OPMASK | XCR0_ZMM_HI256 | XCR0_HI16_ZMM)
#define XCR0_AMX	(XCR0_TILECFG | XCR0_TILEDATA)

#define CPUID_XSAVE	0xd	/* its subleaf 0: XCR0's bits in EDX:EAX */

/* The area: legacy part, header, the rest in the standard format. */
#define XSAVE_FCW	0
#define XSAVE_MXCSR	24
#define XSAVE_XMM	160
#define XSAVE_HEADER	512	/* XSTATE_BV, XCOMP_BV, zeros */
#define XSAVE_EXTENDED	576

#define FCW_INITIAL	0x037f
#define MXCSR_INITIAL	0x1f80

#endif
