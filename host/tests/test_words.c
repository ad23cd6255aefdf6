/* SPDX-License-Identifier: BSD-2-Clause */
/* Words as a shell makes them, and lines as consoles send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "runner/lines.h"
#include "runner/settings.h"
#include "runner/words.h"

/* Each word, and '|' behind it. */
static const char *joined(struct words *words)
{
	static struct buf text;

	buf_free(&text);
	for (size_t i = 0; i < words->count; i++)
		buf_printf(&text, "%s|", words->word[i]);
	words_free(words);
	return buf_text(&text);
}

static const struct {
	const char *text, *words;
} splits[] = {
	{ "", "" },
	{ "  \t\n ", "" },
	{ "a b", "a|b|" },
	{ "  a\tb\nc  ", "a|b|c|" },
	{ "'a b' c", "a b|c|" },
	{ "\"a b\"c", "a bc|" },
	{ "-append 'x \"y\" z'", "-append|x \"y\" z|" },
	{ "\"it's\"", "it's|" },
	{ "''", "|" },
	{ "a\"\"b \"\"", "ab||" },
	{ "a\\ b", "a b|" },
	{ "\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d|" },
	{ "'a\\b'", "a\\b|" },
	{ "-exit_monitor*", "-exit_monitor*|" },
	{ "2,threads=2", "2,threads=2|" },
	{ "\\$HOME", "$HOME|" },
};

static void split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(splits) / sizeof(*splits); i++) {
		struct words words = { 0 };

		assert_true(words_split(&words, splits[i].text));
		assert_string_equal(joined(&words), splits[i].words);
	}
}

static void split_open(void **state)
{
	struct words words = { 0 };
	char why[100] = "";

	(void)state;
	assert_false(words_split(&words, "a 'b c"));
	assert_string_equal(joined(&words), "a|b c|");
	assert_false(words_evaluate(&words, "a \"b", NULL, why, sizeof(why)));
	assert_non_null(strstr(why, "quote"));
	words_free(&words);
}

/* A shell of the system's makes the same words. */
static void as_a_shell(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(splits) / sizeof(*splits); i++) {
		struct words words = { 0 };
		struct buf text = { 0 };
		char why[200];

		/* An expansion of nothing makes a shell necessary. */
		buf_printf(&text, "$NOTHING %s", splits[i].text);
		assert_true(words_need_shell(buf_text(&text)));
		assert_true(words_evaluate(&words, buf_text(&text), NULL, why, sizeof(why)));
		assert_string_equal(joined(&words), splits[i].words);
		buf_free(&text);
	}
}

static void needs(void **state)
{
	(void)state;
	assert_false(words_need_shell("a 'b$c' \\$d '`' \"<\" '>'"));
	assert_true(words_need_shell("$MAX_SMP"));
	assert_true(words_need_shell("\"$MAX_SMP\""));
	assert_true(words_need_shell("`date +%s`"));
	assert_true(words_need_shell("a <b"));
	assert_true(words_need_shell("a >b"));
	assert_false(words_need_shell("\\"));
}

static void evaluates(void **state)
{
	struct settings settings = { 0 };
	struct words words = { 0 };
	char why[200];

	(void)state;
	settings_set(&settings, "MAX_SMP", "12");
	assert_true(words_evaluate(&words, "$((($MAX_SMP < 8)?$MAX_SMP:8)) \"$MAX_SMP a\"",
				   &settings, why, sizeof(why)));
	assert_string_equal(joined(&words), "8|12 a|");
	assert_true(words_evaluate(&words, "\"10 `echo 5`\"", &settings, why, sizeof(why)));
	assert_string_equal(joined(&words), "10 5|");
	assert_true(shell_true("[[ \"$MAX_SMP\" == 12 ]]", "case", &settings));
	assert_false(shell_true("[[ \"$MAX_SMP\" != 12 ]]", "case", &settings));
	assert_false(words_evaluate(&words, "$((", &settings, why, sizeof(why)));
	words_free(&words);
	settings_free(&settings);
}

static void quotes(void **state)
{
	static const char *const texts[] = {
		"plain", "", "a b", "it's", "$x `y`", "\"", "\\", "#", "a\nb", "-cpu=max,+umip",
		"*", "~", "\xc3\xa4",
	};
	struct words words = { 0 }, again = { 0 };
	struct buf line = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		words_add(&words, texts[i]);
	words_quote(&line, &words);
	assert_false(words_need_shell(buf_text(&line)));
	assert_true(words_split(&again, buf_text(&line)));
	assert_int_equal(again.count, words.count);
	for (size_t i = 0; i < words.count; i++)
		assert_string_equal(again.word[i], words.word[i]);
	assert_null(again.word[again.count]);
	words_free(&words);
	words_free(&again);
	buf_free(&line);
}

static struct buf told;
static unsigned int told_lines;

static void tell(void *context, char *text, size_t length)
{
	assert_null(context);
	assert_int_equal(text[length], '\0');
	told_lines++;
	buf_add(&told, text, length);
	buf_puts(&told, "|");
}

static void line_ends(void **state)
{
	const char *text = "one\ntwo\r\n\nfour\nhalf";

	(void)state;
	/* However the bytes are cut into reads. */
	for (size_t step = 1; step <= strlen(text); step++) {
		struct lines lines = { 0 };

		buf_free(&told);
		for (size_t at = 0; at < strlen(text); at += step)
			lines_feed(&lines, text + at,
				   strlen(text) - at < step ? strlen(text) - at : step, tell,
				   NULL);
		assert_string_equal(buf_text(&told), "one|two\r||four|");
		lines_flush(&lines, tell, NULL);
		assert_string_equal(buf_text(&told), "one|two\r||four|half|");
		lines_flush(&lines, tell, NULL);
		assert_string_equal(buf_text(&told), "one|two\r||four|half|");
	}
	buf_free(&told);
}

static void line_too_long(void **state)
{
	static const size_t sizes[] = {
		LINE_MAX_BYTES - 1, LINE_MAX_BYTES, LINE_MAX_BYTES + 1, 3 * LINE_MAX_BYTES + 5,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct lines lines = { 0 };
		char *text = malloc(sizes[i] + 1);

		memset(text, 'x', sizes[i]);
		text[sizes[i]] = '\n';
		told_lines = 0;
		lines_feed(&lines, text, sizes[i] + 1, tell, NULL);
		lines_flush(&lines, tell, NULL);
		assert_true(told_lines >= (sizes[i] + LINE_MAX_BYTES - 1) / LINE_MAX_BYTES);
		assert_int_equal(told.length - told_lines, sizes[i]);
		free(text);
		buf_free(&told);
	}
}

static void line_words(void **state)
{
	enum abi_result result;

	(void)state;
	assert_string_equal(line_result("PASS: a: b", &result), "a: b");
	assert_int_equal(result, ABI_RESULT_PASS);
	assert_string_equal(line_result("XFAIL: ", &result), "");
	assert_int_equal(result, ABI_RESULT_XFAIL);
	assert_string_equal(line_result("XPASS: x", &result), "x");
	assert_int_equal(result, ABI_RESULT_XPASS);
	assert_null(line_result("PASS a", &result));
	assert_null(line_result("PASS:a", &result));
	assert_null(line_result(" PASS: a", &result));
	assert_null(line_result("PASSED: a", &result));
	assert_null(line_result("pass: a", &result));
	assert_null(line_result("", &result));
	assert_null(line_after("SUMM", "SUMMARY: "));
	assert_string_equal(line_after("SUMMARY: 1", "SUMMARY: "), "1");
}

#define BAD "\xef\xbf\xbd"

static void utf8(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "plain\ttext", "plain\ttext" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "a\xff" "b", "a" BAD "b" },
		{ "\x80", BAD },
		{ "\xc3", BAD },
		{ "\xc3" "a", BAD "a" },
		{ "\xc0\x80", BAD BAD },			/* overlong */
		{ "\xe0\x80\x80", BAD BAD BAD },
		{ "\xed\xa0\x80", BAD BAD BAD },		/* a surrogate */
		{ "\xf4\x90\x80\x80", BAD BAD BAD BAD },	/* beyond U+10FFFF */
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t size = strlen(rows[i].text);
		char *text = malloc(size);

		memcpy(text, rows[i].text, size);
		buf_free(&out);
		utf8_add(&out, text, size);
		assert_string_equal(buf_text(&out), rows[i].want);
		free(text);
	}
	buf_free(&out);
	utf8_add(&out, "a\0b", 3);
	assert_string_equal(buf_text(&out), "a" BAD "b");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split),
		cmocka_unit_test(split_open),
		cmocka_unit_test(as_a_shell),
		cmocka_unit_test(needs),
		cmocka_unit_test(evaluates),
		cmocka_unit_test(quotes),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(line_too_long),
		cmocka_unit_test(line_words),
		cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
