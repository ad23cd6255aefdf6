/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults as text, exec() and calls in user mode. */
#include <exception.h>
#include <insn.h>
#include <paging.h>
#include <scope.h>

static const char *exception_name(u32 cause)
{
	static const char *const names[] = {
#define EXCEPTION_NAME(code, tail, name) [code] = name,
		EXCEPTIONS(EXCEPTION_NAME)
#undef EXCEPTION_NAME
	};

	return (cause < ARRAY_SIZE(names) ? names[cause] : NULL) ?:
		"exception of an unknown cause";
}

const char *fault_text(struct fault fault, char *to)
{
	int at;

	if (!fault.raised) {
		snprintf(to, FAULT_TEXT, "no fault");
		return to;
	}
	at = snprintf(to, FAULT_TEXT, "%s (%u)", exception_name(fault.cause),
		      fault.cause);
	if (fault.at || fault.value)
		snprintf(to + at, FAULT_TEXT - at, ", stval %#lx",
			 (unsigned long)fault.value);
	return to;
}

bool fault_matches(struct fault want, struct fault got)
{
	if (want.raised != got.raised)
		return false;
	return !want.raised || (want.cause == got.cause &&
				(!want.at || want.value == got.value));
}

struct fault fault_falsify(struct fault fault, bool kind)
{
	/* STVAL is not compared by all who ask. */
	fault.cause ^= kind ? 1 : 2;
	return fault;
}

struct fault try_load(const void *address)
{
	unsigned long byte;

	return TRY_OUT("lb %0, 0(%1)", OUT("=r"(byte)), "r"(address));
}

struct fault try_store(void *address)
{
	return TRY("sb zero, 0(%0)", "r"(address));
}

/* SSTATUS.SIE does not hold interrupts back from user mode: SIE does. */
void user_call(void (*fn)(void *arg), void *arg)
{
	WITH_SIE(0, -1ul)
		user_enter(fn, arg, (uintptr_t)cpu_self() + CPU_STACK_USER);
}

struct fault exec_insn(const struct insn *insn, struct how how)
{
	struct fault fault = FAULT_NONE;

	if (!how.user)
		return insn->run();
	WITH_SIE(0, -1ul)
		fault = insn->run_in_user();
	return fault;
}
