/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UEFI applications on QEMU.  The firmware of arm64 takes the image as it takes a
 * kernel, with arguments and environment.  QEMU's x86 loader knows no PE files:
 * there the image is on a disk, which firmware looks for and starts.
 */
#include "runner/efi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/arch.h"
#include "runner/efi_volume.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"
#include "runner/settings.h"

#define LIST(...)	((const char *const[]){ __VA_ARGS__, NULL })

struct target {
	const char *arch;
	const char *file;		/* on the disk; NULL: needs none */
	const char *const *firmware;	/* where distributions have it; ended by NULL */
	const char *package;
};

static const struct target targets[] = {
	{ "x86_64", "BOOTX64 EFI",
	  LIST("/usr/share/ovmf/OVMF.fd", "/usr/share/edk2/ovmf/OVMF_CODE.fd",
	       "/usr/share/edk2/x64/OVMF.4m.fd", "/usr/share/qemu/ovmf-x86_64.bin"), "ovmf" },
	{ "arm64", NULL,
	  LIST("/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
	       "/usr/share/edk2/aarch64/QEMU_EFI.silent.fd",
	       "/usr/share/edk2/aarch64/QEMU_EFI.fd", "/usr/share/qemu/aavmf-aarch64-code.bin"),
	  "qemu-efi-aarch64" },
};

static const struct target *target_of(const struct job *job)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (!strcmp(targets[i].arch, job->session->target->name))
			return &targets[i];
	return NULL;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* The user's, or the first that is there; if none is, the one that should be. */
static const char *firmware_of(const struct target *target)
{
	const char *given = environment("EFI_UEFI");

	for (size_t i = 0; !given && target->firmware[i]; i++)
		if (!access(target->firmware[i], R_OK))
			return target->firmware[i];
	return given ? given : *target->firmware;
}

bool efi_is(const char *image)
{
	const char *dot = strrchr(image, '.');

	return dot && !strcmp(dot, ".efi");
}

void efi_options(struct words *options)
{
	const char *cpus = environment("EFI_SMP");
	bool memory = false;

	for (size_t i = 0; i < options->count; i++)
		memory |= !strcmp(options->word[i], "-m");
	if (!memory) {
		words_add(options, "-m");
		words_add(options, "256");
	}
	if (cpus) {
		words_add(options, "-smp");
		words_add(options, cpus);
	}
}

int efi_refuses(struct job *job, char *why, size_t size)
{
	const struct target *target = target_of(job);

	if (!target)
		snprintf(why, size, "UEFI images of %s are not supported",
			 job->session->target->name);
	else if (target->file && (job->machine.append || job->machine.initrd))
		snprintf(why, size, "UEFI images of %s take no %s", target->arch,
			 job->machine.append ? "arguments" : "-initrd");
	else
		return 0;
	return 1;
}

bool efi_ready(const struct job *job, char *why, size_t size)
{
	const struct target *target = target_of(job);
	const char *firmware = firmware_of(target);

	if (!access(firmware, R_OK)) {
		if (job->plan.size <= EFI_VOLUME_FILE_MAX)
			return true;
		snprintf(why, size, "%s is too large for a disk", job->image);
	} else if (environment("EFI_UEFI")) {
		snprintf(why, size, "EFI_UEFI=%s is no UEFI firmware to be read", firmware);
	} else {
		snprintf(why, size, "no UEFI firmware was found, such as %s.  Install it (apt-get "
			 "install %s), or say where it is by EFI_UEFI=<path>", firmware,
			 target->package);
	}
	return false;
}

/* A descriptor of the disk that exists as long as the boot. */
static int disk_make(struct job *job, const char *name)
{
	size_t size;
	void *volume = efi_volume_make(name, job->plan.map, job->plan.map ? job->plan.size : 0,
				       &size);
	int fd = boot_file(&job->boot, volume, size);

	free(volume);
	return fd;
}

void efi_words(struct job *job, struct words *argv)
{
	const struct target *target = target_of(job);
	const char *firmware = firmware_of(target), *acpi = environment("EFI_USE_ACPI");
	struct buf drive = { 0 };

	if (!target->file) {
		if (!acpi || strcmp(acpi, "y"))
			words_split(argv, "-machine acpi=off");
		words_add(argv, "-bios");
		words_add(argv, firmware);
		words_add(argv, "-kernel");
		words_add(argv, job->image);
		return;
	}
	buf_printf(&drive, "if=pflash,format=raw,readonly=on,file=%s", firmware);
	words_add(argv, "-drive");
	words_add(argv, buf_text(&drive));
	drive.length = 0;
	buf_puts(&drive, "if=virtio,format=raw,readonly=on,file=");
	if (job->boot.starting)
		buf_printf(&drive, "/dev/fd/%d", disk_make(job, target->file));
	else
		buf_printf(&drive, "DISK-WITH-%s", job->image);
	words_add(argv, "-drive");
	words_add(argv, buf_text(&drive));
	buf_free(&drive);
}

bool efi_has_environment(const struct job *job)
{
	return !target_of(job)->file;
}

/* Sequences of ECMA-48: ESC '[', parameters, a letter. */
bool efi_line(char *text)
{
	char *to = text;
	bool changed = false;

	for (const char *from = text; *from;) {
		if (from[0] == '\033' && from[1] == '[') {
			from += 2 + strspn(from + 2, "0123456789;=?");
			from += *from != '\0';
			changed = true;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return !changed || (*text && strcmp(text, "\r"));
}
