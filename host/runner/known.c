/* SPDX-License-Identifier: BSD-2-Clause */
/* Known failures. */
#include "runner/known.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/cfg.h"
#include "runner/conduct.h"
#include "runner/host_facts.h"
#include "runner/plan.h"
#include "runner/settings.h"
#include "vmm/vm.h"

struct known_parse {
	struct known *known;
	const char *path, *kind;
	size_t first;		/* entry of this file */
	bool passing;		/* over an entry */
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

/* Keys of an entry, and where their values go. */
static const struct {
	const char *name;
	size_t offset;
} fields[] = {
#define ENTRY(key)	{ #key, offsetof(struct known_entry, key) }
	ENTRY(on), ENTRY(arch), ENTRY(vendor), ENTRY(beneath), ENTRY(kernel), ENTRY(backend),
	ENTRY(perturbed), ENTRY(reason), ENTRY(link), ENTRY(sometimes), ENTRY(expires),
#undef ENTRY
};

#define FIELD_COUNT	(sizeof(fields) / sizeof(*fields))

const struct text_row known_keys[] = {
	{ "on", "kinds of host, any of the words; without it the one that the file is named "
	  "after" },
	{ "arch", "of the image, any of the words; without it, all" },
	{ "vendor", "of the host's CPU, any of the words: intel, amd, …; without it, all" },
	{ "beneath", "hypervisor that the host itself runs on, any of the words: tcg, kvm, none, "
	  "…; without it, all" },
	{ "kernel", "conditions for the host's kernel, all of which must hold: >=6.1 <6.9" },
	{ "backend", "what runs the case, any of the words: kvm, qemu, bochs; without it, all" },
	{ "perturbed", "what is done to the machine that must not matter, any of the words: "
	  "migrate, singlestep, …; without it, anything or nothing" },
	{ "reason", "one line for whoever reads the result; an entry without one does not count" },
	{ "link", "where to read more" },
	{ "sometimes", "what decides whether it fails, if anything: passing is as good then" },
	{ "expires", "last day on which the entry counts: 2026-12-31" },
	{ NULL, NULL }
};

static char **field_of(struct known_entry *entry, size_t index)
{
	return (char **)((char *)entry + fields[index].offset);
}

static void entry_void(struct known_entry *entry, const char *why,
		       void (*doubt)(const char *message))
{
	struct buf text = { 0 };

	entry->void_ = true;
	buf_printf(&text, "%s; the entry counts no more", why);
	say(entry->path, entry->line, buf_text(&text), doubt);
	buf_free(&text);
}

/* One condition: an order, and a version. */
static size_t condition_operator(const char *word)
{
	return strspn(word, "<>=");
}

static bool condition_holds(const char *word, size_t length, const char *kernel)
{
	char *version = mem_text(word, length);
	size_t operator = condition_operator(version);
	int order = version_compare(kernel, version + operator);
	bool holds = operator == 0 ? !order :
		(order < 0 && strchr("<", version[0])) ||
		(order > 0 && strchr(">", version[0])) ||
		(order == 0 && version[operator - 1] == '=');

	free(version);
	return holds;
}

static bool conditions_hold(const char *words, const char *kernel)
{
	const char *word;
	size_t length;

	while ((word = str_word(&words, " \t", &length)))
		if (!condition_holds(word, length, kernel))
			return false;
	return true;
}

static bool conditions_sound(const char *words)
{
	const char *word;
	size_t length;

	while ((word = str_word(&words, " \t", &length))) {
		static const char *const operators[] = { "", "<", ">", "=", "<=", ">=" };
		size_t operator = condition_operator(word);
		bool known = false;

		for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
			known |= str_same(word, operator, operators[i]);
		if (!known || operator >= length || !isdigit((unsigned char)word[operator]))
			return false;
	}
	return true;
}

/* The first word that is no perturbation, or NULL. */
static const char *perturbation_odd(const char *words, size_t *length)
{
	const char *word;

	while ((word = str_word(&words, " \t", length)))
		if (!conduct_perturbs(word, *length))
			return word;
	return NULL;
}

/* Days of this form are in order as texts are. */
static bool is_day(const char *text)
{
	static const char form[] = "0000-00-00";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : form[i] != text[i])
			return false;
	return true;
}

static const char *today(struct known *known)
{
	time_t now = time(NULL);
	struct tm local;

	if (*known->today)
		return known->today;
	localtime_r(&now, &local);
	strftime(known->today, sizeof(known->today), "%Y-%m-%d", &local);
	return known->today;
}

/* Once all its keys are read. */
static void entry_check(struct known_parse *parse)
{
	struct known *known = parse->known;
	struct known_entry *entry = parse->first < known->count ?
		&known->entries[known->count - 1] : NULL;
	struct buf text = { 0 };
	const char *odd;
	size_t length;

	if (!entry || entry->void_ || parse->passing)
		return;
	if (!entry->reason || !*entry->reason) {
		entry_void(entry, "it has no reason", parse->doubt);
	} else if (entry->expires && !is_day(entry->expires)) {
		buf_printf(&text, "expires = %s: a day is written as 2026-01-31", entry->expires);
		entry_void(entry, buf_text(&text), parse->doubt);
	} else if (entry->kernel && !conditions_sound(entry->kernel)) {
		buf_printf(&text, "kernel = %s: conditions are written as >=6.1 <6.9",
			   entry->kernel);
		entry_void(entry, buf_text(&text), parse->doubt);
	} else if (entry->perturbed && (odd = perturbation_odd(entry->perturbed, &length))) {
		buf_printf(&text, "perturbed = %.*s: there is no such perturbation", (int)length,
			   odd);
		entry_void(entry, buf_text(&text), parse->doubt);
	} else if (entry->expires && strcmp(entry->expires, today(known)) < 0) {
		entry->expired = true;
		buf_printf(&text, "it expired on %s", entry->expires);
		entry_void(entry, buf_text(&text), parse->doubt);
	}
	buf_free(&text);
}

static bool is_about(const char *image, const char *name, const char *end)
{
	size_t length;
	const char *stem = image_stem(image, &length);

	return end && (size_t)(end - name) == length && !strncmp(stem, name, length);
}

static void parse_header(void *context, const char *name, unsigned int line)
{
	struct known_parse *parse = context;
	struct known *known = parse->known;
	const char *test = strstr(name, ": ");
	const char *subtest = test ? strstr(test + 2, ": ") : NULL;
	struct known_entry *entry;

	entry_check(parse);
	parse->passing = known->image && !is_about(known->image, name, test);
	if (parse->passing)
		return;
	known->entries = mem_grow(known->entries, known->count, sizeof(*entry));
	entry = &known->entries[known->count++];
	*entry = (struct known_entry){
		.path = parse->path, .line = line, .on = mem_copy(parse->kind),
	};
	if (!test) {
		entry->image = mem_copy("");
		entry->test = mem_copy("");
		entry_void(entry, "a header here is [IMAGE: TEST] or [IMAGE: TEST: SUBTEST]",
			   parse->doubt);
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
	struct known_entry *entry;

	(void)line;
	if (parse->passing)
		return 1;
	entry = &parse->known->entries[parse->known->count - 1];
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (strcmp(fields[i].name, key))
			continue;
		free(*field_of(entry, i));
		*field_of(entry, i) = mem_copy(value);
		return 1;
	}
	return 0;
}

static void parse_doubt(void *context, unsigned int line, const char *text)
{
	struct known_parse *parse = context;

	say(parse->path, line, text, parse->doubt);
}

/* Most files say nothing of one image, and lines take their time. */
static bool is_named(const char *image, const char *text, size_t size)
{
	size_t length;
	const char *stem = image_stem(image, &length);

	return memmem(text, size, stem, length);
}

void known_parse(struct known *known, const char *path, const char *kind,
		 const char *text, size_t size, void (*doubt)(const char *message))
{
	static const char *keys[FIELD_COUNT + 1];
	static const char *const prose[] = { "reason", "link", "kernel", "sometimes", NULL };
	struct known_parse parse = {
		.known = known, .kind = kind, .first = known->count, .doubt = doubt,
	};
	struct cfg_reader reader = {
		.header = parse_header, .key = parse_key, .doubt = parse_doubt,
		.keys = keys, .prose_keys = prose, .context = &parse,
	};

	if (known->image && !is_named(known->image, text, size))
		return;
	for (size_t i = 0; i < FIELD_COUNT; i++)
		keys[i] = fields[i].name;
	known->paths = mem_grow(known->paths, known->path_count, sizeof(*known->paths));
	parse.path = known->paths[known->path_count++] = mem_copy(path);
	cfg_scan(&reader, text, size);
	entry_check(&parse);
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

void known_read(struct known *known, const char *directory,
		void (*doubt)(const char *message))
{
	struct buf path = { 0 };
	struct dirent **entries;
	int count;

	buf_printf(&path, "%s/known-failures.cfg", directory);
	file_add(known, buf_text(&path), NULL, doubt);
	path.length -= strlen(".cfg");
	count = scandir(buf_text(&path), &entries, cfg_is_file, alphasort);
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

/* Is any of these words among those? */
static bool words_meet(const char *words, const char *others)
{
	const char *word;
	size_t length;

	while ((word = str_word(&words, " \t", &length))) {
		const char *rest = others, *other;
		size_t size;

		while ((other = str_word(&rest, " \t", &size)))
			if (size == length && !memcmp(word, other, size))
				return true;
	}
	return false;
}

bool known_about(const struct known_entry *entry, const char *image,
		 const struct known_host *host)
{
	size_t length;
	const char *stem = image_stem(image, &length);

	return str_same(stem, length, entry->image) &&
	       (!entry->on || word_among(entry->on, host->kind ? host->kind : vm_host_kind())) &&
	       (!entry->arch || word_among(entry->arch, host->arch)) &&
	       (!entry->vendor || word_among(entry->vendor, host->vendor ? host->vendor :
						host_facts()->vendor)) &&
	       (!entry->beneath || word_among(entry->beneath, host->beneath ? host->beneath :
						 host_facts()->beneath)) &&
	       (!entry->backend || word_among(entry->backend, host->backend)) &&
	       (!entry->perturbed || words_meet(entry->perturbed, host->perturbed ?
						    host->perturbed : "")) &&
	       (!entry->kernel || conditions_hold(entry->kernel, host->kernel ?
						       host->kernel : host_facts()->kernel));
}

bool known_applies(const struct known_entry *entry, const char *image,
		   const struct known_host *host)
{
	return !entry->void_ && known_about(entry, image, host);
}

bool known_sometimes(const struct known_entry *entry)
{
	return entry->sometimes || entry->perturbed;
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

void known_doubts(const struct known *known, const char *image, const char *arch,
		  const struct plan *plan, void (*doubt)(const char *message))
{
	size_t length;
	const char *stem = image_stem(image, &length);

	for (size_t i = 0; plan->ours && i < known->count; i++) {
		const struct known_entry *entry = &known->entries[i];
		struct buf text = { 0 };
		bool found = false;

		if (!str_same(stem, length, entry->image) ||
		    (entry->arch && !word_among(entry->arch, arch)))
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
		for (size_t f = 0; f < FIELD_COUNT; f++)
			free(*field_of(entry, f));
	}
	for (size_t i = 0; i < known->path_count; i++)
		free(known->paths[i]);
	free(known->entries);
	free(known->paths);
	*known = (struct known){ 0 };
}
