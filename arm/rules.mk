# SPDX-License-Identifier: BSD-2-Clause
#
# arm: what lib/rules.mk has to know.

archs_arm := arm64 arm
cross_arm64 := aarch64-linux-gnu-
cross_arm := arm-linux-gnueabihf-
pages_arm64 := 4k 16k 64k

# Memory is of Device type as long as translation is off: no unaligned access.
dir_flags_arm := -fpie $(if $(EARLY_UART),-DEARLY_UART=$(EARLY_UART)ul)
flags_arm64 := -mgeneral-regs-only -mstrict-align -mno-outline-atomics -mbranch-protection=none \
	-mcpu=cortex-a57 -DPAGE_SHIFT=$(or $(page_shift_$(PAGE_SIZE)),12)
flags_arm := -marm -march=armv7ve -mfloat-abi=soft -mno-unaligned-access -DPAGE_SHIFT=12
page_shift_16k := 14
page_shift_64k := 16
ldflags_arm64 := -m aarch64elf -pie -z notext -z max-page-size=0x10000
ldflags_arm := -m armelf_linux_eabi -pie -z notext -z max-page-size=0x10000
sub_arm64 := a64
sub_arm := a32
# The image relocates itself: a raw binary runs wherever it was put.
flat_arm := -O binary
