/* SPDX-License-Identifier: BSD-2-Clause */
/* The area that a CPU shares with its hypervisor (LoPAPR 1.1, 14.5.4.3 and 14.11.1). */
#include <asm/page.h>
#include <boot.h>
#include <boot_tree.h>
#include <clock.h>
#include <exception.h>
#include <fdt.h>
#include <hcall.h>
#include <memory.h>
#include <smp.h>
#include <test.h>

/* H_REGISTER_VPA's sub-functions, in bits 16 to 18 of its flags. */
#define FUNCTION(n)	((u64)(n) << 45)
#define RESERVED	FUNCTION(0)
#define REGISTER	FUNCTION(1)
#define DEREGISTER	FUNCTION(5)

#define VPA_SIZE	640u
#define VPA_LIMIT	4096u		/* it crosses no such boundary */
#define NO_CPU		0xbadbadu

/* Big-endian, at bytes 4 and 0x100. */
#define SIZE_AT		4
#define DISPATCHES_AT	0x100

static u8 *vpa;

static void vpa_size(u8 *at, unsigned int size)
{
	at[SIZE_AT] = size >> 8;
	at[SIZE_AT + 1] = size;
}

static u32 dispatches(void)
{
	const volatile u8 *at = vpa + DISPATCHES_AT;

	return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3];
}

static void vpa_make(void)
{
	vpa = pages_alloc_zeroed(1);
	vpa_size(vpa, VPA_SIZE);
}

static long vpa_call(u64 function, u64 server, u64 address)
{
	return hcall(H_REGISTER_VPA, function, server, address);
}

static u64 cache_line(void)
{
	u64 size;

	return fdt_number(boot_info.fdt, boot_tree_cpu(0), "d-cache-line-size", 0, 1, &size) ?
		size : 128;
}

TEST(parameters, "what is no area, and no CPU, is H_PARAMETER", DEVICE(DEVICE_PAPR))
{
	u32 own = cpu_self()->server;
	u64 at;

	vpa_make();
	at = (uintptr_t)vpa;
	SUBTEST("sub-function that is reserved")
		EXPECT_EQ(vpa_call(RESERVED, own, at), H_PARAMETER);
	SUBTEST("no such CPU")
		EXPECT_EQ(vpa_call(REGISTER, NO_CPU, at), H_PARAMETER);
	SUBTEST("not aligned to a cache line")
		for (u64 off = 1; off < cache_line(); off <<= 1) {
			vpa_size(vpa + off, VPA_SIZE);
			EXPECT_EQ(vpa_call(REGISTER, own, at + off), H_PARAMETER);
		}
	SUBTEST("crosses 4096 bytes") {
		u64 off = ALIGN_DOWN(VPA_LIMIT - VPA_SIZE + cache_line(), cache_line());

		vpa_size(vpa + off, VPA_SIZE);
		EXPECT_EQ(vpa_call(REGISTER, own, at + off), H_PARAMETER);
		vpa_size(vpa, VPA_LIMIT + 1);
		EXPECT_EQ(vpa_call(REGISTER, own, at), H_PARAMETER);
	}
	SUBTEST("too small") {
		vpa_size(vpa, VPA_SIZE - 1);
		EXPECT_EQ(vpa_call(REGISTER, own, at), H_PARAMETER);
		vpa_size(vpa, 0);
		EXPECT_EQ(vpa_call(REGISTER, own, at), H_PARAMETER);
	}
	SUBTEST("beyond RAM")
		EXPECT_EQ(vpa_call(REGISTER, own, boot_memory_end()), H_PARAMETER);
	SUBTEST("deregister: no such CPU")
		EXPECT_EQ(vpa_call(DEREGISTER, NO_CPU, 0), H_PARAMETER);
}

TEST(registers, "an area is registered and deregistered, which is no error if there is none",
     DEVICE(DEVICE_PAPR))
{
	u32 own = cpu_self()->server;

	vpa_make();
	EXPECT_EQ(vpa_call(REGISTER, own, (uintptr_t)vpa), H_SUCCESS);
	EXPECT_EQ(vpa_call(DEREGISTER, own, 0), H_SUCCESS);
	EXPECT_EQ(vpa_call(DEREGISTER, own, 0), H_SUCCESS);
	/* The last one that fits. */
	vpa += ALIGN_DOWN(VPA_LIMIT - VPA_SIZE, cache_line());
	vpa_size(vpa, VPA_SIZE);
	EXPECT_EQ(vpa_call(REGISTER, own, (uintptr_t)vpa), H_SUCCESS);
	EXPECT_EQ(vpa_call(DEREGISTER, own, 0), H_SUCCESS);
}

/* Even while the CPU runs, odd while it does not (14.11.1.3). */
TEST(dispatches, "the area counts how often the CPU was dispatched", DEVICE(DEVICE_PAPR))
{
	u32 own = cpu_self()->server, before;

	vpa_make();
	EXPECT_EQ(vpa_call(REGISTER, own, (uintptr_t)vpa), H_SUCCESS);
	before = dispatches();
	EXPECT_EQ(before & 1, 0);
	/* A busy host may be late, and then there is no sleep. */
	for (u32 i = 0; i < 10; i++) {
		spr_write(SPR_DEC, clock_us_to_ticks(10000));
		EXPECT_EQ(hcall(H_CEDE), H_SUCCESS);
		irq_disable();
	}
	SUBTEST("changes when it ceded") {
		EXPECT(dispatches() != before);
		EXPECT_EQ(dispatches() & 1, 0);
	}
	EXPECT_EQ(vpa_call(DEREGISTER, own, 0), H_SUCCESS);
	SUBTEST("is odd when it is given back")
		EXPECT_EQ(dispatches() & 1, 1);
}
