/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protection keys for user pages (SDM 3A 4.6.2; SDM 2, RDPKRU and WRPKRU).
 *
 * While CR4.PKE is set, PKRU limits data accesses to pages that user mode may
 * access, by the key in the page's entry: AD stops all, WD stops writes, those of a
 * supervisor only while CR0.WP is set.  Fetches and supervisor pages are not
 * concerned.
 */
#include <insn.h>
#include <keys.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

#define KEY	2

#define WITH_KEYS()	WITH_SPLIT_SPACE() WITH_CR4(CR4_PKE, 0)

TEST(user_pages, "PKRU limits data accesses to user pages", REQUIRES(CPU_PKU))
{
	WITH_KEYS() {
		key_page_map(KEY, true);
		keys_check(key_access_count, KEY, write_pkru);
	}
}

TEST(supervisor_pages, "PKRU is not about supervisor pages", REQUIRES(CPU_PKU))
{
	WITH_KEYS() {
		key_page_map(KEY, false);
		keys_check_open(key_access_supervisors, write_pkru);
	}
}

static void write_pkru_and_off(u32 rights)
{
	write_cr4(read_cr4() | CR4_PKE);
	write_pkru(rights);
	write_cr4(read_cr4() & ~(unsigned long)CR4_PKE);
}

TEST(off, "PKE clear: keys and PKRU mean nothing", REQUIRES(CPU_PKU))
{
	WITH_KEYS() {
		key_page_map(KEY, true);
		keys_check_open(key_access_count, write_pkru_and_off);
	}
}

static const struct key_access user_write = { TOUCH_WRITE, .user = true };
static const struct key_access user_read = { TOUCH_READ, .user = true };

TEST(keys, "each of the sixteen keys has its own two bits", REQUIRES(CPU_PKU))
{
	WITH_KEYS()
		for (unsigned int key = 0; key < KEYS; key++) SUBTEST("key %u", key) {
			key_page_map(key, true);
			write_pkru(~(KEY_AD(key) | KEY_WD(key)));
			EXPECT_FAULT(FAULT_NONE, key_access_try(&user_write));
			write_pkru(KEY_WD(key));
			EXPECT_FAULT(FAULT_NONE, key_access_try(&user_read));
			EXPECT_FAULT(FAULT_PF(PF_P | PF_W | PF_U | PF_PK),
				     key_access_try(&user_write));
			write_pkru(KEY_AD(key));
			EXPECT_FAULT(FAULT_PF(PF_P | PF_U | PF_PK),
				     key_access_try(&user_read));
			write_pkru(0);
		}
}

TEST(other_rights, "what the page itself denies is denied with PK or without",
     REQUIRES(CPU_PKU))
{
	WITH_KEYS() {
		key_page_map(KEY, true);
		WITH_PTE(KEY_PAGE, 0, PTE_W) {
			write_pkru(0);
			EXPECT_FAULT(FAULT_PF(PF_P | PF_W | PF_U),
				     key_access_try(&user_write));
			write_pkru(KEY_AD(KEY));
			EXPECT_FAULT(FAULT_PF(PF_P | PF_W | PF_U | PF_PK),
				     key_access_try(&user_write));
		}
		WITH_PTE(KEY_PAGE, 0, PTE_P)
			EXPECT_FAULT(FAULT_PF(PF_W | PF_U),
				     key_access_try(&user_write));
		write_pkru(0);
	}
}

TEST(large_page, "a large page's key is in its own entry", REQUIRES(CPU_PKU))
{
	u64 *page = KEY_PAGE;
	struct space space;
	void *entry;

	WITH_KEYS() {
		space = space_current();
		entry = space_entry(&space, page, 2);
		for (unsigned int key = 1; key < KEYS; key <<= 1) {
			pte_write(entry, PTE_P | PTE_W | PTE_U | PTE_PS |
				  (u64)key << PTE_KEY_SHIFT);
			tlb_flush_page(page);
			write_pkru(KEY_AD(key));
			EXPECT_FAULT(FAULT_PF_AT(page, PF_P | PF_U | PF_PK),
				     touch_at(TOUCH_READ, page, .user = true));
			write_pkru(~KEY_AD(key));
			EXPECT_FAULT(FAULT_NONE,
				     touch_at(TOUCH_READ, page, .user = true));
			write_pkru(0);
		}
		pte_write(entry, 0);
	}
}

INSN(rdpkru, ".byte 0x0f, 0x01, 0xee", "c"(0));
INSN(wrpkru, ".byte 0x0f, 0x01, 0xef", "a"(0), "c"(0), "d"(0));
INSN(rdpkru_ecx, ".byte 0x0f, 0x01, 0xee", "c"(1));
INSN(wrpkru_ecx, ".byte 0x0f, 0x01, 0xef", "a"(0), "c"(1), "d"(0));
INSN(wrpkru_edx, ".byte 0x0f, 0x01, 0xef", "a"(0), "c"(0), "d"(1));

static const struct {
	const struct insn *insn;
	struct fault fault;
} instructions[] = {
	{ &rdpkru,     AS_NONE },
	{ &wrpkru,     AS_NONE },
	{ &rdpkru_ecx, AS_GP(0) },
	{ &wrpkru_ecx, AS_GP(0) },
	{ &wrpkru_edx, AS_GP(0) },
};

TEST(registers, "RDPKRU and WRPKRU at any CPL; ECX, and EDX of WRPKRU, are 0",
     REQUIRES(CPU_PKU))
{
	WITH_CR4(CR4_PKE, 0) {
		for_each(i, instructions) SUBTEST("%s", i->insn->name) {
			EXPECT_FAULT(i->fault, exec(*i->insn, .cpl = 0));
			EXPECT_FAULT(i->fault, exec(*i->insn, .cpl = 3));
		}
		write_pkru(0x5a5a5a58);
		EXPECT_EQ(read_pkru(), 0x5a5a5a58);
		write_pkru(0);
	}
}

TEST(disabled, "PKE clear: RDPKRU and WRPKRU are #UD; OSPKE follows PKE",
     REQUIRES(CPU_PKU))
{
	WITH_CR4(0, CR4_PKE) {
		for_each(i, instructions) SUBTEST("%s", i->insn->name)
			EXPECT_FAULT(FAULT_UD, exec(*i->insn, .cpl = 0));
		EXPECT(!cpu_has(CPU_OSPKE));
	}
	WITH_CR4(CR4_PKE, 0)
		EXPECT(cpu_has(CPU_OSPKE));
}

TEST(absent, "without the CPUID bit, CR4.PKE is reserved", LACKS(CPU_PKU))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_PKE));
	EXPECT(!cpu_has(CPU_OSPKE));
}

TEST(absent_instructions, "without the CPUID bit, RDPKRU and WRPKRU are #UD",
     LACKS(CPU_PKU))
{
	EXPECT_FAULT(FAULT_UD, exec(rdpkru, .cpl = 0));
	EXPECT_FAULT(FAULT_UD, exec(wrpkru, .cpl = 0));
}
