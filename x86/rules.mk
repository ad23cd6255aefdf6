# SPDX-License-Identifier: BSD-2-Clause
#
# x86: what lib/rules.mk has to know.

archs_x86 := x86_64 i386
lacks_x86 := lib/insn_plain.c lib/io.h lib/pci_ecam.c
cross_x86_64 := x86_64-linux-gnu-
cross_i386 := x86_64-linux-gnu-

dir_flags_x86 := -fno-pic -fno-pie -fcf-protection=none -mgeneral-regs-only
flags_x86_64 := -m64 -mno-red-zone
flags_i386 := -m32 -march=i686
ldflags_x86_64 := -m elf_x86_64
ldflags_i386 := -m elf_i386
# Multiboot loaders take ELF32 only, whatever the code in it.
flat_x86 := --strip-debug -O elf32-i386
