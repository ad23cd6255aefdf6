/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction.  In the problem state, user_call(), interrupts are masked. */
#ifndef ASM_INSN_H
#define ASM_INSN_H

#include <insn_plain.h>

#endif
