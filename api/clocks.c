/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time: api.rst, 4.29 and 4.30 KVM_GET_CLOCK, 4.55 and 4.56 TSC frequency, 4.70, 4.71
 * to 4.73 PIT; devices/vcpu.rst, 4 KVM_VCPU_TSC_CTRL.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "api/guest.h"
#include "api/test.h"

CODE64(read_tsc, "rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, (0x3000); hlt");

static uint64_t host_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static struct kvm_clock_data clock_of(const struct guest *guest)
{
	struct kvm_clock_data data = { 0 };

	REQUIRE_DONE(call(guest->vm, KVM_GET_CLOCK, &data));
	return data;
}

TEST(clock, "the VM's clock is what was set, and goes on from there",
     REQUIRES(KVM_CAP_ADJUST_CLOCK))
{
	static const uint64_t values[] = { 0, 1000000000, 1ull << 40, 1ull << 60 };
	struct guest guest = guest_new(NULL, GUEST_LONG);

	for_each(value, values)
		SUBTEST("%#llx", (unsigned long long)*value) {
			struct kvm_clock_data set = { .clock = *value }, got;
			uint64_t begin = host_ns(CLOCK_MONOTONIC), passed;

			REQUIRE_DONE(call(guest.vm, KVM_SET_CLOCK, &set));
			got = clock_of(&guest);
			passed = host_ns(CLOCK_MONOTONIC) - begin;
			/* A clock of its own may be a millisecond in a second off. */
			EXPECT(got.clock >= *value);
			EXPECT(got.clock - *value <= passed + passed / 1000 + 1000000);
			poll(NULL, 0, 2);
			EXPECT(clock_of(&guest).clock > got.clock);
		}
	EXPECT_ERROR(call(guest.vm, KVM_SET_CLOCK, 8), EFAULT);
}

/* 4.29: "KVM_CLOCK_REALTIME: … the host's real time … at the instant" */
TEST(realtime, "KVM_CLOCK_REALTIME goes with KVM_GET_CLOCK, and moves KVM_SET_CLOCK on")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_clock_data set = { .clock = 1000, .flags = 1 << 20 }, got = clock_of(&guest);
	uint64_t now = host_ns(CLOCK_REALTIME);

	EXPECT_ERROR(call(guest.vm, KVM_SET_CLOCK, &set), EINVAL);
	if (!(kvm_has(guest.vm, KVM_CAP_ADJUST_CLOCK) & KVM_CLOCK_REALTIME))
		return skip("no KVM_CLOCK_REALTIME");
	if (got.flags & KVM_CLOCK_REALTIME)
		EXPECT(now - got.realtime < 10000000000ull);
	set = (struct kvm_clock_data){
		.clock = 1000, .flags = KVM_CLOCK_REALTIME, .realtime = now - 5000000000ull,
	};
	REQUIRE_DONE(call(guest.vm, KVM_SET_CLOCK, &set));
	EXPECT(clock_of(&guest).clock >= 5000000000ull);
}

/* 4.70: "the guest's watchdog is told that it was paused" */
TEST(paused, "KVM_KVMCLOCK_CTRL needs a guest that has turned kvmclock on",
     REQUIRES(KVM_CAP_KVMCLOCK_CTRL))
{
	struct guest guest = guest_new(&read_tsc, GUEST_LONG);
	volatile uint8_t *flags = guest.memory + 0x5000 + 29;

	EXPECT_ERROR(call(guest.cpu, KVM_KVMCLOCK_CTRL, 0), EINVAL);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, 0x4b564d01, 0x5001), 1);	/* SYSTEM_TIME_NEW */
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(*flags & 2, 0);
	REQUIRE_DONE(call(guest.cpu, KVM_KVMCLOCK_CTRL, 0));
	guest_start(&guest, &read_tsc);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(*flags & 2, 2);	/* PVCLOCK_GUEST_STOPPED */
}

TEST(tsc_khz, "the TSC's frequency: as the host's, or as it was set",
     REQUIRES(KVM_CAP_GET_TSC_KHZ))
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	int khz = call(guest.cpu, KVM_GET_TSC_KHZ, 0), half = khz / 2;

	REQUIRE(khz > 0);
	EXPECT_DONE(call(guest.cpu, KVM_SET_TSC_KHZ, khz));
	EXPECT_EQ(call(guest.cpu, KVM_GET_TSC_KHZ, 0), khz);
	EXPECT_DONE(call(guest.cpu, KVM_SET_TSC_KHZ, 0));	/* the host's */
	EXPECT_EQ(call(guest.cpu, KVM_GET_TSC_KHZ, 0), khz);
	if (!kvm_has(guest.kvm, KVM_CAP_TSC_CONTROL)) {
		/* Slower needs a counter that can be scaled. */
		SUBTEST("slower")
			EXPECT_ERROR(call(guest.cpu, KVM_SET_TSC_KHZ, half), EINVAL);
		return;
	}
	SUBTEST("scaled") {
		EXPECT_DONE(call(guest.cpu, KVM_SET_TSC_KHZ, half));
		EXPECT_EQ(call(guest.cpu, KVM_GET_TSC_KHZ, 0), half);
		EXPECT_ERROR(call(guest.cpu, KVM_SET_TSC_KHZ, ~0u), EINVAL);
	}
}

TEST(vm_tsc_khz, "the frequency of a VM is that of CPUs to come",
     REQUIRES(KVM_CAP_VM_TSC_CONTROL))
{
	int kvm = kvm_open(), vm = vm_new(kvm), khz = call(vm, KVM_GET_TSC_KHZ, 0), cpu;

	REQUIRE(khz > 0);
	REQUIRE_DONE(call(vm, KVM_SET_TSC_KHZ, khz / 2));
	cpu = cpu_new(vm, 0);
	EXPECT_EQ(call(cpu, KVM_GET_TSC_KHZ, 0), khz / 2);
	EXPECT_ERROR(call(vm, KVM_SET_TSC_KHZ, khz), EINVAL);	/* there is a CPU */
	EXPECT_EQ(call(vm, KVM_GET_TSC_KHZ, 0), khz / 2);
}

/* Within what passes in a TEST. */
static bool is_near(uint64_t a, uint64_t b)
{
	return a - b + (1ull << 43) < 1ull << 44;
}

static struct kvm_device_attr offset_attr(uint64_t *value)
{
	return (struct kvm_device_attr){ .group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET,
					 .addr = (uintptr_t)value };
}

TEST(tsc_offset, "KVM_VCPU_TSC_OFFSET is what was set, and moves the guest's TSC",
     REQUIRES(KVM_CAP_VCPU_ATTRIBUTES))
{
	struct guest guest = guest_new(&read_tsc, GUEST_LONG);
	uint64_t offset = 0, got = 0, before, after;
	struct kvm_device_attr set = offset_attr(&offset), get = offset_attr(&got), bad;

	REQUIRE_DONE(call(guest.cpu, KVM_HAS_DEVICE_ATTR, &set));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_DEVICE_ATTR, &set));
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x10, &before), 1);
	offset += 1ull << 50;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_DEVICE_ATTR, &set));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_DEVICE_ATTR, &get));
	/* Where the host's own counter is not stable, KVM goes on correcting it. */
	EXPECT(is_near(got, offset));
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x10, &after), 1);
	EXPECT(is_near(after - before, 1ull << 50));
	bad = set;
	bad.attr = 99;
	EXPECT_ERROR(call(guest.cpu, KVM_HAS_DEVICE_ATTR, &bad), ENXIO);
	EXPECT_ERROR(call(guest.cpu, KVM_SET_DEVICE_ATTR, &bad), ENXIO);
	bad = set;
	bad.group = 99;
	EXPECT_ERROR(call(guest.cpu, KVM_GET_DEVICE_ATTR, &bad), ENXIO);
	bad = set;
	bad.addr = 8;
	EXPECT_ERROR(call(guest.cpu, KVM_GET_DEVICE_ATTR, &bad), EFAULT);
	EXPECT_ERROR(call(guest.cpu, KVM_SET_DEVICE_ATTR, &bad), EFAULT);
}

/* A machine that moves is told its TSC as soon as it is made. */
TEST(tsc_first, "the first TSC that a CPU is told is its TSC, however young the VM is")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	long khz = call(guest.cpu, KVM_GET_TSC_KHZ, 0);
	uint64_t set, got;

	if (khz <= 0)
		return skip("no KVM_GET_TSC_KHZ");
	/* Half a second, at which the CPU is not yet by itself. */
	set = khz * 500ull;
	REQUIRE_EQ(cpu_msr_set(guest.cpu, 0x10, set), 1);
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x10, &got), 1);
	EXPECT(got >= set);
}

/* SDM 3B, 17.17.3: IA32_TSC_ADJUST moves with the counter. */
TEST(tsc_adjust, "user space sets the TSC and IA32_TSC_ADJUST apart from each other")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	uint64_t before, after, adjust;

	if (cpu_msr_get(guest.cpu, 0x3b, &adjust) != 1)
		return skip("no IA32_TSC_ADJUST");
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x10, &before), 1);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, 0x3b, 1ull << 45), 1);
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x10, &after), 1);
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x3b, &adjust), 1);
	EXPECT_EQ(adjust, 1ull << 45);
	/* What is restored must not move what was restored before. */
	EXPECT(is_near(after, before));
	REQUIRE_EQ(cpu_msr_set(guest.cpu, 0x10, before + (1ull << 52)), 1);
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x3b, &adjust), 1);
	EXPECT_EQ(adjust, 1ull << 45);
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x10, &after), 1);
	EXPECT(is_near(after, before + (1ull << 52)));
}

TEST(pit, "a PIT's channels are what was set, and count", REQUIRES(KVM_CAP_PIT_STATE2))
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_pit_config config = { 0 };
	struct kvm_pit_state2 set, got;

	REQUIRE_DONE(call(guest.vm, KVM_CREATE_PIT2, &config));
	REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &set));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(set.channels[i].gate, i != 2);
		set.channels[i].count = 0x1000 * (i + 1);
		set.channels[i].mode = i == 0 ? 2 : 3;
		set.channels[i].rw_mode = 3;
		set.channels[i].latched_count = 0x12 + i;
	}
	set.flags = KVM_PIT_FLAGS_HPET_LEGACY;
	REQUIRE_DONE(call(guest.vm, KVM_SET_PIT2, &set));
	REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &got));
	for (int i = 0; i < 3; i++)
		SUBTEST("channel %d", i) {
			EXPECT_EQ(got.channels[i].count, set.channels[i].count);
			EXPECT_EQ(got.channels[i].mode, set.channels[i].mode);
			EXPECT_EQ(got.channels[i].rw_mode, set.channels[i].rw_mode);
			EXPECT_EQ(got.channels[i].latched_count, set.channels[i].latched_count);
		}
	EXPECT_EQ(got.flags & KVM_PIT_FLAGS_HPET_LEGACY, KVM_PIT_FLAGS_HPET_LEGACY);
	EXPECT_ERROR(call(guest.vm, KVM_SET_PIT2, 8), EFAULT);
}

/* As long as nobody sets routes, GSI 0, which the PIT's is, is IOAPIC's pin 0. */
TEST(pit_ticks, "a PIT's ticks are interrupts", REQUIRES(KVM_CAP_PIT2))
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
	struct kvm_reinject_control control = { .pit_reinject = 0 };
	struct kvm_pit_config config = { 0 };
	struct kvm_pit_state2 pit;
	bool ticked;

	EXPECT_ERROR(call(guest.vm, KVM_REINJECT_CONTROL, &control), ENXIO);
	REQUIRE_DONE(call(guest.vm, KVM_CREATE_PIT2, &config));
	EXPECT_DONE(call(guest.vm, KVM_REINJECT_CONTROL, &control));
	guest_takes_interrupts(&guest);
	REQUIRE_DONE(call(guest.vm, KVM_GET_IRQCHIP, &chip));
	chip.chip.ioapic.redirtbl[0].bits = 0x62;
	REQUIRE_DONE(call(guest.vm, KVM_SET_IRQCHIP, &chip));
	REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &pit));
	EXPECT(!guest_requests(&guest, 0x62));
	pit.channels[0].count = 2386;	/* of 1,193,182 Hz: 2 ms */
	pit.channels[0].mode = 2;
	REQUIRE_DONE(call(guest.vm, KVM_SET_PIT2, &pit));
	for (int ms = 0; !(ticked = guest_requests(&guest, 0x62)) && ms < 5000; ms++)
		poll(NULL, 0, 1);
	EXPECT(ticked);
}
