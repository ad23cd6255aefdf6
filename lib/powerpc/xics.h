/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts between CPUs: PAPR's presentation controller by calls of the hypervisor
 * (LoPAPR 1.1, 14.5.4.9), doorbells on a machine without one (Power ISA 3.1, Book III,
 * 11).
 */
#ifndef XICS_H
#define XICS_H

#include <base.h>

#define XICS_IPI	2u		/* the source of H_IPI's */
#define XICS_ALL	5u		/* a CPU's priority that lets in H_IPI's here */
#define XICS_NONE	0u
#define XICS_IPI_PRIORITY	4u
#define XICS_CLEAR	0xffu

/* XIRR: the CPU's priority above the source. */
#define XIRR_SOURCE(xirr)	((xirr) & 0xffffff)
#define XIRR_PRIORITY(xirr)	((xirr) >> 24 & 0xff)

/**
 * xics_accept() - take what is pending: H_XIRR; its source is 0 if nothing is
 */
u32 xics_accept(void);

/**
 * ipi_vector() - the interrupt that an IPI is here
 * ipi_open() - have this CPU take IPIs; MSR.EE is the caller's
 * ipi_close() - and no more
 * ipi_send() - to the CPU with this interrupt server number
 * ipi_end() - in its handler: it is done
 */
unsigned int ipi_vector(void);
void ipi_open(void);
void ipi_close(void);
void ipi_send(u32 server);
void ipi_end(void);

#endif
