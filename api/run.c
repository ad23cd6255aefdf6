/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM_RUN and its ends: api.rst, 4.10, 4.21 KVM_SET_SIGNAL_MASK, 4.116 coalesced
 * accesses, 5 (immediate_exit, KVM_EXIT_IO and its like), 6.74 KVM_CAP_SYNC_REGS.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

CODE16(spin, "1: jmp 1b");
CODE16(halt, "hlt; mov $7, %al; out %al, $0x80; hlt");
CODE16(count, "1: inc %ax; out %ax, $0x80; jmp 1b");
CODE16(read_port, "mov $0x1234, %dx; in (%dx), %ax; out %ax, $0x80; hlt");
CODE16(string_out, "mov $0x2000, %si; mov $5, %cx; mov $0x99, %dx; cld; rep outsb; hlt");
CODE16(add_bx, "add %bx, %ax; out %ax, $0x80; add %bx, %ax; out %ax, $0x80; hlt");

static volatile sig_atomic_t handled;

static void handler(int number)
{
	(void)number;
	handled++;
}

static void handle(int number)
{
	struct sigaction action = { .sa_handler = handler };

	REQUIRE(!sigaction(number, &action, NULL));
}

/* Again and again: one that comes before KVM_RUN has begun ends nothing. */
static void alarm_every(unsigned int us)
{
	struct itimerval timer = { .it_value.tv_usec = us, .it_interval.tv_usec = us };

	REQUIRE(!setitimer(ITIMER_REAL, &timer, NULL));
}

/* 5: "KVM_RUN … will return with -EINTR" before any instruction. */
TEST(immediate_exit, "immediate_exit ends KVM_RUN before it begins",
     REQUIRES(KVM_CAP_IMMEDIATE_EXIT))
{
	struct guest guest = guest_new(&spin, GUEST_PLAIN);

	guest.run->immediate_exit = 1;
	EXPECT_ERROR(guest_run(&guest), EINTR);
	EXPECT_ERROR(guest_run(&guest), EINTR);
	EXPECT_EQ(guest_regs(&guest).rip, GUEST_CODE);
	EXPECT_EQ(guest.run->immediate_exit, 1);
}

/* The same, with an access that waits for its answer: that is taken first. */
TEST(immediate_exit_completes, "immediate_exit lets a pending access complete")
{
	struct guest guest = guest_new(&read_port, GUEST_PLAIN);

	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT_EQ(guest.run->io.direction, KVM_EXIT_IO_IN);
	EXPECT_EQ(guest.run->io.port, 0x1234);
	EXPECT_EQ(guest.run->io.size, 2);
	EXPECT_EQ(guest.run->io.count, 1);
	memcpy((char *)guest.run + guest.run->io.data_offset, "\xcd\xab", 2);
	guest.run->immediate_exit = 1;
	EXPECT_ERROR(guest_run(&guest), EINTR);
	EXPECT_EQ(guest_regs(&guest).rax & 0xffff, 0xabcd);
	EXPECT_EQ(guest_regs(&guest).rip, GUEST_CODE + 4);
}

/* 4.10: "EINTR: an unmasked signal is pending" */
TEST(signals, "a signal ends KVM_RUN of a guest that spins, and the guest goes on")
{
	struct guest guest = guest_new(&spin, GUEST_PLAIN);

	handle(SIGALRM);
	alarm_every(10000);
	for (int i = 0; i < 3; i++) {
		int before = handled;

		EXPECT_ERROR(guest_run(&guest), EINTR);
		EXPECT(handled > before);
		EXPECT_EQ(guest.run->exit_reason, KVM_EXIT_INTR);
		EXPECT_EQ(guest_regs(&guest).rip, GUEST_CODE);
	}
}

/* 4.21: "any unblocked signal received … will cause KVM_RUN to return with -EINTR" */
TEST(signal_mask, "KVM_SET_SIGNAL_MASK: what is blocked outside ends KVM_RUN, unhandled")
{
	struct guest guest = guest_new(&spin, GUEST_PLAIN);
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} mask = { .head.len = 8 };
	sigset_t alarm;

	handle(SIGALRM);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	REQUIRE(!sigprocmask(SIG_BLOCK, &alarm, NULL));
	mask.head.len = 4;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_SIGNAL_MASK, &mask), EINVAL);
	mask.head.len = 8;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_SIGNAL_MASK, 8), EFAULT);
	REQUIRE_DONE(call(guest.cpu, KVM_SET_SIGNAL_MASK, &mask));
	alarm_every(10000);
	EXPECT_ERROR(guest_run(&guest), EINTR);
	/* The mask has let it through, the handler has not been called. */
	EXPECT_EQ(handled, 0);
	REQUIRE(!sigpending(&alarm));
	EXPECT(sigismember(&alarm, SIGALRM));
	REQUIRE_DONE(call(guest.cpu, KVM_SET_SIGNAL_MASK, 0));
}

/* 5, KVM_EXIT_HLT: without an APIC in the kernel HLT is user space's. */
TEST(hlt, "HLT exits, and the guest goes on behind it")
{
	struct guest guest = guest_new(&halt, GUEST_PLAIN);
	uint32_t value;

	EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(guest_regs(&guest).rip, GUEST_CODE + 1);
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 1, &value) && value == 7);
}

/* 5, KVM_EXIT_IO: count accesses of size bytes each. */
TEST(string_io, "REP OUTSB tells all its bytes, in order")
{
	struct guest guest = guest_new(&string_out, GUEST_PLAIN);
	char got[8] = "";
	unsigned int length = 0;

	memcpy(guest.memory + 0x2000, "hello", 5);
	while (guest_run(&guest) == KVM_EXIT_IO && length < 5) {
		const struct kvm_run *run = guest.run;

		EXPECT_EQ(run->io.port, 0x99);
		EXPECT_EQ(run->io.size, 1);
		REQUIRE(run->io.count >= 1 && length + run->io.count <= 5);
		memcpy(got + length, (const char *)run + run->io.data_offset, run->io.count);
		length += run->io.count;
	}
	EXPECT_EQ(guest.run->exit_reason, KVM_EXIT_HLT);
	EXPECT_EQ(length, 5);
	EXPECT(!strcmp(got, "hello"));
}

struct foreign {
	struct guest *guest;
	unsigned int rounds;
	uint32_t last;
};

static void *run_elsewhere(void *arg)
{
	struct foreign *foreign = arg;

	for (unsigned int i = 0; i < foreign->rounds; i++)
		if (guest_run(foreign->guest) != KVM_EXIT_IO ||
		    !guest_port_out(foreign->guest, 0x80, 2, &foreign->last))
			return foreign;
	return NULL;
}

/* Section 2: a CPU should be run by the thread that made it, but may by others. */
TEST(threads, "a CPU runs on one thread after the other")
{
	struct guest guest = guest_new(&count, GUEST_PLAIN);
	struct foreign foreign = { .guest = &guest, .rounds = 3 };
	pthread_t thread;
	void *failed;

	for (unsigned int i = 1; i <= 4; i++) {
		REQUIRE(!pthread_create(&thread, NULL, run_elsewhere, &foreign));
		REQUIRE(!pthread_join(thread, &failed));
		EXPECT(!failed);
		EXPECT_EQ(foreign.last, 6 * i - 3);
		EXPECT(!run_elsewhere(&foreign));
		EXPECT_EQ(foreign.last, 6 * i);
	}
}

/* Section 2: a child has the descriptors, but not the address space. */
TEST(after_fork, "a child cannot use its parent's VM")
{
	struct guest guest = guest_new(&count, GUEST_PLAIN);
	struct kvm_regs regs;
	int *results = memory_new(PAGE), status;
	pid_t child;

	results = mmap(results, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	REQUIRE(results != MAP_FAILED);
	child = fork();
	if (!child) {
		results[0] = call(guest.cpu, KVM_GET_REGS, &regs);
		results[1] = call(guest.cpu, KVM_RUN, 0);
		results[2] = slot_set(guest.vm, 1, 1 << 24, PAGE, results, 0);
		_exit(0);
	}
	REQUIRE(child > 0 && waitpid(child, &status, 0) == child && !status);
	for (int i = 0; i < 3; i++)
		EXPECT_ERROR(results[i], EIO);
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_IO);
}

/* "A VM lives as long as anything refers to it." */
TEST(closed, "a CPU runs on after its VM's descriptor and /dev/kvm's have been closed")
{
	struct guest guest = guest_new(&count, GUEST_PLAIN);
	uint32_t value;

	close(guest.kvm);
	close(guest.vm);
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 2, &value) && value == 1);
	/* And its mapping, behind its own descriptor. */
	close(guest.cpu);
	EXPECT_EQ(guest.run->exit_reason, KVM_EXIT_IO);
}

/* 6.74: registers come and go in struct kvm_run. */
TEST(sync_regs, "registers by kvm_valid_regs and kvm_dirty_regs", REQUIRES(KVM_CAP_SYNC_REGS))
{
	struct guest guest = guest_new(&add_bx, GUEST_PLAIN);
	struct kvm_run *run = guest.run;
	int known = kvm_has(guest.kvm, KVM_CAP_SYNC_REGS);
	uint32_t value = 0;

	SUBTEST("unknown sets") {
		run->kvm_valid_regs = 1ull << 40;
		EXPECT_ERROR(guest_run(&guest), EINVAL);
		run->kvm_valid_regs = 0;
		run->kvm_dirty_regs = known + 1;
		EXPECT_ERROR(guest_run(&guest), EINVAL);
		run->kvm_dirty_regs = 0;
	}
	run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
	run->s.regs.regs = guest_regs(&guest);
	run->s.regs.regs.rax = 0x1000;
	run->s.regs.regs.rbx = 0x11;
	run->kvm_dirty_regs = KVM_SYNC_X86_REGS;
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(&guest, 0x80, 2, &value));
	EXPECT_EQ(value, 0x1011);
	EXPECT_EQ(run->s.regs.regs.rax, 0x1011);
	EXPECT_EQ(run->s.regs.sregs.cr0, guest_sregs(&guest).cr0);
	EXPECT_EQ(run->kvm_dirty_regs, 0);
	SUBTEST("what is not said to be dirty is not taken") {
		run->s.regs.regs.rbx = 0x500;
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
		EXPECT(guest_port_out(&guest, 0x80, 2, &value));
		EXPECT_EQ(value, 0x1022);
	}
	SUBTEST("what is not asked for is not told") {
		run->kvm_valid_regs = 0;
		run->s.regs.regs.rip = 0xdead;
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
		EXPECT_EQ(run->s.regs.regs.rip, 0xdead);
	}
}
