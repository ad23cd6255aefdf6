/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions as text, by Zydis (x86) or Capstone, whichever is installed where
 * the program runs; loaded when first asked.
 */
#ifndef HOST_BASE_DISASM_H
#define HOST_BASE_DISASM_H

#include <stddef.h>
#include <stdint.h>

enum isa { ISA_X86_16, ISA_X86_32, ISA_X86_64, ISA_ARM64 };

/**
 * disasm() - name the first instruction of some bytes
 * @isa: how to read them
 * @address: of the first byte; targets of branches are relative to it
 * @bytes: as many as there are
 * @size: bytes at @bytes
 * @text: filled in: "mov eax, ebx", Intel's syntax on x86
 * @room: bytes at @text
 *
 * Returns the instruction's length; 0, and "" at @text, if the bytes are no
 * instruction or no disassembler is installed.
 */
unsigned int disasm(enum isa isa, uint64_t address, const void *bytes,
		    size_t size, char *text, size_t room);

/**
 * disasm_insn() - an instruction for people, with its bytes, whatever is installed
 * @isa, @address, @bytes, @size: as for disasm()
 * @text: filled in: "mov eax, ebx" (89 d8); else the bytes alone
 * @room: bytes at @text
 *
 * Returns @text.
 */
const char *disasm_insn(enum isa isa, uint64_t address, const void *bytes,
			size_t size, char *text, size_t room);

#endif
