/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-hosted debug in AArch64 state (DDI 0487, D2). */
#ifndef DEBUG_H
#define DEBUG_H

#include <base.h>
#include <defs/debug.h>

/**
 * debug_enable(), debug_disable() - debug exceptions of the kernel's own level are
 * possible, with PSTATE.D clear
 */
void debug_enable(void);
void debug_disable(void);

/**
 * debug_breakpoints(), debug_watchpoints() - how many comparators there are
 */
unsigned int debug_breakpoints(void);
unsigned int debug_watchpoints(void);

/**
 * breakpoint_set(), watchpoint_set() - a comparator's value and control registers
 */
void breakpoint_set(unsigned int number, u64 value, u64 control);
void watchpoint_set(unsigned int number, u64 value, u64 control);

/**
 * debug_run() - with debug exceptions let in, 16 NOPs from debug_run_first on, a branch
 * from debug_run_branch to debug_run_target, and a NOP there
 */
void debug_run(void);
extern char debug_run_first[], debug_run_branch[], debug_run_target[];

/**
 * debug_store() - with debug exceptions let in, a store to each of @count bytes, of
 * what is left of @count
 */
void debug_store(u8 *bytes, unsigned int count);

#endif
