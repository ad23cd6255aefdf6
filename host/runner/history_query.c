/* SPDX-License-Identifier: BSD-2-Clause */
/* The history of all runs, in SQLite: what is asked of it. */
#ifdef HAVE_SQLITE3
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/history.h"
#include "runner/history_db.h"

struct question {
	sqlite3 *db;		/* stays open from one question to the next */
	sqlite3_stmt *statement;
};

static bool ask(struct question *question, const char *text, char *why, size_t size)
{
	static sqlite3 *db;

	if (!db)
		db = history_open(false, why, size);
	*question = (struct question){ .db = db };
	if (!db)
		return false;
	if (sqlite3_prepare_v2(db, text, -1, &question->statement, NULL) == SQLITE_OK)
		return true;
	snprintf(why, size, "the history cannot be read: %s", sqlite3_errmsg(db));
	return false;
}

static void done(struct question *question)
{
	sqlite3_finalize(question->statement);
}

static void bind(struct question *question, int number, const char *text)
{
	if (text)
		sqlite3_bind_text(question->statement, number, text, -1, SQLITE_STATIC);
}

static const char *column(const struct question *question, int number)
{
	return (const char *)sqlite3_column_text(question->statement, number);
}

static void rows_tell(struct question *question,
		      void (*take)(void *context, const struct history_row *row), void *context)
{
	while (sqlite3_step(question->statement) == SQLITE_ROW) {
		struct history_row row = {
			.run = column(question, 0),
			.started_us = sqlite3_column_int64(question->statement, 1),
			.kernel = column(question, 2), .build = column(question, 3),
			.kind = column(question, 4), .verdict = column(question, 5),
			.text = column(question, 6),
			.duration_ns = sqlite3_column_int64(question->statement, 7),
			.fingerprint = sqlite3_column_int64(question->statement, 8),
		};

		take(context, &row);
	}
}

#define ROWS(verdict, text, fingerprint)					\
	"SELECT run.name, started_us, kernel, build, kind, " verdict ", " text ","	\
	" duration_ns, " fingerprint " FROM result JOIN run ON run.id = result.run "

bool history_rows(const char *name, const char *test, const char *kind, unsigned int most,
		  void (*take)(void *context, const struct history_row *row), void *context,
		  char *why, size_t size)
{
	struct question question;

	if (!ask(&question, test ?
		 ROWS("word", "coalesce(reason, '')", "test.fingerprint")
		 "JOIN test ON test.result = result.id"
		 " WHERE result.name = ?1 AND place = ?2 AND (?3 IS NULL OR kind = ?3)"
		 " ORDER BY started_us DESC, result.id DESC LIMIT ?4" :
		 ROWS("verdict", "text", "result.fingerprint")
		 "WHERE result.name = ?1 AND ?2 IS NULL AND (?3 IS NULL OR kind = ?3)"
		 " ORDER BY started_us DESC, result.id DESC LIMIT ?4", why, size))
		return false;
	bind(&question, 1, name);
	bind(&question, 2, test);
	bind(&question, 3, kind);
	sqlite3_bind_int64(question.statement, 4, most);
	rows_tell(&question, take, context);
	done(&question);
	return true;
}

bool history_runs(unsigned int most,
		  void (*take)(void *context, const struct history_row *row), void *context,
		  char *why, size_t size)
{
	struct question question;

	if (!ask(&question, "SELECT run.name, started_us, kernel, build, kvm, '',"
		 " count(*) || ' cases, ' || coalesce(sum(verdict NOT IN"
		 " ('PASS', 'XFAIL', 'SKIP')), 0) || ' red',"
		 " coalesce(sum(duration_ns), 0), 0"
		 " FROM run LEFT JOIN result ON run.id = result.run"
		 " GROUP BY run.id ORDER BY started_us DESC LIMIT ?1", why, size))
		return false;
	sqlite3_bind_int64(question.statement, 1, most);
	rows_tell(&question, take, context);
	done(&question);
	return true;
}

bool history_names(void (*take)(void *context, const char *name), void *context)
{
	struct question question;
	char why[200];

	if (!ask(&question, "SELECT DISTINCT name FROM result ORDER BY name", why, sizeof(why)))
		return false;
	while (sqlite3_step(question.statement) == SQLITE_ROW)
		take(context, column(&question, 0));
	done(&question);
	return true;
}

bool history_ran(const char *name, const char *test, const char *arch, const char *kind,
		 struct history_last *last)
{
	struct question question;
	char why[200];
	bool found;

	if (!ask(&question, test ?
		 "SELECT word, run.name, duration_ns FROM test JOIN result ON"
		 " result.id = test.result JOIN run ON run.id = result.run WHERE place = ?2"
		 " AND result.name = ?1 AND arch = ?3 AND kind IS ?4 AND word <> 'SKIP'"
		 " ORDER BY started_us DESC LIMIT 1" :
		 "SELECT verdict, run.name, duration_ns FROM result JOIN run ON"
		 " run.id = result.run WHERE ?2 IS NULL AND result.name = ?1 AND arch = ?3"
		 " AND kind IS ?4 AND verdict <> 'SKIP' ORDER BY started_us DESC LIMIT 1",
		 why, sizeof(why)))
		return false;
	bind(&question, 1, name);
	bind(&question, 2, test);
	bind(&question, 3, arch);
	bind(&question, 4, kind);
	found = sqlite3_step(question.statement) == SQLITE_ROW;
	if (found)
		*last = (struct history_last){
			.verdict = mem_copy(column(&question, 0)),
			.run = mem_copy(column(&question, 1)),
			.duration_ns = sqlite3_column_int64(question.statement, 2),
		};
	done(&question);
	return found;
}

void history_durations(const char *arch,
		       void (*take)(void *context, const char *name, const char *kind,
				    uint64_t duration_ns), void *context)
{
	struct question question;
	char why[200];

	/* Of the columns of a group, SQLite takes the row that has the maximum. */
	if (!ask(&question, "SELECT name, kind, duration_ns, max(id) FROM result"
		 " WHERE arch = ?1 AND verdict IN ('PASS', 'XFAIL') GROUP BY name, kind",
		 why, sizeof(why)))
		return;
	bind(&question, 1, arch);
	while (sqlite3_step(question.statement) == SQLITE_ROW)
		take(context, column(&question, 0), column(&question, 1),
		     sqlite3_column_int64(question.statement, 2));
	done(&question);
}

char *history_folder(const char *name)
{
	struct question question;
	char why[200], *folder = NULL;

	if (!ask(&question, "SELECT folder FROM run WHERE name = ?1", why, sizeof(why)))
		return NULL;
	bind(&question, 1, name);
	if (sqlite3_step(question.statement) == SQLITE_ROW)
		folder = mem_copy(column(&question, 0));
	done(&question);
	return folder;
}

char **history_folders(const char *build, size_t *count, char *why, size_t size)
{
	struct question question;
	char **folders = NULL;

	*count = 0;
	if (!ask(&question, "SELECT folder FROM run WHERE build LIKE ?1 || '%'"
		 " ORDER BY started_us", why, size))
		return NULL;
	bind(&question, 1, build);
	while (sqlite3_step(question.statement) == SQLITE_ROW) {
		folders = mem_grow(folders, *count, sizeof(*folders));
		folders[(*count)++] = mem_copy(column(&question, 0));
	}
	done(&question);
	if (!*count)
		snprintf(why, size, "the history has no run of build %s", build);
	return folders;
}
#endif
