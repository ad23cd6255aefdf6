/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction.  In problem state, user_call(), external interrupts and the decrementer
 * are let in: it has no other way (Power ISA 3.1, Book III, 4.3.1: rfid).  Where addresses
 * are not translated, as they have to be there, the TEST is skipped.
 */
#ifndef ASM_INSN_H
#define ASM_INSN_H

#include <insn_plain.h>

#endif
