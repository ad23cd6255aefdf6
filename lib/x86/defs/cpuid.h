/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU features: CPUID bits, each as one integer constant, so that tables and
 * initialisers can hold it (SDM 2A, CPUID; APM 3, appendix E).
 */
#ifndef DEFS_CPUID_H
#define DEFS_CPUID_H

#define CPUID_EAX	0
#define CPUID_EBX	1
#define CPUID_ECX	2
#define CPUID_EDX	3

/*
 * bits 31: set, so that no feature is 0; 30-29: leaf's range (0x0, 0x8, 0x4 in
 * its top digit); 23-16: leaf within it; 15-8: subleaf; 6-5: register; 4-0: bit
 */
#define CPUID_BIT(leaf, subleaf, reg, bit)				\
	(0x80000000u | (((leaf) >> 31) & 1u) << 30 |			\
	 (((leaf) >> 30) & 1u) << 29 | ((leaf) & 0xffu) << 16 |		\
	 (subleaf) << 8 | (reg) << 5 | (bit))
#define CPUID_FEATURE_LEAF(f)						\
	(((f) >> 30 & 1u) << 31 | ((f) >> 29 & 1u) << 30 | ((f) >> 16 & 0xffu))
#define CPUID_FEATURE_SUBLEAF(f)	((f) >> 8 & 0xffu)
#define CPUID_FEATURE_REG(f)		((f) >> 5 & 3u)
#define CPUID_FEATURE_BIT(f)		((f) & 31u)

#define CPU_NEVER	CPUID_BIT(0x7, 1, CPUID_EBX, 31)	/* no CPU has it */
#define CPU_MWAIT	CPUID_BIT(0x1, 0, CPUID_ECX, 3)
#define CPU_VMX		CPUID_BIT(0x1, 0, CPUID_ECX, 5)
#define CPU_FMA		CPUID_BIT(0x1, 0, CPUID_ECX, 12)
#define CPU_CX16	CPUID_BIT(0x1, 0, CPUID_ECX, 13)
#define CPU_PDCM	CPUID_BIT(0x1, 0, CPUID_ECX, 15)
#define CPU_PCID	CPUID_BIT(0x1, 0, CPUID_ECX, 17)
#define CPU_X2APIC	CPUID_BIT(0x1, 0, CPUID_ECX, 21)
#define CPU_MOVBE	CPUID_BIT(0x1, 0, CPUID_ECX, 22)
#define CPU_TSC_DEADLINE CPUID_BIT(0x1, 0, CPUID_ECX, 24)
#define CPU_XSAVE	CPUID_BIT(0x1, 0, CPUID_ECX, 26)
#define CPU_OSXSAVE	CPUID_BIT(0x1, 0, CPUID_ECX, 27)	/* CR4.OSXSAVE */
#define CPU_AVX		CPUID_BIT(0x1, 0, CPUID_ECX, 28)
#define CPU_HYPERVISOR	CPUID_BIT(0x1, 0, CPUID_ECX, 31)
#define CPU_PSE		CPUID_BIT(0x1, 0, CPUID_EDX, 3)
#define CPU_PAE		CPUID_BIT(0x1, 0, CPUID_EDX, 6)
#define CPU_MCE		CPUID_BIT(0x1, 0, CPUID_EDX, 7)
#define CPU_APIC	CPUID_BIT(0x1, 0, CPUID_EDX, 9)
#define CPU_SEP		CPUID_BIT(0x1, 0, CPUID_EDX, 11)
#define CPU_PGE		CPUID_BIT(0x1, 0, CPUID_EDX, 13)
#define CPU_MCA		CPUID_BIT(0x1, 0, CPUID_EDX, 14)
#define CPU_PAT		CPUID_BIT(0x1, 0, CPUID_EDX, 16)
#define CPU_PSE36	CPUID_BIT(0x1, 0, CPUID_EDX, 17)
#define CPU_DS		CPUID_BIT(0x1, 0, CPUID_EDX, 21)
#define CPU_CLFLUSH	CPUID_BIT(0x1, 0, CPUID_EDX, 19)
#define CPU_SSE		CPUID_BIT(0x1, 0, CPUID_EDX, 25)
#define CPU_SSE2	CPUID_BIT(0x1, 0, CPUID_EDX, 26)

#define CPU_FSGSBASE	CPUID_BIT(0x7, 0, CPUID_EBX, 0)
#define CPU_TSC_ADJUST	CPUID_BIT(0x7, 0, CPUID_EBX, 1)
#define CPU_HLE		CPUID_BIT(0x7, 0, CPUID_EBX, 4)
#define CPU_SMEP	CPUID_BIT(0x7, 0, CPUID_EBX, 7)
#define CPU_INVPCID	CPUID_BIT(0x7, 0, CPUID_EBX, 10)
#define CPU_RTM		CPUID_BIT(0x7, 0, CPUID_EBX, 11)
#define CPU_SMAP	CPUID_BIT(0x7, 0, CPUID_EBX, 20)
#define CPU_PCOMMIT	CPUID_BIT(0x7, 0, CPUID_EBX, 22)
#define CPU_CLFLUSHOPT	CPUID_BIT(0x7, 0, CPUID_EBX, 23)
#define CPU_INTEL_PT	CPUID_BIT(0x7, 0, CPUID_EBX, 25)
#define CPU_CLWB	CPUID_BIT(0x7, 0, CPUID_EBX, 24)
#define CPU_UMIP	CPUID_BIT(0x7, 0, CPUID_ECX, 2)
#define CPU_PKU		CPUID_BIT(0x7, 0, CPUID_ECX, 3)
#define CPU_OSPKE	CPUID_BIT(0x7, 0, CPUID_ECX, 4)
#define CPU_SHSTK	CPUID_BIT(0x7, 0, CPUID_ECX, 7)
#define CPU_LA57	CPUID_BIT(0x7, 0, CPUID_ECX, 16)
#define CPU_RDPID	CPUID_BIT(0x7, 0, CPUID_ECX, 22)
#define CPU_PKS		CPUID_BIT(0x7, 0, CPUID_ECX, 31)
#define CPU_IBT		CPUID_BIT(0x7, 0, CPUID_EDX, 20)
#define CPU_SPEC_CTRL	CPUID_BIT(0x7, 0, CPUID_EDX, 26)
#define CPU_STIBP	CPUID_BIT(0x7, 0, CPUID_EDX, 27)
#define CPU_L1D_FLUSH	CPUID_BIT(0x7, 0, CPUID_EDX, 28)
#define CPU_ARCH_CAPABILITIES CPUID_BIT(0x7, 0, CPUID_EDX, 29)
#define CPU_SSBD	CPUID_BIT(0x7, 0, CPUID_EDX, 31)
#define CPU_LASS	CPUID_BIT(0x7, 1, CPUID_EAX, 6)
#define CPU_LAM		CPUID_BIT(0x7, 1, CPUID_EAX, 26)

#define CPU_SVM		CPUID_BIT(0x80000001u, 0, CPUID_ECX, 2)
#define CPU_SYSCALL	CPUID_BIT(0x80000001u, 0, CPUID_EDX, 11)
#define CPU_NX		CPUID_BIT(0x80000001u, 0, CPUID_EDX, 20)
#define CPU_GBPAGES	CPUID_BIT(0x80000001u, 0, CPUID_EDX, 26)
#define CPU_RDTSCP	CPUID_BIT(0x80000001u, 0, CPUID_EDX, 27)
#define CPU_LM		CPUID_BIT(0x80000001u, 0, CPUID_EDX, 29)

#define CPU_INVTSC	CPUID_BIT(0x80000007u, 0, CPUID_EDX, 8)
#define CPU_RDPRU	CPUID_BIT(0x80000008u, 0, CPUID_EBX, 4)
#define CPU_AMD_IBPB	CPUID_BIT(0x80000008u, 0, CPUID_EBX, 12)
#define CPU_AMD_IBRS	CPUID_BIT(0x80000008u, 0, CPUID_EBX, 14)
#define CPU_AMD_STIBP	CPUID_BIT(0x80000008u, 0, CPUID_EBX, 15)
#define CPU_AMD_SSBD	CPUID_BIT(0x80000008u, 0, CPUID_EBX, 24)

/* KVM's leaf 0x40000001 (KVM's cpuid.rst) */
#define CPU_KVM_CLOCKSOURCE2 CPUID_BIT(0x40000001u, 0, CPUID_EAX, 3)

#endif
