/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a boot loader leaves: multiboot information or PVH start info in low
 * memory that no image writes, and the boot CPU in flat protected mode.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi/boot.h"
#include "abi/host.h"
#include "defs/cr.h"
#include "defs/msr.h"
#include "vmm/host.h"
#include "vmm/machine.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/platform.h"

#define EBDA			0x9fc00ull
#define MEBI			0x100000ull
#define FOUR_GIB		(1ull << 32)
#define MAX_MEMORY		8

struct memory {
	uint64_t base, size;
	uint32_t type;
};

static gpa_t next = BOOT_INFO;

/* Room for @size bytes in the boot area, filled from @from. */
static gpa_t place(const void *from, uint64_t size)
{
	gpa_t at = next;

	if (size > BOOT_INFO_END - next)
		machine_end(NULL, VM_END_ERROR, 0,
			    "command line and environment are longer than %llu bytes",
			    (unsigned long long)(BOOT_INFO_END - BOOT_INFO));
	next = (next + size + 15) & ~15ull;
	ram_write(at, from, size);
	return at;
}

static unsigned int memory_map(struct memory *map)
{
	unsigned int n = 0;

	map[n++] = (struct memory){ 0, EBDA, BOOT_MEMORY_RAM };
	map[n++] = (struct memory){ EBDA, MEBI - EBDA, BOOT_MEMORY_RESERVED };
	map[n++] = (struct memory){ MEBI, ram_below_4g() - MEBI, BOOT_MEMORY_RAM };
	if (host_region_size())
		map[n++] = (struct memory){
			HOST_REGION, host_region_size(), ABI_HOST_MEMORY_TYPE
		};
	if (ram_above_4g())
		map[n++] = (struct memory){ FOUR_GIB, ram_above_4g(),
					    BOOT_MEMORY_RAM };
	return n;
}

/* With a NUL behind it, which @size leaves out. */
static gpa_t place_environment(uint32_t *size)
{
	const struct vm_config *config = machine.config;
	char *text;
	gpa_t at;

	*size = config->environment_size ? config->environment_size :
		strlen(config->environment);
	text = calloc(1, *size + 1ul);
	must(text ? 0 : -1, "memory for the environment");
	memcpy(text, config->environment, *size);
	at = place(text, *size + 1ul);
	free(text);
	return at;
}

static gpa_t place_multiboot(void)
{
	struct memory map[MAX_MEMORY];
	struct multiboot_memory entries[MAX_MEMORY];
	unsigned int n = memory_map(map);
	struct multiboot_info info = {
		.flags = MULTIBOOT_HAS_MEMORY | MULTIBOOT_HAS_CMDLINE |
			 MULTIBOOT_HAS_MODULES | MULTIBOOT_HAS_MAP,
		.mem_lower = EBDA >> 10,
		.mem_upper = (ram_below_4g() - MEBI) >> 10,
	};

	for (unsigned int i = 0; i < n; i++)
		entries[i] = (struct multiboot_memory){
			20, map[i].base, map[i].size, map[i].type
		};
	info.mmap_length = n * sizeof(entries[0]);
	info.mmap_addr = place(entries, info.mmap_length);
	info.cmdline = place(machine.config->command_line,
			     strlen(machine.config->command_line) + 1);
	if (machine.config->environment) {
		struct multiboot_module module = { .string = info.cmdline };

		module.start = place_environment(&module.end);
		module.end += module.start;
		info.mods_count = 1;
		info.mods_addr = place(&module, sizeof(module));
	}
	return place(&info, sizeof(info));
}

static gpa_t place_pvh(void)
{
	struct memory map[MAX_MEMORY];
	struct pvh_memory entries[MAX_MEMORY] = { 0 };
	struct pvh_info info = {
		.magic = PVH_MAGIC, .version = 1, .rsdp = ACPI_TABLES,
	};

	info.memories = memory_map(map);
	for (unsigned int i = 0; i < info.memories; i++)
		entries[i] = (struct pvh_memory){
			map[i].base, map[i].size, map[i].type, 0
		};
	info.memory_map = place(entries, info.memories * sizeof(entries[0]));
	info.cmdline = place(machine.config->command_line,
			     strlen(machine.config->command_line) + 1);
	if (machine.config->environment) {
		struct pvh_module module = { 0 };
		uint32_t size;

		module.start = place_environment(&size);
		module.size = size;
		info.modules = 1;
		info.module_list = place(&module, sizeof(module));
	}
	return place(&info, sizeof(info));
}

static void set_registers(struct vcpu *vcpu, struct boot_door door, gpa_t info)
{
	struct kvm_regs regs = {
		.rip = door.entry, .rax = door.pvh ? 0 : door.eax, .rbx = info,
		.rflags = RFLAGS_FIXED,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 0x10, .type = 3, .present = 1,
		.db = 1, .s = 1, .g = 1,
	};
	struct kvm_sregs sregs;

	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs = data;
	sregs.cs.selector = 8;
	sregs.cs.type = 11;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.cr0 = CR0_PE | CR0_ET;
	/* CPUID says that there is a local APIC as long as its base is enabled. */
	if (machine.config->platform.irqchip == VM_IRQCHIP_OFF)
		sregs.apic_base &= ~(uint64_t)APIC_BASE_EN;
	must(ioctl(vcpu->fd, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	must(ioctl(vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

void boot_prepare(struct boot_door door)
{
	legacy_prepare();
	set_registers(&machine.vcpus[0], door,
		      door.pvh ? place_pvh() : place_multiboot());
}
