# SPDX-License-Identifier: BSD-2-Clause
#
# The runner and the reference VMM: one program.

# 1: a machine's name; the folder with the embedded VMM's part for it, if it has one
vmm_of = $(vmm_of_$(1))
vmm_of_x86_64 := x86
vmm_of_aarch64 := arm
vmm_of_riscv64 := riscv
# Parts that an architecture has no use for, or its KVM nothing to serve them with.
vmm_lacks_x86 := host/vmm/one_reg.c host/vmm/plain.c host/vmm/raw_boot.c
vmm_lacks_riscv := host/vmm/gdb.c host/vmm/gdb_link.c host/vmm/gdb_memory.c
# Elsewhere QEMU and kvmtool run the images.
vmm_sources = $(if $(call vmm_of,$(1)),$(filter-out $(vmm_lacks_$(call vmm_of,$(1))),\
	$(wildcard host/vmm/*.c host/vmm/dev/*.c host/vmm/$(call vmm_of,$(1))/*.c \
	host/vmm/$(call vmm_of,$(1))/dev/*.c)),\
	$(wildcard host/vmm/elsewhere/*.c) host/vmm/host_kvm.c host/vmm/ledger.c)
sources_for = $(wildcard host/base/*.c host/runner/*.c) $(call vmm_sources,$(1))
host_sources := $(call sources_for,$(shell uname -m))
host_assembly := $(wildcard host/runner/*.S)
host_objects := $(patsubst %.c,build/%.o,$(host_sources)) \
	$(patsubst %.S,build/%.o,$(host_assembly))
# KVM's structures that end in an array are given room by what stands behind them.
flags_for = -std=gnu11 -O2 -g -D_GNU_SOURCE -Ihost -Ilib $(WARN) \
	-Wno-gnu-variable-sized-type-not-at-end $(addprefix -Ilib/,$(call vmm_of,$(1)))
bare_flags := $(call flags_for,$(shell uname -m))
host_flags := $(bare_flags) $(HOST_CPPFLAGS) $(HOST_CFLAGS)

# People carry run_tests.sh, scripts/ and the images to where they test.
carried := scripts/flatbed-$(shell uname -m)
host: build/host/flatbed $(carried)

$(carried): build/host/flatbed
	$(call say,CARRY)$(HOST_STRIP) -o $@ $<

build/host/%.o: host/%.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(host_flags) -MMD -MP -c $< -o $@

# Pages that are carried inside.
build/host/runner/writer_html.o build/check/host/runner/writer_html.o: host/runner/page.html

build/host/%.o: host/%.S config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(host_flags) -MMD -MP -c $< -o $@

build/host/flatbed: $(host_objects)
	$(call say,LD)$(HOST_CC) $(HOST_LDFLAGS) -o $@ $^ $(HOST_LIBS) -lm -pthread

# What images are finished with, where linkers do not.
build/host/relocate: host/build/relocate.c host/base/die.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(bare_flags) -o $@ $(filter %.c,$^)

# The same without any optional library, and without any shared object: it runs on
# any kernel of this architecture.
bare_objects := $(host_objects:build/host/%=build/static/host/%)

build/static/host/%.o: host/%.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(bare_flags) -MMD -MP -c $< -o $@

build/static/host/%.o: host/%.S config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(bare_flags) -MMD -MP -c $< -o $@

build/static/flatbed: $(bare_objects)
	$(call say,LD)$(HOST_CC) -static -s -o $@ $^ -lm -pthread

# The same for other machines, where the cross compiler has a C library to link with.
machine_of = $(or $(machine_$(1)),$(1))
machine_arm64 := aarch64
machine_i386 := $(shell uname -m)
machine_riscv32 := $(shell uname -m)
links = $(shell echo 'int main(void) { return 0; }' | \
	$(1) -static -x c -o /dev/null - 2>/dev/null && echo y)

# 1: architecture, 2: its machine's name, 3: its compiler
define host_elsewhere
ifneq ($(call links,$(3)),)
host: scripts/flatbed-$(2)
elsewhere_$(1) := $(patsubst %.c,build/$(1)/%.o,$(call sources_for,$(2))) \
	$(patsubst %.S,build/$(1)/%.o,$(host_assembly))
build/$(1)/host/%.o: host/%.c config.mak
	@mkdir -p $$(@D)
	$$(call say,CC)$(3) $$(call flags_for,$(2)) -MMD -MP -c $$< -o $$@
build/$(1)/host/%.o: host/%.S config.mak
	@mkdir -p $$(@D)
	$$(call say,CC)$(3) $$(bare_flags) -MMD -MP -c $$< -o $$@
scripts/flatbed-$(2): $$(elsewhere_$(1))
	$$(call say,LD)$(3) -static -s -o $$@ $$^ -lm -pthread
-include $$(elsewhere_$(1):.o=.d)
endif
endef
is_elsewhere = $(filter-out $(shell uname -m),$(call machine_of,$(1)))
$(foreach arch,$(ARCHS),$(if $(call is_elsewhere,$(arch)),$(eval $(call host_elsewhere,$(arch),$\
	$(call machine_of,$(arch)),$(call prefix_of,$(arch))gcc))))

.PHONY: clean-carried
clean: clean-carried
clean-carried:
	rm -f scripts/flatbed-*

.PHONY: standalone
standalone: all build/static/flatbed build-head
	@build/host/flatbed standalone --arch=$(ARCH) --runner=$(strip \
		$(if $(call is_elsewhere,$(ARCH)),scripts/flatbed-$(call machine_of,$(ARCH)), \
		build/static/flatbed))

# The tree's commit, for logs and reports; a tree without git keeps what it has.
in_sources := git -C $(or $(SRCDIR),.) rev-parse
build-head: $(wildcard $(shell $(in_sources) --path-format=absolute --git-path logs/HEAD \
		2>/dev/null))
	@$(in_sources) --short=8 HEAD >$@.new 2>/dev/null && mv $@.new $@ || \
		{ rm -f $@.new; [ -f $@ ] || echo unknown >$@; }
host: build-head

-include $(host_objects:.o=.d) $(bare_objects:.o=.d)

.PHONY: bench
bench: all
	scripts/bench.sh
	scripts/bench-vmm.sh
