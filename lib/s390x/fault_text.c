/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults compared and told; single accesses. */
#include <asm/cpu.h>
#include <fault.h>

/* The kind of access is told where facility 75 is (chapter 3, "Assigned Storage"). */
static u64 teid_compared(u64 wanted)
{
	u64 mask = TEID_ADDRESS;

	if (wanted & TEID_ACCESS && facility(75))
		mask |= TEID_ACCESS;
	return mask;
}

bool fault_matches(struct fault want, struct fault got)
{
	if (want.raised != got.raised)
		return false;
	if (!want.raised)
		return true;
	if (want.svc != got.svc || want.code != got.code)
		return false;
	if (want.dxc && want.dxc != got.dxc)
		return false;
	return !want.at || !((want.teid ^ got.teid) & teid_compared(want.teid));
}

struct fault fault_falsify(struct fault fault, bool kind)
{
	if (kind || !fault.teid)
		fault.code ^= 0x40;
	else
		fault.teid ^= 1ull << 63;
	return fault;
}

static const char *code_name(u16 code)
{
	static const char *const names[PGM_COUNT] = {
#define CODE_NAME(constant, number, name) [number] = name,
		PGM_CODES(CODE_NAME)
#undef CODE_NAME
	};

	return code < PGM_COUNT && names[code] ? names[code] : "unknown";
}

const char *fault_text(struct fault fault, char *to)
{
	int at;

	if (!fault.raised) {
		snprintf(to, FAULT_TEXT, "no fault");
		return to;
	}
	if (fault.svc) {
		snprintf(to, FAULT_TEXT, "supervisor call %u", fault.code);
		return to;
	}
	at = snprintf(to, FAULT_TEXT, "%s (%#x)", code_name(fault.code), fault.code);
	if (fault.dxc)
		at += snprintf(to + at, FAULT_TEXT - at, ", DXC %#x", fault.dxc);
	if (fault.at || fault.teid)
		snprintf(to + at, FAULT_TEXT - at, ", TEID %#llx",
			 (unsigned long long)fault.teid);
	return to;
}

struct fault try_load(const void *address)
{
	u64 byte;

	return TRY_OUT("llgc %0, 0(%1)", OUT("=d"(byte)), "a"(address));
}

struct fault try_store(void *address)
{
	return TRY("mvi 0(%0), 0", "a"(address));
}
