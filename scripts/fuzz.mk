# SPDX-License-Identifier: BSD-2-Clause
#
# Fuzzers: host/fuzz/fuzz_NAME.c; nothing lists it.  `make fuzz` runs each for
# FUZZ_SECONDS, or FUZZ_RUNS inputs, from host/fuzz/corpus/NAME, and keeps what it
# finds in build/fuzz/.  Built by clang, without optional libraries: they are not
# what is tested.

fuzz_cc := clang
fuzz_names := $(patsubst host/fuzz/fuzz_%.c,%,$(wildcard host/fuzz/fuzz_*.c))
fuzz_programs := $(fuzz_names:%=build/fuzz/fuzz_%)
# Warnings are the other builds' affair.
fuzz_flags := $(filter-out -W%,$(bare_flags)) -w -O1 -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
fuzz_objects := $(patsubst %.c,build/fuzz/%.o,$(filter-out host/runner/main.c,$(host_sources))) \
	$(patsubst %.S,build/%.o,$(host_assembly))
# Functions that host/fuzz/fake.c stands in for.
fuzz_wrapped := ioctl mmap munmap machine_end must ram_write_at ram_populated host_ns poll \
	vcpu_current vcpu_after_exit vcpu_kick machine_stop machine_go machine_hold \
	machine_release guest_debug_works
fuzz_wrap := $(fuzz_wrapped:%=-Wl,--wrap=%)
# Devices are found by their section: they go where the bus goes.
fuzz_sections := $(filter build/fuzz/host/vmm/bus.o build/fuzz/host/vmm/dev/% \
	build/fuzz/host/vmm/x86/dev/%, $(fuzz_objects))

build/fuzz/host/%.o: host/%.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(fuzz_cc) $(fuzz_flags) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

build/fuzz/host.a: $(filter-out $(fuzz_sections),$(fuzz_objects)) \
		$(patsubst %.S,build/%.o,$(host_assembly))
	$(call say,AR)rm -f $@ && ar rcsD $@ $^

build/fuzz/fuzz_%: build/fuzz/host/fuzz/fuzz_%.o build/fuzz/host/fuzz/fake.o \
		$(fuzz_sections) build/fuzz/host.a
	$(call say,LD)$(fuzz_cc) $(fuzz_flags) -fsanitize=fuzzer $(fuzz_wrap) -o $@ $^ -lm -pthread

-include $(fuzz_objects:.o=.d) $(fuzz_names:%=build/fuzz/host/fuzz/fuzz_%.d) \
	build/fuzz/host/fuzz/fake.d

.PHONY: fuzz fuzz-keep fuzz-programs
fuzz-programs: $(fuzz_programs)
fuzz: fuzz-programs
	@scripts/fuzz.sh $(fuzz_names)
fuzz-keep: fuzz-programs
	@scripts/fuzz.sh --keep $(fuzz_names)

# Faults in whole runs of the runner; N of them.
.PHONY: faults
faults: host
	@scripts/faults.sh $(N)
