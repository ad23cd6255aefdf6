/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images: ELF, 32 or 64 bits wide, with a multiboot 1 header in the first 8 KiB, or
 * Xen's PVH note; or anything at all whose multiboot header says where it goes.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/boot.h"
#include "base/range.h"
#include "vmm/machine.h"
#include "vmm/x86/platform.h"

#define MULTIBOOT_SEARCH	8192
#define MULTIBOOT_HEADER	0x1badb002u
#define MULTIBOOT_ADDRESSES	(1u << 16)
#define XEN_PHYS32_ENTRY	18

struct file {
	const char *path;
	const uint8_t *bytes;
	struct range range;
};

struct segment {
	uint64_t type, offset, address, file_size, memory_size, virtual;
};

/* Multiboot 0.6.96, 3.1.1; the last five are there with MULTIBOOT_ADDRESSES. */
struct multiboot_header {
	uint32_t magic, flags, checksum;
	uint32_t header, load, load_end, bss_end, entry;
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
	return file;
}

static bool is_wide(const struct file *file)
{
	return file->bytes[EI_CLASS] == ELFCLASS64;
}

static void elf_check(const struct file *file)
{
	const size_t right_size = is_wide(file) ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	size_t entry_size;
	unsigned int target;

	if (is_wide(file)) {
		Elf64_Ehdr elf;

		file_copy(file, 0, &elf, sizeof(elf));
		target = elf.e_machine;
		entry_size = elf.e_phentsize;
	} else {
		Elf32_Ehdr elf;

		file_copy(file, 0, &elf, sizeof(elf));
		target = elf.e_machine;
		entry_size = elf.e_phentsize;
	}
	if (file->bytes[EI_DATA] != ELFDATA2LSB || (target != EM_386 && target != EM_X86_64))
		bad(file, "an ELF file of another architecture than x86");
	if ((!is_wide(file) && file->bytes[EI_CLASS] != ELFCLASS32) || entry_size != right_size)
		bad(file, "a damaged ELF header");
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
					 wide.p_filesz, wide.p_memsz, wide.p_vaddr };
	} else {
		Elf32_Ehdr elf;

		file_copy(file, 0, &elf, sizeof(elf));
		file_copy(file, elf.e_phoff + n * sizeof(p), &p, sizeof(p));
		return (struct segment){ p.p_type, p.p_offset, p.p_paddr,
					 p.p_filesz, p.p_memsz, p.p_vaddr };
	}
}

static unsigned int segment_count(const struct file *file)
{
	if (is_wide(file))
		return ((const Elf64_Ehdr *)file_at(file, 0,
						    sizeof(Elf64_Ehdr)))->e_phnum;
	return ((const Elf32_Ehdr *)file->bytes)->e_phnum;
}

static uint64_t elf_entry(const struct file *file)
{
	if (is_wide(file))
		return ((const Elf64_Ehdr *)file_at(file, 0,
						    sizeof(Elf64_Ehdr)))->e_entry;
	return ((const Elf32_Ehdr *)file->bytes)->e_entry;
}

/* Magic, flags and checksum add up to zero.  Returns where it is, or -1. */
static int64_t multiboot_find(const struct file *file, struct multiboot_header *header)
{
	const uint64_t fixed = offsetof(struct multiboot_header, header);

	for (uint64_t at = 0; at + fixed <= MULTIBOOT_SEARCH &&
	     range_contains(file->range, at, fixed); at += 4) {
		memcpy(header, file->bytes + at, fixed);
		if (header->magic == MULTIBOOT_HEADER &&
		    !(header->magic + header->flags + header->checksum))
			return at;
	}
	return -1;
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

static void segment_load(const struct file *file, struct segment s)
{
	const struct range information = { BOOT_INFO, BOOT_AREA_END - BOOT_INFO };

	if (s.file_size > s.memory_size)
		bad(file, "a segment is larger in the file than in memory");
	if (!ram_at(s.address, s.memory_size))
		bad(file, "a segment does not fit into the machine's RAM");
	if (range_contains(information, s.address, 1) ||
	    (s.address < BOOT_INFO && s.address + s.memory_size > BOOT_INFO))
		bad(file, "a segment lies where boot information and ACPI's tables are, "
		    "from 896 to 1020 KiB");
	/* RAM is zero before: .bss needs nothing. */
	if (s.file_size)
		ram_write(s.address, file_at(file, s.offset, s.file_size), s.file_size);
}

/* The header's addresses go before those of the file's own format. */
static gpa_t load_by_header(const struct file *file, uint64_t at)
{
	struct multiboot_header h;
	struct segment s = { .type = PT_LOAD };

	file_copy(file, at, &h, sizeof(h));
	if (h.load > h.header || h.header - h.load > at)
		bad(file, "its multiboot header is not where its load_addr says");
	if (h.load_end && h.load_end < h.load)
		bad(file, "its multiboot header's load_end_addr is below its load_addr");
	s.address = h.load;
	s.offset = at - (h.header - h.load);
	s.file_size = h.load_end ? h.load_end - h.load : file->range.size - s.offset;
	s.memory_size = s.file_size;
	if (h.bss_end > s.address + s.memory_size)
		s.memory_size = h.bss_end - s.address;
	segment_load(file, s);
	return h.entry;
}

/* Where a kernel begins that is linked elsewhere than loaded, if its entry says so. */
static gpa_t entry_physical(const struct file *file)
{
	uint64_t entry = elf_entry(file), translated = entry;

	for (unsigned int i = 0; i < segment_count(file); i++) {
		struct segment s = segment_get(file, i);
		struct range loaded = { s.address, s.memory_size };
		struct range linked = { s.virtual, s.memory_size };

		if (s.type != PT_LOAD)
			continue;
		if (range_contains(loaded, entry, 1))
			return entry;
		if (range_contains(linked, entry, 1))
			translated = entry - s.virtual + s.address;
	}
	return translated;
}

struct boot_door loader_load(const char *path)
{
	struct file file = file_open(path);
	struct boot_door door = { .eax = MULTIBOOT_MAGIC };
	struct multiboot_header header;
	int64_t multiboot = multiboot_find(&file, &header);
	bool found = multiboot >= 0;

	if (found && header.flags & MULTIBOOT_ADDRESSES) {
		door.entry = load_by_header(&file, multiboot);
		return door;
	}
	if (file.range.size < sizeof(Elf32_Ehdr) || memcmp(file.bytes, ELFMAG, SELFMAG))
		bad(&file, "not an ELF file");
	elf_check(&file);
	door.entry = entry_physical(&file);
	for (unsigned int i = 0; i < segment_count(&file); i++) {
		struct segment s = segment_get(&file, i);

		if (s.type == PT_NOTE && multiboot < 0 && s.file_size)
			found |= door.pvh = pvh_entry(&file, s, &door.entry);
		if (s.type == PT_LOAD && s.memory_size)
			segment_load(&file, s);
	}
	if (!found)
		bad(&file, "neither a multiboot header nor a PVH note");
	if (door.entry >> 32)
		bad(&file, "its entry lies above 4 GiB");
	return door;
}
