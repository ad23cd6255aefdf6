/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PAE paging's top table: four registers, which MOV to CR3 loads and checks (SDM 3A
 * 4.4.1).  Under nested paging AMD's CPUs read it from memory at each walk instead
 * (APM 2 15.25.10): both are right here, where the manuals differ.
 */
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

#if !IS_64BIT

#define AT		((u32 *)SPACE_FREE)
#define PDPTE		2	/* AT's */

static struct space space;
static u64 *pdptes;
static u64 directory[2];	/* entries for two directories; AT reads 1 or 2 */

static void directory_make(unsigned int n)
{
	u32 *frame = pages_alloc_zeroed(1);

	pdptes[PDPTE] = 0;
	*frame = n + 1;
	entry_write(space.mode, space_entry(&space, AT, 1),
		    (uintptr_t)frame | PTE_P | PTE_W | PTE_U);
	directory[n] = pdptes[PDPTE];
}

#define WITH_PAE()							\
	WITH_SPACE(pae_make()) WITH_TOUCH()

static const struct space *pae_make(void)
{
	space_split(&space, &paging_pae);
	pdptes = (u64 *)(uintptr_t)space.root;
	directory_make(1);
	directory_make(0);
	return &space;
}

static u32 read_now(void)
{
	tlb_flush_page(AT);
	return *(volatile u32 *)AT;
}

static struct fault try_cr3(void)
{
	return TRY("mov %0, %%cr3", "r"((u32)space.root));
}

static const u8 reserved[] = { 1, 2, 5, 6, 7, 8, 63, 52 };

TEST(pdpte_reserved, "reserved bits of an entry are #GP at MOV to CR3, or #PF at use",
     REQUIRES(CPU_PAE))
{
	WITH_PAE()
		for_each(bit, reserved) SUBTEST("bit %u", *bit) {
			struct fault fault;

			pdptes[PDPTE] = directory[0] | BIT(*bit);
			fault = try_cr3();
			if (fault.raised)
				EXPECT_FAULT(FAULT_GP(0), fault);
			else
				EXPECT_FAULT(FAULT_PF_AT(AT, PF_P | PF_RSVD),
					     touch_at(TOUCH_READ, AT));
			/* Not present: nothing else counts. */
			pdptes[PDPTE] = BIT(*bit);
			EXPECT_FAULT(FAULT_NONE, try_cr3());
			EXPECT_FAULT(FAULT_PF_AT(AT, 0), touch_at(TOUCH_READ, AT));
			pdptes[PDPTE] = directory[0];
			EXPECT_FAULT(FAULT_NONE, try_cr3());
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, AT));
		}
}

TEST(pdpte_absent, "an absent entry is #PF for all of its GiB", REQUIRES(CPU_PAE))
{
	u8 *last = (u8 *)AT + BIT(30) - 4;

	WITH_PAE() {
		pdptes[PDPTE] = 0;
		write_cr3(space.root);
		EXPECT_FAULT(FAULT_PF_AT(AT, 0), touch_at(TOUCH_READ, AT));
		EXPECT_FAULT(FAULT_PF_AT(last, PF_W), touch_at(TOUCH_WRITE, last));
		EXPECT_FAULT(FAULT_PF_AT(AT, PF_U),
			     touch_at(TOUCH_READ, AT, .user = true));
	}
}

TEST(pdpte_accessed, "they have no A: nothing marks them", REQUIRES(CPU_PAE))
{
	WITH_PAE() {
		EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_WRITE, AT, .user = true));
		EXPECT_EQ(pdptes[PDPTE], directory[0]);
		EXPECT_FAULT(FAULT_NONE, try_cr3());
	}
}

TEST(pdpte_loaded, "MOV to CR3 loads the entries", REQUIRES(CPU_PAE))
{
	WITH_PAE()
		for (unsigned int i = 0; i < 4; i++) {
			u32 seen;

			EXPECT_EQ(read_now(), i % 2 + 1);
			pdptes[PDPTE] = directory[!(i % 2)];
			seen = read_now();
			EXPECT(seen == 1 || seen == 2);
			write_cr3(space.root);
			EXPECT_EQ(read_now(), !(i % 2) + 1);
		}
}

/* SDM 3A 4.4.1: other writes that load them, if they change such a bit. */
static const struct {
	const char *text;
	unsigned long cr4;
	unsigned int feature;
} loads[] = {
	{ "CR4.PGE", CR4_PGE, CPU_PGE },
	{ "CR4.PSE", CR4_PSE, CPU_PSE },
	{ "CR4.SMEP", CR4_SMEP, CPU_SMEP },
};

TEST(pdpte_other_loads, "changing CR4.PGE, PSE or SMEP, or CR0.CD, loads the PDPTEs, too",
     REQUIRES(CPU_PAE))
{
	WITH_PAE() {
		for_each(load, loads) SUBTEST("%s", load->text) {
			if (!cpu_has(load->feature)) {
				skip("CPUID does not announce it");
				break;
			}
			for (unsigned int i = 0; i < 2; i++) {
				pdptes[PDPTE] = directory[i];
				write_cr4(read_cr4() ^ load->cr4);
				EXPECT_EQ(read_now(), i + 1);
			}
		}
		SUBTEST("CR0.CD")
			for (unsigned int i = 0; i < 2; i++) {
				pdptes[PDPTE] = directory[i];
				write_cr0(read_cr0() ^ CR0_CD);
				EXPECT_EQ(read_now(), i + 1);
			}
	}
}
#endif
