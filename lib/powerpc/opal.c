/* SPDX-License-Identifier: BSD-2-Clause */
/* OPAL's calls that an image needs. */
#include <boot.h>
#include <fdt.h>
#include <opal.h>
#include <smp.h>

#define REINIT_BIG	1	/* OPAL_REINIT_CPUS: interrupts' order of bytes */
#define REINIT_LITTLE	2

/* opal_enter.S; they are read with translation off. */
u64 opal_entry, opal_base;
long opal_enter(u64 token, u64 a, u64 b, u64 c);

static struct spinlock lock;

bool opal_find(const struct fdt *fdt)
{
	int node = fdt_path(fdt, "/ibm,opal");

	return fdt_number(fdt, node, "opal-entry-address", 0, 2, &opal_entry) &&
		fdt_number(fdt, node, "opal-base-address", 0, 2, &opal_base);
}

long opal_call(enum opal call, u64 a, u64 b, u64 c)
{
	long status;

	/* Reentrant calls exist, but not for the console of all versions. */
	spin_lock(&lock);
	status = opal_enter(call, a, b, c);
	spin_unlock(&lock);
	return status;
}

void opal_interrupt_order(bool little)
{
	opal_call(OPAL_REINIT_CPUS, little ? REINIT_LITTLE : REINIT_BIG, 0, 0);
}

static u64 big(u64 value)
{
#ifdef __LITTLE_ENDIAN__
	return __builtin_bswap64(value);
#else
	return value;
#endif
}

void opal_write(const char *text, size_t size)
{
	while (size) {
		u64 length = big(size);

		/* It may take a part only, or none as yet. */
		if (opal_call(OPAL_CONSOLE_WRITE, 0, (uintptr_t)&length, (uintptr_t)text))
			length = 0;
		length = big(length);
		if (length > size)
			length = size;
		if (!length)
			opal_call(OPAL_POLL_EVENTS, 0, 0, 0);
		text += length;
		size -= length;
	}
}

int opal_read(void)
{
	u64 length = big(1);
	u8 byte;

	if (opal_call(OPAL_CONSOLE_READ, 0, (uintptr_t)&length, (uintptr_t)&byte) || !length)
		return -1;
	return byte;
}

void opal_off(void)
{
	opal_call(OPAL_CEC_POWER_DOWN, 0, 0, 0);
	for (;;)
		opal_call(OPAL_POLL_EVENTS, 0, 0, 0);
}

long opal_cpu_start(u32 server, uintptr_t entry)
{
	return opal_call(OPAL_START_CPU, server, entry, 0);
}
