/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a machine's process may not do.  The filter of system calls is made in the
 * parent, once for all machines: making it takes longer than a machine may take to
 * start.  A call that it refuses is written down for the parent, and is the end.
 */
#include "vmm/contain.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#include "vmm/machine.h"

#define NOBODY		65534
#define KVM_IOCTLS	0xae00u		/* _IOC_TYPE, where it is in a request */
#define UFFD_IOCTLS	0xaa00u
#define TYPE_MASK	0xff00u
/* Beyond what is mapped: a thread's stack, and what malloc() reserves for each. */
#define SPACE_THREAD	(160ull << 20)
#define SPACE_MORE	(1ull << 30)
#define THREADS_MORE	8		/* timers, faults, the debugger, … */

/* What some ways of running need beyond the rest. */
enum need { ALWAYS = 0, SAVES = 1 << 0, DEBUGGED = 1 << 1, BROKEN = 1 << 2, NEEDS = 1 << 3 };

static unsigned int needs_of(const struct vm_conduct *conduct)
{
	return (conduct->save || conduct->migrate_process ? SAVES : 0) |
		(conduct->gdb ? DEBUGGED : 0) | (conduct->lie ? BROKEN : 0);
}

#ifdef HAVE_SECCOMP
static struct sock_fprog filters[NEEDS];

#define CALL(name)	SCMP_SYS(name)

static const struct {
	int number;
	enum need need;
} calls[] = {
	{ CALL(read), ALWAYS }, { CALL(write), ALWAYS }, { CALL(pread64), ALWAYS },
	{ CALL(close), ALWAYS }, { CALL(futex), ALWAYS }, { CALL(munmap), ALWAYS },
	{ CALL(mremap), ALWAYS }, { CALL(madvise), ALWAYS }, { CALL(brk), ALWAYS },
	{ CALL(rt_sigreturn), ALWAYS }, { CALL(rt_sigprocmask), ALWAYS },
	{ CALL(restart_syscall), ALWAYS }, { CALL(getpid), ALWAYS }, { CALL(gettid), ALWAYS },
	{ CALL(clock_gettime), ALWAYS }, { CALL(clock_nanosleep), ALWAYS },
	{ CALL(nanosleep), ALWAYS }, { CALL(poll), ALWAYS }, { CALL(ppoll), ALWAYS },
	{ CALL(pause), ALWAYS }, { CALL(eventfd2), ALWAYS }, { CALL(set_robust_list), ALWAYS },
	{ CALL(rseq), ALWAYS }, { CALL(sched_yield), ALWAYS },
	{ CALL(sched_getaffinity), ALWAYS }, { CALL(sched_setaffinity), ALWAYS },
	{ CALL(getrandom), ALWAYS }, { CALL(exit), ALWAYS }, { CALL(exit_group), ALWAYS },
	{ CALL(pwritev), SAVES }, { CALL(pwritev2), SAVES }, { CALL(openat), SAVES },
	{ CALL(ftruncate), SAVES }, { CALL(fstat), SAVES }, { CALL(newfstatat), SAVES },
	{ CALL(lseek), SAVES }, { CALL(rename), SAVES }, { CALL(unlink), SAVES },
	{ CALL(fsync), SAVES },
	{ CALL(accept4), DEBUGGED }, { CALL(sendto), DEBUGGED }, { CALL(setsockopt), DEBUGGED },
	{ CALL(timer_create), BROKEN }, { CALL(timer_settime), BROKEN },
#ifdef __SANITIZE_ADDRESS__
	{ CALL(sigaltstack), ALWAYS },	/* of each thread, for reports */
#endif
};

/* Calls of which only some are harmless. */
static bool add_bounded(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp kvm = SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_MASK, KVM_IOCTLS);
	const struct scmp_arg_cmp uffd = SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_MASK, UFFD_IOCTLS);
	const struct scmp_arg_cmp data = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp kick = SCMP_A2(SCMP_CMP_EQ, VCPU_KICK_SIGNAL, 0);
	const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_VM | CLONE_THREAD,
						   CLONE_VM | CLONE_THREAD);

	/* The first thread that is made takes the C library's own signal. */
	const struct scmp_arg_cmp setxid = SCMP_A0(SCMP_CMP_EQ, 33, 0);

	/* Each exit comes by this one. */
	seccomp_syscall_priority(f, CALL(ioctl), 255);
	return !seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(ioctl), 1, &kvm) &&
		!seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(ioctl), 1, &uffd) &&
		!seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(mmap), 1, &data) &&
		!seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(mprotect), 1, &data) &&
		!seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(tgkill), 1, &kick) &&
		!seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(clone), 1, &thread) &&
		!seccomp_rule_add_array(f, SCMP_ACT_ALLOW, CALL(rt_sigaction), 1, &setxid) &&
		/* Its arguments are in memory: glibc then takes clone(). */
		!seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0) &&
		/* By this, refused() ends the process. */
		!seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, CALL(ptrace), 0);
}

static bool filter_fill(scmp_filter_ctx f, unsigned int needs)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if ((calls[i].need & needs) == calls[i].need &&
		    seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i].number, 0))
			return false;
	return add_bounded(f) && !seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

/* The filter as the kernel takes it. */
static bool filter_export(scmp_filter_ctx f, struct sock_fprog *to)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	off_t size;

	if (fd < 0 || seccomp_export_bpf(f, fd) || (size = lseek(fd, 0, SEEK_END)) <= 0) {
		close(fd);
		return false;
	}
	to->filter = malloc(size);
	if (to->filter && pread(fd, to->filter, size, 0) == size)
		to->len = size / sizeof(*to->filter);
	close(fd);
	return to->len;
}

/* Kernels that are built for tests may lack it; all else that confines is left. */
static bool kernel_filters(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

bool contain_prepare(const struct vm_conduct *conduct)
{
	unsigned int needs = needs_of(conduct);
	scmp_filter_ctx f;
	bool good;

	if (filters[needs].len || conduct->unconfined || !kernel_filters())
		return true;
	f = seccomp_init(SCMP_ACT_TRAP);
	good = f && filter_fill(f, needs) && filter_export(f, &filters[needs]);
	seccomp_release(f);
	return good;
}

/* A call was refused.  The parent, which has time and a library, gives it a name. */
static void refused(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	machine.end->forbidden = info->si_syscall + 1;
	syscall(SYS_ptrace, 0, 0, 0, 0);
	_exit(1);
}

static void filter_load(unsigned int needs)
{
	struct sigaction action = { .sa_sigaction = refused, .sa_flags = SA_SIGINFO };

	if (!kernel_filters())
		return;
	if (!contain_prepare(&machine.config->conduct))
		machine_end(NULL, VM_END_ERROR, 0, "the filter of system calls cannot be made");
	must(sigaction(SIGSYS, &action, NULL), "a handler of SIGSYS");
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filters[needs]),
	     "the filter of system calls");
}

const char *contain_forbidden_name(uint32_t number)
{
	static char name[48];
	char *found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	if (!found)
		return NULL;
	snprintf(name, sizeof(name), "%s", found);
	free(found);
	return name;
}
#else
bool contain_prepare(const struct vm_conduct *conduct)
{
	(void)conduct;
	return true;
}

static void filter_load(unsigned int needs)
{
	(void)needs;
}

const char *contain_forbidden_name(uint32_t number)
{
	(void)number;
	return NULL;
}
#endif

static int descriptor_order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void contain_descriptors(void)
{
	const struct vm_config *config = machine.config;
	int keep[] = {
		STDERR_FILENO, config->console, config->hangup, config->ledger,
		config->conduct.load ? config->conduct.load_fd : -1,
	};
	const size_t count = sizeof(keep) / sizeof(*keep);

	if (config->conduct.unconfined || config->conduct.migrate_process)
		return;
	qsort(keep, count, sizeof(*keep), descriptor_order);
	for (size_t i = 0; i < count; i++) {
		unsigned int from = keep[i] < STDERR_FILENO ? STDERR_FILENO + 1 : keep[i] + 1;
		unsigned int to = i + 1 < count ? (unsigned int)keep[i + 1] : ~0u;

		if (keep[i] >= STDERR_FILENO && from < to)
			close_range(from, to == ~0u ? to : to - 1, 0);
	}
}

static uint64_t space_mapped(void)
{
	char text[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return got > 0 ? strtoull(text, NULL, 10) * 4096 : 0;
}

static void limit(int resource, uint64_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) < 0 || limit.rlim_max <= value)
		return;
	limit.rlim_cur = limit.rlim_max = value;
	setrlimit(resource, &limit);
}

static void limits_set(unsigned int needs)
{
	uint64_t mapped = space_mapped();

	limit(RLIMIT_CORE, 0);
	if (mapped)
		limit(RLIMIT_AS, mapped + SPACE_MORE +
		      (machine.config->cpus + THREADS_MORE) * SPACE_THREAD);
	if (!(needs & SAVES))
		limit(RLIMIT_FSIZE, VM_CONSOLE_MOST);
}

/* Files are written as whoever asked for them; all else needs nobody. */
static void user_drop(void)
{
	if (geteuid())
		return;
	/* Some containers' root may not: the filter remains. */
	if (!setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY))
		(void)!setresuid(NOBODY, NOBODY, NOBODY);
}

void contain(void)
{
	const struct vm_conduct *conduct = &machine.config->conduct;
	unsigned int needs = needs_of(conduct);
	int parent = getppid();

	if (conduct->unconfined)
		return;
	limits_set(needs);
	if (!(needs & SAVES))
		user_drop();
	/* Another user's process has forgotten that it must not outlive its parent. */
	must(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
	if (getppid() != parent)
		_exit(1);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
	filter_load(needs);
}
