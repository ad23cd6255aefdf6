/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk for UEFI firmware to start an image from. */
#ifndef HOST_RUNNER_EFI_VOLUME_H
#define HOST_RUNNER_EFI_VOLUME_H

#include <stddef.h>

#define EFI_VOLUME_FILE_MAX	(1ull << 30)	/* bytes of an image */

/**
 * efi_volume_make() - a FAT16 volume with one file, EFI/BOOT/NAME
 * @name: of the file, as in a directory: eight letters and three, with blanks
 * @bytes: its contents, and
 * @size: how many; at most EFI_VOLUME_FILE_MAX
 * @length: set to the volume's size in bytes
 *
 * Firmware starts the file of that name on removable media (UEFI
 * specification, 3.5.1.1).  Returns the volume, for the caller to free.
 */
void *efi_volume_make(const char name[11], const void *bytes, size_t size, size_t *length);

#endif
