# SPDX-License-Identifier: BSD-2-Clause
#
# One makefile, not recursive.  `make` builds the configured architecture's images
# and the runner; `make ARCH=arm64` another one's beside them, and
# `make ARCHS="x86_64 i386 arm64"` several at once.  <dir>/rules.mk says which
# architectures a directory's tests are for and how they are compiled; lib/rules.mk
# has the rules.

ifneq ($(filter-out clean distclean help,$(or $(MAKECMDGOALS),all)),)
ifeq ($(wildcard config.mak),)
$(error no config.mak: run ./configure first)
endif
ifneq ($(shell test configure -nt config.mak && echo newer),)
$(error config.mak is older than ./configure: run that again)
endif
endif
-include config.mak
# config.mak is shell too, where values that have blanks need quotes.
$(foreach name,$(shell sed -n 's/=.*//p' config.mak 2>/dev/null),\
	$(eval $(name) := $(subst ',,$($(name)))))
# Not $(ARCH): the command line may have replaced that.
CONFIGURED := $(shell sed -n 's/^ARCH=//p' config.mak 2>/dev/null)
ARCHS := $(ARCH)

# Another page size than the configured one has a folder of its own.
B := build/$(ARCH)$(if $(findstring command,$(origin PAGE_SIZE)),-$(PAGE_SIZE))
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wundef \
	$(if $(CONFIG_WERROR),-Werror)

# One short line a step; V=1 shows the commands.
say = $(if $(V),,@echo '  $(1) $@' && )

.PHONY: all images host clean distclean help
all: images host

test_dirs := $(filter-out lib host api common,$(patsubst %/rules.mk,%,$(wildcard */rules.mk)))
include $(test_dirs:%=%/rules.mk)
include lib/rules.mk
include host/rules.mk
include api/rules.mk
include scripts/check.mk
include scripts/install.mk
include scripts/fuzz.mk

images: $(IMAGES)

clean:
	rm -rf build
	rm -f $(foreach dir,$(test_dirs),$(dir)/*.flat $(dir)/*.elf)

distclean: clean
	rm -rf config.mak logs logs.old tests

help:
	@echo 'make            images of $(ARCH), and the runner'
	@echo 'make ARCH=i386  another architecture, below build/i386/; one of:'
	@echo '                $(foreach dir,$(test_dirs),$(archs_$(dir)))'
	@echo 'make ARCHS="…"  several'
	@echo 'make check      tests of Flatbed itself'
	@echo 'make check-lab  those of the embedded VMM, on kvm_amd in QEMU; check-vmm: here'
	@echo 'make fuzz       fuzzers, a minute each, or FUZZ_SECONDS=, or FUZZ_RUNS='
	@echo 'make prove      what each TEST notices: docs/proof.md'
	@echo 'make faults N=…  faults on purpose in whole runs'
	@echo 'make bench      times, as ratios'
	@echo 'make clean      remove what was built; distclean: and the configuration'

# Nothing is built from a file that is not there any more.
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
