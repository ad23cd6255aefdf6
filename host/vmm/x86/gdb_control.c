/* SPDX-License-Identifier: BSD-2-Clause */
/* Breakpoints, watchpoints and steps by KVM_SET_GUEST_DEBUG, as far as it goes. */
#include <elf.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "defs/cr.h"
#include "vmm/autopsy.h"
#include "vmm/gdb.h"
#include "vmm/machine.h"
#include "vmm/x86/autopsy.h"
#include "vmm/x86/gdb.h"
#include "vmm/x86/guest_debug.h"

#define DR6_SINGLE	(1u << 14)	/* BS */
#define TRIAL_BYTES	8192

const uint8_t arch_gdb_trap[] = { 0xcc };
const unsigned int arch_gdb_trap_size = 1;

static bool watches;		/* this KVM honours data breakpoints */
static struct kvm_regs *before;	/* each CPU's registers, as its next step begins */

/* Runs: mov %eax, 0x1800; hlt, in real mode, with a watchpoint on what is written. */
static bool trial_run(int vm, int cpu, uint8_t *memory)
{
	static const uint8_t code[] = { 0x66, 0xa3, 0x00, 0x18, 0xf4 };
	struct kvm_userspace_memory_region region = {
		.memory_size = TRIAL_BYTES, .userspace_addr = (uintptr_t)memory,
	};
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP,
		.arch.debugreg = { [0] = 0x1800, [7] = 0x400 | 2 | 0xdu << 16 },
	};
	struct kvm_regs regs = { .rip = 0x1000, .rflags = RFLAGS_FIXED };
	size_t size = ioctl(machine.kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	struct kvm_sregs sregs;
	bool seen;

	if (run == MAP_FAILED)
		return false;
	memcpy(memory + 0x1000, code, sizeof(code));
	seen = !ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) &&
		!ioctl(cpu, KVM_GET_SREGS, &sregs);
	sregs.cs.base = sregs.cs.selector = 0;
	seen = seen && !ioctl(cpu, KVM_SET_SREGS, &sregs) && !ioctl(cpu, KVM_SET_REGS, &regs) &&
		!ioctl(cpu, KVM_SET_GUEST_DEBUG, &debug) && !ioctl(cpu, KVM_RUN, 0) &&
		run->exit_reason == KVM_EXIT_DEBUG;
	munmap(run, size);
	return seen;
}

/* KVMs that emulate instructions overlook watchpoints: a small VM finds out. */
static bool watches_work(void)
{
	uint8_t *memory = mmap(NULL, TRIAL_BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int vm = ioctl(machine.kvm, KVM_CREATE_VM, 0);
	int cpu = vm < 0 ? -1 : ioctl(vm, KVM_CREATE_VCPU, 0);
	bool work = cpu >= 0 && memory != MAP_FAILED && trial_run(vm, cpu, memory);

	if (cpu >= 0)
		close(cpu);
	if (vm >= 0)
		close(vm);
	if (memory != MAP_FAILED)
		munmap(memory, TRIAL_BYTES);
	return work;
}

static int elf_class(const char *path)
{
	uint8_t ident[EI_NIDENT] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, ident, sizeof(ident));

	if (fd >= 0)
		close(fd);
	return got == sizeof(ident) && !memcmp(ident, ELFMAG, SELFMAG) ? ident[EI_CLASS] :
		ELFCLASSNONE;
}

/* Multiboot images are 32-bit files whatever is in them; the file with symbols tells. */
static bool image_is_wide(const char *image)
{
	const char *dot = strrchr(image, '.');
	char path[4096];
	int class;

	snprintf(path, sizeof(path), "%.*s.elf", dot ? (int)(dot - image) : (int)strlen(image),
		 image);
	class = elf_class(path);
	return class == ELFCLASSNONE || class == ELFCLASS64;
}

void arch_gdb_init(void)
{
	gdb_registers_wide(image_is_wide(machine.config->image));
	before = calloc(machine.config->cpus, sizeof(*before));
	must(before ? 0 : -1, "memory for registers");
	watches = watches_work();
	if (!watches)
		fprintf(stderr, "flatbed: gdb: this KVM has no watchpoints: writes are seen by "
			"stepping, reads not at all\n");
}

bool arch_gdb_translate(struct vcpu *vcpu, uint64_t linear, gpa_t *physical)
{
	struct walk_registers how = registers_for_walk(vcpu, &gdb_registers_of(vcpu)->sregs);
	struct walk walk;

	if (!walk_pages(&walk, &how, linear))
		return false;
	*physical = walk.physical;
	return true;
}

void arch_gdb_walk(struct vcpu *vcpu, uint64_t linear, struct buf *to)
{
	struct walk_registers how = registers_for_walk(vcpu, &gdb_registers_of(vcpu)->sregs);
	struct walk walk;

	walk_pages(&walk, &how, linear);
	walk_text(to, &walk);
}

int arch_gdb_point(enum gdb_point kind, uint64_t address, unsigned int size, bool on)
{
	static const enum hw_kind kinds[] = {
		[GDB_HARDWARE] = HW_EXECUTE, [GDB_WRITE] = HW_WRITE,
		/* There is none for reads alone. */
		[GDB_READ] = HW_ACCESS, [GDB_ACCESS] = HW_ACCESS,
	};
	struct hw_breakpoint point = {
		address, kinds[kind], kind == GDB_HARDWARE ? 1 : size,
	};
	bool set = false;

	if (kind != GDB_HARDWARE && !watches)
		return 1;
	if ((point.size & (point.size - 1)) || !point.size || address % point.size)
		return -1;
	for (unsigned int cpu = 0; cpu < machine.config->cpus; cpu++) {
		struct hw_breakpoint *b = guest_debug_of(&machine.vcpus[cpu])->breakpoint;
		unsigned int i;

		for (i = 0; i < HW_BREAKPOINTS; i++)
			if (on ? b[i].kind == HW_NONE : b[i].kind == point.kind &&
			    b[i].address == address && b[i].size == point.size)
				break;
		if (i == HW_BREAKPOINTS)
			continue;
		b[i] = on ? point : (struct hw_breakpoint){ 0 };
		set = true;
	}
	return set ? 0 : -1;
}

void arch_gdb_prepare(struct vcpu *vcpu, bool software, bool step)
{
	struct guest_debug *debug = guest_debug_of(vcpu);

	debug->software = software;
	debug->stepping = step;
	guest_debug_set(vcpu);
	if (step)
		must(ioctl(vcpu->fd, KVM_GET_REGS, &before[vcpu->index]), "KVM_GET_REGS");
}

bool arch_gdb_why(struct vcpu *vcpu, struct gdb_why *why)
{
	const struct kvm_debug_exit_arch *exit = &vcpu->run->debug.arch;
	const struct guest_debug *debug = guest_debug_of(vcpu);

	if (exit->exception == 3) {
		why->trap = true;
		return true;
	}
	if (debug->stepping) {
		guest_debug_hide(vcpu, &before[vcpu->index]);
		must(ioctl(vcpu->fd, KVM_GET_REGS, &before[vcpu->index]), "KVM_GET_REGS");
		why->step = true;
		return true;
	}
	for (unsigned int i = 0; i < HW_BREAKPOINTS; i++) {
		const struct hw_breakpoint *b = &debug->breakpoint[i];

		if (!(exit->dr6 >> i & 1) || b->kind == HW_NONE)
			continue;
		why->point = b->kind == HW_EXECUTE ? GDB_HARDWARE :
			b->kind == HW_WRITE ? GDB_WRITE : GDB_ACCESS;
		why->address = b->address;
		return true;
	}
	return false;
}

void arch_gdb_reflect(struct vcpu *vcpu)
{
	guest_debug_inject(vcpu, vcpu->run->debug.arch.exception == 3);
}

uint64_t arch_gdb_pc(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	must(ioctl(vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	return sregs.cs.l ? regs.rip : (uint32_t)(sregs.cs.base + regs.rip);
}

bool arch_gdb_refused(struct vcpu *vcpu, uint64_t *address)
{
	if (vcpu->run->internal.suberror != KVM_INTERNAL_ERROR_EMULATION)
		return false;
	*address = arch_gdb_pc(vcpu);
	return true;
}

const char *arch_gdb_state(struct vcpu *vcpu)
{
	struct kvm_mp_state state = { 0 };

	if (ioctl(vcpu->fd, KVM_GET_MP_STATE, &state) < 0)
		return "running";
	switch (state.mp_state) {
	case KVM_MP_STATE_HALTED:
		return "halted";
	case KVM_MP_STATE_UNINITIALIZED:
	case KVM_MP_STATE_INIT_RECEIVED:
	case KVM_MP_STATE_SIPI_RECEIVED:
		return "not started";
	default:
		return "running";
	}
}
