/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes situations, and predicts them. */
#include <asm/cpu.h>
#include <boot.h>
#include <memory.h>
#include <scope.h>
#include <situation.h>

/* A frame's contents; the page's own address is the LDT's. */
#define AT_DATA		0x00
#define AT_CODE		0x10
#define AT_MARKED	0x18
#define AT_UNMARKED	0x20
#define SELECTOR(at)	((at) | 7)	/* of the LDT, RPL 3 */

#define DATA(frame)	(0x11111111u << (frame))
#define STORED		0x7a7a7a7au
#define DESCRIPTOR	0x00cff2000000ffffull
#define MARK		0x00000100u	/* A, in the upper half */

#define SMALL		0
#define LARGE		1

/* CPUID is an exit: asked for once a batch. */
static struct {
	bool nx, pku, pks;
} cpu;

static u32 *frame_word(const struct path *path, int frame, unsigned int at)
{
	return (u32 *)(path->frame[frame] + at);
}

/* What an access may have changed. */
static void frames_renew(const struct path *path)
{
	for (int i = 0; i < 2; i++) {
		*frame_word(path, i, AT_DATA) = DATA(i);
		*frame_word(path, i, AT_UNMARKED + 4) = DESCRIPTOR >> 32;
	}
}

static void frames_fill(const struct path *path)
{
	for (int i = 0; i < 2; i++) {
		u64 descriptor = DESCRIPTOR;

		touch_target(path->frame[i] + AT_CODE);
		memcpy(path->frame[i] + AT_UNMARKED, &descriptor, 8);
		descriptor |= (u64)MARK << 32;
		memcpy(path->frame[i] + AT_MARKED, &descriptor, 8);
	}
	frames_renew(path);
}

/* PAE's top table is registers of the CPU: its entries are no part of a path. */
static unsigned int path_levels(const struct paging *mode)
{
	return mode == &paging_pae ? 2 : mode->levels;
}

/*
 * The n-th path's own part of the address space: an entry of the top table, none of
 * those that map the image.
 */
static uintptr_t path_base(const struct paging *mode, unsigned int n)
{
	unsigned int shift = paging_shift(mode, path_levels(mode));

	return (mode->levels == 5 ? BIT(shift) : SPACE_FREE) + ((u64)n << shift);
}

static void path_make(struct path *path, const struct space *space, unsigned int n)
{
	const struct paging *mode = space->mode;

	path->frame[SMALL] = pages_alloc(1);
	path->frame[LARGE] = pages_alloc(1);
	frames_fill(path);
	/* The same offset in pages of all sizes: a large one maps the frame there. */
	path->address = (u8 *)(uintptr_t)(path_base(mode, n) +
			       ((uintptr_t)path->frame[LARGE] &
				(BIT(paging_shift(mode, path_levels(mode))) - 1)));
	for (unsigned int level = 1; level <= path_levels(mode); level++) {
		path->entry[level] = space_entry(space, path->address, level);
		path->leaf[level] = (uintptr_t)path->frame[LARGE] &
				    ~(BIT(paging_shift(mode, level)) - 1);
		if (level > 1)
			path->table[level] = entry_read(mode, path->entry[level]) &
					     PTE_ADDRESS;
	}
	path->leaf[1] = (uintptr_t)path->frame[SMALL];
}

/* Without CR4.PSE the image's 4 MiB pages would be none: only small ones for RAM. */
static void large_pages_split(const struct space *space)
{
	uintptr_t large = BIT(paging_shift(space->mode, 2));

	for (unsigned int i = 0; i < boot_info.memories; i++) {
		const struct boot_memory *ram = &boot_info.memory[i];

		for (u64 at = ALIGN_DOWN(ram->base, large);
		     at < ram->base + ram->size && at < USER_ALIAS; at += large) {
			u8 *address = (u8 *)(uintptr_t)at;

			space_entry(space, address, 1);
			space_entry(space, user_alias(address), 1);
		}
	}
}

void place_make(struct place *place, const struct paging *mode)
{
	space_split(&place->space, mode);
	if (mode == &paging_32bit)
		large_pages_split(&place->space);
	for (unsigned int i = 0; i < PATHS; i++)
		path_make(&place->path[i], &place->space, i);
}

/* Address bits that no entry may have set; bits that no address has, with PAE. */
static u64 bits_reserved(const struct paging *mode, unsigned int bits)
{
	u64 all = mode == &paging_pae ? PTE_ADDRESS | PTE_HIGH : PTE_ADDRESS;

	return mode->entry_size == 8 ? all & ~(BIT(bits) - 1) : 0;
}

struct mmu place_mmu(const struct place *place)
{
	unsigned int bits = cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff;
	const struct paging *mode = place->space.mode;
	/* SDM 3A 4.3: a 4 MiB page's address has 40 bits at most. */
	unsigned int bits_4m = !cpu_has(CPU_PSE36) ? 32 : bits < 40 ? bits : 40;

	return (struct mmu){
		.levels = path_levels(mode),
		.wide = mode->entry_size == 8,
		.pse = true,
		.gbpages = IS_64BIT && cpu_has(CPU_GBPAGES),
		.reserved = bits_reserved(mode, bits),
		.reserved_4m = 0x3fe000 & ~(BIT(bits_4m - 32 + 13) - 1),
		.wp = true,
	};
}

static u64 entry_whole(const struct path *path, const struct situation *s,
		       unsigned int level)
{
	bool leaf = level == s->leaf || level == 1;

	return s->entry[level] | (leaf ? path->leaf[level] : path->table[level]);
}

static unsigned int offset_of(const struct situation *s)
{
	switch (s->kind) {
	case TOUCH_FETCH:
		return AT_CODE;
	case TOUCH_SEGMENT:
		return s->unmarked ? AT_UNMARKED : AT_MARKED;
	default:
		return AT_DATA;
	}
}

static unsigned long cr_bits(bool on, unsigned long bit)
{
	return on ? bit : 0;
}

static void keys_load(const struct mmu *mmu)
{
	unsigned long cr4 = read_cr4();

	if (cpu.pku) {
		write_cr4(cr4 | CR4_PKE);
		write_pkru(mmu->pkru);
		if (!(cr4 & CR4_PKE))
			write_cr4(cr4);
	}
	if (cpu.pks)
		wrmsr(MSR_PKRS, mmu->pkrs);
}

#define CR4_OURS	(CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_PKS | CR4_PSE)

/* Only what differs from @now, if that is known: each write may be an exit. */
static void mmu_load(const struct mmu *mmu, const struct mmu *now)
{
	unsigned long cr4;

	if (!now || mmu->wp != now->wp)
		write_cr0((read_cr0() & ~(unsigned long)CR0_WP) |
			  cr_bits(mmu->wp, CR0_WP));
	if (cpu.nx && (!now || mmu->nxe != now->nxe))
		wrmsr(MSR_EFER, (rdmsr(MSR_EFER) & ~(u64)EFER_NXE) |
		      cr_bits(mmu->nxe, EFER_NXE));
	cr4 = read_cr4() & ~(unsigned long)CR4_OURS;
	cr4 |= cr_bits(mmu->smep, CR4_SMEP) | cr_bits(mmu->smap, CR4_SMAP) |
	       cr_bits(mmu->pke, CR4_PKE) | cr_bits(mmu->pks, CR4_PKS) |
	       cr_bits(mmu->pse, CR4_PSE);
	if (cr4 != read_cr4())
		write_cr4(cr4);
	if (mmu->wide && (!now || mmu->pkru != now->pkru || mmu->pkrs != now->pkrs))
		keys_load(mmu);
}

static bool same_state(const struct mmu *a, const struct mmu *b)
{
	return a->wp == b->wp && a->nxe == b->nxe && a->smep == b->smep &&
		a->smap == b->smap && a->pke == b->pke && a->pks == b->pks &&
		a->pse == b->pse && a->pkru == b->pkru && a->pkrs == b->pkrs;
}

static struct touch touch_of(const struct path *path, const struct situation *s)
{
	return (struct touch){
		.kind = s->kind, .user = s->user, .forced = s->forced,
		.flags = s->ac ? RFLAGS_AC : 0,
		.address = path->address + offset_of(s),
		.value = s->kind == TOUCH_SEGMENT ? SELECTOR(offset_of(s)) : STORED,
	};
}

void situations_prepare(struct place *place, const struct situation *situations,
			unsigned int count)
{
	const struct paging *mode = place->space.mode;
	const struct mmu *now = NULL;

	for (unsigned int i = 0; i < count; i++) {
		const struct situation *s = &situations[i];
		struct path *path = &place->path[i];
		struct touch how = touch_of(path, s);

		path->now = now;
		path->load = now && same_state(&s->mmu, now) ? NULL : &s->mmu;
		now = &s->mmu;

		for (unsigned int level = 1; level <= s->mmu.levels; level++)
			entry_write(mode, path->entry[level],
				    entry_whole(path, s, level));
		frames_renew(path);
		touch_prepare(&how, &path->words);
		if (s->primed)
			touch_prepare(&(struct touch){
				.kind = TOUCH_READ, .address = how.address,
				.flags = RFLAGS_AC }, &path->primer);
	}
}

/* Each instruction here may be an emulator's work: there are few. */
static void make(struct place *place, const struct situation *situations,
		 unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct situation *s = &situations[i];
		struct path *path = &place->path[i];

		if (path->load)
			mmu_load(path->load, path->now);
		if (s->primed)
			touch_run(&path->primer);
		if (s->kind == TOUCH_SEGMENT)
			WITH_LDT(path->address)
				touch_run(&path->words);
		else
			touch_run(&path->words);
	}
}

void situations_collect(struct place *place, const struct situation *situations,
			struct aftermath *aftermaths, unsigned int count)
{
	const struct paging *mode = place->space.mode;

	for (unsigned int i = 0; i < count; i++) {
		const struct situation *s = &situations[i];
		const struct path *path = &place->path[i];
		struct aftermath *after = &aftermaths[i];
		struct touch how = touch_of(path, s);

		after->fault = touch_finish(&how, &path->words);
		after->loaded = path->words.value;
		for (unsigned int level = 1; level <= s->mmu.levels; level++)
			after->entry[level] = entry_read(mode, path->entry[level]);
		for (int f = 0; f < 2; f++) {
			after->data[f] = *frame_word(path, f, AT_DATA);
			after->descriptor[f] = *frame_word(path, f, AT_UNMARKED + 4);
		}
	}
}

struct mmu_scope {
	struct scope scope;
	unsigned long cr0, cr4;
	u64 efer;
};

static void mmu_leave(struct scope *scope)
{
	struct mmu_scope *s = (struct mmu_scope *)scope;

	if (cpu.pku) {
		write_cr4(read_cr4() | CR4_PKE);
		write_pkru(0);
	}
	write_cr4(s->cr4);
	write_cr0(s->cr0);
	if (cpu.nx)
		wrmsr(MSR_EFER, s->efer);
	if (cpu.pks)
		wrmsr(MSR_PKRS, 0);
}

static void mmu_enter(struct mmu_scope *s)
{
	s->cr0 = read_cr0();
	s->cr4 = read_cr4();
	cpu.nx = cpu_has(CPU_NX);
	cpu.pku = IS_64BIT && cpu_has(CPU_PKU);
	cpu.pks = IS_64BIT && cpu_has(CPU_PKS);
	if (cpu.nx)
		s->efer = rdmsr(MSR_EFER);
	scope_enter(&s->scope, mmu_leave);
}

void situations_make(struct place *place, const struct situation *situations,
		     unsigned int count)
{
	/* This loads CR3: nothing of an earlier call is in the TLB. */
	WITH_SPACE(&place->space)
		WITH_TOUCH()
			SCOPE(mmu_scope, mmu_enter)
				make(place, situations, count);
}

static bool writes(const struct situation *s)
{
	return s->kind == TOUCH_WRITE || s->kind == TOUCH_RMW;
}

static void predict_access(const struct situation *s, struct walk *w)
{
	struct walk_access access = {
		.write = writes(s), .fetch = s->kind == TOUCH_FETCH,
		.implicit = s->kind == TOUCH_SEGMENT,
		.user = s->user, .ac = s->ac,
	};

	walk(&s->mmu, &access, w);
	/* A descriptor is read, and then marked as accessed. */
	if (s->unmarked && !w->fault) {
		access.write = true;
		walk(&s->mmu, &access, w);
	}
}

struct prediction situation_predict(const struct path *path,
				    const struct situation *s)
{
	static const struct walk_access primer = { .ac = true };
	struct prediction p = { 0 };
	struct aftermath *after = &p.after;
	struct walk w;
	int frame;

	for (unsigned int level = 1; level <= s->mmu.levels; level++)
		w.entry[level] = entry_whole(path, s, level);
	if (s->primed)
		walk(&s->mmu, &primer, &w);
	predict_access(s, &w);
	for (unsigned int level = 1; level <= s->mmu.levels; level++)
		after->entry[level] = w.entry[level];
	for (int i = 0; i < 2; i++) {
		after->data[i] = DATA(i);
		after->descriptor[i] = DESCRIPTOR >> 32;
	}
	p.open = w.open;
	p.level = w.level;
	if (w.fault) {
		after->fault = FAULT_PF_AT(path->address + offset_of(s), w.error);
		return p;
	}
	frame = w.level == 1 ? SMALL : LARGE;
	after->loaded = DATA(frame);
	if (writes(s))
		after->data[frame] = STORED;
	if (s->unmarked)
		after->descriptor[frame] |= MARK;
	return p;
}

static bool loads(const struct situation *s)
{
	return s->kind == TOUCH_READ || s->kind == TOUCH_RMW;
}

/* The bits that are wrong in any entry. */
static u64 entries_compare(const struct situation *s, const struct prediction *p,
			   const struct aftermath *got)
{
	bool fault = p->after.fault.raised;
	u64 wrong = 0;

	for (unsigned int level = 1; level <= s->mmu.levels; level++) {
		u64 differ = p->after.entry[level] ^ got->entry[level];

		/* A walk that ends in a fault may have set A on its way, or not. */
		if (fault && level > p->level)
			differ &= ~(u64)PTE_A;
		wrong |= differ;
	}
	return wrong;
}

static bool fault_holds(const struct situation *s, const struct prediction *p,
			struct fault got)
{
	struct fault want = p->after.fault;

	want.error = (want.error & ~p->open) | (got.error & p->open);
	/* Which bytes of a descriptor get written is the CPU's secret. */
	if (s->unmarked && got.address >= want.address &&
	    got.address < want.address + 8)
		got.address = want.address;
	return fault_matches(want, got);
}

enum deviation prediction_compare(const struct situation *s,
				  const struct prediction *p,
				  const struct aftermath *got)
{
	const struct aftermath *want = &p->after;
	u64 wrong = entries_compare(s, p, got);

	if (!fault_holds(s, p, got->fault) ||
	    (!want->fault.raised && loads(s) && want->loaded != got->loaded) ||
	    memcmp(want->data, got->data, sizeof(want->data)) ||
	    memcmp(want->descriptor, got->descriptor, sizeof(want->descriptor)))
		return DEVIATION_ANY;
	if (wrong == PTE_A && want->fault.raised && (want->fault.error & PF_P) &&
	    !(want->fault.error & PF_RSVD))
		return DEVIATION_ACCESSED;
	return wrong ? DEVIATION_ANY : DEVIATION_NONE;
}
