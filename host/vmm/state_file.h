/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A saved machine's file: a header, a table of sections, and the sections.  Its
 * reader believes nothing that it has not checked.
 *
 * Numbers are the host's, and so is the layout within sections: a file is for
 * the kind of host that wrote it.
 */
#ifndef HOST_VMM_STATE_FILE_H
#define HOST_VMM_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_FILE_VERSION	2
#define STATE_FILE_NAME		56	/* bytes of a section's name, NUL included */

struct state_file_header {
	char magic[8];
	uint32_t version;
	uint32_t sections;
	uint64_t size;		/* of the whole file */
	uint64_t sum;		/* hash_bytes() of the table of sections */
};

struct state_file_section {
	char name[STATE_FILE_NAME];
	uint32_t cpu;		/* whose it is, 0 if nobody's */
	uint32_t reserved;
	uint64_t offset, size;	/* in the file */
	uint64_t sum;		/* hash_bytes() of it */
};

/**
 * state_file_check() - may a file that is in memory be believed?
 * @file, @size: all of it, aligned to 8 bytes
 * @why, @why_size: what is wrong with it, one line
 */
bool state_file_check(const void *file, uint64_t size, char *why, size_t why_size);

/**
 * state_file_find() - a section of a file that passed state_file_check()
 * @size: set to its bytes
 *
 * Returns NULL if there is none.
 */
const void *state_file_find(const void *file, const char *name,
			    unsigned int cpu, uint64_t *size);

struct state_writer;

/**
 * state_writer_new() - begin to put a file together
 */
struct state_writer *state_writer_new(void);

/**
 * state_writer_add() - one more section
 * state_writer_more() - more bytes of the last section
 * @bytes: they stay where they are until the file is written
 * @size: if more bytes follow, a multiple of HASH_STEP
 */
void state_writer_add(struct state_writer *writer, const char *name,
		      unsigned int cpu, const void *bytes, uint64_t size);
void state_writer_more(struct state_writer *writer, const void *bytes,
		       uint64_t size);

/**
 * state_writer_end() - write the file to @fd, and free @writer
 *
 * Returns false with errno if it cannot be written.
 */
bool state_writer_end(struct state_writer *writer, int fd);

#endif
