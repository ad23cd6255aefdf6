/* SPDX-License-Identifier: BSD-2-Clause */
/* SERVICE CALL, and which of its errors comes first. */
#include <asm/page.h>
#include <boot.h>
#include <insn.h>
#include <sclp.h>
#include <scope.h>
#include <test.h>

static struct sccb sccb __attribute__((aligned(4096)));
static u8 pages[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static struct fault call(u32 command, u64 at)
{
	return TRY(".insn rre, 0xb2200000, %0, %1", "d"(command), "a"(at));
}

/* The response to a command of a length. */
static unsigned int respond(u32 command, struct sccb *at, unsigned int length)
{
	memset(at, 0, 8);
	at->length = length;
	return sclp_call(command, at);
}

TEST(reads, "READ SCP INFO and READ CPU INFO agree on CPUs")
{
	EXPECT(sclp_memory());
	EXPECT(sclp_cpu_count());
	EXPECT_EQ(respond(SCLP_READ_CPU_INFO, &sccb, sizeof(sccb)), SCLP_READ_COMPLETION);
	EXPECT_EQ(sclp_number(&sccb, 8, 2), sclp_cpu_count());
}

INSN(servc_user, ".insn rre, 0xb2200000, %0, %1", "d"(SCLP_READ_CPU_INFO), "a"(&sccb));

TEST(problem, "it is privileged")
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(servc_user, .user = true));
}

TEST(addressing, "a control block where no memory is")
{
	u64 end = boot_memory_size();

	if (end >= 0x80000000)
		return skip("all of 2 GiB is memory");
	for (u64 at = end; at < 0x80000000; at = at ? at * 2 : 8)
		SUBTEST("%#llx", (unsigned long long)at)
			EXPECT_FAULT(FAULT(PGM_ADDRESSING), call(SCLP_READ_CPU_INFO, at));
	EXPECT_FAULT(FAULT(PGM_ADDRESSING), call(SCLP_READ_CPU_INFO, 0x7ffffff8));
}

TEST(length, "a length below 8 is a specification exception")
{
	for (unsigned int length = 0; length < 8; length++) {
		memset(&sccb, 0, 8);
		sccb.length = length;
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION),
			     call(SCLP_READ_CPU_INFO, (uintptr_t)&sccb));
	}
}

TEST(alignment, "a control block lies at a multiple of 8")
{
	for (unsigned int offset = 1; offset < 8; offset++) {
		memset(pages, 0, 16);
		pages[offset + 1] = 8;
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION),
			     call(SCLP_READ_CPU_INFO, (uintptr_t)pages + offset));
	}
}

TEST(prefix, "it does not lie in the prefix area")
{
	for (u64 at = 0; at < LOWCORE_SIZE; at += 8) {
		struct fault fault = call(SCLP_READ_CPU_INFO, at);

		if (!fault.raised || fault.code != PGM_SPECIFICATION)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION), fault);
	}
	EXPECT_FAULT(FAULT(PGM_SPECIFICATION), call(SCLP_READ_CPU_INFO, 0x1ff8));
}

TEST(above, "it lies below 2 GiB")
{
	u64 end = boot_memory_size();

	for (unsigned int bit = 31; bit < 64; bit++) {
		u64 at = (uintptr_t)&sccb | BIT(bit);
		struct fault fault = call(SCLP_READ_CPU_INFO, at);

		/* Where no memory is either, nobody says which comes first. */
		if (at < end || fault.code != PGM_ADDRESSING)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION), fault);
		else
			EXPECT(fault.raised);
	}
}

TEST(unknown, "commands that there are not: response 0x01f0")
{
	for (u32 command = 0; command < 0x100; command++) {
		unsigned int response = respond(command << 8, &sccb, sizeof(sccb));

		if (response != SCLP_INVALID_COMMAND)
			EXPECT_EQ(response, SCLP_INVALID_COMMAND);
	}
	SUBTEST("other classes of READ CPU INFO") {
		for (u32 class = 0x02; class < 0x100; class++)
			EXPECT_EQ(respond((SCLP_READ_CPU_INFO & ~0xffu) | class, &sccb,
					  sizeof(sccb)), SCLP_INVALID_COMMAND);
	}
}

TEST(insufficient, "too short for the answer: response 0x0300")
{
	for (unsigned int length = 8; length < 144; length += 8)
		EXPECT_EQ(respond(SCLP_READ_SCP_INFO, &sccb, length),
			  SCLP_INSUFFICIENT_LENGTH);
	for (unsigned int length = 8; length < 40; length += 8)
		EXPECT_EQ(respond(SCLP_READ_CPU_INFO, &sccb, length),
			  SCLP_INSUFFICIENT_LENGTH);
}

TEST(boundary, "across the end of a page: response 0x0100")
{
	for (unsigned int offset = 8; offset < PAGE_SIZE; offset += 8) {
		struct sccb *at = (struct sccb *)(pages + offset);
		unsigned int response = respond(SCLP_READ_CPU_INFO, at, PAGE_SIZE - offset + 1);

		if (response != SCLP_BOUNDARY_VIOLATION)
			EXPECT_EQ(response, SCLP_BOUNDARY_VIOLATION);
	}
	for (unsigned int length = 4097; length < 8192; length += 64)
		EXPECT_EQ(respond(SCLP_READ_CPU_INFO, (struct sccb *)pages, length),
			  SCLP_BOUNDARY_VIOLATION);
}
