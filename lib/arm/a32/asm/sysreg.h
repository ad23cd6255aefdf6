/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of coprocessor 15, by the names that AArch64 state has for them, so that
 * code for both states has one name (DDI 0406, B3.17; IHI 0069, 12.5).
 */
#ifndef ASM_SYSREG_H
#define ASM_SYSREG_H

#include <base.h>

/* (width, opc1, CRn, CRm, opc2), or (width, opc1, CRm) of a 64-bit register */
#define CP_ctr_el0		(32, 0, c0, c0, 1)
#define CP_midr_el1		(32, 0, c0, c0, 0)
#define CP_mpidr_el1		(32, 0, c0, c0, 5)
#define CP_id_pfr1_el1		(32, 0, c0, c1, 1)
#define CP_id_dfr0_el1		(32, 0, c0, c1, 2)
#define CP_sctlr_el1		(32, 0, c1, c0, 0)
#define CP_cpacr_el1		(32, 0, c1, c0, 2)
#define CP_ttbcr		(32, 0, c2, c0, 2)
#define CP_ttbr0_el1		(64, 0, c2)
#define CP_vbar_el1		(32, 0, c12, c0, 0)
#define CP_cntfrq_el0		(32, 0, c14, c0, 0)
#define CP_cntkctl_el1		(32, 0, c14, c1, 0)
#define CP_cntpct_el0		(64, 0, c14)
#define CP_cntvct_el0		(64, 1, c14)
#define CP_cntp_tval_el0	(32, 0, c14, c2, 0)
#define CP_cntp_ctl_el0		(32, 0, c14, c2, 1)
#define CP_cntp_cval_el0	(64, 2, c14)
#define CP_cntv_tval_el0	(32, 0, c14, c3, 0)
#define CP_cntv_ctl_el0		(32, 0, c14, c3, 1)
#define CP_cntv_cval_el0	(64, 3, c14)
#define CP_pmcr_el0		(32, 0, c9, c12, 0)
#define CP_pmcntenset_el0	(32, 0, c9, c12, 1)
#define CP_pmcntenclr_el0	(32, 0, c9, c12, 2)
#define CP_pmovsclr_el0		(32, 0, c9, c12, 3)
#define CP_pmccntr_el0		(64, 0, c9)
#define CP_pmccntr_32		(32, 0, c9, c13, 0)
#define CP_pmccfiltr_el0	(32, 0, c14, c15, 7)
#define CP_icc_pmr_el1		(32, 0, c4, c6, 0)
#define CP_icc_ap1r0_el1	(32, 0, c12, c9, 0)
#define CP_icc_dir_el1		(32, 0, c12, c11, 1)
#define CP_icc_rpr_el1		(32, 0, c12, c11, 3)
#define CP_icc_sgi1r_el1	(64, 0, c12)
#define CP_icc_iar1_el1		(32, 0, c12, c12, 0)
#define CP_icc_eoir1_el1	(32, 0, c12, c12, 1)
#define CP_icc_hppir1_el1	(32, 0, c12, c12, 2)
#define CP_icc_bpr1_el1		(32, 0, c12, c12, 3)
#define CP_icc_ctlr_el1		(32, 0, c12, c12, 4)
#define CP_icc_sre_el1		(32, 0, c12, c12, 5)
#define CP_icc_igrpen1_el1	(32, 0, c12, c12, 7)

/**
 * sysreg_read(name), sysreg_write(name, value) - values are 64 bits wide, always
 * sysreg_read_s(name), sysreg_write_s(name, value) - the same here
 */
#define sysreg_read(name)		CP_READ(CP_##name)
#define sysreg_write(name, value)	CP_WRITE(value, CP_##name)
#define sysreg_read_s(name)		CP_READ(CP_##name)
#define sysreg_write_s(name, value)	CP_WRITE(value, CP_##name)

#define CP_WORDS(...)			__VA_ARGS__
#define CP_READ(register)		CP_READ_2(CP_WORDS register)
#define CP_READ_2(...)			CP_READ_3(__VA_ARGS__)
#define CP_READ_3(width, ...)		CP_READ_##width(__VA_ARGS__)
#define CP_WRITE(value, register)	CP_WRITE_2(value, CP_WORDS register)
#define CP_WRITE_2(...)			CP_WRITE_3(__VA_ARGS__)
#define CP_WRITE_3(value, width, ...)	CP_WRITE_##width(value, __VA_ARGS__)

#define CP_READ_32(opc1, crn, crm, opc2) ({				\
	u32 value_;							\
	asm volatile("mrc p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 \
		     : "=r"(value_) : : "memory");			\
	(u64)value_;							\
})
#define CP_READ_64(opc1, crm) ({					\
	u64 value_;							\
	asm volatile("mrrc p15, " #opc1 ", %Q0, %R0, " #crm		\
		     : "=r"(value_) : : "memory");			\
	value_;								\
})
#define CP_WRITE_32(value, opc1, crn, crm, opc2)			\
	asm volatile("mcr p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 \
		     : : "r"((u32)(value)) : "memory")
#define CP_WRITE_64(value, opc1, crm)					\
	asm volatile("mcrr p15, " #opc1 ", %Q0, %R0, " #crm		\
		     : : "r"((u64)(value)) : "memory")

#endif
