/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction as data, run at a privilege level of choice.
 *
 * <asm/insn.h> has struct insn, INSN(id, "insn", inputs…), which defines one (the
 * inputs must be visible at file scope), and struct how, whose `user` is there on
 * every architecture.
 */
#ifndef INSN_H
#define INSN_H

#include <asm/insn.h>
#include <fault.h>

/**
 * exec(insn, .user = true) - run it in user mode, or as struct how says
 *
 * Returns its fault.  In user mode it runs on this CPU's user stack with
 * interrupts off.  All of memory is mapped for user mode unless the test changed
 * that.
 */
#define exec(insn, ...)	exec_insn(&(insn), (struct how){ __VA_ARGS__ })
struct fault exec_insn(const struct insn *insn, struct how how);

#endif
