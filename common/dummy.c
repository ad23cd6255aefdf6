/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine boots and can tell us so. */
#include <test.h>

TEST(boots, "the machine reaches the first test")
{
	EXPECT(true);
}
