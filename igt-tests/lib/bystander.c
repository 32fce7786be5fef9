// SPDX-License-Identifier: MIT
#include "bystander.h"

#include <sched.h>
#include <signal.h>

#include "check.h"

/* So many steps tell that it gets to run. */
#define RESPONSES 10

static void *step_all_the_time(void *arg)
{
	struct bystander *bystander = arg;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	check(!pthread_sigmask(SIG_BLOCK, &signals, NULL));
	while (!atomic_load(&bystander->stop)) {
		atomic_fetch_add(&bystander->steps, 1);
		sched_yield();
	}
	return NULL;
}

void bystander_start(struct bystander *bystander)
{
	*bystander = (struct bystander){ };
	check(!pthread_create(&bystander->thread, NULL, step_all_the_time, bystander));
}

void bystander_wait(struct bystander *bystander)
{
	unsigned long from = atomic_load(&bystander->steps);

	while (atomic_load(&bystander->steps) < from + RESPONSES)
		sched_yield();
}

void bystander_stop(struct bystander *bystander)
{
	atomic_store(&bystander->stop, true);
	check(!pthread_join(bystander->thread, NULL));
}
