/* SPDX-License-Identifier: BSD-2-Clause */
/* What a boot loader tells by a device tree, where that is how it tells. */
#ifndef BOOT_TREE_H
#define BOOT_TREE_H

#include <base.h>

/**
 * boot_tree_open() - look at the tree, and tell of the RAM in it (boot_add_memory())
 * @blob: what the loader left
 *
 * May be called before there is translation or a console.  Returns false, and nothing is
 * told, if @blob is none.
 */
bool boot_tree_open(const void *blob);

/**
 * boot_tree_read() - the rest of boot_info: arguments, environment
 *
 * Both, and the tree, are moved to behind the image, so that all memory from
 * boot_info.free on is free.  Panics if there is no tree.
 */
void boot_tree_read(void);

/**
 * boot_tree_cpu() - the node of the @index-th CPU that may be used, or FDT_NONE
 * boot_tree_cpus() - how many there are
 */
int boot_tree_cpu(unsigned int index);
unsigned int boot_tree_cpus(void);

#endif
