/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMware's interface as KVM offers it with kvm.enable_vmware_backdoor (VMware's
 * "Timekeeping in Virtual Machines", "Mechanisms to determine if software is running in
 * a VMware virtual machine"): pseudo-counters for RDPMC, and a port whose IN answers in
 * registers, for user code too, whatever CR4.PCE, IOPL and the I/O permission map.
 *
 * Without the parameter, user code has neither.
 */
#include <insn.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

#define PORT		0x5658
#define OTHER_PORT	0x1234
#define MAGIC		0x564d5868u
#define GET_VERSION	0x0a
#define UNKNOWN		0xfff
#define UNTOUCHED	0xdeadbeefu

struct access {
	u32 ax, bx, cx, dx;		/* before, then after */
	struct fault fault;
};

static void do_rdpmc(void *arg)
{
	struct access *a = arg;

	a->fault = TRY_OUT("rdpmc", OUT("+a"(a->ax), "+d"(a->dx)), "c"(a->cx));
}

static void do_in(void *arg)
{
	struct access *a = arg;

	a->fault = TRY_OUT("in %%dx, %%eax", OUT("+a"(a->ax), "+b"(a->bx), "+c"(a->cx),
						 "+d"(a->dx)));
}

static void at(int cpl, void (*fn)(void *), struct access *access)
{
	if (cpl == 3)
		user_call(fn, access, 0);
	else
		fn(access);
}

static u64 rdpmc_at(int cpl, u32 counter, struct fault *fault)
{
	struct access a = { .cx = counter };

	at(cpl, do_rdpmc, &a);
	*fault = a.fault;
	return (u64)a.dx << 32 | a.ax;
}

/* No CPUID bit tells: the parameter shows in what user code may do. */
static bool enabled(void)
{
	struct access a = { .ax = MAGIC, .cx = GET_VERSION, .dx = PORT };
	struct fault fault;

	rdpmc_at(3, 0x10000, &fault);
	user_call(do_in, &a, 0);
	return !fault.raised || !a.fault.raised;
}

static const struct {
	const char *name;
	u32 counter;
} pseudo[] = {
	{ "host TSC", 0x10000 }, { "real time", 0x10001 }, { "apparent time", 0x10002 },
};

static void counters(int cpl)
{
	struct fault fault;

	rdpmc_at(0, pseudo[0].counter, &fault);
	if (fault.raised)
		return skip("pseudo-counters need a PMU");
	WITH_CR4(0, CR4_PCE)
		for_each(row, pseudo) SUBTEST("%s", row->name) {
			struct fault again;
			u64 first = rdpmc_at(cpl, row->counter, &fault);
			u64 second = rdpmc_at(cpl, row->counter, &again);

			EXPECT_FAULT(FAULT_NONE, fault);
			EXPECT_FAULT(FAULT_NONE, again);
			EXPECT(second >= first);
			EXPECT(second > 0);
		}
}

TEST(counters_kernel, "RDPMC of the pseudo-counters tells times to CPL 0",
     DEVICE(DEVICE_KVM))
{
	counters(0);
}

TEST(counters_user, "RDPMC of the pseudo-counters tells times to CPL 3, while CR4.PCE is clear",
     DEVICE(DEVICE_KVM))
{
	if (!enabled())
		return skip("kvm.enable_vmware_backdoor is not set");
	counters(3);
}

static void expect_version(int cpl)
{
	struct access a = { .ax = MAGIC, .bx = UNTOUCHED, .cx = GET_VERSION, .dx = PORT };

	at(cpl, do_in, &a);
	EXPECT_FAULT(FAULT_NONE, a.fault);
	if (a.ax == 0xffffffff && a.bx == UNTOUCHED)
		return skip("the machine has no device at the port");
	EXPECT_EQ(a.bx, MAGIC);
	EXPECT(a.ax != MAGIC);
}

static void expect_unknown(int cpl)
{
	struct access a = { .ax = MAGIC, .bx = UNTOUCHED, .cx = UNKNOWN, .dx = PORT };

	at(cpl, do_in, &a);
	EXPECT_FAULT(FAULT_NONE, a.fault);
	EXPECT_EQ(a.bx, UNTOUCHED);
}

static const struct {
	const char *name;
	void (*expect)(int cpl);
} commands[] = {
	{ "version", expect_version }, { "unknown command", expect_unknown },
};

TEST(port_kernel, "IN from the port answers in registers to CPL 0", DEVICE(DEVICE_KVM))
{
	for_each(row, commands) SUBTEST("%s", row->name)
		row->expect(0);
}

TEST(port_user, "IN from the port answers in registers to CPL 3, which has no ports",
     DEVICE(DEVICE_KVM))
{
	if (!enabled())
		return skip("kvm.enable_vmware_backdoor is not set");
	for_each(row, commands) SUBTEST("%s", row->name)
		row->expect(3);
}

static struct fault user_in(u16 port, u32 ax)
{
	struct access a = { .ax = ax, .cx = GET_VERSION, .dx = port };

	user_call(do_in, &a, 0);
	return a.fault;
}

TEST(others, "other counters and ports are #GP(0) at CPL 3, as ever", DEVICE(DEVICE_KVM))
{
	struct fault fault;

	WITH_CR4(0, CR4_PCE)
		SUBTEST("RDPMC") {
			rdpmc_at(3, 0xfff, &fault);
			EXPECT_FAULT(FAULT_GP(0), fault);
			rdpmc_at(3, 0, &fault);
			EXPECT_FAULT(FAULT_GP(0), fault);
		}
	SUBTEST("IN") {
		EXPECT_FAULT(FAULT_GP(0), user_in(OTHER_PORT, MAGIC));
		EXPECT_FAULT(FAULT_GP(0), user_in(PORT + 4, MAGIC));
	}
}

TEST(off, "without the parameter CPL 3 has neither counters nor port", DEVICE(DEVICE_KVM))
{
	if (enabled())
		return skip("kvm.enable_vmware_backdoor is set");
	WITH_CR4(0, CR4_PCE)
		for_each(row, pseudo) SUBTEST("%s", row->name) {
			struct fault fault;

			rdpmc_at(3, row->counter, &fault);
			EXPECT_FAULT(FAULT_GP(0), fault);
		}
	SUBTEST("port")
		EXPECT_FAULT(FAULT_GP(0), user_in(PORT, MAGIC));
}
