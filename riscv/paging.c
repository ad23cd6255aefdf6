/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What page tables allow (privileged ISA 1.13, 12.3.2): every combination of a leaf's
 * bits, for every access of either mode, with SUM and MXR on and off.
 */
#include <asm/cpu.h>
#include <asm/page.h>
#include <exception.h>
#include <insn.h>
#include <paging.h>
#include <test.h>

enum access { LOAD_ACCESS, STORE_ACCESS, FETCH_ACCESS, ACCESSES };

struct attempt {
	unsigned long pte;	/* bits of the leaf */
	enum access access;
	bool user, sum, mxr;
};

#define CODE_JR_T0	0x8282u		/* c.jr t0 */

static const unsigned int faults[] = {
	[LOAD_ACCESS] = EXCEPTION_LOAD_PAGE,
	[STORE_ACCESS] = EXCEPTION_STORE_PAGE,
	[FETCH_ACCESS] = EXCEPTION_INSN_PAGE,
};

static char *target;		/* where the page is mapped */

INSN(user_load, "lb zero, 0(%0)", "r"(target));
INSN(user_store, "sh %1, 0(%0)", "r"(target), "r"(CODE_JR_T0));
INSN(user_fetch, "jalr t0, 0(%0)", "r"(target));

/* A fetch faults at its target; t0 is where it came from. */
static struct fault fetched;

static bool see_fetch(struct frame *frame)
{
	fetched = frame_fault(frame);
	frame->pc = *frame_gpr(frame, 5);
	return true;
}

static void fetch(void)
{
	asm volatile("jalr t0, 0(%0)" : : "r"(target) : "t0", "memory");
}

/* SUM is off for the access only: the image's own data are user mode's, too. */
#define TRY_WITH_STATUS(status, insn, ...)				\
	TRY_ASM("csrw sstatus, %[status_]\n\t", "", insn, OUT(),	\
		[status_] "r"(status), __VA_ARGS__)

static struct fault attempt_kernel(const struct attempt *attempt)
{
	unsigned long old = csr_read(CSR_SSTATUS);
	unsigned long status = (old & ~(SSTATUS_SUM | SSTATUS_MXR)) |
		(attempt->sum ? SSTATUS_SUM : 0) | (attempt->mxr ? SSTATUS_MXR : 0);
	struct fault fault = FAULT_NONE;
	char *at = target;

	if (attempt->access == LOAD_ACCESS)
		fault = TRY_WITH_STATUS(status, "lb zero, 0(%[at])", [at] "r"(at));
	else if (attempt->access == STORE_ACCESS)
		fault = TRY_WITH_STATUS(status, "sh %[code], 0(%[at])", [at] "r"(at),
					[code] "r"(CODE_JR_T0));
	csr_write(CSR_SSTATUS, old);
	if (attempt->access == FETCH_ACCESS)
		fetch();
	return attempt->access == FETCH_ACCESS ? fetched : fault;
}

static struct fault attempt_user(const struct attempt *attempt)
{
	static const struct insn *const insns[] = {
		[LOAD_ACCESS] = &user_load, [STORE_ACCESS] = &user_store,
		[FETCH_ACCESS] = &user_fetch,
	};
	struct fault fault = exec_insn(insns[attempt->access],
				       (struct how){ .user = true });

	return attempt->access == FETCH_ACCESS ? fetched : fault;
}

static struct fault attempt_run(const struct attempt *attempt)
{
	struct fault fault;

	fetched = FAULT_NONE;
	exception_handle(EXCEPTION_INSN_PAGE, see_fetch);
	fault = attempt->user ? attempt_user(attempt) : attempt_kernel(attempt);
	exception_handle(EXCEPTION_INSN_PAGE, NULL);
	return fault;
}

/* Steps 3 to 6 of the algorithm, at the last level; A and D come after them. */
static bool is_allowed(const struct attempt *a)
{
	bool r = a->pte & PTE_READ, w = a->pte & PTE_WRITE, x = a->pte & PTE_EXEC;

	if (!(a->pte & PTE_VALID) || (w && !r) || !(r || x))
		return false;
	if (a->user && !(a->pte & PTE_USER))
		return false;
	if (!a->user && a->pte & PTE_USER && (a->access == FETCH_ACCESS || !a->sum))
		return false;
	switch (a->access) {
	case LOAD_ACCESS:
		return r || (a->mxr && x);
	case STORE_ACCESS:
		return w;
	default:
		return x;
	}
}

static unsigned long needed(const struct attempt *a)
{
	return PTE_ACCESSED | (a->access == STORE_ACCESS ? PTE_DIRTY : 0);
}

/* Does the hardware set A and D?  The first access that needs it tells. */
static enum { AD_UNKNOWN, AD_FAULTS, AD_SETS } ad;

static const char *describe(const struct attempt *a, char *to, size_t size)
{
	static const char *const names[] = { "load", "store", "fetch" };

	snprintf(to, size, "%s in %s mode, SUM %u, MXR %u, of a page %s%s%s%s%s%s%s",
		 names[a->access], a->user ? "user" : "supervisor", a->sum, a->mxr,
		 a->pte & PTE_DIRTY ? "D" : "-", a->pte & PTE_ACCESSED ? "A" : "-",
		 a->pte & PTE_USER ? "U" : "-", a->pte & PTE_EXEC ? "X" : "-",
		 a->pte & PTE_WRITE ? "W" : "-", a->pte & PTE_READ ? "R" : "-",
		 a->pte & PTE_VALID ? "V" : "-");
	return to;
}

static void check_attempt(const struct attempt *a)
{
	unsigned long *entry = pte_at(target), before, after;
	char text[120], got[FAULT_TEXT];
	struct fault fault;
	bool allowed = is_allowed(a), lacks = allowed && needed(a) & ~a->pte;

	before = (*entry & ~0xfful) | a->pte;
	pte_set(entry, before, target);
	fault = attempt_run(a);
	after = *(volatile unsigned long *)entry;
	if (lacks && ad == AD_UNKNOWN)
		ad = fault.raised ? AD_FAULTS : AD_SETS;
	if (lacks && ad == AD_FAULTS)
		allowed = false;
	check_explained(CHECK_HERE("the access is allowed, or faults, as its page says"),
			allowed ? !fault.raised :
			fault.raised && fault.cause == faults[a->access] &&
			fault.value == (uintptr_t)target,
			"%s: %s", describe(a, text, sizeof(text)),
			fault_text(fault, got));
	check_explained(CHECK_HERE("bits A and D are set by what needs them"),
			after == (allowed ? before | needed(a) : before),
			"%s: entry %#lx becomes %#lx", describe(a, text, sizeof(text)),
			before, after);
}

static void page_prepare(void)
{
	u16 *page = pages_alloc_zeroed(1);

	page[0] = CODE_JR_T0;
	code_changed();
	target = (char *)PAGES_SPARE;
	page_map(target, (uintptr_t)page, PAGE_NONE);
	ad = AD_UNKNOWN;
}

TEST(kernel, "the supervisor's accesses, by all bits of the page, SUM and MXR")
{
	page_prepare();
	for (struct attempt a = { 0 }; a.pte < 0x100; a.pte++)
		if (!(a.pte & PTE_GLOBAL))
			for (unsigned int n = 0; n < 4 * ACCESSES; n++) {
				a.access = n / 4;
				a.sum = n & 1;
				a.mxr = n & 2;
				check_attempt(&a);
			}
}

TEST(user, "user mode's accesses, by all bits of the page")
{
	page_prepare();
	for (struct attempt a = { .user = true }; a.pte < 0x100; a.pte++)
		if (!(a.pte & PTE_GLOBAL))
			for (a.access = 0; a.access < ACCESSES; a.access++)
				check_attempt(&a);
}

TEST(accessed_dirty, "A and D: what the device tree says, is what the hardware does")
{
	struct attempt a = { .pte = PTE_VALID | PTE_READ, .access = LOAD_ACCESS };

	page_prepare();
	check_attempt(&a);
	if (cpu_has(CPU_SVADE) && !cpu_has(CPU_SVADU))
		EXPECT(ad == AD_FAULTS);
	if (cpu_has(CPU_SVADU) && !cpu_has(CPU_SVADE))
		EXPECT(ad == AD_SETS);
	METRIC("hardware sets A and D", ad == AD_SETS, "");
}

static struct fault load_as(unsigned long set, unsigned long clear)
{
	unsigned long *entry = pte_at(target);

	pte_set(entry, ((*entry & ~0x3fful) | PAGE_DATA | set) & ~clear, target);
	return try_load(target);
}

TEST(software, "bits that are software's do not matter")
{
	page_prepare();
	for (unsigned long rsw = 0; rsw <= PTE_RSW; rsw += PTE_RSW / 3) {
		EXPECT_FAULT(FAULT_NONE, load_as(rsw, 0));
		EXPECT_EQ(*pte_at(target) & PTE_RSW, rsw);
	}
	EXPECT_FAULT(FAULT_LOAD_PAGE(target), load_as(PTE_RSW, PTE_VALID));
}
