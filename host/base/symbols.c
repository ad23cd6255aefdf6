/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The symbol table is read by hand: it is simple, of every architecture alike, and
 * always there.  Lines and inlined functions come from libdw.
 */
#include "base/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_LIBDW
#include <dwarf.h>
#include <elfutils/libdw.h>
#endif

#define MAX_INLINED	16

struct entry {
	uint64_t address, size;
	const char *name;
};

struct symbols {
	uint64_t loaded_at;	/* addresses are too large by so much */
	const uint8_t *file;
	size_t size;
	bool wide, big;		/* ELF64, big-endian */
	struct entry *entries;	/* by address */
	size_t count;
	int fd;
	bool loaded;		/* entries and DWARF are: when first asked for */
#ifdef HAVE_LIBDW
	Dwarf *dwarf;
#endif
};

/* A number of the file, or 0 outside of it: whatever it claims, we stay inside. */
static uint64_t number_at(const struct symbols *s, uint64_t at, unsigned int size)
{
	uint64_t value = 0;

	if (at > s->size || size > s->size - at)
		return 0;
	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)s->file[at + i] << 8 * (s->big ? size - 1 - i : i);
	return value;
}

/* A field of a structure that both widths have, at different places. */
#define FIELD(s, at, type, field)					\
	((s)->wide ?							\
	 number_at(s, (at) + offsetof(Elf64_##type, field),		\
		   sizeof(((Elf64_##type *)0)->field)) :		\
	 number_at(s, (at) + offsetof(Elf32_##type, field),		\
		   sizeof(((Elf32_##type *)0)->field)))
#define SIZE(s, type)	((s)->wide ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

static const char *string_at(const struct symbols *s, uint64_t table, uint64_t offset)
{
	uint64_t at = table + offset;

	if (at < table || at >= s->size || !memchr(s->file + at, '\0', s->size - at))
		return NULL;
	return (const char *)s->file + at;
}

static int entry_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void entry_add(struct symbols *s, uint64_t symbol, uint64_t names)
{
	unsigned int info = FIELD(s, symbol, Sym, st_info), type = ELF32_ST_TYPE(info);
	uint64_t section = FIELD(s, symbol, Sym, st_shndx);
	const char *name = string_at(s, names, FIELD(s, symbol, Sym, st_name));

	/* '$' begins the mapping symbols of Arm and RISC-V. */
	if (!name || !*name || *name == '$' || section == SHN_UNDEF ||
	    section >= SHN_LORESERVE || type == STT_SECTION || type == STT_FILE ||
	    type == STT_TLS)
		return;
	s->entries = mem_grow(s->entries, s->count, sizeof(*s->entries));
	s->entries[s->count++] = (struct entry){
		.address = FIELD(s, symbol, Sym, st_value),
		.size = FIELD(s, symbol, Sym, st_size), .name = name,
	};
}

static void entries_read(struct symbols *s)
{
	uint64_t sections = FIELD(s, 0, Ehdr, e_shoff);
	uint64_t each = FIELD(s, 0, Ehdr, e_shentsize);
	uint64_t count = FIELD(s, 0, Ehdr, e_shnum);

	if (!sections || each < SIZE(s, Shdr))
		return;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = sections + i * each, names, begin, bytes;

		if (FIELD(s, at, Shdr, sh_type) != SHT_SYMTAB)
			continue;
		begin = FIELD(s, at, Shdr, sh_offset);
		bytes = FIELD(s, at, Shdr, sh_size);
		names = FIELD(s, sections + FIELD(s, at, Shdr, sh_link) * each, Shdr,
			      sh_offset);
		if (begin > s->size || bytes > s->size - begin)
			continue;
		for (uint64_t in = 0; bytes - in >= SIZE(s, Sym); in += SIZE(s, Sym))
			entry_add(s, begin + in, names);
	}
	if (s->count)
		qsort(s->entries, s->count, sizeof(*s->entries), entry_order);
}

/* The symbol that covers the address; a label covers what follows it. */
static const struct entry *entry_find(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->entries[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low--) {
		const struct entry *e = &s->entries[low];

		if (!e->size || address - e->address < e->size)
			return e;
	}
	return NULL;
}

static struct symbols *symbols_read(const char *path)
{
	struct symbols *s;
	struct stat status;
	void *map;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) < 0 || status.st_size < (off_t)sizeof(Elf64_Ehdr) ||
	    (map = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED) {
		close(fd);
		return NULL;
	}
	s = mem_new(sizeof(*s));
	s->file = map;
	s->size = status.st_size;
	s->fd = fd;
	if (memcmp(map, ELFMAG, SELFMAG)) {
		symbols_close(s);
		return NULL;
	}
	return s;
}

/* Most machines end so that nobody asks where they were. */
static void load(struct symbols *s)
{
	if (s->loaded)
		return;
	s->loaded = true;
	s->wide = s->file[EI_CLASS] == ELFCLASS64;
	s->big = s->file[EI_DATA] == ELFDATA2MSB;
	entries_read(s);
#ifdef HAVE_LIBDW
	s->dwarf = dwarf_begin(s->fd, DWARF_C_READ);
#endif
}

struct symbols *symbols_open(const char *image)
{
	const char *slash = strrchr(image, '/'), *dot = strrchr(slash ? slash : image, '.');
	struct symbols *s = NULL;
	struct buf path = { 0 };

	if (dot && !strcmp(dot, ".efi"))
		buf_printf(&path, "%s.debug", image);
	else if (dot)
		buf_printf(&path, "%.*s.elf", (int)(dot - image), image);
	if (path.length)
		s = symbols_read(buf_text(&path));
	buf_free(&path);
	return s ? s : symbols_read(image);
}

void symbols_close(struct symbols *s)
{
	if (!s)
		return;
#ifdef HAVE_LIBDW
	if (s->dwarf)
		dwarf_end(s->dwarf);
#endif
	munmap((void *)s->file, s->size);
	close(s->fd);
	free(s->entries);
	free(s);
}

bool symbols_find(struct symbols *s, const char *name, uint64_t *address)
{
	if (!s)
		return false;
	load(s);
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->entries[i].name, name)) {
			*address = s->entries[i].address;
			return true;
		}
	return false;
}

#ifdef HAVE_LIBDW
/* The unit that an address belongs to; not every compiler writes an index. */
static bool unit_find(Dwarf *dwarf, uint64_t address, Dwarf_Die *unit)
{
	Dwarf_Off at = 0, next;
	size_t header;

	if (dwarf_addrdie(dwarf, address, unit))
		return true;
	for (; !dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL); at = next)
		if (dwarf_offdie(dwarf, at + header, unit) &&
		    dwarf_haspc(unit, address) > 0)
			return true;
	return false;
}

/* Paths below the folder where the compiler ran are named relative to it. */
static const char *path_short(Dwarf_Die *unit, const char *path)
{
	Dwarf_Attribute attribute;
	const char *folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
	size_t length = folder ? strlen(folder) : 0;

	if (length && path && !strncmp(path, folder, length) && path[length] == '/')
		return path + length + 1;
	return path;
}

/* Where an inlined function is called from: the place in the next one outwards. */
static void call_place(Dwarf_Die *unit, Dwarf_Die *inlined, struct symbol *to)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;
	Dwarf_Files *files;
	size_t count;

	if (!dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number))
		to->line = number;
	if (!dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &number) &&
	    !dwarf_getsrcfiles(unit, &files, &count) && number < count)
		to->file = path_short(unit, dwarf_filesrc(files, number, NULL, NULL));
}

static unsigned int by_dwarf(struct symbols *s, uint64_t address, struct symbol *to,
			     unsigned int room)
{
	Dwarf_Die unit, *innermost = NULL, *scopes = NULL;
	unsigned int n = 0;
	Dwarf_Line *line;
	int depth, number;

	if (!s->dwarf || !unit_find(s->dwarf, address, &unit))
		return 0;
	to[0] = (struct symbol){ 0 };
	line = dwarf_getsrc_die(&unit, address);
	if (line && !dwarf_lineno(line, &number)) {
		to[0].file = path_short(&unit, dwarf_linesrc(line, NULL, NULL));
		to[0].line = number;
	}
	depth = dwarf_getscopes(&unit, address, &innermost);
	if (depth > 0)
		depth = dwarf_getscopes_die(innermost, &scopes);
	for (int i = 0; i < depth; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		to[n].function = dwarf_diename(&scopes[i]);
		if (++n == room || tag == DW_TAG_subprogram)
			break;
		to[n] = (struct symbol){ 0 };
		call_place(&unit, &scopes[i], &to[n]);
	}
	free(innermost);
	free(scopes);
	/* Assembly has lines, and no functions but the symbol table's. */
	return n ? n : to[0].file != NULL;
}
#endif

void symbols_loaded_at(struct symbols *s, uint64_t base)
{
	if (s)
		s->loaded_at = base;
}

unsigned int symbols_at(struct symbols *s, uint64_t address, struct symbol *to,
			unsigned int room)
{
	const struct entry *entry;
	unsigned int n = 0;

	if (!s || !room || address < s->loaded_at)
		return 0;
	load(s);
	address -= s->loaded_at;
	entry = entry_find(s, address);
#ifdef HAVE_LIBDW
	n = by_dwarf(s, address, to, room);
#endif
	if (!n && entry) {
		to[0] = (struct symbol){ 0 };
		n = 1;
	}
	for (unsigned int i = 0; i < n && entry; i++) {
		to[i].offset = address - entry->address;
		if (i == n - 1 && !to[i].function)
			to[i].function = entry->name;
	}
	return n;
}

bool symbols_describe(struct symbols *s, uint64_t address, struct buf *to)
{
	struct symbol places[MAX_INLINED];
	unsigned int n = symbols_at(s, address, places, MAX_INLINED);

	for (unsigned int i = 0; i < n; i++) {
		const struct symbol *p = &places[i];

		if (i)
			buf_puts(to, ", inlined in ");
		/* Without a line, the offset tells where in the function. */
		if (!p->file)
			buf_printf(to, "%s+%#llx", p->function ? p->function : "?",
				   (unsigned long long)p->offset);
		else
			buf_printf(to, "%s() at %s:%u", p->function ? p->function : "?",
				   p->file, p->line);
	}
	return n;
}
