/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's words for a machine of each architecture: its console on standard
 * output, a device or a line for the status, and nothing that no test uses.
 * The case's own options come behind, and win.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/cfg.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"

static void words_all(struct words *argv, const char *text)
{
	words_split(argv, text);
}

static void word_pair(struct words *argv, const char *option, const char *value)
{
	words_add(argv, option);
	words_add(argv, value);
}

static const char *environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static void pci_testdev_add(struct job *job, struct words *argv)
{
	if (job->session->vmms.qemu_may_have)
		word_pair(argv, "-device", "pci-testdev");
}

/* Properties behind a comma belong to -accel, where they exist at all. */
static void accel_add(struct job *job, struct words *argv)
{
	struct buf machine = { 0 };

	buf_printf(&machine, "accel=%s", job->accel);
	if (strchr(job->accel, ','))
		word_pair(argv, "-accel", job->accel);
	else
		word_pair(argv, "-machine", buf_text(&machine));
	buf_free(&machine);
}

void qemu_x86(struct job *job, struct words *argv)
{
	words_all(argv, "--no-reboot -nodefaults -global kvm-pit.lost_tick_policy=discard "
		  "-device pc-testdev -device isa-debug-exit,iobase=0xf4,iosize=0x4 "
		  "-display none -serial stdio");
	pci_testdev_add(job, argv);
	accel_add(job, argv);
}

/* The status leaves by a console device to which the image writes "CODEq". */
void qemu_arm(struct job *job, struct words *argv)
{
	bool wide = !strcmp(job->session->target->name, "arm64");
	bool kvm = accel_is(job->accel, "kvm"), hvf = accel_is(job->accel, "hvf");
	const char *el2 = environment("EL2", "");
	struct buf machine = { 0 };

	buf_printf(&machine, "virt%s%s%s", kvm ? ",gic-version=host" : "",
		   wide ? "" : ",highmem=off",
		   strchr("1yY", *el2) && *el2 ? ",virtualization=on" : "");
	words_all(argv, "-no-reboot -nodefaults");
	word_pair(argv, "-machine", buf_text(&machine));
	word_pair(argv, "-accel", job->accel);
	word_pair(argv, "-cpu", environment("TARGET_CPU",
		  !kvm && !hvf ? (wide ? "max" : "cortex-a15") :
		  wide ? "host" : "host,aarch64=off"));
	words_all(argv, "-device virtio-serial-device -device virtconsole,chardev=ctd "
		  "-chardev testdev,id=ctd");
	pci_testdev_add(job, argv);
	words_all(argv, "-display none -serial stdio");
	buf_free(&machine);
}

/*
 * Instead of pseries' firmware: at its reset vector, 0x100, a branch to where
 * QEMU puts the image (Power ISA, Book I, 2.4: b with LI = 0x3fff00).
 */
static void pseries_firmware(struct job *job, struct words *argv)
{
	static const unsigned char branch[4] = { 0x48, 0x3f, 0xff, 0x00 };
	unsigned char rom[0x104] = { 0 };
	char name[32] = "boot_rom.bin";

	memcpy(rom + 0x100, branch, sizeof(branch));
	if (job->boot.starting)
		snprintf(name, sizeof(name), "/dev/fd/%d",
			 boot_file(&job->boot, rom, sizeof(rom)));
	word_pair(argv, "-bios", name);
}

void qemu_powerpc(struct job *job, struct words *argv)
{
	const char *type = job->cfg && job->cfg->machine ? job->cfg->machine :
			   environment("MACHINE", "pseries");
	struct buf machine = { 0 };

	words_all(argv, "-nodefaults");
	buf_puts(&machine, type);
	if (strncmp(type, "pseries", 7))
		words_all(argv, "-device ipmi-bmc-sim,id=bmc0 -device isa-ipmi-bt,bmc=bmc0,irq=10");
	else if (accel_is(job->accel, "kvm"))
		buf_puts(&machine, ",cap-ccf-assist=off");
	else
		buf_puts(&machine, ",cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,"
			 "cap-ccf-assist=off");
	word_pair(argv, "-machine", buf_text(&machine));
	word_pair(argv, "-accel", job->accel);
	if (!strncmp(type, "pseries", 7))
		pseries_firmware(job, argv);
	words_all(argv, "-display none -serial stdio");
	buf_free(&machine);
}

/* Protected virtualization is asked for by the image's name, or the case's. */
static bool is_protected(const struct job *job)
{
	size_t name = strlen(job->name), file = strlen(job->file);

	return (name > 3 && !strcmp(job->name + name - 3, "_PV")) ||
	       (file > 7 && !strcmp(job->file + file - 7, ".pv.bin"));
}

void qemu_s390x(struct job *job, struct words *argv)
{
	struct buf machine = { 0 };
	bool protected = is_protected(job);

	buf_printf(&machine, "s390-ccw-virtio%s",
		   protected ? ",confidential-guest-support=pv0" : "");
	word_pair(argv, "-machine", buf_text(&machine));
	word_pair(argv, "-accel", job->accel);
	if (protected)
		word_pair(argv, "-object", "s390-pv-guest,id=pv0");
	words_all(argv, "-nodefaults -nographic -chardev stdio,id=con0 "
		  "-device sclpconsole,chardev=con0");
	buf_free(&machine);
}

void qemu_riscv(struct job *job, struct words *argv)
{
	bool wide = !strcmp(job->session->target->name, "riscv64");
	const char *firmware = environment("FIRMWARE_OVERRIDE", NULL);
	struct buf machine = { 0 };

	buf_printf(&machine, "virt%s", environment("MACHINE_OVERRIDE", ""));
	words_all(argv, "-no-reboot -nodefaults -nographic -serial mon:stdio");
	word_pair(argv, "-machine", buf_text(&machine));
	word_pair(argv, "-accel", job->accel);
	/* QEMU before 8 has no `max` there. */
	word_pair(argv, "-cpu", environment("TARGET_CPU_OVERRIDE",
		  accel_is(job->accel, "kvm") ? "host" :
		  qemu_has_cpu(job->session, "max") ? "max" : wide ? "rv64" : "rv32"));
	if (firmware)
		word_pair(argv, "-bios", firmware);
	buf_free(&machine);
}
