/* SPDX-License-Identifier: BSD-2-Clause */
/* Families of rows for 16-bit code, in real mode and in 16-bit segments. */
#ifndef ROWS16_H
#define ROWS16_H

#include <rows.h>

#define A16	"(%di)"
#define B16	"(%si)"

/* In every way; under a name of its own; in real mode only. */
#define REAL(text, ...)		INSTRUCTION16(text, .real = true, ##__VA_ARGS__)
#define REAL_NAMED(title, text, ...)					\
	INSTRUCTION_AT(__COUNTER__, "16", title, text, .mode = 16,	\
		       .real = true, ##__VA_ARGS__)
#define REAL_ONLY(title, text, ...)					\
	INSTRUCTION_AT(__COUNTER__, "16", title, text, .mode = 16,	\
		       .real_only = true, ##__VA_ARGS__)

#define SIZES16(ROW, ...)						\
	ROW(1, "b", "%al", "%cl", "%dl", __VA_ARGS__);			\
	WIDE_SIZES16(ROW, __VA_ARGS__)
#define WIDE_SIZES16(ROW, ...)						\
	ROW(2, "w", "%ax", "%cx", "%dx", __VA_ARGS__);			\
	ROW(4, "l", "%eax", "%ecx", "%edx", __VA_ARGS__)

/* As in rows.h. */
#define MEM_REG16(bytes, s, ax, cx, dx, op, m, ...)			\
	REAL(op s " " cx ", " A16, .size = bytes, .dest = IN_A,		\
	     .src = IN_CX, .model = m, ##__VA_ARGS__)
#define REG_MEM16(bytes, s, ax, cx, dx, op, m, ...)			\
	REAL(op s " " A16 ", " cx, .size = bytes, .dest = IN_CX,		\
	     .src = IN_A, .model = m, ##__VA_ARGS__)
#define REG_REG16(bytes, s, ax, cx, dx, op, m, ...)			\
	REAL(op s " " cx ", " dx, .size = bytes, .dest = IN_DX,		\
	     .src = IN_CX, .model = m, ##__VA_ARGS__)
#define ACC_IMM16(bytes, s, ax, cx, dx, op, m, value, ...)		\
	REAL(op s " $" #value ", " ax, .size = bytes, .dest = IN_AX,	\
	     .src = IN_IMM, .imm = value, .model = m, ##__VA_ARGS__)
#define MEM16(bytes, s, ax, cx, dx, op, m, ...)				\
	REAL(op s " " A16, .size = bytes, .dest = IN_A, .model = m, ##__VA_ARGS__)

#endif
