/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images: ELF, 32 or 64 bits wide, with a multiboot 1 header in the first 8 KiB,
 * or Xen's PVH note.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/boot.h"
#include "base/range.h"
#include "vmm/machine.h"

#define MULTIBOOT_SEARCH	8192
#define MULTIBOOT_HEADER	0x1badb002u
#define XEN_PHYS32_ENTRY	18

struct file {
	const char *path;
	const uint8_t *bytes;
	struct range range;
};

struct segment {
	uint64_t type, offset, address, file_size, memory_size;
};

static void bad(const struct file *file, const char *what)
{
	machine_end(NULL, VM_END_ERROR, 0, "%s: %s", file->path, what);
}

static const void *file_at(const struct file *file, uint64_t offset,
			   uint64_t size)
{
	if (!range_contains(file->range, offset, size))
		bad(file, "truncated ELF file");
	return file->bytes + offset;
}

/* Whatever the file says, a structure need not be aligned in it. */
static void file_copy(const struct file *file, uint64_t offset, void *to, uint64_t size)
{
	memcpy(to, file_at(file, offset, size), size);
}

static struct file file_open(const char *path)
{
	struct file file = { .path = path };
	struct stat st;
	int fd = must(open(path, O_RDONLY | O_CLOEXEC), path);

	must(fstat(fd, &st), path);
	file.range.size = st.st_size;
	file.bytes = mmap(NULL, st.st_size ? st.st_size : 1, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file.bytes == MAP_FAILED)
		must(-1, path);
	close(fd);
	if (st.st_size < (off_t)sizeof(Elf32_Ehdr))
		bad(&file, "not an ELF file");
	if (memcmp(file.bytes, ELFMAG, SELFMAG))
		bad(&file, "not an ELF file");
	return file;
}

static bool is_wide(const struct file *file)
{
	return file->bytes[EI_CLASS] == ELFCLASS64;
}

static struct segment segment_get(const struct file *file, unsigned int n)
{
	Elf64_Phdr wide;
	Elf32_Phdr p;

	if (is_wide(file)) {
		Elf64_Ehdr elf;

		file_copy(file, 0, &elf, sizeof(elf));
		file_copy(file, elf.e_phoff + n * sizeof(wide), &wide, sizeof(wide));
		return (struct segment){ wide.p_type, wide.p_offset, wide.p_paddr,
					 wide.p_filesz, wide.p_memsz };
	} else {
		Elf32_Ehdr elf;

		file_copy(file, 0, &elf, sizeof(elf));
		file_copy(file, elf.e_phoff + n * sizeof(p), &p, sizeof(p));
		return (struct segment){ p.p_type, p.p_offset, p.p_paddr,
					 p.p_filesz, p.p_memsz };
	}
}

static unsigned int segment_count(const struct file *file)
{
	if (is_wide(file))
		return ((const Elf64_Ehdr *)file_at(file, 0,
						    sizeof(Elf64_Ehdr)))->e_phnum;
	return ((const Elf32_Ehdr *)file->bytes)->e_phnum;
}

static uint32_t elf_entry(const struct file *file)
{
	if (is_wide(file))
		return ((const Elf64_Ehdr *)file_at(file, 0,
						    sizeof(Elf64_Ehdr)))->e_entry;
	return ((const Elf32_Ehdr *)file->bytes)->e_entry;
}

/* Multiboot 0.6.96, 3.1.1: magic, flags and checksum add up to zero. */
static bool has_multiboot_header(const struct file *file)
{
	for (uint64_t at = 0; at + 12 <= MULTIBOOT_SEARCH &&
	     range_contains(file->range, at, 12); at += 4) {
		uint32_t word[3];

		memcpy(word, file->bytes + at, sizeof(word));
		if (word[0] == MULTIBOOT_HEADER &&
		    word[0] + word[1] + word[2] == 0)
			return true;
	}
	return false;
}

static bool pvh_entry(const struct file *file, struct segment notes,
		      gpa_t *entry)
{
	uint64_t at = notes.offset, end = at + notes.file_size;

	while (end - at >= sizeof(Elf32_Nhdr)) {
		uint64_t name = at + sizeof(Elf32_Nhdr), text;
		Elf32_Nhdr note;

		file_copy(file, at, &note, sizeof(note));
		text = name + ((note.n_namesz + 3ull) & ~3ull);
		if (note.n_type == XEN_PHYS32_ENTRY && note.n_namesz == 4 &&
		    note.n_descsz >= 4 && !memcmp(file_at(file, name, 4), "Xen", 4)) {
			uint32_t value;

			memcpy(&value, file_at(file, text, 4), 4);
			*entry = value;
			return true;
		}
		at = text + ((note.n_descsz + 3ull) & ~3ull);
		if (at > end)
			return false;
	}
	return false;
}

struct boot_door loader_load(const char *path)
{
	struct file file = file_open(path);
	struct boot_door door = { .eax = MULTIBOOT_MAGIC };
	bool multiboot = has_multiboot_header(&file), found = multiboot;

	door.entry = elf_entry(&file);
	for (unsigned int i = 0; i < segment_count(&file); i++) {
		struct segment s = segment_get(&file, i);

		if (s.type == PT_NOTE && !multiboot && s.file_size)
			found |= door.pvh = pvh_entry(&file, s, &door.entry);
		if (s.type != PT_LOAD || !s.memory_size)
			continue;
		if (s.file_size > s.memory_size)
			bad(&file, "a segment is larger in the file than in memory");
		if (!ram_at(s.address, s.memory_size))
			bad(&file, "a segment does not fit into the machine's RAM");
		/* RAM is zero before: .bss needs nothing. */
		if (s.file_size)
			ram_write(s.address,
				  file_at(&file, s.offset, s.file_size),
				  s.file_size);
	}
	if (!found)
		bad(&file, "neither a multiboot header nor a PVH note");
	return door;
}
