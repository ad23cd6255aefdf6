/* SPDX-License-Identifier: BSD-2-Clause */
/* A saved machine's file: written in one go, checked before it is used. */
#include "vmm/state_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"

#define MAGIC		"FlatbedM"
#define SECTIONS_MAX	(1u << 20)
#define ALIGN		4096u	/* of sections: memory can be mapped */
#define MAX_WRITE	512u	/* pieces of one pwritev() */

static const struct state_file_section *table(const void *file)
{
	return (const void *)((const struct state_file_header *)file + 1);
}

static bool section_check(const void *file, uint64_t size,
			  const struct state_file_section *s, char *why,
			  size_t why_size)
{
	/* An empty section, too, is somewhere in the file. */
	if (!memchr(s->name, 0, sizeof(s->name)) || s->offset % 8 ||
	    s->offset > size || s->size > size - s->offset) {
		snprintf(why, why_size, "damaged: its table of sections makes no sense");
		return false;
	}
	if (hash_bytes((const char *)file + s->offset, s->size) != s->sum) {
		snprintf(why, why_size, "damaged: section \"%s\" of CPU %u is not "
			 "what was written", s->name, s->cpu);
		return false;
	}
	return true;
}

bool state_file_check(const void *file, uint64_t size, char *why, size_t why_size)
{
	const struct state_file_header *header = file;

	if (size < sizeof(*header) || memcmp(header->magic, MAGIC, 8)) {
		snprintf(why, why_size, "not a saved machine");
		return false;
	}
	if (header->version != STATE_FILE_VERSION) {
		snprintf(why, why_size, "of version %u; this program reads version %u",
			 header->version, STATE_FILE_VERSION);
		return false;
	}
	if (header->size != size) {
		snprintf(why, why_size, "%s: it has %llu bytes of %llu",
			 size < header->size ? "truncated" : "damaged",
			 (unsigned long long)size, (unsigned long long)header->size);
		return false;
	}
	if (header->sections > SECTIONS_MAX ||
	    header->sections * sizeof(struct state_file_section) >
	    size - sizeof(*header) ||
	    hash_bytes(table(file), header->sections *
		       sizeof(struct state_file_section)) != header->sum) {
		snprintf(why, why_size, "damaged: its table of sections is not what "
			 "was written");
		return false;
	}
	for (uint32_t i = 0; i < header->sections; i++)
		if (!section_check(file, size, &table(file)[i], why, why_size))
			return false;
	return true;
}

const void *state_file_find(const void *file, const char *name,
			    unsigned int cpu, uint64_t *size)
{
	const struct state_file_header *header = file;

	for (uint32_t i = 0; i < header->sections; i++) {
		const struct state_file_section *s = &table(file)[i];

		if (s->cpu != cpu || strcmp(s->name, name))
			continue;
		*size = s->size;
		return (const char *)file + s->offset;
	}
	return NULL;
}

struct state_writer {
	struct state_file_header header;
	struct state_file_section *sections;
	uint32_t *begins;	/* per section: its first piece */
	struct iovec *pieces;
	size_t count;
};

struct state_writer *state_writer_new(void)
{
	struct state_writer *writer = mem_new(sizeof(*writer));

	memcpy(writer->header.magic, MAGIC, 8);
	writer->header.version = STATE_FILE_VERSION;
	return writer;
}

static void piece_add(struct state_writer *writer, const void *bytes, uint64_t size)
{
	if (!size)
		return;
	writer->pieces = mem_grow(writer->pieces, writer->count,
				  sizeof(*writer->pieces));
	writer->pieces[writer->count++] = (struct iovec){ (void *)bytes, size };
}

void state_writer_add(struct state_writer *writer, const char *name,
		      unsigned int cpu, const void *bytes, uint64_t size)
{
	uint32_t n = writer->header.sections++;
	struct state_file_section section = { .cpu = cpu };

	snprintf(section.name, sizeof(section.name), "%s", name);
	writer->sections = mem_grow(writer->sections, n, sizeof(section));
	writer->sections[n] = section;
	writer->begins = mem_grow(writer->begins, n, sizeof(*writer->begins));
	writer->begins[n] = writer->count;
	piece_add(writer, bytes, size);
}

void state_writer_more(struct state_writer *writer, const void *bytes,
		       uint64_t size)
{
	piece_add(writer, bytes, size);
}

static uint64_t aligned(uint64_t size)
{
	return (size + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

/* Places and sums of all sections. */
static void lay_out(struct state_writer *writer)
{
	struct state_file_header *header = &writer->header;
	size_t bytes = header->sections * sizeof(*writer->sections);
	uint64_t at = aligned(sizeof(*header) + bytes);

	for (uint32_t n = 0; n < header->sections; n++) {
		struct state_file_section *s = &writer->sections[n];
		size_t end = n + 1 < header->sections ? writer->begins[n + 1] :
			writer->count;
		struct hash hash = hash_begin();

		for (size_t i = writer->begins[n]; i < end; i++) {
			hash_add(&hash, writer->pieces[i].iov_base,
				 writer->pieces[i].iov_len);
			s->size += writer->pieces[i].iov_len;
		}
		s->offset = at;
		s->sum = hash_end(&hash);
		/* The last one is memory, whole pages: the file ends with it. */
		at += n + 1 < header->sections ? aligned(s->size) : s->size;
	}
	header->size = at;
	header->sum = hash_bytes(writer->sections, bytes);
}

static bool write_all(int fd, struct iovec *iov, size_t count, uint64_t at)
{
	while (count) {
		ssize_t done = pwritev(fd, iov, count < MAX_WRITE ? count : MAX_WRITE,
				       at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		for (; count && (size_t)done >= iov->iov_len; iov++, count--)
			done -= iov->iov_len;
		if (count) {
			iov->iov_base = (char *)iov->iov_base + done;
			iov->iov_len -= done;
		}
	}
	return true;
}

bool state_writer_end(struct state_writer *writer, int fd)
{
	struct iovec begin[2] = {
		{ &writer->header, sizeof(writer->header) },
		{ writer->sections, writer->header.sections *
				    sizeof(*writer->sections) },
	};
	bool good;

	lay_out(writer);
	good = ftruncate(fd, writer->header.size) == 0;
	for (uint32_t n = 0; good && n < writer->header.sections; n++) {
		size_t end = n + 1 < writer->header.sections ?
			writer->begins[n + 1] : writer->count;

		good = write_all(fd, writer->pieces + writer->begins[n],
				 end - writer->begins[n],
				 writer->sections[n].offset);
	}
	/* What makes it a saved machine comes last. */
	good = good && write_all(fd, begin, 2, 0);
	free(writer->sections);
	free(writer->begins);
	free(writer->pieces);
	free(writer);
	return good;
}
