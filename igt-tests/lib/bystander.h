/* SPDX-License-Identifier: MIT */
/*
 * Somebody else on the machine, who has to get to run whatever a subtest is up
 * to.
 */
#ifndef IGT_TESTS_BYSTANDER_H
#define IGT_TESTS_BYSTANDER_H

#include <pthread.h>
#include <stdatomic.h>

/**
 * struct bystander - a thread that takes one step after the other
 * @thread: it
 * @stop: it is to end
 * @steps: so many so far
 */
struct bystander {
	pthread_t thread;
	atomic_bool stop;
	atomic_ulong steps;
};

/* SIGUSR1 is for others. */
void bystander_start(struct bystander *bystander);
/* Gets to run from now on; a machine that does not let it ends in the watchdog. */
void bystander_wait(struct bystander *bystander);
void bystander_stop(struct bystander *bystander);

#endif
