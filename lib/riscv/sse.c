/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of SSE, and where its events come in. */
#include <asm/cpu.h>
#include <sse.h>

_Static_assert(SBI_SSE == SBI_SSE_EID, "sse_entry.S");

void sse_dispatch(unsigned long hart, struct sse_event *event);

void sse_dispatch(unsigned long hart, struct sse_event *event)
{
	atomic_add(&event->count, 1);
	if (event->handler)
		event->handler(event, hart);
}

long sse_call(unsigned int function, unsigned long event, unsigned long a,
	      unsigned long b)
{
	return sbi_call(SBI_SSE, function, event, a, b).error;
}

static long access(unsigned int function, u32 event, unsigned int attribute,
		   unsigned long *word)
{
	return sbi_call(SBI_SSE, function, event, attribute, 1, (uintptr_t)word).error;
}

long sse_read(u32 event, unsigned int attribute, unsigned long *value)
{
	unsigned long word = 0;
	long error = access(SBI_SSE_READ, event, attribute, &word);

	if (!error)
		*value = word;
	return error;
}

long sse_write(u32 event, unsigned int attribute, unsigned long value)
{
	return access(SBI_SSE_WRITE, event, attribute, &value);
}

long sse_begin(struct sse_event *event)
{
	return sse_call(SBI_SSE_REGISTER, event->id, (uintptr_t)sse_entry,
			(uintptr_t)event) ?:
		sse_call(SBI_SSE_ENABLE, event->id, 0, 0);
}

long sse_end(struct sse_event *event)
{
	return sse_call(SBI_SSE_DISABLE, event->id, 0, 0) ?:
		sse_call(SBI_SSE_UNREGISTER, event->id, 0, 0);
}
