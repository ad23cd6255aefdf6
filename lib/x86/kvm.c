/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's clock and its hypercalls, as a guest uses them. */
#include <insn.h>
#include <kvm.h>

struct fault kvm_hypercall(struct kvm_call call, long *result)
{
	const long *a = call.arguments;

	*result = call.number;
	return cpu_is_intel() ?
		TRY_OUT("vmcall", OUT("+a"(*result)),
			"b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3])) :
		TRY_OUT("vmmcall", OUT("+a"(*result)),
			"b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]));
}

static void barrier(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

struct kvm_clock kvm_clock_take(const volatile struct kvm_clock *shared)
{
	struct kvm_clock clock;

	do {
		while ((clock.version = shared->version) & 1)
			cpu_relax();
		barrier();
		clock.tsc = shared->tsc;
		clock.time = shared->time;
		clock.factor = shared->factor;
		clock.shift = shared->shift;
		clock.flags = shared->flags;
		barrier();
	} while (shared->version != clock.version);
	return clock;
}

/* The upper 64 of 96 bits: 32-bit code has no wider multiplication. */
static u64 scale(u64 ticks, u32 factor)
{
	return (ticks >> 32) * factor + ((ticks & 0xffffffff) * factor >> 32);
}

u64 kvm_clock_ns(const struct kvm_clock *clock, u64 tsc)
{
	u64 ticks = tsc - clock->tsc;

	ticks = clock->shift < 0 ? ticks >> -clock->shift : ticks << clock->shift;
	return clock->time + scale(ticks, clock->factor);
}

u64 kvm_clock_read(const volatile struct kvm_clock *shared)
{
	struct kvm_clock clock;
	u64 tsc;

	/* The TSC has to be read between the two looks at the version. */
	do {
		clock = kvm_clock_take(shared);
		asm volatile("lfence" : : : "memory");
		tsc = rdtsc();
		barrier();
	} while (shared->version != clock.version);
	return kvm_clock_ns(&clock, tsc);
}
