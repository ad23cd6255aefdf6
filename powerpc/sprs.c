/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Special purpose registers that software may set as it likes: they have their width,
 * keep what was written over sleep and migration, and are privileged if their number
 * says so (Power ISA 3.1, Book III, 5.4.4).
 */
#include <clock.h>
#include <exception.h>
#include <hcall.h>
#include <insn.h>
#include <migrate.h>
#include <test.h>

/* Counters stand still, so that those registers do, too. */
#define SPR_MMCR0	795
#define MMCR0_FREEZE	0x80000000ull

#define ALL		1u	/* each bit is kept; otherwise some may be 0 or another */
#define HYPERVISOR	2u
/* Key 0 of protection is the image's: its bits stay 0. */
#define KEY_0		(3ull << 62)

/* X(NAME, number, bits, since, flags, bits that are left 0) */
#define SPRS(X)								\
	X(DSCR, 17, 64, 0, 0, 0)					\
	X(DSISR, 18, 32, 0, ALL, 0)					\
	X(DAR, 19, 64, 0, ALL, 0)					\
	X(AMR, 29, 64, CPU_ISA_207, 0, KEY_0)				\
	X(IAMR, 61, 64, CPU_ISA_207, 0, KEY_0)				\
	X(TIDR, 144, 64, CPU_ISA_300, 0, 0)				\
	X(FSCR, 153, 64, CPU_ISA_207, 0, 0)				\
	X(UAMOR, 157, 64, CPU_ISA_207, 0, 0)				\
	X(PSPB, 159, 32, CPU_ISA_207, 0, 0)				\
	X(VRSAVE, 256, 32, 0, ALL, 0)					\
	X(SPRG0, 272, 64, 0, ALL, 0)					\
	X(SPRG2, 274, 64, 0, ALL, 0)					\
	X(HSPRG0, 304, 64, 0, ALL | HYPERVISOR, 0)			\
	X(HSPRG1, 305, 64, 0, ALL | HYPERVISOR, 0)			\
	X(HDSISR, 306, 32, 0, HYPERVISOR, 0)				\
	X(HDAR, 307, 64, 0, ALL | HYPERVISOR, 0)			\
	X(AMOR, 349, 64, CPU_ISA_207, HYPERVISOR, 0)			\
	X(SIER, 784, 64, CPU_ISA_207, 0, 0)				\
	X(MMCR2, 785, 64, CPU_ISA_207, 0, 0)				\
	X(MMCRA, 786, 64, CPU_ISA_207, 0, 0)				\
	X(PMC1, 787, 32, CPU_ISA_207, ALL, 0)				\
	X(PMC2, 788, 32, CPU_ISA_207, ALL, 0)				\
	X(PMC3, 789, 32, CPU_ISA_207, ALL, 0)				\
	X(PMC4, 790, 32, CPU_ISA_207, ALL, 0)				\
	X(PMC5, 791, 32, CPU_ISA_207, ALL, 0)				\
	X(PMC6, 792, 32, CPU_ISA_207, ALL, 0)				\
	X(SIAR, 796, 64, CPU_ISA_207, ALL, 0)				\
	X(SDAR, 797, 64, CPU_ISA_207, ALL, 0)				\
	X(MMCR1, 798, 64, CPU_ISA_207, 0, 0)				\
	X(EBBHR, 804, 64, CPU_ISA_207, 0, 0)				\
	X(EBBRR, 805, 64, CPU_ISA_207, 0, 0)				\
	X(TAR, 815, 64, CPU_ISA_207, ALL, 0)

#define DEFINE_ACCESS(NAME, number, ...)				\
static struct fault read_##NAME(u64 *value)				\
{									\
	u64 got = 0;							\
	struct fault fault = TRY_OUT("mfspr %0, " #number, OUT("+r"(got))); \
									\
	*value = got;							\
	return fault;							\
}									\
									\
static struct fault write_##NAME(u64 value)				\
{									\
	return TRY("mtspr " #number ", %0", "r"(value));		\
}									\
									\
INSN(user_read_##NAME, "mfspr 3, " #number);				\
INSN(user_write_##NAME, "mtspr " #number ", %0", "r"(0ul));
SPRS(DEFINE_ACCESS)

struct spr {
	const char *name;
	unsigned int number, bits, since, flags;
	u64 zero;
	struct fault (*read)(u64 *value);
	struct fault (*write)(u64 value);
	const struct insn *user_read, *user_write;
	u64 old, now;
};

static struct spr sprs[] = {
#define ROW(NAME, number, bits, since, flags, zero)			\
	{ #NAME, number, bits, since, flags, zero, read_##NAME, write_##NAME, \
	  &user_read_##NAME, &user_write_##NAME, 0, 0 },
	SPRS(ROW)
};

static bool is_there(const struct spr *spr)
{
	return (!spr->since || cpu_has(spr->since)) &&
		(!(spr->flags & HYPERVISOR) || cpu_has(CPU_HYPERVISOR));
}

static u64 mask(const struct spr *spr)
{
	return (spr->bits < 64 ? BIT(spr->bits) - 1 : -1ull) & ~spr->zero;
}

static void counters_freeze(void)
{
	if (cpu_has(CPU_ISA_207))
		spr_write(SPR_MMCR0, MMCR0_FREEZE);
}

TEST(values, "registers take what is written, and have no more bits than their width")
{
	static const u64 patterns[] = {
		0, -1ull, 0x5555555555555555ull, 0xaaaaaaaaaaaaaaaaull,
		0x0123456789abcdefull, 0xfedcba9876543210ull,
	};

	counters_freeze();
	for_each(spr, sprs) {
		u64 old, got;

		if (!is_there(spr))
			continue;
		SUBTEST("%s", spr->name) {
			if (!EXPECT_FAULT(FAULT_NONE, spr->read(&old)))
				break;
			for_each(pattern, patterns) {
				EXPECT_FAULT(FAULT_NONE, spr->write(*pattern & ~spr->zero));
				EXPECT_FAULT(FAULT_NONE, spr->read(&got));
				EXPECT_EQ(got & ~mask(spr), 0);
				if (spr->flags & ALL)
					EXPECT_EQ(got & mask(spr), *pattern & mask(spr));
			}
			spr->write(old);
		}
	}
}

#define PATTERN		0x5a5ac3c3a5a53c3cull

static void all_write(void)
{
	counters_freeze();
	for_each(spr, sprs)
		if (is_there(spr)) {
			spr->read(&spr->old);
			spr->write((PATTERN ^ spr->number * 0x0101010101010101ull) &
				   ~spr->zero);
		}
	for_each(spr, sprs)
		if (is_there(spr))
			spr->read(&spr->now);
}

/* Handlers and calls would change some of them in between: those of storage faults. */
static void all_check(void)
{
	u64 after[ARRAY_SIZE(sprs)];
	unsigned int i = 0;

	for_each(spr, sprs)
		if (is_there(spr))
			spr->read(&after[spr - sprs]);
	for_each(spr, sprs)
		if (is_there(spr))
			spr->write(spr->old);
	for (; i < ARRAY_SIZE(sprs); i++)
		if (is_there(&sprs[i]))
			SUBTEST("%s", sprs[i].name)
				EXPECT_EQ(after[i], sprs[i].now);
}

static void rest(void)
{
	if (!device_present(DEVICE_PAPR, NULL))
		return delay_us(100000);
	spr_write(SPR_DEC, clock_us_to_ticks(100000));
	hcall(H_CEDE);
	irq_disable();
}

TEST(kept, "registers are as they were after two seconds, most of them slept")
{
	u64 begin;

	all_write();
	begin = clock_ticks();
	while (clock_ticks() - begin < clock_us_to_ticks(2000000))
		rest();
	all_check();
}

TEST(kept_migration, "registers go with the machine", MIGRATES)
{
	all_write();
	migrate_once();
	all_check();
}

/* Bit 4 of ten, as instructions have it, is that of privilege. */
#define PRIVILEGED	0x10

TEST(problem_state, "programs have no access to privileged registers", REQUIRES(CPU_RADIX))
{
	for_each(spr, sprs) {
		if (!is_there(spr) || !(spr->number & PRIVILEGED))
			continue;
		SUBTEST("%s", spr->name) {
			EXPECT_FAULT(FAULT_PRIVILEGED,
				     exec_insn(spr->user_read, (struct how){ .user = true }));
			EXPECT_FAULT(FAULT_PRIVILEGED,
				     exec_insn(spr->user_write, (struct how){ .user = true }));
		}
	}
}

TEST(sprg3, "programs read SPRG3, which privileged code sets, by another number")
{
	EXPECT_EQ(spr_read(259), spr_read(SPR_SPRG3));
}
