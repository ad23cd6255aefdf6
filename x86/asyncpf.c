/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asynchronous page faults (KVM's msr.rst, MSR_KVM_ASYNC_PF_EN, _INT and _ACK).
 *
 * Where the host has to fetch a page first, KVM can tell the guest by a #PF whose CR2 is
 * a token, with flags 1 in the shared area, and lets it do something else; an interrupt
 * with the same token in the area says that the page is there.
 *
 * The test device keeps pages away for a while, so that neither depends on the host's
 * memory.
 */
#include <apic.h>
#include <asm/page.h>
#include <exception.h>
#include <insn.h>
#include <irq.h>
#include <kvm.h>
#include <memory.h>
#include <scope.h>
#include <testdev.h>

#define VECTOR		0xf3
#define LATE_US		20000
#define FILL		0x600df00d

static volatile struct kvm_async_pf shared;

static struct {
	u32 absent, ready, all;		/* events */
	u32 token, token_ready;
	u32 strange;			/* flags that are none of ours */
	u32 ready_early;		/* before its token was told */
} seen;

static bool on_page_fault(struct frame *frame)
{
	u32 before = seen.ready, flags = shared.flags;

	(void)frame;
	if (!flags)
		return false;		/* an ordinary one */
	seen.strange += flags != KVM_PF_NOT_PRESENT;
	seen.token = read_cr2();
	seen.absent++;
	shared.flags = 0;
	/* Another task could run now. */
	irq_wait(&seen.ready, before + 1);
	return true;
}

static void on_ready(void *arg)
{
	u32 token = shared.token;

	(void)arg;
	if (token == KVM_PF_ALL) {
		seen.all++;
	} else {
		seen.ready_early += !seen.absent;
		seen.token_ready = token;
		seen.ready++;
	}
	shared.token = 0;
	wrmsr(MSR_KVM_ASYNC_PF_ACK, 1);
}

struct async_scope {
	struct scope scope;
};

static void async_leave(struct scope *scope)
{
	(void)scope;
	wrmsr(MSR_KVM_ASYNC_PF_EN, 0);
	exception_handle(VECTOR_PF, NULL);
	irq_set(VECTOR, (struct irq){ .fn = NULL });
}

static void async_enter(struct async_scope *scope, u64 bits)
{
	memset(&seen, 0, sizeof(seen));
	memset((void *)&shared, 0, sizeof(shared));
	apic_enable();
	exception_handle(VECTOR_PF, on_page_fault);
	irq_set(VECTOR, (struct irq){ .fn = on_ready });
	scope_enter(&scope->scope, async_leave);
	wrmsr(MSR_KVM_ASYNC_PF_INT, VECTOR);
	wrmsr(MSR_KVM_ASYNC_PF_EN, (uintptr_t)&shared | bits);
}

#define WITH_ASYNC(bits)	SCOPE(async_scope, async_enter, bits)
#define ON			(KVM_MSR_ENABLED | ASYNC_PF_BY_INT)

static volatile u32 *late;
static u32 value;

static void read_late(void *arg)
{
	(void)arg;
	value = *late;
}

static void read_in_kernel(void)
{
	irq_enable();
	read_late(NULL);
	irq_disable();
}

static void read_as_user(void)
{
	user_call(read_late, NULL, RFLAGS_IF);
}

/* A page that the host is slow to give, read by @read. */
static void late_page(void (*read)(void))
{
	late = pages_alloc(1);
	*late = FILL;
	/* What enabling it wakes has come. */
	irq_let_in();
	value = 0;
	ASK(FAULT_MISSING, (uintptr_t)late, PAGE_SIZE, LATE_US);
	read();
	irq_let_in();
	ASK(FAULT_RELEASE);
	EXPECT_EQ(value, FILL);
	EXPECT_EQ(seen.strange, 0);
}

static void expect_both(void)
{
	if (!seen.absent)
		return skip("KVM waited for the page, as it may");
	EXPECT_EQ(seen.absent, 1);
	EXPECT_EQ(seen.ready, 1);
	EXPECT_EQ(seen.ready_early, 0);
	EXPECT_EQ(seen.token_ready, seen.token);
}

#define ASYNC	REQUIRES(CPU_KVM_ASYNC_PF, CPU_KVM_ASYNC_PF_INT)

static const struct {
	const char *what;
	u32 msr;
	u64 bits;
	struct fault fault;
} registers[] = {
	{ "EN: bit 4",	 MSR_KVM_ASYNC_PF_EN,  BIT(4),	AS_GP(0) },
	{ "EN: bit 5",	 MSR_KVM_ASYNC_PF_EN,  BIT(5),	AS_GP(0) },
	{ "EN: bit 1",	 MSR_KVM_ASYNC_PF_EN,  BIT(1),	AS_NONE },
	{ "EN: bit 3",	 MSR_KVM_ASYNC_PF_EN,  BIT(3),	AS_NONE },
	{ "INT: 255",	 MSR_KVM_ASYNC_PF_INT, 255,	AS_NONE },
	{ "INT: bit 8",	 MSR_KVM_ASYNC_PF_INT, BIT(8),	AS_GP(0) },
	{ "INT: bit 63", MSR_KVM_ASYNC_PF_INT, BIT(63),	AS_GP(0) },
};

TEST(registers, "reserved bits are #GP(0); what is written reads back", ASYNC)
{
	for_each(row, registers) SUBTEST("%s", row->what)
		WITH_MSR(row->msr, 0) {
			EXPECT_FAULT(row->fault, try_wrmsr(row->msr, row->bits));
			EXPECT_EQ(rdmsr(row->msr), row->fault.raised ? 0 : row->bits);
		}
}

TEST(wake_all, "enabling it says that all pages are there", ASYNC)
{
	WITH_ASYNC(ON) {
		EXPECT_TAKEN(&seen.all, 1);
		EXPECT_EQ(seen.ready, 0);
	}
}

TEST(kernel, "SEND_ALWAYS: CPL 0 is told that a page is absent, then that it is there",
     DEVICE(TESTDEV_FAULTS), ASYNC)
{
	WITH_ASYNC(ON | ASYNC_PF_SEND_ALWAYS) {
		late_page(read_in_kernel);
		expect_both();
	}
}

TEST(user, "CPL 3 is told, with SEND_ALWAYS and without", DEVICE(TESTDEV_FAULTS), ASYNC)
{
	for (unsigned int always = 0; always < 2; always++)
		SUBTEST("SEND_ALWAYS %u", always)
			WITH_ASYNC(ON | (always ? ASYNC_PF_SEND_ALWAYS : 0)) {
				late_page(read_as_user);
				expect_both();
			}
}

TEST(kernel_quiet, "without SEND_ALWAYS CPL 0 is not told, and gets its page",
     DEVICE(TESTDEV_FAULTS), ASYNC)
{
	WITH_ASYNC(ON) {
		late_page(read_in_kernel);
		EXPECT_EQ(seen.absent, 0);
		EXPECT_EQ(seen.ready, 0);
	}
}

static void read_undisturbed(void)
{
	read_late(NULL);
}

TEST(interrupts_off, "while interrupts are off nobody is told of pages",
     DEVICE(TESTDEV_FAULTS), ASYNC)
{
	WITH_ASYNC(ON | ASYNC_PF_SEND_ALWAYS) {
		late_page(read_undisturbed);
		EXPECT_EQ(seen.absent, 0);
		EXPECT_EQ(seen.ready, 0);
	}
}

TEST(off, "switched off, nobody is told", DEVICE(TESTDEV_FAULTS), ASYNC)
{
	WITH_ASYNC(0) {
		late_page(read_in_kernel);
		late_page(read_as_user);
		EXPECT_EQ(seen.absent, 0);
		EXPECT_EQ(seen.ready, 0);
		EXPECT_EQ(seen.all, 0);
	}
}
