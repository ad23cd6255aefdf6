/* SPDX-License-Identifier: BSD-2-Clause */
/* Results as JSON, by jansson; only in builds that have it (HAVE_JANSSON). */
#ifndef HOST_RUNNER_JSON_H
#define HOST_RUNNER_JSON_H

#include <jansson.h>

#include "runner/report_file.h"

/**
 * json_record() - an object of a record's fields that are set
 * @record: a structure that @fields describe
 * @fields: its fields
 */
json_t *json_record(const void *record, const struct field *fields);

/**
 * json_result() - a result with its TEST's name and its failed checks
 * @results: the case
 * @item: the result
 */
json_t *json_result(const struct results *results, const struct result_item *item);

/**
 * json_totals() - the counts that are not 0
 * @totals: which
 */
json_t *json_totals(const struct totals *totals);

/**
 * json_line() - write a value on one line, and free it
 * @stream: where
 * @value: what
 */
void json_line(FILE *stream, json_t *value);

#endif
