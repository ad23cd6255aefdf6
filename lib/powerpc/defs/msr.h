/* SPDX-License-Identifier: BSD-2-Clause */
/* Machine State Register (Power ISA 3.1, Book III, 4.2.1). */
#ifndef DEFS_MSR_H
#define DEFS_MSR_H

#define MSR_LE		0x1		/* little-endian */
#define MSR_RI		0x2		/* an interrupt can be recovered from */
#define MSR_DR		0x10		/* translate data */
#define MSR_IR		0x20		/* translate instructions */
#define MSR_BE		0x200		/* trace branches */
#define MSR_SE		0x400		/* trace each instruction */
#define MSR_ME		0x1000		/* machine checks are interrupts */
#define MSR_FP		0x2000
#define MSR_PR		0x4000		/* problem state */
#define MSR_EE		0x8000		/* external interrupts and decrementer */
#define MSR_VSX		0x800000
#define MSR_VEC		0x2000000
#define MSR_TM_BIT	32
#define MSR_TS_SHIFT	33
#define MSR_HV_BIT	60
#define MSR_SF_BIT	63

#endif
