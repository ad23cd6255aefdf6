/* SPDX-License-Identifier: BSD-2-Clause */
/* Known failures. */
#include "runner/known.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/cfg.h"
#include "runner/plan.h"
#include "runner/settings.h"

struct known_parse {
	struct known *known;
	const char *path, *kind;
	void (*doubt)(const char *message);
};

static void say(const char *path, unsigned int line, const char *text,
		void (*doubt)(const char *message))
{
	struct buf message = { 0 };

	buf_printf(&message, "%s:%u: %s", path, line, text);
	doubt(buf_text(&message));
	buf_free(&message);
}

static void parse_header(void *context, const char *name, unsigned int line)
{
	struct known_parse *parse = context;
	struct known *known = parse->known;
	const char *test = strstr(name, ": ");
	const char *subtest = test ? strstr(test + 2, ": ") : NULL;
	struct known_entry *entry;

	known->entries = mem_grow(known->entries, known->count, sizeof(*entry));
	entry = &known->entries[known->count++];
	*entry = (struct known_entry){
		.path = parse->path, .line = line, .on = mem_copy(parse->kind),
		.reason = mem_copy("no reason given"),
	};
	if (!test) {
		say(parse->path, line, "a header here is [IMAGE: TEST] or [IMAGE: TEST: SUBTEST]",
		    parse->doubt);
		entry->image = mem_copy("");
		entry->test = mem_copy("");
		return;
	}
	entry->image = mem_text(name, test - name);
	test += 2;
	entry->test = subtest ? mem_text(test, subtest - test) : mem_copy(test);
	entry->subtest = subtest ? mem_copy(subtest + 2) : NULL;
}

static int parse_key(void *context, const char *key, const char *value, unsigned int line)
{
	struct known_parse *parse = context;
	struct known_entry *entry = &parse->known->entries[parse->known->count - 1];
	char **field = !strcmp(key, "on") ? &entry->on :
		       !strcmp(key, "arch") ? &entry->arch :
		       !strcmp(key, "reason") ? &entry->reason : NULL;

	(void)line;
	if (!field)
		return 0;
	free(*field);
	*field = mem_copy(value);
	return 1;
}

static void parse_doubt(void *context, unsigned int line, const char *text)
{
	struct known_parse *parse = context;

	say(parse->path, line, text, parse->doubt);
}

void known_parse(struct known *known, const char *path, const char *kind,
		 const char *text, size_t size, void (*doubt)(const char *message))
{
	static const char *const keys[] = { "on", "arch", "reason", NULL };
	static const char *const prose[] = { "reason", NULL };
	struct known_parse parse = { .known = known, .kind = kind, .doubt = doubt };
	struct cfg_reader reader = {
		.header = parse_header, .key = parse_key, .doubt = parse_doubt,
		.keys = keys, .prose_keys = prose, .context = &parse,
	};

	known->paths = mem_grow(known->paths, known->path_count, sizeof(*known->paths));
	parse.path = known->paths[known->path_count++] = mem_copy(path);
	cfg_scan(&reader, text, size);
}

static void file_add(struct known *known, const char *path, const char *kind,
		     void (*doubt)(const char *message))
{
	size_t size;
	char *text = file_read(path, &size);
	struct buf message = { 0 };

	if (text) {
		known_parse(known, path, kind, text, size, doubt);
	} else if (errno != ENOENT) {
		buf_printf(&message, "%s: %s", path, strerror(errno));
		doubt(buf_text(&message));
		buf_free(&message);
	}
	free(text);
}

static int is_cfg(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return *entry->d_name != '.' && length > 4 &&
	       !strcmp(entry->d_name + length - 4, ".cfg");
}

void known_read(struct known *known, const char *directory,
		void (*doubt)(const char *message))
{
	struct buf path = { 0 };
	struct dirent **entries;
	int count;

	buf_printf(&path, "%s/known-failures.cfg", directory);
	file_add(known, buf_text(&path), NULL, doubt);
	path.length -= strlen(".cfg");
	count = scandir(buf_text(&path), &entries, is_cfg, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char *kind = mem_text(name, strlen(name) - strlen(".cfg"));
		struct buf file = { 0 };

		buf_printf(&file, "%s/%s", buf_text(&path), name);
		file_add(known, buf_text(&file), kind, doubt);
		buf_free(&file);
		free(kind);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	buf_free(&path);
}

const char *image_stem(const char *path, size_t *length)
{
	const char *slash = strrchr(path, '/'), *dot;

	if (slash)
		path = slash + 1;
	dot = strrchr(path, '.');
	*length = dot ? (size_t)(dot - path) : strlen(path);
	return path;
}

static bool word_among(const char *words, const char *word)
{
	const char *one;
	size_t length;

	while ((one = str_word(&words, " \t", &length)))
		if (str_same(one, length, word))
			return true;
	return false;
}

bool known_applies(const struct known_entry *entry, const char *image,
		   const char *kind, const char *arch)
{
	size_t length;
	const char *stem = image_stem(image, &length);

	return str_same(stem, length, entry->image) &&
	       (!entry->on || word_among(entry->on, kind)) &&
	       (!entry->arch || word_among(entry->arch, arch));
}

bool known_covers(const struct known_entry *entry, const char *test, const char *subtest)
{
	size_t length;

	if (strcmp(entry->test, test))
		return false;
	if (!entry->subtest)
		return true;
	length = strlen(entry->subtest);
	if (length && entry->subtest[length - 1] == '*')
		return *subtest && !strncmp(entry->subtest, subtest, length - 1);
	return !strcmp(entry->subtest, subtest);
}

void known_doubts(const struct known *known, const char *image, const struct plan *plan,
		  void (*doubt)(const char *message))
{
	size_t length;
	const char *stem = image_stem(image, &length);

	for (size_t i = 0; plan->ours && i < known->count; i++) {
		const struct known_entry *entry = &known->entries[i];
		struct buf text = { 0 };
		bool found = false;

		if (!str_same(stem, length, entry->image))
			continue;
		for (size_t t = 0; t < plan->count; t++)
			found |= !strcmp(plan->tests[t].name, entry->test);
		if (found)
			continue;
		buf_printf(&text, "%s has no TEST '%s'", image, entry->test);
		say(entry->path, entry->line, buf_text(&text), doubt);
		buf_free(&text);
	}
}

void known_free(struct known *known)
{
	for (size_t i = 0; i < known->count; i++) {
		struct known_entry *entry = &known->entries[i];

		free(entry->image);
		free(entry->test);
		free(entry->subtest);
		free(entry->on);
		free(entry->arch);
		free(entry->reason);
	}
	for (size_t i = 0; i < known->path_count; i++)
		free(known->paths[i]);
	free(known->entries);
	free(known->paths);
	*known = (struct known){ 0 };
}
