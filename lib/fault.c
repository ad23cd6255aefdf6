/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of instructions that may fault. */
#include <fault.h>

extern const struct fault_entry faults_start[], faults_end[];

static bool is_at(const struct fault_entry *entry, uintptr_t ip)
{
	return (uintptr_t)&entry->insn + entry->insn == ip;
}

const struct fault_entry *fault_entry_find(uintptr_t ip)
{
	/* Loops fault at one place: remember it. */
	static const struct fault_entry *last;
	const struct fault_entry *entry = last;

	if (entry && is_at(entry, ip))
		return entry;
	for (entry = faults_start; entry < faults_end; entry++)
		if (is_at(entry, ip))
			return last = entry;
	return NULL;
}

uintptr_t fault_entry_fixup(const struct fault_entry *entry)
{
	return (uintptr_t)&entry->fixup + entry->fixup;
}
