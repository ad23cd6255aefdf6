/* SPDX-License-Identifier: BSD-2-Clause */
/* VT-d: registers, the invalidation queue, and tables for one device. */
#include <clock.h>
#include <edu.h>
#include <memory.h>
#include <test.h>
#include <vtd.h>

#define QUEUE_BYTES	4096

struct vtd vtd;
static u64 *queue;
static u32 tail;

u32 vtd_read(u32 reg)
{
	return *(volatile u32 *)(uintptr_t)(VTD_BASE + reg);
}

void vtd_write(u32 reg, u32 value)
{
	*(volatile u32 *)(uintptr_t)(VTD_BASE + reg) = value;
}

u64 vtd_read64(u32 reg)
{
	return vtd_read(reg) | (u64)vtd_read(reg + 4) << 32;
}

void vtd_write64(u32 reg, u64 value)
{
	vtd_write(reg, value);
	vtd_write(reg + 4, value >> 32);
}

bool vtd_find(void)
{
	if (!edu_find())
		return false;
	if (!vtd_read(0) || vtd_read(0) == 0xffffffff)
		return skip("no VT-d"), false;
	return true;
}

static bool status_becomes(u32 bit, bool set)
{
	for (unsigned int i = 0; i < 10000; i++) {
		if (!(vtd_read(VTD_GSTS) & bit) == !set)
			return true;
		delay_us(10);
	}
	return false;
}

/* One bit at a time, the others as they are ("Global Command Register"). */
void vtd_command(u32 bit, bool set)
{
	u32 status = vtd_read(VTD_GSTS) & ~(VTD_ROOT_SET | VTD_TABLE_SET);

	vtd_write(VTD_GCMD, set ? status | bit : status & ~bit);
	if (!(bit & (VTD_ROOT_SET | VTD_TABLE_SET)) || set)
		EXPECT(status_becomes(bit, set));
}

void vtd_invalidate(u64 low, u64 high)
{
	static volatile u32 done;

	done = 0;
	queue[tail / 8] = low;
	queue[tail / 8 + 1] = high;
	queue[tail / 8 + 2] = 0x25 | 1ull << 32;	/* wait, write 1 */
	queue[tail / 8 + 3] = (uintptr_t)&done;
	tail = (tail + 32) % QUEUE_BYTES;
	vtd_write64(VTD_IQT, tail);
	for (unsigned int i = 0; i < 10000 && !done; i++)
		delay_us(10);
	EXPECT_EQ(done, 1);
	EXPECT_EQ(vtd_read64(VTD_IQH), tail);
}

void vtd_begin(void)
{
	u64 **const pages[] = {
		&vtd.root, &vtd.context, &vtd.level[0], &vtd.level[1], &vtd.level[2], &queue,
	};

	for_each(page, pages)
		**page = pages_alloc_zeroed(1);
	vtd.interrupts = pages_alloc_aligned(256, 1 << 20);	/* 65536 entries */
	memset(vtd.interrupts, 0, 4096);
	tail = 0;
	vtd.root[0] = (uintptr_t)vtd.context | 1;
	vtd.context[2 * edu_devfn()] = (uintptr_t)vtd.level[2] | 1;
	vtd.context[2 * edu_devfn() + 1] = (u64)edu_devfn() << 8 | 1;	/* 39 bits */
	vtd.level[2][0] = (uintptr_t)vtd.level[1] | 3;
	vtd.level[1][0] = (uintptr_t)vtd.level[0] | 3;
	vtd_write64(VTD_IQA, (uintptr_t)queue);
	vtd_write64(VTD_IQT, 0);
	vtd_command(VTD_QUEUE, true);
	vtd_write64(VTD_RTADDR, (uintptr_t)vtd.root);
	vtd_command(VTD_ROOT_SET, true);
	vtd_write64(VTD_IRTA, (uintptr_t)vtd.interrupts | 0xf);	/* 65536 */
	vtd_invalidate(0x11, 0);		/* all contexts */
	vtd_invalidate(0x12, 0);		/* all translations */
}

void vtd_end(void)
{
	vtd_command(VTD_TRANSLATION, false);
	vtd_command(VTD_REMAPPING, false);
	vtd_command(VTD_QUEUE, false);
}

void vtd_fault_expect(u32 reason, u32 type, u64 info)
{
	u32 record = (vtd_read64(VTD_CAP) >> 24 & 0x3ff) * 16 +
		(vtd_read(VTD_FSTS) >> 8 & 0xff) * 16;

	EXPECT(vtd_read(VTD_FSTS) & VTD_PENDING_FAULT);
	EXPECT_EQ(vtd_read(record + 12) & VTD_RECORD_VALID, VTD_RECORD_VALID);
	EXPECT_EQ(vtd_read(record + 12) & VTD_RECORD_READ, type);
	EXPECT_EQ(vtd_read(record + 12) & 0xff, reason);
	EXPECT_EQ(vtd_read(record + 8) & 0xffff, edu_devfn());
	EXPECT_EQ(vtd_read64(record), info);
	vtd_write(record + 12, VTD_RECORD_VALID);
	vtd_write(VTD_FSTS, 0x7d);
	EXPECT_EQ(vtd_read(VTD_FSTS) & VTD_PENDING_FAULT, 0);
}
