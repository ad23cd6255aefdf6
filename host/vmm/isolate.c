/* SPDX-License-Identifier: BSD-2-Clause */
/* Fresh machines without making any: the same one is put back. */
#include "vmm/isolate.h"

#include <time.h>

#include "abi/host.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"
#include "vmm/request.h"
#include "vmm/slots.h"
#include "vmm/state.h"

static struct {
	struct state *state;
	struct ram_copy *memory;
	uint64_t hash;		/* of memory, if resets are verified */
} kept[ABI_STATES];

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void isolate_prepare(void)
{
	bool isolate = machine.config->conduct.isolate;

	arch_memory_learn(isolate);
	if (isolate)
		slots_log(true);
}

void isolate_take(unsigned int n)
{
	if (!kept[n].state) {
		kept[n].state = state_new();
		kept[n].memory = ram_copy_new();
	}
	faults_end();
	state_take(kept[n].state);
	ram_copy_take(kept[n].memory);
	if (machine.config->conduct.verify_reset)
		kept[n].hash = ram_hash();
}

bool isolate_taken(unsigned int n)
{
	return kept[n].state;
}

static void verify(unsigned int n)
{
	static struct state *seen;
	char what[160];

	if (!seen)
		seen = state_new();
	state_take(seen);
	if (state_differs(kept[n].state, seen, what, sizeof(what)))
		machine_end(NULL, VM_END_ERROR, 0, "the reset left %s", what);
	if (ram_hash() != kept[n].hash)
		machine_end(NULL, VM_END_ERROR, 0,
			    "the reset left memory that is not what it was");
}

void isolate_put(unsigned int n)
{
	uint64_t begin = now_ns();

	faults_end();
	arch_memory_forget();
	state_put(kept[n].state);
	/* After the registers: putting some, the kernel writes to memory. */
	machine.end->reset_pages += ram_copy_put(kept[n].memory);
	machine.end->reset_ns += now_ns() - begin;
	machine.end->resets++;
	if (machine.config->conduct.verify_reset)
		verify(n);
}
