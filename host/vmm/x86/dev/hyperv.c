/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SynIC pages, connections and the two hypercalls that use them.
 *
 * A message waits in its connection while its slot in the message page is taken.
 * That the guest has freed the slot KVM tells by an eventfd: it treats EOM as the
 * acknowledgement of the SINT's interrupt.  Pages are the guest's RAM as it is: they
 * do not lie over it, and disabling one does not bring anything back.
 */
#include "vmm/x86/hyperv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/loop.h"
#include "vmm/machine.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/platform.h"

#define SINTS		16u
#define CONNECTIONS	64u
#define CALL_CODE	0xffffu		/* bits of a hypercall's input value */
#define CALL_FAST	(1u << 16)
#define CALL_POST	0x5cu
#define CALL_SIGNAL	0x5du
#define STATUS_OK	0u
#define STATUS_BAD_CODE	2u
#define STATUS_BAD_INPUT	3u
#define STATUS_SYNIC	12u		/* the target's SynIC or page is off */
#define STATUS_NO_CONNECTION	18u
#define STATUS_FULL	19u		/* one message waits already */

#define ENABLED		1u		/* bit 0 of SCONTROL, SIMP, SIEFP */
#define PAGE_MASK	(~0xfffull)
#define SLOT_SIZE	256u
#define FLAGS		2048u		/* event flags of a SINT */
#define PAYLOAD_MAX	240u
#define MESSAGE_PENDING	1u

/* A slot of the message page. */
struct message {
	uint32_t type;			/* 0: the slot is free */
	uint8_t size, flags, reserved[2];
	uint64_t sender;
	uint8_t payload[PAYLOAD_MAX];
};

/* HvPostMessage's input page. */
struct post {
	uint32_t connection, reserved, type, size;
	uint8_t payload[PAYLOAD_MAX];
};

_Static_assert(sizeof(struct message) == SLOT_SIZE, "TLFS, message slots");
_Static_assert(sizeof(struct post) == SLOT_SIZE, "TLFS, HvPostMessage");

enum kind { NONE, MESSAGE, EVENT };

struct connection {
	uint8_t kind, id, sint;
	uint8_t waits;			/* @staged is to be delivered */
	uint32_t cpu;
	struct message staged;
};

struct synic {
	uint64_t control, events, messages;	/* SCONTROL, SIEFP, SIMP */
	uint16_t routes;			/* asked for by name, a bit for each SINT */
};

struct hyperv_state {
	struct connection connections[CONNECTIONS];
	struct synic synics[];			/* one a CPU */
};

static struct device hyperv_device;
static struct hyperv_state *hyperv;

/*
 * An irqfd for each message connection: KVM tells by @told that its SINT was
 * acknowledged; nobody writes to @raise.  -1: none.
 */
static struct { int raise, told; } irqfds[CONNECTIONS];

static unsigned int route_number(unsigned int cpu, unsigned int sint)
{
	return IRQ_LINES + cpu * SINTS + sint;
}

static bool exists(unsigned int cpu, unsigned int sint)
{
	return hyperv && cpu < machine.config->cpus && sint < SINTS &&
		route_number(cpu, sint) < IRQ_ROUTES;
}

/* There as long as it is asked for, or a connection leads there. */
static void route_update(unsigned int cpu, unsigned int sint)
{
	struct kvm_irq_routing_entry entry = {
		.gsi = route_number(cpu, sint), .type = KVM_IRQ_ROUTING_HV_SINT,
		.u.hv_sint = { .vcpu = cpu, .sint = sint },
	};
	bool there = hyperv->synics[cpu].routes >> sint & 1;

	for (unsigned int i = 0; i < CONNECTIONS; i++) {
		const struct connection *c = &hyperv->connections[i];

		there |= c->kind != NONE && c->cpu == cpu && c->sint == sint;
	}
	irq_route(entry.gsi, there ? &entry : NULL);
}

/* A SINT that is masked, or has no route, takes nothing. */
static void raise_sint(unsigned int cpu, unsigned int sint)
{
	struct kvm_irq_level level = { .irq = route_number(cpu, sint), .level = 1 };

	ioctl(machine.vm, KVM_IRQ_LINE, &level);
}

/* The slot of a page, for writing, or NULL if the guest has none there. */
static void *slot(uint64_t control, uint64_t page, unsigned int sint)
{
	if (!(control & ENABLED) || !(page & ENABLED))
		return NULL;
	return ram_write_at((page & PAGE_MASK) + sint * SLOT_SIZE, SLOT_SIZE);
}

/* Delivers what waits in a connection, if its slot is free. */
static unsigned int deliver(struct connection *c)
{
	const struct synic *synic = &hyperv->synics[c->cpu];
	struct message *to = slot(synic->control, synic->messages, c->sint);

	if (!to)
		return STATUS_SYNIC;
	if (__atomic_load_n(&to->type, __ATOMIC_ACQUIRE)) {
		__atomic_fetch_or(&to->flags, MESSAGE_PENDING, __ATOMIC_SEQ_CST);
		/* Freed meanwhile, it would not be asked for again. */
		if (__atomic_load_n(&to->type, __ATOMIC_ACQUIRE))
			return STATUS_OK;
	}
	memcpy((uint8_t *)to + 4, (uint8_t *)&c->staged + 4, SLOT_SIZE - 4);
	__atomic_store_n(&to->type, c->staged.type, __ATOMIC_RELEASE);
	c->waits = 0;
	raise_sint(c->cpu, c->sint);
	return STATUS_OK;
}

static struct connection *connection_find(enum kind kind, uint32_t id)
{
	for (unsigned int i = 0; i < CONNECTIONS; i++)
		if (hyperv->connections[i].kind == kind &&
		    (kind == NONE || hyperv->connections[i].id == id))
			return &hyperv->connections[i];
	return NULL;
}

static unsigned int post_message(gpa_t input)
{
	const void *ram = ram_at(input, sizeof(struct post));
	struct connection *c;
	struct post post;

	if (!ram || input % 8)
		return STATUS_BAD_INPUT;
	memcpy(&post, ram, sizeof(post));
	/* The type's highest bit is the hypervisor's own messages'. */
	if (!post.type || post.type >> 31 || post.size > PAYLOAD_MAX)
		return STATUS_BAD_INPUT;
	c = connection_find(MESSAGE, post.connection);
	if (!c)
		return STATUS_NO_CONNECTION;
	if (c->waits)
		deliver(c);
	if (c->waits)
		return STATUS_FULL;
	c->staged = (struct message){
		.type = post.type, .size = post.size, .sender = post.connection,
	};
	memcpy(c->staged.payload, post.payload, post.size);
	c->waits = 1;
	if (deliver(c) == STATUS_OK)
		return STATUS_OK;
	c->waits = 0;
	return STATUS_SYNIC;
}

static unsigned int signal_event(uint64_t parameter)
{
	struct connection *c = connection_find(EVENT, (uint32_t)parameter);
	const struct synic *synic;
	uint64_t *flags, bit;

	if (!c)
		return STATUS_NO_CONNECTION;
	/* A flag number within the connection: these have one flag. */
	if (parameter >> 32)
		return STATUS_BAD_INPUT;
	synic = &hyperv->synics[c->cpu];
	flags = slot(synic->control, synic->events, c->sint);
	if (!flags)
		return STATUS_SYNIC;
	_Static_assert(FLAGS > UINT8_MAX, "a flag for each connection");
	bit = 1ull << c->id % 64;
	if (!(__atomic_fetch_or(&flags[c->id / 64], bit, __ATOMIC_SEQ_CST) & bit))
		raise_sint(c->cpu, c->sint);
	return STATUS_OK;
}

static unsigned int hypercall(uint64_t input, uint64_t parameter)
{
	const void *ram;

	switch (input & CALL_CODE) {
	case CALL_POST:
		return input & CALL_FAST ? STATUS_BAD_INPUT : post_message(parameter);
	case CALL_SIGNAL:
		if (input & CALL_FAST)
			return signal_event(parameter);
		ram = ram_at(parameter, sizeof(parameter));
		if (!ram || parameter % 8)
			return STATUS_BAD_INPUT;
		memcpy(&parameter, ram, sizeof(parameter));
		return signal_event(parameter);
	default:
		return STATUS_BAD_CODE;
	}
}

void hyperv_exit(struct vcpu *vcpu)
{
	struct kvm_hyperv_exit *exit = &vcpu->run->hyperv;

	if (exit->type == KVM_EXIT_HYPERV_HCALL)
		exit->u.hcall.result = STATUS_BAD_CODE;
	if (!hyperv)
		return;
	pthread_mutex_lock(&hyperv_device.lock);
	if (exit->type == KVM_EXIT_HYPERV_HCALL) {
		exit->u.hcall.result = hypercall(exit->u.hcall.input,
						 exit->u.hcall.params[0]);
	} else if (exit->type == KVM_EXIT_HYPERV_SYNIC) {
		struct synic *synic = &hyperv->synics[vcpu->index];

		synic->control = exit->u.synic.control;
		synic->events = exit->u.synic.evt_page;
		synic->messages = exit->u.synic.msg_page;
	}
	pthread_mutex_unlock(&hyperv_device.lock);
}

static void route_change(unsigned int cpu, unsigned int sint, bool there)
{
	if (!exists(cpu, sint))
		return;
	pthread_mutex_lock(&hyperv_device.lock);
	hyperv->synics[cpu].routes &= ~(1u << sint);
	hyperv->synics[cpu].routes |= (uint16_t)there << sint;
	route_update(cpu, sint);
	irq_routes_commit();
	pthread_mutex_unlock(&hyperv_device.lock);
}

static void route_create(unsigned int cpu, unsigned int sint)
{
	route_change(cpu, sint, true);
}

static void route_destroy(unsigned int cpu, unsigned int sint)
{
	route_change(cpu, sint, false);
}

static void route_raise(unsigned int cpu, unsigned int sint)
{
	if (!exists(cpu, sint))
		return;
	pthread_mutex_lock(&hyperv_device.lock);
	raise_sint(cpu, sint);
	pthread_mutex_unlock(&hyperv_device.lock);
}

/* From the loop: the guest has acknowledged, and may have freed the slot. */
static void acknowledged(void *arg)
{
	unsigned int i = (uintptr_t)arg;
	struct connection *c = &hyperv->connections[i];
	uint64_t count;

	pthread_mutex_lock(&hyperv_device.lock);
	if (irqfds[i].told >= 0 && read(irqfds[i].told, &count, sizeof(count)) > 0 &&
	    c->kind == MESSAGE && c->waits)
		deliver(c);
	pthread_mutex_unlock(&hyperv_device.lock);
}

static void irqfd_assign(unsigned int i, uint32_t flags)
{
	const struct connection *c = &hyperv->connections[i];
	struct kvm_irqfd irqfd = {
		.fd = irqfds[i].raise, .gsi = route_number(c->cpu, c->sint),
		.flags = flags | KVM_IRQFD_FLAG_RESAMPLE, .resamplefd = irqfds[i].told,
	};

	must(ioctl(machine.vm, KVM_IRQFD, &irqfd), "KVM_IRQFD");
}

static void irqfd_close(unsigned int i)
{
	if (irqfds[i].told < 0)
		return;
	loop_unwatch(irqfds[i].told);
	close(irqfds[i].told);
	close(irqfds[i].raise);		/* which takes it from KVM */
	irqfds[i].told = irqfds[i].raise = -1;
}

static void irqfd_open(unsigned int i)
{
	irqfds[i].told = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	irqfds[i].raise = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	irqfd_assign(i, 0);
	loop_watch(irqfds[i].told, acknowledged, (void *)(uintptr_t)i);
}

static void disconnect(struct connection *c)
{
	unsigned int cpu = c->cpu, sint = c->sint;

	irqfd_close(c - hyperv->connections);
	*c = (struct connection){ .kind = NONE };
	route_update(cpu, sint);
}

static void connect_to(enum kind kind, uint8_t id, unsigned int cpu,
		    unsigned int sint)
{
	struct connection *c;

	if (!exists(cpu, sint))
		return;
	pthread_mutex_lock(&hyperv_device.lock);
	c = connection_find(kind, id);
	if (c)
		disconnect(c);
	c = connection_find(NONE, 0);
	if (c) {
		*c = (struct connection){
			.kind = kind, .id = id, .sint = sint, .cpu = cpu,
		};
		route_update(cpu, sint);
		irq_routes_commit();
		if (kind == MESSAGE)
			irqfd_open(c - hyperv->connections);
	}
	pthread_mutex_unlock(&hyperv_device.lock);
}

static void connection_destroy(enum kind kind, uint8_t id)
{
	struct connection *c;

	if (!hyperv)
		return;
	pthread_mutex_lock(&hyperv_device.lock);
	c = connection_find(kind, id);
	if (c)
		disconnect(c);
	irq_routes_commit();
	pthread_mutex_unlock(&hyperv_device.lock);
}

static void hyperv_attach(void)
{
	for (unsigned int i = 0; i < CONNECTIONS; i++)
		if (irqfds[i].told >= 0)
			irqfd_assign(i, 0);
}

static void hyperv_restore(void)
{
	for (unsigned int cpu = 0; cpu < machine.config->cpus; cpu++)
		for (unsigned int sint = 0; sint < SINTS; sint++)
			if (exists(cpu, sint))
				route_update(cpu, sint);
	irq_routes_commit();
	for (unsigned int i = 0; i < CONNECTIONS; i++) {
		irqfd_close(i);
		if (hyperv->connections[i].kind == MESSAGE)
			irqfd_open(i);
	}
}

static bool hyperv_present(void)
{
	return cpu_has_synic();
}

static void hyperv_init(void)
{
	size_t size = sizeof(*hyperv) + machine.config->cpus * sizeof(*hyperv->synics);

	for (unsigned int i = 0; i < CONNECTIONS; i++)
		irqfds[i].told = irqfds[i].raise = -1;
	hyperv = calloc(1, size);
	must(hyperv ? 0 : -1, "memory for Hyper-V's interrupt controllers");
	hyperv_device.state = (struct device_state){
		.version = 1, .at = hyperv, .size = size,
	};
}

static struct device hyperv_device = {
	.name = "hyperv",
	.text = "SynIC messages and events: HvPostMessage, HvSignalEvent",
	.present = hyperv_present,
	.when = "with hv-synic in the CPU model",
	.init = hyperv_init,
	.attach = hyperv_attach,
	.restore = hyperv_restore,
};
DEVICE_REGISTER(hyperv_device);

/* The port by which a test says what it wants (QEMU's hyperv-testdev). */

enum operation {
	ROUTE_CREATE = 1, ROUTE_DESTROY, ROUTE_RAISE, MESSAGE_CREATE,
	MESSAGE_DESTROY, EVENT_CREATE, EVENT_DESTROY,
};

static void testdev_write(uint64_t offset, unsigned int size, uint64_t value)
{
	unsigned int sint = value & 0xff, cpu = value >> 8 & 0xff;
	unsigned int id = value >> 24 & 0xff;

	if (offset || size != 4)
		return;
	switch (value >> 16 & 0xff) {
	case ROUTE_CREATE:
		route_create(cpu, sint);
		break;
	case ROUTE_DESTROY:
		route_destroy(cpu, sint);
		break;
	case ROUTE_RAISE:
		route_raise(cpu, sint);
		break;
	case MESSAGE_CREATE:
		connect_to(MESSAGE, id, cpu, sint);
		break;
	case MESSAGE_DESTROY:
		connection_destroy(MESSAGE, id);
		break;
	case EVENT_CREATE:
		connect_to(EVENT, id, cpu, sint);
		break;
	case EVENT_DESTROY:
		connection_destroy(EVENT, id);
		break;
	}
}

static struct device hyperv_testdev_device = {
	.name = "hyperv-testdev",
	.text = "makes SINT routes and connections",
	.optional = true,
	.ranges = { { BUS_PORT, 0x3000, 4, NULL, testdev_write, 0,
		      "connection << 24 | operation << 16 | CPU << 8 | SINT" } },
	.lockless = true,
};
DEVICE_REGISTER(hyperv_testdev_device);
