/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of the Supervisor Binary Interface. */
#ifndef SBI_H
#define SBI_H

#include <base.h>
#include <defs/sbi.h>

enum sbi_extension {
#define SBI_CONSTANT(X, name, id) SBI_##name = id,
	SBI_EXTENSIONS(SBI_CONSTANT,)
#undef SBI_CONSTANT
};

struct sbi_result {
	long error;		/* SBI_… */
	long value;
};

/**
 * sbi_call(extension, function, arguments…) - up to six; the rest are zero
 */
#define sbi_call(extension, function, ...)				\
	sbi_ecall(extension, function, (const unsigned long [6]){ __VA_ARGS__ })
struct sbi_result sbi_ecall(unsigned long extension, unsigned long function,
			    const unsigned long *arguments);

/**
 * sbi_has() - does BASE's probe know this extension?
 */
bool sbi_has(unsigned long extension);

/**
 * sbi_version() - of the specification, as SBI_VERSION(major, minor)
 */
unsigned long sbi_version(void);

/**
 * sbi_hart_start() - HSM: start a hart at a physical address
 * @argument: in a1
 *
 * Returns an error of SBI_….
 */
long sbi_hart_start(unsigned long hart, void (*entry)(void), unsigned long argument);

/**
 * sbi_hart_status() - HSM: HSM_…, or an error of SBI_…
 */
long sbi_hart_status(unsigned long hart);

/**
 * sbi_timer_set() - an interrupt when the clock is there; by Sstc, or else by SBI
 * @at: all ones for never
 */
void sbi_timer_set(u64 at);

/**
 * sbi_ipi() - a software interrupt for one hart
 */
void sbi_ipi(unsigned long hart);

#endif
