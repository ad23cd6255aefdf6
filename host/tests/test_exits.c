/* SPDX-License-Identifier: BSD-2-Clause */
/* host/vmm/exits.c and base/json.c: exits as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vmm/exits.h"

static union {
	struct kvm_run run;
	uint8_t bytes[8192];
} page;

static void expect(const char *text)
{
	struct vm_exit exit = { 0 };
	char got[256];
	struct str to = str_on(got, sizeof(got));

	exit_capture(&exit, &page.run);
	exit_complete(&exit, &page.run);
	exit_text(&to, &exit);
	assert_string_equal(got, text);
}

static struct kvm_run *fresh(uint32_t reason)
{
	memset(&page, 0, sizeof(page));
	page.run.exit_reason = reason;
	return &page.run;
}

static void texts(void **state)
{
	struct kvm_run *run = fresh(KVM_EXIT_IO);

	(void)state;
	run->io.port = 0xf4;
	run->io.direction = KVM_EXIT_IO_OUT;
	run->io.size = 4;
	run->io.count = 1;
	run->io.data_offset = 4096;
	memcpy(page.bytes + 4096, "\x78\x56\x34\x12\xff", 5);
	expect("io port=0xf4 direction=out size=4 count=1 value=0x12345678");
	run = fresh(KVM_EXIT_MMIO);
	run->mmio.phys_addr = 0xfee00020;
	run->mmio.len = 2;
	run->mmio.data[0] = 0xcd;
	run->mmio.data[1] = 0xab;
	expect("mmio address=0xfee00020 direction=read size=2 value=0xabcd");
	fresh(KVM_EXIT_INTERNAL_ERROR)->internal.suberror = KVM_INTERNAL_ERROR_DELIVERY_EV;
	page.run.internal.data[0] = 0x80000b0e;
	expect("internal_error suberror=event delivery words=0 data0=0x80000b0e data1=0 data2=0");
	run = fresh(KVM_EXIT_INTERNAL_ERROR);
	run->emulation_failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
	run->emulation_failure.ndata = 3;
	run->emulation_failure.insn_size = 5;
	expect("internal_error suberror=emulation words=3 flags=0 insn_size=5");
	run = fresh(KVM_EXIT_HYPERV);
	run->hyperv.type = KVM_EXIT_HYPERV_HCALL;
	run->hyperv.u.hcall.input = 0x5c;
	expect("hyperv_hcall input=0x5c result=0 param0=0 param1=0");
	run->hyperv.type = 9;
	expect("hyperv type=9");
	run = fresh(KVM_EXIT_X86_WRMSR);
	run->msr.index = 0xc0000080;
	run->msr.data = 0x501;
	expect("wrmsr msr=0xc0000080 why=0 value=0x501 refused=0");
	fresh(KVM_EXIT_SYSTEM_EVENT)->system_event.type = KVM_SYSTEM_EVENT_RESET;
	expect("system_event type=reset words=0 data0=0");
	page.run.system_event.type = 77;
	expect("system_event type=77 words=0 data0=0");
	fresh(39);
	memcpy((char *)&page.run + offsetof(struct kvm_run, hw) + 8, "\x00\x10", 2);
	expect("memory_fault flags=0 address=0x1000 size=0");
	fresh(4711);
	expect("reason 4711");
}

/* Every row's text and JSON, and what a hostile process may have written. */
static void all_of_them(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (uint32_t reason = 0; reason < 64; reason++)
		for (uint32_t type = 0; type < 5; type++) {
			struct json_out json = { .to = &text };
			struct vm_exit exit;
			char line[256];
			struct str to = str_on(line, sizeof(line));

			fresh(reason);
			memcpy((char *)&page.run + offsetof(struct kvm_run, hw), &type, 4);
			exit_capture(&exit, &page.run);
			exit_text(&to, &exit);
			exit.type = type * 0x7fffffff;
			memset(exit.field, 0xff, sizeof(exit.field));
			exit_text(&to, &exit);
			json_open(&json, NULL, '{');
			exit_json(&json, &exit);
			json_close(&json, '}');
			assert_non_null(strstr(buf_text(&text), "{\"reason\":\""));
			text.length = 0;
			assert_true(exit_group_known(exit_group(&exit), strlen(exit_group(&exit))));
		}
	buf_free(&text);
}

static void json(void **state)
{
	struct buf text = { 0 };
	struct json_out out = { .to = &text };

	(void)state;
	json_open(&out, NULL, '{');
	json_number(&out, "n", ~0ull);
	json_hex(&out, "h", 0x1f);
	json_open(&out, "a", '[');
	json_text(&out, NULL, "q\" b\\ t\t \x01 \xc3\xa4 \xff\xc3 \xed\xa0\x80 \xf4\x90\x80\x80");
	json_text(&out, NULL, NULL);
	json_open(&out, NULL, '{');
	json_close(&out, '}');
	json_bool(&out, NULL, true);
	json_close(&out, ']');
	json_bool(&out, "b", false);
	json_close(&out, '}');
#define BAD "\xef\xbf\xbd"
	assert_string_equal(buf_text(&text),
		"{\"n\":18446744073709551615,\"h\":\"0x1f\",\"a\":[\"q\\\" b\\\\ t\\u0009 \\u0001 "
		"\xc3\xa4 " BAD BAD " " BAD BAD BAD " " BAD BAD BAD BAD
		"\",null,{},true],\"b\":false}");
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(all_of_them),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
