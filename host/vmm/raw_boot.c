/* SPDX-License-Identifier: BSD-2-Clause */
/* What loaders of raw images do on every architecture. */
#include "vmm/raw_boot.h"

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/host.h"
#include "vmm/host.h"
#include "vmm/machine.h"

/* Whether @size bytes at @at are in the file, and these. */
static bool is_there(const uint8_t *bytes, uint64_t file, uint64_t at, const void *what,
		     size_t size)
{
	return at + size <= file && !memcmp(bytes + at, what, size);
}

static uint64_t offset_of(const uint8_t *bytes, uint64_t size, const struct raw_header *header,
			  uint64_t otherwise)
{
	uint64_t offset;

	if (!header || header->offset_at + sizeof(offset) > size ||
	    !is_there(bytes, size, header->magic_at, header->magic, strlen(header->magic)))
		return otherwise;
	memcpy(&offset, bytes + header->offset_at, sizeof(offset));
	return le64toh(offset);
}

gpa_t raw_load(const char *path, const struct raw_header *header, uint64_t otherwise)
{
	int fd = must(open(path, O_RDONLY | O_CLOEXEC), path);
	const uint8_t *bytes;
	struct stat st;
	gpa_t at;

	must(fstat(fd, &st), path);
	if (!st.st_size)
		machine_end(NULL, VM_END_ERROR, 0, "%s: empty", path);
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		must(-1, path);
	close(fd);
	if (is_there(bytes, st.st_size, 0, "\177ELF", 4))
		machine_end(NULL, VM_END_ERROR, 0,
			    "%s: an ELF file; machines start raw images, NAME.flat", path);
	at = RAM_BASE + offset_of(bytes, st.st_size, header, otherwise);
	if (!ram_at(at, st.st_size + RAW_TREE_ROOM))
		machine_end(NULL, VM_END_ERROR, 0,
			    "%s: does not fit into the machine's RAM", path);
	ram_write(at, bytes, st.st_size);
	munmap((void *)bytes, st.st_size);
	return at;
}

static gpa_t tree_at(void)
{
	return RAM_BASE + machine.config->memory - RAW_TREE_ROOM;
}

/* Word 0 is the image's own: loaders pass what is behind it. */
static const char *arguments(void)
{
	const char *space = strchr(machine.config->command_line, ' ');

	return space ? space + 1 : "";
}

static void address(struct tree *tree, const char *name, gpa_t at)
{
	tree_cells(tree, name, 2, (unsigned int)(at >> 32), (unsigned int)at);
}

void raw_tree_begin(struct tree *tree, const char *compatible)
{
	tree_open(tree, "");
	tree_cells(tree, "#address-cells", 1, 2u);
	tree_cells(tree, "#size-cells", 1, 2u);
	tree_text(tree, "compatible", compatible);
}

/* The environment, whole, lies below the tree. */
static void chosen_describe(struct tree *tree, const char *console)
{
	const struct vm_config *config = machine.config;
	uint64_t size = !config->environment ? 0 : config->environment_size ?
		config->environment_size : strlen(config->environment);
	gpa_t at = (tree_at() - size) & ~7ull;

	tree_open(tree, "chosen");
	tree_text(tree, "bootargs", arguments());
	tree_text(tree, "stdout-path", console);
	if (size) {
		ram_write(at, config->environment, size);
		address(tree, "linux,initrd-start", at);
		address(tree, "linux,initrd-end", at + size);
	}
	tree_close(tree);
}

/* A node that has its address in its name. */
static void open_at(struct tree *tree, const char *name, gpa_t at)
{
	char text[48];

	snprintf(text, sizeof(text), "%s@%llx", name, (unsigned long long)at);
	tree_open(tree, text);
}

static void memory_describe(struct tree *tree)
{
	open_at(tree, "memory", RAM_BASE);
	tree_text(tree, "device_type", "memory");
	tree_region(tree, 2, RAM_BASE, machine.config->memory);
	tree_close(tree);
}

static void host_describe(struct tree *tree)
{
	if (!host_region_size())
		return;
	open_at(tree, "flatbed-host", HOST_REGION);
	tree_text(tree, "compatible", ABI_HOST_COMPATIBLE);
	tree_region(tree, 2, HOST_REGION, (host_region_size() + LARGEST_PAGE - 1) &
		    ~(LARGEST_PAGE - 1));
	tree_close(tree);
}

gpa_t raw_tree_end(struct tree *tree, const char *console)
{
	size_t size;
	void *blob;

	chosen_describe(tree, console);
	memory_describe(tree);
	host_describe(tree);
	tree_close(tree);
	blob = tree_finish(tree, &size);
	if (size > RAW_TREE_ROOM)
		machine_end(NULL, VM_END_ERROR, 0, "the device tree is longer than %llu bytes",
			    (unsigned long long)RAW_TREE_ROOM);
	ram_write(tree_at(), blob, size);
	free(blob);
	return tree_at();
}
