/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's paravirtual interface: MSRs and hypercalls (its msr.rst and hypercalls.rst). */
#ifndef DEFS_KVM_H
#define DEFS_KVM_H

#define MSR_KVM_WALL_CLOCK_OLD		0x00000011
#define MSR_KVM_SYSTEM_TIME_OLD		0x00000012
#define MSR_KVM_WALL_CLOCK		0x4b564d00
#define MSR_KVM_SYSTEM_TIME		0x4b564d01
#define MSR_KVM_ASYNC_PF_EN		0x4b564d02
#define ASYNC_PF_SEND_ALWAYS		0x00000002	/* at CPL 0, too */
#define ASYNC_PF_AS_VMEXIT		0x00000004
#define ASYNC_PF_BY_INT			0x00000008
#define MSR_KVM_STEAL_TIME		0x4b564d03
#define MSR_KVM_PV_EOI_EN		0x4b564d04
#define MSR_KVM_POLL_CONTROL		0x4b564d05
#define MSR_KVM_ASYNC_PF_INT		0x4b564d06
#define MSR_KVM_ASYNC_PF_ACK		0x4b564d07
#define MSR_KVM_MIGRATION_CONTROL	0x4b564d08
#define KVM_MSR_ENABLED			0x00000001	/* in those with an address */

#define KVM_HC_VAPIC_POLL_IRQ		1
#define KVM_HC_KICK_CPU			5
#define KVM_HC_SEND_IPI			10
#define KVM_HC_SCHED_YIELD		11
#define KVM_HC_MAP_GPA_RANGE		12

#define KVM_EPERM			1
#define KVM_EINVAL			22
#define KVM_ENOSYS			1000

#endif
