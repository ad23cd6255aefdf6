/* SPDX-License-Identifier: BSD-2-Clause */
/* Interruption codes (SA22-7832, chapter 6). */
#ifndef DEFS_PGM_H
#define DEFS_PGM_H

/* X(constant, code, name) */
#define PGM_CODES(X)							\
	X(PGM_OPERATION, 0x01, "operation")				\
	X(PGM_PRIVILEGED, 0x02, "privileged operation")			\
	X(PGM_EXECUTE, 0x03, "execute")					\
	X(PGM_PROTECTION, 0x04, "protection")				\
	X(PGM_ADDRESSING, 0x05, "addressing")				\
	X(PGM_SPECIFICATION, 0x06, "specification")			\
	X(PGM_DATA, 0x07, "data")					\
	X(PGM_FIXED_OVERFLOW, 0x08, "fixed-point overflow")		\
	X(PGM_FIXED_DIVIDE, 0x09, "fixed-point divide")			\
	X(PGM_DECIMAL_OVERFLOW, 0x0a, "decimal overflow")		\
	X(PGM_DECIMAL_DIVIDE, 0x0b, "decimal divide")			\
	X(PGM_HFP_EXPONENT_OVERFLOW, 0x0c, "HFP exponent overflow")	\
	X(PGM_HFP_EXPONENT_UNDERFLOW, 0x0d, "HFP exponent underflow")	\
	X(PGM_HFP_SIGNIFICANCE, 0x0e, "HFP significance")		\
	X(PGM_HFP_DIVIDE, 0x0f, "HFP divide")				\
	X(PGM_SEGMENT, 0x10, "segment translation")			\
	X(PGM_PAGE, 0x11, "page translation")				\
	X(PGM_TRANSLATION, 0x12, "translation specification")		\
	X(PGM_SPECIAL_OPERATION, 0x13, "special operation")		\
	X(PGM_OPERAND, 0x15, "operand")					\
	X(PGM_TRACE_TABLE, 0x16, "trace table")				\
	X(PGM_TRANSACTION, 0x18, "transaction constraint")		\
	X(PGM_VECTOR, 0x1b, "vector processing")			\
	X(PGM_SPACE_SWITCH, 0x1c, "space-switch event")			\
	X(PGM_SQUARE_ROOT, 0x1d, "HFP square root")			\
	X(PGM_PC_TRANSLATION, 0x1f, "PC-translation specification")	\
	X(PGM_ALET, 0x28, "ALET specification")				\
	X(PGM_STACK_FULL, 0x30, "stack full")				\
	X(PGM_STACK_EMPTY, 0x31, "stack empty")				\
	X(PGM_STACK_TYPE, 0x33, "stack type")				\
	X(PGM_ASCE_TYPE, 0x38, "ASCE type")				\
	X(PGM_REGION_FIRST, 0x39, "region-first translation")		\
	X(PGM_REGION_SECOND, 0x3a, "region-second translation")		\
	X(PGM_REGION_THIRD, 0x3b, "region-third translation")		\
	X(PGM_SECURE_ACCESS, 0x3d, "secure-storage access")		\
	X(PGM_NON_SECURE_ACCESS, 0x3e, "non-secure-storage access")	\
	X(PGM_SECURE_VIOLATION, 0x3f, "secure-storage violation")	\
	X(PGM_MONITOR, 0x40, "monitor event")

#define PGM_COUNT		0x80
#define PGM_CODE_MASK		0x007f
#define PGM_PER			0x0080	/* beside another code */
#define PGM_TX_ABORTED		0x0200

/* Translation-exception identification: the page, and below it what is so. */
#define TEID_ADDRESS		0xfffffffffffff000
#define TEID_FETCH		0x800	/* facility 75 */
#define TEID_STORE		0x400
#define TEID_ACCESS		0xc00
#define TEID_LIST_PROTECTION	0x8	/* by an access list, or DAT with bit 61 */
#define TEID_BIT61		0x4	/* protection: 1: by DAT (ESOP-1, ESOP-2) */
#define TEID_ASCE		0x3	/* 0: primary, 3: home space */

/* External interruptions (SA22-7832, "External Interruption"). */
#define EXT_CLOCK_COMPARATOR	0x1004
#define EXT_CPU_TIMER		0x1005
#define EXT_MALFUNCTION		0x1200
#define EXT_EMERGENCY		0x1201
#define EXT_CALL		0x1202
#define EXT_SERVICE		0x2401
#define EXT_PFAULT		0x2603

#endif
