/* SPDX-License-Identifier: BSD-2-Clause */
/* Which Bochs there are on this host. */
#include "runner/bochs.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "runner/bochs_rom.h"
#include "runner/job.h"
#include "runner/process.h"

#define BOCHS_MAX	2
#define HOST_MIB	64	/* of a modern one's own, for whatever a guest has */

static struct bochs known[BOCHS_MAX];
static size_t known_count;
static char reason[600];

/* Packages unpacked into a folder bring their own loader and libraries. */
static void folder_command(struct words *command, const char *folder)
{
	struct buf pattern = { 0 }, text = { 0 };
	glob_t loaders = { 0 };
	bool found;

	buf_printf(&pattern, "%s/usr/lib/*/ld-linux-*.so.*", folder);
	found = !glob(buf_text(&pattern), 0, NULL, &loaders);
	buf_free(&pattern);
	if (found) {
		const char *loader = loaders.gl_pathv[0];
		const char *libraries = loader + strlen(folder);
		int length = strrchr(libraries, '/') - libraries;

		words_add(command, "env");
		buf_printf(&text, "LTDL_LIBRARY_PATH=%s%.*s/bochs/plugins", folder, length,
			   libraries);
		words_add(command, buf_text(&text));
		words_add(command, loader);
		words_add(command, "--library-path");
		text.length = 0;
		buf_printf(&text, "%s%.*s:%.*s", folder, length, libraries, length, libraries);
		words_add(command, buf_text(&text));
		text.length = 0;
	}
	buf_printf(&text, "%s/usr/bin/bochs-bin", folder);
	words_add(command, buf_text(&text));
	buf_free(&text);
	globfree(&loaders);
}

static bool is_folder(const char *path)
{
	struct stat info;

	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

/* "--help cpu" prints a banner with the version, and the names one a line. */
static bool answer_read(struct bochs *bochs, char *answer)
{
	const char *version = strstr(answer, "Bochs x86 Emulator ");
	char *rest = answer, *line;
	struct buf names = { 0 };

	if (!version)
		return false;
	version += strlen("Bochs x86 Emulator ");
	snprintf(bochs->version, sizeof(bochs->version), "%.*s",
		 (int)strspn(version, "0123456789."), version);
	while ((line = strsep(&rest, "\n")))
		if (*line && line[strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0')
			buf_printf(&names, "%s%s", names.length ? " " : "", line);
	cache_put(&bochs->cache, "version", bochs->version);
	cache_put(&bochs->cache, "models", buf_text(&names));
	buf_free(&names);
	return true;
}

static char *bochs_ask(const struct bochs *bochs, const char *topic)
{
	struct words argv = { 0 };
	char *answer;

	for (size_t i = 0; i < bochs->command.count; i++)
		words_add(&argv, bochs->command.word[i]);
	words_add(&argv, "--help");
	if (topic)
		words_add(&argv, topic);
	answer = program_ask((const char *const *)argv.word, NULL);
	words_free(&argv);
	return answer;
}

static bool facts_ask(struct bochs *bochs)
{
	char *models = bochs_ask(bochs, "cpu"), *help = bochs_ask(bochs, NULL);
	bool good = answer_read(bochs, models);

	if (good)
		cache_put(&bochs->cache, "debugger", strstr(help, "-rc filename") ? "y" : "n");
	else
		snprintf(reason, sizeof(reason), "%s does not answer as Bochs does: %.*s",
			 bochs->command.word[bochs->command.count - 1],
			 (int)strcspn(models, "\n"), models);
	free(models);
	free(help);
	return good;
}

static bool facts_find(struct bochs *bochs)
{
	const char *models;

	if (!cache_get(&bochs->cache, "debugger") && !facts_ask(bochs))
		return false;
	bochs->debugger = *cache_get(&bochs->cache, "debugger") == 'y';
	models = cache_get(&bochs->cache, "models");
	snprintf(bochs->version, sizeof(bochs->version), "%s",
		 cache_get(&bochs->cache, "version"));
	bochs->modern = strtod(bochs->version, NULL) >= 3;
	words_split(&bochs->models, models ? models : "");
	return true;
}

static void bochs_add(struct words *command)
{
	struct bochs *bochs = &known[known_count];

	*bochs = (struct bochs){ .command = *command };
	cache_open(&bochs->cache, command->word[command->count - 1]);
	if (facts_find(bochs)) {
		known_count++;
		return;
	}
	words_free(&bochs->command);
	cache_close(&bochs->cache);
}

static void bochs_seek(void)
{
	const char *given = getenv("BOCHS");
	struct words command = { 0 };
	struct buf side = { 0 };
	char *path, *data;

	snprintf(reason, sizeof(reason), "no Bochs was found (Debian: apt-get install bochs)");
	if (given && *given) {
		path = is_folder(given) ? NULL : program_find(given);
		if (is_folder(given))
			folder_command(&command, given);
		else if (path)
			words_add(&command, path);
		else
			snprintf(reason, sizeof(reason), "BOCHS=%s is no program", given);
		free(path);
		if (command.count)
			bochs_add(&command);
		return;
	}
	path = program_find("bochs-bin");
	if (!path)
		path = program_find("bochs");
	if (path) {
		words_add(&command, path);
		bochs_add(&command);
		command = (struct words){ 0 };
	}
	free(path);
	data = user_folder("XDG_DATA_HOME", ".local/share");
	if (data)
		buf_printf(&side, "%s/bochs3", data);
	if (side.length && is_folder(buf_text(&side))) {
		folder_command(&command, buf_text(&side));
		bochs_add(&command);
	}
	buf_free(&side);
	free(data);
}

struct bochs *bochs_list(size_t *count, char *why, size_t size)
{
	static bool sought;

	if (!bochs_rom_usable()) {
		snprintf(why, size, "this runner was built without the ROM for Bochs, "
			 "which takes an x86 compiler");
		*count = 0;
		return known;
	}
	if (!sought)
		bochs_seek();
	sought = true;
	*count = known_count;
	if (!known_count)
		snprintf(why, size, "%s", reason);
	return known;
}

static void memory_add(struct buf *rc, const struct bochs *bochs, uint64_t memory)
{
	unsigned int megs = memory >> 20;

	/* The old one clears all of it at its start. */
	if (bochs->modern && megs > HOST_MIB)
		buf_printf(rc, "memory: guest=%u, host=%u, block_size=1024\n", megs, HOST_MIB);
	else
		buf_printf(rc, "megs: %u\n", megs);
}

bool bochs_prepare(struct boot *boot, const struct bochs *bochs,
		   const struct bochs_machine *machine, const struct buf *rom,
		   struct words *argv)
{
	static const char no_vga[512];
	int rom_file = boot_file(boot, rom->data, rom->length);
	int vga_file = boot_file(boot, no_vga, sizeof(no_vga));
	int go_file = boot_file(boot, "c\n", 2), rc_file;
	struct buf rc = { 0 };
	char name[32];

	buf_puts(&rc, "config_interface: textconfig\ndisplay_library: term\n"
		 "plugin_ctrl: iodebug=0, unmapped=1, biosdev=0, speaker=0, parallel=0, "
		 "gameport=0, extfpuirq=1\n"
		 "clock: sync=none, time0=1\nport_e9_hack: enabled=1\nlog: -\n"
		 "panic: action=fatal\ninfo: action=ignore\ndebug: action=ignore\n"
		 "pci: enabled=1, chipset=i440fx\nata0: enabled=0\nata1: enabled=0\n"
		 "private_colormap: enabled=0\n");
	memory_add(&rc, bochs, machine->memory);
	buf_printf(&rc, "error: action=%s\n", machine->chatty ? "report" : "ignore");
	buf_printf(&rc, "romimage: file=/dev/fd/%d\nvgaromimage: file=/dev/fd/%d\n", rom_file,
		   vga_file);
	buf_printf(&rc, "cpu: model=%s, count=%u, ips=50000000, reset_on_triple_fault=0, "
		   "ignore_bad_msrs=%d\n", machine->model, machine->cpus, machine->lenient);
	if (bochs->debugger)
		buf_puts(&rc, "debugger_log: /dev/null\n");
	rc_file = boot_file(boot, rc.data, rc.length);
	buf_free(&rc);
	for (size_t i = 0; i < bochs->command.count; i++)
		words_add(argv, bochs->command.word[i]);
	words_add(argv, "-q");
	words_add(argv, "-f");
	snprintf(name, sizeof(name), "/dev/fd/%d", rc_file);
	words_add(argv, name);
	if (bochs->debugger) {
		words_add(argv, "-rc");
		snprintf(name, sizeof(name), "/dev/fd/%d", go_file);
		words_add(argv, name);
	}
	return rom_file >= 0 && vga_file >= 0 && go_file >= 0 && rc_file >= 0;
}
