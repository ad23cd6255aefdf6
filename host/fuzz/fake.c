/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine without KVM: __wrap_… stands in for a function, see scripts/fuzz.mk. */
#include "fuzz/fake.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/range.h"
#include "vmm/loop.h"
#include "vmm/machine.h"
#include "vmm/slots.h"
#include "vmm/x86/guest_debug.h"

#define FAKE_FD		100000	/* beyond what any process has open */
#define FAKE_FDS	64
#define RUN_BYTES	12288
#define DEVICES		64
#define WORKS		64
#define FAKE_PAGES	1024

sigjmp_buf fake_ended;
bool fake_catching;

static struct {
	struct vm_config config;
	const char *devices[DEVICES + 1];
	void *state[DEVICES];		/* of each device, as it was at first */
	uint8_t *ram;			/* likewise */
	struct slot slots[SLOTS];
	pthread_t thread;		/* the fuzzer's */
} fake;

static int file = -1;
static char file_path[64];
static size_t file_size;

uint64_t input_number(struct input *input, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size && input->left; i++, input->left--)
		value |= (uint64_t)*input->at++ << 8 * i;
	return value;
}

void __wrap_machine_end(const struct vcpu *vcpu, enum vm_end_kind kind, uint32_t code,
			const char *format, ...)
	__attribute__((noreturn, format(printf, 4, 5)));

void __wrap_machine_end(const struct vcpu *vcpu, enum vm_end_kind kind, uint32_t code,
			const char *format, ...)
{
	va_list args;

	(void)vcpu;
	(void)kind;
	(void)code;
	if (fake_catching && pthread_equal(pthread_self(), fake.thread))
		siglongjmp(fake_ended, 1);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(": where no machine may end\n", stderr);
	abort();
}

int __wrap_must(int result, const char *what);

int __wrap_must(int result, const char *what)
{
	if (result < 0)
		__wrap_machine_end(NULL, VM_END_ERROR, 0, "%s: %s", what, strerror(errno));
	return result;
}

int __real_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument);

/* KVM agrees to everything; what it is asked for is zeros. */
int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
	static int next;

	if (fd < FAKE_FD || fd >= FAKE_FD + FAKE_FDS)
		return __real_ioctl(fd, request, argument);
	switch (request) {
	case KVM_CREATE_VM:
	case KVM_CREATE_VCPU:
		return FAKE_FD + next++ % FAKE_FDS;
	case KVM_GET_VCPU_MMAP_SIZE:
		return RUN_BYTES;
	case KVM_CHECK_EXTENSION:
	case KVM_GET_TSC_KHZ:
	case KVM_GET_DIRTY_LOG:	/* its bitmap is not part of the argument */
	case KVM_GET_MSR_INDEX_LIST:
	case KVM_GET_SUPPORTED_CPUID:
	case KVM_GET_MSRS:
		return 0;
	default:
		if (_IOC_DIR(request) & _IOC_READ && argument)
			memset(argument, 0, _IOC_SIZE(request));
		return 0;
	}
}

void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size);

/*
 * Copies of the file, of which the sanitizer knows where they end.  They are kept, as
 * a fresh one costs more than all that is done with it.
 */
static struct {
	uint8_t *bytes;
	size_t room;
	bool mapped;
} copies[8];

#define COPIES	(sizeof(copies) / sizeof(*copies))

static void *file_copy(unsigned int n, size_t size)
{
	if (copies[n].room <= size) {
		free(copies[n].bytes);
		copies[n].room = size + 1;	/* something to poison, at least */
		copies[n].bytes = malloc(copies[n].room);
		if (!copies[n].bytes)
			abort();
	}
	ASAN_UNPOISON_MEMORY_REGION(copies[n].bytes, size);
	ASAN_POISON_MEMORY_REGION(copies[n].bytes + size, copies[n].room - size);
	if (pread(file, copies[n].bytes, size, 0) != (ssize_t)size)
		abort();
	copies[n].mapped = true;
	return copies[n].bytes;
}

static void copy_forget(unsigned int n)
{
	copies[n].mapped = false;
	ASAN_POISON_MEMORY_REGION(copies[n].bytes, copies[n].room);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	struct stat mapped, own;

	if (fd >= FAKE_FD)
		return __real_mmap(at, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || file < 0 || at || offset || fstat(fd, &mapped) < 0 ||
	    fstat(file, &own) < 0 || mapped.st_ino != own.st_ino)
		return __real_mmap(at, size, protection, flags, fd, offset);
	for (unsigned int i = 0; i < COPIES; i++)
		if (!copies[i].mapped)
			return file_copy(i, size < file_size ? size : file_size);
	abort();	/* somebody does not unmap */
}

int __wrap_munmap(void *at, size_t size)
{
	for (unsigned int i = 0; i < COPIES; i++)
		if (copies[i].mapped && copies[i].bytes == at) {
			copy_forget(i);
			return 0;
		}
	return __real_munmap(at, size);
}

int fake_file(const void *bytes, size_t size)
{
	if (file < 0) {
		file = memfd_create("fuzzed", MFD_CLOEXEC);
		snprintf(file_path, sizeof(file_path), "/proc/self/fd/%d", file);
	}
	/* Whoever gave up has not unmapped. */
	for (unsigned int i = 0; i < COPIES; i++)
		if (copies[i].mapped)
			copy_forget(i);
	if (file < 0 || pwrite(file, bytes, size, 0) != (ssize_t)size ||
	    ftruncate(file, size) < 0)
		abort();
	file_size = size;
	return file;
}

const char *fake_file_path(void)
{
	return file_path;
}

/* Which pages of RAM may have changed: all that are written to one after another. */
static uint64_t dirty[FAKE_PAGES / 64];

void *__real_ram_write_at(gpa_t gpa, uint64_t size);
void *__wrap_ram_write_at(gpa_t gpa, uint64_t size);

void *__wrap_ram_write_at(gpa_t gpa, uint64_t size)
{
	void *at = __real_ram_write_at(gpa, size);
	uint64_t page = at ? ((char *)at - (char *)ram_page(0)) / RAM_PAGE : 0;

	for (uint64_t i = page; at && i <= page + (size + RAM_PAGE - 1) / RAM_PAGE; i++)
		if (i < FAKE_PAGES)
			dirty[i / 64] |= 1ull << i % 64;
	return at;
}

void fake_ram_written(void)
{
	memset(dirty, 0xff, sizeof(dirty));
}

/* All that a reset puts right; asking the kernel about each page takes longest of all. */
const uint64_t *__wrap_ram_populated(void);

const uint64_t *__wrap_ram_populated(void)
{
	static uint64_t *populated;

	if (!populated) {
		populated = calloc((ram_pages() + 63) / 64, sizeof(*populated));
		if (!populated)
			abort();
		for (uint64_t i = 0; i < fake.config.memory / RAM_PAGE; i++)
			populated[i / 64] |= 1ull << i % 64;
	}
	return populated;
}

static void ram_reset(void)
{
	uint64_t pages = fake.config.memory / RAM_PAGE;

	for (uint64_t i = 0; i < pages; i++)
		if (dirty[i / 64] >> i % 64 & 1)
			memcpy(ram_page(i), fake.ram + i * RAM_PAGE, RAM_PAGE);
	memset(dirty, 0, sizeof(dirty));
}

bool fake_breakpoints;

bool __wrap_guest_debug_works(enum debug_means means);

bool __wrap_guest_debug_works(enum debug_means means)
{
	return fake_breakpoints || means == DEBUG_STEP;
}

/* Time passes in no time where something only waits for it, and what has no end has one. */
#define FOREVER_MS	20

static uint64_t skipped;		/* ns */
static bool eternity;			/* it is over, for whoever looks next */

uint64_t __real_host_ns(void);
uint64_t __wrap_host_ns(void);
int __real_poll(struct pollfd *fds, nfds_t count, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);

uint64_t __wrap_host_ns(void)
{
	if (__atomic_exchange_n(&eternity, false, __ATOMIC_RELAXED))
		return UINT64_MAX;
	return __real_host_ns() + __atomic_load_n(&skipped, __ATOMIC_RELAXED);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
	int ready = __real_poll(fds, count, ms < 0 ? FOREVER_MS : 0);

	if (!ready && ms < 0)
		__atomic_store_n(&eternity, true, __ATOMIC_RELAXED);
	else if (!ready)
		__atomic_fetch_add(&skipped, ms * 1000000ull, __ATOMIC_RELAXED);
	return ready;
}

/* An exit is complete as soon as it is dealt with. */
static struct {
	void (*fn)(void *arg);
	void *arg;
} works[WORKS];
static unsigned int work_count;

struct vcpu *__wrap_vcpu_current(void);
void __wrap_vcpu_after_exit(void (*fn)(void *arg), void *arg);
void __wrap_vcpu_kick(struct vcpu *vcpu);

struct vcpu *__wrap_vcpu_current(void)
{
	return &machine.vcpus[0];
}

void __wrap_vcpu_after_exit(void (*fn)(void *arg), void *arg)
{
	if (work_count == WORKS)
		abort();
	works[work_count].fn = fn;
	works[work_count++].arg = arg;
}

void __wrap_vcpu_kick(struct vcpu *vcpu)
{
	(void)vcpu;
}

/* There are no CPUs that run: they stand still at all times. */
void __wrap_machine_stop(void);
void __wrap_machine_go(void);
void __wrap_machine_hold(void);
void __wrap_machine_release(void);

void __wrap_machine_stop(void)
{
}

void __wrap_machine_go(void)
{
}

void __wrap_machine_hold(void)
{
}

void __wrap_machine_release(void)
{
}

void fake_works(void)
{
	/* Work may ask for more. */
	for (unsigned int i = 0; i < work_count; i++)
		works[i].fn(works[i].arg);
	work_count = 0;
}

/* RAM is one mapping: a step beyond it must be seen. */
static void guard(void *at)
{
	if (__real_mmap(at, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			-1, 0) == MAP_FAILED && errno != EEXIST)
		abort();
}

static void vcpus_make(void)
{
	machine.vcpus = aligned_alloc(64, fake.config.cpus * sizeof(*machine.vcpus));
	if (!machine.vcpus)
		abort();
	memset(machine.vcpus, 0, fake.config.cpus * sizeof(*machine.vcpus));
	for (unsigned int i = 0; i < fake.config.cpus; i++) {
		machine.vcpus[i].index = i;
		machine.vcpus[i].fd = FAKE_FD + 2 + i;
		machine.vcpus[i].run = __real_mmap(NULL, RUN_BYTES, PROT_READ | PROT_WRITE,
						   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (machine.vcpus[i].run == MAP_FAILED)
			abort();
	}
}

void fake_machine(const struct vm_config *config)
{
	unsigned int n = 0;

	fake.thread = pthread_self();
	fake.config = *config;
	for_each_device(d)
		if (d->optional && n < DEVICES)
			fake.devices[n++] = d->name;
	fake.config.devices = fake.devices;
	fake.config.console = open("/dev/null", O_WRONLY | O_CLOEXEC);
	fake.config.ledger = -1;
	fake.config.command_line = "";
	machine.config = &fake.config;
	machine.end = vm_end_create(fake.config.cpus);
	if (!machine.end)
		abort();
	machine.kvm = FAKE_FD;
	machine.vm = FAKE_FD + 1;
	ram_create();
	device_init();
	vcpus_make();
	guard((char *)ram_page(0) - 4096);
	guard((char *)ram_page(0) + ram_pages() * RAM_PAGE);
	n = 0;
	for_each_device(d) {
		fake.state[n] = d->state.size ? malloc(d->state.size) : NULL;
		if (fake.state[n])
			memcpy(fake.state[n], d->state.at, d->state.size);
		n++;
	}
	fake.ram = malloc(fake.config.memory);
	if (!fake.ram)
		abort();
	memcpy(fake.ram, ram_page(0), fake.config.memory);
	memcpy(fake.slots, slots_table(), sizeof(fake.slots));
}

void fake_reset(void)
{
	unsigned int n = 0;

	/* Whoever ended the machine has left locks behind. */
	loop_stop();
	for_each_device(d) {
		pthread_mutex_init(&d->lock, NULL);
		if (fake.state[n])
			memcpy(d->state.at, fake.state[n], d->state.size);
		n++;
	}
	for_each_device(d)
		if (d->there && d->restore) {
			pthread_mutex_lock(&d->lock);
			d->restore();
			pthread_mutex_unlock(&d->lock);
		}
	slots_put(fake.slots);
	ram_reset();
	work_count = 0;
	loop_go();
}
