# SPDX-License-Identifier: BSD-2-Clause
#
# The runner and the reference VMM: one program.

host_sources := $(wildcard host/base/*.c host/vmm/*.c host/vmm/dev/*.c \
	host/vmm/x86/*.c host/runner/*.c)
host_assembly := $(wildcard host/runner/*.S)
host_objects := $(patsubst %.c,build/%.o,$(host_sources)) \
	$(patsubst %.S,build/%.o,$(host_assembly))
host_flags := -std=gnu11 -O2 -g -D_GNU_SOURCE -Ihost -Ilib -Ilib/x86 \
	$(HOST_CPPFLAGS) $(WARN)

host: build/host/flatbed

build/host/%.o: host/%.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(host_flags) -MMD -MP -c $< -o $@

# Pages that are carried inside.
build/host/runner/writer_html.o build/check/host/runner/writer_html.o: host/runner/page.html

build/host/%.o: host/%.S config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(host_flags) -MMD -MP -c $< -o $@

build/host/flatbed: $(host_objects)
	$(call say,LD)$(HOST_CC) -o $@ $^ $(HOST_LIBS) -lm -pthread

-include $(host_objects:.o=.d)

.PHONY: bench
bench: all
	scripts/bench.sh
