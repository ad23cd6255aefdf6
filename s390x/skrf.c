/* SPDX-License-Identifier: BSD-2-Clause */
/* Machines without storage keys: the storage-key-removal facility. */
#include <asm/page.h>
#include <scope.h>
#include <sigp.h>
#include <smp.h>
#include <test.h>

#define PFMF_SET_KEY	0x20000

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

TEST(facilities, "what is about keys is not there", REQUIRES(CPU_NO_KEYS))
{
	static const unsigned int gone[] = { 10, 14, 66, 145, 149 };

	for_each(n, gone)
		SUBTEST("%u", *n)
			EXPECT(!facility(*n));
}

TEST(instructions, "to use a key is a special-operation exception", REQUIRES(CPU_NO_KEYS))
{
	struct fault want = FAULT(PGM_SPECIAL_OPERATION);
	u64 key = 0;

	SUBTEST("SSKE")
		EXPECT_FAULT(want, TRY(".insn rrf, 0xb22b0000, %0, %1, 0, 0", "d"(0x30), "a"(page)));
	SUBTEST("ISKE")
		EXPECT_FAULT(want, TRY_OUT("iske %0, %1", OUT("+d"(key)), "a"(page)));
	SUBTEST("PFMF with a key")
		EXPECT_FAULT(want, TRY(".insn rre, 0xb9af0000, %0, %1",
				       "d"(PFMF_SET_KEY | 0x30), "a"(page)));
	SUBTEST("SPKA")
		EXPECT_FAULT(want, TRY("spka 0x30"));
	SUBTEST("TPROT with a key")
		EXPECT_FAULT(want, TRY("tprot 0(%0), 0x30", "a"(page)));
}

static u32 seen, ready;

/* By the external interruption's new PSW: it leads back to what was interrupted. */
static bool see(struct frame *frame)
{
	seen++;
	vectors_install(&lowcore, PSW_DAT);
	frame->psw = lowcore.ext_old;
	frame->psw.mask &= ~(PSW_WAIT | PSW_EXT);
	return true;
}

static void wait_for(void *arg)
{
	u64 cr0 = ctl_read(0);

	(void)arg;
	lowcore.ext_new.mask |= 3ull << PSW_KEY_SHIFT;
	ctl_write(0, cr0 | CR0_EXTERNAL_CALL);
	__atomic_store_n(&ready, 1, __ATOMIC_SEQ_CST);
	cpu_wait(PSW_EXT);
	ctl_write(0, cr0);
}

TEST(new_psw, "a key in a new PSW is a specification exception when that is loaded",
     CPUS(2), REQUIRES(CPU_NO_KEYS))
{
	seen = ready = 0;
	pgm_handle(PGM_SPECIFICATION, see);
	on_cpu_begin(1, wait_for, NULL);
	while (!__atomic_load_n(&ready, __ATOMIC_SEQ_CST))
		cpu_relax();
	EXPECT_EQ(sigp(cpu_get(1)->address, SIGP_EXTERNAL_CALL, 0, NULL), 0);
	on_cpu_end(1);
	pgm_handle(PGM_SPECIFICATION, NULL);
	EXPECT_EQ(seen, 1);
}
