/* SPDX-License-Identifier: BSD-2-Clause */
/* Images that are UEFI applications: QEMU starts firmware, and that the image. */
#ifndef HOST_RUNNER_EFI_H
#define HOST_RUNNER_EFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct words;

#define EFI_TIMEOUT_NS	10000000000ull	/* more for a case, since firmware starts first */

/**
 * efi_is() - is it a UEFI application, by its name?
 * @image: path
 */
bool efi_is(const char *image);

/**
 * efi_options() - add what such an image's machine has unless options say otherwise
 * @options: QEMU's: 256 MiB of memory, and as many CPUs as EFI_SMP says
 */
void efi_options(struct words *options);

/**
 * efi_refuses() - can it be started this way?
 * @job: with a UEFI application
 * @why: if not, a one-line reason
 * @size: bytes at @why
 *
 * Returns what a backend's refuses() does.
 */
int efi_refuses(struct job *job, char *why, size_t size);

/**
 * efi_ready() - is there firmware?
 * @job: with a UEFI application
 * @why: if not, a one-line reason
 * @size: bytes at @why
 */
bool efi_ready(const struct job *job, char *why, size_t size);

/**
 * efi_words() - append QEMU's words for firmware and image
 * @job: with a UEFI application
 * @argv: where to
 */
void efi_words(struct job *job, struct words *argv);

/**
 * efi_has_environment() - does the firmware hand a guest's environment on?
 * @job: with a UEFI application
 */
bool efi_has_environment(const struct job *job);

/**
 * efi_line() - take what firmware does to the screen out of a line
 * @text: changed in place
 *
 * Returns whether anything is left of it.
 */
bool efi_line(char *text);

#endif
