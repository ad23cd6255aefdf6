/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest shares with KVM (KVM's msr.rst), and how it calls it (hypercalls.rst). */
#ifndef KVM_H
#define KVM_H

#include <asm/cpu.h>
#include <defs/kvm.h>
#include <fault.h>

/* MSR_KVM_SYSTEM_TIME: a CPU's clock.  While KVM writes, the version is odd. */
struct kvm_clock {
	u32 version, reserved;
	u64 tsc;			/* its value at `time` */
	u64 time;			/* ns */
	u32 factor;			/* ns per (shifted) TSC tick, times 2^32 */
	int8_t shift;			/* of the TSC's difference: left, or right if negative */
	u8 flags;			/* KVM_CLOCK_… */
	u8 pad[2];
} __attribute__((aligned(32)));
#define KVM_CLOCK_STABLE	BIT(0)	/* the same on all CPUs */
#define KVM_CLOCK_STOPPED	BIT(1)	/* the machine stood still */

/* MSR_KVM_WALL_CLOCK: the date at time 0. */
struct kvm_wall_clock {
	u32 version, seconds, nanoseconds;
} __attribute__((aligned(4)));

/* MSR_KVM_STEAL_TIME */
struct kvm_steal_time {
	u64 steal;			/* ns */
	u32 version, flags;
	u8 preempted, reserved[47];
} __attribute__((aligned(64)));

/* MSR_KVM_ASYNC_PF_EN */
struct kvm_async_pf {
	u32 flags;			/* why there is a #PF: KVM_PF_… */
	u32 token;			/* of the page that has come; KVM_PF_ALL */
	u8 reserved[56];
} __attribute__((aligned(64)));
#define KVM_PF_NOT_PRESENT	1u
#define KVM_PF_ALL		0xffffffffu

_Static_assert(sizeof(struct kvm_clock) == 32 && sizeof(struct kvm_wall_clock) == 12 &&
	       sizeof(struct kvm_steal_time) == 64 && sizeof(struct kvm_async_pf) == 64,
	       "KVM's msr.rst");

/**
 * kvm_hypercall() - call KVM by the vendor's own instruction
 * @call: KVM_CALL(number, up to four arguments); what is not named is 0
 * @result: what KVM returns, -KVM_ENOSYS and the like if it is negative
 *
 * Returns the instruction's fault.
 */
struct kvm_call {
	long number, arguments[4];
};
#define KVM_CALL(n, ...)						\
	((struct kvm_call){ .number = (n), .arguments = { __VA_ARGS__ } })
struct fault kvm_hypercall(struct kvm_call call, long *result);

/**
 * kvm_clock_take() - a copy of what KVM shares, as it is between two of its writes
 */
struct kvm_clock kvm_clock_take(const volatile struct kvm_clock *shared);

/**
 * kvm_clock_ns() - the time that a clock tells for a value of the TSC, in ns
 */
u64 kvm_clock_ns(const struct kvm_clock *clock, u64 tsc);

/**
 * kvm_clock_read() - the time now, by the clock of the CPU that calls
 */
u64 kvm_clock_read(const volatile struct kvm_clock *shared);

#endif
