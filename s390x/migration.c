/* SPDX-License-Identifier: BSD-2-Clause */
/* Vector registers and guarded-storage controls move with the machine. */
#include <asm/page.h>
#include <extended.h>
#include <migrate.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

static u8 given[VECTOR_BYTES] __attribute__((aligned(16)));
static u8 found[VECTOR_BYTES] __attribute__((aligned(16)));
static u32 ready, over;
static u64 cr0_behind;

/* Nothing else runs on this CPU between the two, least of all a compiler's code. */
static void hold(void *arg)
{
	(void)arg;
	WITH_CR0(CR0_VECTOR, 0) {
		register u8 *r2 asm("2") = given;
		register u8 *r3 asm("3") = found;

		asm volatile(VLM_ALL
			     "	mvhi %0, 1\n"
			     "1:	diag 0, 0, 0x44\n"
			     "	clfhsi %1, 0\n"
			     "	je 1b\n\t"
			     VSTM_ALL
			     : "+Q"(ready), "+Q"(over) : "a"(r2), "a"(r3) : "cc", "memory");
		cr0_behind = ctl_read(0);
	}
}

TEST(vectors, "a CPU that runs meanwhile keeps its vector registers, and may use them",
     MIGRATES, CPUS(2), REQUIRES(CPU_VECTOR))
{
	for (unsigned int i = 0; i < VECTOR_BYTES; i++)
		given[i] = i * 5 + i / 256 + 1;
	memset(found, 0, sizeof(found));
	ready = over = 0;
	on_cpu_begin(1, hold, NULL);
	while (!__atomic_load_n(&ready, __ATOMIC_SEQ_CST))
		cpu_relax();
	migrate_once();
	__atomic_store_n(&over, 1, __ATOMIC_SEQ_CST);
	on_cpu_end(1);
	for (unsigned int i = 0; i < 32; i++)
		check_explained(CHECK_HERE("the register is as it was"),
				!memcmp(given + i * 16, found + i * 16, 16),
				"register %u begins with %#llx, given were %#llx", i,
				*(unsigned long long *)(found + i * 16),
				*(unsigned long long *)(given + i * 16));
	EXPECT(cr0_behind & CR0_VECTOR);
}

TEST(guarded_storage, "a CPU keeps its guarded-storage controls", MIGRATES,
     REQUIRES(CPU_GUARDED_STORAGE))
{
	static struct gs_controls before, behind, none;
	u64 cr2 = ctl_read(2);

	before.designation = 5ull << 32 | GS_SHIFT(1) | GS_SIZE(25);
	before.sections = 0x123456789abcdef0;
	before.parameter_list = (uintptr_t)given;
	ctl_write(2, cr2 | CR2_GUARDED_STORAGE);
	gs_load(&before);
	migrate_once();
	EXPECT_EQ(ctl_read(2), cr2 | CR2_GUARDED_STORAGE);
	gs_store(&behind);
	EXPECT_EQ(behind.designation, before.designation);
	EXPECT_EQ(behind.sections, before.sections);
	EXPECT_EQ(behind.parameter_list, before.parameter_list);
	gs_load(&none);
	ctl_write(2, cr2);
}
