/* SPDX-License-Identifier: BSD-2-Clause */
/* Chooses between PAPR and OPAL. */
#include <asm/word.h>
#include <boot.h>
#include <fdt.h>
#include <hcall.h>
#include <opal.h>
#include <platform.h>
#include <rtas.h>

/* H_PUT_TERM_CHAR takes so many (LoPAPR 1.1, 16.4.1.2). */
#define TERM_CHARS	16u

static bool is_papr;
static u32 boot_server;

void start_other(void);

void platform_find(const struct fdt *fdt)
{
	is_papr = !opal_find(fdt);
	boot_server = fdt->boot_cpu;
}

bool platform_is_papr(void)
{
	return is_papr;
}

u32 platform_boot_server(void)
{
	return boot_server;
}

void platform_interrupt_order(void)
{
	if (is_papr)
		hcall(H_SET_MODE, IS_LITTLE, H_SET_MODE_ILE, 0, 0);
	else
		opal_interrupt_order(IS_LITTLE);
}

static void papr_write(const char *text, size_t size)
{
	while (size) {
		unsigned int count = size < TERM_CHARS ? size : TERM_CHARS;
		u64 packed[2] = { 0 };

		/* From the most significant byte on, in either order. */
		for (unsigned int i = 0; i < count; i++)
			packed[i / 8] |= (u64)(u8)text[i] << (56 - i % 8 * 8);
		/* A full buffer is the only failure that passes. */
		while (hcall(H_PUT_TERM_CHAR, 0, count, packed[0], packed[1]) > 0)
			;
		text += count;
		size -= count;
	}
}

static int papr_read(void)
{
	static u64 got[4];	/* count, and characters from the top on */
	static unsigned int taken;
	u8 byte;

	if (taken == got[0]) {
		taken = 0;
		got[0] = 0;
		if (hcall_to(got, H_GET_TERM_CHAR, 0) || got[0] > TERM_CHARS)
			got[0] = 0;
		if (!got[0])
			return -1;
	}
	byte = got[1 + taken / 8] >> (56 - taken % 8 * 8);
	taken++;
	return byte;
}

void platform_write(const char *text, size_t size)
{
	if (is_papr)
		papr_write(text, size);
	else
		opal_write(text, size);
}

int platform_read(void)
{
	return is_papr ? papr_read() : opal_read();
}

void platform_off(void)
{
	u32 status;

	if (!is_papr)
		opal_off();
	else if (boot_info.fdt)
		rtas_call("power-off", &status, 1, (const u32 [2]){ -1u, -1u }, 2);
}

long platform_cpu_start(u32 server)
{
	u32 status;

	if (!is_papr)
		return opal_cpu_start(server, (uintptr_t)start_other);
	return rtas_call("start-cpu", &status, 1,
			 (const u32 [3]){ server, (uintptr_t)start_other, 0 }, 3);
}
