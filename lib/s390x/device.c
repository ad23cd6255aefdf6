/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's devices as far as the harness uses or finds them. */
#include <abi/verdict.h>
#include <asm/cpu.h>
#include <css.h>
#include <device.h>
#include <essa.h>
#include <fault.h>
#include <sclp.h>
#include <sigp.h>
#include <smp.h>

void machine_exit(unsigned int code)
{
	console_exit_status(code);
	/* A machine ends when its last CPU has stopped. */
	for (unsigned int i = 0; i < sclp_cpu_count(); i++)
		if (sclp_cpu_address(i) != cpu_address())
			sigp(sclp_cpu_address(i), SIGP_STOP, 0, NULL);
	for (;;)
		sigp(cpu_address(), SIGP_STOP, 0, NULL);
}

/* There is no reference VMM here, so that nobody asks for these. */
u32 host_read(unsigned int port)
{
	panic("no test device: register %u", port);
}

void host_write(unsigned int port, u32 value)
{
	panic("no test device: register %u, value %#x", port, value);
}

static bool is_qemu(void)
{
	return hypervisor_is(HYPERVISOR_TCG) || hypervisor_is(HYPERVISOR_KVM);
}

/* DIAG 288: function, interval in seconds, action. */
static struct fault watchdog_call(u64 to_do, u64 seconds)
{
	register u64 function asm("2") = to_do;
	register u64 interval asm("3") = seconds;
	register u64 action asm("4") = 0;

	return TRY("diag 2, 4, 0x288", "d"(function), "d"(interval), "d"(action));
}

/* One that can be begun, and is cancelled at once. */
static bool watchdog_present(void)
{
	return !watchdog_call(0, 3600).raised && !watchdog_call(2, 0).raised;
}

/* Asks for a state, which changes none. */
static bool essa_present(void)
{
	u64 state = 0;

	return !essa(0, &lowcore, &state).raised;
}

bool device_probe(enum device device)
{
	struct schib schib;

	switch (device) {
	case DEVICE_QEMU:
		return is_qemu();
	case DEVICE_QEMU_CHANNEL:
		return is_qemu() && css_find(&schib);
	case DEVICE_ESSA:
		return essa_present();
	case DEVICE_KVM:
		return hypervisor_is(HYPERVISOR_KVM);
	case DEVICE_DIAG288:
		return watchdog_present();
	case DEVICE_DIAG318:
		return sclp_feature(SCP_DIAG318);
	default:
		break;
	}
	return false;
}
