/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes the machine in the order that is quick, and ends it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "vmm/autopsy.h"
#include "vmm/break.h"
#include "vmm/clock.h"
#include "vmm/contain.h"
#include "vmm/gdb.h"
#include "vmm/isolate.h"
#include "vmm/machine.h"
#include "vmm/migrate.h"
#include "vmm/perturb.h"
#include "vmm/save.h"
#include "vmm/slots.h"
#include "vmm/trace.h"

struct machine machine;

int vm_end_status(const struct vm_end *end)
{
	switch (end->kind) {
	case VM_END_DEBUG_EXIT:
		return (end->code << 1 | 1) & 0xff;
	/* What follows is even: no guest leaves so. */
	case VM_END_SHUTDOWN:
	case VM_END_POWER_OFF:
		return 0;
	case VM_END_INTERNAL_ERROR:
		return 4;
	case VM_END_STOPPED:
		return 124;
	default:
		return 2;
	}
}

/* Whoever waits for what we say need not wait until the kernel has buried us. */
static void hang_up(void)
{
	close(machine.config->console);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
	if (machine.config->hangup >= 0)
		close(machine.config->hangup);
}

void machine_end(const struct vcpu *vcpu, enum vm_end_kind kind, uint32_t code,
		 const char *format, ...)
{
	static int ended;
	struct vm_end *end = machine.end;
	va_list args;

	if ((kind == VM_END_SHUTDOWN || kind == VM_END_INTERNAL_ERROR) && vcpu_current())
		gdb_last_look(vcpu_current());
	if (__atomic_exchange_n(&ended, 1, __ATOMIC_SEQ_CST))
		for (;;)
			pause();	/* the winner's _exit() ends us too */
	va_start(args, format);
	vsnprintf(end->text, sizeof(end->text), format, args);
	va_end(args);
	end->code = code;
	end->cpu = vcpu ? vcpu->index : 0;
	if (kind == VM_END_SHUTDOWN || kind == VM_END_INTERNAL_ERROR ||
	    kind == VM_END_ERROR || kind == VM_END_STOPPED)
		record_all();
	end->exits += machine_exits();
	__atomic_store_n(&end->kind, kind, __ATOMIC_RELEASE);
	gdb_end(vm_end_status(end));
	hang_up();
	_exit(vm_end_status(end));
}

int must(int result, const char *what)
{
	if (result < 0)
		machine_end(NULL, VM_END_ERROR, 0, "%s: %s", what,
			    strerror(errno));
	return result;
}

void console_write(const void *bytes, size_t size)
{
	static uint64_t written;
	uint64_t before = __atomic_fetch_add(&written, size, __ATOMIC_RELAXED);

	if (before + size > VM_CONSOLE_MOST) {
		uint64_t room = before < VM_CONSOLE_MOST ? VM_CONSOLE_MOST - before : 0;

		/* Nobody's disk is a guest's to fill. */
		__atomic_fetch_add(&machine.end->console_dropped, size - room, __ATOMIC_RELAXED);
		size = room;
	}
	while (size) {
		ssize_t n = write(machine.config->console, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;		/* nobody listens: the machine goes on */
		bytes = (const char *)bytes + n;
		size -= n;
	}
}

bool vm_prepare(const struct vm_conduct *conduct)
{
	arch_prepare();
	return contain_prepare(conduct);
}

void vm_run(const struct vm_config *config, struct vm_end *end)
{
	struct vm_config own = *config;
	uint64_t begin = host_ns();

	record_sigterm(SIG_BLOCK);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	machine.config = &own;
	machine.end = end;
	contain_descriptors();
	lie_begin(own.conduct.lie);
	trace_begin(own.conduct.trace);
	if (own.conduct.migrate_process)
		machine_supervise(&own);
	record_on_sigterm();
	perturb_prepare(&own);
	if (own.conduct.load)
		machine.config = load_config(&own);
	machine.kvm = must(open(DEV_KVM, O_RDWR | O_CLOEXEC), DEV_KVM);
	machine.vm = must(ioctl(machine.kvm, KVM_CREATE_VM, 0),
			  "KVM_CREATE_VM");
	slots_new_vm();
	isolate_prepare();
	/* Slots before the irqchip: KVM then has no readers to wait for. */
	ram_create();
	device_init();
	if (own.conduct.load) {
		arch_vm_open();
		vcpus_create();
		load_machine();
		end->load_ns = host_ns() - begin;
	} else {
		struct boot_door door = loader_load(own.image);

		arch_vm_open();
		vcpus_create();
		boot_prepare(door);
	}
	perturb_init();
	save_init();
	vcpus_run();
}
