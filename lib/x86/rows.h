/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Families of rows for emulate.h.  SIZES(ROW, …) makes ROW(bytes, suffix, AX, CX,
 * DX, …) of each operand size; the ROWs here take the mnemonic and the model.
 */
#ifndef ROWS_H
#define ROWS_H

#include <defs/page.h>
#include <model.h>

#if IS_64BIT
#define ONLY64(...)	__VA_ARGS__
#define WORD_SP		"%rsp"
#define WORD_BP		"%rbp"
#define WORD_CX		"%rcx"
#define WORD_SUFFIX	"q"
#else
#define ONLY64(...)
#define WORD_SP		"%esp"
#define WORD_BP		"%ebp"
#define WORD_CX		"%ecx"
#define WORD_SUFFIX	"l"
#endif

/* The 16 conditions by their codes (SDM 1, appendix B). */
#define CONDITIONS(X)							\
	X(0, "o") X(1, "no") X(2, "b") X(3, "ae") X(4, "e") X(5, "ne")	\
	X(6, "be") X(7, "a") X(8, "s") X(9, "ns") X(10, "p") X(11, "np")	\
	X(12, "l") X(13, "ge") X(14, "le") X(15, "g")

#define WIDE_SIZES(ROW, ...)						\
	ROW(2, "w", "%ax", "%cx", "%dx", __VA_ARGS__);			\
	ROW(4, "l", "%eax", "%ecx", "%edx", __VA_ARGS__);		\
	ONLY64(ROW(8, "q", "%rax", "%rcx", "%rdx", __VA_ARGS__))
#define SIZES(ROW, ...)							\
	ROW(1, "b", "%al", "%cl", "%dl", __VA_ARGS__);			\
	WIDE_SIZES(ROW, __VA_ARGS__)

/* op CX, (A) */
#define MEM_REG(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " " cx ", " MEM_A, .size = bytes, .dest = IN_A,	\
		    .src = IN_CX, .model = m, ##__VA_ARGS__)
/* op (A), CX */
#define REG_MEM(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " " MEM_A ", " cx, .size = bytes, .dest = IN_CX, \
		    .src = IN_A, .model = m, ##__VA_ARGS__)
/* op CX, DX */
#define REG_REG(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " " cx ", " dx, .size = bytes, .dest = IN_DX,	\
		    .src = IN_CX, .model = m, ##__VA_ARGS__)
/* op $imm, (A); $imm, DX; $imm, AX: the last has opcodes of its own */
#define MEM_IMM(bytes, s, ax, cx, dx, op, m, value, ...)		\
	INSTRUCTION(op s " $" #value ", " MEM_A, .size = bytes,		\
		    .dest = IN_A, .src = IN_IMM, .imm = value, .model = m, \
		    ##__VA_ARGS__)
#define REG_IMM(bytes, s, ax, cx, dx, op, m, value, ...)		\
	INSTRUCTION(op s " $" #value ", " dx, .size = bytes,		\
		    .dest = IN_DX, .src = IN_IMM, .imm = value, .model = m, \
		    ##__VA_ARGS__)
#define ACC_IMM(bytes, s, ax, cx, dx, op, m, value, ...)		\
	INSTRUCTION(op s " $" #value ", " ax, .size = bytes,		\
		    .dest = IN_AX, .src = IN_IMM, .imm = value, .model = m, \
		    ##__VA_ARGS__)
/* op (A); op DX */
#define MEM(bytes, s, ax, cx, dx, op, m, ...)				\
	INSTRUCTION(op s " " MEM_A, .size = bytes, .dest = IN_A,		\
		    .model = m, ##__VA_ARGS__)
#define REG(bytes, s, ax, cx, dx, op, m, ...)				\
	INSTRUCTION(op s " " dx, .size = bytes, .dest = IN_DX,		\
		    .model = m, ##__VA_ARGS__)

#endif
