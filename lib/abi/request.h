/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to the test device: what an image asks its own host to do.
 *
 * The image fills in a struct abi_request in RAM below 4 GiB, aligned to 8 bytes,
 * and writes its address to ABI_PORT_REQUEST.  When that instruction is over, the
 * answer is there.  Which requests a host takes, its features tell (abi/host.h);
 * any other, and any with arguments that make no sense, gets a status and does
 * nothing.  Addresses are guest-physical; CPUs are counted as APIC ids are.
 */
#ifndef ABI_REQUEST_H
#define ABI_REQUEST_H

#include <stdint.h>

enum abi_request_status {
	ABI_REQUEST_DONE,
	ABI_REQUEST_UNKNOWN,	/* no such operation */
	ABI_REQUEST_ABSENT,	/* this host cannot do it */
	ABI_REQUEST_WRONG,	/* an argument makes no sense */
	ABI_REQUEST_REFUSED,	/* the host's kernel refused; result[0]: its errno */
	ABI_REQUEST_FULL,	/* no room for one more */
};

/*
 * X(operation, feature): the arguments, "->" and the results stand beside it.
 * ALL is ABI_ALL: all CPUs.
 */
#define ABI_REQUESTS(X)							\
	/* interrupts and exceptions */					\
	X(NMI, NMI)		/* cpu */				\
	X(SMI, SMI)		/* cpu */				\
	X(MSI, MSI)		/* address, data, Arm: device -> 1 if a CPU took it */ \
	X(LINE, MSI)		/* input of the IOAPIC, or SPI, level */ \
	X(MCE, MCE)		/* cpu, bank, status, address, misc, mcg_status */ \
	/* memory slots; the number of one is a result */		\
	X(SLOT_ADD, SLOTS)	/* address, bytes, flags -> slot; zeros */ \
	X(SLOT_ALIAS, SLOTS)	/* address, bytes, flags, RAM -> slot; the same memory */ \
	X(SLOT_CARVE, SLOTS)	/* address, bytes, flags -> slot, cut out of RAM */ \
	X(SLOT_MOVE, SLOTS)	/* slot, address */			\
	X(SLOT_RESIZE, SLOTS)	/* slot, bytes: not more than it began with */ \
	X(SLOT_PROTECT, SLOTS)	/* slot, flags */			\
	X(SLOT_REMOVE, SLOTS)	/* slot; the memory stays the host's */	\
	X(SLOT_RESTORE, SLOTS)	/* all slots as the machine began */	\
	/* pages that the host is slow to give */			\
	X(FAULT_MISSING, FAULTS)	/* address, bytes, delay in us */ \
	X(FAULT_PROTECT, FAULTS_WP)	/* address, bytes, delay in us */ \
	X(FAULT_RELEASE, FAULTS)	/* all pages are there, at once */ \
	X(FAULT_COUNT, FAULTS)	/* -> faults so far, of them not answered yet */ \
	/* dirty pages */						\
	X(LOG_BEGIN, LOG)						\
	X(LOG_READ, LOG)	/* address, bytes, to: a bit a page -> dirty pages; \
				 * each bit is told once */		\
	X(LOG_END, LOG)							\
	/* MSRs that the host keeps for itself */			\
	X(MSR_DENY, MSRS)	/* first, count, ABI_MSR_… */		\
	X(MSR_ANSWER, MSRS)	/* what later reads of ABI_MSR_EXIT ones give */ \
	X(MSR_SEEN, MSRS)	/* -> accesses so far, the last one's MSR and value */ \
	X(MSR_ALLOW, MSRS)	/* all again */				\
	/* CPUs and time */						\
	X(CPU_STOP, STOP)	/* cpu, us: it stands still for that long */ \
	X(CPU_STEAL, STEAL)	/* cpu, us: it has to share a host CPU */ \
	X(CLOCK_SHIFT, CLOCK)	/* ns: the paravirtual clock leaps, back too */ \
	X(CLOCK_PAUSED, CLOCK)	/* cpu: its clock says that it was stopped */ \
	X(TSC_SHIFT, TSC)	/* cpu, cycles: its TSC leaps, back too */ \
	X(EVENTS_GET, EVENTS)	/* cpu, to: struct abi_events */	\
	X(EVENTS_SET, EVENTS)	/* cpu, from */				\
	/* counters */							\
	X(EXITS, EXITS)		/* cpu or ALL, KVM_EXIT_… or ALL -> so many */ \
	X(STATISTIC, STATS)	/* cpu or ALL for the VM, name -> value: KVM's own */

enum abi_request_operation {
	ABI_REQUEST_NONE,
#define ABI_REQUEST_OPERATION(name, feature) ABI_REQUEST_##name,
	ABI_REQUESTS(ABI_REQUEST_OPERATION)
#undef ABI_REQUEST_OPERATION
	ABI_REQUEST_OPERATIONS
};

#define ABI_ALL			0xffffffffu
#define ABI_SELF		0xfffffffeu	/* cpu: the one that asks */
#define ABI_FOREVER		0xffffffffu	/* us: until released */
#define ABI_SLOT_READONLY	1u		/* flags: writes exit */
#define ABI_MSR_READ		1u		/* which accesses are denied, */
#define ABI_MSR_WRITE		2u
#define ABI_MSR_EXIT		4u		/* by an exit that answers; else #GP */
#define ABI_NAME_MAX		64		/* bytes of a name, NUL included */

struct abi_request {
	uint32_t operation;
	uint32_t status;		/* enum abi_request_status */
	uint64_t argument[6];
	uint64_t result[2];
};

/* What KVM has pending for an x86 CPU, or is just delivering (KVM_GET_VCPU_EVENTS). */
struct abi_events {
	uint8_t exception_injected, exception_pending, exception_vector;
	uint8_t exception_has_error;
	uint32_t exception_error;
	uint64_t exception_payload;	/* CR2, DR6 */
	uint8_t exception_has_payload;
	uint8_t interrupt_injected, interrupt_vector, interrupt_soft;
	uint8_t shadow;			/* bit 0: of MOV SS, bit 1: of STI */
	uint8_t nmi_injected, nmi_pending, nmi_masked;
	uint8_t smm, smi_pending, smm_inside_nmi, init_latched;
	uint8_t triple_fault;
	uint8_t reserved[3];
};

#endif
