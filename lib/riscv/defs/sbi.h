/* SPDX-License-Identifier: BSD-2-Clause */
/* RISC-V Supervisor Binary Interface 3.0. */
#ifndef DEFS_SBI_H
#define DEFS_SBI_H

/* Y(X, name, extension's id): those that a machine need not have (chapters 6 to 18) */
#define SBI_EXTENSIONS(Y, X)						\
	Y(X, TIME, 0x54494d45)						\
	Y(X, IPI, 0x735049)						\
	Y(X, RFENCE, 0x52464e43)					\
	Y(X, HSM, 0x48534d)						\
	Y(X, SRST, 0x53525354)						\
	Y(X, PMU, 0x504d55)						\
	Y(X, DBCN, 0x4442434e)						\
	Y(X, SUSP, 0x53555350)						\
	Y(X, STA, 0x535441)						\
	Y(X, SSE, 0x535345)						\
	Y(X, FWFT, 0x46574654)						\
	Y(X, DBTR, 0x44425452)

/* Errors (3.1) */
#define SBI_SUCCESS		0
#define SBI_FAILED		(-1)
#define SBI_NOT_SUPPORTED	(-2)
#define SBI_INVALID_PARAM	(-3)
#define SBI_DENIED		(-4)
#define SBI_INVALID_ADDRESS	(-5)
#define SBI_ALREADY_AVAILABLE	(-6)
#define SBI_ALREADY_STARTED	(-7)
#define SBI_ALREADY_STOPPED	(-8)
#define SBI_NO_SHMEM		(-9)
#define SBI_INVALID_STATE	(-10)
#define SBI_BAD_RANGE		(-11)
#define SBI_TIMEOUT		(-12)
#define SBI_IO			(-13)
#define SBI_DENIED_LOCKED	(-14)

/* Base (4): always there */
#define SBI_BASE		0x10
#define SBI_BASE_SPEC_VERSION	0
#define SBI_BASE_IMPL_ID	1
#define SBI_BASE_IMPL_VERSION	2
#define SBI_BASE_PROBE		3
#define SBI_BASE_MVENDORID	4
#define SBI_BASE_MARCHID	5
#define SBI_BASE_MIMPID		6
#define SBI_VERSION(major, minor)	((major) << 24 | (minor))
#define SBI_IMPL_OPENSBI	1
#define SBI_IMPL_KVM		3
#define OPENSBI_VERSION(major, minor)	((major) << 16 | (minor))

#define SBI_TIME_SET_TIMER	0
#define SBI_IPI_SEND		0

#define SBI_RFENCE_FENCE_I	0
#define SBI_RFENCE_SFENCE	1
#define SBI_RFENCE_SFENCE_ASID	2

#define SBI_HSM_EID		0x48534d	/* for assembly */
#define SBI_HSM_START		0
#define SBI_HSM_STOP		1
#define SBI_HSM_STATUS		2
#define SBI_HSM_SUSPEND		3
#define HSM_STARTED		0
#define HSM_STOPPED		1
#define HSM_START_PENDING	2
#define HSM_STOP_PENDING	3
#define HSM_SUSPENDED		4
#define HSM_SUSPEND_PENDING	5
#define HSM_RESUME_PENDING	6
#define HSM_RETENTIVE		0x00000000	/* kinds of suspension: defaults */
#define HSM_NON_RETENTIVE	0x80000000

#define SBI_SRST_RESET		0
#define SRST_SHUTDOWN		0
#define SRST_COLD_REBOOT	1
#define SRST_WARM_REBOOT	2
#define SRST_NO_REASON		0
#define SRST_FAILURE		1

#define SBI_DBCN_WRITE		0
#define SBI_DBCN_READ		1
#define SBI_DBCN_WRITE_BYTE	2

#define SBI_SUSP_SUSPEND	0
#define SUSP_TO_RAM		0

#define SBI_PMU_COUNTERS	0
#define SBI_PMU_INFO		1
#define SBI_PMU_MATCH		2
#define SBI_PMU_START		3
#define SBI_PMU_STOP		4
#define SBI_PMU_FW_READ		5
#define PMU_CYCLES		0x00001		/* events: type << 16 | code */
#define PMU_INSTRUCTIONS	0x00002
#define PMU_FW_SET_TIMER	0xf0005
#define PMU_FW_IPI_SENT		0xf0006
#define PMU_MATCH_CLEAR		2		/* flags of MATCH */
#define PMU_START_SET		1		/* flags of START */
#define PMU_STOP_RESET		1		/* flags of STOP */

#define SBI_SSE_EID		0x535345	/* for assembly */
#define SBI_SSE_READ		0
#define SBI_SSE_WRITE		1
#define SBI_SSE_REGISTER	2
#define SBI_SSE_UNREGISTER	3
#define SBI_SSE_ENABLE		4
#define SBI_SSE_DISABLE		5
#define SBI_SSE_COMPLETE	6
#define SBI_SSE_INJECT		7
#define SBI_SSE_UNMASK		8
#define SBI_SSE_MASK		9
#define SSE_DOUBLE_TRAP		0x00000001	/* events */
#define SSE_LOCAL_SOFTWARE	0xffff0000
#define SSE_GLOBAL_SOFTWARE	0xffff8000
#define SSE_GLOBAL		0x00008000	/* a bit of an event */
#define SSE_STATUS		0		/* attributes */
#define SSE_PRIORITY		1
#define SSE_CONFIG		2
#define SSE_PREFERRED_HART	3
#define SSE_ENTRY_PC		4
#define SSE_ENTRY_ARG		5
#define SSE_SEPC		6		/* of what was interrupted */
#define SSE_FLAGS		7
#define SSE_A6			8
#define SSE_A7			9
#define SSE_ATTRIBUTES		10
#define SSE_STATE(status)	((status) & 3)
#define SSE_UNUSED		0		/* states */
#define SSE_REGISTERED		1
#define SSE_ENABLED		2
#define SSE_RUNNING		3
#define SSE_PENDING		4		/* bits of the status */
#define SSE_INJECTABLE		8
#define SSE_ONE_SHOT		1		/* configuration */
#define SSE_FLAG_SPP		1
#define SSE_FLAG_SPIE		2
#define SSE_FLAG_SDT		0x20

#define SBI_DBTR_COUNT		0
#define SBI_DBTR_SHMEM		1
#define SBI_DBTR_READ		2
#define SBI_DBTR_INSTALL	3
#define SBI_DBTR_UPDATE		4
#define SBI_DBTR_UNINSTALL	5
#define SBI_DBTR_ENABLE		6
#define SBI_DBTR_DISABLE	7
#define TRIGGER_MCONTROL	2		/* types (Debug 1.0, 5.7) */
#define TRIGGER_MCONTROL6	6
#define TRIGGER_LOAD		0x01		/* of both, in tdata1 */
#define TRIGGER_STORE		0x02
#define TRIGGER_EXECUTE		0x04
#define TRIGGER_USER		0x08
#define TRIGGER_SUPERVISOR	0x10
#define DBTR_MAPPED		0x01		/* of a trigger's state */
#define DBTR_USER		0x02
#define DBTR_SUPERVISOR		0x04

#define SBI_FWFT_SET		0
#define SBI_FWFT_GET		1
#define FWFT_MISALIGNED		0		/* features: delegation of these, */
#define FWFT_LANDING_PAD	1
#define FWFT_SHADOW_STACK	2
#define FWFT_DOUBLE_TRAP	3
#define FWFT_PTE_AD		4		/* hardware sets A and D */
#define FWFT_POINTER_MASK	5
#define FWFT_LOCK		1		/* flag */

#endif
