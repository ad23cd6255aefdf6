/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protection keys for supervisor pages (SDM 3A 4.6.2; SDM 4, IA32_PKRS).
 *
 * While CR4.PKS is set, IA32_PKRS limits data accesses to supervisor pages as PKRU
 * does to user pages: AD stops all, WD stops writes while CR0.WP is set.
 */
#include <keys.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

#define KEY	2

#define WITH_KEYS()	WITH_SPLIT_SPACE() WITH_MSR(MSR_PKRS, 0) WITH_CR4(CR4_PKS, 0)

static void write_pkrs(u32 rights)
{
	wrmsr(MSR_PKRS, rights);
}

TEST(supervisor_pages, "PKRS limits data accesses to supervisor pages",
     REQUIRES(CPU_PKS))
{
	WITH_KEYS() {
		key_page_map(KEY, false);
		keys_check(key_access_supervisors, KEY, write_pkrs);
	}
}

TEST(user_pages, "PKRS is not about user pages", REQUIRES(CPU_PKS))
{
	WITH_KEYS() {
		key_page_map(KEY, true);
		keys_check_open(key_access_count, write_pkrs);
	}
}

TEST(off, "PKS clear: keys and PKRS mean nothing", REQUIRES(CPU_PKS))
{
	WITH_KEYS()
		WITH_CR4(0, CR4_PKS) {
			key_page_map(KEY, false);
			keys_check_open(key_access_supervisors, write_pkrs);
		}
}

TEST(keys, "each key has its own two bits", REQUIRES(CPU_PKS))
{
	static const struct key_access read = { .kind = TOUCH_READ };

	WITH_KEYS()		/* key 0 is the image's own */
		for (unsigned int key = 1; key < KEYS; key++) SUBTEST("key %u", key) {
			key_page_map(key, false);
			write_pkrs(~(KEY_AD(key) | KEY_AD(0) | KEY_WD(0)));
			EXPECT_FAULT(FAULT_NONE, key_access_try(&read));
			write_pkrs(KEY_AD(key));
			EXPECT_FAULT(FAULT_PF(PF_P | PF_PK), key_access_try(&read));
		}
}

TEST(both, "PKRU and PKRS each keep to their own pages", REQUIRES(CPU_PKS, CPU_PKU))
{
	static const struct key_access read = { .kind = TOUCH_READ };

	WITH_KEYS()
		WITH_CR4(CR4_PKE, 0)
			for (int user = 0; user < 2; user++) SUBTEST("user %d", user) {
				key_page_map(KEY, user);
				write_pkru(user ? 0 : KEY_AD(KEY));
				write_pkrs(user ? KEY_AD(KEY) : 0);
				EXPECT_FAULT(FAULT_NONE, key_access_try(&read));
				write_pkru(user ? KEY_AD(KEY) : 0);
				write_pkrs(user ? 0 : KEY_AD(KEY));
				EXPECT_FAULT(FAULT_PF(PF_P | PF_PK),
					     key_access_try(&read));
				write_pkru(0);
			}
}

static const struct {
	const char *what;
	u64 value;
	struct fault fault;
} values[] = {
	{ "all rights of 16 keys", 0xffffffff, AS_NONE },
	{ "bit 32",		   BIT(32),    AS_GP(0) },
	{ "bit 63",		   BIT(63),    AS_GP(0) },
};

TEST(msr, "IA32_PKRS has 32 bits, with PKS set or not", REQUIRES(CPU_PKS))
{
	u64 read;

	WITH_MSR(MSR_PKRS, 0)
		for_each(v, values) SUBTEST("%s", v->what) {
			EXPECT_FAULT(v->fault, try_wrmsr(MSR_PKRS, v->value));
			EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_PKRS, &read));
			EXPECT_EQ(read, 0xffffffff);
		}
}

TEST(absent, "without the CPUID bit, CR4.PKS is reserved and IA32_PKRS is #GP",
     LACKS(CPU_PKS))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_PKS));
	EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_PKRS, NULL));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_PKRS, 0));
}
