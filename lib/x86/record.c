/* SPDX-License-Identifier: BSD-2-Clause */
/* A page of code that records, ready to be entered. */
#include <record.h>

#define RECORD		0x800

extern const char record_begin[], record_end[];

volatile struct record *record_prepare(u32 page)
{
	volatile struct record *record = (void *)(uintptr_t)(page + RECORD);

	memset((void *)(uintptr_t)page, 0, 4096);
	memcpy((void *)(uintptr_t)page, record_begin, record_end - record_begin);
	return record;
}
