/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls by way of the hypervisor, as there is no code of RTAS's own in memory. */
#include <boot.h>
#include <fdt.h>
#include <hcall.h>
#include <rtas.h>
#include <smp.h>

#define ARGUMENTS	8

static u32 big(u32 value)
{
#ifdef __LITTLE_ENDIAN__
	return __builtin_bswap32(value);
#else
	return value;
#endif
}

bool rtas_token(const char *name, u32 *token)
{
	u64 value;

	if (!fdt_number(boot_info.fdt, fdt_path(boot_info.fdt, "/rtas"), name, 0, 1, &value))
		return false;
	*token = value;
	return true;
}

int rtas_call_token(u32 token, u32 *results, unsigned int count, const u32 *arguments,
		    unsigned int given)
{
	/* Big-endian cells (7.2.7): token, two counts, arguments, results. */
	static u32 block[3 + ARGUMENTS + RTAS_RESULTS];
	static struct spinlock lock;
	long error;

	if (given > ARGUMENTS || count > RTAS_RESULTS || !count)
		panic("RTAS service %#x: %u arguments, %u results", token, given, count);
	spin_lock(&lock);
	block[0] = big(token);
	block[1] = big(given);
	block[2] = big(count);
	for (unsigned int i = 0; i < given; i++)
		block[3 + i] = big(arguments[i]);
	error = hcall(H_RTAS, (uintptr_t)block);
	for (unsigned int i = 0; i < count; i++)
		results[i] = big(block[3 + given + i]);
	spin_unlock(&lock);
	/* No service of that number is the call's failure, and RTAS's (-3). */
	if (error && (int)results[0] >= 0)
		panic("H_RTAS for service %#x returns %ld", token, error);
	return results[0];
}

int rtas_call(const char *name, u32 *results, unsigned int count, const u32 *arguments,
	      unsigned int given)
{
	u32 token;

	if (!rtas_token(name, &token))
		panic("RTAS has no %s", name);
	return rtas_call_token(token, results, count, arguments, given);
}

void rtas_stop_self(void)
{
	/* On this CPU's stack, as nobody would give a lock back. */
	u32 token, block[4] = { 0, 0, big(1), 0 };

	if (!rtas_token("stop-self", &token))
		panic("RTAS has no stop-self");
	block[0] = big(token);
	asm volatile("" : : "r"(block) : "memory");
	hcall(H_RTAS, (uintptr_t)block);
	panic("RTAS stop-self returns");
}
