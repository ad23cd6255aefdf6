/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relocate FILE MACHINE TYPE - put the addends of an image's relocations where they
 * belong to, for linkers that leave zeros there: then the file reads as if it were loaded
 * at the address that it was linked at.  All of its relocations must be of this machine
 * (EM_…) and TYPE, the relative one, as the image applies no other.
 */
#include <byteswap.h>
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
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
	bool swapped;		/* in the other byte order than this machine's */
} file;

static uint64_t swap(uint64_t value, size_t size)
{
	return size == 2 ? bswap_16(value) : size == 4 ? bswap_32(value) : bswap_64(value);
}

/* A field of the file in this machine's byte order. */
#define FIELD(field)	(file.swapped ? swap(field, sizeof(field)) : (uint64_t)(field))

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
		part(FIELD(elf->e_phoff), FIELD(elf->e_phnum) * sizeof(*segments)); \
	unsigned long type = ELF##bits##_R_TYPE(FIELD(at->r_info));	\
	uint64_t where = FIELD(at->r_offset);				\
									\
	if (type != file.type)						\
		die("%s: a relocation of type %lu at %#llx", file.path,	\
		    type, (unsigned long long)where);			\
	for (size_t i = 0; i < FIELD(elf->e_phnum); i++) {		\
		uint64_t inside = where - FIELD(segments[i].p_vaddr);	\
									\
		if (FIELD(segments[i].p_type) != PT_LOAD ||		\
		    where < FIELD(segments[i].p_vaddr) ||		\
		    inside >= FIELD(segments[i].p_filesz))		\
			continue;					\
		/* Both are in the file's order. */			\
		memcpy(part(FIELD(segments[i].p_offset) + inside,	\
			    sizeof(at->r_addend)),			\
		       &at->r_addend, sizeof(at->r_addend));		\
		return;							\
	}								\
	die("%s: a relocation of what is not in the file, at %#llx", file.path, \
	    (unsigned long long)where);					\
}									\
									\
static void relocate##bits(unsigned long machine)			\
{									\
	const Elf##bits##_Ehdr *elf = part(0, sizeof(*elf));		\
	const Elf##bits##_Shdr *sections =				\
		part(FIELD(elf->e_shoff), FIELD(elf->e_shnum) * sizeof(*sections)); \
									\
	if (FIELD(elf->e_machine) != machine)				\
		die("%s: made for machine %u", file.path,		\
		    (unsigned int)FIELD(elf->e_machine));		\
	for (size_t i = 0; i < FIELD(elf->e_shnum); i++) {		\
		uint64_t size = FIELD(sections[i].sh_size);		\
		const Elf##bits##_Rela *rela;				\
									\
		if (FIELD(sections[i].sh_type) != SHT_RELA ||		\
		    !(FIELD(sections[i].sh_flags) & SHF_ALLOC))		\
			continue;					\
		rela = part(FIELD(sections[i].sh_offset), size);	\
		for (size_t n = 0; n < size / sizeof(*rela); n++)	\
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
	if (memcmp(file.bytes, ELFMAG, SELFMAG))
		die("%s: no ELF file", file.path);
	file.swapped = (file.bytes[EI_DATA] == ELFDATA2MSB) ==
		(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	if (file.bytes[EI_CLASS] == ELFCLASS64)
		relocate64(machine);
	else
		relocate32(machine);
	return 0;
}
