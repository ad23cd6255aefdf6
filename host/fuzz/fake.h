/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine without KVM, for fuzzers: devices, memory and loader are the real ones,
 * and calls to KVM succeed and do nothing.  Nothing but the link knows of it: the
 * linker puts these functions in place of a few others.
 */
#ifndef HOST_FUZZ_FAKE_H
#define HOST_FUZZ_FAKE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/vm.h"

/* A fuzzer's input, taken from the front; behind its end come zeros. */
struct input {
	const uint8_t *at;
	size_t left;
};

/**
 * input_number() - the next number, little-endian
 * @input: where from
 * @size: bytes, 1 to 8
 */
uint64_t input_number(struct input *input, unsigned int size);

/**
 * fake_machine() - make the machine, once
 * @config: its memory, CPUs and platform; all optional devices are there
 */
void fake_machine(const struct vm_config *config);

/**
 * fake_reset() - the machine as fake_machine() left it
 */
void fake_reset(void);

/**
 * fake_ram_written() - something else than devices wrote to memory: reset all of it
 */
void fake_ram_written(void);

/**
 * fake_works() - do what devices want done once the CPU's exit is complete
 */
void fake_works(void);

/**
 * FAKE_TRY() - run a statement that may end the machine; false if it did
 */
#define FAKE_TRY(...)	({						\
	bool lives_on = !sigsetjmp(fake_ended, 0);			\
	if (lives_on) {							\
		fake_catching = true;					\
		__VA_ARGS__;						\
	}								\
	fake_catching = false;						\
	lives_on;							\
})

/* Whether KVM stops for breakpoints of all kinds, or steps must do. */
extern bool fake_breakpoints;

extern sigjmp_buf fake_ended;
extern bool fake_catching;

/**
 * fake_file() - a file in memory with these bytes, of which a mapping has an end
 *
 * Returns a descriptor that stays; it is overwritten by the next call.
 */
int fake_file(const void *bytes, size_t size);

/**
 * fake_file_path() - under which that file can be opened
 */
const char *fake_file_path(void);

#endif
