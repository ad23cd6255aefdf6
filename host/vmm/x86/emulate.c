/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that KVM finds read-only for a while: its emulator executes what writes there, and
 * each write is an exit that is made good here.  The guest's own reads see RAM.
 *
 * KVM itself writes to some pages where no emulator comes between: page tables, stacks
 * that events are delivered to, descriptor tables and task states, what the guest told it
 * of in MSRs.  Those stay as they are, and all below 1 MiB, where real mode's stacks are.
 *
 * KVM emulates locked instructions as plain writes: while pages are read-only, other CPUs
 * stand still.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "defs/hyperv.h"
#include "defs/kvm.h"
#include "defs/msr.h"
#include "defs/page.h"
#include "vmm/clock.h"
#include "vmm/machine.h"
#include "vmm/perturb.h"
#include "vmm/ram_pages.h"
#include "vmm/request.h"
#include "vmm/slots.h"
#include "vmm/x86/autopsy.h"
#include "vmm/x86/msrs.h"

#define PAGES_MOST	8	/* bits: read-only at a time */
#define HOT		16	/* places that are remembered to be written to */
#define WRITES_MOST	64	/* until they are writable again, */
#define EXITS_MOST	32	/* or exits of the guest's own, */
#define TICK_NS		(10 * 1000000)	/* or two of these without any; with */
#define TICK_SHORT_NS	(1 * 1000000)	/* several CPUs these: one may wait for another */
#define USED_MOST	4096	/* pages to choose from */
#define USED_AGE	64	/* how often they are chosen from before a new look */
#define REAL_MODE_END	(1ull << 20)	/* below it, nothing is read-only */
#define STACK		(16 << 10)	/* bytes left alone above and below the stack pointer, */
#define STACK_TASK	(4 << 10)	/* and below those in a TSS */
#define TABLE_MOST	(64 << 10)	/* bytes of a descriptor table, or a task state */
#define TSS_WORDS	28	/* 32-bit words of a TSS that may be stack pointers */

/* Changed while all CPUs stand still, or by the only one that does not. */
static bool active;		/* pages are read-only, or were until somebody changed slots */
static uint64_t begun, not_before;	/* host_ns() */
static uint64_t writes_left;
static unsigned int exits_left;
/* generation + 1 of the VM that exits for what its emulator lacks */
static unsigned int exiting;
static uint64_t moves;		/* counts what shows that the CPU goes on; atomic */

static uint32_t used[USED_MOST];	/* numbers of pages that hold something */
static uint32_t hot[HOT];
static unsigned int used_count, used_age;
static uint64_t *tables;	/* pages that ever were page tables: they will be again */
static uint64_t *apart;		/* pages that are left alone this time, tables too */

static bool bit_set(uint64_t *bitmap, uint64_t page)
{
	uint64_t bit = 1ull << page % 64, old = bitmap[page / 64];

	bitmap[page / 64] |= bit;
	return !(old & bit);
}

/* The number of a page of RAM, or -1. */
static int64_t page_of(uint64_t physical)
{
	const char *at = ram_at(physical, 1);

	return at ? (at - (const char *)ram_page(0)) / RAM_PAGE : -1;
}

static bool table_apart(uint64_t table)
{
	int64_t page = page_of(table);

	if (page < 0)
		return false;
	bit_set(tables, page);
	return bit_set(apart, page);
}

static void physical_apart(uint64_t begin, uint64_t size)
{
	for (uint64_t at = begin - begin % PAGE_SIZE; at < begin + size; at += PAGE_SIZE)
		if (page_of(at) >= 0)
			bit_set(apart, page_of(at));
}

static void linear_apart(const struct walk_registers *how, uint64_t begin, uint64_t size)
{
	uint64_t pages;

	size = size < TABLE_MOST ? size : TABLE_MOST;
	pages = (begin % PAGE_SIZE + size + PAGE_SIZE - 1) / PAGE_SIZE;

	for (uint64_t i = 0; i < pages; i++) {
		struct walk walk;

		if (walk_pages(&walk, how, begin + i * PAGE_SIZE))
			physical_apart(walk.physical, 1);
	}
}

/* Whatever the format, each word and each pair of words may be a stack pointer. */
static void task_apart(const struct walk_registers *how, const struct kvm_segment *tr, bool wide)
{
	uint32_t word[TSS_WORDS] = { 0 };

	linear_apart(how, tr->base, tr->limit + 1ull);
	guest_read(how, tr->base, word, sizeof(word));
	for (unsigned int i = 1; i + 1 < TSS_WORDS; i++) {
		if (!wide && word[i])
			linear_apart(how, word[i] - STACK_TASK, STACK_TASK);
		if (wide && i % 2 && (word[i] || word[i + 1]))
			linear_apart(how, (word[i] | (uint64_t)word[i + 1] << 32) -
				     STACK_TASK, STACK_TASK);
	}
}

/* What the guest told KVM in MSRs of pages that KVM writes to by itself. */
static void msrs_apart(struct vcpu *vcpu)
{
	static const struct {
		uint32_t index;
		uint32_t above;		/* what follows, in bytes */
	} msrs[] = {
		{ MSR_KVM_WALL_CLOCK, 0 }, { MSR_KVM_SYSTEM_TIME, 64 },
		{ MSR_KVM_ASYNC_PF_EN, 64 }, { MSR_KVM_STEAL_TIME, 64 },
		{ MSR_KVM_PV_EOI_EN, 8 },
		{ MSR_HV_HYPERCALL, 0 }, { MSR_HV_REFERENCE_TSC, 0 },
		{ MSR_HV_ASSIST_PAGE, 0 }, { MSR_HV_SIEFP, 0 }, { MSR_HV_SIMP, 0 },
		{ MSR_SMBASE, 0x10000 },	/* state is saved there */
		{ MSR_VM_HSAVE_PA, 0 },
	};
	static uint32_t lacks;

	for (unsigned int i = 0; i < sizeof(msrs) / sizeof(*msrs); i++) {
		uint64_t value;

		if (lacks >> i & 1)
			continue;
		if (!msr_get(vcpu, msrs[i].index, &value))
			lacks |= 1u << i;
		else if (value)
			physical_apart(value, msrs[i].above + 1);
	}
}

static void apart_find(struct vcpu *vcpu)
{
	struct walk_registers how;
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	must(ioctl(vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	how = registers_for_walk(vcpu, &sregs);
	memset(apart, 0, ram_bitmap_bytes());
	physical_apart(0, REAL_MODE_END);
	walk_tables(&how, table_apart);
	linear_apart(&how, (sregs.cs.l ? 0 : sregs.ss.base) + regs.rsp - STACK, 2 * STACK);
	linear_apart(&how, sregs.gdt.base, sregs.gdt.limit + 1ull);
	linear_apart(&how, sregs.idt.base, sregs.idt.limit + 1ull);
	if (!sregs.ldt.unusable)
		linear_apart(&how, sregs.ldt.base, sregs.ldt.limit + 1ull);
	task_apart(&how, &sregs.tr, sregs.efer & EFER_LMA);
	msrs_apart(vcpu);
}

static void used_find(void)
{
	const uint64_t *populated = ram_populated();

	used_count = 0;
	for (uint64_t page = 0; page < ram_pages() && used_count < USED_MOST; page++)
		if (ram_bit(populated, page))
			used[used_count++] = page;
}

/* The slot that holds a page of memory, which is then its @first; or -1. */
static int slot_of(uint64_t page, uint64_t *first)
{
	const char *at = ram_page(page);

	for (unsigned int n = 0; n < SLOTS; n++) {
		const struct slot *slot = slot_get(n);
		const char *host = slot ? slot->host : NULL;

		if (!slot || at < host || at >= host + slot->size ||
		    slot->flags & KVM_MEM_READONLY)
			continue;
		*first = (at - host) / RAM_PAGE;
		return n;
	}
	return -1;
}

static bool may_take(uint64_t page)
{
	return !ram_bit(apart, page) && !ram_bit(tables, page);
}

/* Instead of #UD, an exit for what the emulator lacks, whatever the CPL: kvm_pvm's always does. */
static bool failures_exit(bool on)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_EXIT_ON_EMULATION_FAILURE, .args = { on },
	};
	bool known = !strcmp(vm_host_kind(), "kvm_pvm") ||
		ioctl(machine.vm, KVM_ENABLE_CAP, &cap) >= 0;

	exiting = on && known ? machine.generation + 1 : 0;
	return known;
}

/* All stand still.  Whoever changed slots meanwhile has mended them: that is no matter. */
static void emulate_end(void)
{
	uint64_t now = host_ns();

	slots_mend();
	if (exiting)
		failures_exit(false);
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		machine.vcpus[i].apart = false;
	/* Those that stood still run at least as long. */
	if (active && machine.config->cpus > 1)
		not_before = now + (now - begun);
	__atomic_store_n(&active, false, __ATOMIC_RELAXED);
}

void arch_emulate_act(struct vcpu *vcpu, uint64_t random)
{
	uint64_t page, first, most = 1ull << (random >> 16) % (PAGES_MOST + 1), pages = 1;
	int n;

	if (active && slots_cut())
		return;
	if (!tables) {
		tables = ram_bitmap_new();
		apart = ram_bitmap_new();
	}
	if (!used_age--) {
		used_find();
		used_age = USED_AGE;
	}
	if (host_ns() < not_before || !used_count || faults_any())
		return;
	apart_find(vcpu);
	page = used[(random >> 32) % used_count];
	if (random >> 24 & 1 && hot[random >> 32 & (HOT - 1)])
		page = hot[random >> 32 & (HOT - 1)];
	n = slot_of(page, &first);
	if (n < 0 || !may_take(page))
		return;
	while (pages < most && first + pages < slot_get(n)->size / RAM_PAGE &&
	       may_take(page + pages))
		pages++;
	failures_exit(true);
	slot_cut(n, first, pages);
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		machine.vcpus[i].apart = &machine.vcpus[i] != vcpu;
	begun = host_ns();
	__atomic_store_n(&active, true, __ATOMIC_RELAXED);
	writes_left = 1 + random % WRITES_MOST;
	exits_left = 1 + (random >> 8) % EXITS_MOST;
}

static void end_work(void *arg)
{
	(void)arg;
	emulate_end();
}

static bool write_exit(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	int n = run->mmio.is_write ? slot_find(run->mmio.phys_addr) : -1;
	void *host;

	/* Where an instruction writes twice, the second exit may come behind the mending. */
	if (n < 0 || slot_get(n)->flags & KVM_MEM_READONLY)
		return false;
	host = slot_host(run->mmio.phys_addr, run->mmio.len);
	if (!host)
		return false;
	hot[writes_left % HOT] = ((char *)host - (char *)ram_page(0)) / RAM_PAGE;
	memcpy(host, run->mmio.data, run->mmio.len);
	ram_dirtied_at(host, run->mmio.len);
	machine.end->emulated++;
	if (!writes_left || !--writes_left)
		vcpu_after_exit_once(end_work, NULL);
	return true;
}

bool arch_emulate_exit(struct vcpu *vcpu)
{
	if (!tables)
		return false;
	__atomic_add_fetch(&moves, 1, __ATOMIC_RELAXED);
	if (vcpu->run->exit_reason == KVM_EXIT_MMIO && write_exit(vcpu))
		return true;
	/* The instruction has not begun: once more, as if we were not there. */
	if (vcpu->run->exit_reason == KVM_EXIT_INTERNAL_ERROR &&
	    exiting == machine.generation + 1) {
		machine.end->emulate_refused += slots_cut();
		vcpu_after_exit_once(end_work, NULL);
		return true;
	}
	if (active && (!slots_cut() || !exits_left || !--exits_left))
		vcpu_after_exit_once(end_work, NULL);
	return false;
}

/* Whatever the CPU waits for, or cannot get past: it is not to wait for us. */
static void *watch(void *arg)
{
	uint64_t seen = 0;

	(void)arg;
	for (;;) {
		struct timespec tick = {
			.tv_nsec = machine.config->cpus > 1 ? TICK_SHORT_NS : TICK_NS,
		};
		uint64_t now;

		nanosleep(&tick, NULL);
		now = __atomic_load_n(&moves, __ATOMIC_RELAXED);
		if (__atomic_load_n(&active, __ATOMIC_RELAXED) && now == seen) {
			machine_stop();
			machine.end->emulate_late += active;
			emulate_end();
			machine_go();
		}
		seen = now;
	}
	return NULL;
}

static void watch_begin(void)
{
	sigset_t all, old;
	pthread_t thread;

	/* Signals are for CPUs. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	errno = pthread_create(&thread, NULL, watch, NULL);
	must(errno ? -1 : 0, "a thread that watches what is emulated");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

const char *arch_emulate_unable(void)
{
	if (ioctl(machine.vm, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM) <= 0)
		return "this KVM has no read-only memory slots";
	if (!failures_exit(false))
		return "this KVM cannot leave to the VMM what its emulator lacks";
	watch_begin();
	return NULL;
}
