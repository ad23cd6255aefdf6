/* SPDX-License-Identifier: BSD-2-Clause */
/* What has been found out about a VMM's program, kept between runs. */
#include "runner/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/report.h"

char *user_folder(const char *variable, const char *otherwise)
{
	const char *folder = getenv(variable), *home = getenv("HOME");
	struct buf path = { 0 };

	if (folder && *folder == '/')
		buf_printf(&path, "%s/flatbed", folder);
	else if (home && *home == '/')
		buf_printf(&path, "%s/%s/flatbed", home, otherwise);
	return path.length ? buf_take(&path) : NULL;
}

bool folder_make(const char *path)
{
	char *copy = mem_copy(path);
	struct stat info;

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0777);
		*slash = '/';
	}
	free(copy);
	if (!mkdir(path, 0777))
		return true;
	return errno == EEXIST && !stat(path, &info) && S_ISDIR(info.st_mode);
}

/* A file name that says which file it is, and which state of it. */
static void identity_add(struct buf *out, const char *program, const struct stat *info)
{
	for (; *program; program++)
		buf_add(out, *program == '/' ? "%" : program, 1);
	buf_printf(out, "-%lld-%lld.%09ld", (long long)info->st_size,
		   (long long)info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
}

/* What a script runs may change, and the script not. */
static bool is_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char start[2] = "";
	bool is;

	if (fd < 0)
		return false;
	is = read(fd, start, sizeof(start)) == sizeof(start) && !memcmp(start, "#!", 2);
	close(fd);
	return is;
}

void cache_open(struct cache *cache, const char *program)
{
	char *folder = user_folder("XDG_CACHE_HOME", ".cache");
	char *whole = realpath(program, NULL);
	struct buf path = { 0 };
	struct stat info;

	*cache = (struct cache){ 0 };
	if (folder && whole && !stat(whole, &info) && !is_script(whole)) {
		buf_printf(&path, "%s/vmm/", folder);
		identity_add(&path, whole, &info);
		cache->path = buf_take(&path);
		settings_read(&cache->facts, cache->path);
	}
	free(whole);
	free(folder);
}

const char *cache_get(const struct cache *cache, const char *name)
{
	return settings_get(&cache->facts, name, NULL);
}

/* Whole or not at all, whoever else writes: by a name of our own. */
static void cache_save(struct cache *cache)
{
	struct buf text = { 0 }, mine = { 0 };
	char *folder = mem_text(cache->path, strrchr(cache->path, '/') - cache->path);
	int fd = -1;

	for (size_t i = 0; i < cache->facts.count; i++)
		buf_printf(&text, "%s=%s\n", cache->facts.setting[i].name,
			   cache->facts.setting[i].value);
	buf_printf(&mine, "%s.%d", cache->path, (int)getpid());
	if (folder_make(folder))
		fd = open(buf_text(&mine), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0) {
		bool written = write_all(fd, text.data, text.length);

		close(fd);
		if (!written || rename(buf_text(&mine), cache->path))
			unlink(buf_text(&mine));
	}
	free(folder);
	buf_free(&text);
	buf_free(&mine);
}

void cache_put(struct cache *cache, const char *name, const char *value)
{
	settings_set(&cache->facts, name, value);
	if (cache->path)
		cache_save(cache);
}

void cache_close(struct cache *cache)
{
	settings_free(&cache->facts);
	free(cache->path);
	*cache = (struct cache){ 0 };
}
