/* SPDX-License-Identifier: BSD-2-Clause */
/* Exception vectors and page-fault error codes (SDM 3A, chapter 6 and 4.7). */
#ifndef DEFS_VECTOR_H
#define DEFS_VECTOR_H

/* X(number, mnemonic) */
#define VECTORS(X)							\
	X(0, DE) X(1, DB) X(2, NMI) X(3, BP) X(4, OF) X(5, BR)		\
	X(6, UD) X(7, NM) X(8, DF) X(10, TS) X(11, NP) X(12, SS)	\
	X(13, GP) X(14, PF) X(16, MF) X(17, AC) X(18, MC) X(19, XM)	\
	X(20, VE) X(21, CP) X(28, HV) X(29, VC) X(30, SX)

#define VECTOR_ERROR_CODES	0x60227d00	/* bit n: vector n pushes one */

#define VECTOR_DE	0
#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_BP	3
#define VECTOR_OF	4
#define VECTOR_UD	6
#define VECTOR_NM	7
#define VECTOR_DF	8
#define VECTOR_TS	10
#define VECTOR_NP	11
#define VECTOR_SS	12
#define VECTOR_GP	13
#define VECTOR_PF	14
#define VECTOR_MF	16
#define VECTOR_AC	17
#define VECTOR_MC	18
#define VECTOR_CP	21

#define PF_P		0x01	/* protection violation, not absence */
#define PF_W		0x02
#define PF_U		0x04
#define PF_RSVD		0x08
#define PF_I		0x10
#define PF_PK		0x20
#define PF_SS		0x40

/* Control protection's error codes (SDM 1, "Control Protection Exception"). */
#define CP_NEAR_RET	1
#define CP_FAR_RET	2	/* and IRET */
#define CP_ENDBRANCH	3
#define CP_RSTORSSP	4
#define CP_SETSSBSY	5

#endif
