/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt controllers in the kernel: api.rst, 4.24 to 4.27, 4.57 and 4.58, 7.5 split
 * irqchip, 7.7 x2APIC, 4.71 KVM_SIGNAL_MSI, 4.52 routes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/guest.h"
#include "api/test.h"
#include "defs/apic.h"


/* 4.24: before any CPU, and once. */
TEST(creation, "KVM_CREATE_IRQCHIP and a split irqchip: when, and how often")
{
	int kvm = kvm_open(), vm = vm_new(kvm);

	EXPECT_DONE(call(vm, KVM_CREATE_IRQCHIP, 0));
	EXPECT_ERROR(call(vm, KVM_CREATE_IRQCHIP, 0), EEXIST);
	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_SPLIT_IRQCHIP, 24), EEXIST);
	SUBTEST("once there is a CPU") {
		vm = vm_new(kvm);
		cpu_new(vm, 0);
		EXPECT_ERROR(call(vm, KVM_CREATE_IRQCHIP, 0), EINVAL);
		EXPECT(kvm_enable(vm, KVM_CAP_SPLIT_IRQCHIP, 24) < 0);
	}
	SUBTEST("split, and then a whole one") {
		vm = vm_new(kvm);
		EXPECT_ERROR(kvm_enable(vm, KVM_CAP_SPLIT_IRQCHIP, 1u << 20), EINVAL);
		EXPECT_DONE(kvm_enable(vm, KVM_CAP_SPLIT_IRQCHIP, 24));
		EXPECT_ERROR(call(vm, KVM_CREATE_IRQCHIP, 0), EEXIST);
		EXPECT_ERROR(kvm_enable(vm, KVM_CAP_SPLIT_IRQCHIP, 24), EEXIST);
	}
	SUBTEST("a PIT needs one") {
		struct kvm_pit_config config = { 0 };

		vm = vm_new(kvm);
		EXPECT_ERROR(call(vm, KVM_CREATE_PIT2, &config), ENOENT);
		EXPECT_DONE(call(vm, KVM_CREATE_IRQCHIP, 0));
		EXPECT_DONE(call(vm, KVM_CREATE_PIT2, &config));
		EXPECT_ERROR(call(vm, KVM_CREATE_PIT2, &config), EEXIST);
	}
}

TEST(absent, "what needs an irqchip in the kernel, without one")
{
	struct guest guest = guest_new(NULL, GUEST_PLAIN);
	struct kvm_irqchip chip = { .chip_id = 0 };
	struct kvm_irq_level level = { .irq = 4, .level = 1 };
	struct kvm_lapic_state lapic;
	struct kvm_pit_state2 pit;

	EXPECT_ERROR(call(guest.vm, KVM_GET_IRQCHIP, &chip), ENXIO);
	EXPECT_ERROR(call(guest.vm, KVM_SET_IRQCHIP, &chip), ENXIO);
	EXPECT_ERROR(call(guest.vm, KVM_IRQ_LINE, &level), ENXIO);
	EXPECT_ERROR(call(guest.vm, KVM_GET_PIT2, &pit), ENXIO);
	EXPECT_ERROR(call(guest.vm, KVM_SET_PIT2, &pit), ENXIO);
	EXPECT_ERROR(call(guest.cpu, KVM_GET_LAPIC, &lapic), EINVAL);
	EXPECT_ERROR(call(guest.cpu, KVM_SET_LAPIC, &lapic), EINVAL);
	SUBTEST("a split one has no PICs, no IOAPIC") {
		struct guest split = guest_new(NULL, GUEST_SPLIT);

		EXPECT_ERROR(call(split.vm, KVM_GET_IRQCHIP, &chip), ENXIO);
		EXPECT_DONE(call(split.cpu, KVM_GET_LAPIC, &lapic));
	}
}

/* 4.26, 4.27 */
TEST(chips, "PICs and IOAPIC are what was set; unknown chips are refused")
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_irqchip chip = { .chip_id = 3 }, got;

	EXPECT_ERROR(call(guest.vm, KVM_GET_IRQCHIP, &chip), EINVAL);
	EXPECT_ERROR(call(guest.vm, KVM_SET_IRQCHIP, &chip), EINVAL);
	EXPECT_ERROR(call(guest.vm, KVM_GET_IRQCHIP, 8), EFAULT);
	for (uint32_t id = 0; id < 2; id++)
		SUBTEST("PIC %u", id) {
			chip = (struct kvm_irqchip){ .chip_id = id };
			chip.chip.pic.imr = 0xa5;
			chip.chip.pic.irq_base = 0x30 + 8 * id;
			chip.chip.pic.isr = 0x10;
			chip.chip.pic.elcr = 0x20;
			REQUIRE_DONE(call(guest.vm, KVM_SET_IRQCHIP, &chip));
			got = (struct kvm_irqchip){ .chip_id = id };
			REQUIRE_DONE(call(guest.vm, KVM_GET_IRQCHIP, &got));
			EXPECT_EQ(got.chip.pic.imr, 0xa5);
			EXPECT_EQ(got.chip.pic.irq_base, 0x30 + 8 * id);
			EXPECT_EQ(got.chip.pic.isr, 0x10);
			EXPECT_EQ(got.chip.pic.elcr, 0x20);
		}
	SUBTEST("IOAPIC") {
		chip = (struct kvm_irqchip){ .chip_id = KVM_IRQCHIP_IOAPIC };
		REQUIRE_DONE(call(guest.vm, KVM_GET_IRQCHIP, &chip));
		EXPECT_EQ(chip.chip.ioapic.base_address, 0xfec00000);
		for (int pin = 0; pin < KVM_IOAPIC_NUM_PINS; pin++) {
			EXPECT_EQ(chip.chip.ioapic.redirtbl[pin].fields.mask, 1);
			chip.chip.ioapic.redirtbl[pin].bits = 0x10000 | (0x40 + pin) |
				(uint64_t)pin << 56;
		}
		chip.chip.ioapic.ioregsel = 5;
		chip.chip.ioapic.id = 7;
		REQUIRE_DONE(call(guest.vm, KVM_SET_IRQCHIP, &chip));
		got = (struct kvm_irqchip){ .chip_id = KVM_IRQCHIP_IOAPIC };
		REQUIRE_DONE(call(guest.vm, KVM_GET_IRQCHIP, &got));
		EXPECT(!memcmp(chip.chip.ioapic.redirtbl, got.chip.ioapic.redirtbl,
			       sizeof(chip.chip.ioapic.redirtbl)));
		EXPECT_EQ(got.chip.ioapic.ioregsel, 5);
		EXPECT_EQ(got.chip.ioapic.id, 7);
	}
}

/* 4.57: registers as in xAPIC mode; SDM 3A, 11.4.7: their values after a reset. */
TEST(lapic, "a local APIC's registers after a reset, and as they were set")
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_lapic_state lapic = guest_lapic(&guest), got;

	EXPECT_EQ(lapic_get(&lapic, APIC_ID), 0);
	EXPECT_EQ(lapic_get(&lapic, APIC_SVR), 0xff);
	EXPECT_EQ(lapic_get(&lapic, 0xe0), ~0u);	/* DFR: flat */
	EXPECT_EQ(lapic_get(&lapic, 0x320), 0x10000);	/* timer: masked */
	lapic_set(&lapic, APIC_SVR, 0x1ff);
	lapic_set(&lapic, APIC_TPR, 0x20);
	lapic_set(&lapic, 0xd0, 0x5a000000);	/* LDR */
	lapic_set(&lapic, 0x320, 0x200e1);		/* periodic, vector 0xe1 */
	lapic_set(&lapic, 0x3e0, 0xb);
	lapic_set(&lapic, 0x380, 0x7fffffff);
	lapic_set(&lapic, 0x310, 0x03000000);
	lapic_set(&lapic, APIC_IRR + 0x10, 1 << 5);
	guest_lapic_put(&guest, &lapic);
	got = guest_lapic(&guest);
	for (unsigned int reg = 0x80; reg < 0x390; reg += 16)
		if (reg != 0xa0 && reg != 0xc0)	/* PPR is derived */
			SUBTEST("register %#x", reg)
				EXPECT_EQ(lapic_get(&got, reg), lapic_get(&lapic, reg));
	EXPECT_EQ(guest_sregs(&guest).cr8, 2);
}

/* 7.7: without the API's 32 bits, an x2APIC's id is told as xAPIC's. */
TEST(x2apic_ids, "x2APIC ids in KVM_GET_LAPIC, with KVM_CAP_X2APIC_API and without",
     REQUIRES(KVM_CAP_X2APIC_API))
{
	int kvm = kvm_open();

	for (int api = 0; api < 2; api++)
		SUBTEST("%s", api ? "32 bits" : "8 bits") {
			int vm = vm_new(kvm), cpu;
			struct kvm_lapic_state lapic;
			struct kvm_sregs sregs;
			uint32_t id;

			if (api)
				REQUIRE_DONE(kvm_enable(vm, KVM_CAP_X2APIC_API,
							KVM_X2APIC_API_USE_32BIT_IDS));
			REQUIRE_DONE(call(vm, KVM_CREATE_IRQCHIP, 0));
			cpu = cpu_new(vm, 5);
			REQUIRE_DONE(call(cpu, KVM_SET_CPUID2, cpuid_supported(kvm)));
			REQUIRE_DONE(call(cpu, KVM_GET_SREGS, &sregs));
			sregs.apic_base |= 0xc00;	/* x2APIC */
			REQUIRE_DONE(call(cpu, KVM_SET_SREGS, &sregs));
			REQUIRE_DONE(call(cpu, KVM_GET_LAPIC, &lapic));
			id = api ? 5 : 5 << 24;
			EXPECT_EQ(lapic_get(&lapic, APIC_ID), id);
			EXPECT_DONE(call(cpu, KVM_SET_LAPIC, &lapic));
			/* SDM 3A, 11.12.10.2: the logical id is derived of it. */
			EXPECT_EQ(lapic_get(&lapic, 0xd0), 1 << 5);
			if (api) {
				lapic_set(&lapic, APIC_ID, 6);
				EXPECT_ERROR(call(cpu, KVM_SET_LAPIC, &lapic), EINVAL);
			}
		}
	EXPECT_ERROR(kvm_enable(vm_new(kvm), KVM_CAP_X2APIC_API, 1 << 10), EINVAL);
}

static struct guest guest_taking(unsigned int with)
{
	struct guest guest = guest_new(NULL, with);

	guest_takes_interrupts(&guest);
	return guest;
}

static int msi_signal(const struct guest *guest, uint32_t address, uint32_t data)
{
	struct kvm_msi msi = { .address_lo = address, .data = data };

	return call(guest->vm, KVM_SIGNAL_MSI, &msi);
}

/* 4.71: ">0 on delivery, 0 if guest blocked it" */
TEST(msi, "KVM_SIGNAL_MSI reaches whom it is for, and says whether it did",
     REQUIRES(KVM_CAP_SIGNAL_MSI))
{
	struct guest guest = guest_taking(GUEST_IRQCHIP);
	struct kvm_msi flagged = { .address_lo = 0xfee00000, .flags = 1 << 5 };

	EXPECT(msi_signal(&guest, 0xfee00000, 0x51) > 0);
	EXPECT(guest_requests(&guest, 0x51));
	EXPECT(!guest_requests(&guest, 0x52));
	SUBTEST("nobody has this id")
		EXPECT(msi_signal(&guest, 0xfee99000, 0x52) <= 0);
	SUBTEST("logical, to all") {
		struct kvm_lapic_state lapic = guest_lapic(&guest);

		lapic_set(&lapic, 0xd0, 1 << 24);
		guest_lapic_put(&guest, &lapic);
		EXPECT(msi_signal(&guest, 0xfee01004, 0x53) > 0);
		EXPECT(guest_requests(&guest, 0x53));
		EXPECT(msi_signal(&guest, 0xfee02004, 0x54) <= 0);
	}
	EXPECT_ERROR(call(guest.vm, KVM_SIGNAL_MSI, &flagged), EINVAL);
	SUBTEST("without an irqchip") {
		struct guest plain = guest_new(NULL, GUEST_PLAIN);

		EXPECT_ERROR(msi_signal(&plain, 0xfee00000, 0x51), EINVAL);
	}
}

/* 4.25: 0 once it is requested; 1, and still pending: coalesced. */
TEST(lines, "KVM_IRQ_LINE_STATUS through the IOAPIC: delivered, coalesced, masked",
     REQUIRES(KVM_CAP_IRQ_INJECT_STATUS))
{
	struct guest guest = guest_taking(GUEST_IRQCHIP);
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
	struct kvm_irq_level level = { .irq = 10, .level = 1 };

	REQUIRE_DONE(call(guest.vm, KVM_GET_IRQCHIP, &chip));
	chip.chip.ioapic.redirtbl[10].bits = 0x61;	/* edge, physical, to CPU 0 */
	chip.chip.ioapic.redirtbl[11].bits = 0x8062;	/* level */
	REQUIRE_DONE(call(guest.vm, KVM_SET_IRQCHIP, &chip));
	EXPECT_DONE(call(guest.vm, KVM_IRQ_LINE_STATUS, &level));
	EXPECT(level.status > 0);
	EXPECT(guest_requests(&guest, 0x61));
	SUBTEST("up while it is up already: no edge") {
		level.level = 1;
		EXPECT_DONE(call(guest.vm, KVM_IRQ_LINE_STATUS, &level));
	}
	SUBTEST("level: remote IRR, up to an EOI") {
		level = (struct kvm_irq_level){ .irq = 11, .level = 1 };
		EXPECT_DONE(call(guest.vm, KVM_IRQ_LINE_STATUS, &level));
		EXPECT(guest_requests(&guest, 0x62));
		REQUIRE_DONE(call(guest.vm, KVM_GET_IRQCHIP, &chip));
		EXPECT_EQ(chip.chip.ioapic.redirtbl[11].fields.remote_irr, 1);
	}
	SUBTEST("masked") {
		level = (struct kvm_irq_level){ .irq = 12, .level = 1 };
		EXPECT_DONE(call(guest.vm, KVM_IRQ_LINE_STATUS, &level));
		REQUIRE_DONE(call(guest.vm, KVM_GET_IRQCHIP, &chip));
		EXPECT_EQ(chip.chip.ioapic.irr >> 12 & 1, 1);
	}
	EXPECT_ERROR(call(guest.vm, KVM_IRQ_LINE, 8), EFAULT);
}
