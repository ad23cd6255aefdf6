/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timebase and the decrementers that count down with it (Power ISA 3.1, Book III,
 * 7.2 to 7.4).
 */
#include <boot.h>
#include <boot_tree.h>
#include <clock.h>
#include <fdt.h>
#include <hcall.h>
#include <insn.h>
#include <migrate.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define SPR_TBU		269

TEST(tb, "the timebase advances, and never goes back")
{
	u64 begin = clock_ticks(), last = begin;
	u32 back = 0;

	for (u32 i = 0; i < 100000; i++) {
		u64 now = clock_ticks();

		back += now < last;
		last = now;
	}
	EXPECT_EQ(back, 0);
	EXPECT(last > begin);
}

TEST(tb_upper, "its upper half is that of the whole")
{
	u64 before = clock_ticks(), upper = spr_read(SPR_TBU), after = clock_ticks();

	EXPECT(upper >= before >> 32 && upper <= after >> 32);
}

static void read_there(void *arg)
{
	*(u64 *)arg = clock_ticks();
}

TEST(tb_problem_state, "programs read it, too", REQUIRES(CPU_RADIX))
{
	static u64 there;
	u64 before = clock_ticks();

	user_call(read_there, &there);
	EXPECT(there >= before && there <= clock_ticks());
}

TEST(tb_cpus, "all CPUs have the same", CPUS(2))
{
	u32 back = 0;

	smp_start();
	for (u32 i = 0; i < 50; i++)
		for (unsigned int cpu = 1; cpu < cpu_count(); cpu++) {
			u64 before = clock_ticks(), there = 0;

			on_cpu(cpu, read_there, &there);
			back += there < before || clock_ticks() < there;
		}
	EXPECT_EQ(back, 0);
}

TEST(tb_migration, "nor does it go back in a migration", MIGRATES)
{
	for (u32 i = 0; i < 3; i++) {
		u64 before = clock_ticks();

		migrate_once();
		EXPECT(clock_ticks() > before);
	}
}

static u32 taken;
static bool leave_pending;

static bool take(struct frame *frame)
{
	unsigned int decrementer = frame->vector == VECTOR_DECREMENTER ? SPR_DEC : SPR_HDEC;

	taken++;
	if (leave_pending) {
		/* It would be taken again as soon as this one is over. */
		frame->msr &= ~(u64)MSR_EE;
		return true;
	}
	if (decrementer == SPR_DEC)
		spr_write(SPR_DEC, DEC_FAR);
	else
		spr_write(SPR_HDEC, DEC_FAR);
	return true;
}

#define PATIENCE_US	2000000u
#define MORE		2u

/*
 * Interrupts that come when they are let in: so many are waited for, as a host may be
 * late, and then they are let in MORE times.
 */
static u32 taken_in(u32 wanted)
{
	u64 begin = clock_ticks();

	taken = 0;
	while (taken < wanted && clock_ticks() - begin < clock_us_to_ticks(PATIENCE_US))
		irq_window();
	for (u32 i = 0; i < MORE; i++)
		irq_window();
	return taken;
}

/* ibm,dec-bits, where a large decrementer is on: a hypervisor turns it on itself. */
static unsigned int dec_bits(void)
{
	u64 bits;

	if (cpu_is_hypervisor() && !(spr_read(SPR_LPCR) & BIT(LPCR_LD_BIT)))
		return 32;
	return fdt_number(boot_info.fdt, boot_tree_cpu(0), "ibm,dec-bits", 0, 1, &bits) ?
		bits : 32;
}

static int64_t dec_read(void)
{
	unsigned int shift = 64 - dec_bits();

	return (int64_t)(spr_read(SPR_DEC) << shift) >> shift;
}

TEST(dec, "the decrementer counts down, and interrupts as long as it is below 0")
{
	u64 tb, left;

	leave_pending = false;
	SUBTEST("counts with the timebase") {
		tb = clock_ticks();
		spr_write(SPR_DEC, DEC_FAR);
		left = spr_read(SPR_DEC);
		EXPECT(left <= DEC_FAR && DEC_FAR - left <= clock_ticks() - tb);
		delay_us(200000);
		left = spr_read(SPR_DEC);
		/* A hypervisor sets it anew each time that it was away. */
		EXPECT(DEC_FAR - left >= clock_us_to_ticks(200000) / 100 * 99);
		EXPECT(DEC_FAR - left <= clock_ticks() - tb);
	}
	WITH_VECTOR(VECTOR_DECREMENTER, take) {
		SUBTEST("not while it is positive") {
			spr_write(SPR_DEC, DEC_FAR);
			EXPECT_EQ(taken_in(0), 0);
		}
		SUBTEST("once it is below 0") {
			spr_write(SPR_DEC, 10);
			delay_us(1000);
			EXPECT(dec_read() < 0);
			EXPECT_EQ(taken_in(1), 1);
		}
		SUBTEST("from 0 on") {
			spr_write(SPR_DEC, 0);
			delay_us(10);
			EXPECT_EQ(taken_in(1), 1);
		}
		SUBTEST("when it is made negative") {
			spr_write(SPR_DEC, BIT(dec_bits() - 1));
			EXPECT_EQ(taken_in(1), 1);
		}
		SUBTEST("at once, if it is let in") {
			taken = 0;
			irq_enable();
			spr_write(SPR_DEC, BIT(dec_bits() - 1));
			delay_us(10);
			irq_disable();
			EXPECT_EQ(taken, 1);
		}
		SUBTEST("again and again until it is positive") {
			leave_pending = true;
			spr_write(SPR_DEC, BIT(dec_bits() - 1));
			EXPECT_EQ(taken_in(3), 3 + MORE);
			leave_pending = false;
		}
		/* The exception exists as long as the sign bit is 1 (7.3). */
		SUBTEST("no more once it is positive") {
			spr_write(SPR_DEC, BIT(dec_bits() - 1));
			delay_us(10);
			spr_write(SPR_DEC, DEC_FAR);
			EXPECT_EQ(taken_in(0), 0);
		}
	}
}

TEST(dec_wakes, "the decrementer ends H_CEDE", DEVICE(DEVICE_PAPR))
{
	leave_pending = false;
	WITH_VECTOR(VECTOR_DECREMENTER, take)
		for (u32 us = 100; us < 100000; us *= 10) {
			u64 begin = clock_ticks();

			taken = 0;
			spr_write(SPR_DEC, clock_us_to_ticks(us));
			EXPECT_EQ(hcall(H_CEDE), H_SUCCESS);
			irq_disable();
			EXPECT_EQ(taken, 1);
			EXPECT(clock_ticks() - begin >= clock_us_to_ticks(us) - 1);
		}
}

TEST(hdec, "the hypervisor decrementer interrupts once, each time that it gets below 0",
     REQUIRES(CPU_HYPERVISOR))
{
	u64 lpcr = spr_read(SPR_LPCR);

	leave_pending = true;
	spr_write(SPR_LPCR, lpcr | BIT(LPCR_HDICE_BIT));
	WITH_VECTOR(VECTOR_HDECREMENTER, take) {
		SUBTEST("not while it is positive") {
			spr_write(SPR_HDEC, DEC_FAR);
			EXPECT_EQ(taken_in(0), 0);
		}
		SUBTEST("once") {
			spr_write(SPR_HDEC, 10);
			delay_us(1000);
			EXPECT_EQ(taken_in(1), 1);
		}
		SUBTEST("and again after it was positive") {
			spr_write(SPR_HDEC, DEC_FAR);
			spr_write(SPR_HDEC, 10);
			delay_us(1000);
			EXPECT_EQ(taken_in(1), 1);
		}
		spr_write(SPR_HDEC, DEC_FAR);
	}
	spr_write(SPR_LPCR, lpcr);
}
