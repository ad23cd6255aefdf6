/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What firmware leaves: the image where its header wants it (Linux,
 * arch/riscv/boot-image-header.rst), a device tree and the environment at the end of
 * memory, and hart 0 at the image's first byte, in supervisor mode.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/tree.h"
#include "vmm/machine.h"
#include "vmm/raw_boot.h"
#include "vmm/riscv/platform.h"

#define OFFSET		0x200000ull
#define CONTROLLER(hart)	((hart) + 1)	/* phandle of its interrupt controller */

struct boot_door loader_load(const char *path)
{
	static const struct raw_header header = {
		.magic_at = 48, .magic = "RISCV", .offset_at = 8,
	};
	struct boot_door door = { .entry = raw_load(path, &header, OFFSET) };

	machine.end->image_at = door.entry;
	return door;
}

/* The letters that are bits of misa (privileged ISA, 3.1.1), in their order. */
static char *isa_text(void)
{
	static const char order[] = "imafdqlcbjtpvnhkorwxyzg";
	uint64_t isa = register_get(&machine.vcpus[0], CONFIG_REG(isa));
	struct buf text = { 0 };

	buf_puts(&text, "rv64");
	for (const char *c = order; *c; c++)
		if (isa >> (*c - 'a') & 1)
			buf_printf(&text, "%c", *c);
	return buf_take(&text);
}

static void harts_describe(struct tree *tree)
{
	char name[32], *isa = isa_text();

	tree_open(tree, "cpus");
	tree_cells(tree, "#address-cells", 1, 1u);
	tree_cells(tree, "#size-cells", 1, 0u);
	tree_cells(tree, "timebase-frequency", 1,
		   (unsigned int)register_get(&machine.vcpus[0], TIMER_REG(frequency)));
	for (unsigned int i = 0; i < machine.config->cpus; i++) {
		snprintf(name, sizeof(name), "cpu@%x", i);
		tree_open(tree, name);
		tree_text(tree, "device_type", "cpu");
		tree_text(tree, "compatible", "riscv");
		tree_text(tree, "riscv,isa", isa);
		tree_text(tree, "mmu-type", "riscv,sv39");
		tree_text(tree, "status", "okay");
		tree_cells(tree, "reg", 1, i);
		tree_open(tree, "interrupt-controller");
		tree_text(tree, "compatible", "riscv,cpu-intc");
		tree_cells(tree, "#interrupt-cells", 1, 1u);
		tree_flag(tree, "interrupt-controller");
		tree_cells(tree, "phandle", 1, CONTROLLER(i));
		tree_close(tree);
		tree_close(tree);
	}
	tree_close(tree);
	free(isa);
}

static void uart_describe(struct tree *tree)
{
	tree_open(tree, "serial@10000000");
	tree_text(tree, "compatible", "ns16550a");
	tree_region(tree, 2, UART_BASE, (uint64_t)0x100);
	tree_close(tree);
}

static gpa_t place_tree(void)
{
	struct tree tree = { 0 };

	raw_tree_begin(&tree, "riscv-virtio");
	harts_describe(&tree);
	uart_describe(&tree);
	return raw_tree_end(&tree, "/serial@10000000");
}

void boot_prepare(struct boot_door door)
{
	const struct vcpu *vcpu = &machine.vcpus[0];
	bool good = register_set(vcpu, CORE_REG(regs.pc), door.entry) &&
		register_set(vcpu, CORE_REG(regs.a0), 0) &&
		register_set(vcpu, CORE_REG(regs.a1), place_tree());

	must(good ? 0 : -1, "the boot hart's registers");
}
