/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes two failures the same. */
#include "runner/fingerprint.h"

#include <string.h>

#include "base/buf.h"

uint64_t hash_text(uint64_t hash, const char *text)
{
	static const unsigned char none = 0xff;
	const unsigned char *c = text ? (const unsigned char *)text : &none;

	/* The NUL counts, so that "ab", "c" is not "a", "bc". */
	do {
		hash = (hash ^ *c) * 0x100000001b3;
	} while (text && *c++);
	return hash;
}

/* What the runner found, without the addresses in it. */
static uint64_t hash_words(uint64_t hash, const char *text)
{
	struct buf out = { 0 };

	while (*text) {
		size_t plain = strcspn(text, "0");

		buf_add(&out, text, plain);
		text += plain;
		if (text[0] == '0' && text[1] == 'x')
			text += 2 + strspn(text + 2, "0123456789abcdef");
		else if (*text)
			buf_add(&out, text++, 1);
	}
	hash = hash_text(hash, buf_text(&out));
	buf_free(&out);
	return hash;
}

uint64_t fingerprint_item(const struct results *results, const struct result_item *item)
{
	uint64_t hash = hash_text(HASH_START, results_test_name(results, item->test));

	hash = hash_text(hash_text(hash, item->path), item->word);
	for (uint64_t i = item->check; i < item->check + item->checks; i++) {
		const struct check_item *check = &results->checks[i];

		hash = hash_text(hash, check->file);
		hash = check->file ? hash_text(hash, check->expression) :
				     hash_words(hash, check->expression);
		hash = hash_text(hash_text(hash, check->expected), check->got);
	}
	return item->checks ? hash : hash_text(hash, item->reason);
}

/* A sum of parts, so that the order in which TESTs ran does not matter. */
uint64_t fingerprint_case(const struct results *results)
{
	uint64_t sum = hash_text(hash_text(HASH_START, results->verdict), results->ending);
	size_t failing = 0;

	for (size_t i = 0; i < results->item_count; i++) {
		if (!results_failing(&results->items[i]))
			continue;
		sum += fingerprint_item(results, &results->items[i]);
		failing++;
	}
	/* What no result tells is in the verdict's text only. */
	return failing ? sum : hash_words(sum, results->text);
}

const char *relation_name(enum relation relation)
{
	static const char *const names[] = {
		[RELATION_GREEN] = "GREEN", [RELATION_ADDED] = "ADDED", [RELATION_SAME] = "SAME",
		[RELATION_FIXED] = "FIXED", [RELATION_CHANGED] = "CHANGED",
		[RELATION_NEW] = "NEW", [RELATION_LOST] = "LOST", [RELATION_SKIP] = "SKIP",
	};

	return names[relation];
}

enum relation relation_of(const struct results *before, const struct results *now)
{
	bool skip = !strcmp(now->verdict, "SKIP");

	if (results_red(now->verdict)) {
		if (!before || !results_red(before->verdict))
			return RELATION_NEW;
		return fingerprint_case(before) == fingerprint_case(now) ?
			RELATION_SAME : RELATION_CHANGED;
	}
	if (!before)
		return RELATION_ADDED;
	if (skip)
		return strcmp(before->verdict, "SKIP") ? RELATION_LOST : RELATION_SKIP;
	return results_red(before->verdict) ? RELATION_FIXED : RELATION_GREEN;
}
