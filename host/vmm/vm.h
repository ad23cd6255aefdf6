/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference VMM: one machine in one process, for one image.
 *
 * The caller forks; the child calls vm_run().  What the machine says goes three
 * ways: console bytes to a descriptor, records to the ledger's memfd, and the
 * manner of its end to a struct vm_end that parent and child share.
 */
#ifndef HOST_VMM_VM_H
#define HOST_VMM_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct buf;
struct symbols;

#define VM_GDB_PORT	"1234"	/* where vm_conduct.gdb is, if nothing is said */

/* How a machine is run, whatever machine it is. */
struct vm_conduct {
	bool isolate;			/* each TEST from the state after start-up */
	bool verify_reset;		/* with it: check each reset by hash */
	uint64_t migrate_every;		/* exits from one migration to the next, or 0 */
	bool migrate_process;		/* and go on in another process too */
	const char *perturb;		/* NAME[:EVERY],… of vm_perturb_list(), or NULL */
	uint64_t seed;			/* of what is perturbed when */
	const char *lie;		/* a deliberate fault, NAME[@N]; or NULL */
	bool strict;			/* an access that no device claims ends it */
	bool unconfined;		/* keep all privileges, for debugging the VMM */
	const char *gdb;		/* port or socket for a debugger, or NULL */
	const char *trace;		/* groups of exits to print live, or NULL */
	bool hash;			/* print a hash of what is saved, and loaded */
	uint64_t dirty_ring;		/* entries of each CPU's ring, a power of 2; 0:
					 * dirty pages are logged in bitmaps */
	const char *save;		/* FILE@POINT of vm_save_wrong(), or NULL */
	const char *load;		/* name of a saved machine's file, or NULL */
	int load_fd;			/* that file, opened */
};

/* Where PICs, PIT, IOAPIC and local APICs are. */
enum vm_irqchip {
	VM_IRQCHIP_KERNEL,	/* all in the kernel */
	VM_IRQCHIP_SPLIT,	/* only local APICs there, the others in this VMM */
	VM_IRQCHIP_OFF,		/* no APICs; 8259s and i8254 in this VMM; one CPU */
};

/* What the machine is built on.  All zero is the usual one. */
struct vm_platform {
	enum vm_irqchip irqchip;
	bool q35;		/* host bridge of Q35, not of 440FX */
	bool vmport;		/* VMware's backdoor port */
	bool cpu_pm;		/* HLT, MWAIT and PAUSE do not exit, where KVM allows */
	unsigned int gic;	/* Arm: version of the interrupt controller, 0: the best */
};

struct vm_config {
	const char *image;		/* path: x86, an ELF (multiboot or PVH); else raw */
	const char *command_line;	/* whole, word 0 included; may be "" */
	const char *environment;	/* NAME=value lines, or NULL for no module */
	size_t environment_size;	/* bytes, as there may be NULs; 0: up to the first */
	const char *cpu;		/* QEMU's spelling: "max,+umip"; NULL: qemu64 */
	unsigned int cpus;		/* from 1 */
	uint64_t memory;		/* bytes of RAM, a multiple of 4 KiB */
	int console;			/* descriptor for console bytes */
	int hangup;			/* one that is closed once the end is told, or -1 */
	int ledger;			/* memfd of VM_LEDGER_SIZE bytes, or -1 */
	bool test_device;		/* abi/host.h's; there with a ledger in any case */
	struct vm_conduct conduct;
	bool pit;			/* whether the machine has an i8254 */
	struct vm_platform platform;
	const char *const *devices;	/* optional ones, "edu" or "intel-iommu,intremap=on",
					 * ended by NULL; or NULL */
};

enum vm_end_kind {
	VM_END_NONE,		/* the process died before it could tell */
	VM_END_DEBUG_EXIT,	/* code: the value written to the port */
	VM_END_SHUTDOWN,	/* triple fault */
	VM_END_POWER_OFF,	/* "Shutdown" at port 0x8900 */
	VM_END_INTERNAL_ERROR,	/* KVM gave up: the hypervisor's failure */
	VM_END_UNSUPPORTED,	/* KVM cannot make this machine: text says what */
	VM_END_ERROR,		/* the VMM gave up: text says why */
	VM_END_STOPPED,		/* asked to by SIGTERM: a time limit, say */
	VM_END_MOVED,		/* another process goes on: no caller sees it */
};

#define VM_CONSOLE_MOST	(64ull << 20)	/* bytes; what a guest says beyond is dropped */
#define VM_UNCLAIMED	8

/* An access that no device claims. */
struct vm_access {
	uint64_t at, value, pc;
	uint32_t cpu;
	uint8_t size;
	uint8_t port, write;	/* 0 or 1 */
};

/*
 * How the machine ended.  Lives in memory that parent and child share; `kind`
 * is written last.  Behind it lies the machine's record: the last exits of each
 * CPU, which are there whatever becomes of the child, and, after an end that
 * needs an explanation, each CPU's state.
 */
struct vm_end {
	enum vm_end_kind kind;
	uint32_t code;
	uint32_t cpu;			/* whose exit it was */
	uint64_t first_exit_ns;		/* CLOCK_MONOTONIC at the first KVM_RUN's return */
	uint64_t exits;			/* KVM_RUN returns, all CPUs */
	uint64_t migrations;		/* into another VM */
	uint64_t perturbed;		/* how often something was done to it */
	uint64_t emulated;		/* writes to pages that were made to be emulated, */
	uint64_t emulate_refused;	/* and instructions that KVM's emulator lacks */
	uint64_t emulate_late;		/* how often that was ended for want of an exit */
	uint64_t saves;			/* into files, */
	uint64_t save_ns;		/* and how long that took in all */
	uint64_t load_ns;		/* how long it took to make it of a file */
	uint64_t resets;		/* how often the state was put, */
	uint64_t reset_ns;		/* how long that took in all, */
	uint64_t reset_pages;		/* and how many pages were copied */
	uint64_t console_dropped;	/* bytes */
	uint32_t forbidden;		/* system call that ended the process, plus 1; or 0 */
	uint64_t image_at;		/* of an image that may lie anywhere: its first byte */
	uint64_t lies;			/* how often the deliberate fault showed */
	uint32_t unclaimed;		/* accesses that no device claimed, */
	struct vm_access access[VM_UNCLAIMED];	/* and the first of them */
	char text[512];			/* one line, for people */
};

/**
 * vm_end_create() - memory for a machine's end, to be shared with the child
 * @cpus: that the machine has
 *
 * Returns NULL, with errno, if there is none.  Untouched, it costs nothing.
 */
struct vm_end *vm_end_create(unsigned int cpus);

/**
 * vm_end_cpus() - the CPUs that vm_end_create() was told of
 */
unsigned int vm_end_cpus(const struct vm_end *end);

/**
 * vm_end_keep() - the machine's process is there: no later child gets this memory
 */
void vm_end_keep(struct vm_end *end);

/**
 * vm_end_free() - give it back
 * @end: from vm_end_create(), or NULL
 */
void vm_end_free(struct vm_end *end);

/**
 * vm_end_status() - the status with which the machine's process leaves
 * @end: told, so that its kind is not VM_END_NONE
 *
 * The guest's (v << 1) | 1; or 0 after a shutdown or power-off, 2 where there is no
 * such machine or the VMM gave up, 4 where KVM did, 124 after SIGTERM.
 */
int vm_end_status(const struct vm_end *end);

/**
 * vm_end_line() - append how the machine ended, in one line for people
 * @end: of a child that has ended
 * @symbols: of its image (base/symbols.h), or NULL
 * @to: where to
 *
 * Names the instruction, function and source line where the machine was; of a
 * machine that was stopped, what its CPUs were doing.
 */
void vm_end_line(const struct vm_end *end, struct symbols *symbols, struct buf *to);

/**
 * vm_autopsy_text(), vm_autopsy_json() - append all that the record tells
 * @end: of a child that has ended
 * @symbols: of its image, or NULL
 * @to: where to: lines; one object on one line
 *
 * Each CPU's state, stack, page walks and last exits, and the accesses that no
 * device claimed.  Nothing is appended of a machine that ended as its image asked.
 */
void vm_autopsy_text(const struct vm_end *end, struct symbols *symbols, struct buf *to);
void vm_autopsy_json(const struct vm_end *end, struct symbols *symbols, struct buf *to);

/* Bytes of the ledger's memfd: the abi_host page and the ring. */
#define VM_LEDGER_SIZE	(4096 + (4u << 20))

/**
 * vm_usable() - can this process make machines?
 * @why: on failure, a one-line reason ("/dev/kvm: Permission denied")
 * @size: bytes at @why
 *
 * Returns true if /dev/kvm opens and its API version is the one known.
 */
bool vm_usable(char *why, size_t size);

/**
 * vm_host_kind() - which kind of KVM this host has
 *
 * Returns the loaded vendor module's name, "kvm_intel", "kvm_amd", "kvm_pvm",
 * …, or "kvm" if none is told from /sys/module.
 */
const char *vm_host_kind(void);

/**
 * vm_directory() - whose images this VMM has machines for
 *
 * Returns the tests' folder, "x86"; or "" where it has none.
 */
const char *vm_directory(void);

/**
 * vm_cpu_supported() - can a machine with this CPU model be made?
 * @cpu: as in struct vm_config
 * @why: on failure, a one-line reason that names the first word at fault
 * @size: bytes at @why
 *
 * Returns 0 if it can, 1 if KVM lacks a feature that @cpu asks for (a declared
 * need is absent), -1 if a word of @cpu is not known.
 */
int vm_cpu_supported(const char *cpu, char *why, size_t size);

/* Where CPUID announces a feature. */
struct vm_cpuid_bit {
	uint32_t leaf, subleaf;
	unsigned int reg;	/* 0: EAX, 1: EBX, 2: ECX, 3: EDX */
	unsigned int bit;
};

/**
 * vm_cpu_feature() - what a feature's name means
 * @name: QEMU's word for it, not terminated
 * @length: bytes at @name
 * @where: set to its place in CPUID
 *
 * Returns false if the name is not known.
 */
bool vm_cpu_feature(const char *name, size_t length, struct vm_cpuid_bit *where);

/**
 * vm_environment_read() - a file as the image's environment
 * @path: of 64 KiB at most
 * @length: set to its size
 * @why: on failure, a reason
 * @size: bytes at @why
 *
 * Returns the text, NUL-terminated, which the caller frees; or NULL.
 */
char *vm_environment_read(const char *path, size_t *length, char *why, size_t size);

/**
 * vm_device_known() - is there a device of this name, with these properties?
 * @word: "edu", "intel-iommu,intremap=on"
 */
bool vm_device_known(const char *word);

/**
 * vm_perturb_wrong() - what is wrong with a list for vm_conduct.perturb
 *
 * Returns a line that says so, valid until the next call, or NULL.
 */
const char *vm_perturb_wrong(const char *list);

/**
 * vm_perturb_list() - print what there is, a line each
 */
void vm_perturb_list(FILE *to);

/**
 * vm_perturb_known() - is this the name of a perturbation?
 * @name: not terminated
 * @length: bytes at @name
 */
bool vm_perturb_known(const char *name, size_t length);

/**
 * vm_perturb_names() - append the names of those that a conduct asks for, each
 * with a blank behind it
 *
 * vm_conduct.migrate_every is "migrate".
 */
void vm_perturb_names(const struct vm_conduct *conduct, struct buf *to);

/**
 * vm_perturb_slowdown() - how many times as long machines take at the most
 *
 * Returns 1 where nothing is perturbed: a factor for time limits, by measurement.
 */
double vm_perturb_slowdown(const struct vm_conduct *conduct);

/**
 * vm_save_wrong() - what is wrong with vm_conduct.save
 *
 * It is FILE@start (before the first instruction), FILE@N (behind the Nth exit),
 * FILE@every:N (behind each Nth; FILE.1, FILE.2, …), or FILE@NAME (where the guest
 * says that it is there; images of ours say their TESTs' names as they begin).
 * Returns what is wrong, or NULL.
 */
const char *vm_save_wrong(const char *wanted);

/**
 * vm_saved_image() - the path of the image that a saved machine runs
 * @fd: its file
 *
 * Returns it, for the caller to free, or NULL if @fd is no saved machine.
 */
char *vm_saved_image(int fd);

/**
 * vm_lie_known() - is this a deliberate fault, NAME[@N]?
 * @text: what a user wrote
 * @why: on failure, what is wrong
 * @size: bytes at @why
 */
bool vm_lie_known(const char *text, char *why, size_t size);

/**
 * vm_lie_list() - all of them, a line each
 * @to: where it is printed
 * @form: "help", "markdown" for rows of a table, "means" for the control of each
 *
 * Returns false if there is no such form.
 */
bool vm_lie_list(FILE *to, const char *form);

/**
 * vm_trace_known() - can these exits be printed as they come?
 * @groups: "io,msr": words of exits, or "exits" for all of them
 * @why: on failure, what is wrong and what there is
 * @size: bytes at @why
 */
bool vm_trace_known(const char *groups, char *why, size_t size);

/**
 * vm_prepare() - make what is the same for all machines
 * @conduct: of the machines
 *
 * Once, in the parent: what vm_run() will confine its process with, and what it
 * asks the kernel about CPUs.  It does so itself otherwise, a quarter of a
 * millisecond for either.  Returns false without memory.
 */
bool vm_prepare(const struct vm_conduct *conduct);

/**
 * vm_run() - make the machine, run it to its end
 * @config: the machine
 * @end: from vm_end_create(), by the parent
 *
 * Does not return: the process leaves with (code << 1) | 1 after a debug exit,
 * as QEMU does, 0 after shutdown and power-off, and 1 after the other ends.
 * Call it in a child of its own: it starts a thread for each further CPU.
 * SIGTERM makes it record what the CPUs are doing, and end.  Once the machine is
 * made, the process is confined to what it needs.  The kernel takes milliseconds to
 * take a machine apart: @end is whole, and the console, the standard descriptors
 * and @config's hangup are closed, before that begins.
 */
void vm_run(const struct vm_config *config, struct vm_end *end)
	__attribute__((noreturn));

/**
 * vm_ledger_drain() - consume what the guest has committed
 * @ledger: the memfd, mapped shared, VM_LEDGER_SIZE bytes
 * @dead: the machine has died: resynchronise behind uncommitted records
 * @take: called per record, in order; payload is 8-byte aligned
 * @context: passed to @take
 *
 * Returns the bytes that were lost, 0 while the machine lives.
 */
size_t vm_ledger_drain(void *ledger, bool dead,
		       void (*take)(void *context, unsigned int type,
				    const void *payload, size_t size),
		       void *context);

#endif
