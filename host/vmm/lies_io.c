/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of port and memory accesses, and of devices. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "abi/verdict.h"
#include "vmm/break.h"

LIE(control, .name = "control-plain", .text = "nothing at all");

/* By these the image says what it noticed: they stay honest. */
static bool honest(const struct lie_access *a)
{
	return a->space == BUS_PORT &&
		(a->at == ABI_DEBUG_EXIT_PORT || a->at == ABI_DEBUG_CONSOLE_PORT ||
		 a->at == ABI_BOCHS_SHUTDOWN_PORT || (a->at & ~7ull) == 0x3f8 ||
		 (a->at & ~0xffull) == 0xf100);
}

static bool reads(const struct lie_access *a, enum bus_space space, unsigned int size)
{
	return a->space == space && !a->write && a->size >= size && !honest(a);
}

static bool in_short(const struct lie_access *a)
{
	if (reads(a, BUS_PORT, 2) && lie_now())
		memset((char *)a->data + 1, 0, a->size - 1);
	return true;
}

LIE(lie_in_short, .name = "in-short",
    .text = "IN of 2 or 4 bytes brings only the lowest", .access = in_short);

static bool in_flip(const struct lie_access *a)
{
	if (reads(a, BUS_PORT, 1) && lie_now())
		*(uint8_t *)a->data ^= 1;
	return true;
}

LIE(lie_in_flip, .name = "in-flip",
    .text = "the lowest bit of what IN brings is wrong", .access = in_flip);

static bool out_lost(const struct lie_access *a)
{
	return a->space != BUS_PORT || !a->write || honest(a) || !lie_now();
}

LIE(lie_out_lost, .name = "out-lost", .text = "OUT reaches no device", .access = out_lost);

static bool mmio_write_lost(const struct lie_access *a)
{
	return a->space != BUS_MEMORY || !a->write || !lie_now();
}

LIE(lie_mmio_write_lost, .name = "mmio-write-lost",
    .text = "a store to device memory reaches no device", .access = mmio_write_lost);

static bool mmio_read_half(const struct lie_access *a)
{
	if (reads(a, BUS_MEMORY, 2) && lie_now())
		memset((char *)a->data + a->size / 2, 0, a->size - a->size / 2);
	return true;
}

LIE(lie_mmio_read_half, .name = "mmio-read-half",
    .text = "a load from device memory brings only its lower half",
    .access = mmio_read_half);

static bool mmio_swap(const struct lie_access *a)
{
	uint8_t *bytes = a->data;

	if (reads(a, BUS_MEMORY, 2) && lie_now())
		for (unsigned int i = 0; i < a->size / 2; i++) {
			uint8_t byte = bytes[i];

			bytes[i] = bytes[a->size - 1 - i];
			bytes[a->size - 1 - i] = byte;
		}
	return true;
}

LIE(lie_mmio_swap, .name = "mmio-swapped",
    .text = "a load from device memory brings its bytes in the other order",
    .access = mmio_swap);

/* A counter that once goes back: each device's time may be asked for in its own way. */
static bool timer_back(const struct lie_access *a)
{
	bool timer = a->space == BUS_PORT ? a->at == 0x608 :
		a->at >= 0xfed00000 && a->at < 0xfed00400;
	uint32_t value;

	if (!timer || !reads(a, a->space, 4) || !lie_now())
		return true;
	memcpy(&value, a->data, sizeof(value));
	value = a->space == BUS_PORT ? (value - 100000) & 0xffffff : value - 1000000;
	memcpy(a->data, &value, sizeof(value));
	return true;
}

LIE(lie_timer_back, .name = "timer-back",
    .text = "the PM timer and the HPET are 28 or 10 ms behind in what they show (with @N: once)",
    .access = timer_back);

static bool pci_flip(const struct lie_access *a)
{
	if (a->space == BUS_PORT && (a->at & ~3ull) == 0xcfc && reads(a, BUS_PORT, 1) && lie_now())
		*(uint8_t *)a->data ^= 0x10;
	return true;
}

LIE(lie_pci_flip, .name = "pci-config",
    .text = "bit 4 of what is read from PCI configuration space is wrong", .access = pci_flip);

static bool fwcfg_flip(const struct lie_access *a)
{
	if (a->space == BUS_PORT && a->at == 0x511 && !a->write && lie_now())
		*(uint8_t *)a->data ^= 2;
	return true;
}

LIE(lie_fwcfg_flip, .name = "fw-cfg", .text = "bit 1 of each byte read from fw_cfg is wrong",
    .access = fwcfg_flip);

LIE(lie_irq_lost, .name = "irq-lost", .text = "a device's interrupt line rises unheard");
LIE(lie_irq_stuck, .name = "irq-stuck", .text = "a device's interrupt line never falls");
LIE(lie_msi_lost, .name = "msi-lost", .text = "a device's message-signalled interrupt is lost");
LIE(lie_init_lost, .name = "init-lost", .text = "INIT by a device reaches no CPU");
LIE(lie_nmi_lost, .name = "nmi-lost", .text = "an NMI that the test device sends is lost");
LIE(lie_shutdown_lost, .name = "shutdown-lost",
    .text = "a shutdown, as after a triple fault, is told as the guest's power-off");

LIE(lie_slot_kept, .name = "slot-kept",
    .text = "a memory slot that is removed, or moved, stays where it was");
LIE(lie_slot_writable, .name = "slot-writable",
    .text = "a read-only memory slot can be written");
LIE(lie_dirty_lost, .name = "dirty-lost",
    .text = "every other page that was written to is not in the dirty log");

static bool forbidden(const struct lie_access *a)
{
	(void)a;
	if (lie_now())
		close(open("/", O_RDONLY | O_CLOEXEC));
	return true;
}

LIE(lie_forbidden, .name = "vmm-forbidden-call",
    .text = "the VMM makes a system call that its sandbox forbids", .means = LIE_VMM,
    .access = forbidden);
