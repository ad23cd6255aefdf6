/* SPDX-License-Identifier: BSD-2-Clause */
/* Trials in real mode: what has to lie in the first 64 KiB, and what is put back. */
#include <asm/cpu.h>
#include <real.h>

extern const u8 real_begin[], real_end[], real_vectors[];
void real_enter(void);

static void real_prepare(void)
{
	static bool prepared;
	u16 *table = (u16 *)(uintptr_t)REAL_IVT;
	size_t stubs = REAL_PAGE + (real_vectors - real_begin);

	if (prepared)
		return;
	prepared = true;
	if (real_end - real_begin > REAL_IVT - REAL_PAGE)
		panic("no room for %ld bytes at %#x",
		      (long)(real_end - real_begin), REAL_PAGE);
	memcpy((void *)(uintptr_t)REAL_PAGE, real_begin, real_end - real_begin);
	for (unsigned int vector = 0; vector < 256; vector++) {
		unsigned int stub = vector < REAL_STUBS ? vector : REAL_STUBS - 1;

		table[2 * vector] = stubs + REAL_STUB * stub;
		table[2 * vector + 1] = 0;
	}
}

/* Loads of FS and GS have changed their bases, too. */
static void segments_restore(u64 fs, u64 gs)
{
	asm volatile("mov %w0, %%ds; mov %w0, %%es; mov %w0, %%fs; mov %w0, %%gs"
		     : : "r"(SEL_USER_DS) : "memory");
	if (IS_64BIT) {
		wrmsr(MSR_FS_BASE, fs);
		wrmsr(MSR_GS_BASE, gs);
	}
}

void real_run(struct real_state *state)
{
	struct real_state *low = (void *)(uintptr_t)REAL_STATE;
	u64 fs = IS_64BIT ? rdmsr(MSR_FS_BASE) : 0;
	u64 gs = IS_64BIT ? rdmsr(MSR_GS_BASE) : 0;

	real_prepare();
	*low = *state;
	real_enter();
	*state = *low;
	segments_restore(fs, gs);
}
