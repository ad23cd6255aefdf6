/* SPDX-License-Identifier: BSD-2-Clause */
/* Hyper-V's synthetic interrupt controller and hypercalls (TLFS), with QEMU's test device. */
#ifndef HYPERV_H
#define HYPERV_H

#include <defs/hyperv.h>
#include <test.h>

/* A slot of the message page (SIMP), one a SINT: free while the type is 0. */
struct hv_message {
	u32 type;
	u8 size, flags, reserved[2];
	u64 origin;
	u64 payload[30];
};

_Static_assert(sizeof(struct hv_message) == 256, "TLFS, HV_MESSAGE");

/* What a CPU has while WITH_SYNIC() lasts. */
struct hv_cpu {
	volatile struct hv_message *messages;	/* HV_SINTS */
	volatile u8 *events;			/* HV_EVENT_BITS each */
	u32 index;				/* the hypervisor's number of it */
};

/**
 * hyperv_has() - does the hypervisor speak Hyper-V's, with this feature (HV_…)?
 */
bool hyperv_has(unsigned int feature);

/**
 * WITH_SYNIC() - with the APIC and SynIC of all CPUs on, all SINTs masked, and the
 *	hypercall page there
 */
#define WITH_SYNIC()	SCOPE(synic_scope, synic_enter)

struct synic_scope {
	struct scope scope;
};
void synic_enter(struct synic_scope *scope);

/**
 * hv_cpu() - that CPU's
 */
struct hv_cpu *hv_cpu(unsigned int cpu);

/**
 * hv_call() - a hypercall with one parameter: its value (fast), or the input's address
 *
 * Returns its status, HV_STATUS_….  Only in WITH_SYNIC().
 */
u16 hv_call(u64 call, u64 parameter);

/**
 * hv_testdev() - have QEMU's hyperv-testdev do something to a CPU's SINT
 */
enum hv_operation {
	HV_ROUTE_CREATE = 1, HV_ROUTE_DESTROY, HV_ROUTE_RAISE, HV_MESSAGE_CREATE,
	HV_MESSAGE_DESTROY, HV_EVENT_CREATE, HV_EVENT_DESTROY
};
void hv_testdev(enum hv_operation operation, unsigned int cpu, unsigned int sint,
		u8 connection);

#endif
