/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JUnit XML in the strict form that every reader takes (docs/junit.xsd): a case
 * is a suite, its results are test cases.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/report_file.h"
#include "runner/settings.h"

#ifdef HAVE_LIBXML2
#include <dlfcn.h>
#include <libxml/xmlwriter.h>

#define LOG_MOST	65536	/* bytes of a red case's log that are included */

/* Debian's archive of libxml2 brings all of ICU with it, so it is loaded when needed. */
#define XML_FUNCTIONS(X)						\
	X(xmlBufferCreate) X(xmlBufferFree) X(xmlBufferContent) X(xmlBufferEmpty)	\
	X(xmlNewTextWriterMemory) X(xmlFreeTextWriter) X(xmlTextWriterFlush)	\
	X(xmlTextWriterSetIndent) X(xmlTextWriterStartDocument)	\
	X(xmlTextWriterEndDocument) X(xmlTextWriterStartElement)	\
	X(xmlTextWriterEndElement) X(xmlTextWriterWriteAttribute)	\
	X(xmlTextWriterWriteString)

static struct {
#define XML_POINTER(name) __typeof__(name) *name;
	XML_FUNCTIONS(XML_POINTER)
#undef XML_POINTER
} xml;

static bool xml_load(char *why, size_t size)
{
	void *library = dlopen("libxml2.so.2", RTLD_NOW);

	if (!library)
		library = dlopen("libxml2.so", RTLD_NOW);
	if (!library) {
		snprintf(why, size, "%s (Debian: apt-get install libxml2)", dlerror());
		return false;
	}
#define XML_FIND(name)								\
	*(void **)&xml.name = dlsym(library, #name);				\
	if (!xml.name) {							\
		snprintf(why, size, "libxml2 has no %s", #name);		\
		return false;							\
	}
	XML_FUNCTIONS(XML_FIND)
#undef XML_FIND
	return true;
}

struct junit {
	xmlBufferPtr buffer;
	xmlTextWriterPtr writer;
	char host[256];
};

/* XML 1.0 has no way to write most control characters. */
static xmlChar *text_of(struct buf *clean, const char *text)
{
	clean->length = 0;
	for (; *text; text++) {
		unsigned char c = *text;

		if (c >= ' ' || c == '\n' || c == '\t')
			buf_add(clean, text, 1);
		else if (c != '\r')
			buf_puts(clean, "\xef\xbf\xbd");
	}
	return (xmlChar *)(uintptr_t)buf_text(clean);
}

static void element(struct junit *junit, const char *name)
{
	xml.xmlTextWriterStartElement(junit->writer, (const xmlChar *)name);
}

static void element_end(struct junit *junit)
{
	xml.xmlTextWriterEndElement(junit->writer);
}

static void attribute(struct junit *junit, const char *name, const char *value)
{
	struct buf clean = { 0 };

	xml.xmlTextWriterWriteAttribute(junit->writer, (const xmlChar *)name,
					text_of(&clean, value));
	buf_free(&clean);
}

static void text(struct junit *junit, const char *value)
{
	struct buf clean = { 0 };

	xml.xmlTextWriterWriteString(junit->writer, text_of(&clean, value));
	buf_free(&clean);
}

static void number(struct junit *junit, const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	attribute(junit, name, digits);
}

static void seconds(struct junit *junit, uint64_t ns)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%llu.%06llu", (unsigned long long)(ns / 1000000000),
		 (unsigned long long)(ns / 1000 % 1000000));
	attribute(junit, "time", digits);
}

static void flush(struct writing *writing)
{
	struct junit *junit = writing->state;

	xml.xmlTextWriterFlush(junit->writer);
	fputs((const char *)xml.xmlBufferContent(junit->buffer), writing->stream);
	xml.xmlBufferEmpty(junit->buffer);
}

static bool begin(struct writing *writing, char *why, size_t size)
{
	struct junit *junit;

	if (!xml_load(why, size))
		return false;
	junit = writing->state = mem_new(sizeof(*junit));
	if (gethostname(junit->host, sizeof(junit->host) - 1) || !*junit->host)
		strcpy(junit->host, "localhost");
	junit->buffer = xml.xmlBufferCreate();
	junit->writer = xml.xmlNewTextWriterMemory(junit->buffer, 0);
	xml.xmlTextWriterSetIndent(junit->writer, 1);
	xml.xmlTextWriterStartDocument(junit->writer, NULL, "UTF-8", NULL);
	element(junit, "testsuites");
	return true;
}

static void property(struct junit *junit, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	element(junit, "property");
	attribute(junit, "name", name);
	attribute(junit, "value", value);
	element_end(junit);
}

static void properties(struct junit *junit, const struct run_info *run,
		       const struct results *results)
{
	element(junit, "properties");
	property(junit, "verdict", results->verdict);
	property(junit, "backend", results->backend);
	property(junit, "accel", results->accel);
	property(junit, "host.kind", results->kind);
	property(junit, "perturbed", results->perturbed);
	property(junit, "host.cpu", run->cpu);
	property(junit, "host.kernel", run->kernel);
	property(junit, "ending", results->ending);
	property(junit, "command", results->command);
	property(junit, "rerun", results->rerun);
	for (size_t i = 0; i < results->metric_count; i++) {
		const struct metric_item *metric = &results->metrics[i];
		struct buf name = { 0 }, value = { 0 };

		buf_printf(&name, "metric.%s", metric->name);
		buf_printf(&value, "%s %s", metric->value, metric->unit);
		property(junit, buf_text(&name), buf_text(&value));
		buf_free(&name);
		buf_free(&value);
	}
	element_end(junit);
}

static void test_case(struct junit *junit, const struct results *results, const char *name,
		      uint64_t ns)
{
	struct buf class = { 0 };

	buf_printf(&class, "%s.%s", results->arch, results_label(results));
	element(junit, "testcase");
	attribute(junit, "name", name);
	attribute(junit, "classname", buf_text(&class));
	seconds(junit, ns);
	buf_free(&class);
}

static void skipped(struct junit *junit, const char *why)
{
	element(junit, "skipped");
	if (why && *why)
		attribute(junit, "message", why);
	element_end(junit);
}

/* <failure> if the hypervisor is wrong, <error> if nobody could tell. */
static void failed(struct junit *junit, const char *name, const char *type,
		   const char *message, const char *details)
{
	element(junit, name);
	attribute(junit, "type", type);
	attribute(junit, "message", message);
	text(junit, details);
	element_end(junit);
}

/* A TEST that could not tell says why, and no check of it failed. */
static bool item_is_error(const struct result_item *item)
{
	return item->reason && !item->checks;
}

static bool verdict_is_error(const struct results *results)
{
	return !strcmp(results->verdict, "ERROR") || !strcmp(results->verdict, "INTERRUPTED");
}

static void checks_failed(struct junit *junit, const struct results *results,
			  const struct result_item *item)
{
	struct buf message = { 0 }, details = { 0 };

	for (uint64_t i = item->check; i < item->check + item->checks; i++) {
		const struct check_item *check = &results->checks[i];

		if (i == item->check)
			buf_puts(&message, check->expression);
		if (i == item->check && check->expected)
			buf_printf(&message, ": expected %s, got %s", check->expected,
				   check->got ? check->got : "something else");
		check_print(check, "", &details);
	}
	if (!message.length)
		buf_puts(&message, item->reason ? item->reason :
			 strcmp(item->word, "XPASS") ? "failed" : "passes, though it should fail");
	failed(junit, item_is_error(item) ? "error" : "failure", item->word, buf_text(&message),
	       buf_text(&details));
	buf_free(&message);
	buf_free(&details);
}

static void result(struct junit *junit, const struct results *results,
		   const struct result_item *item)
{
	struct buf name = { 0 };
	uint64_t ns = 0;

	results_place(results, item, &name);
	if (item->test < results->test_count && !*item->path)
		ns = results->tests[item->test].end_ns - results->tests[item->test].begin_ns;
	test_case(junit, results, buf_text(&name), ns);
	if (!strcmp(item->word, "SKIP")) {
		skipped(junit, item->reason);
	} else if (!strcmp(item->word, "XFAIL")) {
		struct buf why = { 0 };

		buf_printf(&why, "expected failure: %s", item->reason ? item->reason : "");
		skipped(junit, buf_text(&why));
		buf_free(&why);
	} else if (results_failing(item)) {
		checks_failed(junit, results, item);
	}
	element_end(junit);
	buf_free(&name);
}

/* What the case's verdict says and no result does. */
static void whole(struct junit *junit, const struct results *results)
{
	test_case(junit, results, results_label(results), results->duration_ns);
	if (!results_red(results->verdict))
		skipped(junit, results->text);
	else
		failed(junit, verdict_is_error(results) ? "error" : "failure", results->verdict,
		       results->text, results->autopsy ? results->autopsy : results->text);
	element_end(junit);
}

static void log_include(struct junit *junit, const struct results *results)
{
	size_t size = 0;
	char *log = results_red(results->verdict) && results->log ?
		file_read(results->log, &size) : NULL;

	element(junit, "system-out");
	if (log && size > LOG_MOST)
		text(junit, "(its beginning is left out)\n");
	if (log)
		text(junit, size > LOG_MOST ? log + size - LOG_MOST : log);
	element_end(junit);
	element(junit, "system-err");
	element_end(junit);
	free(log);
}

struct counts {
	uint64_t tests, failures, errors, skipped;
};

static struct counts count(const struct results *results)
{
	bool extra = results_whole(results) || !results->item_count;
	struct counts counts = { .tests = results->item_count + extra };

	for (size_t i = 0; i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];

		if (results_failing(item))
			(*(item_is_error(item) ? &counts.errors : &counts.failures))++;
		else
			counts.skipped += !strcmp(item->word, "SKIP") ||
					  !strcmp(item->word, "XFAIL");
	}
	if (!extra)
		return counts;
	if (!results_red(results->verdict))
		counts.skipped += !strcmp(results->verdict, "SKIP");
	else if (verdict_is_error(results))
		counts.errors++;
	else
		counts.failures++;
	return counts;
}

static void add(struct writing *writing, const struct results *results)
{
	struct junit *junit = writing->state;
	struct counts counts = count(results);
	struct buf time = { 0 };

	time_utc(&time, results->started_us ? results->started_us : writing->run->started_us);
	element(junit, "testsuite");
	number(junit, "id", writing->totals.cases - 1);
	attribute(junit, "name", results_label(results));
	attribute(junit, "package", results->arch);
	attribute(junit, "timestamp", buf_text(&time));
	attribute(junit, "hostname", junit->host);
	number(junit, "tests", counts.tests);
	number(junit, "failures", counts.failures);
	number(junit, "errors", counts.errors);
	number(junit, "skipped", counts.skipped);
	seconds(junit, results->duration_ns);
	properties(junit, writing->run, results);
	for (size_t i = 0; i < results->item_count; i++)
		result(junit, results, &results->items[i]);
	if (results_whole(results)) {
		whole(junit, results);
	} else if (!results->item_count) {
		test_case(junit, results, results_label(results), results->duration_ns);
		element_end(junit);
	}
	log_include(junit, results);
	element_end(junit);
	flush(writing);
	buf_free(&time);
}

static void end(struct writing *writing)
{
	struct junit *junit = writing->state;

	xml.xmlTextWriterEndDocument(junit->writer);
	flush(writing);
	xml.xmlFreeTextWriter(junit->writer);
	xml.xmlBufferFree(junit->buffer);
	free(junit);
}
#endif

const struct writer writer_junit = {
	.name = "junit", .file = "junit.xml", .help = "JUnit XML, as Jenkins and GitLab read it",
	.whole = true,
#ifdef HAVE_LIBXML2
	.begin = begin, .add = add, .end = end,
#else
	.lacks = "libxml2",
#endif
};
