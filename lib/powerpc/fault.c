/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults as values (Power ISA 3.1, Book III, 7.5). */
#include <exception.h>

struct fault frame_fault(const struct frame *frame)
{
	struct fault fault = { .raised = true, .vector = frame->vector };

	switch (frame->vector) {
	case VECTOR_DATA_STORAGE:
		fault.status = frame->dsisr;
		fault.address = frame->dar;
		break;
	case VECTOR_DATA_SEGMENT:
	case VECTOR_ALIGNMENT:
	case VECTOR_MACHINE_CHECK:
		fault.address = frame->dar;
		break;
	case VECTOR_INSN_STORAGE:
		fault.status = frame->msr & STORAGE_INSN_MASK;
		fault.address = frame->pc;
		break;
	case VECTOR_INSN_SEGMENT:
		fault.address = frame->pc;
		break;
	case VECTOR_PROGRAM:
		fault.status = frame->msr & PROGRAM_MASK;
		break;
	case VECTOR_FACILITY:
		fault.status = spr_read(SPR_FSCR) >> 56;
		break;
	}
	return fault;
}

bool fault_matches(struct fault want, struct fault got)
{
	if (want.raised != got.raised)
		return false;
	return !want.raised ||
		(want.vector == got.vector && want.status == got.status &&
		 (!want.at || want.address == got.address));
}

struct fault fault_falsify(struct fault fault, bool kind)
{
	if (kind)
		fault.vector ^= VECTORS_STEP;
	else
		fault.status ^= 1;
	return fault;
}

struct fault fault_undefined(void)
{
	return cpu_is_hypervisor() ? FAULT(VECTOR_HEMULATION, 0) :
		FAULT_PROGRAM(PROGRAM_ILLEGAL);
}

static const char *vector_name(unsigned int vector)
{
	static const struct {
		u16 vector;
		const char *name;
	} names[] = {
#define VECTOR_NAME(number, id, text) { number, text },
		VECTORS(VECTOR_NAME)
#undef VECTOR_NAME
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].vector == vector)
			return names[i].name;
	return "unknown";
}

static const char *program_text(u32 status)
{
	return status == PROGRAM_ILLEGAL ? ", illegal" :
		status == PROGRAM_PRIVILEGED ? ", privileged" :
		status == PROGRAM_TRAP ? ", trap" : NULL;
}

static const char *storage_text(u32 status)
{
	switch (status & ~STORAGE_STORE) {
	case STORAGE_MISSING:
		return status & STORAGE_STORE ? ", store, no translation" : ", no translation";
	case STORAGE_PROTECTED:
		return status & STORAGE_STORE ? ", store, protection" : ", protection";
	case STORAGE_NO_EXEC:
		return ", not executable";
	}
	return NULL;
}

const char *fault_text(struct fault fault, char *to)
{
	bool storage = fault.vector == VECTOR_DATA_STORAGE ||
		fault.vector == VECTOR_INSN_STORAGE;
	const char *text = storage ? storage_text(fault.status) :
		fault.vector == VECTOR_PROGRAM ? program_text(fault.status) :
		fault.status ? NULL : "";
	int at;

	if (!fault.raised) {
		snprintf(to, FAULT_TEXT, "no fault");
		return to;
	}
	at = snprintf(to, FAULT_TEXT, "%#x(%s", fault.vector, vector_name(fault.vector));
	at += text ? snprintf(to + at, FAULT_TEXT - at, "%s)", text) :
		snprintf(to + at, FAULT_TEXT - at, ", %#x)", fault.status);
	if ((fault.at || fault.address) && at < FAULT_TEXT)
		snprintf(to + at, FAULT_TEXT - at, " %#lx", (unsigned long)fault.address);
	return to;
}

struct fault try_load(const void *address)
{
	u64 byte;

	return TRY_OUT("lbz %0, 0(%1)", OUT("=r"(byte)), "b"(address));
}

struct fault try_store(void *address)
{
	return TRY("stb %1, 0(%0)", "b"(address), "r"(0));
}
