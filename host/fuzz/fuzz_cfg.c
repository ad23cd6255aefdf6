/* SPDX-License-Identifier: BSD-2-Clause */
/* unittests.cfg and known failures, read in every way. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/cfg.h"
#include "runner/known.h"
#include "runner/select.h"
#include "runner/session.h"
#include "runner/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is said is one line, and text. */
static void doubt(const char *message)
{
	if (strchr(message, '\n') || !*message)
		abort();
}

static void value_use(const char *value)
{
	struct words words = { 0 }, again = { 0 };
	struct buf line = { 0 };

	if (!value || words_need_shell(value))
		return;
	/* Quoted as for a shell, words come back as they were. */
	if (words_split(&words, value)) {
		words_quote(&line, &words);
		if (!words_split(&again, buf_text(&line)) || again.count != words.count)
			abort();
		for (size_t i = 0; i < words.count; i++)
			if (strcmp(words.word[i], again.word[i]))
				abort();
	}
	buf_free(&line);
	words_free(&words);
	words_free(&again);
}

static void cases_use(const struct cfg *cfg)
{
	for (size_t i = 0; i < cfg->count; i++) {
		const struct cfg_case *one = &cfg->cases[i];
		uint64_t ns;

		if (!*one->name || strchr(one->name, '\n'))
			abort();
		select_in_group(one, "nodefault");
		duration_ns(one->timeout ? one->timeout : "", &ns);
		value_use(one->test_args);
		value_use(one->qemu_params);
		value_use(one->smp);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cfg cfg = { 0 };
	struct known known = { 0 };
	size_t count;

	cfg_parse(&cfg, "a.cfg", (const char *)data, size, CFG_ADD, doubt);
	cases_use(&cfg);
	count = cfg.count;
	/* Its own overlay adds nothing, and there is nothing to fill. */
	cfg_parse(&cfg, "b.cfg", (const char *)data, size, CFG_OVERLAY, doubt);
	cfg_parse(&cfg, "c.cfg", (const char *)data, size, CFG_FILL, doubt);
	if (cfg.count != count)
		abort();
	cases_use(&cfg);
	if (cfg.count)
		cfg_copy(&cfg, cfg.count / 2);
	cfg_free(&cfg);
	known_parse(&known, "k.cfg", "tcg", (const char *)data, size, doubt);
	known_free(&known);
	return 0;
}
