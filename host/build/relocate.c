/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relocate FILE MACHINE TYPE - put the addends of an image's relocations where they
 * belong to, for linkers that leave zeros there: then the file reads as if it were loaded
 * at the address that it was linked at.  All of its relocations must be of this machine
 * (EM_…) and TYPE, the relative one, as the image applies no other.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"

static struct {
	const char *path;
	unsigned char *bytes;
	size_t size;
	unsigned long type;
} file;

static void *part(uint64_t offset, uint64_t size)
{
	if (offset > file.size || size > file.size - offset)
		die("%s: a header leads outside of the file", file.path);
	return file.bytes + offset;
}

/* The same for both word sizes, which have structures of their own. */
#define DEFINE_RELOCATE(bits)						\
static void put##bits(const Elf##bits##_Ehdr *elf, const Elf##bits##_Rela *at) \
{									\
	const Elf##bits##_Phdr *segments =				\
		part(elf->e_phoff, (uint64_t)elf->e_phnum * sizeof(*segments)); \
	Elf##bits##_Addr value = at->r_addend;				\
									\
	if (ELF##bits##_R_TYPE(at->r_info) != file.type)		\
		die("%s: a relocation of type %lu at %#llx", file.path,	\
		    (unsigned long)ELF##bits##_R_TYPE(at->r_info),	\
		    (unsigned long long)at->r_offset);			\
	for (size_t i = 0; i < elf->e_phnum; i++) {			\
		uint64_t inside = at->r_offset - segments[i].p_vaddr;	\
									\
		if (segments[i].p_type != PT_LOAD ||			\
		    at->r_offset < segments[i].p_vaddr ||		\
		    inside >= segments[i].p_filesz)			\
			continue;					\
		memcpy(part(segments[i].p_offset + inside, sizeof(value)), \
		       &value, sizeof(value));				\
		return;							\
	}								\
	die("%s: a relocation of what is not in the file, at %#llx", file.path, \
	    (unsigned long long)at->r_offset);				\
}									\
									\
static void relocate##bits(unsigned long machine)			\
{									\
	const Elf##bits##_Ehdr *elf = part(0, sizeof(*elf));		\
	const Elf##bits##_Shdr *sections =				\
		part(elf->e_shoff, (uint64_t)elf->e_shnum * sizeof(*sections)); \
									\
	if (elf->e_machine != machine)					\
		die("%s: made for machine %u", file.path, elf->e_machine); \
	for (size_t i = 0; i < elf->e_shnum; i++) {			\
		const Elf##bits##_Rela *rela;				\
									\
		if (sections[i].sh_type != SHT_RELA ||			\
		    !(sections[i].sh_flags & SHF_ALLOC))		\
			continue;					\
		rela = part(sections[i].sh_offset, sections[i].sh_size); \
		for (size_t n = 0; n < sections[i].sh_size / sizeof(*rela); n++) \
			put##bits(elf, &rela[n]);			\
	}								\
}

DEFINE_RELOCATE(32)
DEFINE_RELOCATE(64)

int main(int count, char **words)
{
	struct stat status;
	unsigned long machine;
	int fd;

	die_set_program("relocate");
	if (count != 4)
		die("usage: relocate FILE MACHINE TYPE");
	file.path = words[1];
	machine = strtoul(words[2], NULL, 0);
	file.type = strtoul(words[3], NULL, 0);
	fd = open(file.path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status))
		die_errno("cannot open %s", file.path);
	file.size = status.st_size;
	if (file.size < EI_NIDENT)
		die("%s: no ELF file", file.path);
	file.bytes = mmap(NULL, file.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (file.bytes == MAP_FAILED)
		die_errno("cannot map %s", file.path);
	if (memcmp(file.bytes, ELFMAG, SELFMAG) || file.bytes[EI_DATA] != ELFDATA2LSB)
		die("%s: no little-endian ELF file", file.path);
	if (file.bytes[EI_CLASS] == ELFCLASS64)
		relocate64(machine);
	else
		relocate32(machine);
	return 0;
}
