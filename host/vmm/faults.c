/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that the host is slow to give: userfaultfd takes them away, or write-
 * protects them, and a thread answers each fault when its delay is over.
 *
 * What was in a page is kept meanwhile.  The thread itself touches no memory
 * of the guest's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/clock.h"
#include "vmm/machine.h"
#include "vmm/request.h"
#include "vmm/slots.h"

#define AREAS		16
#define WAITING		256
#define DEVICE_UNKNOWN	(-2)

/* Host memory that is registered, and what it held. */
struct area {
	char *host;
	uint64_t size;		/* 0: not in use */
	char *kept;		/* NULL: only write-protected */
	uint64_t delay;		/* ns, or FOREVER */
};

#define FOREVER		UINT64_MAX

/* A fault to be answered: whoever faults again on the page is woken with it. */
struct fault {
	char *page;
	uint64_t due;		/* host_ns(), or FOREVER */
};

static struct {
	pthread_mutex_t lock;
	int device;		/* /dev/userfaultfd, below 0: there is none */
	int fd, wake;		/* userfaultfd; tells the thread that much changed */
	bool thread;
	struct area areas[AREAS];
	struct fault faults[WAITING];
	unsigned int waiting;
	uint64_t count;
} f = { .lock = PTHREAD_MUTEX_INITIALIZER, .device = DEVICE_UNKNOWN, .fd = -1, .wake = -1 };

/*
 * A new userfaultfd, whose features are set; -1 if there is none to be had.  The
 * device gives one later to a process that may not ask for one any more.
 */
static int fd_new(struct uffdio_api *api)
{
	int fd;

	if (f.device == DEVICE_UNKNOWN)
		f.device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
	fd = f.device >= 0 ?
		ioctl(f.device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK) :
		(int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	*api = (struct uffdio_api){ .api = UFFD_API };
	if (fd < 0 || ioctl(fd, UFFDIO_API, api) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Not kept: a process with one takes milliseconds to end. */
uint32_t faults_features(void)
{
	struct uffdio_api api;
	int fd = fd_new(&api);

	if (fd < 0)
		return 0;
	close(fd);
	return ABI_HOST_FAULTS | (api.features & UFFD_FEATURE_PAGEFAULT_FLAG_WP ?
				  ABI_HOST_FAULTS_WP : 0);
}

static struct area *area_of(const char *page)
{
	for (unsigned int i = 0; i < AREAS; i++)
		if ((uint64_t)(page - f.areas[i].host) < f.areas[i].size)
			return &f.areas[i];
	return NULL;
}

/* Give a page: the kernel wakes all who wait for it. */
static void page_give(const struct area *area, char *page)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)page, .len = RAM_PAGE,
		.src = (uintptr_t)area->kept + (page - area->host),
	};
	struct uffdio_writeprotect allow = {
		.range = { (uintptr_t)page, RAM_PAGE },
	};

	if (!area->kept)
		must(ioctl(f.fd, UFFDIO_WRITEPROTECT, &allow), "UFFDIO_WRITEPROTECT");
	else if (ioctl(f.fd, UFFDIO_COPY, &copy) < 0 && errno != EEXIST)
		must(-1, "UFFDIO_COPY");
}

/* Answers what is due; returns ms until the next is, -1 for never. */
static int faults_answer(void)
{
	uint64_t now = host_ns(), next = FOREVER;

	for (unsigned int i = 0; i < f.waiting;) {
		struct fault *fault = &f.faults[i];
		struct area *area = area_of(fault->page);

		if (area && fault->due > now) {
			if (fault->due < next)
				next = fault->due;
			i++;
			continue;
		}
		if (area)
			page_give(area, fault->page);
		*fault = f.faults[--f.waiting];
	}
	/* Rounded up: early would mean once more. */
	return next == FOREVER ? -1 : (int)((next - now + 999999) / 1000000);
}

static void fault_take(uint64_t address)
{
	char *page = (char *)(uintptr_t)(address & ~(uint64_t)(RAM_PAGE - 1));
	const struct area *area = area_of(page);

	f.count++;
	for (unsigned int i = 0; i < f.waiting; i++)
		if (f.faults[i].page == page)
			return;
	if (!area)
		return;		/* released meanwhile: the kernel has woken it */
	if (f.waiting == WAITING) {
		page_give(area, page);
		return;
	}
	f.faults[f.waiting++] = (struct fault){
		page, area->delay == FOREVER ? FOREVER : host_ns() + area->delay,
	};
}

static void *faults_loop(void *unused)
{
	struct pollfd fds[2] = { { f.fd, POLLIN, 0 }, { f.wake, POLLIN, 0 } };
	struct uffd_msg message;
	uint64_t events;
	int ms = -1;

	(void)unused;
	for (;;) {
		if (poll(fds, 2, ms) < 0 && errno != EINTR)
			must(-1, "waiting for page faults");
		pthread_mutex_lock(&f.lock);
		(void)!read(f.wake, &events, sizeof(events));
		while (read(f.fd, &message, sizeof(message)) == sizeof(message))
			if (message.event == UFFD_EVENT_PAGEFAULT)
				fault_take(message.arg.pagefault.address);
		ms = faults_answer();
		pthread_mutex_unlock(&f.lock);
	}
	return NULL;
}

static void thread_start(void)
{
	struct uffdio_api api;
	pthread_t thread;

	if (f.thread)
		return;
	f.fd = must(fd_new(&api), "userfaultfd");
	f.wake = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	errno = pthread_create(&thread, NULL, faults_loop, NULL);
	must(errno ? -1 : 0, "a thread for page faults");
	f.thread = true;
}

static void thread_wake(void)
{
	static const uint64_t one = 1;

	if (f.thread)
		(void)!write(f.wake, &one, sizeof(one));
}

/* From here on the pages are gone; their copy is in @area. */
static int take_away(struct area *area)
{
	struct uffdio_register reg = {
		.range = { (uintptr_t)area->host, area->size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	area->kept = mmap(NULL, area->size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area->kept == MAP_FAILED)
		return -1;
	memcpy(area->kept, area->host, area->size);
	if (ioctl(f.fd, UFFDIO_REGISTER, &reg) < 0) {
		munmap(area->kept, area->size);
		return -1;
	}
	return madvise(area->host, area->size, MADV_DONTNEED);
}

static int protect(struct area *area)
{
	struct uffdio_register reg = {
		.range = { (uintptr_t)area->host, area->size },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect deny = {
		.range = reg.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};

	/* Only pages that are there can be protected. */
	for (uint64_t at = 0; at < area->size; at += RAM_PAGE)
		__atomic_fetch_or(area->host + at, 0, __ATOMIC_SEQ_CST);
	if (ioctl(f.fd, UFFDIO_REGISTER, &reg) < 0)
		return -1;
	return ioctl(f.fd, UFFDIO_WRITEPROTECT, &deny);
}

/* A place for an area that overlaps no other. */
static enum abi_request_status area_place(const char *host, uint64_t size,
					  struct area **place)
{
	*place = NULL;
	for (unsigned int i = 0; i < AREAS; i++) {
		struct area *a = &f.areas[i];

		if (!a->size)
			*place = a;
		else if (host < a->host + a->size && a->host < host + size)
			return ABI_REQUEST_WRONG;
	}
	return *place ? ABI_REQUEST_DONE : ABI_REQUEST_FULL;
}

static enum abi_request_status area_make(struct abi_request *r,
					 int (*make)(struct area *area))
{
	uint64_t size = r->argument[1], delay = r->argument[2];
	char *host = slot_host(r->argument[0], size);
	enum abi_request_status status;
	struct area *area;

	if (!host || !size || (r->argument[0] | size) % RAM_PAGE ||
	    delay > ABI_FOREVER)
		return ABI_REQUEST_WRONG;
	/* Whoever waits for a page cannot stand still, and none is to stand still for it. */
	slots_mend();
	pthread_mutex_lock(&f.lock);
	status = area_place(host, size, &area);
	if (status == ABI_REQUEST_DONE) {
		thread_start();
		*area = (struct area){
			host, size, NULL,
			delay == ABI_FOREVER ? FOREVER : delay * 1000,
		};
		status = request_kernel(r, make(area));
		if (status != ABI_REQUEST_DONE)
			area->size = 0;
	}
	pthread_mutex_unlock(&f.lock);
	return status;
}

static enum abi_request_status missing_serve(struct abi_request *r)
{
	return area_make(r, take_away);
}

static enum abi_request_status protect_serve(struct abi_request *r)
{
	return area_make(r, protect);
}

/* All pages of an area are there, and nobody waits for one any more. */
static void area_end(struct area *area)
{
	struct uffdio_range range = { (uintptr_t)area->host, area->size };

	for (uint64_t at = 0; area->kept && at < area->size; at += RAM_PAGE)
		page_give(area, area->host + at);
	must(ioctl(f.fd, UFFDIO_UNREGISTER, &range), "UFFDIO_UNREGISTER");
	if (area->kept)
		munmap(area->kept, area->size);
	area->size = 0;
}

void faults_end(void)
{
	pthread_mutex_lock(&f.lock);
	for (unsigned int i = 0; i < AREAS; i++)
		if (f.areas[i].size)
			area_end(&f.areas[i]);
	f.waiting = 0;
	pthread_mutex_unlock(&f.lock);
}

void faults_hurry(void)
{
	pthread_mutex_lock(&f.lock);
	for (unsigned int i = 0; i < f.waiting; i++)
		f.faults[i].due = 0;
	pthread_mutex_unlock(&f.lock);
	thread_wake();
}

bool faults_any(void)
{
	bool any = false;

	pthread_mutex_lock(&f.lock);
	for (unsigned int i = 0; i < AREAS; i++)
		any |= f.areas[i].size != 0;
	pthread_mutex_unlock(&f.lock);
	return any;
}

static enum abi_request_status release_serve(struct abi_request *r)
{
	(void)r;
	faults_end();
	return ABI_REQUEST_DONE;
}

static enum abi_request_status count_serve(struct abi_request *r)
{
	pthread_mutex_lock(&f.lock);
	r->result[0] = f.count;
	r->result[1] = f.waiting;
	pthread_mutex_unlock(&f.lock);
	return ABI_REQUEST_DONE;
}

const struct request_row requests_faults[] = {
	/* A page that is copied must not change before it is gone. */
	{ ABI_REQUEST_FAULT_MISSING, missing_serve, true },
	{ ABI_REQUEST_FAULT_PROTECT, protect_serve, true },
	{ ABI_REQUEST_FAULT_RELEASE, release_serve, false },
	{ ABI_REQUEST_FAULT_COUNT, count_serve, false },
	{ 0 }
};
