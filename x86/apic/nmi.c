/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NMIs by way of the APIC (SDM 3A, "Nonmaskable Interrupt (NMI)", "Handling Multiple
 * NMIs", "Masking Exceptions and Interrupts When Switching Stacks").
 */
#include <apic.h>
#include <clock.h>
#include <exception.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <work.h>

#define HOLD_US	4000000		/* longer is for ever */
#define NMI	(APIC_DM_NMI | APIC_INT_ASSERT)

static u32 taken;

static bool count_nmi(struct frame *frame)
{
	(void)frame;
	atomic_add(&taken, 1);
	return true;
}

static void send_nmi(void *arg)
{
	apic_ipi(NMI, *(u32 *)arg);
}

TEST(nmi, "an NMI comes with interrupts off, to oneself and to another CPU", CPUS(2))
{
	u32 id = apic_id();

	taken = 0;
	WITH_HANDLER(VECTOR_NMI, count_nmi) {
		send_nmi(&id);
		EXPECT_TAKEN(&taken, 1);
		on_cpu(1, send_nmi, &id);
		EXPECT_TAKEN(&taken, 2);
		apic_ipi(NMI | APIC_DEST_OTHERS, 0);
		EXPECT_TAKEN(&taken, 1 + cpu_count());
	}
}

TEST(nmi_vector, "the vector in the command means nothing")
{
	u32 count = 0;

	taken = 0;
	WITH_HANDLER(VECTOR_NMI, count_nmi) WITH_IRQ(0x57, irq_count, &count) {
		apic_ipi(NMI | 0x57, apic_id());
		EXPECT_TAKEN(&taken, 1);
		EXPECT_EQ(count, 0);
	}
}

TEST(nmi_software_disabled, "a software-disabled APIC takes NMIs")
{
	apic_enable();
	taken = 0;
	WITH_HANDLER(VECTOR_NMI, count_nmi) {
		apic_write(APIC_SVR, 0xff);
		apic_ipi(NMI, apic_id());
		irq_wait(&taken, 1);
		apic_write(APIC_SVR, APIC_SVR_ENABLE | 0xff);
		EXPECT_EQ(taken, 1);
	}
}

/* What was sent to another CPU arrives before this returns. */
static void drain(void *arg)
{
	(void)arg;
	irq_let_in();
}

static u32 halting, woken;

static void halt_without_interrupts(void *arg)
{
	(void)arg;
	__atomic_store_n(&halting, 1, __ATOMIC_RELEASE);
	asm volatile("cli; hlt" : : : "memory");
	__atomic_store_n(&woken, 1, __ATOMIC_RELEASE);
}

TEST(nmi_wakes, "an NMI ends HLT with interrupts off", CPUS(2))
{
	u64 begin;

	taken = halting = woken = 0;
	WITH_HANDLER(VECTOR_NMI, count_nmi) {
		on_cpu_begin(1, halt_without_interrupts, NULL);
		while (!__atomic_load_n(&halting, __ATOMIC_ACQUIRE))
			cpu_relax();
		/* It may not be halted yet: an NMI before HLT does not end it. */
		for (begin = rdtsc(); !__atomic_load_n(&woken, __ATOMIC_ACQUIRE) &&
		     rdtsc() - begin < clock_us_to_ticks(HOLD_US);) {
			delay_us(1000);
			apic_ipi(NMI, cpu_get(1)->apic_id);
		}
		REQUIRE(woken);
		on_cpu_end(1);
		on_cpu(1, drain, NULL);
		EXPECT(taken >= 1);
	}
}

/* In the handler of the first: others send @more, and only then it returns. */
static struct {
	u32 in_handler, may_return, nested, more;
} hold;

static bool hold_nmi(struct frame *frame)
{
	u64 begin = rdtsc();

	(void)frame;
	if (atomic_add(&hold.nested, 1))
		taken += 1000;		/* one within another */
	if (!taken) {
		__atomic_store_n(&hold.in_handler, 1, __ATOMIC_RELEASE);
		while (!__atomic_load_n(&hold.may_return, __ATOMIC_ACQUIRE) &&
		       rdtsc() - begin < clock_us_to_ticks(HOLD_US))
			irq_exit();
		for (unsigned int i = 0; i < 20; i++)
			irq_exit();
	}
	taken++;
	atomic_add(&hold.nested, -1);
	return true;
}

static void send_more(void *arg)
{
	while (!__atomic_load_n(&hold.in_handler, __ATOMIC_ACQUIRE))
		if (work_is_over())
			return;
	for (u32 i = 0; i < hold.more; i++)
		send_nmi(arg);
	__atomic_store_n(&hold.may_return, 1, __ATOMIC_RELEASE);
}

static const u32 more[] = { 0, 1, 2, 10 };

TEST(nmi_pending, "of all NMIs that come while one is handled, one waits for that one's IRET",
     CPUS(2))
{
	u32 id = apic_id();

	for_each(n, more) SUBTEST("%u more", *n)
		WITH_HANDLER(VECTOR_NMI, hold_nmi) {
			taken = 0;
			memset(&hold, 0, sizeof(hold));
			hold.more = *n;
			WITH_WORK(1, send_more, &id) {
				apic_ipi(NMI, id);
				irq_wait(&taken, 1 + !!*n);
				/* What is too much has had its chance, too. */
				delay_us(100);
				irq_let_in();
			}
			EXPECT_EQ(taken, 1 + !!*n);
		}
}

#define ROUNDS	100

static struct barrier start;

static void send_at_start(void *arg)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		barrier_wait(&start);
		send_nmi(arg);
		barrier_wait(&start);
	}
}

TEST(nmi_both, "two that are sent at once are one or two, never none or more", CPUS(2))
{
	u32 id = apic_id(), two = 0;

	start = (struct barrier){ .expected = 2 };
	WITH_HANDLER(VECTOR_NMI, count_nmi) {
		on_cpu_begin(1, send_at_start, &id);
		for (unsigned int i = 0; i < ROUNDS; i++) {
			taken = 0;
			barrier_wait(&start);
			send_nmi(&id);
			barrier_wait(&start);
			irq_wait(&taken, 1);
			check_explained(CHECK_HERE("one or two NMIs"),
					taken == 1 || taken == 2, "%u in round %u", taken, i);
			two += taken == 2;
		}
		on_cpu_end(1);
	}
	METRIC("nmi_both_taken", two, "of 100");
}

/*
 * NMIs rain on a CPU that runs through a shadow again and again.  Behind MOV to SS no
 * event is taken; behind STI an NMI may be (SDM 2B, STI).
 */
extern const char behind_ss[], behind_sti[];
static u32 in_shadow, behind, rounds;

static bool look_where(struct frame *frame)
{
	taken++;
	in_shadow += frame->ip == (uintptr_t)behind_ss;
	behind += frame->ip == (uintptr_t)behind_sti;
	return true;
}

static void run_through(void *arg)
{
	unsigned long ss;

	(void)arg;
	asm volatile("mov %%ss, %0" : "=r"(ss));
	while (!work_is_over()) {
		rounds++;
		asm volatile("mov %0, %%ss\n"
			     ".globl behind_ss\n"
			     "behind_ss: nop\n"
			     "sti\n"
			     ".globl behind_sti\n"
			     "behind_sti: in $0x80, %%al\n"
			     "nop; cli"
			     : : "r"(ss) : "eax", "memory");
	}
}

/* For a while, and until there has been something to see. */
static bool rains(u64 begin)
{
	u64 since = rdtsc() - begin;

	return since < clock_us_to_ticks(100000) ||
		(!__atomic_load_n(&taken, __ATOMIC_RELAXED) &&
		 since < clock_us_to_ticks(HOLD_US));
}

TEST(nmi_shadow, "no NMI is taken between MOV to SS and the instruction behind it",
     CPUS(2))
{
	u32 id;
	u64 begin;

	taken = in_shadow = behind = rounds = 0;
	smp_start();
	id = cpu_get(1)->apic_id;
	WITH_HANDLER(VECTOR_NMI, look_where) {
		WITH_WORK(1, run_through, NULL)
			for (begin = rdtsc(); rains(begin);) {
				send_nmi(&id);
				delay_us(3);
			}
		on_cpu(1, drain, NULL);
	}
	EXPECT(taken > 0);
	EXPECT(rounds > 0);
	EXPECT_EQ(in_shadow, 0);
	METRIC("nmi_shadow_taken", taken, "NMIs");
	METRIC("nmi_behind_sti", behind, "NMIs");
}

#if IS_64BIT
/*
 * "… until the next execution of the IRET instruction": of whatever handler.  One NMI
 * then interrupts the other, so the gate must not lead to the same stack again.
 */
extern u8 idt[];
#define GATE_IST(vector)	idt[16 * (vector) + 4]

static void ist_leave(struct scope *scope)
{
	(void)scope;
	GATE_IST(VECTOR_NMI) = 1;
}

static u32 before_iret, after_iret;

static bool iret_inside(struct frame *frame)
{
	(void)frame;
	if (taken++)
		return true;
	apic_ipi(NMI, apic_id());
	for (unsigned int i = 0; i < 20; i++)
		irq_exit();
	before_iret = taken;
	/* Its handler returns by IRET. */
	TRY("ud2");
	for (u32 i = 0; i < 1000 && taken < 2; i++)
		irq_exit();
	after_iret = taken;
	return true;
}

TEST(nmi_unblocked, "an IRET within an NMI's handler lets in the next one")
{
	struct scope scope;

	taken = before_iret = after_iret = 0;
	WITH_HANDLER(VECTOR_NMI, iret_inside) {
		scope_enter(&scope, ist_leave);
		GATE_IST(VECTOR_NMI) = 0;
		apic_ipi(NMI, apic_id());
		irq_wait(&taken, 2);
		scope_exit(&scope);
	}
	EXPECT_EQ(before_iret, 1);
	EXPECT_EQ(after_iret, 2);
	EXPECT_EQ(taken, 2);
}
#endif
