/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed diff: where VMMs disagree about the same cases, TEST by TEST. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "runner/lines.h"
#include "runner/options.h"
#include "runner/report_file.h"
#include "runner/run_set.h"
#include "runner/session.h"

#define COLUMNS_MOST	16
#define WORD_MOST	11	/* INTERRUPTED */
#define NAME_MOST	48	/* columns of a name before the others move */

/* A line of the table: a case, or a result in it. */
struct row {
	char *name;
	const char *cell[COLUMNS_MOST];	/* words; NULL: it is not there */
	size_t of_case;			/* index of its case's row, when that was added */
	size_t order;			/* when it was added itself */
	bool is_case;
};

struct table {
	char *columns[COLUMNS_MOST];	/* what runs the cases */
	size_t column_count;
	struct row *rows;
	size_t count;
	struct map places;		/* "ARCH\tCASE\tPLACE": index of its row, from 1 */
};

struct diff_wishes {
	bool all;
};

static const struct option_row rows[] = {
	{ "all", 'a', NULL, "show also what is the same everywhere", .kind = OPTION_FLAG,
	  .offset = offsetof(struct diff_wishes, all) },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };

static const struct text_row statuses[] = {
	{ "0", "all agree" },
	{ "1", "they differ somewhere" },
	{ "2", "a mistake in the call, no such run, or a single VMM" },
	{ NULL, NULL }
};

/* "kvm", "qemu-tcg", "bochs"; what stood behind the name's '@', if it was more. */
static void column_name(const struct results *results, struct buf *out)
{
	const char *at = results->label ? strchr(results->label, '@') : NULL;

	if (at && strcmp(results->label, results->name)) {
		buf_puts(out, at + 1);
		return;
	}
	buf_puts(out, results->backend ? results->backend : "none");
	if (results->backend && !strcmp(results->backend, "qemu") && results->accel)
		buf_printf(out, "-%.*s", (int)strcspn(results->accel, ","), results->accel);
}

/* Returns COLUMNS_MOST if there are too many. */
static size_t column_find(struct table *table, const struct results *results)
{
	struct buf name = { 0 };
	size_t i = 0;

	column_name(results, &name);
	while (i < table->column_count && strcmp(table->columns[i], buf_text(&name)))
		i++;
	if (i == table->column_count && i < COLUMNS_MOST)
		table->columns[table->column_count++] = mem_copy(buf_text(&name));
	buf_free(&name);
	return i;
}

static struct row *row_find(struct table *table, const struct results *results,
			    const char *place, size_t of_case)
{
	struct buf key = { 0 };
	struct row *row;
	size_t *index;

	buf_printf(&key, "%s\t%s\t%s", results->arch, results->name, place);
	index = map_at(&table->places, buf_text(&key));
	buf_free(&key);
	if (*index)
		return &table->rows[*index - 1];
	table->rows = mem_grow(table->rows, table->count, sizeof(*table->rows));
	row = &table->rows[table->count++];
	*index = table->count;
	*row = (struct row){
		.name = mem_copy(*place ? place : results->name), .is_case = !*place,
		.of_case = *place ? of_case : table->count, .order = table->count,
	};
	return row;
}

static void case_add(struct table *table, const struct results *results)
{
	size_t column = column_find(table, results), of_case;
	struct row *row;

	if (column == COLUMNS_MOST || results->superseded)
		return;
	row = row_find(table, results, "", 0);
	row->cell[column] = results->verdict;
	of_case = row->of_case;
	for (size_t i = 0; i < results->item_count; i++) {
		struct buf place = { 0 };

		results_place(results, &results->items[i], &place);
		if (place.length)
			row_find(table, results, buf_text(&place), of_case)->cell[column] =
				results->items[i].word;
		buf_free(&place);
	}
}

/* Whether the VMMs that have it agree; one that lacks a whole case says nothing. */
static bool row_differs(const struct table *table, const struct row *row,
			const struct row *of_case)
{
	const char *first = NULL;

	for (size_t i = 0; i < table->column_count; i++) {
		const char *word = row->cell[i];

		if (!of_case->cell[i])
			continue;
		if (!word)
			word = "-";
		if (first && strcmp(first, word))
			return true;
		first = word;
	}
	return false;
}

/* Each case, and behind it all that any VMM has of it. */
static int by_case(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->of_case != y->of_case)
		return x->of_case < y->of_case ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

/* The last column needs no blanks behind it. */
static void cell_print(const struct table *table, size_t column, const char *text)
{
	size_t width = text_width(table->columns[column]);

	if (column + 1 == table->column_count)
		printf("  %s\n", text);
	else
		printf("  %-*s", (int)(width > WORD_MOST ? width : WORD_MOST), text);
}

static void row_print(const struct table *table, const struct row *row, size_t width)
{
	size_t indent = row->is_case ? 0 : 2, used = text_width(row->name) + indent;

	printf("%*s%s%*s", (int)indent, "", row->name, used < width ? (int)(width - used) : 0, "");
	for (size_t i = 0; i < table->column_count; i++)
		cell_print(table, i, row->cell[i] ? row->cell[i] : "-");
}

static void head_print(const struct table *table, size_t width)
{
	printf("%*s", (int)width, "");
	for (size_t i = 0; i < table->column_count; i++)
		cell_print(table, i, table->columns[i]);
}

/* Prints the table; returns how many results differ. */
static size_t table_print(const struct table *table, bool all)
{
	const struct row *of_case = NULL, *printed = NULL;
	size_t differing = 0, width = 0;

	for (size_t i = 0; i < table->count; i++)
		if (text_width(table->rows[i].name) + 2 > width)
			width = text_width(table->rows[i].name) + 2;
	if (width > NAME_MOST)
		width = NAME_MOST;
	for (size_t i = 0; i < table->count; i++) {
		const struct row *row = &table->rows[i];
		bool differs;

		if (row->is_case)
			of_case = row;
		differs = row_differs(table, row, of_case);
		differing += differs;
		if (!differs && !all)
			continue;
		if (!printed)
			head_print(table, width);
		if (of_case != row && printed != of_case)
			row_print(table, of_case, width);
		printed = of_case;
		row_print(table, row, width);
	}
	return differing;
}

static void table_free(struct table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		free(table->columns[i]);
	for (size_t i = 0; i < table->count; i++)
		free(table->rows[i].name);
	free(table->rows);
	map_free(&table->places);
}

static int diff_run(const char *program, int argc, char **argv)
{
	struct diff_wishes wishes = { 0 };
	int first, status = options_read(&diff_command, &wishes, argc, argv, &first);
	struct table table = { 0 };
	struct run_set runs = { 0 };
	size_t differing;
	char why[300];

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status;
	for (int i = first; i < argc || i == first; i++) {
		if (!run_set_load(&runs, i < argc ? argv[i] : "latest", why, sizeof(why))) {
			complain_line(why);
			run_set_free(&runs);
			return 2;
		}
	}
	for (size_t i = 0; i < runs.count; i++)
		case_add(&table, runs.cases[i]);
	if (table.column_count < 2) {
		complain("that ran on %s only; run_tests.sh --backend=VMM,VMM runs on several",
			 table.column_count ? table.columns[0] : "nothing");
		status = 2;
	} else {
		qsort(table.rows, table.count, sizeof(*table.rows), by_case);
		differing = table_print(&table, wishes.all);
		complain("%zu cases and TESTs on %zu VMMs: %zu differ", table.count,
			 table.column_count, differing);
		status = differing != 0;
	}
	table_free(&table);
	run_set_free(&runs);
	return status;
}

const struct command diff_command = {
	.name = "diff", .operands = "[RUN...]", .run = diff_run,
	.text = "where the VMMs of a run, or of several, disagree",
	.groups = (const struct option_group *const[]){ &group, NULL }, .statuses = statuses,
};
