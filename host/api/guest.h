/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's descriptors, and a small guest on them: one CPU, some memory, a few
 * instructions.  Calls that a TEST is about it makes itself, by call().
 */
#ifndef HOST_API_GUEST_H
#define HOST_API_GUEST_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEV_KVM		"/dev/kvm"
#define PAGE		4096u

/**
 * call() - an ioctl
 *
 * Returns what it returned, or -errno.
 */
#define call(fd, request, argument)	call_do(fd, request, (unsigned long)(argument))
int call_do(int fd, unsigned long request, unsigned long argument);

/**
 * kvm_open() - a descriptor of /dev/kvm; the TEST cannot tell without
 */
int kvm_open(void);

/**
 * kvm_has() - what KVM_CHECK_EXTENSION answers, 0 if it knows nothing of it
 * @fd: of /dev/kvm, or of a VM
 */
int kvm_has(int fd, unsigned int capability);

/**
 * kvm_enable() - KVM_ENABLE_CAP
 * @fd: of a VM or of a CPU
 * @argument: args[0]
 *
 * Returns 0 or -errno.
 */
int kvm_enable(int fd, unsigned int capability, uint64_t argument);

/**
 * vm_new(), cpu_new() - a VM without anything in it; a CPU of it
 *
 * They end the TEST if that fails.
 */
int vm_new(int kvm);
int cpu_new(int vm, unsigned int id);

/**
 * run_map() - a CPU's struct kvm_run, which the TEST may change
 */
struct kvm_run *run_map(int kvm, int cpu);

/**
 * memory_new() - zeros of the host's
 * @size: bytes, whole pages
 */
void *memory_new(size_t size);

/**
 * slot_set() - KVM_SET_USER_MEMORY_REGION
 * @slot: its number, and above 16 bits its address space
 *
 * Returns 0 or -errno.
 */
int slot_set(int vm, uint32_t slot, uint64_t gpa, uint64_t size, void *memory, uint32_t flags);

/* Instructions that a guest runs; they need not know where they are. */
struct code {
	const void *begin, *end;
};

/**
 * CODE16(id, "instructions") - code for real mode, as struct code @id
 */
#define CODE16(id, text)	CODE(id, "16", text)
#define CODE64(id, text)	CODE(id, "64", text)
#define CODE(id, bits, text)						\
	__asm__(".pushsection .rodata\n\t.code" bits "\n"		\
		"code_" #id "_begin:\n\t" text "\n"			\
		"code_" #id "_end:\n\t.code64\n\t.popsection");		\
	extern const char code_##id##_begin[], code_##id##_end[];	\
	static const struct code id = { code_##id##_begin, code_##id##_end }

#define GUEST_MEMORY	(1u << 20)	/* bytes from 0 on, slot 0 */
#define GUEST_CODE	0x1000u
#define GUEST_STACK	0x8000u
#define GUEST_TABLES	0x10000u	/* page tables, in long mode */

enum guest_with {
	GUEST_PLAIN = 0,
	GUEST_IRQCHIP = 1,	/* KVM_CREATE_IRQCHIP */
	GUEST_SPLIT = 2,	/* local APIC only, by KVM_CAP_SPLIT_IRQCHIP */
	GUEST_LONG = 4,		/* 64-bit mode, all memory mapped as it lies */
	GUEST_NO_CPUID = 8,	/* not even what KVM supports */
};

struct guest {
	int kvm, vm, cpu;
	struct kvm_run *run;
	uint8_t *memory;
};

/**
 * guest_new() - a guest whose CPU 0 is at the begin of @code
 * @code: or NULL: there is none
 * @with: of enum guest_with
 *
 * In real mode all segments begin at 0.
 */
struct guest guest_new(const struct code *code, unsigned int with);

/**
 * guest_on() - the same, in a VM that has something already
 */
struct guest guest_on(int kvm, int vm, const struct code *code, unsigned int with);

/**
 * guest_start() - its CPU is at the begin of @code, with registers as at first
 */
void guest_start(struct guest *guest, const struct code *code);

/**
 * guest_run() - KVM_RUN
 *
 * Returns its exit reason, or -errno.
 */
int guest_run(struct guest *guest);

/**
 * guest_run_briefly() - the same, but -EINTR after 0.3 s of CPU time
 *
 * For what some KVMs never end.
 */
int guest_run_briefly(struct guest *guest);

/**
 * run_cpu() - the same, of any CPU
 */
int run_cpu(int cpu, struct kvm_run *run);

/**
 * guest_port_out() - does a guest's last exit say that it wrote @size bytes to @port?
 * @value: set to what
 */
bool guest_port_out(const struct guest *guest, uint16_t port, unsigned int size,
		    uint32_t *value);

/**
 * guest_regs(), guest_sregs() - its registers
 */
struct kvm_regs guest_regs(const struct guest *guest);
struct kvm_sregs guest_sregs(const struct guest *guest);

/**
 * cpuid_supported() - KVM_GET_SUPPORTED_CPUID; memory of the TEST's
 */
struct kvm_cpuid2 *cpuid_supported(int kvm);

/**
 * cpuid_entry() - a leaf, or NULL
 */
struct kvm_cpuid_entry2 *cpuid_entry(struct kvm_cpuid2 *cpuid, uint32_t leaf,
				     uint32_t subleaf);

#define CPUID_MOST	256	/* entries of cpuid_supported() */

/**
 * cpu_msr_get(), cpu_msr_set() - one MSR as KVM's user
 *
 * Return 1, 0 if KVM refuses it, or -errno.
 */
int cpu_msr_get(int cpu, uint32_t index, uint64_t *value);
int cpu_msr_set(int cpu, uint32_t index, uint64_t value);

/**
 * guest_lapic(), guest_lapic_put() - its local APIC, got and set
 * lapic_get(), lapic_set() - a register of one, by its offset
 * guest_requests() - is an interrupt of this vector requested?
 */
struct kvm_lapic_state guest_lapic(const struct guest *guest);
void guest_lapic_put(const struct guest *guest, const struct kvm_lapic_state *lapic);
uint32_t lapic_get(const struct kvm_lapic_state *lapic, unsigned int reg);
void lapic_set(struct kvm_lapic_state *lapic, unsigned int reg, uint32_t value);
bool guest_requests(const struct guest *guest, unsigned int vector);

/**
 * guest_takes_interrupts() - enable its local APIC, so that IRR shows what comes
 */
void guest_takes_interrupts(const struct guest *guest);

#endif
