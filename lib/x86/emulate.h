/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction, executed in every way that a hypervisor can execute it: by the
 * CPU, and by its own emulator, which it needs where an operand lies in a device's
 * memory, where the forced-emulation prefix asks for it, or everywhere.  The whole
 * outcome must be the same: registers, flags, memory, fault, CR2.  And it must be
 * what the manual says: a row names a model, the operation in C.
 *
 *	INSTRUCTION("addb %cl, " MEM_A, .size = 1, .dest = IN_A, .src = IN_CX,
 *		    .model = model_add, INPUTS(pairs));
 */
#ifndef EMULATE_H
#define EMULATE_H

#include <test.h>
#include <trial.h>

/*
 * Three places of memory, each two pages at an address that is the same in RAM and
 * in the device: DI points into A, SI into B, SP into S.
 */
enum arena { ARENA_A, ARENA_B, ARENA_S, ARENAS };
#define ARENA_BASE	0x90000000u
#define ARENA_STRIDE	0x10000u
#define ARENA(arena)	(ARENA_BASE + (arena) * ARENA_STRIDE)

#if IS_64BIT
#define MEM_A		"(%rdi)"
#define MEM_B		"(%rsi)"
#else
#define MEM_A		"(%edi)"
#define MEM_B		"(%esi)"
#endif

/* Where an operand is: registers in the order of their numbers, or elsewhere. */
enum place {
	IN_NONE,
	IN_AX, IN_CX, IN_DX, IN_BX, IN_SP, IN_BP, IN_SI, IN_DI,
	IN_R8, IN_R9, IN_R10, IN_R11, IN_R12, IN_R13, IN_R14, IN_R15,
	IN_AH, IN_CH, IN_DH, IN_BH,
	IN_A, IN_B, IN_S,
	IN_IMM,
};

#define WINDOW		64	/* bytes of each arena that count */
#define WINDOW_BEFORE	24	/* of them before the operand */

/* A machine state as a trial starts and ends with it. */
struct outcome {
	struct frame frame;
	u64 cr2;
	u16 selectors[4];	/* DS ES FS GS */
	u8 memory[ARENAS][WINDOW] __attribute__((aligned(8)));
};

/* What a model works on. */
struct step {
	const struct insn_row *row;
	struct outcome is;	/* the start, made into the end */
	unsigned long undefined; /* flags that the manual leaves open */
	struct fault fault;	/* raised: it never happened */
	bool progress;		/* except for rounds that were done before */
};

/* Operand values: below VALUE_MAX themselves, then the edges of each size. */
enum { VALUE_MAX = 0xf0, VALUE_MIN, VALUE_ONES, VALUE_5A, VALUE_A5, VALUE_M2 };
struct values {
	u8 dest, src, aux;
};

struct insn_code {
	const u8 *start, *end;	/* @end: the UD2 that is the normal end */
};

struct insn_row {
	const char *name;
	const struct insn_code *code;
	unsigned int mode;	/* 64, 32 or 16; 0: the image's own */
	u8 size;		/* of the operands, in bytes */
	u8 dest, src, aux;	/* enum place */
	u8 uses;		/* BIT(ARENA_…) accessed besides those */
	bool privileged;	/* CPL 0 only */
	bool unprivileged;	/* CPL 3 only */
	bool ram_only;		/* not with operands in a device */
	bool real;		/* 16-bit code: in real mode, too */
	bool real_only;		/* 16-bit code: nowhere else */
	bool reads_flags;	/* each input with flags clear, and set */
	u64 other;		/* descriptor for SEL_OTHER_CODE, not code's */
	u8 absent;		/* BIT(ARENA_…) without their second page */
	u16 at;			/* operands' offset in arenas; 0: 0x100 */
	unsigned int needs;	/* CPU_… */
	unsigned long flags;	/* to set, besides the arithmetic ones */
	unsigned long undefined;
	u64 imm;
	const struct values *inputs;
	u8 n_inputs;
	void (*model)(struct step *step);
	void (*prepare)(struct step *step);	/* changes the start state */
};

#define INPUTS(array)	.inputs = (array), .n_inputs = ARRAY_SIZE(array)
#define EMULATE_MAX_INPUTS	64

/**
 * INSTRUCTION("text", .member = …) - run one row: a SUBTEST of its name
 *
 * The text is assembled as it stands, for the image's word size.  In function
 * scope only, outside of loops.
 */
#define INSTRUCTION(text, ...)						\
	INSTRUCTION_AT(__COUNTER__, IMAGE_MODE, text, text, ##__VA_ARGS__)
/* The same in 32-bit or 16-bit code, which 64-bit images run in compatibility mode. */
#define INSTRUCTION32(text, ...)					\
	INSTRUCTION_AT(__COUNTER__, "32", text, text, .mode = 32, ##__VA_ARGS__)
#define INSTRUCTION16(text, ...)					\
	INSTRUCTION_AT(__COUNTER__, "16", text, text, .mode = 16, ##__VA_ARGS__)
/* A name that is not the text. */
#define INSTRUCTION_NAMED(title, text, ...)				\
	INSTRUCTION_AT(__COUNTER__, IMAGE_MODE, title, text, ##__VA_ARGS__)

#define INSTRUCTION32_NAMED(title, text, ...)				\
	INSTRUCTION_AT(__COUNTER__, "32", title, text, .mode = 32, ##__VA_ARGS__)

#if IS_64BIT
#define IMAGE_MODE	"64"
#define INSTRUCTION64	INSTRUCTION
#define ADDRESS		".quad "
#else
#define IMAGE_MODE	"32"
#define INSTRUCTION64(...)	((void)0)
#define ADDRESS		".long "
#endif

#define INSTRUCTION_AT(n, bits, title, text, ...)			\
	INSTRUCTION_CODE(n, bits, title, text, ##__VA_ARGS__)
#define INSTRUCTION_CODE(n, bits, title, text, ...) ({			\
	extern const struct insn_code insn_code_##n;			\
	/* In front of the start: KVM's forced-emulation prefix. */	\
	asm volatile(".pushsection .text.rows, \"ax\"\n"		\
		     ".code" bits "\n"					\
		     "ud2; .byte 'k', 'v', 'm'\n"			\
		     "771: " text "\n"					\
		     "772: ud2\n"					\
		     ".code" IMAGE_MODE "\n"				\
		     ".popsection\n"					\
		     ".pushsection .rodata.rows, \"a\"\n"		\
		     ".balign 8\n"					\
		     "insn_code_" #n ": " ADDRESS "771b, 772b\n"	\
		     ".popsection");					\
	emulate(&(const struct insn_row){				\
		.name = (title), .code = &insn_code_##n,		\
		__VA_ARGS__						\
	});								\
})
#define FORCE_BYTES	5
#define UD2_BYTES	2

/* A flat data segment of DPL 3 besides the usual one. */
#define SEL_OTHER_DATA	0x5b
/* For rows of one level: a code segment of that level, of the code's word size. */
#define SEL_OTHER_CODE	0x78
u16 row_other_code(const struct insn_row *row);
/* The code segment that the row itself runs in. */
u16 row_code(const struct insn_row *row);
/* In outcomes, the way's own CS and SS: all ways are to compare equal. */
#define SEL_OWN		0xfffc

void emulate(const struct insn_row *row);

/* For models: operands of the row's size, in whatever place they are. */
u64 step_get(struct step *step, enum place place);
/* A 32-bit register of 64-bit code is zero-extended, as results are. */
void step_put(struct step *step, enum place place, u64 value);
/*
 * Memory in an arena's window, of any size up to 8.  Where a page is absent, they
 * leave a fault, for a supervisor whoever it is, and 0.
 */
u64 step_load(struct step *step, unsigned long address, u8 size);
void step_store(struct step *step, unsigned long address, u8 size, u64 value);
u64 size_mask(u8 size);
/* Where the row's code runs, and the UD2 that is its normal end. */
unsigned long step_code(void);
unsigned long step_landing(void);

#endif
