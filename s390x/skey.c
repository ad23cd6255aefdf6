/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage keys (SA22-7832, chapter 3, "Protection", and chapter 10). */
#include <asm/page.h>
#include <insn.h>
#include <key.h>
#include <prefix.h>
#include <scope.h>
#include <test.h>

static u8 page[2 * PAGE_SIZE] __attribute__((aligned(2 * PAGE_SIZE)));

static struct fault sske(u64 key, const void *at)
{
	return TRY(".insn rrf, 0xb22b0000, %0, %1, 0, 0", "d"(key), "a"(at));
}

static struct fault iske(u64 *key, const void *at)
{
	*key = ~0ull;
	return TRY_OUT("iske %0, %1", OUT("+d"(*key)), "a"(at));
}

static u8 key_of(const void *at)
{
	u64 key = 0;

	EXPECT_FAULT(FAULT_NONE, iske(&key, at));
	return key;
}

struct key_scope {
	struct scope scope;
};

static void key_leave(struct scope *scope)
{
	(void)scope;
	sske(0, page);
	sske(0, page + PAGE_SIZE);
}

static void key_enter(struct key_scope *s, u8 key)
{
	scope_enter(&s->scope, key_leave);
	sske(key, page);
}

#define WITH_KEY(key)	SCOPE(key_scope, key_enter, key)

TEST(set, "ISKE has what SSKE set", LACKS(CPU_NO_KEYS))
{
	for (unsigned int key = 0; key < 0x100; key += 0x12)
		WITH_KEY(key)
			/* Bit 7 is not there; looking refers to nothing. */
			EXPECT_EQ(key_of(page), key & 0xfe);
}

TEST(lower_bits, "the operands' lower bits do not count", LACKS(CPU_NO_KEYS))
{
	WITH_KEY(0) {
		EXPECT_FAULT(FAULT_NONE, sske(0x70, page + 0x123));
		EXPECT_EQ(key_of(page + 0xfff), 0x70);
		EXPECT_EQ(key_of(page + PAGE_SIZE) & KEY_ACCESS, 0);
	}
}

TEST(change, "storing sets the reference and the change bit, fetching that of reference",
     LACKS(CPU_NO_KEYS))
{
	WITH_KEY(0) {
		EXPECT_EQ(key_of(page), 0);
		SUBTEST("fetch") {
			EXPECT_FAULT(FAULT_NONE, try_load(page));
			EXPECT_EQ(key_of(page), KEY_REFERENCE);
		}
		SUBTEST("store") {
			sske(0, page);
			EXPECT_FAULT(FAULT_NONE, try_store(page));
			EXPECT_EQ(key_of(page), KEY_REFERENCE | KEY_CHANGE);
		}
	}
}

static int rrbe(const void *at)
{
	int cc;

	asm volatile("rrbe 0, %1\n\tipm %0\n\tsrl %0, 28" : "=d"(cc) : "a"(at) : "cc");
	return cc;
}

TEST(reset_reference, "RRBE resets the reference bit, and tells both", LACKS(CPU_NO_KEYS))
{
	static const u8 bits[] = { 0, KEY_CHANGE, KEY_REFERENCE, KEY_REFERENCE | KEY_CHANGE };

	for (unsigned int i = 0; i < ARRAY_SIZE(bits); i++)
		WITH_KEY(0x50 | bits[i])
			SUBTEST("condition code %u", i) {
				EXPECT_EQ((unsigned int)rrbe(page), i);
				EXPECT_EQ(key_of(page), 0x50 | (bits[i] & KEY_CHANGE));
			}
}

TEST(addressing, "where no memory is", LACKS(CPU_NO_KEYS))
{
	void *absent = (void *)-1ul;
	u64 key;

	EXPECT_FAULT(FAULT(PGM_ADDRESSING), sske(0x30, absent));
	EXPECT_FAULT(FAULT(PGM_ADDRESSING), iske(&key, absent));
	EXPECT_FAULT(FAULT(PGM_ADDRESSING), TRY("rrbe 0, %0", "a"(absent)));
}

INSN(sske_user, ".insn rrf, 0xb22b0000, %0, %1, 0, 0", "d"(0x30), "a"(page));
INSN(iske_user, "iske 0, %0", "a"(page));
INSN(rrbe_user, "rrbe 0, %0", "a"(page));

TEST(problem, "they are privileged, and then change nothing", LACKS(CPU_NO_KEYS))
{
	WITH_KEY(0x20) {
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(sske_user, .user = true));
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(iske_user, .user = true));
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(rrbe_user, .user = true));
		EXPECT_EQ(key_of(page) & KEY_ACCESS, 0x20);
	}
}

static int tprot_at(const void *at, unsigned int key)
{
	int cc;

	asm volatile("tprot 0(%1), 0(%2)\n\tipm %0\n\tsrl %0, 28"
		     : "=d"(cc) : "a"(at), "a"(key << 4) : "cc");
	return cc;
}

static int tprot(unsigned int key)
{
	return tprot_at(page, key);
}

TEST(tprot_keys, "TEST PROTECTION by keys", LACKS(CPU_NO_KEYS))
{
	SUBTEST("the same key")
		WITH_KEY(0x30)
			EXPECT_EQ(tprot(3), 0);
	SUBTEST("another key: fetching")
		WITH_KEY(0x30)
			EXPECT_EQ(tprot(1), 1);
	SUBTEST("another key, fetch protection: nothing")
		WITH_KEY(0x30 | KEY_FETCH)
			EXPECT_EQ(tprot(1), 2);
	SUBTEST("key 0 opens all")
		WITH_KEY(0x30 | KEY_FETCH)
			EXPECT_EQ(tprot(0), 0);
	SUBTEST("storage-protection override: key 9 is open to all")
		WITH_KEY(0x90 | KEY_FETCH)
			WITH_CR0(CR0_STORAGE_OVERRIDE, 0)
				EXPECT_EQ(tprot(1), 0);
}

TEST(fetch_override, "fetch-protection override: not below 2048, and nowhere else",
     LACKS(CPU_NO_KEYS))
{
	int below, above;

	/* Page 0, by the key of everybody else than the harness. */
	key_set(0x30 | KEY_FETCH, NULL);
	WITH_CR0(CR0_FETCH_OVERRIDE, 0) {
		below = tprot_at(NULL, 1);
		above = tprot_at((void *)2048, 1);
	}
	key_set(0, NULL);
	EXPECT_EQ(below, 1);
	EXPECT_EQ(above, 2);
}

/* One instruction under PSW key 1; the handler has key 0, and so has what follows. */
#define KEYED(insn, at) ({						\
	struct fault keyed_ = FAULT_NONE;				\
	asm volatile("	spka 0x10\n"					\
		     ".Lkeyed%=:	" insn " 0(%[where])\n"		\
		     ".Lkeyend%=:	spka 0\n"				\
		     "fault_entry .Lkeyed%=, .Lkeyend%=, %[fault]\n"	\
		     : : [where] "a"(at), [fault] "a"(&keyed_)		\
		     : "memory", "cc");					\
	keyed_;								\
})

static const u32 untouched = 0x5a5a5a5a;

static void stap_check(struct fault want)
{
	u8 key = key_of(page);

	memcpy(page, &untouched, sizeof(untouched));
	EXPECT_FAULT(want, KEYED("stap", page));
	if (want.raised)
		EXPECT(!memcmp(page, &untouched, sizeof(untouched)));
	else
		EXPECT_EQ(*(u16 *)page, cpu_address());
	EXPECT_EQ(key_of(page) & KEY_ACCESS, key & KEY_ACCESS);
}

TEST(stap_open, "STORE CPU ADDRESS where the key lets it", LACKS(CPU_NO_KEYS))
{
	SUBTEST("the same key")
		WITH_KEY(0x10)
			stap_check(FAULT_NONE);
	SUBTEST("key 9, with storage-protection override")
		WITH_KEY(0x90)
			WITH_CR0(CR0_STORAGE_OVERRIDE, 0)
				stap_check(FAULT_NONE);
}

TEST(stap_closed, "and where it does not, a protection exception, and no store",
     LACKS(CPU_NO_KEYS))
{
	SUBTEST("another key")
		WITH_KEY(0x20)
			stap_check(FAULT(PGM_PROTECTION));
	SUBTEST("key 9, without override")
		WITH_KEY(0x90)
			stap_check(FAULT(PGM_PROTECTION));
}

static void spx_check(struct fault want)
{
	u32 prefix = prefix_read();

	memcpy(page, &prefix, sizeof(prefix));
	EXPECT_FAULT(want, KEYED("spx", page));
	EXPECT_EQ(prefix_read(), prefix);
}

TEST(spx_open, "SET PREFIX fetches where the key lets it", LACKS(CPU_NO_KEYS))
{
	SUBTEST("the same key")
		WITH_KEY(0x10 | KEY_FETCH)
			spx_check(FAULT_NONE);
	SUBTEST("another key, not fetch-protected")
		WITH_KEY(0x20)
			spx_check(FAULT_NONE);
}

TEST(spx_closed, "and where it does not, a protection exception", LACKS(CPU_NO_KEYS))
{
	WITH_KEY(0x20 | KEY_FETCH)
		spx_check(FAULT(PGM_PROTECTION));
}
