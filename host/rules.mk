# SPDX-License-Identifier: BSD-2-Clause
#
# The runner and the reference VMM: one program.

host_sources := $(wildcard host/base/*.c host/vmm/*.c host/vmm/dev/*.c \
	host/vmm/x86/*.c host/runner/*.c)
host_assembly := $(wildcard host/runner/*.S)
host_objects := $(patsubst %.c,build/%.o,$(host_sources)) \
	$(patsubst %.S,build/%.o,$(host_assembly))
bare_flags := -std=gnu11 -O2 -g -D_GNU_SOURCE -Ihost -Ilib -Ilib/x86 $(WARN)
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

.PHONY: standalone
standalone: all build/static/flatbed build-head
	@build/host/flatbed standalone

# The tree's commit, for logs and reports; a tree without git keeps what it has.
build-head: $(wildcard $(shell git rev-parse --git-path logs/HEAD 2>/dev/null))
	@git rev-parse --short=8 HEAD >$@.new 2>/dev/null && mv $@.new $@ || \
		{ rm -f $@.new; [ -f $@ ] || echo unknown >$@; }
host: build-head

-include $(host_objects:.o=.d) $(bare_objects:.o=.d)

.PHONY: bench
bench: all
	scripts/bench.sh
