/* SPDX-License-Identifier: BSD-2-Clause */
/* The channel subsystem (SA22-7832, chapters 13 to 17), by a device of QEMU's. */
#include <asm/page.h>
#include <clock.h>
#include <css.h>
#include <insn.h>
#include <scope.h>
#include <test.h>

#define ISC		3
#define PARAMETER	0xcafe0000
#define STARTS		10
#define VIRTIO		0x3832		/* the control unit's type */

/* What SENSE ID tells. */
struct sense_id {
	u8 reserved;			/* ones */
	u8 cu_type[2], cu_model;
	u8 dev_type[2], dev_model, unused;
	u32 more[6];
};

static struct orb orb;
static struct ccw ccw;
static struct irb irb __attribute__((aligned(8)));
static struct sense_id id __attribute__((aligned(8)));
static u8 blocks[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

struct channel_scope {
	struct scope scope;
	struct schib old;
	u32 schid;
};

static void channel_leave(struct scope *scope)
{
	struct channel_scope *s = (struct channel_scope *)scope;
	struct schib schib = s->old;

	tsch(s->schid, &irb);
	schib.pmcw.flags &= ~PMCW_ENABLED;
	msch(s->schid, &schib);
	css_crw_drain();
}

static void channel_enter(struct channel_scope *s, u32 *schid)
{
	s->schid = *schid = css_find(&s->old);
	scope_enter(&s->scope, channel_leave);
	REQUIRE(*schid);
	css_crw_drain();
}

/* The first device's subchannel, which is left disabled and as it was. */
#define WITH_CHANNEL(schid)	SCOPE(channel_scope, channel_enter, schid)

static struct schib schib_of(u32 schid)
{
	struct schib schib;

	memset(&schib, 0, sizeof(schib));
	EXPECT_EQ(stsch(schid, &schib).cc, 0);
	return schib;
}

static void enable(u32 schid, u16 more)
{
	struct schib schib = schib_of(schid);

	schib.pmcw.parameter = PARAMETER;
	schib.pmcw.flags &= ~(PMCW_ISC_MASK | PMCW_MEASURE);
	schib.pmcw.flags |= PMCW_ISC(ISC) | PMCW_ENABLED | more;
	EXPECT_EQ(msch(schid, &schib).cc, 0);
}

static void program_make(void)
{
	memset(&id, 0, sizeof(id));
	ccw = (struct ccw){ CCW_SENSE_ID, CCW_ANY_LENGTH, sizeof(id), (uintptr_t)&id };
	orb = (struct orb){ PARAMETER, ORB_FORMAT1 | ORB_PATHS(0xff), (uintptr_t)&ccw, { 0 } };
}

/* Polls until the subchannel is status pending; false if it never is. */
static bool ends(u32 schid)
{
	for (u64 begin = clock_ticks(); clock_ticks() - begin < START_TICKS;)
		if (!tsch(schid, &irb).cc)
			return true;
	return false;
}

TEST(found, "subchannels with a device are found, and enabled", DEVICE(DEVICE_QEMU_CHANNEL))
{
	u32 schid;

	WITH_CHANNEL(&schid) {
		EXPECT(!(schib_of(schid).pmcw.flags & PMCW_ENABLED));
		enable(schid, 0);
		EXPECT_EQ(schib_of(schid).pmcw.flags & (PMCW_ENABLED | PMCW_ISC_MASK),
			  PMCW_ENABLED | PMCW_ISC(ISC));
		EXPECT_EQ(schib_of(schid).pmcw.parameter, PARAMETER);
	}
}

TEST(characteristics, "CHSC tells the subsystem's characteristics",
     DEVICE(DEVICE_QEMU_CHANNEL))
{
	static u16 block[PAGE_SIZE / 2] __attribute__((aligned(PAGE_SIZE)));

	memset(block, 0, sizeof(block));
	block[0] = 16;			/* length, and what is asked for */
	block[1] = 0x10;
	EXPECT_EQ(chsc(block).cc, 0);
	EXPECT_EQ(block[9], 1);		/* "as it was asked for" */
	EXPECT(block[8] >= 16);
	SUBTEST("misaligned")
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), chsc((u8 *)block + 8).fault);
}

static u32 taken;
static struct interruption interruption;

static void take(void *arg)
{
	(void)arg;
	interruption = irq_frame()->interruption;
	taken++;
}

TEST(sense_id, "SENSE ID, and an interruption on the subchannel's subclass",
     DEVICE(DEVICE_QEMU_CHANNEL))
{
	u64 cr6 = ctl_read(6), begin;
	u32 schid;

	program_make();
	taken = 0;
	WITH_CHANNEL(&schid)
		WITH_IRQ(IRQ_IO, take, NULL) {
			enable(schid, 0);
			EXPECT_EQ(ssch(schid, &orb).cc, 0);
			ctl_write(6, 0xff000000 & ~CR6_ISC(ISC));
			for (unsigned int i = 0; i < 100; i++)
				irq_window();
			EXPECT_EQ(taken, 0);
			ctl_write(6, CR6_ISC(ISC));
			for (begin = clock_ticks(); !taken && clock_ticks() - begin < START_TICKS;)
				irq_window();
			ctl_write(6, cr6);
			REQUIRE_EQ(taken, 1);
			EXPECT_EQ(interruption.schid, schid);
			EXPECT_EQ(interruption.io_param, PARAMETER);
			EXPECT_EQ(interruption.io_word >> 27 & 7, ISC);
			EXPECT_EQ(tsch(schid, &irb).cc, 0);
			EXPECT_EQ(SCSW_CC(irb.scsw.control), 0);
			EXPECT(irb.scsw.control & SCSW_PENDING);
			EXPECT_EQ(irb.scsw.device, SCSW_CHANNEL_END | SCSW_DEVICE_END);
			EXPECT_EQ(irb.scsw.subchannel, 0);
			EXPECT(irb.scsw.count < sizeof(id) - 6);
			EXPECT_EQ(irb.scsw.ccw, (uintptr_t)(&ccw + 1));
			EXPECT_EQ(id.reserved, 0xff);
			EXPECT_EQ(id.cu_type[0] << 8 | id.cu_type[1], VIRTIO);
			SUBTEST("it is told once")
				EXPECT_EQ(tsch(schid, &irb).cc, 1);
		}
}

TEST(disabled, "a subchannel that is disabled is not operational", DEVICE(DEVICE_QEMU_CHANNEL))
{
	u32 schid;

	program_make();
	WITH_CHANNEL(&schid) {
		EXPECT_EQ(ssch(schid, &orb).cc, 3);
		EXPECT_EQ(tsch(schid, &irb).cc, 3);
	}
}

struct monitor_scope {
	struct scope scope;
};

static void monitor_leave(struct scope *scope)
{
	(void)scope;
	schm(0, 0);
}

static void monitor_enter(struct monitor_scope *s)
{
	scope_enter(&s->scope, monitor_leave);
	memset(blocks, 0, sizeof(blocks));
	EXPECT_FAULT(FAULT_NONE, schm(SCHM_BLOCK_UPDATE, (uintptr_t)blocks).fault);
}

#define WITH_MONITOR()	SCOPE(monitor_scope, monitor_enter)

static void start_often(u32 schid)
{
	program_make();
	for (unsigned int i = 0; i < STARTS; i++) {
		EXPECT_EQ(ssch(schid, &orb).cc, 0);
		REQUIRE(ends(schid));
	}
}

TEST(measured, "measurement blocks of format 0 count starts", DEVICE(DEVICE_QEMU_CHANNEL))
{
	u32 schid;

	for (u16 index = 0; index < 2; index++)
		SUBTEST("index %u", index)
			WITH_CHANNEL(&schid)
				WITH_MONITOR() {
					struct schib schib;

					enable(schid, PMCW_MEASURE);
					schib = schib_of(schid);
					schib.pmcw.measurement_index = index;
					EXPECT_EQ(msch(schid, &schib).cc, 0);
					start_often(schid);
					EXPECT_EQ(((u16 *)blocks)[16 * index], STARTS);
					EXPECT_EQ(((u16 *)blocks)[16 * !index], 0);
				}
}

TEST(measured1, "and so do those of format 1", DEVICE(DEVICE_QEMU_CHANNEL))
{
	u32 schid;

	WITH_CHANNEL(&schid)
		WITH_MONITOR() {
			struct schib schib;

			enable(schid, PMCW_MEASURE);
			schib = schib_of(schid);
			schib.pmcw.more |= PMCW_MORE_FORMAT1;
			schib.block[1] = (uintptr_t)blocks + 64;
			EXPECT_EQ(msch(schid, &schib).cc, 0);
			start_often(schid);
			EXPECT_EQ(((u32 *)blocks)[16], STARTS);
			EXPECT_EQ(((u32 *)blocks)[0], 0);
			SUBTEST("misaligned") {
				schib.block[1] += 32;
				EXPECT_FAULT(FAULT(PGM_OPERAND), msch(schid, &schib).fault);
			}
		}
}

INSN(schm_user, "schm");

TEST(monitor, "SET CHANNEL MONITOR's operands")
{
	SUBTEST("a misaligned origin")
		EXPECT_FAULT(FAULT(PGM_OPERAND),
			     schm(SCHM_BLOCK_UPDATE, (uintptr_t)blocks + 1).fault);
	SUBTEST("bits that must be zeros")
		EXPECT_FAULT(FAULT(PGM_OPERAND), schm(0x4, (uintptr_t)blocks).fault);
	SUBTEST("problem state")
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(schm_user, .user = true));
}

TEST(alignment, "operands are words", DEVICE(DEVICE_QEMU_CHANNEL))
{
	u32 schid;

	WITH_CHANNEL(&schid)
		for (unsigned int offset = 1; offset < 3; offset++) {
			void *at = blocks + offset;
			struct fault want = FAULT(PGM_SPECIFICATION);

			SUBTEST("by %u", offset) {
				EXPECT_FAULT(want, msch(schid, at).fault);
				EXPECT_FAULT(want, stcrw(at).fault);
				EXPECT_FAULT(want, ssch(schid, at).fault);
				EXPECT_FAULT(want, stsch(schid, at).fault);
				EXPECT_FAULT(want, tsch(schid, at).fault);
			}
		}
}

TEST(pmcw, "MODIFY SUBCHANNEL: bits that must be zeros, and one that is ignored",
     DEVICE(DEVICE_QEMU_CHANNEL))
{
	static const u8 zeros[] = { 0, 1, 6, 7 };
	struct schib schib;
	u32 schid;

	WITH_CHANNEL(&schid) {
		enable(schid, 0);
		for_each(bit, zeros)
			SUBTEST("bit %u", *bit) {
				schib = schib_of(schid);
				schib.pmcw.flags |= 0x8000 >> *bit;
				EXPECT_FAULT(FAULT(PGM_OPERAND), msch(schid, &schib).fault);
				EXPECT(!(schib_of(schid).pmcw.flags & 0x8000 >> *bit));
			}
		SUBTEST("bit 5") {
			schib = schib_of(schid);
			schib.pmcw.flags |= 0x8000 >> 5;
			EXPECT_EQ(msch(schid, &schib).cc, 0);
			EXPECT(!(schib_of(schid).pmcw.flags & 0x8000 >> 5));
		}
	}
}

TEST(reports, "STORE CHANNEL REPORT WORD has each report once", DEVICE(DEVICE_QEMU_CHANNEL))
{
	u32 schid, crw = ~0u;

	WITH_CHANNEL(&schid) {
		struct schib schib = schib_of(schid);

		SUBTEST("none: a word of zeros") {
			EXPECT_EQ(stcrw(&crw).cc, 1);
			EXPECT_EQ(crw, 0);
		}
		SUBTEST("one of a channel path that was reset") {
			REQUIRE(css_crw_provoke(&schib));
			EXPECT_EQ(stcrw(&crw).cc, 0);
			EXPECT_EQ(CRW_SOURCE(crw), CRW_CHANNEL_PATH);
			EXPECT_EQ(CRW_ID(crw) & 0xff, schib.pmcw.chpid[0]);
			EXPECT(crw & CRW_SOLICITED);
		}
		SUBTEST("and none again") {
			css_crw_drain();
			EXPECT_EQ(stcrw(&crw).cc, 1);
			EXPECT_EQ(crw, 0);
		}
	}
}

TEST(operands, "an operation-request block of ones, and subchannels that are none",
     DEVICE(DEVICE_QEMU_CHANNEL))
{
	u32 schid;

	WITH_CHANNEL(&schid) {
		enable(schid, 0);
		memset(&orb, 0xff, sizeof(orb));
		SUBTEST("all ones")
			EXPECT_FAULT(FAULT(PGM_OPERAND), ssch(schid, &orb).fault);
		program_make();
		SUBTEST("no such subchannel") {
			struct schib schib = schib_of(schid);

			EXPECT_EQ(ssch(0x1ffff, &orb).cc, 3);
			EXPECT_EQ(stsch(0x1ffff, &schib).cc, 3);
			EXPECT_EQ(msch(0x1ffff, &schib).cc, 3);
			EXPECT_EQ(tsch(0x1ffff, &irb).cc, 3);
		}
		SUBTEST("bit 47 is zero") {
			struct schib schib = schib_of(schid);
			struct fault want = FAULT(PGM_OPERAND);

			EXPECT_FAULT(want, ssch(0, &orb).fault);
			EXPECT_FAULT(want, stsch(0, &schib).fault);
			EXPECT_FAULT(want, msch(0, &schib).fault);
			EXPECT_FAULT(want, tsch(0, &irb).fault);
		}
	}
}
