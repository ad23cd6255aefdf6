/* SPDX-License-Identifier: BSD-2-Clause */
/* Perturbations: a row each, and who is next. */
#include "vmm/perturb.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "vmm/host.h"
#include "vmm/machine.h"
#include "vmm/migrate.h"
#include "vmm/slots.h"
#include "vmm/state.h"

#define EVERY		8	/* exits from one to the next on average, if not said */
#define STEPS_MOST	32
#define STALL_US_MOST	200
#define RING_ENTRIES	4096
#define PROCESS_SLOWDOWN	4	/* of a migration, if it is to another process, too */

static void migrate_act(struct vcpu *vcpu, uint64_t random)
{
	(void)vcpu;
	(void)random;
	machine_migrate();
}

static void step_set(struct vcpu *vcpu, bool on)
{
	must(vcpu_step(vcpu, on) ? 0 : -1, "KVM_SET_GUEST_DEBUG");
}

static void state_act(struct vcpu *vcpu, uint64_t random)
{
	static struct state *state;

	(void)vcpu;
	(void)random;
	if (!state)
		state = state_new();
	state_take(state);
	state_put(state);
	/* Putting registers has taken our TF away; a #DB would then be the guest's own. */
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		if (machine.vcpus[i].steps)
			step_set(&machine.vcpus[i], true);
}

static void dirtylog_act(struct vcpu *vcpu, uint64_t random)
{
	static bool on;

	(void)vcpu;
	if (on && random & 1) {
		slots_harvest(true);
		return;
	}
	on = !on;
	slots_log(on);
}

/* A slot of RAM: the test device's own region is no guest's to miss. */
static int ram_slot(uint64_t random)
{
	for (unsigned int i = 0; i < SLOTS; i++) {
		unsigned int n = (random + i) % SLOTS;
		const struct slot *slot = slot_get(n);

		if (slot && slot->gpa != HOST_REGION)
			return n;
	}
	return -1;
}

static void slots_act(struct vcpu *vcpu, uint64_t random)
{
	int n = ram_slot(random);
	struct slot slot;

	(void)vcpu;
	if (n < 0)
		return;
	slot = *slot_get(n);
	must(slot_remove(n), "removing a memory slot");
	must(slot_add(slot.gpa, slot.size, slot.host,
		      slot.flags & KVM_MEM_READONLY), "adding a memory slot");
}

/* The host loses its mapping of some pages; what is in them stays. */
static void unmap_act(struct vcpu *vcpu, uint64_t random)
{
	int n = ram_slot(random);
	const struct slot *slot = n < 0 ? NULL : slot_get(n);
	uint64_t pages, first;
	char *at;

	(void)vcpu;
	if (!slot)
		return;
	pages = slot->size / RAM_PAGE;
	first = (random >> 8) % pages;
	at = (char *)slot->host + first * RAM_PAGE;
	pages = pages - first < 512 ? pages - first : 512;
	mprotect(at, pages * RAM_PAGE, PROT_NONE);
	must(mprotect(at, pages * RAM_PAGE, PROT_READ | PROT_WRITE), "mprotect");
}

static void affinity_act(struct vcpu *vcpu, uint64_t random)
{
	static cpu_set_t allowed;
	cpu_set_t one;

	(void)vcpu;
	if (!CPU_COUNT(&allowed))
		must(sched_getaffinity(0, sizeof(allowed), &allowed),
		     "sched_getaffinity");
	random %= CPU_COUNT(&allowed);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && !random--) {
			CPU_SET(cpu, &one);
			break;
		}
	must(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
}

static void stall_act(struct vcpu *vcpu, uint64_t random)
{
	struct timespec t = { .tv_nsec = random % STALL_US_MOST * 1000 };

	(void)vcpu;
	nanosleep(&t, NULL);
}

static const char *step_unable(void)
{
	struct vcpu *vcpu = &machine.vcpus[0];

	if (!vcpu_step(vcpu, true))
		return "this KVM refuses to single-step";
	vcpu_step(vcpu, false);
	return NULL;
}

static void step_act(struct vcpu *vcpu, uint64_t random)
{
	if (!arch_step_begin(vcpu))
		return;
	step_set(vcpu, true);
	vcpu->steps = 1 + random % STEPS_MOST;
}

bool perturb_stepped(struct vcpu *vcpu)
{
	if (!vcpu->steps)
		return false;
	arch_step_hide(vcpu);
	vcpu->steps = arch_step_begin(vcpu) ? vcpu->steps - 1 : 0;
	if (!vcpu->steps)
		step_set(vcpu, false);
	return true;
}

static const char *split_unable(void)
{
	return ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_SPLIT_IRQCHIP) > 0 ?
		NULL : "this KVM has no split irqchip";
}

static void split_prepare(struct vm_config *config)
{
	if (config->platform.irqchip == VM_IRQCHIP_KERNEL)
		config->platform.irqchip = VM_IRQCHIP_SPLIT;
}

/* Whether it can, is known before there is a machine only by making one. */
static const char *ring_unable(void)
{
	return machine.config->conduct.dirty_ring ? NULL :
		"this KVM has no dirty rings";
}

static void ring_prepare(struct vm_config *config)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		return;
	if (ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_DIRTY_LOG_RING_ACQ_REL) > 0)
		config->conduct.dirty_ring = RING_ENTRIES;
	close(kvm);
}

static const struct perturbation {
	const char *name;
	const char *text;
	void (*act)(struct vcpu *vcpu, uint64_t random);
	bool still;		/* all CPUs stand still meanwhile */
	const char *(*unable)(void);	/* why this host cannot, or NULL */
	/* In place of @act: once, before there is a machine. */
	void (*prepare)(struct vm_config *config);
	const char *spoilt_by;	/* kinds of KVM that do not stand it: not in "all" */
	double slowdown;	/* at each exit: cases take so many times as long; 0: no longer */
} rows[] = {
	{ .name = "migrate", .text = "the machine goes on in another VM",
	  .act = migrate_act, .still = true, .slowdown = 10 },
	{ .name = "state", .text = "all registers and devices are taken and put",
	  .act = state_act, .still = true, .slowdown = 4 },
	{ .name = "dirtylog", .text = "dirty logging begins, is read, ends",
	  .act = dirtylog_act, .still = true, .slowdown = 4 },
	{ .name = "slots", .text = "a slot of RAM is removed and added again",
	  .act = slots_act, .still = true, .slowdown = 4 },
	{ .name = "unmap", .text = "the host unmaps pages, and maps them again",
	  .act = unmap_act, .still = true, .slowdown = 3 },
	{ .name = "affinity", .text = "the CPU goes on on another CPU of the host",
	  .act = affinity_act, .slowdown = 2 },
	{ .name = "stall", .text = "the CPU stands still for a while",
	  .act = stall_act, .slowdown = 2 },
	{ .name = "singlestep", .text = "some instructions are stepped one by one",
	  .act = step_act,
	  .unable = step_unable,
	  /* Frames of faults have TF in them, where the CPU makes the steps. */
	  .spoilt_by = "kvm_pvm,kvm_amd,kvm_intel", .slowdown = 3 },
	{ .name = "splitirq", .text = "PICs, PIT and I/O APIC are in this VMM, not in the kernel",
	  .unable = split_unable, .prepare = split_prepare },
	{ .name = "dirtyring", .text = "dirty logs are rings",
	  .unable = ring_unable, .prepare = ring_prepare, .spoilt_by = "kvm_pvm" },
	{ .name = "emulate", .text = "what writes to some pages, KVM's emulator executes",
	  .act = arch_emulate_act, .still = true,
	  .unable = arch_emulate_unable, .slowdown = 5 },
};

#define ROWS	(sizeof(rows) / sizeof(*rows))

/* By row: exits from one to the next on average; 0: never. */
static uint64_t every[ROWS];
static bool all;		/* "all" was asked for */
static uint64_t exits;		/* of all CPUs, for --migrate-every; atomic */

void vm_perturb_list(FILE *to)
{
	for (unsigned int i = 0; i < ROWS; i++)
		fprintf(to, "%-12s%s\n", rows[i].name, rows[i].text);
}

bool vm_perturb_known(const char *name, size_t length)
{
	for (unsigned int i = 0; i < ROWS; i++)
		if (str_same(name, length, rows[i].name))
			return true;
	return false;
}

static bool spoilt(const struct perturbation *p)
{
	const char *kinds = p->spoilt_by, *word;
	size_t length;

	while (kinds && (word = str_word(&kinds, ",", &length)))
		if (str_same(word, length, vm_host_kind()))
			return true;
	return false;
}

/* One word: "all", "NAME", "NAME:EVERY". */
static bool word_take(const char *word, size_t length, uint64_t *to)
{
	size_t name = strcspn(word, ":,");
	char *end = NULL;
	uint64_t n = EVERY;
	bool found = false;

	if (name < length) {
		n = strtoull(word + name + 1, &end, 10);
		if (!n || end != word + length)
			return false;
	}
	for (unsigned int i = 0; i < ROWS; i++)
		if (str_same(word, name, rows[i].name)) {
			to[i] = n;
			found = true;
		}
	if (!str_same(word, name, "all"))
		return found;
	for (unsigned int i = 0; i < ROWS; i++)
		to[i] = spoilt(&rows[i]) ? to[i] : n;
	all = true;
	return true;
}

const char *vm_perturb_wrong(const char *list)
{
	static char text[120];
	uint64_t unused[ROWS];
	const char *word;
	size_t length;

	while ((word = str_word(&list, ",", &length)))
		if (!word_take(word, length, unused)) {
			snprintf(text, sizeof(text),
				 "no such perturbation: %.*s; help lists them",
				 (int)length, word);
			return text;
		}
	return NULL;
}

static void list_take(const char *list, uint64_t *to)
{
	const char *word;
	size_t length;

	while (list && (word = str_word(&list, ",", &length)))
		word_take(word, length, to);
}

/* As --perturb and --migrate-every say it together, the more often counts. */
static void rates_take(const struct vm_conduct *conduct, uint64_t *to)
{
	list_take(conduct->perturb, to);
	for (unsigned int i = 0; i < ROWS; i++)
		if (rows[i].act == migrate_act && conduct->migrate_every &&
		    (!to[i] || to[i] > conduct->migrate_every))
			to[i] = conduct->migrate_every;
}

void vm_perturb_names(const struct vm_conduct *conduct, struct buf *to)
{
	uint64_t rates[ROWS] = { 0 };

	rates_take(conduct, rates);
	for (unsigned int i = 0; i < ROWS; i++)
		if (rates[i])
			buf_printf(to, "%s ", rows[i].name);
}

double vm_perturb_slowdown(const struct vm_conduct *conduct)
{
	uint64_t rates[ROWS] = { 0 };
	double slowdown = 1;

	rates_take(conduct, rates);
	for (unsigned int i = 0; i < ROWS; i++) {
		double one = rows[i].slowdown;

		if (!rates[i] || !one)
			continue;
		if (rows[i].act == migrate_act && conduct->migrate_every &&
		    conduct->migrate_process)
			one *= PROCESS_SLOWDOWN;
		slowdown += (one - 1) / rates[i];
	}
	return slowdown;
}

/* splitmix64: each CPU draws from a sequence of its own. */
static uint64_t draw(struct vcpu *vcpu)
{
	uint64_t z = vcpu->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void still_act(void *arg)
{
	const struct perturbation *p = arg;

	p->act(vcpu_current(), draw(vcpu_current()));
}

static void move_work(void *arg)
{
	(void)arg;
	machine_move();
}

/* Behind what other work has asked for (INIT, after S3): another process would miss it. */
static void migrate_work(void *arg)
{
	(void)arg;
	if (machine.config->conduct.migrate_process)
		vcpu_after_exit(move_work, NULL);
	else
		machine_migrate();
}

/* What an emulator did for an exit may have taken our TF away. */
static void steps_end(struct vcpu *vcpu)
{
	if (vcpu->steps)
		step_set(vcpu, false);
	vcpu->steps = 0;
}

bool perturb_emulated(struct vcpu *vcpu)
{
	if (!arch_emulate_exit(vcpu))
		return false;
	steps_end(vcpu);
	return true;
}

void perturb_after_exit(struct vcpu *vcpu)
{
	uint64_t period = machine.config->conduct.migrate_every;

	steps_end(vcpu);
	if (period && !(__atomic_add_fetch(&exits, 1, __ATOMIC_RELAXED) % period))
		vcpu_after_exit_once(migrate_work, NULL);
	for (unsigned int i = 0; i < ROWS; i++) {
		if (!every[i] || !rows[i].act || draw(vcpu) % every[i])
			continue;
		__atomic_add_fetch(&machine.end->perturbed, 1, __ATOMIC_RELAXED);
		if (rows[i].still)
			vcpu_after_exit_once(still_act, (void *)&rows[i]);
		else
			rows[i].act(vcpu, draw(vcpu));
	}
}

/* What was asked for by name, this host must be able to do; "all" is what it can. */
static void unable_end(const char *list)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		const char *why = every[i] && rows[i].unable ?
			rows[i].unable() : NULL;

		if (!why)
			continue;
		if (strstr(list, rows[i].name))
			machine_end(NULL, VM_END_UNSUPPORTED, 0,
				    "--perturb=%s: %s", rows[i].name, why);
		fprintf(stderr, "warning: --perturb=%s: %s\n", rows[i].name, why);
		every[i] = 0;
	}
}

void perturb_prepare(struct vm_config *config)
{
	list_take(config->conduct.perturb, every);
	for (unsigned int i = 0; i < ROWS; i++)
		if (every[i] && rows[i].prepare)
			rows[i].prepare(config);
}

void perturb_init(void)
{
	const struct vm_conduct *conduct = &machine.config->conduct;

	if (conduct->perturb)
		unable_end(conduct->perturb);
	for (unsigned int i = 0; i < ROWS; i++)
		if (all && spoilt(&rows[i]) && !every[i])
			fprintf(stderr, "warning: --perturb=all leaves out %s, as %s does not "
				"stand it\n", rows[i].name, vm_host_kind());
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		machine.vcpus[i].random = conduct->seed +
			(uint64_t)i * 0xda942042e4dd58b5ull;
	if (conduct->perturb || conduct->migrate_every)
		machine.watch_exits = true;
}
