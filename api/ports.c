/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PIT and the PICs in the kernel as a guest sees them through their ports: api.rst,
 * 4.71 KVM_CREATE_PIT2 and 4.24; Intel's data sheets of the 8254 and the 8259A.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

/*
 * Does what a list at 0x3000 says: port, value, and 1 to write or 2 to read, which
 * goes to the value's place; 0 ends it.
 */
CODE64(ports, "mov $0x3000, %esi; 1: mov (%rsi), %edx; mov 4(%rsi), %eax; mov 8(%rsi), %ecx;"
	      "add $12, %esi; cmp $1, %ecx; jb 3f; ja 2f; out %al, %dx; jmp 1b;"
	      "2: in %dx, %al; mov %al, -8(%rsi); jmp 1b; 3: out %al, $0x80");

struct access {
	uint32_t port, value, kind;
};

#define OUT(port, value)	{ (port), (value), 1 }
#define IN(port)		{ (port), 0, 2 }
#define MOST			16

/* Runs a list; what was read is in @list then. */
static void run_list(struct guest *guest, struct access *list, unsigned int count)
{
	struct access *there = (struct access *)(guest->memory + 0x3000);

	memcpy(there, list, count * sizeof(*list));
	memset(there + count, 0, sizeof(*list));
	guest_start(guest, &ports);
	REQUIRE_EQ(guest_run(guest), KVM_EXIT_IO);
	REQUIRE_EQ(guest->run->io.port, 0x80);
	memcpy(list, there, count * sizeof(*list));
}

#define RUN(guest, list)	run_list(guest, list, ARRAY_SIZE(list))

static struct guest guest_pit(void)
{
	struct kvm_pit_config config = { .flags = KVM_PIT_SPEAKER_DUMMY };
	struct guest guest = guest_new(NULL, GUEST_LONG | GUEST_IRQCHIP);

	REQUIRE_DONE(call(guest.vm, KVM_CREATE_PIT2, &config));
	return guest;
}

#define COUNTER(n)	(0x40 + (n))
#define CONTROL		0x43

/* 8254: a count is read as it was written, low byte first, while nothing counts: mode 1. */
TEST(pit_counts, "counters by low byte, high byte and both; latched; read back")
{
	struct guest guest = guest_pit();

	SUBTEST("low byte, then high byte") {
		struct access list[] = {
			OUT(CONTROL, 0x70), OUT(COUNTER(1), 0x34), OUT(COUNTER(1), 0x12),
			IN(COUNTER(1)), IN(COUNTER(1)),
		};
		struct kvm_pit_state2 pit;

		RUN(&guest, list);
		REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &pit));
		EXPECT_EQ(pit.channels[1].count, 0x1234);
		EXPECT_EQ(pit.channels[1].mode, 0);
		EXPECT_EQ(pit.channels[1].rw_mode, 3);
		/* It counts on at 1.19 MHz: below what was written, or round the end. */
		EXPECT((list[3].value | list[4].value << 8) != 0x1235);
	}
	SUBTEST("a latched count stays while it is read, and is read once") {
		struct access list[] = {
			OUT(CONTROL, 0xb4), OUT(COUNTER(2), 0xff), OUT(COUNTER(2), 0xff),
			OUT(CONTROL, 0x80), OUT(CONTROL, 0x80), IN(COUNTER(2)), IN(COUNTER(2)),
			IN(COUNTER(2)), IN(COUNTER(2)),
		};

		RUN(&guest, list);
		EXPECT((list[6].value << 8 | list[5].value) <= 0xffff);
		EXPECT((list[6].value << 8 | list[5].value) > 0);
	}
	SUBTEST("the high byte only") {
		struct access list[] = {
			OUT(CONTROL, 0x64), OUT(COUNTER(1), 0x56), IN(COUNTER(1)),
		};
		struct kvm_pit_state2 pit;

		RUN(&guest, list);
		REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &pit));
		EXPECT_EQ(pit.channels[1].count, 0x5600);
		EXPECT_EQ(pit.channels[1].mode, 2);
		EXPECT(list[2].value <= 0x56);
	}
	SUBTEST("the low byte only") {
		struct access list[] = {
			OUT(CONTROL, 0x56), OUT(COUNTER(1), 0x78), IN(COUNTER(1)),
		};
		struct kvm_pit_state2 pit;

		RUN(&guest, list);
		REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &pit));
		EXPECT_EQ(pit.channels[1].count, 0x78);
		EXPECT_EQ(pit.channels[1].mode, 3);
	}
	SUBTEST("0 is 65,536") {
		struct access list[] = {
			OUT(CONTROL, 0x74), OUT(COUNTER(1), 0), OUT(COUNTER(1), 0),
		};
		struct kvm_pit_state2 pit;

		RUN(&guest, list);
		REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &pit));
		EXPECT_EQ(pit.channels[1].count, 0x10000);
	}
}

/* 8254, "Read-Back Command": D7 is OUT, D5:0 what was written to the control word. */
TEST(pit_status, "the read-back command latches status, and then the count")
{
	static const struct {
		unsigned int control, status;
	} rows[] = {
		{ 0x70, 0x30 }, { 0x74, 0x34 }, { 0x66, 0x26 }, { 0x58, 0x18 }, { 0x71, 0x31 },
	};
	struct guest guest = guest_pit();

	for_each(row, rows)
		SUBTEST("control word %#x", row->control) {
			struct access list[] = {
				OUT(CONTROL, row->control), OUT(COUNTER(1), 0x99),
				OUT(COUNTER(1), 0x99), OUT(CONTROL, 0xe4), IN(COUNTER(1)),
				OUT(CONTROL, 0xc4), IN(COUNTER(1)), IN(COUNTER(1)),
			};

			RUN(&guest, list);
			EXPECT_EQ(list[4].value & 0x3f, row->status);
			/* Both latched: status comes first. */
			EXPECT_EQ(list[6].value & 0x3f, row->status);
		}
}

/* The port that PCs have at 0x61: gate of counter 2, speaker, its OUT. */
TEST(speaker, "port 0x61 is counter 2's gate and output")
{
	struct guest guest = guest_pit();
	struct access list[] = {
		OUT(0x61, 0), OUT(CONTROL, 0xb0), OUT(COUNTER(2), 2), OUT(COUNTER(2), 0),
		IN(0x61), OUT(0x61, 3), IN(0x61), IN(0x61),
	};
	struct kvm_pit_state2 pit;

	RUN(&guest, list);
	EXPECT_EQ(list[4].value & 3, 0);
	EXPECT_EQ(list[6].value & 3, 3);
	REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &pit));
	EXPECT_EQ(pit.channels[2].gate, 1);
	EXPECT(pit.flags & KVM_PIT_FLAGS_SPEAKER_DATA_ON);
	SUBTEST("mode 0: the output rises once the count is 0") {
		struct access late[] = { IN(0x61) };

		usleep(1000);
		RUN(&guest, late);
		EXPECT_EQ(late[0].value & 0x20, 0x20);
	}
}

#define MASTER(n)	(0x20 + (n))
#define SLAVE(n)	(0xa0 + (n))

/* 8259A: ICW1 to ICW4, then OCW1. */
static void pics_begin(struct guest *guest)
{
	struct access list[] = {
		OUT(MASTER(0), 0x11), OUT(MASTER(1), 0x30), OUT(MASTER(1), 4), OUT(MASTER(1), 1),
		OUT(SLAVE(0), 0x11), OUT(SLAVE(1), 0x38), OUT(SLAVE(1), 2), OUT(SLAVE(1), 1),
		OUT(MASTER(1), 0xa0), OUT(SLAVE(1), 0x0f),
	};

	RUN(guest, list);
}

static struct kvm_pic_state pic_of(const struct guest *guest, unsigned int which)
{
	struct kvm_irqchip chip = { .chip_id = which };

	REQUIRE_DONE(call(guest->vm, KVM_GET_IRQCHIP, &chip));
	return chip.chip.pic;
}

static void line_set(const struct guest *guest, unsigned int irq, unsigned int level)
{
	struct kvm_irq_level line = { .irq = irq, .level = level };

	REQUIRE_DONE(call(guest->vm, KVM_IRQ_LINE, &line));
}

TEST(pic_words, "initialisation, masks, IRR, ISR, EOIs and polling")
{
	struct guest guest = guest_new(NULL, GUEST_LONG | GUEST_IRQCHIP);

	pics_begin(&guest);
	EXPECT_EQ(pic_of(&guest, 0).irq_base, 0x30);
	EXPECT_EQ(pic_of(&guest, 1).irq_base, 0x38);
	EXPECT_EQ(pic_of(&guest, 0).imr, 0xa0);
	SUBTEST("masks are read as they were written") {
		struct access list[] = { IN(MASTER(1)), IN(SLAVE(1)) };

		RUN(&guest, list);
		EXPECT_EQ(list[0].value, 0xa0);
		EXPECT_EQ(list[1].value, 0x0f);
	}
	SUBTEST("IRR") {
		struct access list[] = { OUT(MASTER(0), 0x0a), IN(MASTER(0)) };

		line_set(&guest, 3, 1);
		line_set(&guest, 4, 1);
		RUN(&guest, list);
		EXPECT_EQ(list[1].value & 0x18, 0x18);
	}
	/* 8259A, "Poll Command": the highest is acknowledged by reading. */
	SUBTEST("polling acknowledges the highest") {
		struct access list[] = {
			OUT(MASTER(0), 0x0c), IN(MASTER(0)), OUT(MASTER(0), 0x0b), IN(MASTER(0)),
		};

		RUN(&guest, list);
		EXPECT_EQ(list[1].value & 7, 3);
	}
	SUBTEST("a specific EOI, and one that is not") {
		struct access list[] = {
			OUT(MASTER(0), 0x63), OUT(MASTER(0), 0x20), OUT(MASTER(0), 0x0b),
			IN(MASTER(0)),
		};

		RUN(&guest, list);
		EXPECT_EQ(list[3].value & 8, 0);
	}
	SUBTEST("priorities rotate") {
		struct access list[] = { OUT(MASTER(0), 0xc2) };

		RUN(&guest, list);
		EXPECT_EQ(pic_of(&guest, 0).priority_add, 3);
	}
	SUBTEST("special mask mode, on and off") {
		struct access on[] = { OUT(MASTER(0), 0x68) }, off[] = { OUT(MASTER(0), 0x48) };

		RUN(&guest, on);
		EXPECT_EQ(pic_of(&guest, 0).special_mask, 1);
		RUN(&guest, off);
		EXPECT_EQ(pic_of(&guest, 0).special_mask, 0);
	}
	SUBTEST("edge or level: ELCR, without the lines that are edges always") {
		struct access list[] = {
			OUT(0x4d0, 0xff), OUT(0x4d1, 0xff), IN(0x4d0), IN(0x4d1),
		};

		RUN(&guest, list);
		EXPECT_EQ(list[2].value, 0xf8);
		EXPECT_EQ(list[3].value, 0xde);
	}
	SUBTEST("a level that goes is no request any more") {
		line_set(&guest, 5, 1);
		EXPECT_EQ(pic_of(&guest, 0).irr & 0x20, 0x20);
		line_set(&guest, 5, 0);
		EXPECT_EQ(pic_of(&guest, 0).irr & 0x20, 0);
	}
}
