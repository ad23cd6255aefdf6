/* SPDX-License-Identifier: BSD-2-Clause */
/* The history of all runs, in SQLite: the file, its schema, and taking runs in. */
#ifdef HAVE_SQLITE3
#include "runner/history.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/cache.h"
#include "runner/fingerprint.h"
#include "runner/history_db.h"
#include "runner/report_file.h"
#include "runner/results_file.h"
#include "runner/session.h"

#define BUSY_MS	10000	/* waiting for another runner's transaction */

/*
 * Each step makes a file of the version before into one of the next; a file's
 * user_version says how many were made.  Steps are only ever appended.
 */
static const char *const steps[] = {
	"CREATE TABLE run (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" folder TEXT NOT NULL, started_us INTEGER NOT NULL, command TEXT, build TEXT,"
	" host TEXT, cpu TEXT, kernel TEXT, kvm TEXT, vmm TEXT);"
	"CREATE TABLE result (id INTEGER PRIMARY KEY,"
	" run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, name TEXT NOT NULL,"
	" arch TEXT NOT NULL, backend TEXT, kind TEXT, verdict TEXT NOT NULL,"
	" text TEXT NOT NULL, ending TEXT, duration_ns INTEGER NOT NULL,"
	" fingerprint INTEGER NOT NULL);"
	"CREATE INDEX result_name ON result (name, run);"
	"CREATE INDEX result_run ON result (run);"
	"CREATE TABLE test (result INTEGER NOT NULL REFERENCES result ON DELETE CASCADE,"
	" place TEXT NOT NULL, word TEXT NOT NULL, reason TEXT, fingerprint INTEGER NOT NULL);"
	"CREATE INDEX test_result ON test (result);",
	/* Questions about one TEST of many runs need not go by way of its case. */
	"CREATE INDEX test_place ON test (place, result);"
	"CREATE TABLE metric (result INTEGER NOT NULL REFERENCES result ON DELETE CASCADE,"
	" test TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL);"
	"CREATE INDEX metric_result ON metric (result);",
};

#define VERSION	((int)(sizeof(steps) / sizeof(*steps)))

const char *history_missing(void)
{
	return NULL;
}

char *history_file(void)
{
	char *folder = user_folder("XDG_STATE_HOME", ".local/state");
	struct buf path = { 0 };

	buf_printf(&path, "%s/history.db", folder ? folder : "/tmp/flatbed");
	free(folder);
	return buf_take(&path);
}

/* The folder that a file is to lie in. */
static bool place_make(const char *path)
{
	char *folder = mem_text(path, strrchr(path, '/') - path);
	bool made = folder_make(folder);

	free(folder);
	return made;
}

static int version_read(sqlite3 *db)
{
	sqlite3_stmt *statement;
	int version = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return version;
}

static int run_steps(sqlite3 *db)
{
	int status = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), version;
	char text[64];

	if (status != SQLITE_OK)
		return status;
	/* Another runner may have been quicker. */
	version = version_read(db);
	for (int i = version; i >= 0 && i < VERSION && status == SQLITE_OK; i++)
		status = sqlite3_exec(db, steps[i], NULL, NULL, NULL);
	snprintf(text, sizeof(text), "PRAGMA user_version = %d", VERSION);
	if (status == SQLITE_OK && version < VERSION)
		status = sqlite3_exec(db, text, NULL, NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (status != SQLITE_OK)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

static int file_open(const char *path, bool make, sqlite3 **db)
{
	int status = sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE |
				     (make ? SQLITE_OPEN_CREATE : 0), NULL);

	if (status != SQLITE_OK)
		return status;
	sqlite3_busy_timeout(*db, BUSY_MS);
	sqlite3_exec(*db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		     "PRAGMA foreign_keys = ON;", NULL, NULL, NULL);
	/* A damaged file says so only when it is read. */
	status = sqlite3_exec(*db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
	if (status == SQLITE_OK && version_read(*db) < VERSION)
		status = run_steps(*db);
	return status;
}

static bool set_aside(const char *path)
{
	struct buf aside = { 0 };
	bool done;

	buf_printf(&aside, "%s.broken-%lld", path, (long long)time(NULL));
	done = !rename(path, buf_text(&aside));
	if (done)
		complain("%s is damaged; it is set aside as %s, and a new history begins", path,
			 buf_text(&aside));
	for (int i = 0; i < 2; i++) {
		struct buf rest = { 0 };

		buf_printf(&rest, "%s%s", path, i ? "-wal" : "-shm");
		unlink(buf_text(&rest));
		buf_free(&rest);
	}
	buf_free(&aside);
	return done;
}

sqlite3 *history_open(bool make, char *why, size_t size)
{
	char *path = history_file();
	sqlite3 *db = NULL;
	int status = SQLITE_CANTOPEN;

	if (!make && access(path, F_OK)) {
		snprintf(why, size, "there is no history yet (%s)", path);
		free(path);
		return NULL;
	}
	if (!make || place_make(path))
		status = file_open(path, make, &db);
	if (status == SQLITE_NOTADB || status == SQLITE_CORRUPT) {
		sqlite3_close(db);
		db = NULL;
		if (set_aside(path))
			status = file_open(path, true, &db);
	}
	if (status == SQLITE_OK && version_read(db) > VERSION) {
		snprintf(why, size, "%s was written by a later Flatbed (its version is %d, this "
			 "one knows %d)", path, version_read(db), VERSION);
		sqlite3_close(db);
		db = NULL;
	} else if (status != SQLITE_OK) {
		snprintf(why, size, "%s: %s", path, db ? sqlite3_errmsg(db) : strerror(errno));
		sqlite3_close(db);
		db = NULL;
	}
	free(path);
	return db;
}

struct adding {
	sqlite3 *db;
	sqlite3_stmt *result, *test, *metric;
	sqlite3_int64 run;
	int status;
};

static void text_bind(sqlite3_stmt *statement, int column, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, column, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, column);
}

static void row_put(struct adding *adding, sqlite3_stmt *statement)
{
	if (adding->status == SQLITE_OK && sqlite3_step(statement) != SQLITE_DONE)
		adding->status = sqlite3_errcode(adding->db);
	sqlite3_reset(statement);
}

static void test_add(struct adding *adding, sqlite3_int64 result,
		     const struct results *results, const struct result_item *item)
{
	struct buf place = { 0 };

	/* Passing SUBTESTs are many, and their TEST tells enough. */
	if (*item->path && !strcmp(item->word, "PASS") && item->test < results->test_count)
		return;
	results_place(results, item, &place);
	sqlite3_bind_int64(adding->test, 1, result);
	text_bind(adding->test, 2, buf_text(&place));
	text_bind(adding->test, 3, item->word);
	text_bind(adding->test, 4, item->reason);
	sqlite3_bind_int64(adding->test, 5, results_failing(item) ?
			   fingerprint_item(results, item) : 0);
	row_put(adding, adding->test);
	buf_free(&place);
}

static void case_add(void *context, struct results *results)
{
	struct adding *adding = context;
	sqlite3_int64 id;

	sqlite3_bind_int64(adding->result, 1, adding->run);
	text_bind(adding->result, 2, results->name);
	text_bind(adding->result, 3, results->arch);
	text_bind(adding->result, 4, results->backend);
	text_bind(adding->result, 5, results->kind);
	text_bind(adding->result, 6, results->verdict);
	text_bind(adding->result, 7, results->text);
	text_bind(adding->result, 8, results->ending);
	sqlite3_bind_int64(adding->result, 9, results->duration_ns);
	sqlite3_bind_int64(adding->result, 10, results_red(results->verdict) ?
			   fingerprint_case(results) : 0);
	row_put(adding, adding->result);
	id = sqlite3_last_insert_rowid(adding->db);
	for (size_t i = 0; i < results->item_count; i++)
		test_add(adding, id, results, &results->items[i]);
	for (size_t i = 0; i < results->metric_count; i++) {
		const struct metric_item *metric = &results->metrics[i];

		sqlite3_bind_int64(adding->metric, 1, id);
		text_bind(adding->metric, 2, results_test_name(results, metric->test));
		text_bind(adding->metric, 3, metric->name);
		sqlite3_bind_double(adding->metric, 4, strtod(metric->value, NULL));
		text_bind(adding->metric, 5, metric->unit);
		row_put(adding, adding->metric);
	}
	results_free(results);
}

static int run_add(struct adding *adding, const struct run_info *run, const char *folder)
{
	sqlite3_stmt *statement;
	int status;

	status = sqlite3_prepare_v2(adding->db, "DELETE FROM run WHERE name = ?", -1, &statement,
				    NULL);
	if (status != SQLITE_OK)
		return status;
	text_bind(statement, 1, run->id);
	sqlite3_step(statement);
	sqlite3_finalize(statement);
	status = sqlite3_prepare_v2(adding->db, "INSERT INTO run (name, folder, started_us,"
		" command, build, host, cpu, kernel, kvm, vmm) VALUES (?,?,?,?,?,?,?,?,?,?)", -1,
		&statement, NULL);
	if (status != SQLITE_OK)
		return status;
	text_bind(statement, 1, run->id);
	text_bind(statement, 2, folder);
	sqlite3_bind_int64(statement, 3, run->started_us);
	text_bind(statement, 4, run->command);
	text_bind(statement, 5, run->build);
	text_bind(statement, 6, run->host);
	text_bind(statement, 7, run->cpu);
	text_bind(statement, 8, run->kernel);
	text_bind(statement, 9, run->kvm);
	text_bind(statement, 10, run->vmm);
	status = sqlite3_step(statement);
	sqlite3_finalize(statement);
	adding->run = sqlite3_last_insert_rowid(adding->db);
	return status == SQLITE_DONE ? SQLITE_OK : status;
}

static int statements_prepare(struct adding *adding)
{
	const struct { sqlite3_stmt **statement; const char *text; } all[] = {
		{ &adding->result, "INSERT INTO result (run, name, arch, backend, kind, verdict,"
		  " text, ending, duration_ns, fingerprint) VALUES (?,?,?,?,?,?,?,?,?,?)" },
		{ &adding->test, "INSERT INTO test VALUES (?,?,?,?,?)" },
		{ &adding->metric, "INSERT INTO metric VALUES (?,?,?,?,?)" },
	};
	int status = SQLITE_OK;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all) && status == SQLITE_OK; i++)
		status = sqlite3_prepare_v2(adding->db, all[i].text, -1, all[i].statement, NULL);
	return status;
}

/* In one transaction: all of the run, or nothing. */
static bool folder_add(struct adding *adding, const struct run_info *run, const char *folder,
		       char *why, size_t size)
{
	struct run_info again;
	char path[PATH_MAX];

	adding->status = sqlite3_exec(adding->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (adding->status == SQLITE_OK)
		adding->status = run_add(adding, run, realpath(folder, path) ? path : folder);
	if (adding->status == SQLITE_OK)
		adding->status = statements_prepare(adding);
	if (adding->status == SQLITE_OK) {
		if (!results_read(folder, &again, case_add, adding, why, size)) {
			sqlite3_exec(adding->db, "ROLLBACK", NULL, NULL, NULL);
			return false;
		}
		run_info_free(&again);
	}
	if (adding->status == SQLITE_OK)
		adding->status = sqlite3_exec(adding->db, "COMMIT", NULL, NULL, NULL);
	if (adding->status == SQLITE_OK)
		return true;
	snprintf(why, size, "the history cannot be written: %s", sqlite3_errmsg(adding->db));
	sqlite3_exec(adding->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool history_add(const char *folder, char *why, size_t size)
{
	struct adding adding = { .db = history_open(true, why, size) };
	struct run_info run;
	bool good = false;

	if (!adding.db)
		return false;
	if (results_read(folder, &run, NULL, NULL, why, size)) {
		if (run.id)
			good = folder_add(&adding, &run, folder, why, size);
		else
			snprintf(why, size, "%s: the run has no name", folder);
		run_info_free(&run);
	}
	sqlite3_finalize(adding.result);
	sqlite3_finalize(adding.test);
	sqlite3_finalize(adding.metric);
	sqlite3_close(adding.db);
	return good;
}

bool history_forget(unsigned int days, unsigned int *count, char *why, size_t size)
{
	sqlite3 *db = history_open(false, why, size);
	uint64_t oldest = (uint64_t)(time(NULL) - days * 86400ll) * 1000000;
	struct buf text = { 0 };
	int status;

	if (!db)
		return false;
	buf_printf(&text, "DELETE FROM run WHERE started_us < %llu",
		   (unsigned long long)oldest);
	status = sqlite3_exec(db, buf_text(&text), NULL, NULL, NULL);
	*count = sqlite3_changes(db);
	if (status == SQLITE_OK && *count)
		status = sqlite3_exec(db, "VACUUM", NULL, NULL, NULL);
	if (status != SQLITE_OK)
		snprintf(why, size, "the history cannot be written: %s", sqlite3_errmsg(db));
	sqlite3_close(db);
	buf_free(&text);
	return status == SQLITE_OK;
}
#endif
