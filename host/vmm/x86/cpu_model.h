/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU models in QEMU's spelling: "MODEL[,+feature|,-feature|,key=value]…".  What
 * the words mean is in cpu_words.c (features), cpu_models.c (models), cpu_msrs.c
 * (features that an MSR announces) and cpu_hyperv.c (Hyper-V's).
 */
#ifndef HOST_VMM_X86_CPU_MODEL_H
#define HOST_VMM_X86_CPU_MODEL_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPUID_ENTRIES	256
#define MODEL_MSRS	16

/* What a CPU of the model is to KVM. */
struct cpu_model {
	struct kvm_cpuid2 *cpuid;	/* for CPU 0; CPUID_ENTRIES of them */
	struct kvm_msr_entry msrs[MODEL_MSRS];	/* to be set at first */
	unsigned int msr_count;
	uint32_t tsc_khz;		/* 0: the host's */
	bool pmu;			/* the guest has one */
	bool synic;			/* Hyper-V's interrupt controller */
	bool enforce_pv;		/* KVM's paravirtual features only as announced */
};

/**
 * cpu_model_build() - what KVM is to be told for a model
 * @kvm: /dev/kvm
 * @text: the model's words; NULL: qemu64
 * @why, @size: a reason on failure
 * @result: what vm_cpu_supported() returns
 *
 * A model never has what this KVM does not support; a feature asked for by name
 * that KVM lacks is an unmet need.  Returns NULL then; else cpu_model_free() it.
 */
struct cpu_model *cpu_model_build(int kvm, const char *text, char *why, size_t size,
				  int *result);

/**
 * cpu_supported() - the CPUID that KVM supports, asked for once
 * @kvm: /dev/kvm
 * @anew: ask again
 *
 * Returns CPUID_ENTRIES of them, which stay ours; or NULL.
 */
const struct kvm_cpuid2 *cpu_supported(int kvm, bool anew);

/**
 * cpu_model_free() - give it back; NULL is none
 */
void cpu_model_free(struct cpu_model *model);

/**
 * cpu_model_for() - set the parts that differ from CPU to CPU
 */
void cpu_model_for(struct kvm_cpuid2 *cpuid, unsigned int index,
		   unsigned int cpus);

/**
 * cpu_model_set(), cpu_model_get() - a feature (CPU_…, defs/cpuid.h) of CPUID
 */
void cpu_model_set(struct kvm_cpuid2 *cpuid, uint32_t feature, bool on);
bool cpu_model_get(const struct kvm_cpuid2 *cpuid, uint32_t feature);

/**
 * cpuid_find() - the entry of a leaf, or NULL
 */
struct kvm_cpuid_entry2 *cpuid_find(struct kvm_cpuid2 *cpuid, uint32_t function,
				    uint32_t index);

/* One bit of CPUID by name; '_', '-' and '.' are the same letter in names. */
struct cpu_feature {
	const char *name;
	uint32_t bit;			/* CPUID_BIT(…) */
};

/* All of them; those of one name belong together. */
extern const struct cpu_feature cpu_features[];
extern const unsigned int cpu_feature_count;

/**
 * cpu_name_same() - are these the same name to QEMU?
 * @word: not terminated
 * @length: bytes at @word
 */
bool cpu_name_same(const char *word, size_t length, const char *name);

/**
 * cpu_feature_find() - the first feature of that name from number @from on
 *
 * Returns its number, or cpu_feature_count.
 */
unsigned int cpu_feature_find(const char *name, size_t length, unsigned int from);

/* A named model.  Words are separated by blanks; '-' in front takes away. */
struct cpu_named {
	const char *name;
	const char *like;		/* the model that it begins with, or NULL */
	const char *features;		/* NULL: all that KVM supports */
	uint32_t signature;		/* CPUID.1:EAX; 0: as @like, or the host's */
	uint32_t level, xlevel;		/* highest leaves; 0: as @like, or the host's */
	const char *brand;		/* CPUID.80000002-4, or NULL */
};

/**
 * cpu_named_find() - the model of that name, or NULL
 */
const struct cpu_named *cpu_named_find(const char *name, size_t length);

/**
 * cpu_named_each() - call @take for every feature word of a model, in order
 */
void cpu_named_each(const struct cpu_named *model,
		    void (*take)(void *context, const char *word, size_t length),
		    void *context);

/**
 * cpu_msr_word() - take a feature that an MSR announces ("vmx-pml", "rdctl-no")
 * @kvm: /dev/kvm
 * @on: whether it is wanted
 *
 * Returns 0 if it is taken, 1 if KVM lacks what is wanted, -1 if no such name.
 */
int cpu_msr_word(struct cpu_model *model, int kvm, const char *name, size_t length,
		 bool on);

/* Which enlightenments are asked for. */
struct hyperv_choice {
	bool passthrough;		/* all that KVM has */
	bool any;
	uint64_t on;			/* bits of cpu_hyperv.c's table */
	uint32_t spinlocks;		/* retries; 0: never notify */
	char vendor[13];		/* "": "Microsoft Hv" */
};

/**
 * cpu_hyperv_word() - take a word that begins with "hv-" or "hv_"
 *
 * Returns false if it is not known.
 */
bool cpu_hyperv_word(struct hyperv_choice *choice, const char *word, size_t length);

/**
 * cpu_hyperv_add() - announce what is asked for in CPUID
 *
 * KVM's own leaves move up by 0x100.  Returns 0, or 1 with @why if KVM lacks it.
 */
int cpu_hyperv_add(struct cpu_model *model, const struct hyperv_choice *choice, int kvm,
		   char *why, size_t size);

#define CPU_FEATURES_MAX	400

enum { CPU_UNSAID, CPU_ON, CPU_OFF };

/* What a model's words say, apart from what goes into struct cpu_model at once. */
struct cpu_choice {
	const struct cpu_named *named;
	const char *version;		/* words of a version of it, or NULL */
	char vendor[13];
	long family, number, stepping;	/* -1: as the model says */
	uint32_t level, xlevel;		/* 0: likewise */
	unsigned int phys_bits, phys_bits_limit;
	uint8_t wish[CPU_FEATURES_MAX];	/* CPU_ON, …, by number in cpu_features[] */
	uint8_t pmu, kvm, migratable;
	struct hyperv_choice hyperv;
};

/**
 * cpu_choice_read() - read the words
 * @choice: set
 * @model: what has an immediate meaning goes there
 *
 * Returns 0; 1 with @why if KVM lacks something; -1 if a word is not known.
 */
int cpu_choice_read(struct cpu_choice *choice, struct cpu_model *model, int kvm,
		    const char *text, char *why, size_t size);

#endif
