/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small TESTs, of which none sees what another did where each has a fresh machine.
 * scripts/bench-vmm.sh counts how many of them a host runs in a second.
 */
#include <test.h>
#include <testdev.h>

static unsigned int ran;	/* TESTs, on this machine */

static void visit(bool *visited)
{
	EXPECT_EQ(machine_isolated() ? ran : *visited, 0);
	*visited = true;
	ran++;
}

#define ONE(n)								\
TEST(visit_##n, "nobody was here before")				\
{									\
	static bool visited;						\
									\
	visit(&visited);						\
}
#define FOUR(n)		ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3)
#define SIXTEEN(n)	FOUR(n##0) FOUR(n##1) FOUR(n##2) FOUR(n##3)

SIXTEEN(0) SIXTEEN(1) SIXTEEN(2) SIXTEEN(3)
