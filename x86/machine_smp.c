/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other CPUs start as images from elsewhere start them: one INIT and one start-up
 * IPI at all others, vector 0, so that they begin at physical address 0 (SDM 3A,
 * "Multiple-Processor (MP) Initialization").
 */
#include <apic.h>
#include <clock.h>
#include <smp.h>
#include <test.h>

#define COUNTER		0x500u

/* lock incw 0x500; 1: cli; hlt; jmp 1b: 16-bit code, DS is 0 after INIT */
static const u8 code[] = {
	0xf0, 0xff, 0x06, COUNTER & 0xff, COUNTER >> 8, 0xfa, 0xf4, 0xeb, 0xfc,
};

TEST(page0, "all other CPUs come to address 0, once each", CPUS(2))
{
	volatile u8 *zero = NULL;
	volatile u16 *counter = (u16 *)COUNTER;
	u8 old[sizeof(code)];

	asm("" : "+r"(zero), "+r"(counter));	/* the compiler knows of no such memory */
	for (unsigned int i = 0; i < sizeof(code); i++) {
		old[i] = zero[i];
		zero[i] = code[i];
	}
	*counter = 0;
	apic_enable();
	apic_ipi(APIC_DM_INIT | APIC_INT_ASSERT | APIC_DEST_OTHERS, 0);
	apic_ipi(APIC_DM_STARTUP | APIC_INT_ASSERT | APIC_DEST_OTHERS, 0);
	for (unsigned int i = 0; i < 50000 && *counter < cpu_count() - 1; i++)
		delay_us(100);
	delay_us(1000);
	EXPECT_EQ(*counter, cpu_count() - 1);
	for (unsigned int i = 0; i < sizeof(code); i++)
		zero[i] = old[i];
}
