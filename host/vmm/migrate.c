/* SPDX-License-Identifier: BSD-2-Clause */
/* The running machine into another VM of this process, or of another one. */
#include "vmm/migrate.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm/autopsy.h"
#include "vmm/loop.h"
#include "vmm/machine.h"
#include "vmm/save.h"
#include "vmm/slots.h"
#include "vmm/state.h"

/* VMs that the kernel takes apart behind our back: it takes its time. */
#define CLOSING_MOST	16
static sem_t closing;

static void *close_late(void *vm)
{
	close((intptr_t)vm);
	sem_post(&closing);
	return NULL;
}

static void vm_close(int vm)
{
	static bool began;
	pthread_attr_t detached;
	pthread_t thread;

	if (!began)
		sem_init(&closing, 0, CLOSING_MOST);
	began = true;
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		vcpu_close(&machine.vcpus[i]);
	while (sem_wait(&closing) < 0)
		;		/* interrupted */
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	errno = pthread_create(&thread, &detached, close_late,
			       (void *)(intptr_t)vm);
	must(errno ? -1 : 0, "a thread to close a VM");
}

static void vm_open(void)
{
	machine.vm = must(ioctl(machine.kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	machine.generation++;
	slots_new_vm();
	/* Slots before the irqchip: KVM then has no readers to wait for. */
	slots_attach();
	arch_vm_open();
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		vcpu_open(&machine.vcpus[i]);
	for_each_device(d) {
		if (!d->there || !d->attach)
			continue;
		pthread_mutex_lock(&d->lock);
		d->attach();
		pthread_mutex_unlock(&d->lock);
	}
}

void machine_migrate(void)
{
	static struct state *state;

	if (!state)
		state = state_new();
	/* Timers between the two states would be lost, and find no VM. */
	loop_stop();
	state_take(state);
	/* The log goes with the VM; who tracks dirty pages has it first. */
	slots_harvest(false);
	__atomic_store_n(&machine.moving, true, __ATOMIC_RELEASE);
	vm_close(machine.vm);
	vm_open();
	state_put(state);
	__atomic_store_n(&machine.moving, false, __ATOMIC_RELEASE);
	loop_go();
	machine.end->migrations++;
}

/*
 * Two files in turn: a process lives on the one that it was loaded from while
 * it writes the other.  Nobody lives on that, and it keeps its pages: to write
 * over them is quicker than to get new ones.
 */
static int files[2] = { -1, -1 };
static unsigned int turn;

void machine_move(void)
{
	/* The next process would have to begin anew to look where its CPUs are. */
	if (record_asked())
		return;
	if (!save_machine(files[!turn]))
		must(-1, "saving the machine that moves");
	machine.end->migrations++;
	machine_end(NULL, VM_END_MOVED, 0, "moved to another process");
}

static void __attribute__((noreturn)) leave_as(int status)
{
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	_exit(1);
}

static volatile pid_t child;
static volatile sig_atomic_t asked;	/* the machine is to end */

/* Who asks the machine to end knows this process only. */
static void pass_on(int number)
{
	asked = 1;
	if (child > 0)
		kill(child, number);
}

/* A child takes SIGTERM as soon as it can: record_on_sigterm() unblocks it. */
static pid_t machine_fork(void)
{
	record_sigterm(SIG_BLOCK);
	child = must(fork(), "fork");
	if (!child)
		return 0;
	if (asked)
		kill(child, SIGTERM);
	record_sigterm(SIG_UNBLOCK);
	return child;
}

void machine_supervise(struct vm_config *config)
{
	struct sigaction pass = { .sa_handler = pass_on };
	int parent = getpid(), status;

	for (turn = 0; turn < 2; turn++)
		files[turn] = must(memfd_create("machine", MFD_CLOEXEC),
				   "memory for a machine that moves");
	must(sigaction(SIGTERM, &pass, NULL), "a handler of SIGTERM");
	for (turn = 0;; turn = !turn) {
		if (!machine_fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(1);
			return;
		}
		while (waitpid(child, &status, 0) < 0)
			if (errno != EINTR)
				must(-1, "waiting for the machine");
		child = 0;
		if (machine.end->kind != VM_END_MOVED)
			leave_as(status);
		machine.end->kind = VM_END_NONE;
		config->conduct.load = "the machine that moved";
		config->conduct.load_fd = files[!turn];
	}
}
