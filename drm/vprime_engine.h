/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_ENGINE_H_
#define _VPRIME_ENGINE_H_

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "vprime_config.h"
#include "vprime_op.h"

struct task_struct;
struct vprime_port;

/**
 * struct vprime_engine_job - commands, run in order
 * @link: in the engine's queue; under its lock
 * @ops: the commands
 * @count: of @ops
 * @completed: of @ops, those that have been carried out; valid in @done
 * @hang: never ends by itself; written by the engine when it starts
 * @busy_ns: time the engine spent on it; valid in @done
 * @done: called once, in the engine's thread or in that of vprime_engine_abort(), while fences
 *	wait for it: it may not allocate. The engine does not touch the job afterwards
 */
struct vprime_engine_job {
	struct list_head link;
	const struct vprime_op *ops;
	unsigned int count;
	unsigned int completed;
	bool hang;
	u64 busy_ns;
	void (*done)(struct vprime_engine_job *job, int error);
};

/**
 * struct vprime_engine - one piece of silicon
 *
 * Constant:
 * @name: for people
 * @port: its connection to the bus
 * @clock: what makes it go on
 * @speed: bytes in a second; 0 for as many as it can
 * @latency: from the start of a job to its first byte
 * @thread: that runs it, unless its clock is manual
 *
 * Atomic:
 * @delay_ms: from the end of a job to its being done
 * @hangs: jobs that are to hang
 * @stale_writes: ranges that were not poison when they should have been
 * @bytes: written so far
 *
 * @lock: protects what follows
 * @queue: jobs
 * @current_job: the one that runs
 * @abort: an error that ends the one that runs; 0 for none
 * @gone: an error with which all jobs end at once; 0 while it works
 * @parked: it starts no job
 *
 * @wait: for any change
 */
struct vprime_engine {
	const char *name;
	struct vprime_port *port;
	enum vprime_clock clock;
	u64 speed;
	ktime_t latency;
	struct task_struct *thread;

	atomic_t delay_ms;
	atomic_t hangs;
	atomic64_t stale_writes;
	atomic64_t bytes;

	spinlock_t lock; /* protects what follows */
	struct list_head queue;
	struct vprime_engine_job *current_job;
	int abort;
	int gone;
	bool parked;

	wait_queue_head_t wait;
};

int vprime_engine_init(struct vprime_engine *engine, const struct vprime_config *config,
		       struct vprime_port *port, const char *name);
void vprime_engine_fini(struct vprime_engine *engine);

void vprime_engine_queue(struct vprime_engine *engine, struct vprime_engine_job *job);
void vprime_engine_abort(struct vprime_engine *engine, struct vprime_engine_job *job, int error);
void vprime_engine_remove(struct vprime_engine *engine);
void vprime_engine_park(struct vprime_engine *engine);
void vprime_engine_unpark(struct vprime_engine *engine);
bool vprime_engine_advance(struct vprime_engine *engine);

#endif
