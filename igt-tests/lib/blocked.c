// SPDX-License-Identifier: MIT
/*
 * Starts a blocking call and finds out from /proc that it really sleeps, so
 * that "it has not returned" means something.
 */
#include "blocked.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "check.h"
#include "procfs.h"

static void *blocked_main(void *arg)
{
	struct blocked *blocked = arg;

	atomic_store(&blocked->tid, gettid());
	blocked->result = blocked->call(blocked->arg);
	atomic_store(&blocked->done, true);
	return NULL;
}

static void wait_until_asleep(struct blocked *blocked)
{
	while (!blocked_returned(blocked) &&
	       !procfs_thread_sleeps(atomic_load(&blocked->tid)))
		sched_yield();
}

void blocked_start(struct blocked *blocked, int (*call)(void *arg), void *arg)
{
	blocked->call = call;
	blocked->arg = arg;
	atomic_init(&blocked->tid, 0);
	atomic_init(&blocked->done, false);
	check_eq(pthread_create(&blocked->thread, NULL, blocked_main, blocked), 0);
	while (!atomic_load(&blocked->tid))
		sched_yield();
	wait_until_asleep(blocked);
}

bool blocked_returned(const struct blocked *blocked)
{
	return atomic_load(&blocked->done);
}

static void ignore_signal(int number)
{
	(void)number;
}

void blocked_interrupt(struct blocked *blocked)
{
	const struct sigaction action = { .sa_handler = ignore_signal };

	check_ok(neg_errno(sigaction(SIGUSR1, &action, NULL)));
	check_eq(pthread_kill(blocked->thread, SIGUSR1), 0);
}

static atomic_uint signals_handled;

static void count_signal(int number)
{
	(void)number;
	atomic_fetch_add(&signals_handled, 1);
}

void blocked_interrupt_and_restart(struct blocked *blocked)
{
	const struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	unsigned int before = atomic_load(&signals_handled);

	check_ok(neg_errno(sigaction(SIGUSR1, &action, NULL)));
	check_eq(pthread_kill(blocked->thread, SIGUSR1), 0);
	while (atomic_load(&signals_handled) == before && !blocked_returned(blocked))
		sched_yield();
	wait_until_asleep(blocked);
}

int blocked_join(struct blocked *blocked)
{
	check_eq(pthread_join(blocked->thread, NULL), 0);
	return blocked->result;
}
