/* SPDX-License-Identifier: BSD-2-Clause */
/* IPIs either way. */
#include <asm/cpu.h>
#include <defs/vector.h>
#include <hcall.h>
#include <platform.h>
#include <xics.h>

/* msgsnd's message: type 5, a doorbell to a hypervisor, to the thread with this PIR. */
#define DOORBELL(pir)	(5ull << 27 | (pir))
#define MSGSND	".long 0x7c00019c | %0 << 11"
#define MSGCLR	".long 0x7c0001dc | %0 << 11"
#define MSGSYNC	".long 0x7c0006ec"

u32 xics_accept(void)
{
	u64 results[4];

	if (hcall_to(results, H_XIRR) != H_SUCCESS)
		panic("H_XIRR fails");
	return results[0];
}

unsigned int ipi_vector(void)
{
	return platform_is_papr() ? VECTOR_EXTERNAL : VECTOR_HDOORBELL;
}

void ipi_open(void)
{
	if (platform_is_papr())
		hcall(H_CPPR, XICS_ALL);
	else
		asm volatile(MSGCLR : : "r"(DOORBELL(0)) : "memory");
}

void ipi_close(void)
{
	if (platform_is_papr())
		hcall(H_CPPR, XICS_NONE);
}

void ipi_send(u32 server)
{
	asm volatile("sync" : : : "memory");
	if (platform_is_papr())
		hcall(H_IPI, server, XICS_IPI_PRIORITY);
	else
		asm volatile(MSGSND : : "r"(DOORBELL(server)) : "memory");
}

void ipi_end(void)
{
	u32 xirr;

	if (!platform_is_papr()) {
		asm volatile(MSGSYNC "; lwsync" : : : "memory");
		return;
	}
	xirr = xics_accept();
	if (XIRR_SOURCE(xirr) == XICS_IPI)
		hcall(H_IPI, cpu_self()->server, XICS_CLEAR);
	hcall(H_EOI, xirr);
}
