/* SPDX-License-Identifier: BSD-2-Clause */
/* Hyper-V's interface as its Top Level Functional Specification (TLFS) numbers it. */
#ifndef DEFS_HYPERV_H
#define DEFS_HYPERV_H

#define HV_LEAF_INTERFACE	0x40000001
#define HV_INTERFACE		0x31237648	/* EAX: "Hv#1" */
#define HV_LEAF_FEATURES	0x40000003

/* Features: EAX, bits 0 to 31, then EDX */
#define HV_TIME_REF_COUNT	1
#define HV_SYNIC		2
#define HV_STIMER		3
#define HV_REFERENCE_TSC	9
#define HV_STIMER_DIRECT	(32 + 19)

#define MSR_HV_GUEST_OS		0x40000000
#define MSR_HV_HYPERCALL	0x40000001
#define MSR_HV_VP_INDEX		0x40000002
#define MSR_HV_TIME_REF_COUNT	0x40000020
#define MSR_HV_REFERENCE_TSC	0x40000021
#define MSR_HV_ASSIST_PAGE	0x40000073
#define MSR_HV_SCONTROL		0x40000080
#define MSR_HV_SVERSION		0x40000081
#define MSR_HV_SIEFP		0x40000082
#define MSR_HV_SIMP		0x40000083
#define MSR_HV_EOM		0x40000084
#define MSR_HV_SINT(n)		(0x40000090 + (n))
#define MSR_HV_STIMER_CONFIG(n)	(0x400000b0 + 2 * (n))
#define MSR_HV_STIMER_COUNT(n)	(0x400000b1 + 2 * (n))

#define HV_ENABLE		BIT(0)		/* of the pages, SCONTROL and HYPERCALL */
#define HV_SINTS		16
#define HV_SINT_MASKED		BIT(16)
#define HV_SINT_AUTO_EOI	BIT(17)
#define HV_MESSAGE_PENDING	1		/* flags of a message: another waits */
#define HV_MESSAGE_TIMER	0x80000010
#define HV_EVENT_BITS		2048		/* of each SINT */

#define HV_STIMER_ENABLE	BIT(0)
#define HV_STIMER_PERIODIC	BIT(1)
#define HV_STIMER_AUTO_ENABLE	BIT(3)
#define HV_STIMER_VECTOR(v)	((u64)(v) << 4)
#define HV_STIMER_DIRECT_MODE	BIT(12)
#define HV_STIMER_SINT(n)	((u64)(n) << 16)
#define HV_STIMERS		4
#define HV_TICKS_PER_MS		10000		/* 100 ns each */

#define HV_CALL_POST_MESSAGE	0x005c
#define HV_CALL_SIGNAL_EVENT	0x005d
#define HV_CALL_FAST		BIT(16)
#define HV_STATUS_SUCCESS		0
#define HV_STATUS_INVALID_CALL		2
#define HV_STATUS_INVALID_CONNECTION	18

#endif
