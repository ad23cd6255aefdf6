/* SPDX-License-Identifier: BSD-2-Clause */
/* The test device: requests to the VMM. */
#include <abi/host.h>
#include <boot.h>
#include <device.h>
#include <testdev.h>

bool testdev_offers(u32 feature)
{
	return boot_info.host && boot_info.host->features & feature;
}

bool machine_isolated(void)
{
	return boot_info.host && boot_info.host->isolate;
}

struct abi_request testdev_request(unsigned int operation, const u64 *arguments)
{
	struct abi_request request __attribute__((aligned(8))) = {
		.operation = operation,
	};

	memcpy(request.argument, arguments, sizeof(request.argument));
	host_write(ABI_PORT_REQUEST, (uintptr_t)&request);
	/* Not only the port's write changes it, as far as compilers know. */
	asm volatile("" : "+m"(request) : : "memory");
	return request;
}

u64 testdev_ask(const char *name, unsigned int operation, const u64 *arguments)
{
	static const char *const statuses[] = {
		[ABI_REQUEST_UNKNOWN] = "is not known",
		[ABI_REQUEST_ABSENT] = "is not possible on this host",
		[ABI_REQUEST_WRONG] = "has an argument that makes no sense",
		[ABI_REQUEST_REFUSED] = "was refused by the kernel, errno",
		[ABI_REQUEST_FULL] = "is one too many",
	};
	struct abi_request answer = testdev_request(operation, arguments);

	if (answer.status == ABI_REQUEST_DONE)
		return answer.result[0];
	error("request %s %s %llu", name,
	      answer.status < ARRAY_SIZE(statuses) ? statuses[answer.status] :
	      "has a strange status", (unsigned long long)answer.result[0]);
	test_leave();
}

static u64 exits_here(void)
{
	return ASK(EXITS, ABI_SELF, ABI_ALL);
}

static void exit_limit_leave(struct scope *scope)
{
	struct exit_scope *s = (struct exit_scope *)scope;
	/* The question itself is one. */
	u64 exits = exits_here() - s->before - 1;

	check_explained(s->check, exits <= s->most, "%llu exits",
			(unsigned long long)exits);
}

void exit_limit_enter(struct exit_scope *s, const struct check *check, u64 most)
{
	s->check = check;
	s->most = most;
	scope_enter(&s->scope, exit_limit_leave);
	s->before = exits_here();
}

u32 testdev_exits(void)
{
	return host_read(ABI_PORT_EXITS);
}

void machine_point(const char *name)
{
	host_write(ABI_PORT_POINT, (uintptr_t)name);
}

static void machine_state(enum abi_state operation, unsigned int state)
{
	host_write(ABI_PORT_STATE, operation | ABI_STATE_NUMBER(state));
}

u32 machine_take(unsigned int state)
{
	machine_state(ABI_STATE_TAKE, state);
	return *(volatile u32 *)&boot_info.host->puts[state];
}

void machine_migrate(void)
{
	machine_state(ABI_STATE_MIGRATE, 0);
}

void machine_put(unsigned int state)
{
	machine_state(ABI_STATE_PUT, state);
	panic("the VMM did not put state %u", state);
}
