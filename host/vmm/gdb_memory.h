/* SPDX-License-Identifier: BSD-2-Clause */
/* What a debugger reads and writes, and the breakpoints it sets; CPUs stand still. */
#ifndef HOST_VMM_GDB_MEMORY_H
#define HOST_VMM_GDB_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vcpu;

/**
 * gdb_memory_send() - answer "ADDRESS,LENGTH" with bytes, as many as can be read
 * @vcpu: whose page tables count
 */
void gdb_memory_send(struct vcpu *vcpu, const char *text);

/**
 * gdb_memory_take() - obey "ADDRESS,LENGTH:BYTES"
 * @length: bytes at @text
 * @binary: whether BYTES are bytes, or hexadecimal
 *
 * Returns false if it is none, or not all of it is RAM.
 */
bool gdb_memory_take(struct vcpu *vcpu, const char *text, size_t length, bool binary);

/**
 * gdb_point() - obey and answer "ZTYPE,ADDRESS,KIND" or "z…"
 */
void gdb_point(struct vcpu *vcpu, const char *packet);

/**
 * gdb_planted() - is there a trap instruction of the debugger's at this address?
 * gdb_any_planted() - is there any?
 * gdb_unplant_all() - take all away, and all points in hardware
 */
bool gdb_planted(uint64_t address);
bool gdb_any_planted(void);
void gdb_unplant_all(void);

/**
 * gdb_watching() - are there points that only stepping can see?
 * gdb_watch_hit() - has one of the watchpoints among them changed?  Sets @address to its
 * address
 * gdb_passed_at() - is there a breakpoint at this address that a step passes over?
 * @software: set to whether the debugger asked for a trap instruction
 *
 * These a CPU's own thread asks, while it runs.
 */
bool gdb_watching(void);
bool gdb_watch_hit(uint64_t *address);
bool gdb_passed_at(uint64_t address, bool *software);

/**
 * gdb_physical_packet() - obey and answer qqemu.PhyMemMode, Qqemu.PhyMemMode:N
 *
 * Returns false if the packet is none of these.
 */
bool gdb_physical_packet(const char *packet);

/**
 * gdb_monitor() - obey and answer a "monitor" command
 * @vcpu: the current CPU
 * @hex: the words, in hexadecimal
 */
void gdb_monitor(struct vcpu *vcpu, const char *hex);

#endif
