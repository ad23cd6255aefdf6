/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IA32_TSX_CTRL (SDM 4): hides transactional memory from CPUID, and aborts every
 * transaction.  IA32_ARCH_CAPABILITIES bit 7 announces it.
 */
#include <scope.h>
#include <test.h>

#define RTM_DISABLE	BIT(0)
#define CPUID_CLEAR	BIT(1)
/* A transaction may abort for no reason of its own: it is tried so often. */
#define ATTEMPTS	100

static bool announced(void)
{
	u64 capabilities;

	return cpu_has(CPU_ARCH_CAPABILITIES) &&
		!try_rdmsr(MSR_ARCH_CAPABILITIES, &capabilities).raised &&
		capabilities & ARCH_CAP_TSX_CTRL;
}

TEST(absent, "where IA32_TSX_CTRL is not announced, it is #GP(0)")
{
	if (announced())
		return skip("it is announced");
	EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_TSX_CTRL, NULL));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_TSX_CTRL, 0));
}

/* XBEGIN falls through where a transaction begins; EAX is set where it aborts. */
static bool transaction_commits(void)
{
	u32 status = ~0u;

	asm volatile("xbegin 1f; xend; 1:" : "+a"(status) : : "memory");
	return status == ~0u;
}

static bool any_commits(void)
{
	for (unsigned int n = 0; n < ATTEMPTS; n++)
		if (transaction_commits())
			return true;
	return false;
}

TEST(reset, "IA32_TSX_CTRL is 0 at reset, and transactions commit", REQUIRES(CPU_RTM))
{
	u64 value;

	if (!announced())
		return skip("no IA32_TSX_CTRL");
	EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_TSX_CTRL, &value));
	EXPECT_EQ(value, 0);
	EXPECT(any_commits());
}

TEST(hide, "CPUID_CLEAR hides RTM and HLE, and clearing it shows RTM again",
     REQUIRES(CPU_RTM))
{
	if (!announced())
		return skip("no IA32_TSX_CTRL");
	WITH_MSR(MSR_TSX_CTRL, CPUID_CLEAR) {
		EXPECT(!cpu_has(CPU_RTM));
		EXPECT(!cpu_has(CPU_HLE));
	}
	EXPECT(cpu_has(CPU_RTM));
}

TEST(disable, "RTM_DISABLE aborts every transaction until it is cleared",
     REQUIRES(CPU_RTM))
{
	if (!announced())
		return skip("no IA32_TSX_CTRL");
	WITH_MSR(MSR_TSX_CTRL, RTM_DISABLE)
		EXPECT(!any_commits());
	EXPECT(any_commits());
}

TEST(reserved, "IA32_TSX_CTRL's other bits are reserved")
{
	if (!announced())
		return skip("no IA32_TSX_CTRL");
	for (unsigned int bit = 2; bit < 64; bit++)
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_TSX_CTRL, BIT(bit)));
	EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_TSX_CTRL, 0));
}
