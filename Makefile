# SPDX-License-Identifier: BSD-2-Clause
#
# One makefile, not recursive.  `make` builds the configured architecture's images
# and the runner; `make ARCH=i386` another one's beside them.  <dir>/rules.mk adds
# what one architecture's directory needs.

ifneq ($(filter-out clean distclean help,$(or $(MAKECMDGOALS),all)),)
ifeq ($(wildcard config.mak),)
$(error no config.mak: run ./configure first)
endif
endif
-include config.mak
# config.mak is shell too, so it quotes nothing: only its values are used here.
# Not $(ARCH): the command line may have replaced that.
CONFIGURED := $(shell sed -n 's/^ARCH=//p' config.mak 2>/dev/null)

B := build/$(ARCH)
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wundef \
	$(if $(CONFIG_WERROR),-Werror)

# One short line a step; V=1 shows the commands.
say = $(if $(V),,@echo '  $(1) $@' && )

.PHONY: all images host clean distclean help
all: images host

include x86/rules.mk
include host/rules.mk
include scripts/check.mk

images: $(IMAGES)

clean:
	rm -rf build
	rm -f x86/*.flat x86/*.elf

distclean: clean
	rm -rf config.mak logs logs.old tests

help:
	@echo 'make            images of $(ARCH), and the runner'
	@echo 'make ARCH=i386  the other word size, below build/i386/'
	@echo 'make check      tests of Flatbed itself'
	@echo 'make bench      times, as ratios'
	@echo 'make clean      remove what was built; distclean: and the configuration'

# Nothing is built from a file that is not there any more.
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
