# SPDX-License-Identifier: BSD-2-Clause
#
# powerpc: what lib/rules.mk has to know.

archs_powerpc := ppc64le ppc64
lacks_powerpc := lib/io.h lib/pci_ecam.c
cross_ppc64le := powerpc64le-linux-gnu-
cross_ppc64 := powerpc64-linux-gnu-
pages_ppc64le := 64k 4k
pages_ppc64 := 64k 4k

# One calling convention for both orders of bytes, without descriptors of functions.
dir_flags_powerpc := -fpie -mabi=elfv2 -mcpu=power8 -msoft-float -mno-altivec -mno-vsx \
	-DPAGE_SHIFT=$(or $(powerpc_shift_$(PAGE_SIZE)),16)
powerpc_shift_4k := 12
powerpc_shift_64k := 16
ldflags_ppc64le := -m elf64lppc -pie -z notext -z max-page-size=0x10000
ldflags_ppc64 := -m elf64ppc -pie -z notext -z max-page-size=0x10000
# EM_PPC64, R_PPC64_RELATIVE
relocate_powerpc := 21 22
