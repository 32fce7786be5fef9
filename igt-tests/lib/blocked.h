/* SPDX-License-Identifier: MIT */
/*
 * A call that is expected to block, made in a thread of its own.
 */
#ifndef IGT_TESTS_BLOCKED_H
#define IGT_TESTS_BLOCKED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

struct blocked {
	pthread_t thread;
	int (*call)(void *arg);
	void *arg;
	atomic_int tid;
	atomic_bool done;
	int result;
};

/* Returns once the thread sleeps inside @call, or has already returned. */
void blocked_start(struct blocked *blocked, int (*call)(void *arg), void *arg);
bool blocked_returned(const struct blocked *blocked);
/* Sends it a signal whose handler does not restart system calls. */
void blocked_interrupt(struct blocked *blocked);
/*
 * The same with a handler that asks for system calls to be restarted; returns
 * once the handler has run and the thread sleeps again, or has returned.
 */
void blocked_interrupt_and_restart(struct blocked *blocked);
/* Waits for its end; what @call returned. */
int blocked_join(struct blocked *blocked);

#endif
