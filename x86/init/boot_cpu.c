/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * INIT and reset of the boot CPU, by all the ways that a PC has (ICH datasheets, "Port
 * 92", "RST_CNT"; i8042): firmware goes on by the shutdown code in CMOS.
 */
#include <acpi.h>
#include <apic.h>
#include <boot.h>
#include <clock.h>
#include <resume.h>
#include <rtc.h>
#include <test.h>

/* Where firmware goes on after INIT, by the shutdown code (IBM AT). */
#define SHUTDOWN_CODE	0x0f
#define CODE_JUMP	0x0a
#define FAR_POINTER	0x467

static void init_port_a(void)
{
	out8(0x92, in8(0x92) & ~1);
	out8(0x92, in8(0x92) | 1);
}

static void init_keyboard(void)
{
	out8(0x64, 0xfe);
}

static void init_output_port(void)
{
	out8(0x64, 0xd0);
	while (!(in8(0x64) & 1))
		cpu_relax();
	in8(0x60);
	out8(0x64, 0xd1);
	while (in8(0x64) & 2)
		cpu_relax();
	out8(0x60, 0xce);
}

static void init_reset_control(void)
{
	out8(0xcf9, 0);
	out8(0xcf9, 4);
}

static void init_apic(void)
{
	apic_enable();
	apic_ipi(APIC_DM_INIT | APIC_INT_ASSERT, apic_id());
}

static const struct {
	const char *name;
	void (*run)(void);
} inits[] = {
	{ "port 0x92", init_port_a },
	{ "i8042 pulse", init_keyboard },
	{ "i8042 output port", init_output_port },
	{ "port 0xcf9", init_reset_control },
	{ "APIC", init_apic },
};

TEST(init, "INIT starts the boot CPU at firmware, which obeys the shutdown code",
     REQUIRES(CPU_APIC))
{
	struct jump jump;

	if (!boot_info.host)
		return skip("only the reference VMM goes on after it");
	for_each(init, inits) SUBTEST("%s", init->name) {
		volatile u16 *pointer = (u16 *)FAR_POINTER;
		volatile u32 visits = 0;

		asm("" : "+r"(pointer));
		pointer[0] = 0;
		pointer[1] = RESUME_PAGE >> 4;
		rtc_write(SHUTDOWN_CODE, CODE_JUMP);
		resume_prepare(&jump);
		if (!jump_set(&jump)) {
			init->run();
			for (unsigned int i = 0; i < 10000; i++)
				delay_us(100);
			EXPECT(!"reset");
			break;
		}
		visits++;
		EXPECT_EQ(visits, 1);
		EXPECT_EQ(rtc_read(SHUTDOWN_CODE), 0);
		if (init->run == init_port_a)
			EXPECT(in8(0x92) & 1);
	}
}

TEST(hard_reset, "a hard reset through 0xcf9 ends the run", ENDS(SHUTDOWN))
{
	if (!acpi_table("FACP"))
		return skip("no ACPI");		/* nor anything that would end a run */
	out8(0xcf9, 2);
	out8(0xcf9, 6);
	for (unsigned int i = 0; i < 10000; i++)
		delay_us(100);
	EXPECT(!"reset");
}
