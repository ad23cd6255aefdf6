/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers by their name in lower case (DDI 0487, D17). */
#ifndef ASM_SYSREG_H
#define ASM_SYSREG_H

#include <base.h>

/*
 * Registers that only newer assemblers know by name; Sop0_op1_Cn_Cm_op2.
 * ICC_… are the GIC CPU interface's (IHI 0069, 12.2).
 */
#define REG_icc_pmr_el1		S3_0_C4_C6_0
#define REG_icc_ap1r0_el1	S3_0_C12_C9_0
#define REG_icc_rpr_el1		S3_0_C12_C11_3
#define REG_icc_sgi1r_el1	S3_0_C12_C11_5
#define REG_icc_iar1_el1	S3_0_C12_C12_0
#define REG_icc_eoir1_el1	S3_0_C12_C12_1
#define REG_icc_hppir1_el1	S3_0_C12_C12_2
#define REG_icc_bpr1_el1	S3_0_C12_C12_3
#define REG_icc_ctlr_el1	S3_0_C12_C12_4
#define REG_icc_sre_el1		S3_0_C12_C12_5
#define REG_icc_igrpen1_el1	S3_0_C12_C12_7
#define REG_icc_dir_el1		S3_0_C12_C11_1
#define REG_id_aa64mmfr2_el1	S3_0_C0_C7_2
#define REG_id_aa64zfr0_el1	S3_0_C0_C4_4
#define REG_id_aa64isar2_el1	S3_0_C0_C6_2
#define REG_gcr_el1		S3_0_C1_C0_6
#define REG_tfsr_el1		S3_0_C5_C6_0
#define REG_tfsre0_el1		S3_0_C5_C6_1
#define REG_rgsr_el1		S3_0_C1_C0_5
#define REG_zcr_el1		S3_0_C1_C2_0

/**
 * sysreg_read(name), sysreg_write(name, value) - for names that assemblers know
 * sysreg_read_s(name), sysreg_write_s(name, value) - for those above
 *
 * A write is followed by no barrier: isb() where it has to take effect.
 */
#define sysreg_read(name)	sysreg_read_text(#name)
#define sysreg_read_s(name)	sysreg_read_text(SYSREG_TEXT(REG_##name))
#define sysreg_write(name, value)	sysreg_write_text(#name, value)
#define sysreg_write_s(name, value)	sysreg_write_text(SYSREG_TEXT(REG_##name), value)

#define SYSREG_TEXT(reg)	SYSREG_STRING(reg)
#define SYSREG_STRING(reg)	#reg
#define sysreg_read_text(text) ({					\
	u64 value_;							\
	asm volatile("mrs %0, " text : "=r"(value_) : : "memory");	\
	value_;								\
})
#define sysreg_write_text(text, value)					\
	asm volatile("msr " text ", %x0" : : "rZ"((u64)(value)) : "memory")

#endif
