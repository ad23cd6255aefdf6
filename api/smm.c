/* SPDX-License-Identifier: BSD-2-Clause */
/* System-management mode: api.rst, 4.96 KVM_SMI, 4.31; SDM 3C, 32.4 and 32.5. */
#include <string.h>

#include "api/guest.h"
#include "api/test.h"

CODE16(rest, "nop; out %al, $0x81; hlt");
#define SMBASE		0x30000u
#define HANDLER		(SMBASE + 0x8000)
#define SAVED		(SMBASE + 0x8000)	/* offsets are from here */

/* mov $0x5a, %al; out %al, $0x80; rsm */
static const uint8_t handler[] = { 0xb0, 0x5a, 0xe6, 0x80, 0x0f, 0xaa };

static struct kvm_vcpu_events events_of(const struct guest *guest)
{
	struct kvm_vcpu_events events = { 0 };

	REQUIRE_DONE(call(guest->cpu, KVM_GET_VCPU_EVENTS, &events));
	return events;
}

static uint64_t saved(const struct guest *guest, unsigned int offset, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, guest->memory + SAVED + offset, size);
	return value;
}

/* A CPU with long mode has the map of AMD64, others that of the i486. */
static void cpu_without_long_mode(struct guest *guest)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported(guest->kvm);

	cpuid_entry(cpuid, 0x80000001, 0)->edx &= ~(1u << 29);
	REQUIRE_DONE(call(guest->cpu, KVM_SET_CPUID2, cpuid));
}

/* A guest that is about to take an SMI; SMM's address space has @memory. */
static struct guest guest_smi(bool long_mode, uint8_t *memory)
{
	struct guest guest = guest_new(&rest, GUEST_IRQCHIP);

	if (!long_mode)
		cpu_without_long_mode(&guest);
	if (!memory)
		memory = guest.memory;
	memcpy(memory + HANDLER, handler, sizeof(handler));
	REQUIRE_DONE(slot_set(guest.vm, 1 << 16, 0, GUEST_MEMORY, memory, 0));
	return guest;
}

static void smi(bool long_mode)
{
	struct guest guest = guest_smi(long_mode, NULL);
	struct kvm_regs regs = guest_regs(&guest);
	uint32_t value = 0;

	regs.rbx = 0x11223344;
	regs.rdi = 0x55667788;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_REGS, &regs));
	REQUIRE_DONE(call(guest.cpu, KVM_SMI, 0));
	EXPECT_EQ(events_of(&guest).smi.pending, 1);
	EXPECT_EQ(events_of(&guest).smi.smm, 0);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 1, &value) && value == 0x5a);
	EXPECT(guest.run->flags & KVM_RUN_X86_SMM);
	EXPECT_EQ(events_of(&guest).smi.smm, 1);
	EXPECT_EQ(events_of(&guest).smi.pending, 0);
	EXPECT_EQ(guest_sregs(&guest).cs.base, SMBASE);
	EXPECT_EQ(guest_sregs(&guest).cr0 & 0x80000001, 0);
	SUBTEST("what was saved") {
		EXPECT_EQ(saved(&guest, long_mode ? 0x7f78 : 0x7ff0, 4), GUEST_CODE);
		EXPECT_EQ(saved(&guest, long_mode ? 0x7fe0 : 0x7fdc, 4), 0x11223344);
		EXPECT_EQ(saved(&guest, long_mode ? 0x7fc0 : 0x7fec, 4), 0x55667788);
		EXPECT_EQ(saved(&guest, long_mode ? 0x7f00 : 0x7ef8, 4), SMBASE);
	}
	/* The handler may change what RSM loads. */
	memcpy(guest.memory + SAVED + (long_mode ? 0x7fe0 : 0x7fdc), "\x99\x88\x77\x66", 4);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT_EQ(guest.run->io.port, 0x81);
	EXPECT_EQ(guest.run->flags & KVM_RUN_X86_SMM, 0);
	EXPECT_EQ(events_of(&guest).smi.smm, 0);
	regs = guest_regs(&guest);
	EXPECT_EQ(regs.rbx, 0x66778899);
	EXPECT_EQ(regs.rdi, 0x55667788);
	EXPECT_EQ(guest_sregs(&guest).cs.base, 0);
}

TEST(long_mode, "SMI and RSM of a CPU with long mode", REQUIRES(KVM_CAP_X86_SMM))
{
	smi(true);
}

TEST(legacy, "SMI and RSM of a CPU without long mode", REQUIRES(KVM_CAP_X86_SMM))
{
	smi(false);
}

/* An NMI is blocked in SMM; SDM 3C, 32.8. */
TEST(blocked, "in SMM another SMI waits", REQUIRES(KVM_CAP_X86_SMM))
{
	struct guest guest = guest_smi(true, NULL);

	REQUIRE_DONE(call(guest.cpu, KVM_SMI, 0));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	REQUIRE_DONE(call(guest.cpu, KVM_SMI, 0));
	EXPECT_EQ(events_of(&guest).smi.pending, 1);
	/* It comes right behind RSM: the handler once more. */
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT_EQ(guest.run->io.port, 0x80);
	EXPECT(guest.run->flags & KVM_RUN_X86_SMM);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT_EQ(guest.run->io.port, 0x81);
}

/* SMM has an address space of its own, once memory slots say so. */
TEST(own_memory, "slots of address space 1 are SMM's", REQUIRES(KVM_CAP_X86_SMM,
							       KVM_CAP_MULTI_ADDRESS_SPACE))
{
	uint8_t *memory = memory_new(GUEST_MEMORY);
	struct guest guest = guest_smi(true, memory);
	uint32_t value = 0;

	memory[HANDLER + 1] = 0xa5;
	memcpy(guest.memory + HANDLER, handler, sizeof(handler));
	REQUIRE_DONE(call(guest.cpu, KVM_SMI, 0));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 1, &value));
	EXPECT_EQ(value, 0xa5);
	/* What is saved goes there, too. */
	EXPECT_EQ(memory[SAVED + 0x7f78 + 1], GUEST_CODE >> 8);
	EXPECT_EQ(guest.memory[SAVED + 0x7f78 + 1], 0);
}

TEST(no_memory, "SMM without any memory of its own: emulation fails, and says so",
     REQUIRES(KVM_CAP_X86_SMM))
{
	struct guest guest = guest_new(&rest, GUEST_IRQCHIP);

	REQUIRE_DONE(call(guest.cpu, KVM_SMI, 0));
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_INTERNAL_ERROR);
	EXPECT_EQ(guest.run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION);
}
