/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments, environment, free text, and giving up. */
#include <abi/host.h>
#include <base.h>
#include <boot.h>
#include <device.h>
#include <report.h>

#define MAX_ENVIRONMENT	16384

/* Behind the image's name, which is passed once: TESTs ask for each that there is. */
static const char *arguments(void)
{
	static const char *begin;

	if (begin)
		return begin;
	begin = boot_info.command_line ?: "";
	if (boot_info.no_image_name)
		return begin;
	if (boot_info.host && boot_info.host->name_length)
		return begin += boot_info.host->name_length;
	while (*begin == ' ')
		begin++;
	while (*begin && *begin != ' ')
		begin++;
	return begin;
}

const char *argument(unsigned int n)
{
	static char word[256];
	const char *s = arguments();
	unsigned int skip = n;
	size_t length;

	for (;;) {
		while (*s == ' ')
			s++;
		for (length = 0; s[length] && s[length] != ' ';)
			length++;
		if (!length)
			return NULL;
		if (!skip--)
			break;
		s += length;
	}
	if (length >= sizeof(word))
		panic("argument %u is longer than %zu bytes", n,
		      sizeof(word) - 1);
	memcpy(word, s, length);
	word[length] = 0;
	return word;
}

bool parameter(const char *name, u64 *value)
{
	size_t length = strlen(name);
	const char *word;

	for (unsigned int n = 0; (word = argument(n)); n++) {
		if (strncmp(word, name, length) || word[length] != '=')
			continue;
		if (!parse_number(word + length + 1, 0, value))
			panic("argument \"%s\" has no number", word);
		return true;
	}
	return false;
}

const char *environment(const char *name)
{
	static char value[256];
	const char *s = boot_info.environment;
	const char *end = s + boot_info.environment_size;
	size_t length = strlen(name);

	if (boot_info.environment_size > MAX_ENVIRONMENT)
		panic("the environment is longer than %u bytes",
		      MAX_ENVIRONMENT);
	while (s < end) {
		const char *line = s;

		while (s < end && *s && *s != '\n')
			s++;
		if ((size_t)(s - line) > length && line[length] == '=' &&
		    !memcmp(line, name, length)) {
			size_t size = s - line - length - 1;

			if (size >= sizeof(value))
				panic("environment variable %s is longer than %zu bytes",
				      name, sizeof(value) - 1);
			memcpy(value, line + length + 1, size);
			value[size] = 0;
			return value;
		}
		s++;
	}
	return NULL;
}

bool environment_number(const char *name, u64 *value)
{
	const char *text = environment(name);

	if (!text)
		return false;
	if (!parse_number(text, 0, value))
		panic("environment variable %s is no number: \"%s\"", name,
		      text);
	return true;
}

static void text(const char *fmt, va_list args, const char *before)
{
	char line[512];
	int length, start = strlen(before);

	memcpy(line, before, start);
	length = start + vsnprintf(line + start, sizeof(line) - start, fmt,
				   args);
	report_text(line, length < (int)sizeof(line) ? length :
		    (int)sizeof(line) - 1);
}

int printf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text(fmt, args, "");
	va_end(args);
	return 0;
}

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text(fmt, args, "ABORT: ");
	va_end(args);
	report_text("\n", 1);
	machine_exit(ABI_EXIT_ABORT);
}
