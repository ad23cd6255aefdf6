/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors that the APIC finds (SDM 3A, "Error Handling"): the error status register
 * gathers them since the last write to it, and an LVT entry reports them.
 */
#include <apic.h>
#include <irq.h>
#include <scope.h>
#include <test.h>

#define VECTOR		0x52
#define VECTOR_ERROR	0x53
#define ILLEGAL		15		/* 0 to 15 are no vectors for interrupts */
#define ESR_SEND_VECTOR		BIT(5)
#define ESR_RECEIVE_VECTOR	BIT(6)
#define ESR_REGISTER		BIT(7)
#define RESERVED_REGISTER	0x040

static u32 errors(void)
{
	apic_write(APIC_ESR, 0);
	return apic_read(APIC_ESR);
}

static void send_illegal(void)
{
	apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | ILLEGAL, 0);
}

static void read_reserved(void)
{
	apic_read(RESERVED_REGISTER);
}

static void write_reserved(void)
{
	apic_write(RESERVED_REGISTER, 0);
}

static const struct {
	const char *name;
	void (*run)(void);
	u32 error;
} rows[] = {
	{ "send of vector 15",		send_illegal,	ESR_SEND_VECTOR },
	{ "read of a reserved register", read_reserved,	ESR_REGISTER },
	{ "write to a reserved register", write_reserved, ESR_REGISTER },
};

TEST(no_error, "what is no error is not reported")
{
	u32 count = 0;

	WITH_IRQ(VECTOR, irq_count, &count) {
		errors();
		apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
		irq_wait(&count, 1);
		EXPECT_EQ(errors(), 0);
	}
}

TEST(status, "ESR tells what was wrong at the next write to it, and once")
{
	apic_enable();
	for_each(row, rows) SUBTEST("%s", row->name) {
		errors();
		row->run();
		/* Whether the receiver of one's own message complains is another matter. */
		EXPECT_EQ(errors() & ~ESR_RECEIVE_VECTOR, row->error);
		EXPECT_EQ(errors(), 0);
	}
}

static void error_leave(struct scope *scope)
{
	(void)scope;
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
}

TEST(interrupt, "the LVT's error entry interrupts at an error, unless it is masked")
{
	struct scope scope;
	u32 count = 0;

	WITH_IRQ(VECTOR_ERROR, irq_count, &count) {
		errors();
		scope_enter(&scope, error_leave);
		apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED | VECTOR_ERROR);
		send_illegal();
		irq_let_in();
		EXPECT_EQ(count, 0);
		errors();
		apic_write(APIC_LVT_ERROR, VECTOR_ERROR);
		send_illegal();
		irq_let_in();
		EXPECT_EQ(count, 1);
		scope_exit(&scope);
	}
	errors();
}
