/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disassemblers are big and seldom needed: dlopen() costs a start nothing, and
 * the program runs where they are missing.
 */
#include "base/disasm.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#ifdef HAVE_ZYDIS
#include <Zydis/Zydis.h>
#endif
#ifdef HAVE_CAPSTONE
#include <capstone/capstone.h>
#endif

#include "base/str.h"

#if defined(HAVE_ZYDIS) || defined(HAVE_CAPSTONE)
/* NULL if the library is not installed: disassembly is a courtesy. */
static void *library(const char *name, unsigned int major, int minor)
{
	char file[64];
	struct str path = str_on(file, sizeof(file));

	str_add(&path, "lib%s.so.%u", name, major);
	if (minor >= 0)
		str_add(&path, ".%d", minor);
	return dlopen(file, RTLD_NOW | RTLD_LOCAL);
}
#endif

#ifdef HAVE_ZYDIS
static unsigned int by_zydis(enum isa isa, uint64_t address, const void *bytes,
			     size_t size, char *text, size_t room)
{
	static const ZydisMachineMode modes[] = {
		[ISA_X86_16] = ZYDIS_MACHINE_MODE_LEGACY_16,
		[ISA_X86_32] = ZYDIS_MACHINE_MODE_LEGACY_32,
		[ISA_X86_64] = ZYDIS_MACHINE_MODE_LONG_64,
	};
	static __typeof__(ZydisDisassembleIntel) *disassemble;
	static bool sought;
	ZydisDisassembledInstruction insn;

	if (!sought) {
		void *handle = library("Zydis", ZYDIS_VERSION_MAJOR(ZYDIS_VERSION),
				       ZYDIS_VERSION_MINOR(ZYDIS_VERSION));

		sought = true;
		if (handle)
			disassemble = dlsym(handle, "ZydisDisassembleIntel");
	}
	if (!disassemble || isa > ISA_X86_64 ||
	    !ZYAN_SUCCESS(disassemble(modes[isa], address, bytes, size, &insn)))
		return 0;
	snprintf(text, room, "%s", insn.text);
	return insn.info.length;
}
#endif

#ifdef HAVE_CAPSTONE
static struct {
	__typeof__(cs_open) *open;
	__typeof__(cs_disasm) *disasm;
	__typeof__(cs_free) *free;
	__typeof__(cs_close) *close;
} capstone;

static bool capstone_load(void)
{
	static bool sought;
	void *handle;

	if (!sought) {
		sought = true;
		handle = library("capstone", CS_API_MAJOR, -1);
		if (!handle)
			return false;
		capstone.disasm = dlsym(handle, "cs_disasm");
		capstone.free = dlsym(handle, "cs_free");
		capstone.close = dlsym(handle, "cs_close");
		capstone.open = dlsym(handle, "cs_open");
	}
	return capstone.open && capstone.disasm && capstone.free && capstone.close;
}

static unsigned int by_capstone(enum isa isa, uint64_t address, const void *bytes,
				size_t size, char *text, size_t room)
{
	static const struct {
		cs_arch arch;
		cs_mode mode;
	} modes[] = {
		[ISA_X86_16] = { CS_ARCH_X86, CS_MODE_16 },
		[ISA_X86_32] = { CS_ARCH_X86, CS_MODE_32 },
		[ISA_X86_64] = { CS_ARCH_X86, CS_MODE_64 },
		[ISA_ARM64] = { CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN },
	};
	unsigned int length = 0;
	cs_insn *insn;
	csh handle;

	if (!capstone_load() ||
	    capstone.open(modes[isa].arch, modes[isa].mode, &handle) != CS_ERR_OK)
		return 0;
	if (capstone.disasm(handle, bytes, size, address, 1, &insn) == 1) {
		snprintf(text, room, "%s%s%s", insn->mnemonic, *insn->op_str ? " " : "",
			 insn->op_str);
		length = insn->size;
		capstone.free(insn, 1);
	}
	capstone.close(&handle);
	return length;
}
#endif

unsigned int disasm(enum isa isa, uint64_t address, const void *bytes,
		    size_t size, char *text, size_t room)
{
	unsigned int length = 0;

	text[0] = '\0';
	/* What is not built in is not used. */
	(void)isa, (void)address, (void)bytes, (void)size, (void)room;
#ifdef HAVE_ZYDIS
	length = by_zydis(isa, address, bytes, size, text, room);
#endif
#ifdef HAVE_CAPSTONE
	if (!length)
		length = by_capstone(isa, address, bytes, size, text, room);
#endif
	return length;
}

const char *disasm_insn(enum isa isa, uint64_t address, const void *bytes,
			size_t size, char *text, size_t room)
{
	struct str out = str_on(text, room);
	char name[96];
	unsigned int length = disasm(isa, address, bytes, size, name, sizeof(name));

	if (length)
		str_add(&out, "\"%s\" (", name);
	else
		str_add(&out, size ? "the instruction with bytes " :
			"an instruction whose bytes cannot be read");
	for (unsigned int i = 0; i < (length ? length : size); i++)
		str_add(&out, "%s%02x", i ? " " : "", ((const uint8_t *)bytes)[i]);
	if (length)
		str_add(&out, ")");
	return text;
}
