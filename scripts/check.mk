# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of Flatbed itself: `make check`.  A unit test is host/tests/test_NAME.c;
# nothing lists it.  It is linked with the host code and the guest's portable
# code, all of it built once more under the address and undefined-behaviour
# sanitizers.

unit_tests := $(patsubst host/tests/%.c,build/check/%,$(wildcard host/tests/test_*.c))
unit_library := build/check/host.a
unit_objects := $(patsubst %.c,build/check/%.o,$(filter-out host/runner/main.c,$(host_sources))) \
	$(patsubst %.S,build/%.o,$(host_assembly))
# The guest's functions by names of their own, beside the C library's.
guest_names := memcpy memset memmove memcmp strlen strcmp strncmp strchr \
	vsnprintf snprintf parse_number
guest_objects := build/check/lib/printf.o build/check/lib/string.o build/check/lib/fdt.o \
	build/check/lib/covering.o
sanitize := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all

build/check/host/%.o: host/%.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(host_flags) $(sanitize) -MMD -MP -c $< -o $@

build/check/lib/%.o: lib/%.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) -std=gnu11 -g $(sanitize) -fno-builtin $(WARN) \
		$(foreach name,$(guest_names),-D$(name)=guest_$(name)) \
		-Ilib -Ilib/x86 -MMD -MP -c $< -o $@

# Devices are found by their section, not by name: they go where the bus goes.
unit_bus := build/check/bus.o
unit_bus_objects := $(filter build/check/host/vmm/bus.o build/check/host/vmm/dev/% \
	build/check/host/vmm/x86/dev/%, $(unit_objects))

$(unit_bus): $(unit_bus_objects)
	$(call say,LD)$(HOST_CC) -r -nostdlib -o $@ $^

$(unit_library): $(filter-out $(unit_bus_objects),$(unit_objects)) $(unit_bus) $(guest_objects)
	$(call say,AR)rm -f $@ && ar rcsD $@ $^

build/check/test_%: build/check/host/tests/test_%.o $(unit_library)
	$(call say,LD)$(HOST_CC) $(sanitize) -o $@ $^ $(HOST_LIBS) -lcmocka -lm -pthread

-include $(unit_objects:.o=.d) $(guest_objects:.o=.d) \
	$(patsubst build/check/%,build/check/host/tests/%.d,$(unit_tests))

# The runner itself, for tests that give it what it should withstand.
build/check/flatbed: build/check/host/runner/main.o $(unit_library)
	$(call say,LD)$(HOST_CC) $(sanitize) -o $@ $^ $(HOST_LIBS) -pthread

-include build/check/host/runner/main.d

.PHONY: check check-vmm check-lab unit-tests
unit-tests: $(unit_tests) $(patsubst build/check/%,build/check/host/tests/%.o,$(unit_tests))
check: all
	@CMOCKA='$(CMOCKA)' HOST_CC='$(HOST_CC)' MAKE='$(MAKE)' scripts/check.sh

# The embedded VMM's, on this machine's KVM, and on genuine kvm_amd in QEMU.
built_fuzz := $(if $(shell command -v clang),fuzz-programs)
check-vmm: all $(built_fuzz)
	@scripts/check.sh vmm
check-lab: all $(built_fuzz)
	@scripts/lab --timeout=3000 amd64 scripts/check.sh vmm

# Which TEST notices what: CASES="umip msr", FAULTS="cr4-umip", JOBS=2.
.PHONY: prove
prove: all
	@scripts/prove.sh
