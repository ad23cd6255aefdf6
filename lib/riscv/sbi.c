/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's calling convention (3): a7 and a6 say what, a0 to a5 are its arguments. */
#include <asm/cpu.h>
#include <sbi.h>

struct sbi_result sbi_ecall(unsigned long extension, unsigned long function,
			    const unsigned long *arguments)
{
	register unsigned long a0 asm("a0") = arguments[0];
	register unsigned long a1 asm("a1") = arguments[1];
	register unsigned long a2 asm("a2") = arguments[2];
	register unsigned long a3 asm("a3") = arguments[3];
	register unsigned long a4 asm("a4") = arguments[4];
	register unsigned long a5 asm("a5") = arguments[5];
	register unsigned long a6 asm("a6") = function;
	register unsigned long a7 asm("a7") = extension;

	asm volatile("ecall" : "+r"(a0), "+r"(a1)
		     : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7)
		     : "memory");
	return (struct sbi_result){ a0, a1 };
}

bool sbi_has(unsigned long extension)
{
	struct sbi_result result = sbi_call(SBI_BASE, SBI_BASE_PROBE, extension);

	return !result.error && result.value;
}

unsigned long sbi_version(void)
{
	return sbi_call(SBI_BASE, SBI_BASE_SPEC_VERSION).value;
}

long sbi_hart_start(unsigned long hart, void (*entry)(void), unsigned long argument)
{
	return sbi_call(SBI_HSM, SBI_HSM_START, hart, (uintptr_t)entry, argument).error;
}

long sbi_hart_status(unsigned long hart)
{
	struct sbi_result result = sbi_call(SBI_HSM, SBI_HSM_STATUS, hart);

	return result.error ?: result.value;
}

static void timer_by_sstc(u64 at)
{
	if (IS_64BIT) {
		csr_write(CSR_STIMECMP, at);
		return;
	}
	/* The lower half last, and no earlier time on the way. */
	csr_write(CSR_STIMECMP, -1ul);
	csr_write(CSR_STIMECMPH, at >> 32);
	csr_write(CSR_STIMECMP, at);
}

void sbi_timer_set(u64 at)
{
	if (cpu_has(CPU_SSTC))
		timer_by_sstc(at);
	else if (IS_64BIT)
		sbi_call(SBI_TIME, SBI_TIME_SET_TIMER, at);
	else
		sbi_call(SBI_TIME, SBI_TIME_SET_TIMER, at, at >> 32);
}

void sbi_ipi(unsigned long hart)
{
	sbi_call(SBI_IPI, SBI_IPI_SEND, 1, hart);
}
