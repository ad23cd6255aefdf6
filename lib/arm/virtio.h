/* SPDX-License-Identifier: BSD-2-Clause */
/* As much of virtio as a console for the verdict takes (Virtio 1.2, 4.2 and 5.3). */
#ifndef VIRTIO_H
#define VIRTIO_H

#include <base.h>

/**
 * virtio_console_write() - bytes to the first virtio console on virtio-mmio
 *
 * Returns false if there is none, or it does not take them.
 */
bool virtio_console_write(const char *text, size_t size);

#endif
