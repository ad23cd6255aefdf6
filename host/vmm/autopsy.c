/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's record, as its process writes it.  A CPU's state is taken by its
 * own thread: KVM would make any other wait while that CPU runs.
 */
#include "vmm/autopsy.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "vmm/clock.h"
#include "vmm/machine.h"
#include "vmm/perturb.h"
#include "vmm/trace.h"

#define ROUND(x, to)	(((x) + (to) - 1) / (to) * (to))
#define HEAD		4096	/* the parent's own page, in front of what is shared */
#define RECORDS_AT	ROUND(sizeof(struct vm_end), 64)

#define STEP_NS		100000		/* how often a wait looks */
#define PATIENCE_STEPS	2000		/* 200 ms: a CPU in the kernel may not come */
#define SAMPLE_NS	1000000
#define SAMPLES_TELLING	4		/* of each CPU */
#define ROUNDS_MOST	200

static struct {
	bool wanted;		/* each CPU is to take its state, and rest; atomic */
	bool asked;		/* SIGTERM came; atomic */
	bool begun;		/* there are CPUs to be kicked; atomic */
	bool sampling;		/* somebody sees to that; atomic */
} autopsy;

static __thread bool stepping;	/* this CPU, for one more sample */

static size_t size_for(unsigned int cpus)
{
	return HEAD + RECORDS_AT + cpus * sizeof(struct vm_record);
}

struct vm_end *vm_end_create(unsigned int cpus)
{
	char *map = mmap(NULL, size_for(cpus), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	/* How much there is, the child must not be able to change. */
	if (mmap(map, HEAD, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
		munmap(map, size_for(cpus));
		return NULL;
	}
	memcpy(map, &cpus, sizeof(cpus));
	return (struct vm_end *)(map + HEAD);
}

unsigned int vm_end_cpus(const struct vm_end *end)
{
	unsigned int cpus;

	memcpy(&cpus, (const char *)end - HEAD, sizeof(cpus));
	return cpus;
}

void vm_end_keep(struct vm_end *end)
{
	madvise((char *)end - HEAD, size_for(vm_end_cpus(end)), MADV_DONTFORK);
}

void vm_end_free(struct vm_end *end)
{
	if (end)
		munmap((char *)end - HEAD, size_for(vm_end_cpus(end)));
}

struct vm_record *record_of(const struct vm_end *end, unsigned int cpu)
{
	return (struct vm_record *)((char *)end + RECORDS_AT) + cpu;
}

static struct vm_record *own_record(const struct vcpu *vcpu)
{
	return record_of(machine.end, vcpu->index);
}

static void pass_ns(long ns)
{
	const struct timespec t = { .tv_nsec = ns };

	nanosleep(&t, NULL);
}

static void state_take(struct vcpu *vcpu)
{
	struct vm_record *record = own_record(vcpu);

	arch_record_take(vcpu, record);
	__atomic_store_n(&record->taken, 1, __ATOMIC_RELEASE);
}

/* The machine ends: this CPU has nothing more to do than to say where it is. */
static void end_check(struct vcpu *vcpu)
{
	if (__builtin_expect(!__atomic_load_n(&autopsy.wanted, __ATOMIC_ACQUIRE), 1))
		return;
	state_take(vcpu);
	for (;;)
		pause();
}

void record_exit(struct vcpu *vcpu)
{
	struct vm_record *record = own_record(vcpu);
	struct vm_exit *exit = &record->exit[record->exits % RECORD_EXITS];

	exit_capture(exit, vcpu->run);
	exit->pc = arch_pc(vcpu);
	exit->time = host_ns();
	if (__builtin_expect(!machine.end->first_exit_ns, 0))
		machine.end->first_exit_ns = exit->time;
	/* The parent may look at any time, after a SIGKILL even. */
	__atomic_store_n(&record->exits, record->exits + 1, __ATOMIC_RELEASE);
	end_check(vcpu);
}

void record_done(struct vcpu *vcpu)
{
	struct vm_record *record = own_record(vcpu);
	struct vm_exit *exit = &record->exit[(record->exits - 1) % RECORD_EXITS];

	exit_complete(exit, vcpu->run);
	trace_exit(vcpu, exit);
}

void record_unclaimed(struct vcpu *vcpu, struct vm_access access)
{
	uint32_t n = __atomic_fetch_add(&machine.end->unclaimed, 1, __ATOMIC_RELAXED);

	access.cpu = vcpu->index;
	access.pc = arch_pc(vcpu);
	if (n < VM_UNCLAIMED)
		machine.end->access[n] = access;
	if (machine.config->conduct.strict)
		machine_end(vcpu, VM_END_ERROR, 0,
			    "no device claims %s %#llx (%s of %u bytes)",
			    access.port ? "port" : "address",
			    (unsigned long long)access.at,
			    access.write ? "write" : "read", access.size);
}

/* A CPU that is kept out of KVM_RUN by somebody else cannot see that it is wanted. */
static bool all_taken(bool parked_too)
{
	bool all = true;

	parked_too &= !__atomic_load_n(&machine.moving, __ATOMIC_ACQUIRE);
	for (unsigned int i = 0; i < machine.config->cpus; i++) {
		struct vcpu *vcpu = &machine.vcpus[i];

		if (__atomic_load_n(&own_record(vcpu)->taken, __ATOMIC_ACQUIRE))
			continue;
		if (parked_too && vcpu->parked)
			state_take(vcpu);
		else
			all = false;
	}
	return all;
}

void record_all(void)
{
	struct vcpu *self = vcpu_current();

	if (!machine.vcpus || !__atomic_load_n(&machine.vcpus[0].tid, __ATOMIC_ACQUIRE))
		return;		/* no CPU has begun */
	__atomic_store_n(&autopsy.wanted, true, __ATOMIC_RELEASE);
	if (self)
		state_take(self);
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		if (&machine.vcpus[i] != self)
			vcpu_kick(&machine.vcpus[i]);
	for (unsigned int step = 0; step < PATIENCE_STEPS; step++) {
		if (all_taken(step > PATIENCE_STEPS / 10))
			return;
		pass_ns(STEP_NS);
	}
}

/* On a busy host a CPU's thread may not run for a while. */
static bool all_sampled(void)
{
	for (unsigned int i = 0; i < machine.config->cpus; i++) {
		const struct vm_record *record = own_record(&machine.vcpus[i]);

		if (__atomic_load_n(&record->samples, __ATOMIC_RELAXED) < SAMPLES_TELLING)
			return false;
	}
	return true;
}

/* Where the CPUs are at several moments tells who is stuck, who spins, who works. */
static void *sample(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < RECORD_SAMPLES || (i < ROUNDS_MOST && !all_sampled()); i++) {
		for (unsigned int n = 0; n < machine.config->cpus; n++)
			vcpu_kick(&machine.vcpus[n]);
		pass_ns(SAMPLE_NS);
	}
	machine_end(NULL, VM_END_STOPPED, 0, "%s", "");
}

static void sample_keep(struct vcpu *vcpu, struct vm_record *record)
{
	if (record->samples < RECORD_SAMPLES)
		record->sample[record->samples++] = arch_pc(vcpu);
}

/*
 * Some hosts interrupt a CPU at few instructions only, QEMU's behind jumps: one step
 * tells an instruction that never ends from one that comes round again.
 */
static void sample_more(struct vcpu *vcpu, const struct vm_record *record)
{
	unsigned int n = record->samples;

	if (!stepping && n > 1 && record->sample[n - 1] == record->sample[n - 2])
		stepping = arch_step_begin(vcpu) && vcpu_step(vcpu, true);
}

bool record_stepped(struct vcpu *vcpu)
{
	if (!stepping)
		return false;
	stepping = false;
	arch_step_hide(vcpu);
	vcpu_step(vcpu, false);
	sample_keep(vcpu, own_record(vcpu));
	return true;
}

void record_interrupted(struct vcpu *vcpu)
{
	struct vm_record *record = own_record(vcpu);
	pthread_t thread;

	end_check(vcpu);
	if (__builtin_expect(!record_asked(), 1))
		return;
	if (!__atomic_exchange_n(&autopsy.sampling, true, __ATOMIC_ACQ_REL) &&
	    pthread_create(&thread, NULL, sample, NULL))
		machine_end(vcpu, VM_END_STOPPED, 0, "%s", "");
	sample_keep(vcpu, record);
	sample_more(vcpu, record);
}

static void asked(int signal)
{
	int error = errno;

	(void)signal;
	__atomic_store_n(&autopsy.asked, true, __ATOMIC_SEQ_CST);
	/* A CPU's thread does the rest: nothing much is allowed in here. */
	if (__atomic_load_n(&autopsy.begun, __ATOMIC_SEQ_CST))
		vcpu_kick(&machine.vcpus[0]);
	errno = error;
}

void record_sigterm(int how)
{
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(how, &term, NULL);
}

void record_on_sigterm(void)
{
	struct sigaction action = { .sa_handler = asked };

	must(sigaction(SIGTERM, &action, NULL), "a handler of SIGTERM");
	record_sigterm(SIG_UNBLOCK);
}

bool record_asked(void)
{
	return __atomic_load_n(&autopsy.asked, __ATOMIC_SEQ_CST);
}

void record_begin(void)
{
	__atomic_store_n(&autopsy.begun, true, __ATOMIC_SEQ_CST);
	if (record_asked())
		vcpu_kick(&machine.vcpus[0]);
}
