/* SPDX-License-Identifier: BSD-2-Clause */
/* Service calls and what they tell about the machine. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <sclp.h>

static struct sccb info __attribute__((aligned(4096)));

unsigned int sclp_call(u32 command, struct sccb *sccb)
{
	struct cpu *cpu = cpu_self();
	u64 cr0 = ctl_read(0), mask = psw_mask();
	int cc;

	irq_disable();
	ctl_write(0, (cr0 & ~CR0_SUBCLASSES) | CR0_SERVICE);
	cpu->sclp_done = 0;
	cpu->sclp_waits = true;
	while ((cc = servc(command, sccb)) == 2)
		cpu_relax();
	/* Others may come before: events that nobody asked for. */
	while (!cc && cpu->sclp_done != (uintptr_t)sccb)
		cpu_wait(PSW_EXT);
	cpu->sclp_waits = false;
	ctl_write(0, cr0);
	if (mask & PSW_EXT)
		irq_enable();
	return cc ? 0 : sccb->response;
}

u64 sclp_number(const struct sccb *sccb, unsigned int offset, unsigned int bytes)
{
	u64 value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value = value << 8 | SCCB_BYTE(sccb, offset + i);
	return value;
}

const struct sccb *sclp_info(void)
{
	static const u32 commands[] = { SCLP_READ_SCP_INFO_FORCED, SCLP_READ_SCP_INFO };

	for (unsigned int i = 0; i < ARRAY_SIZE(commands) && !info.response; i++) {
		memset(&info, 0, sizeof(info));
		info.length = sizeof(info);
		info.control[2] = 0x80;		/* variable-length response */
		if (sclp_call(commands[i], &info) != SCLP_READ_COMPLETION)
			info.response = 0;
	}
	return &info;
}

u64 sclp_memory(void)
{
	const struct sccb *sccb = sclp_info();
	u64 increments = sclp_number(sccb, SCP_INCREMENTS, 2);
	u64 mib = sclp_number(sccb, SCP_INCREMENT_MIB, 1);

	if (!increments)
		increments = sclp_number(sccb, SCP_INCREMENTS2, 8);
	if (!mib)
		mib = sclp_number(sccb, SCP_INCREMENT_MIB2, 4);
	return increments * mib << 20;
}

unsigned int sclp_cpu_count(void)
{
	return sclp_number(sclp_info(), SCP_CPUS, 2);
}

u16 sclp_cpu_address(unsigned int n)
{
	unsigned int at = sclp_number(sclp_info(), SCP_CPU_OFFSET, 2) + n * SCP_CPU_SIZE;

	return at < sizeof(info) ? SCCB_BYTE(&info, at) : 0;
}

bool sclp_feature(unsigned int byte, unsigned int bit)
{
	/* What lies in front of the first CPU's entry is the header. */
	return byte < sclp_number(sclp_info(), SCP_CPU_OFFSET, 2) &&
		SCCB_BYTE(&info, byte) >> (7 - bit) & 1;
}

bool sclp_cpu_feature(unsigned int byte, unsigned int bit)
{
	unsigned int at = sclp_number(sclp_info(), SCP_CPU_OFFSET, 2) + byte;

	return at < sizeof(info) && byte < SCP_CPU_SIZE &&
		SCCB_BYTE(&info, at) >> (7 - bit) & 1;
}
