/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors instead of calls: api.rst, 4.52 KVM_SET_GSI_ROUTING, 4.59
 * KVM_IOEVENTFD, 4.75 KVM_IRQFD, 4.116 coalesced accesses.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

static int event_new(void)
{
	int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	REQUIRE(event >= 0);
	return event;
}

/* What it counted since it was last asked. */
static uint64_t event_count(int event)
{
	uint64_t count;

	return read(event, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static void event_signal(int event)
{
	uint64_t one = 1;

	REQUIRE(write(event, &one, sizeof(one)) == sizeof(one));
}

static int route(int vm, const struct kvm_irq_routing_entry *entries, unsigned int count,
		 uint32_t flags)
{
	struct kvm_irq_routing *table = calloc(1, sizeof(*table) + count * sizeof(*entries));

	table->nr = count;
	table->flags = flags;
	memcpy(table->entries, entries, count * sizeof(*entries));
	return call(vm, KVM_SET_GSI_ROUTING, table);
}

#define ROUTE_MSI(number, vector)					\
	{ .gsi = (number), .type = KVM_IRQ_ROUTING_MSI,			\
	  .u.msi = { .address_lo = 0xfee00000, .data = (vector) } }

static struct guest guest_taking(void)
{
	struct guest guest = guest_new(NULL, GUEST_SPLIT);

	guest_takes_interrupts(&guest);
	return guest;
}

/* Within a second: descriptors may be looked at by another thread. */
static bool becomes_requested(const struct guest *guest, unsigned int vector)
{
	bool requested;

	for (int ms = 0; !(requested = guest_requests(guest, vector)) && ms < 1000; ms++)
		poll(NULL, 0, 1);
	return requested;
}

TEST(routing, "KVM_SET_GSI_ROUTING: what routes there may be", REQUIRES(KVM_CAP_IRQ_ROUTING))
{
	static const struct kvm_irq_routing_entry
		good[] = { ROUTE_MSI(0, 0x30), ROUTE_MSI(1, 0x31) },
		flagged[] = { { .gsi = 0, .flags = 2, .type = KVM_IRQ_ROUTING_MSI } },
		unknown[] = { { .gsi = 0, .type = 77 } },
		high[] = { { .gsi = 99999, .type = KVM_IRQ_ROUTING_MSI } },
		pin[] = { { .gsi = 0, .type = KVM_IRQ_ROUTING_IRQCHIP,
			    .u.irqchip = { .irqchip = KVM_IRQCHIP_IOAPIC, .pin = 99 } } },
		chip[] = { { .gsi = 0, .type = KVM_IRQ_ROUTING_IRQCHIP,
			     .u.irqchip = { .irqchip = 9 } } };
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);

	EXPECT_DONE(route(guest.vm, good, 2, 0));
	EXPECT_DONE(route(guest.vm, good, 0, 0));
	EXPECT_ERROR(route(guest.vm, good, 2, 1), EINVAL);
	EXPECT_ERROR(route(guest.vm, flagged, 1, 0), EINVAL);
	EXPECT_ERROR(route(guest.vm, unknown, 1, 0), EINVAL);
	EXPECT_ERROR(route(guest.vm, high, 1, 0), EINVAL);
	EXPECT_ERROR(route(guest.vm, pin, 1, 0), EINVAL);
	EXPECT_ERROR(route(guest.vm, chip, 1, 0), EINVAL);
	EXPECT_ERROR(call(guest.vm, KVM_SET_GSI_ROUTING, 8), EFAULT);
	SUBTEST("without an irqchip")
		EXPECT_ERROR(route(guest_new(NULL, GUEST_PLAIN).vm, good, 2, 0), EINVAL);
}

TEST(irqfd, "a signalled eventfd is the interrupt that its GSI's route says",
     REQUIRES(KVM_CAP_IRQFD))
{
	static const struct kvm_irq_routing_entry first[] = { ROUTE_MSI(5, 0x71) },
						  second[] = { ROUTE_MSI(5, 0x72) };
	struct guest guest = guest_taking();
	int event = event_new();
	struct kvm_irqfd irqfd = { .fd = event, .gsi = 5 };

	REQUIRE_DONE(route(guest.vm, first, 1, 0));
	REQUIRE_DONE(call(guest.vm, KVM_IRQFD, &irqfd));
	event_signal(event);
	EXPECT(becomes_requested(&guest, 0x71));
	SUBTEST("routed in another way") {
		REQUIRE_DONE(route(guest.vm, second, 1, 0));
		event_signal(event);
		EXPECT(becomes_requested(&guest, 0x72));
	}
	EXPECT_ERROR(call(guest.vm, KVM_IRQFD, &irqfd), EBUSY);
	SUBTEST("deassigned, it is an eventfd again") {
		irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
		REQUIRE_DONE(call(guest.vm, KVM_IRQFD, &irqfd));
		event_count(event);
		event_signal(event);
		EXPECT_EQ(event_count(event), 1);
	}
	SUBTEST("signalled before it was assigned") {
		event_signal(event);
		irqfd.flags = 0;
		REQUIRE_DONE(route(guest.vm, (struct kvm_irq_routing_entry[])
				   { ROUTE_MSI(5, 0x73) }, 1, 0));
		REQUIRE_DONE(call(guest.vm, KVM_IRQFD, &irqfd));
		EXPECT(becomes_requested(&guest, 0x73));
	}
}

TEST(irqfd_refused, "descriptors that are none, unknown flags, resampling without a chip",
     REQUIRES(KVM_CAP_IRQFD))
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_irqfd irqfd = { .fd = 99, .gsi = 5 };
	int event = event_new();

	EXPECT_ERROR(call(guest.vm, KVM_IRQFD, &irqfd), EBADF);
	irqfd.fd = open("/dev/null", O_RDONLY);
	EXPECT_ERROR(call(guest.vm, KVM_IRQFD, &irqfd), EINVAL);
	irqfd = (struct kvm_irqfd){ .fd = event, .gsi = 5, .flags = 1 << 7 };
	EXPECT_ERROR(call(guest.vm, KVM_IRQFD, &irqfd), EINVAL);
	irqfd = (struct kvm_irqfd){ .fd = event, .gsi = 5, .flags = KVM_IRQFD_FLAG_RESAMPLE,
				    .resamplefd = 99 };
	EXPECT_ERROR(call(guest.vm, KVM_IRQFD, &irqfd), EBADF);
	EXPECT_ERROR(call(guest.vm, KVM_IRQFD, 8), EFAULT);
	/* Nothing of it was kept. */
	irqfd = (struct kvm_irqfd){ .fd = event, .gsi = 5 };
	EXPECT_DONE(call(guest.vm, KVM_IRQFD, &irqfd));
}

CODE64(touch, "mov $0x99, %edx; mov $7, %eax; out %al, %dx; mov $8, %eax; out %al, %dx;"
	      "out %ax, %dx; mov $0x30000000, %ebx; movl $0x11, (%rbx); movl $0x22, (%rbx);"
	      "movw $0x11, (%rbx); hlt");

/* What of touch is left for user space, as a bit each, in order. */
static unsigned int left_over(struct guest *guest)
{
	unsigned int left = 0, value;
	int reason;

	guest_start(guest, &touch);
	while ((reason = guest_run(guest)) != KVM_EXIT_HLT) {
		if (reason == KVM_EXIT_IO && guest_port_out(guest, 0x99, 1, &value))
			left |= value == 7 ? 1 : 2;
		else if (reason == KVM_EXIT_IO && guest_port_out(guest, 0x99, 2, &value))
			left |= 4;
		else if (reason == KVM_EXIT_MMIO && guest->run->mmio.len == 4)
			left |= guest->run->mmio.data[0] == 0x11 ? 8 : 16;
		else if (reason == KVM_EXIT_MMIO && guest->run->mmio.len == 2)
			left |= 32;
		else
			error("an unexpected exit: %d", reason);
	}
	return left;
}

/* 4.59: "datamatch … len 0 … any length"; each guest's write is counted once. */
TEST(ioeventfd, "an ioeventfd takes the writes that it is for, and no others",
     REQUIRES(KVM_CAP_IOEVENTFD))
{
	static const struct {
		const char *name;
		uint64_t at, match;
		uint32_t length, flags;
		unsigned int left, count;
	} rows[] = {
		{ "port, any value", 0x99, 0, 1, KVM_IOEVENTFD_FLAG_PIO, 0x3c, 2 },
		{ "port, one value", 0x99, 7, 1, KVM_IOEVENTFD_FLAG_PIO |
		  KVM_IOEVENTFD_FLAG_DATAMATCH, 0x3e, 1 },
		{ "port, two bytes", 0x99, 0, 2, KVM_IOEVENTFD_FLAG_PIO, 0x3b, 1 },
		{ "port, any length", 0x99, 0, 0, KVM_IOEVENTFD_FLAG_PIO, 0x38, 3 },
		{ "memory, any value", 0x30000000, 0, 4, 0, 0x27, 2 },
		{ "memory, one value", 0x30000000, 0x22, 4, KVM_IOEVENTFD_FLAG_DATAMATCH, 0x2f, 1 },
		{ "memory, any length", 0x30000000, 0, 0, 0, 7, 3 },
		{ "memory, beside it", 0x30000004, 0, 4, 0, 0x3f, 0 },
	};
	struct guest guest = guest_new(NULL, GUEST_LONG);

	EXPECT_EQ(left_over(&guest), 0x3f);
	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct kvm_ioeventfd io = {
				.addr = row->at, .len = row->length, .fd = event_new(),
				.flags = row->flags, .datamatch = row->match,
			};

			REQUIRE_DONE(call(guest.vm, KVM_IOEVENTFD, &io));
			EXPECT_ERROR(call(guest.vm, KVM_IOEVENTFD, &io), EEXIST);
			EXPECT_EQ(left_over(&guest), row->left);
			EXPECT_EQ(event_count(io.fd), row->count);
			io.flags |= KVM_IOEVENTFD_FLAG_DEASSIGN;
			EXPECT_DONE(call(guest.vm, KVM_IOEVENTFD, &io));
			EXPECT_ERROR(call(guest.vm, KVM_IOEVENTFD, &io), ENOENT);
			EXPECT_EQ(left_over(&guest), 0x3f);
		}
}

TEST(ioeventfd_refused, "lengths, ranges, flags and descriptors that cannot be",
     REQUIRES(KVM_CAP_IOEVENTFD))
{
	static const struct {
		const char *name;
		struct kvm_ioeventfd io;
		int error;
	} rows[] = {
		{ "three bytes", { .addr = 0x100, .len = 3 }, EINVAL },
		{ "sixteen bytes", { .addr = 0x100, .len = 16 }, EINVAL },
		{ "round the end", { .addr = -4ull, .len = 8 }, EINVAL },
		{ "unknown flags", { .addr = 0x100, .len = 4, .flags = 1 << 9 }, EINVAL },
		{ "a value, no length", { .addr = 0x100, .flags = KVM_IOEVENTFD_FLAG_DATAMATCH },
		  EINVAL },
		{ "no descriptor", { .addr = 0x100, .len = 4, .fd = 99 }, EBADF },
	};
	int kvm = kvm_open(), vm = vm_new(kvm), event = event_new();

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct kvm_ioeventfd io = row->io;

			if (!io.fd)
				io.fd = event;
			EXPECT_ERROR(call(vm, KVM_IOEVENTFD, &io), row->error);
		}
	EXPECT_ERROR(call(vm, KVM_IOEVENTFD, 8), EFAULT);
}

/* 4.116: writes are kept in a ring, up to the next exit or until it is full. */
TEST(coalesced, "coalesced writes do not exit, and are in the ring in order",
     REQUIRES(KVM_CAP_COALESCED_MMIO, KVM_CAP_COALESCED_PIO))
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	int page = kvm_has(guest.kvm, KVM_CAP_COALESCED_MMIO);
	const struct kvm_coalesced_mmio_ring *ring =
		(const void *)((const char *)guest.run + page * PAGE);
	struct kvm_coalesced_mmio_zone memory = { .addr = 0x30000000, .size = 8 },
				       port = { .addr = 0x99, .size = 2, .pio = 1 },
				       odd = { .addr = 0x99, .size = 2, .pio = 2 };

	EXPECT_ERROR(call(guest.vm, KVM_REGISTER_COALESCED_MMIO, &odd), EINVAL);
	REQUIRE_DONE(call(guest.vm, KVM_REGISTER_COALESCED_MMIO, &memory));
	EXPECT_EQ(left_over(&guest), 7);
	EXPECT_EQ(ring->first, 0);
	EXPECT_EQ(ring->last, 3);
	EXPECT_EQ(ring->coalesced_mmio[1].phys_addr, 0x30000000);
	EXPECT_EQ(ring->coalesced_mmio[1].len, 4);
	EXPECT_EQ(ring->coalesced_mmio[1].data[0], 0x22);
	EXPECT_EQ(ring->coalesced_mmio[2].len, 2);
	REQUIRE_DONE(call(guest.vm, KVM_REGISTER_COALESCED_MMIO, &port));
	EXPECT_EQ(left_over(&guest), 0);
	EXPECT_EQ(ring->last, 9);
	EXPECT_EQ(ring->coalesced_mmio[3].pio, 1);
	EXPECT_EQ(ring->coalesced_mmio[3].data[0], 7);
	EXPECT_DONE(call(guest.vm, KVM_UNREGISTER_COALESCED_MMIO, &memory));
	EXPECT_EQ(left_over(&guest), 0x38);
	SUBTEST("a full ring exits") {
		unsigned int left = 0;

		for (int i = 0; i < 100 && !(left & 7); i++)
			left = left_over(&guest);
		EXPECT(left & 7);
	}
}
