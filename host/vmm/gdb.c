/* SPDX-License-Identifier: BSD-2-Clause */
/* The stub: who stopped, who goes on, and what each packet means. */
#include "vmm/gdb.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/str.h"
#include "vmm/gdb_link.h"
#include "vmm/gdb_memory.h"
#include "vmm/machine.h"

/* Signals as gdb numbers them (GDB manual, E.12.3). */
#define GDB_SIGINT	2
#define GDB_SIGILL	4
#define GDB_SIGTRAP	5
#define GDB_SIGSEGV	11

static struct {
	bool active;		/* --gdb was given; set before CPUs run */
	bool attached;		/* a debugger is there; atomic */
	int event;		/* an eventfd: a CPU has reported */
	pthread_mutex_t lock;	/* of the report */
	bool reported;
	unsigned int signal;
	struct vcpu *who;
	struct gdb_why why;
	bool *stepping;		/* of each CPU: for the user; changed while all stand still */
	bool *stepped;		/* an exit has ended its step */
	bool *late;		/* is at a breakpoint that it passes: another was first */
	bool watching;		/* all CPUs step, for points that KVM has not */
	unsigned int general;	/* CPU of Hg */
	bool ended;		/* atomic */
} gdb = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct vcpu *cpu_at(unsigned int index)
{
	return &machine.vcpus[index];
}

/* A CPU's thread: it stops all, of which it is the first cause or not. */
static void report(struct vcpu *vcpu, unsigned int sig, const struct gdb_why *why)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&gdb.lock);
	if (!gdb.reported) {
		gdb.reported = true;
		gdb.who = vcpu;
		gdb.signal = sig;
		gdb.why = *why;
		(void)!write(gdb.event, &one, sizeof(one));
	} else {
		gdb.late[vcpu->index] = why->passes;
	}
	pthread_mutex_unlock(&gdb.lock);
	machine_hold();
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

static bool attached(void)
{
	return __builtin_expect(gdb.active, 0) && __atomic_load_n(&gdb.attached, __ATOMIC_ACQUIRE);
}

/* Is the next instruction one with a breakpoint that would be passed over? */
static bool passes(struct vcpu *vcpu, struct gdb_why *why)
{
	bool software;

	if (!gdb_passed_at(arch_gdb_pc(vcpu), &software))
		return false;
	*why = (struct gdb_why){
		.point = GDB_HARDWARE, .trap = software, .passes = true,
	};
	return true;
}

/* A CPU has made a step: is that something to report? */
static bool step_counts(struct vcpu *vcpu, struct gdb_why *why)
{
	if (gdb.watching && gdb_watch_hit(&why->address)) {
		why->step = false;
		why->point = GDB_WRITE;
		return true;
	}
	if (gdb.stepping[vcpu->index])
		return true;
	return passes(vcpu, why);
}

/* KVM may have forgotten that all are to be steps. */
static void prepare(struct vcpu *vcpu)
{
	arch_gdb_prepare(vcpu, gdb_any_planted(), gdb.stepping[vcpu->index] ? GDB_STEP :
			 gdb.watching ? GDB_STEPS : GDB_GO);
}

/* Whether it is reported. */
static bool step_ends(struct vcpu *vcpu, struct gdb_why *why)
{
	bool counts = step_counts(vcpu, why);

	if (counts)
		report(vcpu, GDB_SIGTRAP, why);
	else
		prepare(vcpu);
	return counts;
}

bool gdb_debug(struct vcpu *vcpu)
{
	struct gdb_why why = { 0 };

	if (!gdb.active)
		return false;
	if (!arch_gdb_why(vcpu, &why) ||
	    (why.trap && !gdb_planted(arch_gdb_pc(vcpu)))) {
		arch_gdb_reflect(vcpu);
		return true;
	}
	if (attached() && why.step)
		step_ends(vcpu, &why);
	else if (attached())
		report(vcpu, GDB_SIGTRAP, &why);
	return true;
}

bool gdb_refused(struct vcpu *vcpu)
{
	const struct gdb_why why = { .point = GDB_SOFTWARE, .trap = true };
	uint64_t address;

	if (!attached() || !arch_gdb_refused(vcpu, &address) || !gdb_planted(address))
		return false;
	report(vcpu, GDB_SIGTRAP, &why);
	return true;
}

void gdb_exit(struct vcpu *vcpu)
{
	if (!attached() || gdb.reported || (!gdb.watching && !gdb.stepping[vcpu->index]))
		return;
	/* KVM may forget a step over an instruction that comes to the VMM. */
	gdb.stepped[vcpu->index] = true;
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

void gdb_interrupted(struct vcpu *vcpu)
{
	struct gdb_why why = { .step = true };

	if (!attached())
		return;
	if (gdb.stepped[vcpu->index]) {
		gdb.stepped[vcpu->index] = false;
		step_ends(vcpu, &why);
	} else if (gdb.watching && !gdb.reported) {
		prepare(vcpu);		/* an INIT may have come */
	}
}

void gdb_last_look(struct vcpu *vcpu)
{
	const struct gdb_why why = { 0 };

	if (!attached())
		return;
	report(vcpu, vcpu->run->exit_reason == KVM_EXIT_INTERNAL_ERROR ? GDB_SIGILL : GDB_SIGSEGV,
	       &why);
	vcpu_stand(vcpu);
}

void gdb_end(int status)
{
	if (attached() && !__atomic_exchange_n(&gdb.ended, true, __ATOMIC_ACQ_REL))
		gdb_send_text("W%02x", status & 0xff);
}

/* From here on: the stub's thread, CPUs standing still. */

static void stop_reply(void)
{
	static const char *const watch[] = {
		[GDB_WRITE] = "watch", [GDB_READ] = "rwatch", [GDB_ACCESS] = "awatch",
	};
	unsigned int cpu = gdb.who ? gdb.who->index : gdb.general;
	const struct gdb_why *why = &gdb.why;

	gdb.general = cpu;
	if (gdb.signal == GDB_SIGTRAP && why->trap)
		gdb_send_text("T%02xthread:%x;swbreak:;", gdb.signal, cpu + 1);
	else if (gdb.signal == GDB_SIGTRAP && !why->step && why->point == GDB_HARDWARE)
		gdb_send_text("T%02xthread:%x;hwbreak:;", gdb.signal, cpu + 1);
	else if (gdb.signal == GDB_SIGTRAP && !why->step && why->point >= GDB_WRITE)
		gdb_send_text("T%02xthread:%x;%s:%llx;", gdb.signal, cpu + 1, watch[why->point],
			      (unsigned long long)why->address);
	else
		gdb_send_text("T%02xthread:%x;", gdb.signal, cpu + 1);
}

static void report_clear(void)
{
	uint64_t count;

	gdb.reported = false;
	gdb.who = NULL;
	gdb.signal = GDB_SIGINT;
	gdb.why = (struct gdb_why){ 0 };
	(void)!read(gdb.event, &count, sizeof(count));
}

static void stop_all(void)
{
	machine_stop();
	machine_release();
	arch_gdb_forget();
}

/* Who came to a breakpoint while another was being reported has not passed it yet. */
static void report_late(void)
{
	for (unsigned int i = 0; i < machine.config->cpus; i++) {
		struct gdb_why why;

		if (!gdb.late[i] || cpu_at(i)->frozen || gdb.reported)
			continue;
		gdb.late[i] = false;
		if (passes(cpu_at(i), &why))
			report(cpu_at(i), GDB_SIGTRAP, &why);
	}
}

/* Lets the CPUs go until one reports, the user interrupts, or the debugger leaves. */
static bool run_until_stop(void)
{
	struct pollfd fds[] = { { gdb_fd(), POLLIN, 0 }, { gdb.event, POLLIN, 0 } };
	char packet[GDB_PACKET_MAX + 1];
	bool there = true;

	report_clear();
	report_late();
	machine_go();
	while (!gdb_pending() && poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	if (gdb_pending() || fds[0].revents)
		there = gdb_receive(packet) >= 0;
	stop_all();
	memset(gdb.stepping, 0, machine.config->cpus * sizeof(*gdb.stepping));
	memset(gdb.stepped, 0, machine.config->cpus * sizeof(*gdb.stepped));
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		cpu_at(i)->frozen = false;
	return there;
}

static void prepare_all(void)
{
	gdb.watching = gdb_watching();
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		if (!cpu_at(i)->frozen)
			prepare(cpu_at(i));
}

/* A thread's number of the protocol; 0 and -1 mean any, all. */
static bool thread_parse(const char *text, unsigned int *cpu, bool *all)
{
	uint64_t number;

	*all = !strncmp(text, "-1", 2) || !*text;
	*cpu = gdb.general;
	if (*all)
		return true;
	if (!hex_number(&text, *text ? text[strcspn(text, ":;")] : '\0', &number) ||
	    number > machine.config->cpus)
		return false;
	if (number)
		*cpu = number - 1;
	return true;
}

/* "c:1;s:2;c": the first action that names a thread is its; the others stand still. */
static bool actions_take(const char *text)
{
	bool *set = mem_new(machine.config->cpus * sizeof(*set)), good = true;

	while (*text && good) {
		bool step = *text == 's' || *text == 'S', all;
		size_t length = strcspn(text, ";");
		const char *colon = memchr(text, ':', length);
		unsigned int cpu;

		good = strchr("cCsSt", *text) && thread_parse(colon ? colon + 1 : "", &cpu, &all);
		for (unsigned int i = 0; good && i < machine.config->cpus; i++) {
			if (set[i] || (!all && i != cpu))
				continue;
			set[i] = true;
			gdb.stepping[i] = step;
		}
		text += length;
		text += *text == ';';
	}
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		cpu_at(i)->frozen = good && !set[i];
	free(set);
	return good;
}

static bool resume(const char *actions)
{
	if (!actions_take(actions)) {
		gdb_send("E22", 3);
		return true;
	}
	prepare_all();
	if (!run_until_stop())
		return false;
	stop_reply();
	return true;
}

/* The old way to go on: at an address perhaps, with the thread of Hc. */
static bool resume_plain(const char *packet)
{
	char action[24];
	struct str text = str_on(action, sizeof(action));

	if (packet[1]) {
		gdb_send("E22", 3);	/* gdb sets the PC by itself */
		return true;
	}
	if (*packet == 's')
		str_add(&text, "s:%x", gdb.general + 1);
	else
		str_add(&text, "c");
	return resume(action);
}

static void registers_send(void)
{
	struct buf out = { 0 };
	uint8_t bytes[GDB_REGISTER_MAX];

	for (unsigned int n = 0; n < arch_gdb_registers(); n++)
		hex_add(&out, bytes, arch_gdb_get(cpu_at(gdb.general), n, bytes));
	gdb_send(out.data, out.length);
	buf_free(&out);
}

static void answer(bool good)
{
	if (good)
		gdb_send("OK", 2);
	else
		gdb_send("E01", 3);
}

static void registers_take(const char *text)
{
	struct vcpu *vcpu = cpu_at(gdb.general);
	uint8_t old[GDB_REGISTER_MAX], new[GDB_REGISTER_MAX];
	bool good = true;

	for (unsigned int n = 0; n < arch_gdb_registers() && good; n++) {
		unsigned int size = arch_gdb_get(vcpu, n, old);

		good = hex_bytes(text, new, size);
		text += 2 * size;
		/* Only what changes: some registers cannot be set. */
		if (good && memcmp(old, new, size))
			good = arch_gdb_set(vcpu, n, new);
	}
	answer(good);
}

static void register_send(const char *text)
{
	uint8_t bytes[GDB_REGISTER_MAX];
	struct buf out = { 0 };
	uint64_t number;
	unsigned int size = hex_number(&text, '\0', &number) && number < arch_gdb_registers() ?
		arch_gdb_get(cpu_at(gdb.general), number, bytes) : 0;

	if (!size)
		return answer(false);
	hex_add(&out, bytes, size);
	gdb_send(out.data, out.length);
	buf_free(&out);
}

static void register_take(const char *text)
{
	struct vcpu *vcpu = cpu_at(gdb.general);
	uint8_t bytes[GDB_REGISTER_MAX];
	uint64_t number;
	bool good = hex_number(&text, '=', &number) && number < arch_gdb_registers() &&
		hex_bytes(text, bytes, arch_gdb_get(vcpu, number, bytes));

	answer(good && arch_gdb_set(vcpu, number, bytes));
}

static void threads_send(void)
{
	struct buf out = { 0 };

	for (unsigned int i = 0; i < machine.config->cpus; i++)
		buf_printf(&out, "%c%x", i ? ',' : 'm', i + 1);
	gdb_send(out.data, out.length);
	buf_free(&out);
}

static void thread_describe(const char *text)
{
	struct buf words = { 0 }, out = { 0 };
	unsigned int cpu;
	bool all;

	if (!thread_parse(text, &cpu, &all) || all)
		return answer(false);
	buf_printf(&words, "CPU %u, %s", cpu, arch_gdb_state(cpu_at(cpu)));
	hex_add(&out, words.data, words.length);
	gdb_send(out.data, out.length);
	buf_free(&words);
	buf_free(&out);
}

/* "target.xml:OFFSET,LENGTH" */
static void description_send(const char *text)
{
	static struct buf document;
	uint64_t offset, length;
	struct buf out = { 0 };

	if (strncmp(text, "target.xml:", 11))
		return answer(false);
	text += 11;
	if (!hex_number(&text, ',', &offset) || !hex_number(&text, '\0', &length))
		return answer(false);
	if (!document.length)
		arch_gdb_description(&document);
	if (offset > document.length)
		return answer(false);
	if (length > document.length - offset)
		length = document.length - offset;
	buf_puts(&out, offset + length < document.length ? "m" : "l");
	buf_add(&out, document.data + offset, length);
	gdb_send(out.data, out.length);
	buf_free(&out);
}

static void query(const char *packet)
{
	unsigned int cpu;
	bool all;

	if (!strncmp(packet, "qSupported", 10))
		gdb_send_text("PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;"
			      "vContSupported+;swbreak+;hwbreak+", GDB_PACKET_MAX);
	else if (!strncmp(packet, "qXfer:features:read:", 20))
		description_send(packet + 20);
	else if (!strcmp(packet, "qfThreadInfo"))
		threads_send();
	else if (!strcmp(packet, "qsThreadInfo"))
		gdb_send("l", 1);
	else if (!strncmp(packet, "qThreadExtraInfo,", 17))
		thread_describe(packet + 17);
	else if (!strcmp(packet, "qC"))
		gdb_send_text("QC%x", gdb.general + 1);
	else if (!strcmp(packet, "qAttached"))
		gdb_send("1", 1);
	else if (!strncmp(packet, "qRcmd,", 6))
		gdb_monitor(cpu_at(gdb.general), packet + 6);
	else if (gdb_physical_packet(packet))
		return;
	else if (!strcmp(packet, "QStartNoAckMode")) {
		gdb_send("OK", 2);
		gdb_no_acks();
	} else if (*packet == 'H') {
		bool good = thread_parse(packet + 2, &cpu, &all);

		if (good && packet[1] == 'g' && !all)
			gdb.general = cpu;
		answer(good);
	} else if (*packet == 'T') {
		answer(thread_parse(packet + 1, &cpu, &all));
	} else {
		gdb_send("", 0);
	}
}

/* Returns false if the debugger leaves. */
static bool obey(const char *packet, size_t length)
{
	struct vcpu *vcpu = cpu_at(gdb.general);

	switch (*packet) {
	case GDB_INTERRUPT:
		return true;	/* all stand still as it is */
	case '?':
		stop_reply();
		return true;
	case 'g':
		registers_send();
		return true;
	case 'G':
		registers_take(packet + 1);
		return true;
	case 'p':
		register_send(packet + 1);
		return true;
	case 'P':
		register_take(packet + 1);
		return true;
	case 'm':
		gdb_memory_send(vcpu, packet + 1);
		return true;
	case 'M':
		answer(gdb_memory_take(vcpu, packet + 1, length - 1, false));
		return true;
	case 'X':
		answer(gdb_memory_take(vcpu, packet + 1, length - 1, true));
		return true;
	case 'Z':
	case 'z':
		gdb_point(vcpu, packet);
		return true;
	case 'c':
	case 's':
		return resume_plain(packet);
	case 'D':
		gdb_send("OK", 2);
		return false;
	case 'k':
		machine_end(NULL, VM_END_STOPPED, 0, "killed by the debugger");
	default:
		break;
	}
	if (!strcmp(packet, "vCont?"))
		gdb_send("vCont;c;C;s;S", 13);
	else if (!strncmp(packet, "vCont;", 6))
		return resume(packet + 6);
	else if (!strncmp(packet, "vKill", 5)) {
		gdb_send("OK", 2);
		machine_end(NULL, VM_END_STOPPED, 0, "killed by the debugger");
	} else {
		query(packet);
	}
	return true;
}

/* The debugger has left: the guest goes on as if it had never been there. */
static void leave(void)
{
	gdb_unplant_all();
	__atomic_store_n(&gdb.attached, false, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < machine.config->cpus; i++)
		arch_gdb_prepare(cpu_at(i), false, GDB_GO);
	gdb_drop();
	machine_go();
}

void gdb_serve(void)
{
	char packet[GDB_PACKET_MAX + 1];
	int length;

	stop_all();
	report_clear();
	gdb.signal = GDB_SIGTRAP;
	gdb.why.step = true;
	__atomic_store_n(&gdb.attached, true, __ATOMIC_RELEASE);
	while ((length = gdb_receive(packet)) >= 0 && obey(packet, length))
		;
	leave();
}

static void *serve(void *arg)
{
	(void)arg;
	for (;;) {
		gdb_serve();
		gdb_accept();
	}
	return NULL;
}

void gdb_init(void)
{
	arch_gdb_init();
	gdb.stepping = mem_new(machine.config->cpus * sizeof(*gdb.stepping));
	gdb.stepped = mem_new(machine.config->cpus * sizeof(*gdb.stepped));
	gdb.late = mem_new(machine.config->cpus * sizeof(*gdb.late));
	gdb.event = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
}

void gdb_begin(void)
{
	const struct vm_conduct *conduct = &machine.config->conduct;
	sigset_t all, old;
	pthread_t thread;

	if (!conduct->gdb)
		return;
	if (conduct->perturb || conduct->migrate_every || conduct->lie)
		machine_end(NULL, VM_END_ERROR, 0,
			    "a debugger and what disturbs the machine do not go together");
	gdb_init();
	gdb_listen(conduct->gdb);
	gdb_accept();
	gdb.active = true;
	machine_hold();
	/* Signals are for CPUs. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	errno = pthread_create(&thread, NULL, serve, NULL);
	must(errno ? -1 : 0, "a thread for the debugger");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}
