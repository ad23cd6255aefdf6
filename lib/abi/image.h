/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host reads from an image without booting it: which TESTs it has.
 *
 * The header lies 16-byte aligned in the first ABI_IMAGE_SEARCH bytes of the
 * file, or of an ELF file's first segment, so that a stripped image still has it.
 * Addresses are those that the image was linked at; program headers lead from them to
 * the file, or `base` does in an image that is no ELF.  All is in the image's byte
 * order, which the magic tells.
 */
#ifndef ABI_IMAGE_H
#define ABI_IMAGE_H

#define ABI_IMAGE_SEARCH	8192
#define ABI_IMAGE_VERSION	2
#define ABI_IMAGE_HOST		0x8000	/* in a version: a program that the host runs */

/* Also assembled: two words; little-endian ones read as "Flat" and "bed\0". */
#define ABI_IMAGE_MAGIC0	0x74616c46
#define ABI_IMAGE_MAGIC1	0x00646562

#ifndef __ASSEMBLER__
#include <stdint.h>

struct abi_image {
	uint32_t magic[2];
	uint16_t version;
	uint16_t word_size;	/* bytes of a pointer in the image: 4 or 8 */
	uint32_t test_size;	/* bytes of one TEST's record */
	uint64_t tests;		/* first record; they are in file order */
	uint64_t tests_end;
	uint64_t arguments;	/* what the image's arguments mean, or 0: they
				 * select TESTs */
	uint64_t base;		/* of the file's first byte, if it is no ELF */
};

/*
 * A TEST's record is an array of words of the image's word size.  Strings are
 * addresses of NUL-terminated text; 0 means none.
 */
enum abi_test_word {
	ABI_TEST_NAME,		/* string: the identifier */
	ABI_TEST_TEXT,		/* string: the sentence */
	ABI_TEST_FILE,		/* string: source file */
	ABI_TEST_LINE,
	ABI_TEST_RUN,		/* its code */
	ABI_TEST_NEEDS,		/* CPU features: for the guest */
	ABI_TEST_NEEDS_TEXT,	/* string: the same as the author wrote them */
	ABI_TEST_LACKS,
	ABI_TEST_LACKS_TEXT,	/* string */
	ABI_TEST_DEVICES,	/* devices: for the guest */
	ABI_TEST_DEVICES_TEXT,	/* string */
	ABI_TEST_CPUS,		/* at least so many, 0 for any */
	ABI_TEST_MEMORY,	/* at least so many bytes, 0 for any */
	ABI_TEST_XFAIL,		/* string: why it must fail */
	ABI_TEST_ENDS,		/* enum abi_ends */
	ABI_TEST_XFAIL_ON,	/* string: the hypervisor, as it signs, that
				 * XFAIL is about; 0 for all */
	ABI_TEST_WORDS
};
#endif /* __ASSEMBLER__ */

#endif
