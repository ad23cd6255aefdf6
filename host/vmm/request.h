/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of abi/request.h: tables of who serves which. */
#ifndef HOST_VMM_REQUEST_H
#define HOST_VMM_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/host.h"
#include "abi/request.h"

struct vcpu;

struct request_row {
	enum abi_request_operation operation;	/* ABI_REQUEST_NONE ends a table */
	/* Acts on the arguments, fills in the results; returns the status. */
	enum abi_request_status (*serve)(struct abi_request *request);
	bool still;		/* all CPUs stand still meanwhile */
};

/* Tables, one to a file. */
extern const struct request_row requests_slots[], requests_faults[], requests_cpus[],
	arch_requests[];

/**
 * request_features() - what this machine can be asked for: ABI_HOST_… bits
 */
uint32_t request_features(void);

/**
 * faults_features(), arch_request_features() - the part of them that has to be
 * found out
 */
uint32_t faults_features(void);
uint32_t arch_request_features(void);

/**
 * request_take() - serve the request at @address, once or when this exit is over
 */
void request_take(uint64_t address);

/**
 * request_kernel() - the status for what an ioctl returned
 * @result: negative with errno if it failed
 */
enum abi_request_status request_kernel(struct abi_request *request, int result);

/**
 * request_cpu() - the CPU that argument @n is about, or NULL
 */
struct vcpu *request_cpu(const struct abi_request *request, unsigned int n);

/**
 * faults_end() - all pages are there again, now
 * faults_hurry() - whoever waits for a page gets it now
 * faults_any() - are there pages that are not there, or late to be written to?
 */
void faults_end(void);
void faults_hurry(void);
bool faults_any(void);

/**
 * msr_filter_exit() - a CPU accessed an MSR that a filter keeps from it
 *
 * Returns false if no filter of ours is about it.
 */
bool msr_filter_exit(struct vcpu *vcpu);

#endif
