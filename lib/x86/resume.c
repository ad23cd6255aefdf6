/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot CPU's way back from real mode, the part in C. */
#include <apic.h>
#include <asm/cpu.h>
#include <asm/start.h>
#include <resume.h>

_Static_assert(CPU_STACK_TRAP_ASM == CPU_STACK_TRAP, "wake.S");

extern const char resume_begin[], resume_end[];
extern u32 resume_root;
void resume_main(void) __attribute__((noreturn));

static struct {
	struct jump *jump;
	unsigned long cr0, cr4;
	u64 efer;
	bool has_efer;
} saved;

void resume_main(void)
{
	struct cpu *cpu = cpu_self();

	/* A descriptor of a task that is busy cannot be loaded: make it anew. */
	cpu_prepare(cpu);
	cpu_load(cpu);
	if (saved.has_efer)
		wrmsr(MSR_EFER, saved.efer);
	write_cr4(saved.cr4);
	write_cr0(saved.cr0);
	apic_enable();
	jump_to(saved.jump, 1);
}

void resume_prepare(struct jump *jump)
{
	saved.jump = jump;
	saved.cr0 = read_cr0();
	saved.cr4 = read_cr4();
	saved.has_efer = cpu_has(CPU_NX) || cpu_has(CPU_LM);
	if (saved.has_efer)
		saved.efer = rdmsr(MSR_EFER);
	resume_root = read_cr3();
	memcpy((void *)RESUME_PAGE, resume_begin, resume_end - resume_begin);
}
