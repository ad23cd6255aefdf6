/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TESTs that end badly, each in its own way: what Flatbed's own tests look at.
 * Nothing here is about a hypervisor.
 */
#include <smp.h>
#include <test.h>

static volatile u32 counter;

static __attribute__((noinline)) void spin(void *arg)
{
	(void)arg;
	for (;;)
		counter++;
}

static __attribute__((noinline)) void wait_for(volatile u32 *flag)
{
	while (!*flag)
		cpu_relax();
}

TEST(quick, "an image that ends well")
{
	EXPECT(true);
}

TEST(spins, "a CPU that turns in a circle")
{
	spin(NULL);
}

TEST(halts, "HLT with interrupts off: nothing is left to wake the CPU")
{
	asm volatile("cli; hlt");
}

TEST(waits, "one CPU waits for another's work, which has no end", CPUS(2))
{
	on_cpu(1, spin, NULL);
}

TEST(stuck, "an instruction that needs itself first: a jump to itself")
{
	asm volatile("1: jmp 1b");
}

TEST(chatters, "exits without end")
{
	for (;;)
		asm volatile("outb %al, $0x80");
}

TEST(dies, "a fault with no handler, and none for the fault of that")
{
	struct {
		u16 limit;
		unsigned long base;
	} __attribute__((packed)) none = { 0 };

	asm volatile("lidt %0; ud2" : : "m"(none));
}

TEST(unclaimed, "accesses where no device is")
{
	u8 byte;

	asm volatile("inb %w1, %0" : "=a"(byte) : "d"(0x4999));
	asm volatile("outb %0, %w1" : : "a"((u8)0x5a), "d"(0x4998));
	EXPECT_EQ(byte, 0xff);
}

TEST(loops, "ten rounds, for a debugger to watch")
{
	for (counter = 0; counter < 10; )
		counter++;
	EXPECT_EQ(counter, 10);
}

TEST(forever, "a CPU that waits until a debugger tells it")
{
	counter = 0;
	wait_for(&counter);
	EXPECT(counter);
}
