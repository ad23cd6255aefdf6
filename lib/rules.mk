# SPDX-License-Identifier: BSD-2-Clause
#
# The guest runtime and the images of every architecture in ARCHS, each below
# build/ARCH.  A test is <dir>/NAME.c, or common/NAME.c for all architectures;
# nothing lists it.  Where both are there, they are two halves of one image; further
# parts of a large one are <dir>/NAME/*.c.  A test for some architectures only says so
# by ONLY_ON(arm64).
#
# <dir>/rules.mk defines, for a directory DIR and each architecture ARCH in it:
#	archs_DIR	the architectures
#	lacks_DIR	files of lib/ that they have no use for: their own take that place, or
#			they have no such hardware
#	cross_ARCH	prefix of a cross compiler's tools, as Debian names them
#	dir_flags_DIR, flags_ARCH, ldflags_ARCH
#			for the compiler and for the linker
#	sub_ARCH	a directory in lib/DIR for this architecture alone, or nothing
#	flat_DIR	objcopy's options that make NAME.flat of NAME.elf; nothing if the
#			image is NAME.elf itself
#	relocate_DIR	where the linker leaves addends out of the data that they are for: the
#			machine's number in ELF, and that of its relative relocations

dir_of = $(firstword $(foreach dir,$(test_dirs),\
	$(if $(filter $(1),$(archs_$(dir))),$(dir))))
unknown := $(strip $(foreach arch,$(ARCHS),$(if $(call dir_of,$(arch)),,$(arch))))
ifneq ($(unknown),)
$(error no such architecture: $(unknown); there are $(foreach dir,$(test_dirs),$(archs_$(dir))))
endif
out_of = $(if $(filter $(1),$(ARCH)),$(B),build/$(1)$(patsubst build/$(ARCH)%,%,$(B)))

# The configured tools for what they are for, Debian's cross tools for the rest.
is_configured = $(filter $(cross_$(1)),$(cross_$(CONFIGURED)))
prefix_of = $(if $(is_configured),$(CROSS_PREFIX),$(filter-out $(HOST)-%,$(cross_$(1))))
cc_of = $(if $(or $(is_configured),$(findstring clang,$(CC))),$(CC),$(prefix_of)gcc) \
	$(if $(findstring clang,$(CC)), \
	$(patsubst %-,--target=%,$(filter-out $(HOST)-%,$(cross_$(1)))))

guest_flags := -std=gnu11 -O2 -g -ffreestanding -nostdinc -fno-stack-protector \
	-fno-common -fno-asynchronous-unwind-tables -fno-omit-frame-pointer $(WARN)

# Sources of one image: its halves, and the parts of a large one.
halves_of = $(wildcard common/$(2).c $(1)/$(2).c $(1)/$(2)/*.c)

# $(call only_elsewhere,ARCH,FILES): those whose ONLY_ON does not name ARCH
only_elsewhere = $(if $(2),$(shell grep -lE '^ONLY_ON\(' $(2) | \
	xargs -r grep -LE '^ONLY_ON\(([^)]*[ ,])?$(1)[,)]'))

# 1: architecture, 2: its directory, 3: where it is built
define guest_arch
guest_start_$(1) := $$(firstword $$(wildcard $(addsuffix /start.S,$(sub_$(1):%=lib/$(2)/%))) \
	lib/$(2)/start.S)
guest_lib_$(1) := $$(patsubst %,$(3)/%.o,$$(basename $$(filter-out $$(guest_start_$(1)) \
	$(lacks_$(2)),$$(wildcard lib/*.c $$(foreach dir,$(2) $(addprefix $(2)/,$(sub_$(1))), \
	$$(addprefix lib/$$(dir)/,*.c *.S))))))
guest_tests_$(1) := $$(wildcard common/*.c $(2)/*.c $(2)/*/*.c)
guest_tests_$(1) := $$(filter-out $$(call only_elsewhere,$(1),$$(guest_tests_$(1))), \
	$$(guest_tests_$(1)))
guest_names_$(1) := $$(sort $$(notdir $$(basename $$(filter \
	$$(wildcard common/*.c $(2)/*.c),$$(guest_tests_$(1))))))
guest_kind_$(1) := $(if $(flat_$(2)),flat,elf)
IMAGES += $$(guest_names_$(1):%=$(3)/$(2)/%.elf) \
	$$(guest_names_$(1):%=$(3)/$(2)/%.$$(guest_kind_$(1)))

$(3)/%: guest_cc := $(strip $(cc_of))
$(3)/%: guest_tools := $(prefix_of)
$(3)/%: guest_arch_flags := -Ilib \
	-isystem $(shell $(strip $(cc_of)) -print-file-name=include) \
	$(addprefix -Ilib/$(2)/,$(sub_$(1))) -Ilib/$(2) $(dir_flags_$(2)) $(flags_$(1)) \
	$(if $(is_configured),$(CFLAGS))

$(3)/%.o: %.c config.mak
	$$(guest_compile)
$(3)/%.o: %.S config.mak
	$$(guest_compile)
# The TESTs of a part stay together, in the order of their lines.
$$(patsubst %.c,$(3)/%.o,$$(wildcard $(2)/*/*.c)): $(3)/%.o: %.c lib/part.lds config.mak
	$$(guest_compile)
	@$$(guest_tools)ld $(filter-out -pie,$(ldflags_$(1))) -r -T lib/part.lds \
		-o $$@.part $$@ && mv $$@.part $$@

$(3)/lib.a: $$(guest_lib_$(1))
	$$(call say,AR)rm -f $$@ && $$(guest_tools)ar rcsD $$@ $$^

$(3)/$(2)/%.elf: $(3)/lib.a lib/$(2)/image.lds $(if $(relocate_$(2)),build/host/relocate)
	@mkdir -p $$(@D)
	$$(call say,LD)$$(guest_tools)ld $(ldflags_$(1)) -nostdlib -z noexecstack \
		$(ld_quiet) -T lib/$(2)/image.lds -o $$@ $$(filter %.o,$$^) $(3)/lib.a \
		$(if $(relocate_$(2)),&& build/host/relocate $$@ $(relocate_$(2)))
$$(foreach name,$$(guest_names_$(1)),$$(eval $(3)/$(2)/$$(name).elf: \
	$$(guest_start_$(1):%.S=$(3)/%.o) $$(patsubst %.c,$(3)/%.o, \
	$$(filter $$(call halves_of,$(2),$$(name)),$$(guest_tests_$(1))))))

$(3)/$(2)/%.flat: $(3)/$(2)/%.elf
	$$(call say,FLAT)$$(guest_tools)objcopy $(flat_$(2)) $$< $$@

# Images whose source is gone would run as cases for ever; beside the sources go those
# that were made here.
guest_gone_$(1) := $$(filter-out $$(guest_names_$(1)), \
	$$(basename $$(notdir $$(wildcard $(3)/$(2)/*.elf))))
ifneq ($$(guest_gone_$(1)),)
.PHONY: forget-$(1)
images: forget-$(1)
forget-$(1):
	@echo '  FORGET $$(guest_gone_$(1):%=$(3)/$(2)/%)'
	$(if $(V),,@)for name in $$(guest_gone_$(1):%=$(2)/%); do \
		for made in $(3)/$$$$name.elf $(3)/$$$$name.flat; do \
			beside=$$$${made#$(3)/}; \
			[ ! $$$$made -ef $$$$beside ] || rm -f $$$$beside; \
			rm -f $$$$made; \
		done; \
	done
endif

-include $$(guest_lib_$(1):.o=.d) $$(guest_start_$(1):%.S=$(3)/%.d) \
	$$(guest_tests_$(1):%.c=$(3)/%.d)
endef

define guest_compile
@mkdir -p $(@D)
$(call say,CC)$(guest_cc) $(guest_flags) $(guest_arch_flags) -MMD -MP -c $< -o $@
endef
# All of an image is one segment: it writes where it lies.
ld_quiet := --no-warn-rwx-segments

$(foreach arch,$(ARCHS),$(eval \
	$(call guest_arch,$(arch),$(call dir_of,$(arch)),$(call out_of,$(arch)))))

# Users look for the configured architecture's images beside the sources.
ifneq ($(filter $(CONFIGURED),$(ARCHS)),)
ifeq ($(B),build/$(ARCH))
here := $(call dir_of,$(CONFIGURED))
IMAGES += $(foreach kind,$(guest_kind_$(CONFIGURED)) elf, \
	$(guest_names_$(CONFIGURED):%=$(here)/%.$(kind)))

$(here)/%.flat: build/$(CONFIGURED)/$(here)/%.flat
	@ln -f $< $@

$(here)/%.elf: build/$(CONFIGURED)/$(here)/%.elf
	@ln -f $< $@
endif
endif
