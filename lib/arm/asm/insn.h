/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction.  In user mode, user_call(), interrupts are masked. */
#ifndef ASM_INSN_H
#define ASM_INSN_H

#include <insn_plain.h>

#endif
