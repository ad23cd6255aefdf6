# SPDX-License-Identifier: BSD-2-Clause
#
# x86 images.  A test is x86/NAME.c; nothing lists it.  A test for one word size
# only says so by ONLY_ON(x86_64).

x86_other := $(filter-out $(ARCH),x86_64 i386)
x86_tests := $(wildcard x86/*.c)
x86_tests := $(filter-out \
	$(if $(x86_tests),$(shell grep -lE '^ONLY_ON\($(x86_other)\)' $(x86_tests))),$(x86_tests))
x86_lib := $(patsubst %,$(B)/%.o,$(basename $(filter-out lib/x86/start.S, \
	$(wildcard lib/*.c lib/x86/*.c lib/x86/*.S))))

IMAGES := $(patsubst %.c,$(B)/%.flat,$(x86_tests))
# Users look for the configured architecture's images beside the sources.
ifeq ($(ARCH),$(CONFIGURED))
IMAGES += $(x86_tests:.c=.flat) $(x86_tests:.c=.elf)
endif

guest_flags_x86_64 := -m64 -mno-red-zone
guest_flags_i386 := -m32 -march=i686
guest_include := $(shell $(CC) -print-file-name=include)
guest_flags := $(guest_flags_$(ARCH)) -std=gnu11 -O2 -g -ffreestanding -nostdinc \
	-isystem $(guest_include) -Ilib -Ilib/x86 -fno-pic -fno-pie \
	-fno-stack-protector -fcf-protection=none -fno-common \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer \
	-mgeneral-regs-only $(WARN) $(CFLAGS)
guest_ld_x86_64 := elf_x86_64
guest_ld_i386 := elf_i386

$(B)/%.o: %.c config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(guest_flags) -MMD -MP -c $< -o $@

$(B)/%.o: %.S config.mak
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(guest_flags) -MMD -MP -c $< -o $@

$(B)/lib.a: $(x86_lib)
	$(call say,AR)rm -f $@ && $(AR) rcsD $@ $^

$(B)/x86/%.elf: $(B)/x86/%.o $(B)/lib/x86/start.o $(B)/lib.a lib/x86/image.lds
	$(call say,LD)$(LD) -m $(guest_ld_$(ARCH)) -nostdlib -z noexecstack \
		--no-warn-rwx-segments -T lib/x86/image.lds -o $@ \
		$(B)/lib/x86/start.o $< $(B)/lib.a

# Multiboot loaders take ELF32 only, whatever the code in it.
$(B)/x86/%.flat: $(B)/x86/%.elf
	$(call say,FLAT)$(OBJCOPY) --strip-debug -O elf32-i386 $< $@

x86/%.flat: build/$(CONFIGURED)/x86/%.flat
	@ln -f $< $@

x86/%.elf: build/$(CONFIGURED)/x86/%.elf
	@ln -f $< $@

-include $(x86_lib:.o=.d) $(B)/lib/x86/start.d \
	$(patsubst %.c,$(B)/%.d,$(x86_tests))
