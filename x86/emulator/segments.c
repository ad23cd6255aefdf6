/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads of segment registers: which descriptors are good for which register and
 * privilege, and the error code otherwise (SDM 3A, "Privilege Checking when Accessing
 * Data Segments"; SDM 2, MOV).
 */
#include <rows.h>
#include <scope.h>

/* Descriptors, flat, as they differ from present writable data of DPL 3. */
#define DATA_DPL3	0x00cff3000000ffffull
#define DATA_DPL0	0x00cf93000000ffffull
#define DATA_READ_ONLY	0x00cff1000000ffffull
#define DATA_ABSENT	0x00cf73000000ffffull
#define CODE_READABLE	0x00cffb000000ffffull
#define CODE_EXEC_ONLY	0x00cff9000000ffffull
#define CODE_CONFORMING	0x00cf9f000000ffffull
#define SYSTEM_LDT	0x0000e2000000ffffull

#define DESC_TYPE(d)	((d) >> 40 & 0x1f)
#define DESC_DPL(d)	((d) >> 45 & 3)
#define DESC_PRESENT(d)	((d) >> 47 & 1)
#define TYPE_NOT_SYSTEM	0x10
#define TYPE_CODE	0x08
#define TYPE_CONFORMING	0x04
#define TYPE_WRITE_READ	0x02	/* data: writable; code: readable */

/* Selectors of SEL_OTHER_CODE's slot, of none, and beyond the table. */
#define OTHER(rpl)	(SEL_OTHER_CODE | (rpl))
#define BEYOND		0x1233

/* row->imm is the selector; a row of one level has that level's CPL. */
static unsigned int cpl_of(const struct insn_row *row)
{
	return row->privileged ? 0 : 3;
}

static u64 descriptor_of(const struct insn_row *row)
{
	u16 index = row->imm & ~7;

	return index == SEL_OTHER_CODE ? row->other :
		index == (SEL_OTHER_DATA & ~7) ? DATA_DPL3 : 0;
}

static struct fault data_fault(const struct insn_row *row)
{
	u64 descriptor = descriptor_of(row);
	unsigned int type = DESC_TYPE(descriptor), rpl = row->imm & 3;
	unsigned int privilege = rpl > cpl_of(row) ? rpl : cpl_of(row);
	u16 error = row->imm & ~3;

	if (!(row->imm & ~3))
		return FAULT_NONE;
	if (!(type & TYPE_NOT_SYSTEM) ||
	    (type & TYPE_CODE && !(type & TYPE_WRITE_READ)))
		return FAULT_GP(error);
	if ((type & (TYPE_CODE | TYPE_CONFORMING)) !=
	    (TYPE_CODE | TYPE_CONFORMING) && DESC_DPL(descriptor) < privilege)
		return FAULT_GP(error);
	return DESC_PRESENT(descriptor) ? FAULT_NONE : FAULT_NP(error);
}

static struct fault stack_fault(const struct insn_row *row)
{
	u64 descriptor = descriptor_of(row);
	unsigned int type = DESC_TYPE(descriptor), cpl = cpl_of(row);
	u16 error = row->imm & ~3;

	/* 64-bit code below CPL 3 runs with a null SS of its own RPL. */
	if (!error)
		return IS_64BIT && !row->mode && cpl < 3 &&
			(row->imm & 3) == cpl ? FAULT_NONE : FAULT_GP(0);
	if ((row->imm & 3) != cpl || !(type & TYPE_NOT_SYSTEM) ||
	    type & TYPE_CODE || !(type & TYPE_WRITE_READ) ||
	    DESC_DPL(descriptor) != cpl)
		return FAULT_GP(error);
	return DESC_PRESENT(descriptor) ? FAULT_NONE : FAULT_SS(error);
}

enum { DS, ES, FS, GS };

static void load_data(struct step *step, unsigned int index)
{
	step->fault = data_fault(step->row);
	if (!step->fault.raised)
		step->is.selectors[index] = step->row->imm;
}

static void model_load_es(struct step *step)
{
	load_data(step, ES);
}

static void model_load_fs(struct step *step)
{
	load_data(step, FS);
}

static void model_load_gs(struct step *step)
{
	load_data(step, GS);
}

static void model_load_ss(struct step *step)
{
	step->fault = stack_fault(step->row);
	if (!step->fault.raised)
		step->is.frame.ss = step->row->imm;
}

static void put_selector(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = 0x5a710000 | step->row->imm;
	if (step->row->uses & BIT(ARENA_A))
		step_store(step, step->is.frame.gpr[IN_DI - IN_AX], 2,
			   step->row->imm);
}

#define LOAD(reg, selector, desc, m, ...)				\
	INSTRUCTION_NAMED("mov to " #reg " of " #selector " " #desc,	\
			  "mov %cx, %" #reg, .imm = selector,		\
			  .other = desc, .prepare = put_selector,	\
			  .model = m, ##__VA_ARGS__)

#define DATA_SEGMENTS(...)						\
	LOAD(es, SEL_OTHER_DATA, DATA_DPL3, model_load_es, __VA_ARGS__);	\
	LOAD(fs, SEL_OTHER_DATA, DATA_DPL3, model_load_fs, __VA_ARGS__);	\
	LOAD(es, 0, 0, model_load_es, __VA_ARGS__);			\
	LOAD(fs, 3, 0, model_load_fs, __VA_ARGS__);			\
	LOAD(es, BEYOND, 0, model_load_es, __VA_ARGS__);			\
	LOAD(es, OTHER(3), DATA_READ_ONLY, model_load_es, __VA_ARGS__);	\
	LOAD(es, OTHER(3), DATA_ABSENT, model_load_es, __VA_ARGS__);	\
	LOAD(es, OTHER(3), DATA_DPL0, model_load_es, __VA_ARGS__);	\
	LOAD(es, OTHER(0), DATA_DPL0, model_load_es, __VA_ARGS__);	\
	LOAD(es, OTHER(3), CODE_READABLE, model_load_es, __VA_ARGS__);	\
	LOAD(es, OTHER(3), CODE_EXEC_ONLY, model_load_es, __VA_ARGS__);	\
	LOAD(es, OTHER(3), CODE_CONFORMING, model_load_es, __VA_ARGS__);	\
	LOAD(es, OTHER(3), SYSTEM_LDT, model_load_es, __VA_ARGS__);	\
	INSTRUCTION_NAMED("mov to gs from memory", "movw " MEM_A ", %gs", \
			  .imm = SEL_OTHER_DATA, .uses = BIT(ARENA_A),	\
			  .prepare = put_selector, .model = model_load_gs, \
			  __VA_ARGS__)

TEST(user_segments, "at CPL 3, MOV to ES, FS and GS checks type, DPL and presence")
{
	DATA_SEGMENTS(.unprivileged = true);
}

TEST(kernel_segments, "at CPL 0, the same, with RPL as the privilege that counts")
{
	DATA_SEGMENTS(.privileged = true);
}

TEST(kernel_stack_segment, "at CPL 0, MOV to SS wants DPL 0 and RPL 0; 64-bit code needs none")
{
	LOAD(ss, OTHER(0), DATA_DPL0, model_load_ss, .privileged = true);
	LOAD(ss, OTHER(3), DATA_DPL0, model_load_ss, .privileged = true);
	LOAD(ss, OTHER(0), DATA_DPL3, model_load_ss, .privileged = true);
	LOAD(ss, OTHER(0), DATA_READ_ONLY, model_load_ss, .privileged = true);
	LOAD(ss, OTHER(0), 0x00cf13000000ffff, model_load_ss, .privileged = true);
	LOAD(ss, BEYOND, 0, model_load_ss, .privileged = true);
	LOAD(ss, 3, 0, model_load_ss, .privileged = true);
	ONLY64(LOAD(ss, 0, 0, model_load_ss, .privileged = true));
}

TEST(user_stack_segment, "at CPL 3, MOV to SS wants DPL 3 and RPL 3")
{
	LOAD(ss, OTHER(3), DATA_DPL3, model_load_ss, .unprivileged = true);
	LOAD(ss, OTHER(3), DATA_ABSENT, model_load_ss, .unprivileged = true);
	LOAD(ss, OTHER(3), CODE_READABLE, model_load_ss, .unprivileged = true);
	LOAD(ss, OTHER(0), DATA_DPL0, model_load_ss, .unprivileged = true);
	LOAD(ss, 3, 0, model_load_ss, .unprivileged = true);
}

/* A selector as the source; 16 bits in memory whatever the operand's size. */
static void model_store_ds(struct step *step)
{
	step_put_dest(step, step->is.selectors[DS]);
}

TEST(segment_stores, "MOV from a segment register writes two bytes, or zero-extends")
{
	INSTRUCTION("movw %ds, %cx", .size = 2, .dest = IN_CX,
		    .model = model_store_ds);
	INSTRUCTION("movl %ds, %ecx", .size = 4, .dest = IN_CX,
		    .model = model_store_ds);
	INSTRUCTION64("movq %ds, %rcx", .size = 8, .dest = IN_CX,
		      .model = model_store_ds);
	INSTRUCTION("movw %ds, " MEM_A, .size = 2, .dest = IN_A,
		    .model = model_store_ds);
	INSTRUCTION_NAMED("mov %ds, " MEM_A " with a wide operand size",
			  ONLY64(".byte 0x48;") " movw %ds, " MEM_A,
			  .size = 2, .dest = IN_A, .model = model_store_ds);
}

/* Offset, then selector behind it. */
static void put_pointer(struct step *step)
{
	unsigned long address = step->is.frame.gpr[IN_DI - IN_AX];
	u8 size = step->row->size;

	step_store(step, address, size, 0x1f2e3d4c & size_mask(size));
	step_store(step, address + size, 2, step->row->imm);
}

static void load_pointer(struct step *step, unsigned int index)
{
	load_data(step, index);
	step_put_dest(step, 0x1f2e3d4c);
}

static void model_les(struct step *step)
{
	load_pointer(step, ES);
}

static void model_lfs(struct step *step)
{
	load_pointer(step, FS);
}

static void model_lgs(struct step *step)
{
	load_pointer(step, GS);
}

static void model_lss(struct step *step)
{
	model_load_ss(step);
	step_put_dest(step, 0x1f2e3d4c);
}

#define FAR_POINTER(text, bytes, selector, desc, m)			\
	.size = bytes, .dest = IN_CX, .uses = BIT(ARENA_A),		\
	.imm = selector, .other = desc, .prepare = put_pointer, .model = m

TEST(far_pointers, "LES, LFS, LGS and LSS load both halves, or neither")
{
	INSTRUCTION("lfsl " MEM_A ", %ecx",
		    FAR_POINTER(, 4, SEL_OTHER_DATA, 0, model_lfs));
	INSTRUCTION("lgsw " MEM_A ", %cx",
		    FAR_POINTER(, 2, SEL_OTHER_DATA, 0, model_lgs));
	INSTRUCTION_NAMED("lfsl of an absent segment", "lfsl " MEM_A ", %ecx",
			  FAR_POINTER(, 4, OTHER(3), DATA_ABSENT, model_lfs));
	INSTRUCTION_NAMED("lssl, CPL 3", "lssl " MEM_A ", %ecx",
			  .unprivileged = true,
			  FAR_POINTER(, 4, OTHER(3), DATA_DPL3, model_lss));
	INSTRUCTION32_NAMED("lesl", "lesl (%edi), %ecx",
			    FAR_POINTER(, 4, SEL_OTHER_DATA, 0, model_les));
}

#if IS_64BIT
/* FS and GS alone have a base in 64-bit code. */
#define BASE_OFFSET	0x123456000ull

static void point_before_base(struct step *step)
{
	step->is.frame.gpr[IN_DX - IN_AX] =
		step->is.frame.gpr[IN_DI - IN_AX] - BASE_OFFSET;
}

TEST(bases, "FS and GS add their base, the other overrides nothing")
{
	WITH_MSR(MSR_FS_BASE, BASE_OFFSET)
		INSTRUCTION("movl %fs:(%rdx), %ecx", .size = 4, .dest = IN_CX,
			    .src = IN_A, .prepare = point_before_base,
			    .model = model_mov);
	WITH_MSR(MSR_GS_BASE, BASE_OFFSET)
		INSTRUCTION("movl %ecx, %gs:(%rdx)", .size = 4, .dest = IN_A,
			    .src = IN_CX, .prepare = point_before_base,
			    .model = model_mov);
	INSTRUCTION("movl %es:(%rdi), %ecx", .size = 4, .dest = IN_CX,
		    .src = IN_A, .model = model_mov);
	INSTRUCTION_NAMED("movl %cs:(%rdi), %ecx", ".byte 0x2e; movl (%rdi), %ecx",
			  .size = 4, .dest = IN_CX, .src = IN_A,
			  .model = model_mov);
}
#endif
