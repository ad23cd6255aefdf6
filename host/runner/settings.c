/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of NAME=value lines. */
#include "runner/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

char *file_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf all = { 0 };
	char chunk[16384];
	ssize_t got;

	if (fd < 0)
		return NULL;
	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(&all, chunk, got);
	if (got < 0) {
		int error = errno;

		close(fd);
		buf_free(&all);
		errno = error;
		return NULL;
	}
	close(fd);
	*size = all.length;
	return buf_take(&all);
}

static struct setting *settings_find(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->count; i++)
		if (!strcmp(settings->setting[i].name, name))
			return &settings->setting[i];
	return NULL;
}

void settings_set(struct settings *settings, const char *name, const char *value)
{
	struct setting *setting = settings_find(settings, name);

	if (!setting) {
		settings->setting = mem_grow(settings->setting, settings->count,
					     sizeof(*setting));
		setting = &settings->setting[settings->count++];
		setting->name = mem_copy(name);
	} else {
		free(setting->value);
	}
	setting->value = mem_copy(value);
}

const char *settings_get(const struct settings *settings, const char *name,
			 const char *otherwise)
{
	const struct setting *setting = settings_find(settings, name);

	return setting && *setting->value ? setting->value : otherwise;
}

static void settings_line(struct settings *settings, char *line)
{
	char *equals = strchr(line, '='), *value, *end;

	if (!equals || equals == line)
		return;
	for (char *c = line; c < equals; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return;
	*equals = '\0';
	value = equals + 1;
	end = value + strlen(value);
	while (end > value && isspace((unsigned char)end[-1]))
		*--end = '\0';
	if (end - value >= 2 && (*value == '"' || *value == '\'') && end[-1] == *value) {
		end[-1] = '\0';
		value++;
	}
	settings_set(settings, line, value);
}

bool settings_read(struct settings *settings, const char *path)
{
	size_t size;
	char *text = file_read(path, &size), *rest = text, *line;

	if (!text)
		return false;
	while ((line = strsep(&rest, "\n")))
		settings_line(settings, line);
	free(text);
	return true;
}

const char *settings_value(const struct settings *settings, const char *name)
{
	const struct setting *setting = settings_find(settings, name);

	return setting ? setting->value : NULL;
}

void settings_export(const struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		setenv(settings->setting[i].name, settings->setting[i].value, 1);
}

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		free(settings->setting[i].name);
		free(settings->setting[i].value);
	}
	free(settings->setting);
	*settings = (struct settings){ 0 };
}
