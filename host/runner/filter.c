/* SPDX-License-Identifier: BSD-2-Clause */
/* Expressions that select cases. */
#include "runner/filter.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define NEST_MOST	200	/* brackets and '!' within each other */

enum node_kind { NODE_OR, NODE_AND, NODE_NOT, NODE_FIELD, NODE_WORD };

enum operator { OP_EQUAL, OP_DIFFERENT, OP_BELOW, OP_AT_MOST, OP_ABOVE, OP_AT_LEAST };

struct node {
	enum node_kind kind;
	size_t left, right;		/* nodes */
	enum filter_field field;
	enum operator operator;
	char *value;
	double number;
};

struct filter {
	struct node *nodes;
	size_t count, root;
};

struct parser {
	struct filter *filter;
	const char *text, *at;
	unsigned int depth;
	char *why;
	size_t size;
};

static const struct {
	const char *name;
	bool number;
} fields[] = {
#define FILTER_ROW(field, number, meaning) { #field, number },
	FILTER_FIELDS(FILTER_ROW)
#undef FILTER_ROW
};

static bool fail(struct parser *p, const char *what)
{
	/* The innermost reason is the best. */
	if (!*p->why)
		snprintf(p->why, p->size, "%s at character %zu of '%s'", what,
			 (size_t)(p->at - p->text) + 1, p->text);
	return false;
}

static void blanks_skip(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

/* One or two of the same letter: '&' and '&&'. */
static bool take(struct parser *p, char letter)
{
	blanks_skip(p);
	if (*p->at != letter)
		return false;
	p->at++;
	if ((letter == '&' || letter == '|') && *p->at == letter)
		p->at++;
	return true;
}

static size_t node_add(struct parser *p, struct node node)
{
	struct filter *filter = p->filter;

	filter->nodes = mem_grow(filter->nodes, filter->count, sizeof(*filter->nodes));
	filter->nodes[filter->count] = node;
	return filter->count++;
}

/* A word as it stands, or in quotes; NULL if there is none. */
static char *word_take(struct parser *p)
{
	size_t length;
	char *word;

	blanks_skip(p);
	if (*p->at == '\'' || *p->at == '"') {
		const char *end = strchr(p->at + 1, *p->at);

		if (!end) {
			fail(p, "a quote is left open");
			return NULL;
		}
		word = mem_text(p->at + 1, end - p->at - 1);
		p->at = end + 1;
		return word;
	}
	length = strcspn(p->at, " \t\n()!&|=<>'\"");
	if (!length) {
		fail(p, "a word is missing");
		return NULL;
	}
	word = mem_text(p->at, length);
	p->at += length;
	return word;
}

static bool operator_take(struct parser *p, enum operator *operator)
{
	static const struct {
		const char *text;
		enum operator operator;
	} operators[] = {
		{ "!=", OP_DIFFERENT }, { "<=", OP_AT_MOST }, { ">=", OP_AT_LEAST },
		{ "==", OP_EQUAL }, { "=", OP_EQUAL }, { "<", OP_BELOW }, { ">", OP_ABOVE },
	};

	blanks_skip(p);
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (!strncmp(p->at, operators[i].text, strlen(operators[i].text))) {
			*operator = operators[i].operator;
			p->at += strlen(operators[i].text);
			return true;
		}
	}
	return false;
}

static bool field_find(struct parser *p, const char *word, enum filter_field *field)
{
	size_t best = strlen(word) / 2 + 1;
	const char *nearest = NULL;
	struct buf what = { 0 };

	for (size_t i = 0; i < FILTER_FIELD_COUNT; i++) {
		if (!strcmp(fields[i].name, word)) {
			*field = i;
			return true;
		}
		if (str_nearest(word, strlen(word), fields[i].name, &best))
			nearest = fields[i].name;
	}
	buf_printf(&what, "there is no field '%s'", word);
	if (nearest)
		buf_printf(&what, " (the nearest is '%s')", nearest);
	fail(p, buf_text(&what));
	buf_free(&what);
	return false;
}

static bool comparison(struct parser *p, const char *word, enum operator operator, size_t *node)
{
	struct node one = { .kind = NODE_FIELD, .operator = operator };
	char *end;

	if (!field_find(p, word, &one.field))
		return false;
	one.value = word_take(p);
	if (!one.value)
		return false;
	one.number = strtod(one.value, &end);
	if (fields[one.field].number ? end == one.value || *end : operator > OP_DIFFERENT) {
		free(one.value);
		return fail(p, fields[one.field].number ? "this field is a number" :
			    "this field is no number");
	}
	*node = node_add(p, one);
	return true;
}

static bool either(struct parser *p, size_t *node);

static bool term(struct parser *p, size_t *node)
{
	enum operator operator;
	bool good;
	char *word;

	word = word_take(p);
	if (!word)
		return false;
	if (!operator_take(p, &operator)) {
		*node = node_add(p, (struct node){ .kind = NODE_WORD, .value = word });
		return true;
	}
	good = comparison(p, word, operator, node);
	free(word);
	return good;
}

static bool one(struct parser *p, size_t *node)
{
	bool good;

	if (++p->depth > NEST_MOST)
		return fail(p, "brackets too deep");
	if (take(p, '!')) {
		size_t inner;

		good = one(p, &inner);
		if (good)
			*node = node_add(p, (struct node){ .kind = NODE_NOT, .left = inner });
	} else if (take(p, '(')) {
		good = either(p, node) && (take(p, ')') || fail(p, "a ')' is missing"));
	} else {
		good = term(p, node);
	}
	p->depth--;
	return good;
}

static bool chain(struct parser *p, char letter, enum node_kind kind,
		  bool (*part)(struct parser *p, size_t *node), size_t *node)
{
	size_t right;

	if (!part(p, node))
		return false;
	while (take(p, letter)) {
		if (!part(p, &right))
			return false;
		*node = node_add(p, (struct node){ .kind = kind, .left = *node, .right = right });
	}
	return true;
}

static bool both(struct parser *p, size_t *node)
{
	return chain(p, '&', NODE_AND, one, node);
}

static bool either(struct parser *p, size_t *node)
{
	return chain(p, '|', NODE_OR, both, node);
}

struct filter *filter_parse(const char *text, char *why, size_t size)
{
	struct filter *filter = mem_new(sizeof(*filter));
	struct parser p = { .filter = filter, .text = text, .at = text, .why = why, .size = size };

	*why = '\0';
	if (either(&p, &filter->root)) {
		blanks_skip(&p);
		if (!*p.at)
			return filter;
		fail(&p, "this is too much");
	}
	filter_free(filter);
	return NULL;
}

static bool pattern_fits(void *pattern, const char *value)
{
	return !fnmatch(pattern, value, 0);
}

static bool compare(const struct node *node, double have)
{
	switch (node->operator) {
	case OP_EQUAL:
		return have == node->number;
	case OP_DIFFERENT:
		return have != node->number;
	case OP_BELOW:
		return have < node->number;
	case OP_AT_MOST:
		return have <= node->number;
	case OP_ABOVE:
		return have > node->number;
	case OP_AT_LEAST:
		return have >= node->number;
	}
	return false;
}

static bool holds(const struct filter *filter, size_t index, const struct filter_facts *facts)
{
	const struct node *node = &filter->nodes[index];

	switch (node->kind) {
	case NODE_OR:
		return holds(filter, node->left, facts) || holds(filter, node->right, facts);
	case NODE_AND:
		return holds(filter, node->left, facts) && holds(filter, node->right, facts);
	case NODE_NOT:
		return !holds(filter, node->left, facts);
	case NODE_WORD:
		return facts->any(facts->context, FILTER_name, pattern_fits, node->value) ||
		       facts->any(facts->context, FILTER_group, pattern_fits, node->value) ||
		       facts->any(facts->context, FILTER_needs, pattern_fits, node->value);
	case NODE_FIELD:
		break;
	}
	if (fields[node->field].number)
		return compare(node, facts->number(facts->context, node->field));
	return facts->any(facts->context, node->field, pattern_fits, node->value) ==
	       (node->operator == OP_EQUAL);
}

bool filter_holds(const struct filter *filter, const struct filter_facts *facts)
{
	return holds(filter, filter->root, facts);
}

void filter_free(struct filter *filter)
{
	for (size_t i = 0; filter && i < filter->count; i++)
		free(filter->nodes[i].value);
	if (filter)
		free(filter->nodes);
	free(filter);
}
