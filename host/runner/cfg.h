/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unittests.cfg: the cases, each an image and the machine to run it on.  The
 * format is that of kvm-unit-tests; whatever is doubtful in a file is reported
 * with its line and never stops the other cases.
 */
#ifndef HOST_RUNNER_CFG_H
#define HOST_RUNNER_CFG_H

#include <stdbool.h>
#include <stddef.h>

struct dirent;

/* X(key, meaning): one text per key of a case, NULL if it is not given. */
#define CFG_KEYS(X)							\
	X(file,		"image, relative to the test directory")	\
	X(smp,		"CPUs: words behind -smp")			\
	X(test_args,	"words behind -append")				\
	X(qemu_params,	"options in QEMU's words")			\
	X(kvmtool_params, "options in kvmtool's words")			\
	X(cpu,		"CPU model and features: max,+umip")		\
	X(memory,	"RAM: 256M")					\
	X(devices,	"devices and switches: pit=off")		\
	X(groups,	"words for -g")					\
	X(arch,		"the only architecture")			\
	X(machine,	"the only machine type")			\
	X(accel,	"the only accelerator")				\
	X(timeout,	"duration: 90, 90s, 2m; 0 for none")		\
	X(alone,	"y: nothing runs beside it")			\
	X(check,	"PATH=VALUE words that must hold")		\
	X(disabled_if,	"a shell condition")

struct cfg_case {
	char *name;
	const char *path;	/* of the file, or NULL */
	unsigned int line;	/* of the header, from 1 */
#define CFG_FIELD(key, meaning) char *key;
	CFG_KEYS(CFG_FIELD)
#undef CFG_FIELD
};

struct cfg {
	struct cfg_case *cases;	/* in file order */
	size_t count;
	char **paths;		/* of the files read */
	size_t path_count;
};

enum cfg_mode {
	CFG_ADD,		/* every case is a new one, of whatever name */
	CFG_OVERLAY,		/* keys of a case whose name is known change that one */
	CFG_FILL,		/* a case whose name is known is passed over */
};

/* What the reader of a file in this format does with what it finds. */
struct cfg_reader {
	/* "[NAME]" */
	void (*header)(void *context, const char *name, unsigned int line);
	/* "KEY = VALUE"; returns whether the key is known */
	int (*key)(void *context, const char *key, const char *value,
		   unsigned int line);
	/* Something doubtful: one line of text */
	void (*doubt)(void *context, unsigned int line, const char *text);
	/* Names of the keys, ended by NULL, for suggestions. */
	const char *const *keys;
	/* Keys whose values may span lines, ended by NULL; or NULL. */
	const char *const *long_keys;
	/* Keys whose values are prose, where '#' and quotes mean nothing; or NULL. */
	const char *const *prose_keys;
	void *context;
};

/**
 * cfg_scan() - read a text in the format of unittests.cfg
 * @reader: whom to tell
 * @text: the file's contents
 * @size: bytes at @text
 */
void cfg_scan(const struct cfg_reader *reader, const char *text, size_t size);

/**
 * cfg_parse() - add the cases of a text
 * @cfg: where
 * @path: its name, for messages
 * @text: the file's contents
 * @size: bytes at @text
 * @mode: what becomes of cases whose names are known
 * @doubt: told each doubtful thing as "PATH:LINE: …", one line
 */
void cfg_parse(struct cfg *cfg, const char *path, const char *text, size_t size,
	       enum cfg_mode mode, void (*doubt)(const char *message));

/**
 * cfg_read() - add the cases of a file, or of a folder's *.cfg, by their names
 * @cfg: where
 * @path: the file or the folder
 * @mode: as for cfg_parse()
 * @doubt: as for cfg_parse()
 *
 * Returns false, errno set, if it cannot be read.
 */
bool cfg_read(struct cfg *cfg, const char *path, enum cfg_mode mode,
	      void (*doubt)(const char *message));

/**
 * cfg_is_file() - for scandir(): is this a configuration file, by its name?
 * @entry: of a folder
 */
int cfg_is_file(const struct dirent *entry);

/**
 * cfg_copy() - append a copy of a case
 * @cfg: where
 * @index: of the case
 *
 * Returns it.
 */
struct cfg_case *cfg_copy(struct cfg *cfg, size_t index);

/**
 * cfg_add() - append a case that no file mentions
 * @cfg: where
 * @name: its name; copied
 *
 * Returns the case, all keys unset.
 */
struct cfg_case *cfg_add(struct cfg *cfg, const char *name);

/**
 * cfg_free() - give the memory back
 * @cfg: which
 */
void cfg_free(struct cfg *cfg);

#endif
