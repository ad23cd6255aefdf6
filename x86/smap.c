/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Supervisor-mode access prevention (SDM 3A 4.6.1, "Determination of Access
 * Rights"; SDM 2, CLAC and STAC).
 *
 * While CR4.SMAP is set, supervisor-mode data accesses to pages that user mode may
 * access are #PF: explicit ones while RFLAGS.AC is clear, implicit ones (descriptor
 * tables, the frame of an exception) always.  Fetches, supervisor pages and user
 * mode are not concerned.
 */
#include <insn.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

/* Word 1 is what gets accessed; it is a descriptor of user data, in the LDT. */
static u64 page[512] __attribute__((aligned(PAGE_SIZE)));
#define USER_DATA	0x00cff3000000ffffull	/* marked as accessed */
#define SELECTOR	0x0f

/* What a supervisor's access to a user page comes to while SMAP is set. */
static const struct access {
	enum touch_kind kind;
	struct fault ac_clear, ac_set;
} accesses[] = {
	{ TOUCH_READ,	 AS_PF(PF_P),	     AS_NONE	 },
	{ TOUCH_WRITE,	 AS_PF(PF_P | PF_W), AS_NONE	 },
	{ TOUCH_RMW,	 AS_PF(PF_P | PF_W), AS_NONE	 },
	{ TOUCH_PUSH,	 AS_PF(PF_P | PF_W), AS_NONE	 },
	{ TOUCH_SEGMENT, AS_PF(PF_P),	     AS_PF(PF_P) },
	{ TOUCH_FETCH,	 AS_NONE,	     AS_NONE	 },
};

static const struct { const char *text; unsigned long flags; } acs[] = {
	{ "AC clear", 0 }, { "AC set", RFLAGS_AC },
};

/* The image is the supervisor's; @page is everybody's by its alias. */
#define WITH_PAGES(cr4)							\
	WITH_SPLIT_SPACE()						\
		WITH_LDT(user_alias(page))				\
			WITH_CR4((cr4) & CR4_SMAP, ~(cr4) & CR4_SMAP)

static struct fault access(enum touch_kind kind, u64 *at, bool user,
			   unsigned long flags)
{
	if (kind == TOUCH_FETCH)
		touch_target(&page[1]);
	else
		page[1] = USER_DATA;
	return touch_at(kind, at, .user = user, .flags = flags,
			.value = kind == TOUCH_SEGMENT ? SELECTOR : 0);
}

/* What @a comes to at @address of the whole page. */
static struct fault stopped(const struct access *a, unsigned long flags)
{
	struct fault fault = flags ? a->ac_set : a->ac_clear;

	fault.at = true;
	fault.address = (uintptr_t)(user_alias(page) + 1);
	return fault;
}

/*
 * SDM: an implicit access is one at CPL 0 as at CPL 3.  APM 2 5.6 speaks of
 * implicit accesses at CPL 3 only.
 */
static bool open_question(const struct access *a, unsigned long flags)
{
	return a->kind == TOUCH_SEGMENT && flags && !cpu_is_intel();
}

TEST(on, "SMAP set: a supervisor's accesses to user pages", REQUIRES(CPU_SMAP))
{
	u64 *at = user_alias(page) + 1;

	WITH_PAGES(CR4_SMAP)
		for_each(a, accesses) for_each(ac, acs)
			SUBTEST("%s, %s", touch_names[a->kind], ac->text) {
				if (open_question(a, ac->flags)) {
					skip("AMD's manual does not tell");
					break;
				}
				tlb_flush_page(at);
				EXPECT_FAULT(stopped(a, ac->flags),
					     access(a->kind, at, false, ac->flags));
				/* And once the TLB holds the page. */
				EXPECT_FAULT(FAULT_NONE,
					     access(TOUCH_READ, at, true, 0));
				EXPECT_FAULT(stopped(a, ac->flags),
					     access(a->kind, at, false, ac->flags));
			}
}

TEST(off, "SMAP clear: AC means nothing to a supervisor", REQUIRES(CPU_SMAP))
{
	WITH_PAGES(0)
		for_each(a, accesses) for_each(ac, acs)
			SUBTEST("%s, %s", touch_names[a->kind], ac->text)
				EXPECT_FAULT(FAULT_NONE,
					     access(a->kind, user_alias(page) + 1,
						    false, ac->flags));
}

TEST(toggle, "CR4.SMAP takes effect at once, whatever the TLB holds",
     REQUIRES(CPU_SMAP))
{
	u64 *at = user_alias(page) + 1;

	WITH_PAGES(0)
		for (unsigned int i = 0; i < 3; i++) {
			EXPECT_FAULT(FAULT_NONE, access(TOUCH_READ, at, false, 0));
			WITH_CR4(CR4_SMAP, 0)
				EXPECT_FAULT(FAULT_PF_AT(at, PF_P),
					     access(TOUCH_READ, at, false, 0));
		}
}

TEST(supervisor_pages, "SMAP set: supervisor pages are not concerned",
     REQUIRES(CPU_SMAP))
{
	WITH_PAGES(CR4_SMAP)
		for_each(a, accesses) for_each(ac, acs) {
			/* Its LDT is the other mapping. */
			if (a->kind == TOUCH_SEGMENT)
				continue;
			SUBTEST("%s, %s", touch_names[a->kind], ac->text)
				EXPECT_FAULT(FAULT_NONE, access(a->kind, page + 1,
								false, ac->flags));
		}
	WITH_PAGES(CR4_SMAP)
		WITH_LDT(page) SUBTEST("segment")
			EXPECT_FAULT(FAULT_NONE,
				     access(TOUCH_SEGMENT, page + 1, false, 0));
}

TEST(user_mode, "SMAP set: user mode's accesses to user pages are not concerned",
     REQUIRES(CPU_SMAP))
{
	WITH_PAGES(CR4_SMAP)
		for_each(a, accesses) for_each(ac, acs) {
			if (a->kind == TOUCH_SEGMENT)
				continue;
			SUBTEST("%s, %s", touch_names[a->kind], ac->text)
				EXPECT_FAULT(FAULT_NONE,
					     access(a->kind, user_alias(page) + 1,
						    true, ac->flags));
		}
}

TEST(user_descriptor, "a descriptor is read for the supervisor at CPL 3 too",
     REQUIRES(CPU_SMAP))
{
	u64 *at = user_alias(page) + 1;

	WITH_PAGES(0)
		for_each(ac, acs) SUBTEST("%s", ac->text) {
			EXPECT_FAULT(FAULT_NONE,
				     access(TOUCH_SEGMENT, at, true, ac->flags));
			WITH_CR4(CR4_SMAP, 0)
				EXPECT_FAULT(FAULT_PF_AT(at, PF_P),
					     access(TOUCH_SEGMENT, at, true, ac->flags));
		}
}

struct trap_stack {
	struct scope scope;
	uintptr_t old;
};

/* RSP0 of the TSS, ESP0 in a 32-bit one (SDM 3A 7.2.1 and 7.7) */
#define TSS_SP0		(cpu_self()->tss + 4)

static void trap_stack_leave(struct scope *scope)
{
	struct trap_stack *s = (struct trap_stack *)scope;

	memcpy(TSS_SP0, &s->old, sizeof(s->old));
}

static void trap_stack_enter(struct trap_stack *s, void *stack)
{
	memcpy(&s->old, TSS_SP0, sizeof(s->old));
	scope_enter(&s->scope, trap_stack_leave);
	memcpy(TSS_SP0, &stack, sizeof(stack));
}

TEST(frame, "an exception's frame is no explicit access: AC does not help",
     REQUIRES(CPU_SMAP))
{
	static u64 stack[512] __attribute__((aligned(PAGE_SIZE)));
	struct touch ud2 = {
		.kind = TOUCH_FETCH, .address = user_alias(page), .user = true,
		.other_stack = true,
	};
	struct fault fault;

	touch_target(page);
	WITH_PAGES(0)
		SCOPE(trap_stack, trap_stack_enter, user_alias(stack) + 512)
			for_each(ac, acs) SUBTEST("%s", ac->text) {
				ud2.flags = ac->flags;
				EXPECT_FAULT(FAULT_NONE, touch(&ud2));
				WITH_CR4(CR4_SMAP, 0) {
					fault = touch(&ud2);
					EXPECT_FAULT(FAULT_PF(PF_P | PF_W), fault);
					EXPECT_EQ(ALIGN_DOWN(fault.address, PAGE_SIZE),
						  (uintptr_t)user_alias(stack));
				}
			}
}

TEST(write_protect, "CR0.WP clear lets a supervisor write where SMAP lets it read",
     REQUIRES(CPU_SMAP))
{
	u64 *at = (u64 *)SPACE_FREE;

	WITH_PAGES(0) {
		pte_write(pte_at(at), (uintptr_t)page | PTE_P | PTE_U | PTE_A);
		EXPECT_FAULT(FAULT_PF_AT(at, PF_P | PF_W),
			     access(TOUCH_WRITE, at, false, 0));
		WITH_CR0(0, CR0_WP) {
			EXPECT_FAULT(FAULT_NONE, access(TOUCH_WRITE, at, false, 0));
			WITH_CR4(CR4_SMAP, 0) {
				EXPECT_FAULT(FAULT_PF_AT(at, PF_P),
					     access(TOUCH_READ, at, false, 0));
				EXPECT_FAULT(FAULT_PF_AT(at, PF_P | PF_W),
					     access(TOUCH_WRITE, at, false, 0));
				EXPECT_FAULT(FAULT_NONE,
					     access(TOUCH_WRITE, at, false, RFLAGS_AC));
			}
		}
	}
}

INSN(clac, "clac");
INSN(stac, "stac");
INSN(lock_clac, ".byte 0xf0; clac");

#define FLAGS_AFTER(insn, before) ({					\
	unsigned long after_;						\
									\
	asm volatile("push %1; popf; " insn "; pushf; pop %0; push $2; popf" \
		     : "=r"(after_) : "r"((unsigned long)(before)) : "cc");	\
	after_;								\
})

static void clac_and_stac(void)
{
	unsigned long some = RFLAGS_FIXED | RFLAGS_CF | RFLAGS_ZF | RFLAGS_OF;

	REQUIRE_FAULT(FAULT_NONE, exec(clac, .cpl = 0));
	REQUIRE_FAULT(FAULT_NONE, exec(stac, .cpl = 0));
	EXPECT_EQ(FLAGS_AFTER("stac", some), some | RFLAGS_AC);
	EXPECT_EQ(FLAGS_AFTER("stac", some | RFLAGS_AC), some | RFLAGS_AC);
	EXPECT_EQ(FLAGS_AFTER("clac", some | RFLAGS_AC), some);
	EXPECT_EQ(FLAGS_AFTER("clac", some), some);
}

TEST(instructions, "CLAC and STAC change AC and nothing else, with SMAP or without",
     REQUIRES(CPU_SMAP))
{
	SUBTEST("SMAP clear")
		clac_and_stac();
	SUBTEST("SMAP set")
		WITH_PAGES(CR4_SMAP)
			clac_and_stac();
	SUBTEST("CPL 3") {
		EXPECT_FAULT(FAULT_UD, exec(clac, .cpl = 3));
		EXPECT_FAULT(FAULT_UD, exec(stac, .cpl = 3));
	}
}

TEST(lock, "CLAC with LOCK is #UD", REQUIRES(CPU_SMAP))
{
	EXPECT_FAULT(FAULT_UD, exec(lock_clac, .cpl = 0));
}

TEST(absent, "without the CPUID bit, CR4.SMAP is reserved, and CLAC and STAC are #UD",
     LACKS(CPU_SMAP))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_SMAP));
	EXPECT_FAULT(FAULT_UD, exec(clac, .cpl = 0));
	EXPECT_FAULT(FAULT_UD, exec(stac, .cpl = 0));
}
