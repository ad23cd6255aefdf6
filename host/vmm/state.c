/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's parts into a buffer, and back. */
#include "vmm/state.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "vmm/clock.h"
#include "vmm/loop.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"
#include "vmm/slots.h"

#define ALIGNED(size)	(((size) + 63) & ~(size_t)63)

/* Where a part is in the buffer: the first CPU's, if it is one of CPUs. */
struct place {
	const struct state_part *part;	/* or NULL, and @device's */
	struct device *device;
	size_t offset, size;
	bool cpu;
};

#define PLACES_MAX	96

static struct {
	struct place places[PLACES_MAX];
	unsigned int count;
	size_t size, cpu_size;		/* of all; of one CPU's parts */
} layout;

struct state {
	struct slot slots[SLOTS];
	uint64_t clock;			/* the machine's time */
	uint8_t bytes[];
};

static void place_add(struct place place)
{
	if (!place.size)
		return;
	if (layout.count == PLACES_MAX)
		machine_end(NULL, VM_END_ERROR, 0,
			    "the machine has more than %u parts", PLACES_MAX);
	place.offset = place.cpu ? layout.cpu_size : layout.size;
	layout.places[layout.count++] = place;
	*(place.cpu ? &layout.cpu_size : &layout.size) += ALIGNED(place.size);
}

static size_t part_size(const struct state_part *part)
{
	return part->there && !part->there() ? 0 : part->size();
}

/* The VM's parts and devices first, then each CPU's. */
static void layout_make(void)
{
	const struct state_part *p;

	if (layout.count)
		return;
	for (p = arch_vm_parts; p->name; p++)
		place_add((struct place){ .part = p, .size = part_size(p) });
	for_each_device(d)
		if (d->there)
			place_add((struct place){ .device = d,
						  .size = d->state.size });
	for (p = arch_cpu_parts; p->name; p++)
		place_add((struct place){ .part = p, .size = part_size(p),
					  .cpu = true });
	for (unsigned int i = 0; i < layout.count; i++)
		if (layout.places[i].cpu)
			layout.places[i].offset += layout.size;
	layout.size += layout.cpu_size * machine.config->cpus;
}

struct state *state_new(void)
{
	struct state *state;

	layout_make();
	state = aligned_alloc(64, ALIGNED(sizeof(*state) + layout.size));
	must(state ? 0 : -1, "memory for the machine's state");
	memset(state, 0, sizeof(*state) + layout.size);
	return state;
}

static void *part_at(const struct state *state, const struct place *place,
		     unsigned int cpu)
{
	return (void *)(state->bytes + place->offset +
			(place->cpu ? cpu * layout.cpu_size : 0));
}

static void part_must(int result, const struct place *place, unsigned int cpu,
		      const char *verb)
{
	char what[80];

	if (result >= 0)
		return;
	snprintf(what, sizeof(what), "%s %s of CPU %u", verb, place->part->name,
		 cpu);
	must(result, what);
}

static void device_take(struct device *d, void *to)
{
	pthread_mutex_lock(&d->lock);
	if (d->save)
		d->save();
	memcpy(to, d->state.at, d->state.size);
	pthread_mutex_unlock(&d->lock);
}

static void device_put(struct device *d, const void *from)
{
	pthread_mutex_lock(&d->lock);
	memcpy(d->state.at, from, d->state.size);
	if (d->restore)
		d->restore();
	pthread_mutex_unlock(&d->lock);
}

static void cpu_take(struct state *state, unsigned int cpu)
{
	struct vcpu *vcpu = &machine.vcpus[cpu];

	for (unsigned int i = layout.count; i--;) {
		const struct place *place = &layout.places[i];

		if (place->cpu)
			part_must(place->part->take(vcpu, part_at(state, place, cpu)),
				  place, cpu, "taking");
	}
}

/*
 * Reading the run state makes KVM work off what it has pending for a CPU: an INIT or
 * SIPI that has come, a start by PSCI or SBI.
 */
static void cpus_settle(void)
{
	for (unsigned int cpu = 0; cpu < machine.config->cpus; cpu++) {
		struct kvm_mp_state now;

		must(ioctl(machine.vcpus[cpu].fd, KVM_GET_MP_STATE, &now), "KVM_GET_MP_STATE");
	}
}

void state_take(struct state *state)
{
	loop_stop();
	state->clock = clock_ns();
	cpus_settle();
	for (unsigned int cpu = 0; cpu < machine.config->cpus; cpu++)
		cpu_take(state, cpu);
	for (unsigned int i = layout.count; i--;) {
		const struct place *place = &layout.places[i];

		if (place->device)
			device_take(place->device, part_at(state, place, 0));
		else if (!place->cpu)
			part_must(place->part->take(NULL, part_at(state, place, 0)),
				  place, 0, "taking");
	}
	memcpy(state->slots, slots_table(), sizeof(state->slots));
	loop_go();
}

void state_put(const struct state *state)
{
	loop_stop();
	clock_set(state->clock);
	slots_put(state->slots);
	cpus_settle();
	for (unsigned int cpu = 0; cpu < machine.config->cpus; cpu++)
		arch_cpu_clear(&machine.vcpus[cpu]);
	for (unsigned int i = 0; i < layout.count; i++) {
		const struct place *place = &layout.places[i];

		if (place->device)
			device_put(place->device, part_at(state, place, 0));
		else if (!place->cpu)
			part_must(place->part->put(NULL, part_at(state, place, 0)),
				  place, 0, "putting");
	}
	for (unsigned int cpu = 0; cpu < machine.config->cpus; cpu++)
		for (unsigned int i = 0; i < layout.count; i++) {
			const struct place *place = &layout.places[i];

			if (place->cpu)
				part_must(place->part->put(&machine.vcpus[cpu],
							   part_at(state, place, cpu)),
					  place, cpu, "putting");
		}
	loop_go();
}

static unsigned int place_copies(const struct place *place)
{
	return place->cpu ? machine.config->cpus : 1;
}

/* The layout's places in turn, those of CPUs once for each. */
bool state_piece(struct state *state, unsigned int n, struct state_piece *piece)
{
	if (!n--) {
		*piece = (struct state_piece){ "time", 0, &state->clock,
					       sizeof(state->clock) };
		return true;
	}
	for (unsigned int i = 0; i < layout.count; i++) {
		const struct place *place = &layout.places[i];
		unsigned int copies = place_copies(place);

		if (n >= copies) {
			n -= copies;
			continue;
		}
		*piece = (struct state_piece){
			.cpu = n, .bytes = part_at(state, place, n),
			.size = place->size,
		};
		if (place->part)
			snprintf(piece->name, sizeof(piece->name), "%s",
				 place->part->name);
		else
			snprintf(piece->name, sizeof(piece->name),
				 "device %s, version %u", place->device->name,
				 place->device->state.version);
		return true;
	}
	return false;
}

struct slot *state_slots(struct state *state)
{
	return state->slots;
}

/* A copy of one part that can be compared; valid until the next call but one. */
static const void *settled(const struct state *state, const struct place *place,
			   unsigned int cpu)
{
	static uint8_t *room[2];
	static unsigned int turn;
	const void *part = part_at(state, place, cpu);

	void (*settle)(void *copy) = place->part ? place->part->settle :
		place->device->state.settle;

	if (!settle)
		return part;
	turn = !turn;
	if (!room[turn])
		room[turn] = aligned_alloc(64, ALIGNED(layout.size));
	must(room[turn] ? 0 : -1, "memory to compare states");
	memcpy(room[turn], part, place->size);
	settle(room[turn]);
	return room[turn];
}

uint64_t state_hash(const struct state *state)
{
	struct hash hash = hash_begin();

	for (unsigned int i = 0; i < layout.count; i++)
		for (unsigned int cpu = 0; cpu < place_copies(&layout.places[i]); cpu++) {
			const struct place *place = &layout.places[i];
			uint64_t sum = hash_bytes(settled(state, place, cpu),
						  place->size);
			uint64_t step[HASH_STEP / 8] = { sum };

			hash_add(&hash, step, HASH_STEP);
		}
	return hash_end(&hash);
}

void state_hash_print(const char *what, const struct state *state)
{
	fprintf(stderr, "%s: memory %016llx, the rest %016llx\n", what,
		(unsigned long long)ram_hash(),
		(unsigned long long)state_hash(state));
}

static size_t difference(const uint8_t *a, const uint8_t *b, size_t size)
{
	size_t at = 0;

	while (at < size && a[at] == b[at])
		at++;
	return at;
}

static void difference_tell(const struct place *place, unsigned int cpu,
			    const uint8_t *a, const uint8_t *b, size_t at,
			    char *text, size_t size)
{
	const char *name = place->part ? place->part->name : place->device->name;
	char where[64], of[24] = "";

	snprintf(where, sizeof(where), "byte %#zx", at);
	if (place->part && place->part->where)
		place->part->where(a, at, where, sizeof(where));
	if (place->cpu)
		snprintf(of, sizeof(of), " of CPU %u", cpu);
	snprintf(text, size, "%s%s: %s is %#x, not %#x", name, of, where, b[at],
		 a[at]);
}

bool state_differs(const struct state *a, const struct state *b, char *text,
		   size_t size)
{
	for (unsigned int i = 0; i < layout.count; i++) {
		const struct place *place = &layout.places[i];

		for (unsigned int cpu = 0; cpu < place_copies(place); cpu++) {
			const uint8_t *x = settled(a, place, cpu);
			const uint8_t *y = settled(b, place, cpu);
			size_t at = difference(x, y, place->size);

			if (at == place->size)
				continue;
			difference_tell(place, cpu, x, y, at, text, size);
			return true;
		}
	}
	return false;
}
