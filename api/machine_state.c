/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * That host/vmm/state is complete: what KVM lets one set is changed, by calls of our
 * own; the machine is moved into a new VM; and the same calls read it back.  What the
 * library does not know of is lost then, and seen to be.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"
#include "vmm/machine.h"
#include "vmm/migrate.h"
#include "vmm/slots.h"

#define CPUS	2

/* The library's machine, without an image, its CPUs not begun. */
static void machine_make(void)
{
	static const struct vm_config config = {
		.image = "", .command_line = "", .cpu = "max", .cpus = CPUS,
		.memory = 16 << 20, .console = -1, .ledger = -1, .pit = true,
		.conduct = { .unconfined = true },
	};

	machine.config = &config;
	machine.end = vm_end_create(CPUS);
	machine.kvm = kvm_open();
	machine.vm = vm_new(machine.kvm);
	slots_new_vm();
	ram_create();
	device_init();
	arch_vm_open();
	vcpus_create();
}

/* What one ioctl tells of a CPU, or of the VM. */
static const struct part {
	const char *name;
	unsigned long get, set;
	size_t size;
	bool of_vm;
	size_t moving, moves;		/* bytes that go on by themselves: where, how many */
} parts[] = {
	{ .name = "general registers", .get = KVM_GET_REGS, .set = KVM_SET_REGS,
	  .size = sizeof(struct kvm_regs) },
	{ .name = "segments, control registers", .get = KVM_GET_SREGS, .set = KVM_SET_SREGS,
	  .size = sizeof(struct kvm_sregs) },
	{ .name = "x87 and SSE", .get = KVM_GET_FPU, .set = KVM_SET_FPU,
	  .size = sizeof(struct kvm_fpu) },
	{ .name = "XSAVE area", .get = KVM_GET_XSAVE, .set = KVM_SET_XSAVE,
	  .size = sizeof(struct kvm_xsave) },
	{ .name = "XCRs", .get = KVM_GET_XCRS, .set = KVM_SET_XCRS,
	  .size = sizeof(struct kvm_xcrs) },
	{ .name = "debug registers", .get = KVM_GET_DEBUGREGS, .set = KVM_SET_DEBUGREGS,
	  .size = sizeof(struct kvm_debugregs) },
	{ .name = "events", .get = KVM_GET_VCPU_EVENTS, .set = KVM_SET_VCPU_EVENTS,
	  .size = sizeof(struct kvm_vcpu_events) },
	{ .name = "run state", .get = KVM_GET_MP_STATE, .set = KVM_SET_MP_STATE,
	  .size = sizeof(struct kvm_mp_state) },
	{ .name = "local APIC", .get = KVM_GET_LAPIC, .set = KVM_SET_LAPIC,
	  .size = sizeof(struct kvm_lapic_state),
	  .moving = 0x390, .moves = 4 },	/* the timer's count */
	{ .name = "PIT", .get = KVM_GET_PIT2, .set = KVM_SET_PIT2,
	  .size = sizeof(struct kvm_pit_state2), .of_vm = true },
};

#define PART_MOST	8192

static int part_call(const struct part *part, unsigned int cpu, bool set, void *area)
{
	return call(part->of_vm ? machine.vm : machine.vcpus[cpu].fd,
		    set ? part->set : part->get, area);
}

static void part_get(const struct part *part, unsigned int cpu, uint8_t *area)
{
	memset(area, 0, PART_MOST);
	if (part_call(part, cpu, false, area) < 0)
		memset(area, 0, PART_MOST);
	memset(area + part->moving, 0, part->moves);
	/* When a channel's count began is by the host's clock. */
	for (int i = 0; part->of_vm && i < 3; i++)
		((struct kvm_pit_state2 *)area)->channels[i].count_load_time = 0;
}

struct snapshot {
	uint8_t bytes[ARRAY_SIZE(parts)][CPUS][PART_MOST];
	struct kvm_irqchip chips[3];
};

static struct snapshot *snapshot_take(void)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (unsigned int cpu = 0; cpu < CPUS; cpu++)
			part_get(&parts[i], cpu, s->bytes[i][cpu]);
	for (unsigned int i = 0; i < 3; i++) {
		s->chips[i].chip_id = i;
		REQUIRE_DONE(call(machine.vm, KVM_GET_IRQCHIP, &s->chips[i]));
	}
	/* The PIT goes on. */
	s->chips[0].chip.pic.irr &= ~1;
	s->chips[0].chip.pic.last_irr &= ~1;
	s->chips[2].chip.ioapic.irr &= ~5u;
	return s;
}

static size_t difference(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;
	size_t at = 0;

	while (at < size && x[at] == y[at])
		at++;
	return at;
}

static void expect_same(const struct snapshot *before, const struct snapshot *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (unsigned int cpu = 0; cpu < CPUS; cpu++)
			SUBTEST("%s of CPU %u", parts[i].name, cpu) {
				const uint8_t *a = before->bytes[i][cpu];
				const uint8_t *b = after->bytes[i][cpu];
				size_t at = difference(a, b, PART_MOST);

				check_explained(CHECK_HERE("all of it is there"),
						at == PART_MOST, "byte %#zx is %#x, not %#x",
						at, b[at % PART_MOST], a[at % PART_MOST]);
			}
	for (unsigned int i = 0; i < 3; i++)
		SUBTEST("interrupt chip %u", i)
			EXPECT_EQ(difference(&before->chips[i], &after->chips[i],
					     sizeof(before->chips[i])), sizeof(before->chips[i]));
}

static void moved(void)
{
	struct snapshot *before = snapshot_take(), *after;

	machine_migrate();
	after = snapshot_take();
	expect_same(before, after);
	free(before);
	free(after);
}

TEST(fresh, "a machine that has not run yet")
{
	machine_make();
	moved();
}

#define CHANGE(type, variable, get, set, cpu, ...)			\
	do {								\
		struct type variable = { 0 };				\
									\
		REQUIRE_DONE(call(machine.vcpus[cpu].fd, get, &variable)); \
		__VA_ARGS__						\
		REQUIRE_DONE(call(machine.vcpus[cpu].fd, set, &variable)); \
	} while (0)

TEST(registers, "all registers of each CPU")
{
	machine_make();
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		CHANGE(kvm_regs, regs, KVM_GET_REGS, KVM_SET_REGS, cpu,
		       for (size_t i = 0; i < sizeof(regs) / 8; i++)
				((uint64_t *)&regs)[i] = (i + 1 + cpu) * 0x0123456789abcdull;
		       regs.rflags = 0x8d7;);
		CHANGE(kvm_sregs, sregs, KVM_GET_SREGS, KVM_SET_SREGS, cpu,
		       sregs.fs.base = 0x1234000 + cpu; sregs.gs.selector = 0x77;
		       sregs.gdt.base = 0x5000; sregs.gdt.limit = 0x3f;
		       sregs.idt.base = 0x6000; sregs.ldt.base = 0x7000;
		       sregs.tr.base = 0x8000; sregs.cr2 = 0x999; sregs.cr8 = 5;
		       sregs.cr4 |= 0x600;);
		/* SDM 1, 10.5.1 and 13.4: x87 from 0 on, XMM from 160, XSTATE_BV at 512. */
		CHANGE(kvm_xsave, xsave, KVM_GET_XSAVE, KVM_SET_XSAVE, cpu,
		       uint8_t *bytes = (uint8_t *)xsave.region;
		       memset(bytes + 160, 0x40 + cpu, 256); memset(bytes + 32, 0x11 + cpu, 10);
		       bytes[0] = 0x7f; bytes[1] = 2; xsave.region[2] = 0x4321;
		       xsave.region[6] = 0x1fa0; xsave.region[128] |= 3;);
		CHANGE(kvm_debugregs, debug, KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, cpu,
		       debug.db[0] = 0x1111; debug.db[3] = 0x3333 + cpu;
		       debug.dr6 = 0xffff0ff2; debug.dr7 = 0x455;);
	}
	moved();
}

/* One kind of event after the other, as not all go together. */
TEST(events, "each kind of event that is pending, and each run state")
{
	static const struct {
		const char *name;
		struct kvm_vcpu_events set;
	} rows[] = {
		{ "interrupt", { .interrupt = { .injected = 1, .nr = 0x55 } } },
		{ "shadow of STI", { .interrupt.shadow = KVM_X86_SHADOW_INT_STI,
				     .flags = KVM_VCPUEVENT_VALID_SHADOW } },
		{ "shadow of MOV SS", { .interrupt.shadow = KVM_X86_SHADOW_INT_MOV_SS,
					.flags = KVM_VCPUEVENT_VALID_SHADOW } },
		{ "NMI injected", { .nmi.injected = 1 } },
		{ "NMI pending", { .nmi.pending = 1, .flags = KVM_VCPUEVENT_VALID_NMI_PENDING } },
		{ "NMI masked", { .nmi.masked = 1 } },
		{ "exception", { .exception = { .injected = 1, .nr = 6 } } },
		{ "exception with a code", { .exception = { .injected = 1, .nr = 13,
							    .has_error_code = 1,
							    .error_code = 0x18 } } },
	};
	static const uint32_t states[] = {
		KVM_MP_STATE_UNINITIALIZED, KVM_MP_STATE_INIT_RECEIVED, KVM_MP_STATE_HALTED,
		KVM_MP_STATE_RUNNABLE,
	};

	machine_make();
	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct kvm_vcpu_events set = row->set;

			REQUIRE_DONE(call(machine.vcpus[1].fd, KVM_SET_VCPU_EVENTS, &set));
			moved();
			memset(&set, 0, sizeof(set));
			set.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
			REQUIRE_DONE(call(machine.vcpus[1].fd, KVM_SET_VCPU_EVENTS, &set));
		}
	for_each(state, states)
		SUBTEST("run state %u", *state) {
			struct kvm_mp_state set = { *state };

			REQUIRE_DONE(call(machine.vcpus[1].fd, KVM_SET_MP_STATE, &set));
			moved();
		}
}

TEST(chips, "PICs, IOAPIC, local APICs and PIT")
{
	struct kvm_irqchip chip;
	struct kvm_pit_state2 pit;

	machine_make();
	for (unsigned int i = 0; i < 2; i++) {
		chip = (struct kvm_irqchip){ .chip_id = i };
		REQUIRE_DONE(call(machine.vm, KVM_GET_IRQCHIP, &chip));
		chip.chip.pic.imr = 0x5a;
		chip.chip.pic.irq_base = 0x20 + 8 * i;
		chip.chip.pic.isr = 2;
		chip.chip.pic.priority_add = 3;
		chip.chip.pic.elcr = 0x20;
		chip.chip.pic.init4 = 1;
		REQUIRE_DONE(call(machine.vm, KVM_SET_IRQCHIP, &chip));
	}
	chip = (struct kvm_irqchip){ .chip_id = KVM_IRQCHIP_IOAPIC };
	REQUIRE_DONE(call(machine.vm, KVM_GET_IRQCHIP, &chip));
	chip.chip.ioapic.id = 3;
	chip.chip.ioapic.ioregsel = 0x12;
	for (int pin = 0; pin < KVM_IOAPIC_NUM_PINS; pin++)
		chip.chip.ioapic.redirtbl[pin].bits = 0x18000 | (0x30 + pin) | 1ull << 56;
	REQUIRE_DONE(call(machine.vm, KVM_SET_IRQCHIP, &chip));
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		CHANGE(kvm_lapic_state, lapic, KVM_GET_LAPIC, KVM_SET_LAPIC, cpu,
		       lapic_set(&lapic, 0xf0, 0x1ff); lapic_set(&lapic, 0x80, 0x30);
		       lapic_set(&lapic, 0xd0, 1u << (24 + cpu));
		       lapic_set(&lapic, 0x320, 0x100ec); lapic_set(&lapic, 0x350, 0x8700);
		       lapic_set(&lapic, 0x280, 0); lapic_set(&lapic, 0x3e0, 0xb);
		       lapic_set(&lapic, 0x110, 2); lapic_set(&lapic, 0x220, 4););
	REQUIRE_DONE(call(machine.vm, KVM_GET_PIT2, &pit));
	pit.channels[2].count = 0x4321;
	pit.channels[2].mode = 3;
	pit.channels[2].rw_mode = 3;
	pit.channels[1].bcd = 1;
	REQUIRE_DONE(call(machine.vm, KVM_SET_PIT2, &pit));
	moved();
}

/* Of KVM's list, and those that it leaves out: MTRRs, machine checks. */
static unsigned int msrs_list(uint32_t *to)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + 1024 * 4);
	unsigned int count = 0;

	list->nmsrs = 1024;
	REQUIRE_DONE(call(machine.kvm, KVM_GET_MSR_INDEX_LIST, list));
	for (unsigned int i = 0; i < list->nmsrs; i++)
		to[count++] = list->indices[i];
	for (uint32_t index = 0x200; index < 0x210; index++)
		to[count++] = index;
	for (uint32_t index = 0x400; index < 0x428; index++)
		to[count++] = index;
	to[count++] = 0x250;
	to[count++] = 0x258;
	to[count++] = 0x268;
	to[count++] = 0x2ff;
	free(list);
	return count;
}

/* Clocks and counters, and what would make another machine of it. */
static bool is_left_alone(uint32_t index)
{
	static const uint32_t alone[] = {
		0x10, 0x1b, 0x6e0, 0xe7, 0xe8, 0xc0000080, 0x40000010, 0x40000020, 0x3b,
	};

	for_each(one, alone)
		if (index == *one)
			return true;
	return false;
}

/* Another value that KVM takes for it, or the old one. */
static void msr_change(int cpu, uint32_t index)
{
	static const uint64_t flips[] = { 0x1000, 0x10, 0x1, 0x6, 0x100000, 1ull << 32, 0x20 };
	uint64_t value, got;

	if (cpu_msr_get(cpu, index, &value) != 1)
		return;
	for_each(flip, flips)
		if (cpu_msr_set(cpu, index, value ^ *flip) == 1 &&
		    cpu_msr_get(cpu, index, &got) == 1 && got == (value ^ *flip))
			return;
	cpu_msr_set(cpu, index, value);
}

TEST(msrs, "every MSR that can be set")
{
	uint32_t list[1200];
	uint64_t fresh, before[1200];
	unsigned int count, changed = 0;
	int cpu;

	machine_make();
	count = msrs_list(list);
	cpu = machine.vcpus[1].fd;
	for (unsigned int i = 0; i < count; i++) {
		fresh = 0;
		cpu_msr_get(cpu, list[i], &fresh);
		if (!is_left_alone(list[i]))
			msr_change(cpu, list[i]);
		before[i] = fresh;
	}
	for (unsigned int i = 0; i < count; i++) {
		fresh = before[i];
		if (cpu_msr_get(cpu, list[i], &before[i]) != 1)
			list[i] = 0x10;
		changed += before[i] != fresh;
	}
	EXPECT(changed > 20);
	machine_migrate();
	cpu = machine.vcpus[1].fd;
	for (unsigned int i = 0; i < count; i++) {
		uint64_t after = 0;

		if (list[i] == 0x10 || is_left_alone(list[i]))
			continue;
		SUBTEST("MSR %#x", list[i]) {
			EXPECT_EQ(cpu_msr_get(cpu, list[i], &after), 1);
			EXPECT_EQ(after, before[i]);
		}
	}
}

TEST(time, "the machine's clock, TSC and the TSC's frequency go on")
{
	struct kvm_clock_data set = { .clock = 1ull << 50 }, got;
	uint64_t before, after;
	int khz;

	machine_make();
	REQUIRE_DONE(call(machine.vm, KVM_SET_CLOCK, &set));
	REQUIRE_EQ(cpu_msr_get(machine.vcpus[1].fd, 0x10, &before), 1);
	khz = call(machine.vcpus[1].fd, KVM_GET_TSC_KHZ, 0);
	machine_migrate();
	memset(&got, 0, sizeof(got));
	REQUIRE_DONE(call(machine.vm, KVM_GET_CLOCK, &got));
	EXPECT(got.clock >= set.clock && got.clock < set.clock + 60000000000ull);
	REQUIRE_EQ(cpu_msr_get(machine.vcpus[1].fd, 0x10, &after), 1);
	EXPECT(after >= before);
	EXPECT_EQ(call(machine.vcpus[1].fd, KVM_GET_TSC_KHZ, 0), khz);
}

TEST(model, "CPUID of each CPU")
{
	struct kvm_cpuid2 *before[CPUS], *after;

	machine_make();
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		before[cpu] = cpuid_supported(machine.kvm);
		before[cpu]->nent = CPUID_MOST;
		REQUIRE_DONE(call(machine.vcpus[cpu].fd, KVM_GET_CPUID2, before[cpu]));
	}
	machine_migrate();
	after = cpuid_supported(machine.kvm);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		SUBTEST("CPU %u", cpu) {
			after->nent = CPUID_MOST;
			REQUIRE_DONE(call(machine.vcpus[cpu].fd, KVM_GET_CPUID2, after));
			EXPECT_EQ(after->nent, before[cpu]->nent);
			EXPECT(!memcmp(after->entries, before[cpu]->entries,
				       after->nent * sizeof(*after->entries)));
		}
}
