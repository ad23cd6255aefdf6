/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the neutral part of the VMM has to know of the machines that it makes, which
 * are always those of the host's architecture.  Each has
 *
 *	ARCH_NAME	its name, which saved machines carry
 *	HOST_REGION	where the test device's page and the ledger are
 *	HOST_PORTS	the bus on which its registers are, HOST_PORT the first
 */
#ifndef HOST_VMM_ARCH_H
#define HOST_VMM_ARCH_H

#if defined(__aarch64__)
#include "vmm/arm/arch.h"
#elif defined(__riscv)
#include "vmm/riscv/arch.h"
#else
#include "vmm/x86/arch.h"
#endif

#endif
