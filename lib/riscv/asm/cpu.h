/* SPDX-License-Identifier: BSD-2-Clause */
/* The hart. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <asm/block.h>
#include <asm/csr.h>
#include <asm/word.h>
#include <base.h>

/* X(constant, name): ISA extensions as device trees name them */
#define EXTENSIONS(X)							\
	X(CPU_ISA_A, "a") X(CPU_ISA_C, "c") X(CPU_ISA_D, "d")		\
	X(CPU_ISA_F, "f") X(CPU_ISA_H, "h") X(CPU_ISA_M, "m")		\
	X(CPU_ISA_V, "v")						\
	X(CPU_SSCOFPMF, "sscofpmf") X(CPU_SSTC, "sstc")			\
	X(CPU_SSDBLTRP, "ssdbltrp") X(CPU_SVADE, "svade")		\
	X(CPU_SVADU, "svadu") X(CPU_SVINVAL, "svinval")			\
	X(CPU_SVNAPOT, "svnapot")					\
	X(CPU_SVPBMT, "svpbmt") X(CPU_ZBA, "zba") X(CPU_ZBB, "zbb")	\
	X(CPU_ZBC, "zbc") X(CPU_ZBS, "zbs")				\
	X(CPU_ZICBOM, "zicbom") X(CPU_ZICBOZ, "zicboz")			\
	X(CPU_ZIHINTPAUSE, "zihintpause") X(CPU_ZKR, "zkr")		\
	X(CPU_NEVER, "znone")

/* For REQUIRES and LACKS: what the device tree says of the boot hart. */
enum cpu_feature {
	CPU_FEATURES_BEGIN,
#define EXTENSION_CONSTANT(constant, name) constant,
	EXTENSIONS(EXTENSION_CONSTANT)
#undef EXTENSION_CONSTANT
};

#define HYPERVISOR_KVM	"kvm"
#define HYPERVISOR_TCG	"tcg"
/* The firmware, up to this version. */
#define HYPERVISOR_OPENSBI_1_6	"OpenSBI 1.6"

static inline void irq_enable(void)
{
	csr_set(CSR_SSTATUS, SSTATUS_SIE);
}

static inline void irq_disable(void)
{
	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
}

/* Let in what is pending. */
static inline void irq_window(void)
{
	asm volatile("csrsi sstatus, 2\n\tnop\n\tcsrci sstatus, 2" : : : "memory");
}

static inline void cpu_relax(void)
{
	/* PAUSE (Zihintpause): a hint, and nothing where it is not known. */
	asm volatile(".4byte 0x0100000f" : : : "memory");
}

static inline void tlb_flush(void)
{
	asm volatile("sfence.vma" : : : "memory");
}

static inline void tlb_flush_page(const void *address)
{
	asm volatile("sfence.vma %0, zero" : : "r"(address) : "memory");
}

static inline void code_changed(void)
{
	asm volatile("fence.i" : : : "memory");
}

#endif
