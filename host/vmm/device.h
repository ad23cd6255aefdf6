/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices: one description serves dispatch, the listing of `flatbed vm --machine`,
 * docs/machine.md, and whoever takes or puts the machine's state.
 */
#ifndef HOST_VMM_DEVICE_H
#define HOST_VMM_DEVICE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct vm_config;

typedef uint64_t gpa_t;		/* a guest's address: never a pointer */

enum bus_space { BUS_NONE, BUS_PORT, BUS_MEMORY };

/*
 * Addresses that a device claims.  The bus calls with offset + size within the
 * range; a size is 1 to 8 bytes and need not be a power of two.
 */
struct bus_range {
	enum bus_space space;
	gpa_t base;
	uint64_t size;
	uint64_t (*read)(uint64_t offset, unsigned int size);	/* NULL: all-ones */
	void (*write)(uint64_t offset, unsigned int size, uint64_t value); /* NULL: none */
	unsigned int width;	/* most bytes of one access, the bus splits; 0: 8 */
	const char *text;	/* what these addresses are, for the listing */
};

#define DEVICE_RANGES	10

/* All that a device remembers, in one piece without pointers. */
struct device_state {
	uint32_t version;	/* changes with the layout at @at */
	void *at;
	size_t size;		/* 0: the device remembers nothing */
	/* Clears in a copy what moves on with time, so that it can be compared. */
	void (*settle)(void *copy);
};

/* The state of a device is this object, in a layout of this version. */
#define DEVICE_STATE(layout, object, ...)				\
	{ .version = (layout), .at = &(object), .size = sizeof(object), ##__VA_ARGS__ }

struct device {
	const char *name;	/* one word, QEMU's where QEMU has the device */
	const char *text;	/* one line: what it is */
	const char *switches[3];	/* its properties, each on or off; ended by NULL */
	bool optional;		/* there only if the machine asks for it by name */
	bool (*present)(void);	/* whether this machine has it; NULL: as @optional says */
	const char *when;	/* with @present: which machines have it */
	void (*init)(void);	/* NULL: nothing to do */
	struct bus_range ranges[DEVICE_RANGES];
	struct device_state state;

	/*
	 * All with @lock held, while CPUs and timers stand still.  @save brings into
	 * @state what lives elsewhere (in an eventfd, in the kernel); @attach makes
	 * kernel objects anew, after machine.vm has become another VM; @restore
	 * makes the rest of the world (timers, ranges that moved) as @state, just
	 * put, says.  Each may be NULL.
	 */
	void (*save)(void);
	void (*attach)(void);
	void (*restore)(void);

	bool lockless;		/* the bus calls without @lock: handlers may wait */
	pthread_mutex_t lock;	/* set up by device_init() */
	bool there;		/* in this machine; set by device_init() */
};

/* A device registers by existing; there is no list. */
#define DEVICE_REGISTER(id)						\
	static struct device *const id##_registered			\
	__attribute__((used, section("vm_devices"))) = &(id)

extern struct device *const __start_vm_devices[];
extern struct device *const __stop_vm_devices[];

/**
 * for_each_device() - @d points at each registered device in turn, there or not
 */
#define for_each_device(d)						\
	for (struct device *const *d##_at = __start_vm_devices, *d;	\
	     d##_at < __stop_vm_devices && (d = *d##_at); d##_at++)

/**
 * device_init() - decide which devices this machine has, and initialise them
 *
 * The machine ends if it asks for a device that nobody registered, or if two
 * devices claim the same address.
 */
void device_init(void);

/**
 * device_asked() - the word by which a configuration asks for a device, or NULL
 */
const char *device_asked(const struct vm_config *config, const char *name);

/**
 * device_option() - a property of a device that the machine asked for
 * @device: its name
 * @key: "intremap" in "intel-iommu,intremap=on"
 * @length: set to the value's bytes
 *
 * Returns the value, which is not terminated, or NULL if it is not given.
 */
const char *device_option(const char *device, const char *key, size_t *length);

/**
 * device_list_text(), device_list_json() - all devices, for people and programs
 * @to: where it is printed
 */
void device_list_text(FILE *to);
void device_list_json(FILE *to);

/**
 * bus_add() - one more range, known only at run time
 * @device: whose
 * @range: what stays; its base is where the range is now, or BUS_NOWHERE
 *
 * Returns a number for bus_move().  At most BUS_MOVABLE such ranges; only
 * device_init() may run meanwhile.
 */
unsigned int bus_add(struct device *device, const struct bus_range *range);

/**
 * bus_move() - move a range of bus_add() while CPUs run
 * @id: from bus_add()
 * @base: where it is from now on, or BUS_NOWHERE
 */
void bus_move(unsigned int id, gpa_t base);

#define BUS_MOVABLE	16
#define BUS_NOWHERE	(~0ull)

/**
 * bus_init() - sort what the devices claim; from device_init()
 */
void bus_init(void);

/**
 * bus_access() - one access of a CPU
 * @space: ports or memory
 * @at: first address
 * @data: read or written, little-endian
 * @size: bytes, 1 to 8
 * @write: which way
 *
 * An access that crosses ranges, or is wider than one takes, is split.  Takes
 * no lock but those of the devices.  Returns false if any byte has no device;
 * such bytes read as ones.
 */
bool bus_access(enum bus_space space, gpa_t at, void *data, unsigned int size,
		bool write);

#endif
