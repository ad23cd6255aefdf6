/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt remapping (VT-d, "Interrupt Remapping", "Interrupt Remapping Table Entry"):
 * messages of edu and of the I/O APIC, each by an entry of the table.
 */
#include <apic.h>
#include <edu.h>
#include <exception.h>
#include <irq.h>
#include <pci.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <vtd.h>

#define VECTOR		0xee
#define VECTOR_LINE	0xed
#define ENTRY		7
#define ENTRY_LINE	9
#define IOAPIC_SENDER	0xff00		/* as QEMU's DMAR table has it */
#define IRTE_PRESENT	1ull
#define IRTE_LOGICAL	BIT(2)
#define IRTE_REDIRECT	BIT(3)
#define IRTE_LEVEL	BIT(4)
#define IRTE_NMI	(4ull << 5)
#define VERIFY_ALL	(1ull << 18)	/* of the source id all bits */
#define REASON_BEYOND	0x21
#define REASON_ABSENT	0x22
#define REASON_COMPATIBLE 0x25
#define REASON_SOURCE	0x26

static struct arrivals arrivals;

static void entry_write(unsigned int n, u64 low, u64 high)
{
	vtd.interrupts[2 * n] = low;
	vtd.interrupts[2 * n + 1] = high;
	vtd_invalidate(0x4, 0);		/* all interrupt entries */
}

/* A fixed interrupt at one CPU, from one source. */
static void entry_set(unsigned int n, u8 vector, u32 to, u16 source)
{
	entry_write(n, IRTE_PRESENT | (u64)vector << 16 | (u64)to << 40,
		    VERIFY_ALL | source);
}

struct remap_scope {
	struct scope scope;
	unsigned int msi;	/* the capability */
};

static void msi_enable(unsigned int msi, bool on)
{
	u32 control = pci_read(edu_devfn(), msi) & ~(u32)BIT(16);

	pci_write(edu_devfn(), msi, control | (on ? BIT(16) : 0));
}

static void remap_leave(struct scope *scope)
{
	edu_write(EDU_ACK, edu_read(EDU_PENDING));
	msi_enable(((struct remap_scope *)scope)->msi, false);
	vtd_end();
	irq_let_in();
	arrivals = (struct arrivals){ 0 };
}

static void remap_enter(struct remap_scope *s)
{
	smp_start();
	apic_enable();
	s->msi = edu_msi();
	vtd_begin();
	scope_enter(&s->scope, remap_leave);
	vtd_command(VTD_TABLE_SET, true);
	vtd_command(VTD_REMAPPING, true);
}

/* Remapping is on, in a table that is empty. */
#define WITH_REMAPPING()	SCOPE(remap_scope, remap_enter)

static bool remapping_present(void)
{
	if (!vtd_find())
		return false;
	if (!(vtd_read64(VTD_ECAP) & BIT(3)))
		return skip("no interrupt remapping"), false;
	return EXPECT(edu_msi());
}

/* Address of a remappable message: the handle, whose bit 15 is bit 2. */
static void msi_set(u32 address)
{
	unsigned int msi = edu_msi();

	pci_write(edu_devfn(), msi + 4, address);
	pci_write(edu_devfn(), msi + 8, 0);
	pci_write(edu_devfn(), msi + 12, 0);
	msi_enable(msi, true);
}

#define REMAPPABLE(n)	(0xfee00010 | ((n) & 0x7fff) << 5 | ((n) & 0x8000) >> 13)

static void edu_send(void)
{
	edu_write(EDU_RAISE, 1);
	edu_write(EDU_ACK, 1);
}

TEST(msi, "a message names an entry, which says where it goes")
{
	if (!remapping_present())
		return;
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_REMAPPING() {
		msi_set(REMAPPABLE(ENTRY));
		for (unsigned int i = 0; i < cpu_count() && i < IRQ_CPUS; i++) {
			entry_set(ENTRY, VECTOR, cpu_get(i)->apic_id, edu_devfn());
			edu_send();
			EXPECT_ARRIVALS(&arrivals, BIT(i));
		}
		EXPECT_EQ(vtd_read(VTD_FSTS), 0);
	}
}

static const u32 handles[] = { 0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xffff };

TEST(handles, "a handle has 16 bits")
{
	if (!remapping_present())
		return;
	for_each(n, handles) SUBTEST("%#x", *n)
		WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_REMAPPING() {
			entry_set(*n, VECTOR, apic_id(), edu_devfn());
			msi_set(REMAPPABLE(*n));
			edu_send();
			EXPECT_ARRIVALS(&arrivals, BIT(0));
			entry_write(*n, 0, 0);
		}
}

TEST(subhandle, "with SHV set the message's data are added to the handle")
{
	if (!remapping_present())
		return;
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_REMAPPING() {
		msi_set(REMAPPABLE(ENTRY - 3) | BIT(3));
		pci_write(edu_devfn(), edu_msi() + 12, 3);
		entry_set(ENTRY, VECTOR, apic_id(), edu_devfn());
		edu_send();
		EXPECT_ARRIVALS(&arrivals, BIT(0));
	}
}

static u32 nmis;

static bool on_nmi(struct frame *frame)
{
	(void)frame;
	nmis++;
	return true;
}

TEST(nmi, "an entry's delivery mode NMI is an NMI")
{
	if (!remapping_present())
		return;
	nmis = 0;
	WITH_HANDLER(VECTOR_NMI, on_nmi) WITH_REMAPPING() {
		msi_set(REMAPPABLE(ENTRY));
		entry_write(ENTRY, IRTE_PRESENT | IRTE_NMI | (u64)apic_id() << 40,
			    VERIFY_ALL | edu_devfn());
		edu_send();
		EXPECT_TAKEN(&nmis, 1);
	}
}

static void ldr_set(void *arg)
{
	bool some = arg;

	apic_write(APIC_DFR, 0xffffffff);
	apic_write(APIC_LDR, some && cpu_index() < 8 ? 1u << cpu_index() << 24 : 0);
}

TEST(logical, "a logical destination is all CPUs that have a bit of it", CPUS(2))
{
	u64 to = 0xa & irq_all_cpus();

	if (!remapping_present())
		return;
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_REMAPPING() {
		on_cpus(ldr_set, &to);
		msi_set(REMAPPABLE(ENTRY));
		entry_write(ENTRY, IRTE_PRESENT | IRTE_LOGICAL | (u64)VECTOR << 16 |
			    to << 40, VERIFY_ALL | edu_devfn());
		edu_send();
		EXPECT_ARRIVALS(&arrivals, to);
		on_cpus(ldr_set, NULL);
	}
}

/* What does not get through, and why ("Interrupt-Remapping Fault Conditions"). */
static const struct {
	const char *name;
	u32 reason;
	u32 address;
	u64 entry, high;
	u64 index;
	u64 table;		/* size field of the table's address */
} refused[] = {
	{ "absent", REASON_ABSENT, REMAPPABLE(ENTRY), 0, 0, ENTRY, 15 },
	{ "another sender's", REASON_SOURCE, REMAPPABLE(ENTRY), IRTE_PRESENT,
	  VERIFY_ALL | 0x1234, ENTRY, 15 },
	{ "beyond the table", REASON_BEYOND, REMAPPABLE(ENTRY), IRTE_PRESENT, 0, ENTRY,
	  1 },
	{ "compatibility format", REASON_COMPATIBLE, 0xfee00000, 0, 0, 0, 15 },
};

static bool has_arrived(void)
{
	irq_let_in();
	return arrivals.at[0];
}

TEST(refused, "an interrupt without an entry of its own in the table does not arrive")
{
	if (!remapping_present())
		return;
	for_each(row, refused) SUBTEST("%s", row->name)
		WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_REMAPPING() {
			vtd_write64(VTD_IRTA, (uintptr_t)vtd.interrupts | row->table);
			vtd_command(VTD_TABLE_SET, true);
			entry_write(ENTRY, row->entry | (u64)VECTOR << 16 |
				    (u64)apic_id() << 40, row->high);
			msi_set(row->address);
			pci_write(edu_devfn(), edu_msi() + 12,
				  row->address & BIT(4) ? 0 : VECTOR);
			edu_send();
			EXPECT(!has_arrived());
		}
}

TEST(refused_recorded, "a refused interrupt is recorded, with the reason and the entry's index")
{
	if (!remapping_present())
		return;
	for_each(row, refused) SUBTEST("%s", row->name)
		WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_REMAPPING() {
			vtd_write64(VTD_IRTA, (uintptr_t)vtd.interrupts | row->table);
			vtd_command(VTD_TABLE_SET, true);
			entry_write(ENTRY, row->entry, row->high);
			msi_set(row->address);
			edu_send();
			vtd_fault_expect(row->reason, 0, row->index << 48);
		}
}

static void line_lower(void *arg)
{
	irq_arrive(arg);
	edu_write(EDU_ACK, 1);
}

TEST(ioapic, "an I/O APIC's entry in remappable format names one of the table")
{
	unsigned int input;

	if (!remapping_present())
		return;
	input = pci_read(edu_devfn(), 0x3c) & 0xff;
	WITH_IRQ(VECTOR_LINE, line_lower, &arrivals) WITH_REMAPPING() {
		for (unsigned int i = 0; i < cpu_count() && i < 8; i++) {
			entry_set(ENTRY_LINE, VECTOR_LINE, cpu_get(i)->apic_id,
				  IOAPIC_SENDER);
			ioapic_write(IOAPIC_REG_ENTRY + 2 * input + 1,
				     ENTRY_LINE << 17 | BIT(16));
			ioapic_write(IOAPIC_REG_ENTRY + 2 * input, VECTOR_LINE);
			edu_write(EDU_RAISE, 1);
			EXPECT_ARRIVALS(&arrivals, BIT(i));
		}
		ioapic_route(input, IOAPIC_MASKED, 0);
		EXPECT_EQ(vtd_read(VTD_FSTS), 0);
	}
}
