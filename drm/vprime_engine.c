// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_engine.h"

#include <kunit/visibility.h>

#include <linux/dma-fence.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>

/**
 * DOC: The engine
 *
 * The silicon: it takes commands with offsets in bindings and carries them out over the bus, one
 * job after the other. It knows neither buffers nor fences nor who asked. A job ends in one call of
 * its @done, with an error if the bus faulted, if it was aborted, or if the engine is gone.
 *
 * Its clock is either time, in a thread of its own, at the speed and with the latency that the
 * configuration gives it, or a test that calls vprime_engine_advance().
 */

static bool is_aborted(struct vprime_engine *engine)
{
	return READ_ONCE(engine->abort);
}

/* Lets time pass until @due, unless the job is to end. */
static void engine_sleep_until(struct vprime_engine *engine, ktime_t due)
{
	ktime_t left = ktime_sub(due, ktime_get());

	if (engine->clock == VPRIME_CLOCK_TIMED && left > 0)
		wait_event_interruptible_hrtimeout(engine->wait, is_aborted(engine), left);
}

static int run_ops(struct vprime_engine *engine, struct vprime_engine_job *job, u64 *bytes)
{
	int ret;

	for (; job->completed < job->count; job->completed++) {
		const struct vprime_op *op = &job->ops[job->completed];

		*bytes = size_add(*bytes, vprime_op_bytes(op));
		ret = vprime_op_run(engine, op);
		if (ret)
			return ret;
	}
	return 0;
}

/* KTIME_MAX for longer than the kernel's time goes: the quotient may not fit into 64 bits. */
static ktime_t time_for_bytes(const struct vprime_engine *engine, u64 bytes)
{
	if (!engine->speed)
		return 0;
	if (div64_u64(bytes, engine->speed) >= KTIME_SEC_MAX)
		return KTIME_MAX;
	return mul_u64_u64_div_u64(bytes, NSEC_PER_SEC, engine->speed);
}

/* From now on; the number is an unsigned one in a signed counter. */
static ktime_t delay_end(struct vprime_engine *engine)
{
	return ktime_add_ms(ktime_get(), (u32)atomic_read(&engine->delay_ms));
}

static int run_job(struct vprime_engine *engine, struct vprime_engine_job *job)
{
	ktime_t due = ktime_add(ktime_get(), engine->latency);
	u64 bytes = 0;
	int ret;

	engine_sleep_until(engine, due);
	ret = run_ops(engine, job, &bytes);
	atomic64_add(bytes, &engine->bytes);
	engine_sleep_until(engine, ktime_add_safe(due, time_for_bytes(engine, bytes)));
	if (atomic_read(&engine->delay_ms))
		engine_sleep_until(engine, delay_end(engine));
	return ret ?: READ_ONCE(engine->abort);
}

/* A job that is taken off the queue can be found by nobody else. */
static struct vprime_engine_job *engine_take_queued(struct vprime_engine *engine)
{
	struct vprime_engine_job *job;

	lockdep_assert_held(&engine->lock);

	job = list_first_entry_or_null(&engine->queue, struct vprime_engine_job, link);
	if (job)
		list_del_init(&job->link);
	return job;
}

/* What is queued when an engine goes is left to vprime_engine_remove(). */
static bool engine_may_start(const struct vprime_engine *engine)
{
	lockdep_assert_held(&engine->lock);

	return !engine->parked && !engine->gone && !list_empty(&engine->queue);
}

static struct vprime_engine_job *engine_start_job(struct vprime_engine *engine)
{
	struct vprime_engine_job *job = NULL;

	spin_lock_irq(&engine->lock);
	if (!engine->current_job && engine_may_start(engine))
		job = engine_take_queued(engine);
	if (job) {
		engine->current_job = job;
		engine->abort = 0;
		job->hang = atomic_dec_if_positive(&engine->hangs) >= 0;
	}
	spin_unlock_irq(&engine->lock);
	return job;
}

static void engine_end_job(struct vprime_engine *engine, struct vprime_engine_job *job, int error)
{
	job->done(job, error);

	spin_lock_irq(&engine->lock);
	engine->current_job = NULL;
	engine->abort = 0;
	spin_unlock_irq(&engine->lock);
	wake_up_all(&engine->wait);
}

/*
 * Runs the next job, if there is one. A job that hangs stays the current one until it is aborted.
 */
static bool engine_run_next(struct vprime_engine *engine)
{
	struct vprime_engine_job *job = engine_start_job(engine);
	bool cookie;
	u64 start;
	int error;

	if (!job)
		return false;

	if (job->hang && engine->clock == VPRIME_CLOCK_MANUAL)
		return true;
	if (job->hang)
		wait_event_idle(engine->wait, is_aborted(engine));

	cookie = dma_fence_begin_signalling();
	start = ktime_get_ns();
	error = READ_ONCE(engine->abort) ?: run_job(engine, job);
	job->busy_ns = ktime_get_ns() - start;
	engine_end_job(engine, job, error);
	dma_fence_end_signalling(cookie);
	return true;
}

static bool engine_has_work(struct vprime_engine *engine)
{
	bool work;

	spin_lock_irq(&engine->lock);
	work = engine_may_start(engine);
	spin_unlock_irq(&engine->lock);
	return work;
}

static int engine_thread(void *arg)
{
	struct vprime_engine *engine = arg;

	while (!kthread_should_stop()) {
		wait_event_idle(engine->wait, kthread_should_stop() || engine_has_work(engine));
		engine_run_next(engine);
	}
	return 0;
}

/**
 * vprime_engine_init - power an engine up
 * @engine: to fill in
 * @config: its speed and its clock
 * @port: its connection to the bus; outlives it
 * @name: for people; not copied
 *
 * Context: may sleep and allocate.
 * Return: 0, or the error with which its thread could not be made.
 */
int vprime_engine_init(struct vprime_engine *engine, const struct vprime_config *config,
		       struct vprime_port *port, const char *name)
{
	struct task_struct *thread;

	engine->name = name;
	engine->port = port;
	engine->clock = config->clock;
	engine->speed = config->engine_speed;
	engine->latency = ns_to_ktime((u64)config->engine_latency_us * NSEC_PER_USEC);
	spin_lock_init(&engine->lock);
	INIT_LIST_HEAD(&engine->queue);
	init_waitqueue_head(&engine->wait);
	if (engine->clock == VPRIME_CLOCK_MANUAL)
		return 0;

	thread = kthread_run(engine_thread, engine, "vprime-%s", name);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	engine->thread = thread;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_init);

/**
 * vprime_engine_fini - power an engine down
 * @engine: has no jobs any more
 *
 * Context: may sleep.
 */
void vprime_engine_fini(struct vprime_engine *engine)
{
	WARN_ON_ONCE(!list_empty(&engine->queue) || engine->current_job);

	if (engine->thread)
		kthread_stop(engine->thread);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_fini);

/**
 * vprime_engine_queue - give an engine a job
 * @engine: the engine
 * @job: the caller's until @done is called, which may be before this returns
 *
 * Context: may sleep, does not allocate: fences wait for it.
 */
void vprime_engine_queue(struct vprime_engine *engine, struct vprime_engine_job *job)
{
	int gone;

	spin_lock_irq(&engine->lock);
	gone = engine->gone;
	if (!gone)
		list_add_tail(&job->link, &engine->queue);
	spin_unlock_irq(&engine->lock);

	if (gone)
		job->done(job, gone);
	else
		wake_up_all(&engine->wait);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_queue);

static bool engine_is_running(struct vprime_engine *engine, struct vprime_engine_job *job)
{
	return READ_ONCE(engine->current_job) == job;
}

/* On the manual clock nobody is there to end a job that hangs. */
static void engine_end_current(struct vprime_engine *engine, struct vprime_engine_job *job,
			       int error)
{
	if (engine->clock == VPRIME_CLOCK_MANUAL) {
		engine_end_job(engine, job, error);
		return;
	}
	wake_up_all(&engine->wait);
	wait_event(engine->wait, !engine_is_running(engine, job));
}

/**
 * vprime_engine_abort - end a job now
 * @engine: the engine
 * @job: given to it before, and not freed yet
 * @error: what its @done gets
 *
 * When this returns, @done has been called, unless it had been before, or vprime_engine_remove()
 * is about to call it.
 *
 * Context: may sleep, does not allocate.
 */
void vprime_engine_abort(struct vprime_engine *engine, struct vprime_engine_job *job, int error)
{
	bool running, queued;

	spin_lock_irq(&engine->lock);
	running = engine->current_job == job;
	queued = !running && !list_empty(&job->link);
	if (running)
		engine->abort = error;
	if (queued)
		list_del_init(&job->link);
	spin_unlock_irq(&engine->lock);

	if (running)
		engine_end_current(engine, job, error);
	if (queued)
		job->done(job, error);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_abort);

/**
 * vprime_engine_remove - the engine is gone, as if pulled out of its slot
 * @engine: the engine
 *
 * All jobs, also those that come later, end with ENODEV.
 *
 * Context: may sleep, does not allocate.
 */
void vprime_engine_remove(struct vprime_engine *engine)
{
	struct vprime_engine_job *job;

	spin_lock_irq(&engine->lock);
	engine->gone = -ENODEV;
	job = engine->current_job;
	if (job)
		engine->abort = -ENODEV;
	spin_unlock_irq(&engine->lock);

	if (job)
		engine_end_current(engine, job, -ENODEV);
	do {
		spin_lock_irq(&engine->lock);
		job = engine_take_queued(engine);
		spin_unlock_irq(&engine->lock);
		if (job)
			job->done(job, -ENODEV);
	} while (job);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_remove);

/**
 * vprime_engine_park - let no further job start, and wait for the one that runs
 * @engine: the engine
 *
 * Context: may sleep.
 */
void vprime_engine_park(struct vprime_engine *engine)
{
	spin_lock_irq(&engine->lock);
	engine->parked = true;
	spin_unlock_irq(&engine->lock);
	wait_event(engine->wait, !READ_ONCE(engine->current_job));
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_park);

/**
 * vprime_engine_unpark - let jobs start again
 * @engine: was parked
 *
 * Context: any.
 */
void vprime_engine_unpark(struct vprime_engine *engine)
{
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	engine->parked = false;
	spin_unlock_irqrestore(&engine->lock, flags);
	wake_up_all(&engine->wait);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_unpark);

/**
 * vprime_engine_advance - run one job, in this thread
 * @engine: its clock is manual
 *
 * Context: may sleep. No lock that a fence may wait for.
 * Return: false if there was none to run.
 */
bool vprime_engine_advance(struct vprime_engine *engine)
{
	if (WARN_ON_ONCE(engine->clock != VPRIME_CLOCK_MANUAL))
		return false;
	return engine_run_next(engine);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_engine_advance);
