/* SPDX-License-Identifier: BSD-2-Clause */
/* Local APIC and I/O APIC registers (SDM 3A, APIC chapter; 82093AA). */
#ifndef DEFS_APIC_H
#define DEFS_APIC_H

#define APIC_DEFAULT_BASE	0xfee00000u

/* xAPIC offsets; x2APIC's MSR is MSR_X2APIC + offset / 16 */
#define APIC_ID		0x020
#define APIC_VERSION	0x030
#define APIC_TPR	0x080
#define APIC_PPR	0x0a0
#define APIC_EOI	0x0b0
#define APIC_LDR	0x0d0
#define APIC_DFR	0x0e0
#define APIC_SVR	0x0f0
#define APIC_ISR	0x100
#define APIC_TMR	0x180
#define APIC_IRR	0x200
#define APIC_ESR	0x280
#define APIC_LVT_CMCI	0x2f0
#define APIC_ICR	0x300
#define APIC_ICR2	0x310	/* xAPIC only: destination */
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PMC	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3e0
#define APIC_SELF_IPI	0x3f0	/* x2APIC only */

#define APIC_SVR_ENABLE		0x100

#define APIC_DM_FIXED		0x000
#define APIC_DM_LOWEST		0x100
#define APIC_DM_SMI		0x200
#define APIC_DM_NMI		0x400
#define APIC_DM_INIT		0x500
#define APIC_DM_STARTUP		0x600
#define APIC_DM_EXTINT		0x700
#define APIC_DEST_LOGICAL	0x800
#define APIC_ICR_BUSY		0x1000
#define APIC_INT_ASSERT		0x4000
#define APIC_INT_LEVEL		0x8000
#define APIC_DEST_SELF		0x40000
#define APIC_DEST_ALL		0x80000
#define APIC_DEST_OTHERS	0xc0000

#define APIC_LVT_MASKED		0x10000
#define APIC_LVT_TIMER_ONESHOT	0x00000
#define APIC_LVT_TIMER_PERIODIC	0x20000
#define APIC_LVT_TIMER_DEADLINE	0x40000
#define APIC_TDCR_BY_1		0xb

#define IOAPIC_BASE		0xfec00000u
#define IOAPIC_SELECT		0x00
#define IOAPIC_WINDOW		0x10
#define IOAPIC_REG_ID		0x00
#define IOAPIC_REG_VERSION	0x01
#define IOAPIC_REG_ARB		0x02
#define IOAPIC_REG_ENTRY	0x10	/* two registers an input */
#define IOAPIC_MASKED		0x10000
#define IOAPIC_LEVEL		0x08000
#define IOAPIC_REMOTE_IRR	0x04000
#define IOAPIC_ACTIVE_LOW	0x02000

#endif
