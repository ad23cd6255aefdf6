/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways back from where the firmware leads. */
#include <asm/cpu.h>
#include <hart_probe.h>
#include <sbi.h>

_Static_assert(offsetof(struct hart_probe, own_satp) == 7 * WORD_BYTES, "hart_entry.S");
_Static_assert(SBI_HSM == SBI_HSM_EID, "hart_entry.S");

void hart_resume(struct hart_probe *probe) __attribute__((noreturn));

void hart_resume(struct hart_probe *probe)
{
	jump_to(&probe->back, 1);
}

long hart_suspend(unsigned long extension, unsigned long function, unsigned long type,
		  struct hart_probe *probe)
{
	memset(probe, 0, sizeof(*probe));
	probe->leave = HART_PROBE_RETURN;
	probe->own_satp = csr_read(CSR_SATP);
	/* In this hart's block, and not in use by the supervisor. */
	probe->sp = (uintptr_t)cpu_self() + CPU_STACK_USER;
	if (jump_set(&probe->back))
		return SBI_SUCCESS;
	return sbi_call(extension, function, type, (uintptr_t)hart_entry,
			(uintptr_t)probe).error;
}
