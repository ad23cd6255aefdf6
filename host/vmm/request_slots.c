/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory slots and dirty pages at a guest's wish.  A guest changes only slots
 * that it made; what it made goes with the machine's state.
 */
#include <errno.h>
#include <string.h>

#include "base/range.h"
#include "vmm/host.h"
#include "vmm/machine.h"
#include "vmm/ram_pages.h"
#include "vmm/request.h"
#include "vmm/slots.h"

static struct {
	uint64_t size[SLOTS];	/* that a slot of the guest's began with; 0: not its */
	uint64_t spare;		/* bytes of spare memory that are in use */
	uint32_t logs;		/* not 0: it wants dirty pages logged */
} own;

static bool logging;		/* own.logs, as slots.c knows it */

static bool pages_only(uint64_t address, uint64_t size)
{
	return size && !((address | size) % RAM_PAGE) && address + size - 1 >= address;
}

/* The slot of argument 0, if it is the guest's. */
static const struct slot *own_slot(const struct abi_request *r)
{
	return r->argument[0] < SLOTS && own.size[r->argument[0]] ?
		slot_get(r->argument[0]) : NULL;
}

static uint32_t kvm_flags(uint64_t flags)
{
	return flags & ABI_SLOT_READONLY ? KVM_MEM_READONLY : 0;
}

/* What slot_…() returned, as a status. */
static enum abi_request_status slot_status(struct abi_request *r, int result)
{
	if (result == -ENOSPC)
		return ABI_REQUEST_FULL;
	errno = -result;
	return request_kernel(r, result);
}

static enum abi_request_status own_add(struct abi_request *r, void *host)
{
	int slot = slot_add(r->argument[0], r->argument[1], host,
			    kvm_flags(r->argument[2]));

	if (slot >= 0) {
		own.size[slot] = r->argument[1];
		r->result[0] = slot;
	}
	return slot_status(r, slot);
}

static enum abi_request_status slot_add_serve(struct abi_request *r)
{
	enum abi_request_status status;
	void *host;

	if (!pages_only(r->argument[0], r->argument[1]))
		return ABI_REQUEST_WRONG;
	host = ram_spare(own.spare, r->argument[1]);
	if (!host)
		return ABI_REQUEST_FULL;
	status = own_add(r, host);
	if (status == ABI_REQUEST_DONE)
		own.spare += r->argument[1];
	return status;
}

static enum abi_request_status slot_alias_serve(struct abi_request *r)
{
	void *host = ram_at(r->argument[3], r->argument[1]);

	if (!pages_only(r->argument[0], r->argument[1]) || !host ||
	    r->argument[3] % RAM_PAGE)
		return ABI_REQUEST_WRONG;
	return own_add(r, host);
}

/* The part of a slot that lies in [from, to), as a slot of its own. */
static int part_add(const struct slot *whole, uint64_t from, uint64_t to,
		    uint32_t flags)
{
	return from == to ? 0 : slot_add(from, to - from, (char *)whole->host +
					 (from - whole->gpa), flags);
}

static enum abi_request_status slot_carve_serve(struct abi_request *r)
{
	uint64_t address = r->argument[0], size = r->argument[1];
	int n = slot_find(address), middle, before, behind;
	struct slot whole;

	if (n < 0 || own.size[n] || !pages_only(address, size) ||
	    !ram_at(address, size))
		return ABI_REQUEST_WRONG;
	whole = *slot_get(n);
	if (!range_contains((struct range){ whole.gpa, whole.size }, address, size))
		return ABI_REQUEST_WRONG;
	must(slot_remove(n), "removing a memory slot");
	middle = part_add(&whole, address, address + size, kvm_flags(r->argument[2]));
	before = part_add(&whole, whole.gpa, address, 0);
	behind = part_add(&whole, address + size, whole.gpa + whole.size, 0);
	if (middle >= 0 && before >= 0 && behind >= 0) {
		own.size[middle] = size;
		r->result[0] = middle;
		return ABI_REQUEST_DONE;
	}
	/* All as it was; a part that has nothing has number 0, and is nobody's. */
	if (middle >= 0)
		slot_remove(middle);
	if (before >= 0 && address > whole.gpa)
		slot_remove(before);
	if (behind >= 0 && address + size < whole.gpa + whole.size)
		slot_remove(behind);
	must(slot_add(whole.gpa, whole.size, whole.host, 0), "adding a memory slot");
	return slot_status(r, middle < 0 ? middle : before < 0 ? before : behind);
}

static enum abi_request_status slot_move_serve(struct abi_request *r)
{
	const struct slot *slot = own_slot(r);

	if (!slot || r->argument[1] % RAM_PAGE)
		return ABI_REQUEST_WRONG;
	return slot_status(r, slot_change(r->argument[0], r->argument[1],
					  slot->flags & KVM_MEM_READONLY));
}

/* KVM changes neither a slot's size nor whether it can be written: made anew. */
static enum abi_request_status remake(struct abi_request *r, uint64_t size,
				      uint32_t flags)
{
	unsigned int n = r->argument[0];
	struct slot old = *slot_get(n);
	int result = slot_remove(n);

	if (!result)
		result = slot_add_as(n, old.gpa, size, old.host, flags);
	return slot_status(r, result);
}

static enum abi_request_status slot_resize_serve(struct abi_request *r)
{
	const struct slot *slot = own_slot(r);
	uint64_t size = r->argument[1];

	if (!slot || !pages_only(0, size) || size > own.size[r->argument[0]])
		return ABI_REQUEST_WRONG;
	return remake(r, size, slot->flags & KVM_MEM_READONLY);
}

static enum abi_request_status slot_protect_serve(struct abi_request *r)
{
	const struct slot *slot = own_slot(r);

	if (!slot)
		return ABI_REQUEST_WRONG;
	return remake(r, slot->size, kvm_flags(r->argument[1]));
}

static enum abi_request_status slot_remove_serve(struct abi_request *r)
{
	int result;

	if (!own_slot(r))
		return ABI_REQUEST_WRONG;
	result = slot_remove(r->argument[0]);
	if (!result)
		own.size[r->argument[0]] = 0;
	return slot_status(r, result);
}

static bool in_memory(const void *host)
{
	uint64_t offset = (const char *)host - (const char *)ram_page(0);

	return offset < ram_pages() * RAM_PAGE;
}

static enum abi_request_status slot_restore_serve(struct abi_request *r)
{
	struct slot first[SLOTS] = { 0 };

	(void)r;
	ram_slots(first);
	for (unsigned int n = 0; n < SLOTS; n++) {
		const struct slot *slot = slot_get(n);

		/* What is neither the guest's nor RAM stays. */
		if (slot && !own.size[n] && !in_memory(slot->host))
			first[n] = *slot;
	}
	slots_put(first);
	memset(own.size, 0, sizeof(own.size));
	ram_spare_clear(own.spare);
	own.spare = 0;
	return ABI_REQUEST_DONE;
}

static void logging_follow(void)
{
	if (logging != (own.logs != 0)) {
		slots_log(own.logs != 0);
		ram_log(own.logs != 0);
	}
	logging = own.logs != 0;
}

static enum abi_request_status log_begin_serve(struct abi_request *r)
{
	(void)r;
	if (own.logs)
		return ABI_REQUEST_WRONG;
	own.logs = 1;
	logging_follow();
	return ABI_REQUEST_DONE;
}

static enum abi_request_status log_end_serve(struct abi_request *r)
{
	(void)r;
	if (!own.logs)
		return ABI_REQUEST_WRONG;
	own.logs = 0;
	logging_follow();
	return ABI_REQUEST_DONE;
}

static enum abi_request_status log_read_serve(struct abi_request *r)
{
	uint64_t address = r->argument[0], size = r->argument[1];
	uint64_t bytes = (size / RAM_PAGE + 7) / 8;
	void *host = slot_host(address, size), *to;

	if (!own.logs || !pages_only(address, size) || !host || size > 1ull << 30)
		return ABI_REQUEST_WRONG;
	to = ram_at(r->argument[2], bytes);
	if (!to)
		return ABI_REQUEST_WRONG;
	slots_harvest(true);
	r->result[0] = ram_log_take(host, size / RAM_PAGE, to);
	ram_dirtied_at(to, bytes);
	return ABI_REQUEST_DONE;
}

const struct request_row requests_slots[] = {
	{ ABI_REQUEST_SLOT_ADD, slot_add_serve, false },
	{ ABI_REQUEST_SLOT_ALIAS, slot_alias_serve, false },
	/* RAM is missing for a moment: no CPU may look. */
	{ ABI_REQUEST_SLOT_CARVE, slot_carve_serve, true },
	{ ABI_REQUEST_SLOT_MOVE, slot_move_serve, false },
	{ ABI_REQUEST_SLOT_RESIZE, slot_resize_serve, false },
	{ ABI_REQUEST_SLOT_PROTECT, slot_protect_serve, false },
	{ ABI_REQUEST_SLOT_REMOVE, slot_remove_serve, false },
	{ ABI_REQUEST_SLOT_RESTORE, slot_restore_serve, true },
	{ ABI_REQUEST_LOG_BEGIN, log_begin_serve, true },
	{ ABI_REQUEST_LOG_READ, log_read_serve, false },
	{ ABI_REQUEST_LOG_END, log_end_serve, true },
	{ 0 }
};

/* What a slot may be made as large as again must be behind it. */
static bool slot_good(unsigned int n)
{
	const struct range memory = { (uintptr_t)ram_page(0), ram_pages() * RAM_PAGE };
	const struct slot *slot = slot_get(n);

	return !own.size[n] || (slot && range_contains(memory, (uintptr_t)slot->host,
						       own.size[n]));
}

/* A saved machine's file may hold anything. */
static void slots_restored(void)
{
	bool good = own.spare <= RAM_SPARE;

	for (unsigned int n = 0; n < SLOTS; n++)
		good = good && slot_good(n);
	if (!good)
		machine_end(NULL, VM_END_ERROR, 0,
			    "the guest's own memory slots are none that it can have made");
	logging_follow();
}

static struct device slots_device = {
	.name = "flatbed-slots",
	.text = "memory slots and dirty logs that the guest asked for",
	.present = host_region_there,
	.when = "with the test device",
	.state = DEVICE_STATE(1, own),
	.restore = slots_restored,
};
DEVICE_REGISTER(slots_device);
