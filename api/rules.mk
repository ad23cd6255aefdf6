# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of KVM's interface: api/NAME.c is a program of the host's, api/NAME.host.
# Nothing lists it.  They are linked where they lie, for the runner to read their
# TESTs from the file; and TESTs stay in the order of the file.

ifneq ($(shell uname -m),x86_64)
api_names :=
else
api_names := $(notdir $(basename $(wildcard api/*.c)))
endif
api_flags := -fno-pie $(if $(findstring clang,$(HOST_CC)),,-fno-toplevel-reorder)
api_library := $(patsubst %.c,build/%.o,$(wildcard host/api/*.c)) \
	$(filter-out build/host/runner/%,$(host_objects))

host: $(api_names:%=api/%.host)

# As with images: no program without its source.
api_gone := $(filter-out $(api_names),$(basename $(notdir $(wildcard build/api/*.o))))
ifneq ($(api_gone),)
.PHONY: forget-api
host: forget-api
forget-api:
	@echo '  FORGET $(api_gone:%=api/%)'
	$(if $(V),,@)rm -f $(api_gone:%=api/%.host) $(api_gone:%=build/api/%.*)
endif

build/api/%.o: api/%.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(HOST_CC) $(host_flags) $(api_flags) -MMD -MP -c $< -o $@

build/host/api/main.o: host_flags += -fno-pie

build/api/library.a: $(api_library)
	@mkdir -p $(@D)
	$(call say,AR)rm -f $@ && ar rcsD $@ $^

api/%.host: build/api/%.o build/api/library.a
	$(call say,LD)$(HOST_CC) $(HOST_LDFLAGS) -no-pie -Wl,-z,noseparate-code -o $@ $< \
		-Wl,--undefined=main build/api/library.a $(HOST_LIBS) -lm -pthread

.PHONY: clean-api
clean: clean-api
clean-api:
	rm -f api/*.host

.SECONDARY: $(api_names:%=build/api/%.o)
-include $(api_names:%=build/api/%.d) $(patsubst %.c,build/%.d,$(wildcard host/api/*.c))
