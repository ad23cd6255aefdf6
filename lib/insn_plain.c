/* SPDX-License-Identifier: BSD-2-Clause */
/* exec() of insn_plain.h's instructions. */
#include <insn.h>

struct fault exec_insn(const struct insn *insn, struct how how)
{
	struct fault *result = user_top();

	/* A result that nobody wrote must not look like "no fault". */
	memset(result, 0xff, sizeof(*result));
	if (how.user)
		user_call((void (*)(void *))insn->run, result);
	else
		insn->run(result);
	return *result;
}
