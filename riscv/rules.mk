# SPDX-License-Identifier: BSD-2-Clause
#
# riscv: what lib/rules.mk has to know.

archs_riscv := riscv64 riscv32
lacks_riscv := lib/insn_plain.c
cross_riscv64 := riscv64-linux-gnu-
# The same compiler and linker make both.
cross_riscv32 := riscv64-linux-gnu-

# Clang's 2.1 of the ISA's base has CSRs and FENCE.I in it, and no names for them.
isa_riscv := $(if $(findstring clang,$(CC)),imac,imac_zicsr_zifencei)
dir_flags_riscv := -fpie -mcmodel=medany -mno-relax -DPAGE_SHIFT=12 \
	$(if $(EARLY_UART),-DEARLY_UART=$(EARLY_UART)ul)
flags_riscv64 := -march=rv64$(isa_riscv) -mabi=lp64
flags_riscv32 := $(if $(findstring clang,$(CC)),--target=riscv32-linux-gnu) \
	-march=rv32$(isa_riscv) -mabi=ilp32
ldflags_riscv64 := -m elf64lriscv -pie -z notext -z max-page-size=0x1000
ldflags_riscv32 := -m elf32lriscv -pie -z notext -z max-page-size=0x1000
sub_riscv64 := rv64
sub_riscv32 := rv32
# The image relocates itself: a raw binary runs wherever it was put.
flat_riscv := -O binary
# EM_RISCV, R_RISCV_RELATIVE
relocate_riscv := 243 3
