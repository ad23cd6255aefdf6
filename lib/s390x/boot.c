/* SPDX-License-Identifier: BSD-2-Clause */
/* From the door to translation: what the loader and SCLP tell. */
#include <boot.h>
#include <device.h>
#include <exception.h>
#include <paging.h>
#include <sclp.h>

/* start.S: where loaders leave things. */
extern u64 start_parameters[3];
extern char start_command_line[];
extern u8 cpu0[];
void start_boot_cpu(void) __attribute__((noreturn));

void start_boot_cpu(void)
{
	lowcore.block = (struct cpu *)cpu0;
	vectors_install(&lowcore, 0);
	image_main();
}

/* Behind the image, so that the memory around where it was loaded can be handed out. */
static void environment_take(void)
{
	const char *at = (const char *)start_parameters[1];
	size_t size = start_parameters[2];

	boot_info.free = (uintptr_t)image_end;
	if (!at || !size)
		return;
	boot_info.environment = memmove(image_end, at, size);
	boot_info.environment_size = size;
	boot_info.free += size;
}

void boot_read(void)
{
	u64 memory = sclp_memory();

	boot_info.door = "IPL";
	boot_info.no_image_name = true;
	boot_info.command_line = start_command_line;
	if (!memory)
		panic("SCLP does not tell how much memory there is");
	boot_add_memory(0, memory);
	environment_take();
	paging_init(memory);
}
