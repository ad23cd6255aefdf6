/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a boot loader leaves: the image where its header wants it (Linux,
 * arch/arm64/booting.rst; without a header, as QEMU has it), a device tree and the
 * environment at the end of memory, and the boot CPU at the image's first byte.
 */
#include <stdio.h>

#include "base/tree.h"
#include "vmm/arm/platform.h"
#include "vmm/machine.h"
#include "vmm/raw_boot.h"

#define OFFSET_64	0x80000ull
#define OFFSET_32	0x10000ull
#define PHANDLE_GIC	1u
#define SPI		0u
#define PPI		1u
#define LEVEL		4u

#define PSTATE_EL1H_MASKED	0x3c5ull	/* DDI 0487, C5.2.19: DAIF set */
#define PSTATE_SVC_MASKED	0x1d3ull	/* A, I, F set; Supervisor mode */

struct boot_door loader_load(const char *path)
{
	static const struct raw_header header = {
		.magic_at = 56, .magic = "ARM\x64", .offset_at = 8,
	};
	const bool is_32bit = cpu_model()->is_32bit;
	struct boot_door door = {
		.entry = raw_load(path, is_32bit ? NULL : &header,
				  is_32bit ? OFFSET_32 : OFFSET_64),
	};

	/* AArch32's images are linked where they lie. */
	if (!is_32bit)
		machine.end->image_at = door.entry;
	return door;
}

static void cpus_describe(struct tree *tree)
{
	char name[32];

	tree_open(tree, "cpus");
	tree_cells(tree, "#address-cells", 1, 1u);
	tree_cells(tree, "#size-cells", 1, 0u);
	for (unsigned int i = 0; i < machine.config->cpus; i++) {
		unsigned int mpidr = mpidr_of(&machine.vcpus[i]);

		snprintf(name, sizeof(name), "cpu@%x", mpidr);
		tree_open(tree, name);
		tree_text(tree, "device_type", "cpu");
		tree_text(tree, "compatible", "arm,arm-v8");
		tree_text(tree, "enable-method", "psci");
		tree_cells(tree, "reg", 1, mpidr);
		tree_close(tree);
	}
	tree_close(tree);
}

static void gic_describe(struct tree *tree)
{
	const uint64_t redistributors = 0x20000ull * machine.config->cpus;

	tree_open(tree, "intc@8000000");
	tree_cells(tree, "#interrupt-cells", 1, 3u);
	tree_flag(tree, "interrupt-controller");
	tree_cells(tree, "phandle", 1, PHANDLE_GIC);
	tree_cells(tree, "#address-cells", 1, 2u);
	tree_cells(tree, "#size-cells", 1, 2u);
	tree_flag(tree, "ranges");
	if (gic_version() == 3) {
		tree_text(tree, "compatible", "arm,gic-v3");
		tree_region(tree, 4, GICD_BASE, (uint64_t)0x10000, GICR_BASE, redistributors);
	} else {
		tree_text(tree, "compatible", "arm,cortex-a15-gic");
		tree_region(tree, 4, GICD_BASE, (uint64_t)0x10000, GICC_BASE, (uint64_t)0x2000);
	}
	if (its_there()) {
		tree_open(tree, "its@8080000");
		tree_text(tree, "compatible", "arm,gic-v3-its");
		tree_flag(tree, "msi-controller");
		tree_cells(tree, "#msi-cells", 1, 1u);
		tree_region(tree, 2, ITS_BASE, (uint64_t)0x20000);
		tree_close(tree);
	}
	tree_close(tree);
}

static void devices_describe(struct tree *tree)
{
	tree_open(tree, "timer");
	tree_text(tree, "compatible",
		  cpu_model()->is_32bit ? "arm,armv7-timer" : "arm,armv8-timer");
	/* Secure, physical, virtual, hypervisor's: INTIDs 29, 30, 27, 26. */
	tree_cells(tree, "interrupts", 12, PPI, 13u, LEVEL, PPI, 14u, LEVEL,
		   PPI, 11u, LEVEL, PPI, 10u, LEVEL);
	tree_flag(tree, "always-on");
	tree_close(tree);

	tree_open(tree, "psci");
	tree_bytes(tree, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
	tree_text(tree, "method", "hvc");
	tree_close(tree);

	if (cpu_model()->pmu) {
		tree_open(tree, "pmu");
		tree_text(tree, "compatible", "arm,armv8-pmuv3");
		tree_cells(tree, "interrupts", 3, PPI, 7u, LEVEL);
		tree_close(tree);
	}

	tree_open(tree, "pl011@9000000");
	tree_bytes(tree, "compatible", "arm,pl011\0arm,primecell", 24);
	tree_region(tree, 2, UART_BASE, (uint64_t)0x1000);
	tree_cells(tree, "interrupts", 3, SPI, (unsigned int)UART_SPI, LEVEL);
	tree_close(tree);
}

static gpa_t place_tree(void)
{
	struct tree tree = { 0 };

	raw_tree_begin(&tree, "linux,dummy-virt");
	tree_cells(&tree, "interrupt-parent", 1, PHANDLE_GIC);
	cpus_describe(&tree);
	gic_describe(&tree);
	devices_describe(&tree);
	return raw_tree_end(&tree, "/pl011@9000000");
}

void boot_prepare(struct boot_door door)
{
	const struct vcpu *vcpu = &machine.vcpus[0];
	const bool is_32bit = cpu_model()->is_32bit;
	gpa_t tree = place_tree();
	bool good;

	/* AArch32's R0 to R2 are X0 to X2: R1 is a machine's number, R2 the tree. */
	good = register_set(vcpu, CORE_REG(regs.pc), door.entry) &&
		register_set(vcpu, CORE_REG(regs.pstate),
			     is_32bit ? PSTATE_SVC_MASKED : PSTATE_EL1H_MASKED) &&
		register_set(vcpu, CORE_REG(regs.regs[0]), is_32bit ? 0 : tree) &&
		register_set(vcpu, CORE_REG(regs.regs[1]), is_32bit ? ~0u : 0) &&
		register_set(vcpu, CORE_REG(regs.regs[2]), is_32bit ? tree : 0);
	must(good ? 0 : -1, "the boot CPU's registers");
}
