/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread behind timers and watched descriptors.
 *
 * `lock` guards the lists, and is never held while a function is called; `gate`
 * is held exactly then.  An eventfd wakes the thread when the lists change.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmm/clock.h"
#include "vmm/loop.h"
#include "vmm/machine.h"

#define WATCHES	64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t gate = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int wake_fd = -1;	/* also: whether the thread exists */
static struct timer *timers;	/* those that are set, soonest first */

/* The first is the wake-up's. */
static struct pollfd polled[WATCHES];
static struct { void (*fn)(void *arg); void *arg; } watches[WATCHES];
static unsigned int watched;

static void wake(void)
{
	const uint64_t one = 1;

	/* It can only fail because a wake-up is pending. */
	(void)!write(wake_fd, &one, sizeof(one));
}

static void timer_unlink(struct timer *timer)
{
	struct timer **at = &timers;

	while (*at && *at != timer)
		at = &(*at)->next;
	if (*at)
		*at = timer->next;
	timer->deadline = TIMER_STOPPED;
	timer->due = false;
}

/* The soonest timer that is due, taken off the list, or NULL. */
static struct timer *timer_due(void)
{
	struct timer *timer;

	pthread_mutex_lock(&lock);
	timer = timers;
	if (timer && timer->deadline <= clock_ns()) {
		timer_unlink(timer);
		timer->due = true;
	} else {
		timer = NULL;
	}
	pthread_mutex_unlock(&lock);
	return timer;
}

/* Whether it is still due once the device's lock is ours; only then it runs. */
static bool timer_take(struct timer *timer)
{
	bool due;

	pthread_mutex_lock(&lock);
	due = timer->due;
	timer->due = false;
	pthread_mutex_unlock(&lock);
	return due;
}

static void timers_run(void)
{
	struct timer *timer;

	while ((timer = timer_due())) {
		pthread_mutex_lock(&timer->device->lock);
		if (timer_take(timer))
			timer->fn();
		pthread_mutex_unlock(&timer->device->lock);
	}
}

static void watches_run(const struct pollfd *fds, unsigned int count)
{
	uint64_t wakes;

	if (fds[0].revents)
		(void)!read(wake_fd, &wakes, sizeof(wakes));
	for (unsigned int i = 1; i < count; i++) {
		void (*fn)(void *arg) = NULL;
		void *arg = NULL;

		if (!fds[i].revents)
			continue;
		pthread_mutex_lock(&lock);
		if (i < watched && polled[i].fd == fds[i].fd) {
			fn = watches[i].fn;
			arg = watches[i].arg;
		}
		pthread_mutex_unlock(&lock);
		if (fn)
			fn(arg);
	}
}

static void *loop_thread(void *arg)
{
	struct pollfd fds[WATCHES];

	(void)arg;
	for (;;) {
		struct timespec left = { 0, 0 }, *until = NULL;
		unsigned int count;

		pthread_mutex_lock(&lock);
		count = watched;
		memcpy(fds, polled, count * sizeof(*fds));
		if (timers) {
			uint64_t now = clock_ns(), ns = timers->deadline;

			ns = ns > now ? ns - now : 0;
			left = (struct timespec){ ns / NS_PER_S, ns % NS_PER_S };
			until = &left;
		}
		pthread_mutex_unlock(&lock);
		if (ppoll(fds, count, until, NULL) < 0 && errno != EINTR)
			must(-1, "waiting for timers and events");
		pthread_mutex_lock(&gate);
		watches_run(fds, count);
		timers_run();
		pthread_mutex_unlock(&gate);
	}
	return NULL;
}

/* With the lock held. */
static void loop_need(void)
{
	sigset_t all, old;
	pthread_t thread;

	if (wake_fd >= 0)
		return;
	wake_fd = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
	polled[0] = (struct pollfd){ wake_fd, POLLIN, 0 };
	watched = 1;
	/* Signals are for CPUs. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	errno = pthread_create(&thread, NULL, loop_thread, NULL);
	must(errno ? -1 : 0, "a thread for timers");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void timer_set(struct timer *timer, uint64_t deadline)
{
	struct timer **at;

	pthread_mutex_lock(&lock);
	timer_unlink(timer);
	if (deadline != TIMER_STOPPED) {
		loop_need();
		timer->deadline = deadline;
		for (at = &timers; *at && (*at)->deadline <= deadline;)
			at = &(*at)->next;
		timer->next = *at;
		*at = timer;
		if (timers == timer)
			wake();
	}
	pthread_mutex_unlock(&lock);
}

void loop_watch(int fd, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&lock);
	loop_need();
	if (watched == WATCHES)
		machine_end(NULL, VM_END_ERROR, 0,
			    "more than %d descriptors to watch", WATCHES - 1);
	polled[watched] = (struct pollfd){ fd, POLLIN, 0 };
	watches[watched].fn = fn;
	watches[watched++].arg = arg;
	wake();
	pthread_mutex_unlock(&lock);
}

void loop_unwatch(int fd)
{
	pthread_mutex_lock(&lock);
	for (unsigned int i = 1; i < watched; i++) {
		if (polled[i].fd != fd)
			continue;
		watched--;
		polled[i] = polled[watched];
		watches[i] = watches[watched];
		break;
	}
	pthread_mutex_unlock(&lock);
}

void loop_stop(void)
{
	pthread_mutex_lock(&gate);
}

void loop_go(void)
{
	pthread_mutex_unlock(&gate);
	pthread_mutex_lock(&lock);
	if (wake_fd >= 0)
		wake();		/* the machine's time may have been set */
	pthread_mutex_unlock(&lock);
}
