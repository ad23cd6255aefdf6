/* SPDX-License-Identifier: BSD-2-Clause */
/* The channel subsystem (SA22-7832, chapters 13 to 17). */
#ifndef CSS_H
#define CSS_H

#include <base.h>
#include <fault.h>

/* What names a subchannel: in register 1, by bit 47 that is one. */
#define SCHID(n)	(0x10000u | (n))

/* Path-management control word: its parts, and the bits of some. */
struct pmcw {
	u32 parameter;			/* of interruptions */
	u16 flags, device;
	u8 lpm, pnom, lpum, pim;
	u16 measurement_index;
	u8 pom, pam;
	u8 chpid[8];
	u32 more;
};
#define PMCW_ISC(n)		((n) << 11)
#define PMCW_ISC_MASK		0x3800
#define PMCW_ENABLED		0x0080
#define PMCW_MEASURE		0x0010	/* the block is updated */
#define PMCW_DEVICE_VALID	0x0001
#define PMCW_MORE_FORMAT1	0x4	/* the block is at the SCHIB's address */

struct scsw {
	u32 control, ccw;
	u8 device, subchannel;
	u16 count;			/* residual */
};
#define SCSW_CC(control)	((control) >> 24 & 3)
#define SCSW_PENDING		0x00000001
#define SCSW_SECONDARY		0x00000002
#define SCSW_PRIMARY		0x00000004
#define SCSW_DEVICE_END		0x04
#define SCSW_CHANNEL_END	0x08

struct schib {
	struct pmcw pmcw;
	struct scsw scsw;
	u32 block[2];			/* measurement block's address */
	u32 model;
} __attribute__((aligned(4)));
_Static_assert(sizeof(struct schib) == 52, "SA22-7832, chapter 15");

struct irb {
	struct scsw scsw;
	u32 extended[21];
};
_Static_assert(sizeof(struct irb) == 96, "SA22-7832, chapter 16");

struct orb {
	u32 parameter, control, program, more[5];
};
#define ORB_FORMAT1		0x00800000
#define ORB_PATHS(mask)		((mask) << 8)

struct ccw {
	u8 command, flags;
	u16 count;
	u32 data;
} __attribute__((aligned(8)));
#define CCW_SENSE_ID		0xe4
#define CCW_ANY_LENGTH		0x20	/* suppress the indication of a wrong one */

/* Channel-report word. */
#define CRW_SOLICITED		0x40000000
#define CRW_SOURCE(crw)		((crw) >> 24 & 0xf)
#define CRW_CHANNEL_PATH	4
#define CRW_ID(crw)		((crw) & 0xffff)

/* SET CHANNEL MONITOR: what register 1 has. */
#define SCHM_BLOCK_UPDATE	0x2

/* Control register 6: subclasses of I/O interruptions. */
#define CR6_ISC(n)		(0x80000000u >> (n))

/* What an instruction of the channel subsystem came to. */
struct css_result {
	struct fault fault;
	int cc;				/* -1 after a fault */
};

/* @insn has the operand %[at]; registers 1 and 2 are implied by some. */
#define CSS_RUN(insn, first, second, operand) ({			\
	register u64 r1_ asm("1") = (first);				\
	register u64 r2_ asm("2") = (second);				\
	u64 ipm_ = ~0ull;						\
	struct css_result result_;					\
	result_.fault = TRY_OUT(insn "\n\tipm %[ipm]", OUT([ipm] "+&d"(ipm_)), \
				[at] "a"(operand), "d"(r1_), "d"(r2_));	\
	result_.cc = result_.fault.raised ? -1 : (int)(ipm_ >> 28 & 3);	\
	result_;							\
})

/**
 * stsch(), msch(), ssch(), tsch() - STORE, MODIFY, START, TEST SUBCHANNEL
 * stcrw() - STORE CHANNEL REPORT WORD
 * rchp() - RESET CHANNEL PATH
 * schm() - SET CHANNEL MONITOR
 * chsc() - CHANNEL SUBSYSTEM CALL; the block is a page
 */
static inline struct css_result stsch(u32 schid, void *schib)
{
	return CSS_RUN("stsch 0(%[at])", schid, 0, schib);
}

static inline struct css_result msch(u32 schid, const void *schib)
{
	return CSS_RUN("msch 0(%[at])", schid, 0, schib);
}

static inline struct css_result ssch(u32 schid, const void *orb)
{
	return CSS_RUN("ssch 0(%[at])", schid, 0, orb);
}

static inline struct css_result tsch(u32 schid, void *irb)
{
	return CSS_RUN("tsch 0(%[at])", schid, 0, irb);
}

static inline struct css_result stcrw(void *crw)
{
	return CSS_RUN("stcrw 0(%[at])", 0, 0, crw);
}

static inline struct css_result rchp(u8 chpid)
{
	return CSS_RUN("rchp", chpid, 0, NULL);
}

static inline struct css_result schm(u64 mode, u64 origin)
{
	return CSS_RUN("schm", mode, origin, NULL);
}

static inline struct css_result chsc(void *block)
{
	return CSS_RUN(".insn rre, 0xb25f0000, %[at], 0", 0, 0, block);
}

/**
 * css_find() - the first subchannel with a device
 * @schib: what STSCH stores of it
 *
 * Returns its SCHID(), or 0 if there is none.
 */
u32 css_find(struct schib *schib);

/**
 * css_crw_provoke() - a channel path's report becomes pending, by a reset of it
 * @schib: of a subchannel that has the path
 *
 * Returns false if that is refused.  css_crw_drain() takes all that are pending.
 */
bool css_crw_provoke(const struct schib *schib);
void css_crw_drain(void);

#endif
