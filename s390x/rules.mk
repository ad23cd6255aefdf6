# SPDX-License-Identifier: BSD-2-Clause
#
# s390x: what lib/rules.mk has to know.

archs_s390x := s390x
lacks_s390x := lib/io.h lib/pci_ecam.c
cross_s390x := s390x-linux-gnu-

# Floating-point and vector registers are left to tests; addresses begin at 0.
dir_flags_s390x := -m64 -march=zEC12 -mbackchain -msoft-float -fno-pie \
	-fno-delete-null-pointer-checks
ldflags_s390x := -m elf64_s390 -static -z max-page-size=0x1000
# The image is NAME.elf.
flat_s390x :=
