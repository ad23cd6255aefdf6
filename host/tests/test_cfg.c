/* SPDX-License-Identifier: BSD-2-Clause */
/* unittests.cfg and files of known failures: every lexical rule, and the doubts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "runner/cfg.h"
#include "runner/known.h"
#include "runner/plan.h"

static struct buf doubts;
static struct cfg cfg;

static void doubt(const char *message)
{
	buf_puts(&doubts, message);
	buf_puts(&doubts, "\n");
}

/* In a block of its own size, so that a byte read too far is seen. */
static void parse_bytes(const char *text, size_t size)
{
	char *copy = malloc(size);

	memcpy(copy, text, size);
	cfg_free(&cfg);
	buf_free(&doubts);
	cfg_parse(&cfg, "t.cfg", copy, size, CFG_ADD, doubt);
	free(copy);
}

static void parse(const char *text)
{
	parse_bytes(text, strlen(text));
}

static void assert_doubt(const char *text)
{
	if (!strstr(buf_text(&doubts), text))
		fail_msg("wanted '%s', told '%s'", text, buf_text(&doubts));
}

static void assert_no_doubt(void)
{
	assert_string_equal(buf_text(&doubts), "");
}

static int forget(void **state)
{
	(void)state;
	cfg_free(&cfg);
	buf_free(&doubts);
	return 0;
}

static void plain(void **state)
{
	(void)state;
	parse("# a comment\n\n[one]\nfile = one.flat\nsmp = 2\n\n"
	      "  [two words] \n\tfile=two.flat\nfile   =   three.flat  \n");
	assert_no_doubt();
	assert_int_equal(cfg.count, 2);
	assert_string_equal(cfg.cases[0].name, "one");
	assert_int_equal(cfg.cases[0].line, 3);
	assert_string_equal(cfg.cases[0].file, "one.flat");
	assert_string_equal(cfg.cases[0].smp, "2");
	assert_null(cfg.cases[0].test_args);
	assert_string_equal(cfg.cases[1].name, "two words");
	assert_int_equal(cfg.cases[1].line, 7);
	/* The last of two wins. */
	assert_string_equal(cfg.cases[1].file, "three.flat");
}

static void headers(void **state)
{
	(void)state;
	parse("[a[b]c]\n[d]e\n[f] # g\nfile = x\n[]\n");
	assert_int_equal(cfg.count, 1);
	assert_string_equal(cfg.cases[0].name, "a[b]c");
	assert_string_equal(cfg.cases[0].file, "x");
	assert_doubt("t.cfg:2: ");
	assert_doubt("t.cfg:3: ");
	assert_null(strstr(buf_text(&doubts), "t.cfg:4: "));
	/* One without a name is none. */
	assert_doubt("t.cfg:5: a case needs a name");
}

static void same_name_twice(void **state)
{
	(void)state;
	parse("[a]\nfile = 1\n[a]\nfile = 2\n");
	assert_int_equal(cfg.count, 2);
	assert_string_equal(cfg.cases[0].file, "1");
	assert_string_equal(cfg.cases[1].file, "2");
}

static void unknown_keys(void **state)
{
	(void)state;
	parse("[a]\ntimeuot = 9\nfile = f\nzzzzzzzzzzzz = 1\nwords without equals\n");
	assert_string_equal(cfg.cases[0].file, "f");
	assert_null(cfg.cases[0].timeout);
	assert_doubt("t.cfg:2: key 'timeuot' is not known; the nearest is 'timeout'");
	assert_doubt("t.cfg:4: key 'zzzzzzzzzzzz' is not known; it is ignored");
	assert_doubt("t.cfg:5: neither");
}

static void before_the_first(void **state)
{
	(void)state;
	parse("file = lost\n[a]\n");
	assert_int_equal(cfg.count, 1);
	assert_null(cfg.cases[0].file);
	assert_doubt("t.cfg:1: ");
}

static void tab_before_equals(void **state)
{
	(void)state;
	parse("[a]\nfile\t= x\nsmp =\t2\n");
	assert_null(cfg.cases[0].file);
	assert_string_equal(cfg.cases[0].smp, "2");
	assert_doubt("t.cfg:2: a tab in front of '='");
}

static void dos_lines(void **state)
{
	(void)state;
	parse("[a]\r\nfile = x\r\n\r\n[b]\r\nfile = y\r");
	assert_no_doubt();
	assert_int_equal(cfg.count, 2);
	assert_string_equal(cfg.cases[0].name, "a");
	assert_string_equal(cfg.cases[0].file, "x");
	assert_string_equal(cfg.cases[1].file, "y");
}

static void no_last_newline(void **state)
{
	(void)state;
	parse("[a]\nfile = x");
	assert_string_equal(cfg.cases[0].file, "x");
	parse("[a]");
	assert_int_equal(cfg.count, 1);
	parse("");
	assert_int_equal(cfg.count, 0);
	assert_no_doubt();
}

static void comments_in_values(void **state)
{
	(void)state;
	parse("[a]\ntest_args = x y # gone\nsmp = 2#3\nqemu_params = -a '# kept' \"b # c\" \\# d\n"
	      "file = # all\n");
	assert_string_equal(cfg.cases[0].test_args, "x y");
	assert_string_equal(cfg.cases[0].smp, "2#3");
	assert_string_equal(cfg.cases[0].qemu_params, "-a '# kept' \"b # c\" \\# d");
	assert_string_equal(cfg.cases[0].file, "");
	assert_doubt("t.cfg:2: ' #' in the value of 'test_args'");
	assert_doubt("t.cfg:5: ");
	assert_null(strstr(buf_text(&doubts), "t.cfg:4: "));
}

static void two_names_of_one_key(void **state)
{
	(void)state;
	parse("[a]\nextra_params = -cpu max\n[b]\nqemu_params = -smp 2\nextra_params = -m 5\n");
	assert_no_doubt();
	assert_string_equal(cfg.cases[0].qemu_params, "-cpu max");
	assert_string_equal(cfg.cases[1].qemu_params, "-m 5");
}

static void several_lines(void **state)
{
	(void)state;
	parse("[a]\nqemu_params = \"\"\"-a \\\n-b\n-c \\\\\n-d\"\"\"\nsmp = 2\n"
	      "[b]\nextra_params = \"\"\"\n-x\n-y\n\"\"\"\nsmp = 3\n"
	      "[c]\nqemu_params = \"\"\"-on one line\"\"\"\nsmp = 4\n");
	assert_no_doubt();
	/* An odd backslash joins, an even number does not. */
	assert_string_equal(cfg.cases[0].qemu_params, "-a -b\n-c \\\\\n-d");
	assert_string_equal(cfg.cases[0].smp, "2");
	assert_string_equal(cfg.cases[1].qemu_params, "-x\n-y");
	assert_string_equal(cfg.cases[1].smp, "3");
	assert_string_equal(cfg.cases[2].qemu_params, "-on one line");
	assert_string_equal(cfg.cases[2].smp, "4");
	parse("[a]\nqemu_params = \"\"\"-a\n-b\n");
	assert_string_equal(cfg.cases[0].qemu_params, "-a\n-b");
	assert_doubt("t.cfg:2: ");
	/* Other keys have no such form. */
	parse("[a]\nsmp = \"\"\"2\nfile = x\n");
	assert_string_equal(cfg.cases[0].smp, "\"\"\"2");
	assert_string_equal(cfg.cases[0].file, "x");
}

static void long_lines(void **state)
{
	char *text = malloc(200020);

	(void)state;
	memcpy(text, "[a]\ntest_args = ", 16);
	memset(text + 16, 'x', 200000);
	parse_bytes(text, 200016);
	assert_int_equal(strlen(cfg.cases[0].test_args), 200000);
	text[0] = '[';
	memset(text + 1, 'n', 100000);
	text[100001] = ']';
	parse_bytes(text, 100002);
	assert_int_equal(strlen(cfg.cases[0].name), 100000);
	free(text);
}

static void fuzz(void **state)
{
	static const char *const parts[] = {
		"[", "]", "\n", "\n", " ", "\t", "\r", "=", "#", "\"\"\"", "\"", "'", "\\",
		"file", "smp", "qemu_params", "x", " = ", "[a]\n", "\xff",
	};

	(void)state;
	srandom(1);
	for (int i = 0; i < 3000; i++) {
		struct buf text = { 0 };

		for (int n = random() % 60; n--;)
			buf_puts(&text, parts[random() % (sizeof(parts) / sizeof(*parts))]);
		if (random() % 4 == 0)
			buf_add(&text, "\0", 1);
		parse_bytes(text.data ? text.data : "", text.length);
		buf_free(&text);
	}
}

#define HOST(on, for_arch)	(&(struct known_host){ .kind = (on), .arch = (for_arch) })

static void known_entries(void **state)
{
	const char *text = "# why\n[msr: x2apic]\non = kvm_pvm tcg\nreason = no 'INT # n\n"
		"[idt_test: int: ud*]\narch = i386\nreason = y\n[vmexit]\nreason = x\n"
		"[a: b]\nraeson = y\n";
	struct known known = { 0 };
	struct plan_test tests[] = { { .name = "x2apic_" }, { .name = "b" } };
	struct plan plan = { .ours = true, .count = 2, .tests = tests };

	(void)state;
	known_parse(&known, "k.cfg", NULL, text, strlen(text), doubt);
	assert_int_equal(known.count, 4);
	assert_doubt("k.cfg:8: a header here is [IMAGE: TEST] or [IMAGE: TEST: SUBTEST]; "
		     "the entry counts no more");
	assert_doubt("k.cfg:11: key 'raeson' is not known; the nearest is 'reason'");
	assert_doubt("k.cfg:10: it has no reason; the entry counts no more");
	assert_string_equal(known.entries[0].reason, "no 'INT # n");
	assert_true(known_applies(&known.entries[0], "x86/msr.flat", HOST("tcg", "x86_64")));
	assert_true(known_applies(&known.entries[0], "msr", HOST("kvm_pvm", "i386")));
	assert_false(known_applies(&known.entries[0], "x86/msr.flat", HOST("kvm", "x86_64")));
	assert_false(known_applies(&known.entries[0], "x86/msr64.flat", HOST("tcg", "x86_64")));
	assert_true(known_applies(&known.entries[1], "build/i386/x86/idt_test.flat",
				  HOST("any", "i386")));
	assert_false(known_applies(&known.entries[1], "x86/idt_test.flat", HOST("any", "x86_64")));

	assert_true(known_covers(&known.entries[0], "x2apic", ""));
	assert_true(known_covers(&known.entries[0], "x2apic", "any"));
	assert_false(known_covers(&known.entries[0], "x2apic2", ""));
	assert_true(known_covers(&known.entries[1], "int", "ud2"));
	assert_true(known_covers(&known.entries[1], "int", "ud"));
	assert_false(known_covers(&known.entries[1], "int", "u"));
	assert_false(known_covers(&known.entries[1], "int", ""));

	/* An entry for a TEST that is not there. */
	buf_free(&doubts);
	known_doubts(&known, "x86/msr.flat", "x86_64", &plan, doubt);
	assert_doubt("k.cfg:2: x86/msr.flat has no TEST 'x2apic'");
	buf_free(&doubts);
	known_doubts(&known, "x86/a.flat", "i386", &plan, doubt);
	assert_no_doubt();
	known_free(&known);
}

/* Which host an entry is about; one that expires on the day itself still counts. */
static void known_hosts(void **state)
{
	const char *text =
		"[a: vendor]\nvendor = intel amd\nreason = r\n"
		"[a: kernel]\nkernel = >=6.1 <6.9\nreason = r\nlink = https://x.org/#1\n"
		"[a: exact]\nkernel = 6.1\nreason = r\n"
		"[a: backend]\nbackend = qemu\nreason = r\n"
		"[a: beneath]\nbeneath = tcg none\nreason = r\n"
		"[a: perturbed]\nperturbed = migrate isolate\nreason = r\n"
		"[a: today]\nexpires = 2026-02-28\nreason = r\n"
		"[a: past]\nexpires = 2026-02-27\nreason = r\n"
		"[a: odd]\nexpires = tomorrow\nreason = r\n"
		"[a: order]\nkernel = =>6.1\nreason = r\n"
		"[a: word]\nkernel = new\nreason = r\n"
		"[a: moved]\nperturbed = migrate moved\nreason = r\n"
		"[a: blank]\nreason =\n";
	static const struct {
		const char *vendor, *kernel, *backend, *beneath, *perturbed, *applies;
	} hosts[] = {
		{ "intel", "6.1.0-13-amd64", "kvm", "none", NULL,
		  "vendor kernel exact beneath today" },
		{ "amd", "6.8.12", "qemu", "tcg", NULL, "vendor kernel backend beneath today" },
		{ "hygon", "6.9", "kvm", "kvm", "state unmap", "today" },
		{ "hygon", "6.0.19", "kvm", "kvm", "state migrate", "perturbed today" },
		{ "hygon", "6.10", "kvm", "kvm", "isolate", "perturbed today" },
	};
	struct known known = { .today = "2026-02-28" };

	(void)state;
	known_parse(&known, "k.cfg", NULL, text, strlen(text), doubt);
	assert_doubt("k.cfg:23: it expired on 2026-02-27; the entry counts no more");
	assert_doubt("k.cfg:26: expires = tomorrow: a day is written as 2026-01-31");
	assert_doubt("k.cfg:29: kernel = =>6.1: conditions are written as >=6.1 <6.9");
	assert_doubt("k.cfg:32: kernel = new: conditions are written as >=6.1 <6.9");
	assert_doubt("k.cfg:35: perturbed = moved: there is no such perturbation");
	assert_doubt("k.cfg:38: it has no reason");
	assert_true(known.entries[7].expired);
	assert_true(known_sometimes(&known.entries[5]));
	assert_false(known_sometimes(&known.entries[6]));
	assert_string_equal(known.entries[1].link, "https://x.org/#1");
	for (size_t h = 0; h < sizeof(hosts) / sizeof(*hosts); h++) {
		const struct known_host host = {
			.kind = "tcg", .arch = "x86_64", .vendor = hosts[h].vendor,
			.kernel = hosts[h].kernel, .backend = hosts[h].backend,
			.beneath = hosts[h].beneath, .perturbed = hosts[h].perturbed,
		};
		struct buf applies = { 0 };

		for (size_t i = 0; i < known.count; i++)
			if (known_applies(&known.entries[i], "a", &host))
				buf_printf(&applies, "%s%s", applies.length ? " " : "",
					   known.entries[i].test);
		assert_string_equal(buf_text(&applies), hosts[h].applies);
		buf_free(&applies);
	}
	known_free(&known);
	buf_free(&doubts);
}

static void known_of_one_image(void **state)
{
	static const char text[] =
		"[ab: one]\nraeson = x\n[a: two]\nreason = its\n"
		"[aa]\n[a: three]\n[ab: four]\n", other[] = "[b: one]\n";
	struct known known = { .image = "x86/a.flat" };

	(void)state;
	known_parse(&known, "b.cfg", NULL, other, strlen(other), doubt);
	known_parse(&known, "k.cfg", NULL, text, strlen(text), doubt);
	assert_int_equal(known.count, 2);
	assert_string_equal(known.entries[0].test, "two");
	assert_string_equal(known.entries[0].reason, "its");
	assert_doubt("k.cfg:6: it has no reason");
	assert_string_equal(known.entries[1].test, "three");
	assert_true(known.entries[1].void_);
	known_free(&known);
	buf_free(&doubts);
}

static void file_write(const char *directory, const char *name, const char *text)
{
	struct buf path = { 0 };
	FILE *file;

	buf_printf(&path, "%s/%s", directory, name);
	file = fopen(buf_text(&path), "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	buf_free(&path);
}

/* A file of the folder is about the kind of host in its name. */
static void known_folder(void **state)
{
	char directory[] = "/tmp/known-XXXXXX", command[64];
	struct known known = { 0 };

	(void)state;
	assert_non_null(mkdtemp(directory));
	known_read(&known, directory, doubt);
	assert_int_equal(known.count, 0);
	assert_no_doubt();
	snprintf(command, sizeof(command), "mkdir %s/known-failures", directory);
	assert_int_equal(system(command), 0);
	file_write(directory, "known-failures.cfg",
		   "[msr: any]\nreason = r\n[msr: one]\non = tcg\nreason = r\n");
	file_write(directory, "known-failures/tcg.cfg",
		   "[msr: b]\nreason = r\n[msr: c]\non = kvm_amd\nx = 1\nreason = r\n");
	file_write(directory, "known-failures/kvm_pvm.cfg", "[msr: a]\nreason = r\n");
	file_write(directory, "known-failures/tcg.cfg~", "[msr: old]\n");
	file_write(directory, "known-failures/.tcg.cfg", "[msr: swap]\n");
	known_read(&known, directory, doubt);
	assert_int_equal(known.count, 5);
	assert_null(known.entries[0].on);
	assert_string_equal(known.entries[1].on, "tcg");
	assert_string_equal(known.entries[2].on, "kvm_pvm");
	assert_string_equal(known.entries[3].on, "tcg");
	assert_string_equal(known.entries[4].on, "kvm_amd");
	assert_non_null(strstr(known.entries[4].path, "known-failures/tcg.cfg"));
	assert_doubt("known-failures/tcg.cfg:5: key 'x' is not known");
	known_free(&known);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	assert_int_equal(system(command), 0);
}

#define CFG_TEST(name)	cmocka_unit_test_teardown(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CFG_TEST(plain),
		CFG_TEST(headers),
		CFG_TEST(same_name_twice),
		CFG_TEST(unknown_keys),
		CFG_TEST(before_the_first),
		CFG_TEST(tab_before_equals),
		CFG_TEST(dos_lines),
		CFG_TEST(no_last_newline),
		CFG_TEST(comments_in_values),
		CFG_TEST(two_names_of_one_key),
		CFG_TEST(several_lines),
		CFG_TEST(long_lines),
		CFG_TEST(fuzz),
		CFG_TEST(known_entries),
		CFG_TEST(known_hosts),
		CFG_TEST(known_of_one_image),
		CFG_TEST(known_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
