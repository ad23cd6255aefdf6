/* SPDX-License-Identifier: BSD-2-Clause */
/* The states of pages move with the machine. */
#include <asm/page.h>
#include <essa.h>
#include <memory.h>
#include <migrate.h>
#include <test.h>

#define PAGES	128

/* Usage states as they are told: stable, unused, potentially volatile, volatile. */
static const u8 told[] = { 0, 1, 3, 2 };

static void state_set(unsigned int n, void *page)
{
	u64 state = 0;

	switch (n % 4) {
	case 0:
		EXPECT_FAULT(FAULT_NONE, essa(1, page, &state));
		break;
	case 1:
		EXPECT_FAULT(FAULT_NONE, essa(2, page, &state));
		break;
	case 2:
		EXPECT_FAULT(FAULT_NONE, essa(3, page, &state));
		break;
	default:
		EXPECT_FAULT(FAULT_NONE, essa(4, page, &state));
	}
}

TEST(states, "each of 128 pages has its state in another VMM", MIGRATES)
{
	u8 *pages = pages_alloc(PAGES);

	if (!device_present(DEVICE_ESSA, NULL)) {
		migrate_skip();
		return skip("no page states (ESSA)");
	}
	for (unsigned int i = 0; i < PAGES; i++) {
		pages[i * PAGE_SIZE] = i;
		state_set(i, pages + i * PAGE_SIZE);
	}
	migrate_once();
	for (unsigned int i = 0; i < PAGES; i++) {
		u64 state = 0;

		EXPECT_FAULT(FAULT_NONE, essa(0, pages + i * PAGE_SIZE, &state));
		EXPECT_EQ(ESSA_USAGE(state), told[i % 4]);
	}
	for (unsigned int i = 0; i < PAGES; i++)
		state_set(0, pages + i * PAGE_SIZE);
}
