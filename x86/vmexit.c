/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What exits cost, in cycles: one TEST a row, so that arguments pick rows.  Interrupts
 * are in vmexit/interrupts.c, pci-testdev in vmexit/pci.c.
 */
#include <acpi.h>
#include <asm/cpu.h>
#include <cost.h>
#include <scope.h>
#include <smp.h>

ROW(cpuid, "CPUID")
{
	cpuid(0, 0);
}

static void hypercall(void)
{
	long number = -1;

	if (cpu_is_intel())
		asm volatile("vmcall" : "+a"(number) : : "memory");
	else
		asm volatile("vmmcall" : "+a"(number) : : "memory");
}

TEST(vmcall, "a hypercall that does not exist", DEVICE(DEVICE_KVM))
{
	WITH_WATCHDOG()
		hypercall();
	cost_measure("vmcall", hypercall);
}

static void read_task_priority(void)
{
	unsigned long value;

	asm volatile(READ_CR8 : "=a"(value));
}

static void clear_task_priority(void)
{
	asm volatile(WRITE_CR8 : : "a"(0ul));
}

ROW(wbinvd, "WBINVD")
{
	asm volatile("wbinvd" : : : "memory");
}

/* On a CPU of one's own it would lose what is not written back yet. */
ROW(invd, "INVD", REQUIRES(CPU_HYPERVISOR))
{
	asm volatile("invd" : : : "memory");
}

TEST(mov_from_cr8, "MOV from CR8: 64-bit mode only")
{
	if (!IS_64BIT)
		return skip("not in 64-bit mode");
	cost_measure("mov_from_cr8", read_task_priority);
}

TEST(mov_to_cr8, "MOV to CR8: 64-bit mode only")
{
	if (!IS_64BIT)
		return skip("not in 64-bit mode");
	cost_measure("mov_to_cr8", clear_task_priority);
}

static u16 pm_timer_port;

static void read_pm_timer(void)
{
	in32(pm_timer_port);
}

TEST(inl_from_pmtimer, "the ACPI PM timer", DEVICE(DEVICE_PM_TIMER))
{
	pm_timer_port = acpi_field32(acpi_table("FACP"), ACPI_FADT_PM_TIMER);
	cost_measure("inl_from_pmtimer", read_pm_timer);
}

ROW(inl_from_qemu, "a port that nobody claims: an exit to user space")
{
	in32(0x1234);
}

ROW(inl_from_kernel, "a port of the in-kernel interrupt controller")
{
	in8(0x4d0);
}

ROW(outl_to_kernel, "a write to a port of the in-kernel interrupt controller")
{
	out8(0x4d0, 0);
}

ROW(mov_dr, "MOV from and to DR7")
{
	write_dr7(read_dr7());
}

ROW(wr_kernel_gs_base, "WRMSR to KERNEL_GS_BASE", REQUIRES(CPU_LM))
{
	wrmsr(MSR_KERNEL_GS_BASE, 0);
}

static bool has_tsx_ctrl(void)
{
	u64 capabilities = 0;

	return cpu_has(CPU_ARCH_CAPABILITIES) &&
		!try_rdmsr(MSR_ARCH_CAPABILITIES, &capabilities).raised &&
		capabilities & ARCH_CAP_TSX_CTRL;
}

static void write_tsx_ctrl(void)
{
	wrmsr(MSR_TSX_CTRL, 0);
}

TEST(wr_tsx_ctrl_msr, "WRMSR to TSX_CTRL")
{
	if (!has_tsx_ctrl())
		return skip("no IA32_TSX_CTRL");
	cost_measure("wr_tsx_ctrl_msr", write_tsx_ctrl);
}

static void write_spec_ctrl(void)
{
	static u64 value;

	value ^= SPEC_CTRL_IBRS;
	wrmsr(MSR_SPEC_CTRL, value);
}

TEST(wr_ibrs_msr, "WRMSR to SPEC_CTRL, IBRS set and cleared")
{
	if (!cpu_has(CPU_SPEC_CTRL) && !cpu_has(CPU_AMD_IBRS))
		return skip("no IBRS");
	cost_measure("wr_ibrs_msr", write_spec_ctrl);
	wrmsr(MSR_SPEC_CTRL, 0);
}

static void write_pred_cmd(void)
{
	wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
}

TEST(wr_ibpb_msr, "WRMSR to PRED_CMD, a barrier for indirect branches")
{
	if (!cpu_has(CPU_SPEC_CTRL) && !cpu_has(CPU_AMD_IBPB))
		return skip("no IBPB");
	cost_measure("wr_ibpb_msr", write_pred_cmd);
}

ROW(wr_tsc_adjust_msr, "WRMSR to TSC_ADJUST", REQUIRES(CPU_TSC_ADJUST))
{
	wrmsr(MSR_TSC_ADJUST, 0);
}

ROW(rd_tsc_adjust_msr, "RDMSR of TSC_ADJUST", REQUIRES(CPU_TSC_ADJUST))
{
	rdmsr(MSR_TSC_ADJUST);
}

ROW(toggle_cr0_wp, "CR0.WP cleared and set")
{
	write_cr0(read_cr0() & ~(unsigned long)CR0_WP);
	write_cr0(read_cr0() | CR0_WP);
}

ROW(toggle_cr4_pge, "CR4.PGE set and cleared")
{
	write_cr4(read_cr4() | CR4_PGE);
	write_cr4(read_cr4() & ~(unsigned long)CR4_PGE);
}

static struct barrier round_robin;

static void take_turns(void *arg)
{
	(void)arg;
	barrier_wait(&round_robin);
}

static void one_round(void)
{
	on_cpus(take_turns, NULL);
}

TEST(ple_round_robin, "all CPUs wait for each other in PAUSE loops")
{
	round_robin = (struct barrier){ .expected = cpu_count() };
	cost_measure("ple_round_robin", one_round);
}
