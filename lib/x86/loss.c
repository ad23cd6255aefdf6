/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages that the host loses before an event. */
#include <asm/page.h>
#include <device.h>
#include <loss.h>
#include <smp.h>
#include <testdev.h>

#define TESTDEV_FLUSH	0xe4	/* pc-testdev: the host forgets a page */

extern u8 idt[];

const struct loss losses[LOSSES] = {
	{ "nothing lost", false, false },
	{ "IDT lost", true, false },
	{ "stack lost", false, true },
	{ "both lost", true, true },
};

u8 *event_stack(void)
{
	return (u8 *)cpu_self() + CPU_STACK_USER;
}

void host_lose(const void *page)
{
	uintptr_t at = ALIGN_DOWN((uintptr_t)page, PAGE_SIZE);

	if (testdev_offers(ABI_HOST_FAULTS))
		ASK(FAULT_MISSING, at, PAGE_SIZE, 0);
	else if (device_present(DEVICE_PC_TESTDEV, NULL))
		out32(TESTDEV_FLUSH, at);
}

static u64 host_faults(void)
{
	return testdev_offers(ABI_HOST_FAULTS) ? ASK(FAULT_COUNT) : 0;
}

static void loss_leave(struct scope *scope)
{
	struct loss_scope *s = (struct loss_scope *)scope;

	if (!testdev_offers(ABI_HOST_FAULTS))
		return;
	/* Otherwise nothing was proved: delivery never met the host. */
	EXPECT(host_faults() - s->faults >=
	       (u64)s->loss->idt + s->loss->stack);
	ASK(FAULT_RELEASE);
}

void loss_enter(struct loss_scope *s, const struct loss *loss, const void *stack)
{
	s->loss = loss;
	s->faults = host_faults();
	scope_enter(&s->scope, loss_leave);
	if (loss->stack)
		host_lose(stack);
	if (loss->idt)
		host_lose(idt);
}
