/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What exits cost, in cycles: one TEST a row, so that arguments pick rows.  Each
 * is the median of ROUNDS rounds; what can be lost or doubled is counted too.
 * Work adapts to the host: a round doubles until it takes ROUND_CYCLES.
 */
#include <acpi.h>
#include <apic.h>
#include <asm/cpu.h>
#include <pci.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define ROUNDS		21
#define ROUND_CYCLES	200000ull
#define MAX_REPEATS	65536u

static u64 time_repeats(void (*operation)(void), u32 repeats)
{
	u64 begin = rdtsc();

	for (u32 n = 0; n < repeats; n++)
		operation();
	return rdtsc() - begin;
}

static void measure(const char *name, void (*operation)(void))
{
	u64 cycles[ROUNDS];
	u32 shift = 0;

	while (time_repeats(operation, 1u << shift) < ROUND_CYCLES &&
	       1u << shift < MAX_REPEATS)
		shift++;
	for_each(round, cycles)
		*round = time_repeats(operation, 1u << shift) >> shift;
	EXPECT(median(cycles, ROUNDS) > 0);
	METRIC(name, median(cycles, ROUNDS), "cycles");
}

/* ROW(name, "sentence", attributes…) { the operation } */
#define ROW(id, sentence, ...)						\
	static void id##_operation(void);				\
	TEST(id, sentence, ##__VA_ARGS__)				\
	{								\
		measure(#id, id##_operation);				\
	}								\
	static void id##_operation(void)

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
	measure("vmcall", hypercall);
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

TEST(mov_from_cr8, "MOV from CR8: 64-bit mode only")
{
	if (!IS_64BIT)
		return skip("not in 64-bit mode");
	measure("mov_from_cr8", read_task_priority);
}

TEST(mov_to_cr8, "MOV to CR8: 64-bit mode only")
{
	if (!IS_64BIT)
		return skip("not in 64-bit mode");
	measure("mov_to_cr8", clear_task_priority);
}

static u16 pm_timer_port;

static void read_pm_timer(void)
{
	in32(pm_timer_port);
}

TEST(inl_from_pmtimer, "the ACPI PM timer", DEVICE(DEVICE_PM_TIMER))
{
	pm_timer_port = acpi_field32(acpi_table("FACP"), ACPI_FADT_PM_TIMER);
	measure("inl_from_pmtimer", read_pm_timer);
}

ROW(inl_from_qemu, "a port that nobody claims: an exit to user space")
{
	in32(0x1234);
}

ROW(inl_from_kernel, "a port of the in-kernel interrupt controller")
{
	in8(0x4d0);
}

ROW(outl_to_kernel, "a write to the same")
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

#define VECTOR		0x40
#define ARRIVAL_CYCLES	(1ull << 36)	/* some 20 s: then it is lost */

static u32 arrived;

static void arrive(void *arg)
{
	(void)arg;
	atomic_add(&arrived, 1);
}

/* Wait for the next interrupt in a way of @wait; it must come exactly once. */
static bool wait_arrival(u32 before, void (*wait)(void))
{
	u64 begin = rdtsc();

	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) == before) {
		wait();
		if (rdtsc() - begin > ARRIVAL_CYCLES)
			return false;
	}
	return arrived == before + 1;
}

static void wait_window(void)
{
	irq_window();
}

static void wait_halt(void)
{
	asm volatile("sti; hlt; cli" : : : "memory");
}

static void measure_arrivals(const char *name, void (*raise)(void),
			     void (*wait)(void))
{
	u64 cycles[ROUNDS];

	WITH_IRQ(VECTOR, arrive, NULL)
		for_each(round, cycles) {
			u32 before = arrived;
			u64 begin = rdtsc();

			raise();
			REQUIRE(wait_arrival(before, wait));
			*round = rdtsc() - begin;
		}
	METRIC(name, median(cycles, ROUNDS), "cycles");
}

static void send_self(void)
{
	apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
}

TEST(self_ipi_sti_nop, "a self IPI, taken in the window after STI")
{
	measure_arrivals("self_ipi_sti_nop", send_self, wait_window);
}

TEST(self_ipi_sti_hlt, "a self IPI, taken at HLT")
{
	measure_arrivals("self_ipi_sti_hlt", send_self, wait_halt);
}

static void deadline_now(void)
{
	wrmsr(MSR_TSC_DEADLINE, 1);
}

static void deadline_soon(void)
{
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + 10000);
}

static void measure_deadline(const char *name, void (*raise)(void))
{
	apic_enable();
	apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_DEADLINE | VECTOR);
	measure_arrivals(name, raise, wait_halt);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
}

TEST(tscdeadline_immed, "a TSC deadline in the past", REQUIRES(CPU_TSC_DEADLINE))
{
	measure_deadline("tscdeadline_immed", deadline_now);
}

TEST(tscdeadline, "a TSC deadline 10000 cycles ahead", REQUIRES(CPU_TSC_DEADLINE))
{
	measure_deadline("tscdeadline", deadline_soon);
}

static bool target_halts, target_stop;

static void target(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&target_stop, __ATOMIC_ACQUIRE)) {
		if (target_halts)
			wait_halt();
		else
			irq_window();
	}
}

static u32 target_apic_id;

static void send_other(void)
{
	apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | VECTOR, target_apic_id);
}

static void ask_id(void *arg)
{
	*(u32 *)arg = apic_id();
}

static void measure_ipi(const char *name)
{
	on_cpu(1, ask_id, &target_apic_id);
	target_stop = false;
	WITH_IRQ(VECTOR, arrive, NULL) {
		on_cpu_begin(1, target, NULL);
		measure_arrivals(name, send_other, cpu_relax);
		__atomic_store_n(&target_stop, true, __ATOMIC_RELEASE);
		send_other();
		on_cpu_end(1);
	}
}

TEST(ipi, "an IPI to a CPU that runs", CPUS(2))
{
	target_halts = false;
	measure_ipi("ipi");
}

TEST(ipi_halt, "an IPI to a CPU that halts", CPUS(2))
{
	target_halts = true;
	measure_ipi("ipi_halt");
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
	measure("ple_round_robin", one_round);
}

/* pci-testdev's header, in either BAR (QEMU's docs/specs/pci-testdev). */
struct testdev_header {
	u8 test, width, pad[2];
	u32 offset, data, count;
	char name[];
};

static const char *const testdev_names[] = {
	"no-eventfd", "wildcard-eventfd", "datamatch-eventfd"
};

/* An eventfd may be consumed by another thread of the VMM: give it time. */
static bool counted(u32 (*count)(void))
{
	u64 begin = rdtsc();

	while (!count())
		if (rdtsc() - begin > ARRIVAL_CYCLES)
			return false;
	return true;
}

static volatile struct testdev_header *memory_header;
static u16 io_header;

static u32 memory_count(void)
{
	return memory_header->count;
}

static u32 io_count(void)
{
	return in32(io_header + offsetof(struct testdev_header, count));
}

static uintptr_t testdev_address;
static u8 testdev_data;

static void write_memory_bar(void)
{
	*(volatile u8 *)testdev_address = testdev_data;
}

static void write_io_bar(void)
{
	out8(testdev_address, testdev_data);
}

TEST(pci_mem, "pci-testdev's memory BAR", DEVICE(DEVICE_PCI_TESTDEV))
{
	volatile struct testdev_header *header = memory_header = (void *)
		pci_bar(pci_find(0x1b36, 0x0005), 0);

	for_each(name, testdev_names) SUBTEST("%s", *name) {
		header->test = name - testdev_names;
		testdev_address = (uintptr_t)header + header->offset;
		testdev_data = header->data;
		measure("pci_mem", write_memory_bar);
		EXPECT(counted(memory_count));
	}
}

TEST(pci_io, "pci-testdev's I/O BAR", DEVICE(DEVICE_PCI_TESTDEV))
{
	u16 port = io_header = pci_bar(pci_find(0x1b36, 0x0005), 1);

	for_each(name, testdev_names) SUBTEST("%s", *name) {
		out8(port + offsetof(struct testdev_header, test),
		     name - testdev_names);
		testdev_address = port +
			in32(port + offsetof(struct testdev_header, offset));
		testdev_data = in32(port + offsetof(struct testdev_header, data));
		measure("pci_io", write_io_bar);
		EXPECT(counted(io_count));
	}
}
