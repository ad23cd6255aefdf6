/* SPDX-License-Identifier: BSD-2-Clause */
/* A small guest, and what a TEST asks of KVM again and again. */
#include "api/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "api/test.h"
#include "defs/apic.h"

int call_do(int fd, unsigned long request, unsigned long argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? -errno : result;
}

int kvm_open(void)
{
	int kvm = open(DEV_KVM, O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		error(DEV_KVM ": %s", strerror(errno));
	return kvm;
}

int kvm_has(int fd, unsigned int capability)
{
	int result = call(fd, KVM_CHECK_EXTENSION, capability);

	return result < 0 ? 0 : result;
}

int kvm_enable(int fd, unsigned int capability, uint64_t argument)
{
	struct kvm_enable_cap cap = { .cap = capability, .args = { argument } };

	return call(fd, KVM_ENABLE_CAP, &cap);
}

int vm_new(int kvm)
{
	int vm = call(kvm, KVM_CREATE_VM, 0);

	if (vm < 0)
		error("KVM_CREATE_VM: %s", strerror(-vm));
	return vm;
}

int cpu_new(int vm, unsigned int id)
{
	int cpu = call(vm, KVM_CREATE_VCPU, id);

	if (cpu < 0)
		error("KVM_CREATE_VCPU %u: %s", id, strerror(-cpu));
	return cpu;
}

struct kvm_run *run_map(int kvm, int cpu)
{
	int size = call(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run;

	if (size < 0)
		error("KVM_GET_VCPU_MMAP_SIZE: %s", strerror(-size));
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run == MAP_FAILED)
		error("mapping struct kvm_run: %s", strerror(errno));
	return run;
}

void *memory_new(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		error("memory: %s", strerror(errno));
	return memory;
}

int slot_set(int vm, uint32_t slot, uint64_t gpa, uint64_t size, void *memory, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = (uintptr_t)memory,
	};

	return call(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static void must(int result, const char *what)
{
	if (result < 0)
		error("%s: %s", what, strerror(-result));
}

struct kvm_regs guest_regs(const struct guest *guest)
{
	struct kvm_regs regs;

	must(call(guest->cpu, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	return regs;
}

struct kvm_sregs guest_sregs(const struct guest *guest)
{
	struct kvm_sregs sregs;

	must(call(guest->cpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	return sregs;
}

struct kvm_cpuid2 *cpuid_supported(int kvm)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) +
					  CPUID_MOST * sizeof(*cpuid->entries));

	if (!cpuid)
		error("memory: %s", strerror(errno));
	cpuid->nent = CPUID_MOST;
	must(call(kvm, KVM_GET_SUPPORTED_CPUID, cpuid), "KVM_GET_SUPPORTED_CPUID");
	return cpuid;
}

struct kvm_cpuid_entry2 *cpuid_entry(struct kvm_cpuid2 *cpuid, uint32_t leaf,
				     uint32_t subleaf)
{
	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == leaf &&
		    (cpuid->entries[i].index == subleaf ||
		     !(cpuid->entries[i].flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX)))
			return &cpuid->entries[i];
	return NULL;
}

/* struct kvm_msrs ends in an array. */
union one_msr {
	struct kvm_msrs head;
	uint8_t room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
};

int cpu_msr_get(int cpu, uint32_t index, uint64_t *value)
{
	union one_msr msr = { .head.nmsrs = 1 };
	int result;

	msr.head.entries[0].index = index;
	result = call(cpu, KVM_GET_MSRS, &msr);
	if (result == 1)
		*value = msr.head.entries[0].data;
	return result;
}

int cpu_msr_set(int cpu, uint32_t index, uint64_t value)
{
	union one_msr msr = { .head.nmsrs = 1 };

	msr.head.entries[0].index = index;
	msr.head.entries[0].data = value;
	return call(cpu, KVM_SET_MSRS, &msr);
}

/* All memory by pages of 2 MiB, as it lies (SDM 3A, 4.5). */
static void long_mode(struct guest *guest, struct kvm_sregs *sregs)
{
	const struct kvm_segment code = {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1,
	};
	struct kvm_segment data = code;
	uint64_t *tables = (uint64_t *)(guest->memory + GUEST_TABLES);

	tables[0] = (GUEST_TABLES + PAGE) | 7;
	tables[512] = (GUEST_TABLES + 2 * PAGE) | 7;
	for (uint64_t i = 0; i < 512; i++)
		tables[1024 + i] = i << 21 | 0x87;
	data.selector = 16;
	data.type = 3;
	data.l = 0;
	data.db = 1;
	sregs->cs = code;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->cr3 = GUEST_TABLES;
	sregs->cr4 |= 0x20;			/* PAE */
	sregs->cr0 |= 0x80000001;		/* PG, PE */
	sregs->efer |= 0x500;			/* LMA, LME */
}

static void real_mode(struct kvm_sregs *sregs)
{
	struct kvm_segment *segments[] = { &sregs->cs, &sregs->ds, &sregs->es, &sregs->ss };

	for_each(segment, segments) {
		(*segment)->base = 0;
		(*segment)->selector = 0;
	}
}

void guest_start(struct guest *guest, const struct code *code)
{
	struct kvm_regs regs = { .rip = GUEST_CODE, .rsp = GUEST_STACK, .rflags = 2 };

	memcpy(guest->memory + GUEST_CODE, code->begin,
	       (const char *)code->end - (const char *)code->begin);
	must(call(guest->cpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

struct guest guest_new(const struct code *code, unsigned int with)
{
	int kvm = kvm_open();

	return guest_on(kvm, vm_new(kvm), code, with);
}

struct guest guest_on(int kvm, int vm, const struct code *code, unsigned int with)
{
	struct guest guest = { .kvm = kvm, .vm = vm };
	struct kvm_sregs sregs;

	guest.memory = memory_new(GUEST_MEMORY);
	must(slot_set(guest.vm, 0, 0, GUEST_MEMORY, guest.memory, 0),
	     "KVM_SET_USER_MEMORY_REGION");
	if (with & GUEST_IRQCHIP)
		must(call(guest.vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	if (with & GUEST_SPLIT)
		must(kvm_enable(guest.vm, KVM_CAP_SPLIT_IRQCHIP, 24), "KVM_CAP_SPLIT_IRQCHIP");
	guest.cpu = cpu_new(guest.vm, 0);
	guest.run = run_map(guest.kvm, guest.cpu);
	if (!(with & GUEST_NO_CPUID)) {
		struct kvm_cpuid2 *cpuid = cpuid_supported(guest.kvm);

		must(call(guest.cpu, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
		free(cpuid);
	}
	sregs = guest_sregs(&guest);
	if (with & GUEST_LONG)
		long_mode(&guest, &sregs);
	else
		real_mode(&sregs);
	must(call(guest.cpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	if (code)
		guest_start(&guest, code);
	return guest;
}

int run_cpu(int cpu, struct kvm_run *run)
{
	int result = call(cpu, KVM_RUN, 0);

	return result < 0 ? result : (int)run->exit_reason;
}

int guest_run(struct guest *guest)
{
	return run_cpu(guest->cpu, guest->run);
}

static void late(int number)
{
	(void)number;
}

int guest_run_briefly(struct guest *guest)
{
	const struct itimerval limit = { .it_value.tv_usec = 300000 }, none = { 0 };
	struct sigaction action = { .sa_handler = late };
	int result;

	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &limit, NULL);
	result = guest_run(guest);
	setitimer(ITIMER_PROF, &none, NULL);
	return result;
}

bool guest_port_out(const struct guest *guest, uint16_t port, unsigned int size,
		    uint32_t *value)
{
	const struct kvm_run *run = guest->run;

	if (run->exit_reason != KVM_EXIT_IO || run->io.direction != KVM_EXIT_IO_OUT ||
	    run->io.port != port || run->io.size != size)
		return false;
	*value = 0;
	memcpy(value, (const uint8_t *)run + run->io.data_offset, size);
	return true;
}

struct kvm_lapic_state guest_lapic(const struct guest *guest)
{
	struct kvm_lapic_state lapic = { 0 };

	must(call(guest->cpu, KVM_GET_LAPIC, &lapic), "KVM_GET_LAPIC");
	return lapic;
}

void guest_lapic_put(const struct guest *guest, const struct kvm_lapic_state *lapic)
{
	must(call(guest->cpu, KVM_SET_LAPIC, lapic), "KVM_SET_LAPIC");
}

uint32_t lapic_get(const struct kvm_lapic_state *lapic, unsigned int reg)
{
	uint32_t value;

	memcpy(&value, lapic->regs + reg, sizeof(value));
	return value;
}

void lapic_set(struct kvm_lapic_state *lapic, unsigned int reg, uint32_t value)
{
	memcpy(lapic->regs + reg, &value, sizeof(value));
}

bool guest_requests(const struct guest *guest, unsigned int vector)
{
	struct kvm_lapic_state lapic = guest_lapic(guest);

	return lapic_get(&lapic, APIC_IRR + vector / 32 * 16) >> vector % 32 & 1;
}

void guest_takes_interrupts(const struct guest *guest)
{
	struct kvm_lapic_state lapic = guest_lapic(guest);

	lapic_set(&lapic, APIC_SVR, 0x1ff);
	guest_lapic_put(guest, &lapic);
}
