/* SPDX-License-Identifier: BSD-2-Clause */
/* Breakpoints, watchpoints and steps by KVM_SET_GUEST_DEBUG, as far as it goes. */
#include <elf.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "defs/cr.h"
#include "vmm/autopsy.h"
#include "vmm/gdb.h"
#include "vmm/machine.h"
#include "vmm/x86/autopsy.h"
#include "vmm/x86/gdb.h"
#include "vmm/x86/guest_debug.h"

#define DR6_SINGLE	(1u << 14)	/* BS */

const uint8_t arch_gdb_trap[] = { 0xcc };
const unsigned int arch_gdb_trap_size = 1;

static struct kvm_regs *before;	/* each CPU's registers, as its next step begins */

static void say_what_lacks(void)
{
	bool points = guest_debug_works(DEBUG_POINT), traps = guest_debug_works(DEBUG_TRAP);

	if (!points || !traps)
		fprintf(stderr, "flatbed: gdb: this KVM has no %sbreakpoints: they are seen by "
			"stepping, which is slow\n",
			traps ? "hardware " : points ? "software " : "");
	if (!guest_debug_works(DEBUG_WATCH))
		fprintf(stderr, "flatbed: gdb: this KVM has no watchpoints: writes are seen by "
			"stepping, reads not at all\n");
	else if (points && traps)
		return;
	if (!guest_debug_works(DEBUG_STEP))
		fprintf(stderr, "flatbed: gdb: nor does it step: nothing stops the guest but "
			"Control-C\n");
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
	say_what_lacks();
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

	if (!guest_debug_works(kind == GDB_HARDWARE ? DEBUG_POINT : DEBUG_WATCH))
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

bool arch_gdb_traps(void)
{
	return guest_debug_works(DEBUG_TRAP);
}

void arch_gdb_prepare(struct vcpu *vcpu, bool software, enum gdb_go how)
{
	struct guest_debug *debug = guest_debug_of(vcpu);

	debug->software = software;
	debug->stepping = how != GDB_GO;
	debug->interrupts = how == GDB_STEPS && !debug->shadow;
	guest_debug_set(vcpu);
	if (debug->stepping)
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
