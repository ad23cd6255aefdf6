/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run loop, and the rendezvous of all CPUs.
 *
 * Whoever wants CPUs to stand still counts itself in `wanted`, and kicks: it
 * sets immediate_exit, which catches a CPU on its way into KVM_RUN, and sends a
 * signal, which catches one inside.  Either way KVM_RUN completes the last exit
 * first.  A CPU parks only behind a KVM_RUN that was cut short, and clears its
 * immediate_exit before it looks at `wanted`: a kick is never lost.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/autopsy.h"
#include "vmm/break.h"
#include "vmm/clock.h"
#include "vmm/contain.h"
#include "vmm/exit.h"
#include "vmm/gdb.h"
#include "vmm/machine.h"
#include "vmm/perturb.h"
#include "vmm/request.h"
#include "vmm/save.h"
#include "vmm/slots.h"
#include "vmm/trace.h"

#define HURRY_NS	(10 * 1000000ull)
#define DESCRIPTORS	256	/* beside CPUs' own, at most */

static __thread struct vcpu *current;

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int wanted;	/* callers that stop, or wait to; atomic */
	unsigned int parked;	/* CPUs that stand still */
	bool owned;		/* one caller has them */
	bool held;		/* machine_hold() is one of `wanted` */
} stop = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static int run_size;		/* bytes of struct kvm_run and what follows */

/*
 * A CPU that moves to another VM keeps the address of its struct kvm_run, so that it can
 * be kicked at any time; a kick that went to the old one, or to what stands in for it
 * meanwhile, may be meant for this one.
 */
static void run_map(struct vcpu *vcpu, int kind, int fd)
{
	void *run = mmap(vcpu->run, run_size, PROT_READ | PROT_WRITE,
			 kind | (vcpu->run ? MAP_FIXED : 0), fd, 0);

	if (run == MAP_FAILED)
		must(-1, "mapping struct kvm_run");
	if (vcpu->run)
		__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	vcpu->run = run;
}

void vcpu_open(struct vcpu *vcpu)
{
	if (!run_size)
		run_size = must(ioctl(machine.kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
				"KVM_GET_VCPU_MMAP_SIZE");
	vcpu->fd = ioctl(machine.vm, KVM_CREATE_VCPU, vcpu->index);
	if (vcpu->fd < 0 && (errno == EINVAL || errno == E2BIG))
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "this KVM cannot make CPU %u of %u", vcpu->index,
			    machine.config->cpus);
	must(vcpu->fd, "KVM_CREATE_VCPU");
	run_map(vcpu, MAP_SHARED, vcpu->fd);
	slots_new_cpu(vcpu);
	arch_vcpu_prepare(vcpu);
}

void vcpu_close(struct vcpu *vcpu)
{
	slots_lose_cpu(vcpu);
	run_map(vcpu, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	close(vcpu->fd);
	vcpu->steps = 0;
}

/* A CPU is a descriptor; many hosts allow 1024 unless more are asked for. */
static void descriptors_allow(unsigned int cpus)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= cpus + DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < cpus + DESCRIPTORS ? limit.rlim_max :
		cpus + DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void vcpus_create(void)
{
	unsigned int count = machine.config->cpus;
	size_t size = count * sizeof(*machine.vcpus);

	machine.vcpus = aligned_alloc(__alignof__(*machine.vcpus), size);
	must(machine.vcpus ? 0 : -1, "memory for the CPUs");
	descriptors_allow(count);
	memset(machine.vcpus, 0, size);
	for (unsigned int i = 0; i < count; i++) {
		machine.vcpus[i].index = i;
		vcpu_open(&machine.vcpus[i]);
	}
}

struct vcpu *vcpu_current(void)
{
	return current;
}

void vcpu_kick(struct vcpu *vcpu)
{
	int tid;

	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	tid = __atomic_load_n(&vcpu->tid, __ATOMIC_SEQ_CST);
	/* A thread that has not begun finds immediate_exit set. */
	if (tid)
		syscall(SYS_tgkill, getpid(), tid, VCPU_KICK_SIGNAL);
}

/* With the lock held, which is given up meanwhile; ETIMEDOUT at @ns. */
static int wait_until(uint64_t ns)
{
	struct timespec t = { ns / NS_PER_S, ns % NS_PER_S };

	if (ns == UINT64_MAX)
		return pthread_cond_wait(&stop.changed, &stop.lock);
	return pthread_cond_clockwait(&stop.changed, &stop.lock, CLOCK_MONOTONIC,
				      &t);
}

/* The same. */
static void stop_acquire(void)
{
	while (stop.owned)
		pthread_cond_wait(&stop.changed, &stop.lock);
	stop.owned = true;
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		if (!machine.vcpus[i].parked)
			vcpu_kick(&machine.vcpus[i]);
	while (stop.parked < machine.config->cpus)
		if (wait_until(host_ns() + HURRY_NS) == ETIMEDOUT)
			faults_hurry();		/* it may be waiting for a page */
}

static __thread bool stopper;	/* the machine stands still for this thread */

bool machine_stands_still(void)
{
	return stopper;
}

void machine_stop(void)
{
	pthread_mutex_lock(&stop.lock);
	__atomic_add_fetch(&stop.wanted, 1, __ATOMIC_SEQ_CST);
	stop_acquire();
	pthread_mutex_unlock(&stop.lock);
	stopper = true;
}

void machine_go(void)
{
	stopper = false;
	pthread_mutex_lock(&stop.lock);
	stop.owned = false;
	__atomic_sub_fetch(&stop.wanted, 1, __ATOMIC_SEQ_CST);
	pthread_cond_broadcast(&stop.changed);
	pthread_mutex_unlock(&stop.lock);
}

void machine_hold(void)
{
	pthread_mutex_lock(&stop.lock);
	if (!stop.held) {
		stop.held = true;
		__atomic_add_fetch(&stop.wanted, 1, __ATOMIC_SEQ_CST);
	}
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		if (!machine.vcpus[i].parked)
			vcpu_kick(&machine.vcpus[i]);
	pthread_mutex_unlock(&stop.lock);
}

void machine_release(void)
{
	pthread_mutex_lock(&stop.lock);
	if (stop.held)
		__atomic_sub_fetch(&stop.wanted, 1, __ATOMIC_SEQ_CST);
	stop.held = false;
	pthread_cond_broadcast(&stop.changed);
	pthread_mutex_unlock(&stop.lock);
}

static void set_parked(struct vcpu *vcpu, bool parked)
{
	vcpu->parked = parked;
	stop.parked += parked ? 1 : -1;
	pthread_cond_broadcast(&stop.changed);
}

/* Parked, and with the lock held.  A hold ends by itself; the other two do not. */
static void rest_while_wanted(struct vcpu *vcpu)
{
	for (;;) {
		bool stay = stop.wanted || vcpu->frozen || (vcpu->apart && slots_cut());

		if (!stay && vcpu->held_until <= host_ns())
			break;
		wait_until(stay ? UINT64_MAX : vcpu->held_until);
	}
	vcpu->held_until = 0;
	set_parked(vcpu, false);
}

/* The calling CPU is parked already. */
static void works_do(struct vcpu *vcpu)
{
	uint64_t begin;

	machine_stop();
	begin = host_ns();
	/* Work may ask for more: it is done in the same rest. */
	for (unsigned int i = 0; i < vcpu->works; i++)
		vcpu->work[i].fn(vcpu->work[i].arg);
	vcpu->works = 0;
	/* The guest's time stood still, too. */
	if (vcpu->held_until)
		vcpu->held_until += host_ns() - begin;
	machine_go();
}

/* KVM_RUN was cut short: this CPU is between two instructions. */
static void vcpu_rest(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
	if (!vcpu->works && !__atomic_load_n(&stop.wanted, __ATOMIC_SEQ_CST) &&
	    !__atomic_load_n(&vcpu->held_until, __ATOMIC_SEQ_CST))
		return;
	pthread_mutex_lock(&stop.lock);
	set_parked(vcpu, true);
	if (vcpu->works) {
		pthread_mutex_unlock(&stop.lock);
		works_do(vcpu);
		pthread_mutex_lock(&stop.lock);
	}
	rest_while_wanted(vcpu);
	pthread_mutex_unlock(&stop.lock);
}

void vcpu_stand(struct vcpu *vcpu)
{
	pthread_mutex_lock(&stop.lock);
	set_parked(vcpu, true);
	rest_while_wanted(vcpu);
	pthread_mutex_unlock(&stop.lock);
}

void vcpu_halt(struct vcpu *vcpu, bool (*awake)(void))
{
	sigset_t kick, old;

	/* Blocked but while we wait: a kick that comes before ends the wait. */
	sigemptyset(&kick);
	sigaddset(&kick, VCPU_KICK_SIGNAL);
	pthread_sigmask(SIG_BLOCK, &kick, &old);
	while (!awake() &&
	       !__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_SEQ_CST))
		ppoll(NULL, 0, NULL, &old);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void vcpu_hold(struct vcpu *vcpu, uint64_t ns)
{
	__atomic_store_n(&vcpu->held_until, host_ns() + ns, __ATOMIC_SEQ_CST);
	vcpu_kick(vcpu);
}

bool vcpu_step(struct vcpu *vcpu, bool on)
{
	struct kvm_guest_debug debug = {
		.control = on ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP : 0,
	};

	return !ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug);
}

void vcpu_after_exit(void (*fn)(void *arg), void *arg)
{
	struct vcpu *vcpu = current;

	if (vcpu->works == VCPU_WORKS)
		machine_end(vcpu, VM_END_ERROR, 0,
			    "more than %u things to do after one exit",
			    VCPU_WORKS);
	vcpu->work[vcpu->works++] = (struct vcpu_work){ fn, arg };
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

void vcpu_after_exit_once(void (*fn)(void *arg), void *arg)
{
	for (unsigned int i = 0; i < current->works; i++)
		if (current->work[i].fn == fn && current->work[i].arg == arg)
			return;
	vcpu_after_exit(fn, arg);
}

void vcpu_count(struct vcpu *vcpu, unsigned int reason, int more)
{
	uint64_t *exits = &vcpu->exits[reason < VCPU_REASONS ? reason :
				       VCPU_REASONS - 1];

	/* A store, not a locked add: nobody else writes here. */
	__atomic_store_n(exits, *exits + more, __ATOMIC_RELAXED);
}

static void *vcpu_loop(void *arg)
{
	struct vcpu *vcpu = arg;

	current = vcpu;
	__atomic_store_n(&vcpu->tid, syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	break_thread(vcpu);
	for (;;) {
		int result;

		if (machine.before_run)
			machine.before_run(vcpu);
		result = ioctl(vcpu->fd, KVM_RUN, 0);
		if (result < 0) {
			if (errno != EINTR && errno != EAGAIN)
				must(result, "KVM_RUN");
			vcpu_count(vcpu, KVM_EXIT_INTR, 1);
			gdb_interrupted(vcpu);
			vcpu_rest(vcpu);
			record_interrupted(vcpu);
			break_rest(vcpu);
			arch_trace_rest(vcpu);
			continue;
		}
		/* What we caused is nobody's exit. */
		if (vcpu->run->exit_reason == KVM_EXIT_DEBUG &&
		    (record_stepped(vcpu) || perturb_stepped(vcpu) || break_debug(vcpu) ||
		     arch_trace_debug(vcpu) || gdb_debug(vcpu)))
			continue;
		if (perturb_emulated(vcpu))
			continue;
		vcpu_count(vcpu, vcpu->run->exit_reason, 1);
		record_exit(vcpu);
		exit_handle(vcpu);
		record_done(vcpu);
		break_exit(vcpu);
		gdb_exit(vcpu);
		if (machine.watch_exits) {
			perturb_after_exit(vcpu);
			save_after_exit();
		}
	}
	return NULL;
}

static void kicked(int signal)
{
	(void)signal;
	/* It interrupted KVM_RUN; if it came just before, that must return at once. */
	if (current)
		__atomic_store_n(&current->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

void vcpus_run(void)
{
	struct sigaction action = { .sa_handler = kicked };
	pthread_t thread;

	must(sigaction(VCPU_KICK_SIGNAL, &action, NULL), "a signal to kick CPUs");
	record_begin();
	gdb_begin();
	contain();
	for (unsigned int i = 1; i < machine.config->cpus; i++) {
		errno = pthread_create(&thread, NULL, vcpu_loop,
				       &machine.vcpus[i]);
		must(errno ? -1 : 0, "a thread for a CPU");
	}
	vcpu_loop(&machine.vcpus[0]);
	__builtin_unreachable();
}

uint64_t vcpu_exits(const struct vcpu *vcpu)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < VCPU_REASONS; i++)
		if (i != KVM_EXIT_INTR)
			sum += __atomic_load_n(&vcpu->exits[i],
					       __ATOMIC_RELAXED);
	return sum;
}

uint64_t machine_exits(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; machine.vcpus && i < machine.config->cpus; i++)
		sum += vcpu_exits(&machine.vcpus[i]);
	return sum;
}
