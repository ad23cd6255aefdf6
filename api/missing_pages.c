/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory that the host has not got yet: userfaultfd(2), by which machines are
 * moved while they run.  "KVM_CAP_SYNC_MMU": the guest waits for what the host's
 * memory waits for.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

CODE64(sum, "xor %eax, %eax; mov $0x200000, %ebx; 1: add (%rbx), %eax; add $0x1000, %ebx;"
	    "cmp $0x208000, %ebx; jb 1b; out %eax, $0x80; hlt");
CODE64(store, "movl $0x77, (0x203000); mov (0x203000), %eax; out %eax, $0x80; hlt");
#define AT	0x200000ull
#define PAGES	8u

struct watch {
	int fd;
	uint8_t *memory;
	unsigned int answers;	/* atomic: how many faults were answered */
	uint64_t flags;		/* of the last fault */
	uint64_t page;		/* that it was in */
	bool protects;		/* faults are of protection, and are lifted */
};

static struct watch watch_new(uint64_t mode)
{
	struct watch watch = { .fd = syscall(SYS_userfaultfd, O_CLOEXEC),
			       .protects = mode == UFFDIO_REGISTER_MODE_WP };
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = mode };

	if (watch.fd < 0)
		error("userfaultfd: %s", strerror(errno));
	if (ioctl(watch.fd, UFFDIO_API, &api) < 0)
		error("UFFDIO_API: %s", strerror(errno));
	watch.memory = memory_new(PAGES * PAGE);
	if (watch.protects)
		memset(watch.memory, 0, PAGES * PAGE);
	range.range.start = (uintptr_t)watch.memory;
	range.range.len = PAGES * PAGE;
	if (ioctl(watch.fd, UFFDIO_REGISTER, &range) < 0)
		error("UFFDIO_REGISTER: %s", strerror(errno));
	return watch;
}

/* A page of words that count from 1 on, page by page. */
static bool page_give(struct watch *watch, uint64_t page)
{
	uint32_t words[PAGE / 4] = { page + 1 };
	struct uffdio_copy copy = {
		.dst = (uintptr_t)watch->memory + page * PAGE, .src = (uintptr_t)words,
		.len = PAGE,
	};

	return ioctl(watch->fd, UFFDIO_COPY, &copy) >= 0;
}

static int protect(const struct watch *watch, uint64_t page, bool on)
{
	struct uffdio_writeprotect range = {
		.range = { (uintptr_t)watch->memory + page * PAGE, PAGE },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return call(watch->fd, UFFDIO_WRITEPROTECT, &range);
}

static void *answer(void *arg)
{
	struct watch *watch = arg;
	struct uffd_msg message;

	while (read(watch->fd, &message, sizeof(message)) == sizeof(message)) {
		if (message.event != UFFD_EVENT_PAGEFAULT)
			continue;
		watch->flags = message.arg.pagefault.flags;
		watch->page = (message.arg.pagefault.address - (uintptr_t)watch->memory) / PAGE;
		poll(NULL, 0, 1);	/* it waits */
		__atomic_add_fetch(&watch->answers, 1, __ATOMIC_SEQ_CST);
		if (watch->protects)
			protect(watch, watch->page, false);
		else
			page_give(watch, watch->page);
	}
	return NULL;
}

TEST(missing, "the guest waits for pages that a thread of ours gives")
{
	struct watch watch = watch_new(UFFDIO_REGISTER_MODE_MISSING);
	struct guest guest = guest_new(&sum, GUEST_LONG);
	pthread_t thread;
	uint32_t value = 0;

	REQUIRE_DONE(slot_set(guest.vm, 1, AT, PAGES * PAGE, watch.memory, 0));
	REQUIRE(page_give(&watch, 2));
	REQUIRE(!pthread_create(&thread, NULL, answer, &watch));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 4, &value));
	EXPECT_EQ(value, 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8);
	EXPECT_EQ(watch.answers, PAGES - 1);
	SUBTEST("given back to the host, they are missing again") {
		REQUIRE(!madvise(watch.memory + 5 * PAGE, PAGE, MADV_DONTNEED));
		guest_start(&guest, &sum);
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
		EXPECT(guest_port_out(&guest, 0x80, 4, &value));
		EXPECT_EQ(value, 36);
		EXPECT_EQ(watch.answers, PAGES);
		EXPECT_EQ(watch.page, 5);
	}
}

TEST(protected, "the guest's write to a protected page waits, and is there in the end")
{
	struct watch watch = watch_new(UFFDIO_REGISTER_MODE_WP);
	struct guest guest = guest_new(&store, GUEST_LONG);
	pthread_t thread;
	uint32_t value = 0;

	REQUIRE_DONE(slot_set(guest.vm, 1, AT, PAGES * PAGE, watch.memory, 0));
	/* Once unprotected, so that KVM has it mapped for writing. */
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	REQUIRE_DONE(protect(&watch, 3, true));
	REQUIRE(!pthread_create(&thread, NULL, answer, &watch));
	guest_start(&guest, &store);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 4, &value) && value == 0x77);
	EXPECT_EQ(watch.answers, 1);
	EXPECT_EQ(watch.page, 3);
	EXPECT(watch.flags & UFFD_PAGEFAULT_FLAG_WP);
}
