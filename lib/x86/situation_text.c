/* SPDX-License-Identifier: BSD-2-Clause */
/* Situations as text, for whoever has to find out why one failed. */
#include <situation.h>

static const char *entry_text(u64 entry, char *to, size_t size)
{
	static const char names[][5] = {
		"P", "W", "U", "PWT", "PCD", "A", "D", "PS", "G",
	};
	int at = 0;

	to[0] = 0;
	for (unsigned int bit = 0; bit < ARRAY_SIZE(names); bit++)
		if (entry >> bit & 1)
			at += snprintf(to + at, size - at, " %s", names[bit]);
	if (entry & PTE_NX)
		at += snprintf(to + at, size - at, " NX");
	if (entry & PTE_KEY)
		snprintf(to + at, size - at, " key=%u",
			 (unsigned int)(entry >> PTE_KEY_SHIFT & 15));
	return to;
}

static void print_access(const struct situation *s)
{
	const struct mmu *m = &s->mmu;

	printf("\t\t%s%s%s%s at CPL %d%s;%s%s%s%s%s%s%s; PKRU %#x, PKRS %#x\n",
	       s->forced ? "emulated " : "", touch_names[s->kind],
	       s->unmarked ? " and mark" : "", s->primed ? " after a read" : "",
	       s->user ? 3 : 0, s->ac ? ", AC" : "", m->wp ? " WP" : "",
	       m->nxe ? " NXE" : "", m->smep ? " SMEP" : "", m->smap ? " SMAP" : "",
	       m->pke ? " PKE" : "", m->pks ? " PKS" : "", m->pse ? " PSE" : "",
	       m->pkru, m->pkrs);
}

static void print_entries(const struct situation *s,
			  const struct prediction *p,
			  const struct aftermath *got)
{
	char text[60];

	for (unsigned int level = s->mmu.levels; level; level--) {
		u64 want = p->after.entry[level];

		printf("\t\tlevel %u: %#018llx%s", level, (unsigned long long)want,
		       entry_text(want, text, sizeof(text)));
		if (want != got->entry[level])
			printf(", got %#llx%s",
			       (unsigned long long)got->entry[level],
			       entry_text(got->entry[level], text, sizeof(text)));
		printf("\n");
	}
}

void situation_print(const struct situation *s, const struct prediction *p,
		     const struct aftermath *got)
{
	const struct aftermath *want = &p->after;
	char a[FAULT_TEXT], b[FAULT_TEXT];

	print_access(s);
	print_entries(s, p, got);
	printf("\t\texpected %s\n\t\tgot      %s\n", fault_text(want->fault, a),
	       fault_text(got->fault, b));
	for (int i = 0; i < 2; i++)
		if (want->data[i] != got->data[i] ||
		    want->descriptor[i] != got->descriptor[i])
			printf("\t\tthe %s page has %#x and %#x, not %#x and %#x\n",
			       i ? "large" : "4 KiB", got->data[i],
			       got->descriptor[i], want->data[i],
			       want->descriptor[i]);
	if (!want->fault.raised && want->loaded != got->loaded)
		printf("\t\tloaded %#x, not %#x\n", got->loaded, want->loaded);
}
