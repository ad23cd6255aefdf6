/* SPDX-License-Identifier: BSD-2-Clause */
/* unittests.cfg: the cases. */
#include "runner/cfg.h"

#include <ctype.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "runner/settings.h"

#define FENCE "\"\"\""

struct cfg_scan {
	const struct cfg_reader *reader;
	const char *at, *end;
	unsigned int line;	/* of the line last taken */
	bool in_case;		/* a header has been seen */
	bool nameless;		/* it was empty: what follows is about nothing */
};

static void doubt(const struct cfg_scan *scan, unsigned int line, struct buf *text)
{
	scan->reader->doubt(scan->reader->context, line, buf_text(text));
	buf_free(text);
}

/* The next line without its end and the blanks around it; NULL behind the last. */
static char *line_take(struct cfg_scan *scan)
{
	const char *start = scan->at, *end, *zero;
	struct buf text = { 0 };

	if (start == scan->end)
		return NULL;
	end = memchr(start, '\n', scan->end - start);
	if (!end)
		end = scan->end;
	scan->at = end == scan->end ? end : end + 1;
	scan->line++;
	while (end > start && strchr(" \t\r", end[-1]) && end[-1])
		end--;
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	zero = memchr(start, '\0', end - start);
	if (zero) {
		buf_puts(&text, "a NUL byte: what follows it on this line is ignored");
		doubt(scan, scan->line, &text);
		end = zero;
	}
	return mem_text(start, end - start);
}

static bool listed(const char *const *list, const char *word)
{
	for (; list && *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

/* Ends a value at an unquoted '#' behind a blank; returns whether there was one. */
static bool comment_cut(char *value)
{
	char quote = '\0';

	for (char *c = value; *c; c++) {
		if (*c == '\\' && quote != '\'' && c[1]) {
			c++;
		} else if (quote) {
			if (*c == quote)
				quote = '\0';
		} else if (*c == '\'' || *c == '"') {
			quote = *c;
		} else if (*c == '#' && (c == value || c[-1] == ' ' || c[-1] == '\t')) {
			while (c > value && (c[-1] == ' ' || c[-1] == '\t'))
				c--;
			*c = '\0';
			return true;
		}
	}
	return false;
}

/* An odd number of backslashes at the end joins the next line on. */
static void join_add(struct buf *value, const char *line, bool first)
{
	size_t back = 0;

	while (back < value->length && value->data[value->length - 1 - back] == '\\')
		back++;
	if (back % 2)
		value->length--;
	else if (!first)
		buf_puts(value, "\n");
	buf_puts(value, line);
}

/* The rest of a value behind its opening fence. */
static char *long_value(struct cfg_scan *scan, const char *head)
{
	unsigned int opened = scan->line;
	struct buf value = { 0 }, text = { 0 };
	const char *fence = strstr(head, FENCE);
	bool first = !*head;

	if (fence)
		return mem_text(head, fence - head);
	buf_puts(&value, head);
	for (;;) {
		char *line = line_take(scan), *end;

		if (!line)
			break;
		end = strstr(line, FENCE);
		if (end)
			*end = '\0';
		if (!end || *line)
			join_add(&value, line, first);
		first = false;
		free(line);
		if (end)
			return buf_take(&value);
	}
	buf_puts(&text, "a value that begins with " FENCE " is never ended");
	doubt(scan, opened, &text);
	return buf_take(&value);
}

static void doubt_key(struct cfg_scan *scan, unsigned int line, const char *key)
{
	const char *nearest = NULL;
	struct buf text = { 0 };
	size_t best = strlen(key) / 2 + 1;

	for (const char *const *name = scan->reader->keys; *name; name++)
		if (str_nearest(key, strlen(key), *name, &best))
			nearest = *name;
	buf_printf(&text, "key '%s' is not known; ", key);
	if (nearest)
		buf_printf(&text, "the nearest is '%s'; ", nearest);
	buf_puts(&text, "it is ignored");
	doubt(scan, line, &text);
}

static void key_take(struct cfg_scan *scan, char *key, char *value)
{
	const struct cfg_reader *reader = scan->reader;
	unsigned int line = scan->line;
	struct buf text = { 0 };
	char *whole = NULL;

	if (!strncmp(value, FENCE, strlen(FENCE)) && listed(reader->long_keys, key)) {
		whole = long_value(scan, value + strlen(FENCE));
		value = whole;
	} else if (!listed(reader->prose_keys, key) && comment_cut(value)) {
		buf_printf(&text, "' #' in the value of '%s' is taken for a comment", key);
		doubt(scan, line, &text);
	}
	if (!scan->in_case) {
		buf_printf(&text, "key '%s' before the first [NAME] is ignored", key);
		doubt(scan, line, &text);
	} else if (!scan->nameless && !reader->key(reader->context, key, value, line)) {
		doubt_key(scan, line, key);
	}
	free(whole);
}

static void line_read(struct cfg_scan *scan, char *line)
{
	size_t length = strlen(line), key = 0;
	struct buf text = { 0 };
	char *equals;

	if (!length || *line == '#')
		return;
	if (*line == '[' && line[length - 1] == ']') {
		line[length - 1] = '\0';
		scan->in_case = true;
		scan->nameless = length == 2;
		if (scan->nameless) {
			buf_puts(&text, "a case needs a name: [NAME]");
			doubt(scan, scan->line, &text);
			return;
		}
		scan->reader->header(scan->reader->context, line + 1, scan->line);
		return;
	}
	while (isalnum((unsigned char)line[key]) || line[key] == '_')
		key++;
	equals = line + key + strspn(line + key, " ");
	if (key && *equals == '=') {
		char *value = equals + 1;

		value += strspn(value, " \t");
		line[key] = '\0';
		key_take(scan, line, value);
		return;
	}
	if (key && equals[strspn(equals, " \t")] == '=')
		buf_printf(&text, "a tab in front of '=': this line is ignored");
	else if (*line == '[')
		buf_printf(&text, "[NAME] must be the whole line: this line is ignored");
	else
		buf_printf(&text, "neither [NAME] nor KEY = VALUE: this line is ignored");
	doubt(scan, scan->line, &text);
}

void cfg_scan(const struct cfg_reader *reader, const char *text, size_t size)
{
	struct cfg_scan scan = { .reader = reader, .at = text, .end = text + size };
	char *line;

	/* Some editors' mark of UTF-8. */
	if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		scan.at += 3;
	while ((line = line_take(&scan))) {
		line_read(&scan, line);
		free(line);
	}
}

struct cfg_parse {
	struct cfg *cfg;
	const char *path;	/* lives as long as the cases */
	enum cfg_mode mode;
	struct map names;	/* of cases there were: their indices from 1 */
	size_t current;		/* index of the case whose keys come, from 1; 0: none */
	void (*doubt)(const char *message);
};

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
#define CFG_KEY(key, meaning) { #key, offsetof(struct cfg_case, key) },
	CFG_KEYS(CFG_KEY)
#undef CFG_KEY
	{ "extra_params", offsetof(struct cfg_case, qemu_params) },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define SYNONYMS	1	/* at the table's end */

static const char *const field_names[] = {
#define CFG_NAME(key, meaning) #key,
	CFG_KEYS(CFG_NAME)
#undef CFG_NAME
	"extra_params", NULL
};

static const char *const long_fields[] = {
	"qemu_params", "extra_params", "kvmtool_params", NULL
};

static char **case_field(struct cfg_case *one, size_t offset)
{
	return (char **)(void *)((char *)one + offset);
}

struct cfg_case *cfg_add(struct cfg *cfg, const char *name)
{
	struct cfg_case *one;

	cfg->cases = mem_grow(cfg->cases, cfg->count, sizeof(*one));
	one = &cfg->cases[cfg->count++];
	*one = (struct cfg_case){ .name = mem_copy(name) };
	return one;
}

struct cfg_case *cfg_copy(struct cfg *cfg, size_t index)
{
	struct cfg_case *copy = cfg_add(cfg, cfg->cases[index].name);
	const struct cfg_case *one = &cfg->cases[index];

	copy->path = one->path;
	copy->line = one->line;
	for (size_t f = 0; f < COUNT(fields) - SYNONYMS; f++)
		*case_field(copy, fields[f].offset) =
			mem_copy(*case_field((struct cfg_case *)(uintptr_t)one, fields[f].offset));
	return copy;
}

static void parse_header(void *context, const char *name, unsigned int line)
{
	struct cfg_parse *parse = context;
	const size_t *known = parse->mode == CFG_ADD ? NULL : map_find(&parse->names, name);
	struct cfg_case *one;

	if (known) {
		parse->current = parse->mode == CFG_OVERLAY ? *known : 0;
		return;
	}
	one = cfg_add(parse->cfg, name);
	one->path = parse->path;
	one->line = line;
	parse->current = parse->cfg->count;
	if (parse->mode == CFG_OVERLAY)
		*map_at(&parse->names, name) = parse->current;
}

static int parse_key(void *context, const char *key, const char *value,
		     unsigned int line)
{
	struct cfg_parse *parse = context;

	(void)line;
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (!strcmp(fields[i].name, key)) {
			char **field;

			if (!parse->current)
				return 1;
			field = case_field(&parse->cfg->cases[parse->current - 1],
					   fields[i].offset);
			free(*field);
			*field = mem_copy(value);
			return 1;
		}
	}
	return 0;
}

static void parse_doubt(void *context, unsigned int line, const char *text)
{
	struct cfg_parse *parse = context;
	struct buf message = { 0 };

	buf_printf(&message, "%s:%u: %s", parse->path, line, text);
	parse->doubt(buf_text(&message));
	buf_free(&message);
}

void cfg_parse(struct cfg *cfg, const char *path, const char *text, size_t size,
	       enum cfg_mode mode, void (*doubt_fn)(const char *message))
{
	struct cfg_parse parse = { .cfg = cfg, .mode = mode, .doubt = doubt_fn };
	struct cfg_reader reader = {
		.header = parse_header, .key = parse_key, .doubt = parse_doubt,
		.keys = field_names, .long_keys = long_fields, .context = &parse,
	};

	cfg->paths = mem_grow(cfg->paths, cfg->path_count, sizeof(*cfg->paths));
	parse.path = cfg->paths[cfg->path_count++] = mem_copy(path);
	for (size_t i = 0; mode != CFG_ADD && i < cfg->count; i++)
		*map_at(&parse.names, cfg->cases[i].name) = i + 1;
	cfg_scan(&reader, text, size);
	map_free(&parse.names);
}

static bool file_parse(struct cfg *cfg, const char *path, enum cfg_mode mode,
		       void (*doubt_fn)(const char *message))
{
	size_t size;
	char *text = file_read(path, &size);

	if (!text)
		return false;
	cfg_parse(cfg, path, text, size, mode, doubt_fn);
	free(text);
	return true;
}

int cfg_is_file(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return *entry->d_name != '.' && length > 4 &&
	       !strcmp(entry->d_name + length - 4, ".cfg");
}

bool cfg_read(struct cfg *cfg, const char *path, enum cfg_mode mode,
	      void (*doubt_fn)(const char *message))
{
	struct dirent **entries;
	int count = scandir(path, &entries, cfg_is_file, alphasort);
	bool good = true;

	if (count < 0)
		return file_parse(cfg, path, mode, doubt_fn);
	for (int i = 0; i < count; i++) {
		struct buf file = { 0 };

		buf_printf(&file, "%s/%s", path, entries[i]->d_name);
		good &= file_parse(cfg, buf_text(&file), mode, doubt_fn);
		buf_free(&file);
		free(entries[i]);
	}
	free(entries);
	return good;
}

void cfg_free(struct cfg *cfg)
{
	for (size_t i = 0; i < cfg->count; i++) {
		for (size_t f = 0; f < COUNT(fields) - SYNONYMS; f++)
			free(*case_field(&cfg->cases[i], fields[f].offset));
		free(cfg->cases[i].name);
	}
	for (size_t i = 0; i < cfg->path_count; i++)
		free(cfg->paths[i]);
	free(cfg->cases);
	free(cfg->paths);
	*cfg = (struct cfg){ 0 };
}
