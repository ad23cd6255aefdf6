/* SPDX-License-Identifier: BSD-2-Clause */
/* SIGNAL PROCESSOR (SA22-7832, chapter 4, "CPU Signaling and Response"). */
#include <asm/page.h>
#include <clock.h>
#include <memory.h>
#include <scope.h>
#include <sigp.h>
#include <smp.h>
#include <test.h>

#define ABSENT		((u16)-4711)

/* What a CPU stores of itself: as from 0x1200 on in its prefix area. */
struct status {
	u64 fpr[16], gpr[16];
	struct psw psw;
	u64 unused_110;
	u32 prefix, fpc;
	u32 unused_120, tod_programmable;
	u64 cpu_timer, clock_comparator, unused_138;
	u32 ar[16];
	u64 cr[16];
};
_Static_assert(sizeof(struct status) == 512, "SA22-7832, chapter 4");

static struct status status __attribute__((aligned(512)));

struct other_scope {
	struct scope scope;
};

static void other_leave(struct scope *scope)
{
	(void)scope;
	cpu_begin(cpu_get(1));
}

static void nothing(void *arg)
{
	(void)arg;
}

static void other_enter(struct other_scope *s)
{
	/* From now on it sleeps: what began it anew before is over. */
	on_cpu(1, nothing, NULL);
	scope_enter(&s->scope, other_leave);
}

/* CPU 1 may be in any state behind it: then it is begun anew. */
#define WITH_OTHER()	SCOPE(other_scope, other_enter)

static int order(u8 code, u64 parameter, u32 *answer)
{
	return sigp(cpu_get(1)->address, code, parameter, answer);
}

static bool is_stopped(void)
{
	u32 answer = 0;

	return order(SIGP_SENSE, 0, &answer) == 1 && answer & SIGP_STATUS_STOPPED;
}

static bool stops(void)
{
	/* The order is accepted, and carried out soon. */
	for (u64 begin = clock_ticks(); clock_ticks() - begin < START_TICKS;)
		if (is_stopped())
			return true;
	return false;
}

TEST(absent, "no CPU has this address: condition code 3, for every order", CPUS(2))
{
	for (u32 code = 1; code < 32; code++)
		/* That one is not for a single CPU. */
		if (code != SIGP_SET_ARCHITECTURE)
			EXPECT_EQ(sigp(ABSENT, code, 0, NULL), 3);
}

TEST(invalid, "an order that there is not", CPUS(2))
{
	u32 answer = 0;

	WITH_OTHER() {
		EXPECT_EQ(order(0xff, 0, &answer), 1);
		EXPECT_EQ(answer, SIGP_STATUS_INVALID_ORDER);
	}
}

static volatile u32 beats;

static void beat(void *arg)
{
	(void)arg;
	for (;;)
		beats++;
}

static bool is_beating(void)
{
	u32 old = beats;

	for (u64 begin = clock_ticks(); clock_ticks() - begin < START_TICKS / 4;)
		if (beats != old)
			return true;
	return false;
}

TEST(stop, "stop and start", CPUS(2))
{
	u32 old;

	WITH_OTHER() {
		on_cpu_begin(1, beat, NULL);
		EXPECT(is_beating());
		EXPECT_EQ(order(SIGP_SENSE, 0, NULL), 0);
		EXPECT_EQ(order(SIGP_STOP, 0, NULL), 0);
		EXPECT(stops());
		old = beats;
		delay_us(1000);
		EXPECT_EQ(beats, old);
		SUBTEST("stop again") {
			EXPECT_EQ(order(SIGP_STOP, 0, NULL), 0);
			EXPECT(is_stopped());
		}
		EXPECT_EQ(order(SIGP_START, 0, NULL), 0);
		EXPECT(is_beating());
		SUBTEST("start again") {
			EXPECT_EQ(order(SIGP_START, 0, NULL), 0);
			EXPECT(is_beating());
		}
	}
}

TEST(sense_running, "sense running status", CPUS(2), REQUIRES(CPU_SENSE_RUNNING))
{
	u32 answer = 0;

	WITH_OTHER() {
		on_cpu_begin(1, beat, NULL);
		EXPECT(is_beating());
		/* It may just have lost its host CPU: once is enough. */
		for (u64 begin = clock_ticks(); order(SIGP_SENSE_RUNNING, 0, &answer) &&
		     clock_ticks() - begin < START_TICKS / 4;)
			;
		EXPECT_EQ(order(SIGP_SENSE_RUNNING, 0, &answer), 0);
		order(SIGP_STOP, 0, NULL);
		EXPECT(stops());
		EXPECT_EQ(order(SIGP_SENSE_RUNNING, 0, &answer), 1);
		EXPECT_EQ(answer, SIGP_STATUS_NOT_RUNNING);
	}
}

/* Entered by a restart, without a stack. */
void restarted(void);
extern volatile u32 restarts;
volatile u32 restarts;
asm("	.text\n"
    "restarted:\n"
    "	.balign 4\n"
    "	larl %r1, restarts\n"
    "	l %r2, 0(%r1)\n"
    "	ahi %r2, 1\n"
    "	st %r2, 0(%r1)\n"
    "0:	j 0b\n"
    "	.globl restarted\n");

static void restart_check(u32 count)
{
	u64 begin = clock_ticks();

	EXPECT_EQ(order(SIGP_RESTART, 0, NULL), 0);
	while (restarts != count && clock_ticks() - begin < START_TICKS / 10)
		cpu_relax();
	EXPECT_EQ(restarts, count);
}

static void restart_prepare(void)
{
	restarts = 0;
	cpu_lowcore(cpu_get(1))->restart_new = (struct psw){ PSW_64, (uintptr_t)restarted };
}

TEST(restart, "restart loads the new PSW, from a stop and in the middle of work", CPUS(2))
{
	WITH_OTHER() {
		restart_prepare();
		on_cpu_begin(1, beat, NULL);
		EXPECT(is_beating());
		order(SIGP_STOP, 0, NULL);
		EXPECT(stops());
		SUBTEST("stopped")
			restart_check(1);
		SUBTEST("running")
			restart_check(2);
		/* The old PSW is where it was interrupted: in its loop. */
		EXPECT(cpu_lowcore(cpu_get(1))->restart_old.addr - (uintptr_t)restarted < 32);
	}
}

TEST(restart_waiting, "restart ends a wait in which the CPU was stopped", CPUS(2))
{
	WITH_OTHER() {
		restart_prepare();
		order(SIGP_STOP, 0, NULL);
		EXPECT(stops());
		restart_check(1);
	}
}

TEST(stop_and_store, "stop and store status, of a running CPU and of a stopped one", CPUS(2))
{
	/* Its status goes to absolute addresses: into the boot CPU's prefix area. */
	struct lowcore *own = &lowcore;
	struct cpu *cpu;

	WITH_OTHER() {
		cpu = cpu_get(1);
		for (unsigned int round = 0; round < 2; round++)
			SUBTEST("%s", round ? "stopped" : "running") {
				own->prefix = 0;
				own->gpr[15] = 0;
				EXPECT_EQ(order(SIGP_STOP_AND_STORE_STATUS, 0, NULL), 0);
				EXPECT(stops());
				for (u64 begin = clock_ticks(); !own->prefix &&
				     clock_ticks() - begin < START_TICKS / 4;)
					cpu_relax();
				EXPECT_EQ(own->prefix, (uintptr_t)cpu_lowcore(cpu));
				EXPECT(own->gpr[15] - (uintptr_t)cpu < CPU_BLOCK_SIZE);
			}
	}
}

TEST(store_status, "store status at address needs a stopped CPU", CPUS(2))
{
	u32 answer = 0;

	WITH_OTHER() {
		memset(&status, 0x5a, sizeof(status));
		SUBTEST("running") {
			EXPECT_EQ(order(SIGP_STORE_STATUS, (uintptr_t)&status, &answer), 1);
			EXPECT_EQ(answer, SIGP_STATUS_INCORRECT_STATE);
			EXPECT_EQ(status.prefix, 0x5a5a5a5a);
		}
		order(SIGP_STOP, 0, NULL);
		EXPECT(stops());
		SUBTEST("stopped") {
			EXPECT_EQ(order(SIGP_STORE_STATUS, (uintptr_t)&status, NULL), 0);
			EXPECT_EQ(status.prefix, (uintptr_t)cpu_lowcore(cpu_get(1)));
			EXPECT_EQ(status.cr[1], ctl_read(1));
		}
	}
}

TEST(set_prefix, "the prefix of a running CPU is not set", CPUS(2))
{
	u32 answer = 0;
	u64 area = (uintptr_t)pages_alloc_aligned(2, LOWCORE_SIZE);

	WITH_OTHER() {
		EXPECT_EQ(order(SIGP_SET_PREFIX, area, &answer), 1);
		EXPECT_EQ(answer, SIGP_STATUS_INCORRECT_STATE);
		order(SIGP_STOP, 0, NULL);
		EXPECT(stops());
		order(SIGP_STORE_STATUS, (uintptr_t)&status, NULL);
		EXPECT_EQ(status.prefix, (uintptr_t)cpu_lowcore(cpu_get(1)));
		SUBTEST("of a stopped one it is") {
			EXPECT_EQ(order(SIGP_SET_PREFIX, area | 0xfff, NULL), 0);
			order(SIGP_STORE_STATUS, (uintptr_t)&status, NULL);
			EXPECT_EQ(status.prefix, area);
		}
	}
}

static u32 taken, ready;

static void take(void *arg)
{
	(void)arg;
	atomic_add(&taken, 1);
	EXPECT_EQ(irq_frame()->interruption.ext_cpu, cpu_get(0)->address);
}

/* Waits once, and then looks whether anything else is there. */
static void wait_for(void *subclass)
{
	u64 cr0 = ctl_read(0);

	ctl_write(0, cr0 | (uintptr_t)subclass);
	__atomic_store_n(&ready, 1, __ATOMIC_SEQ_CST);
	cpu_wait(PSW_EXT);
	irq_window();
	ctl_write(0, cr0);
}

TEST(signals, "a signal is taken once, by a CPU that waits for it", CPUS(2))
{
	static const struct {
		const char *name;
		u8 order;
		u32 number, subclass;
	} signals[] = {
		{ "emergency", SIGP_EMERGENCY, EXT_EMERGENCY, CR0_EMERGENCY },
		{ "conditional emergency", SIGP_CONDITIONAL_EMERGENCY, EXT_EMERGENCY,
		  CR0_EMERGENCY },
		{ "external call", SIGP_EXTERNAL_CALL, EXT_CALL, CR0_EXTERNAL_CALL },
	};

	WITH_OTHER()
		for_each(s, signals)
			SUBTEST("%s", s->name)
				WITH_IRQ(s->number, take, NULL) {
					taken = ready = 0;
					on_cpu_begin(1, wait_for, (void *)(uintptr_t)s->subclass);
					while (!__atomic_load_n(&ready, __ATOMIC_SEQ_CST))
						cpu_relax();
					EXPECT_EQ(order(s->order, 0, NULL), 0);
					on_cpu_end(1);
					EXPECT_EQ(taken, 1);
				}
}

TEST(call_pending, "an external call waits for its turn, and there is one only", CPUS(2))
{
	u32 answer = 0;

	WITH_OTHER() {
		on_cpu_begin(1, beat, NULL);
		EXPECT(is_beating());
		EXPECT_EQ(order(SIGP_EXTERNAL_CALL, 0, NULL), 0);
		EXPECT_EQ(order(SIGP_SENSE, 0, &answer), 1);
		EXPECT_EQ(answer, SIGP_STATUS_CALL_PENDING);
		answer = 0;
		EXPECT_EQ(order(SIGP_EXTERNAL_CALL, 0, &answer), 1);
		EXPECT_EQ(answer, SIGP_STATUS_CALL_PENDING);
		SUBTEST("a CPU reset stops it, and forgets the call") {
			EXPECT_EQ(order(SIGP_RESET, 0, NULL), 0);
			EXPECT_EQ(order(SIGP_SENSE, 0, &answer), 1);
			EXPECT_EQ(answer, SIGP_STATUS_STOPPED);
		}
	}
}

TEST(initial_reset, "what an initial CPU reset leaves", CPUS(2))
{
	WITH_OTHER() {
		EXPECT_EQ(order(SIGP_INITIAL_RESET, 0, NULL), 0);
		EXPECT(is_stopped());
		memset(&status, 0x5a, sizeof(status));
		EXPECT_EQ(order(SIGP_STORE_STATUS, (uintptr_t)&status, NULL), 0);
		SUBTEST("PSW") {
			EXPECT_EQ(status.psw.mask, 0);
			EXPECT_EQ(status.psw.addr, 0);
		}
		SUBTEST("prefix, FPC, timers") {
			EXPECT_EQ(status.prefix, 0);
			EXPECT_EQ(status.fpc, 0);
			EXPECT_EQ(status.tod_programmable, 0);
			EXPECT_EQ(status.cpu_timer, 0);
			EXPECT_EQ(status.clock_comparator, 0);
		}
		SUBTEST("control registers")
			for (unsigned int i = 0; i < 16; i++)
				EXPECT_EQ(status.cr[i], i == 0 ? CR0_RESET :
					  i == 14 ? CR14_RESET : 0);
	}
}
