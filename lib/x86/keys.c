/* SPDX-License-Identifier: BSD-2-Clause */
/* What keys do to accesses, as a table. */
#include <keys.h>
#include <scope.h>

static u64 frame[PAGE_SIZE / 8] __attribute__((aligned(PAGE_SIZE)));

/* Word 1 is what gets accessed; it is a descriptor of user data, in the LDT. */
#define USER_DATA	0x00cff3000000ffffull
#define SELECTOR	0x0f

#define DENIED(code)	AS_PF(PF_P | PF_PK | (code))

const struct key_access key_accesses[] = {
	{ TOUCH_READ, false, DENIED(0), AS_NONE, AS_NONE },
	{ TOUCH_WRITE, false, DENIED(PF_W), DENIED(PF_W), AS_NONE },
	{ TOUCH_RMW, false, DENIED(PF_W), DENIED(PF_W), AS_NONE },
	{ TOUCH_PUSH, false, DENIED(PF_W), DENIED(PF_W), AS_NONE },
	{ TOUCH_SEGMENT, false, DENIED(0), AS_NONE, AS_NONE },
	{ TOUCH_FETCH, false, AS_NONE, AS_NONE, AS_NONE },
	/* Made for the supervisor, at CPL 3. */
	{ TOUCH_SEGMENT, true, DENIED(0), AS_NONE, AS_NONE },
	{ TOUCH_READ, true, DENIED(PF_U), AS_NONE, AS_NONE },
	{ TOUCH_WRITE, true, DENIED(PF_U | PF_W), DENIED(PF_U | PF_W),
	  DENIED(PF_U | PF_W) },
	{ TOUCH_RMW, true, DENIED(PF_U | PF_W), DENIED(PF_U | PF_W),
	  DENIED(PF_U | PF_W) },
	{ TOUCH_PUSH, true, DENIED(PF_U | PF_W), DENIED(PF_U | PF_W),
	  DENIED(PF_U | PF_W) },
	{ TOUCH_FETCH, true, AS_NONE, AS_NONE, AS_NONE },
};

const unsigned int key_access_count = ARRAY_SIZE(key_accesses);
const unsigned int key_access_supervisors = 7;

void key_page_map(unsigned int key, bool user)
{
	page_map(KEY_PAGE, (uintptr_t)frame, PTE_P | PTE_W | (user ? PTE_U : 0) |
		 (u64)key << PTE_KEY_SHIFT);
}

struct fault key_access_try(const struct key_access *access)
{
	struct fault fault;

	if (access->kind == TOUCH_FETCH)
		touch_target(&frame[1]);
	else
		frame[1] = USER_DATA;
	WITH_LDT(KEY_PAGE)
		fault = touch_at(access->kind, KEY_PAGE + 1, .user = access->user,
				 .value = access->kind == TOUCH_SEGMENT ?
				 SELECTOR : 0);
	return fault;
}

static struct fault at_page(struct fault fault)
{
	fault.at = true;
	fault.address = (uintptr_t)(KEY_PAGE + 1);
	return fault;
}

static void check(const struct key_access *a, unsigned int key,
		  void (*write)(u32 rights))
{
	write(0);
	EXPECT_FAULT(FAULT_NONE, key_access_try(a));
	/* The TLB holds the page now: rights count from the write on. */
	write(KEY_AD(key));
	EXPECT_FAULT(at_page(a->ad), key_access_try(a));
	write(KEY_AD(key) | KEY_WD(key));
	EXPECT_FAULT(at_page(a->ad), key_access_try(a));
	write(KEY_WD(key));
	EXPECT_FAULT(at_page(a->wd), key_access_try(a));
	WITH_CR0(0, CR0_WP)
		EXPECT_FAULT(at_page(a->wd_clear), key_access_try(a));
	WITH_CR0(0, CR0_WP) {
		write(KEY_AD(key));
		EXPECT_FAULT(at_page(a->ad), key_access_try(a));
	}
	write(0);
	EXPECT_FAULT(FAULT_NONE, key_access_try(a));
}

void keys_check(unsigned int count, unsigned int key, void (*write)(u32 rights))
{
	for (const struct key_access *a = key_accesses; a < key_accesses + count; a++)
		SUBTEST("%s, CPL %d", touch_names[a->kind], a->user ? 3 : 0)
			check(a, key, write);
}

void keys_check_open(unsigned int count, void (*write)(u32 rights))
{
	for (const struct key_access *a = key_accesses; a < key_accesses + count; a++)
		SUBTEST("%s, CPL %d", touch_names[a->kind], a->user ? 3 : 0) {
			/* The harness's own pages have key 0. */
			write(~0u << 2);
			EXPECT_FAULT(FAULT_NONE, key_access_try(a));
			write(0);
		}
}
