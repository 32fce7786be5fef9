// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_engine.c: when jobs run, and how they end.
 */
#include <kunit/test.h>

#include <linux/iopoll.h>

#include "vprime_kunit.h"
#include "vprime_kunit_rig.h"

/* Longer than any machine needs to get round to what it was told. */
#define SOON (60 * HZ)

static void manual_clock_runs_one_job_at_a_time(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *first, *second;

	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	first = vprime_kunit_rig_queue(test, rig, &op, 1);
	second = vprime_kunit_rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, first->calls, 0);

	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	vprime_kunit_expect_end(test, first, 0);
	KUNIT_EXPECT_EQ(test, second->calls, 0);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	vprime_kunit_expect_end(test, second, 0);
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
}

static void aborted_job_never_runs(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	const struct vprime_op other = vprime_kunit_fill_word(rig, 4, 1);
	struct vprime_kunit_job *aborted = vprime_kunit_rig_queue(test, rig, &op, 1);
	struct vprime_kunit_job *next = vprime_kunit_rig_queue(test, rig, &other, 1);

	vprime_engine_abort(&rig->engine, &aborted->hw, -ECANCELED);
	vprime_kunit_expect_end(test, aborted, -ECANCELED);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	vprime_kunit_expect_end(test, next, 0);
	vprime_kunit_expect_end(test, aborted, -ECANCELED);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[1], 1);
}

static void abort_of_a_job_that_has_ended_changes_nothing(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *job = vprime_kunit_rig_queue(test, rig, &op, 1);

	vprime_engine_advance(&rig->engine);
	vprime_engine_abort(&rig->engine, &job->hw, -ETIME);
	vprime_kunit_expect_end(test, job, 0);
}

static void hung_job_stays_until_it_is_aborted(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *hung, *next;

	atomic_set(&rig->engine.hangs, 1);
	hung = vprime_kunit_rig_queue(test, rig, &op, 1);
	next = vprime_kunit_rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_EQ(test, hung->calls, 0);
	KUNIT_EXPECT_EQ(test, next->calls, 0);

	vprime_engine_abort(&rig->engine, &hung->hw, -ETIME);
	vprime_kunit_expect_end(test, hung, -ETIME);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	vprime_kunit_expect_end(test, next, 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 1);
}

static void removed_engine_ends_all_jobs_with_ENODEV(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *hung, *queued, *late;

	atomic_set(&rig->engine.hangs, 1);
	hung = vprime_kunit_rig_queue(test, rig, &op, 1);
	queued = vprime_kunit_rig_queue(test, rig, &op, 1);
	vprime_engine_advance(&rig->engine);

	vprime_engine_remove(&rig->engine);
	vprime_kunit_expect_end(test, hung, -ENODEV);
	vprime_kunit_expect_end(test, queued, -ENODEV);
	late = vprime_kunit_rig_queue(test, rig, &op, 1);
	vprime_kunit_expect_end(test, late, -ENODEV);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
}

static void parked_engine_starts_nothing(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *job;

	vprime_engine_park(&rig->engine);
	job = vprime_kunit_rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_EQ(test, job->calls, 0);

	vprime_engine_unpark(&rig->engine);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	vprime_kunit_expect_end(test, job, 0);
}

static void rig_wait(struct kunit *test, struct vprime_kunit_job *job)
{
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&job->end, SOON), 0);
}

static void timed_clock_runs_jobs_by_itself(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 0, 0);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 7);
	struct vprime_kunit_job *job = vprime_kunit_rig_queue(test, rig, &op, 1);

	rig_wait(test, job);
	vprime_kunit_expect_end(test, job, 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 7);
}

static void job_takes_at_least_the_latency(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 20 * USEC_PER_MSEC, 0);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	ktime_t start = ktime_get();
	struct vprime_kunit_job *job = vprime_kunit_rig_queue(test, rig, &op, 1);

	rig_wait(test, job);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(job->ended, start), 20);
}

static void job_takes_as_long_as_its_bytes(struct kunit *test)
{
	/* 32 KiB at 1 MiB in a second. */
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 0, SZ_1M);
	struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	ktime_t start = ktime_get();
	struct vprime_kunit_job *job;

	op.width = VPRIME_KUNIT_RIG_BYTES;
	job = vprime_kunit_rig_queue(test, rig, &op, 1);
	rig_wait(test, job);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(job->ended, start), 31);
}

static void delay_comes_after_the_job(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 0, 0);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	ktime_t start = ktime_get();
	struct vprime_kunit_job *job;

	atomic_set(&rig->engine.delay_ms, 20);
	job = vprime_kunit_rig_queue(test, rig, &op, 1);
	rig_wait(test, job);
	vprime_kunit_expect_end(test, job, 0);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(job->ended, start), 20);
}

static void rig_wait_for_start(struct kunit *test, struct vprime_kunit_rig *rig,
			       struct vprime_kunit_job *job)
{
	struct vprime_engine_job *now;

	KUNIT_ASSERT_EQ(test,
			read_poll_timeout(READ_ONCE, now, now == &job->hw, USEC_PER_MSEC,
					  60 * USEC_PER_SEC, false, rig->engine.current_job),
			0);
}

/* At a byte in a second: nanoseconds do not fit into 64 bits. A job that faults has its bytes. */
static void job_may_take_longer_than_time_goes(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 0, 1);
	struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *job;
	u64 bytes;

	op.width = SZ_1G;
	op.height = 1024;
	vprime_binding_disable(rig->binding);
	job = vprime_kunit_rig_queue(test, rig, &op, 1);
	KUNIT_ASSERT_EQ(test,
			read_poll_timeout(atomic64_read, bytes, bytes, USEC_PER_MSEC,
					  60 * USEC_PER_SEC, false, &rig->engine.bytes),
			0);
	KUNIT_EXPECT_EQ(test, bytes, (u64)SZ_1G * 1024);
	KUNIT_EXPECT_EQ(test, job->calls, 0);
	vprime_engine_abort(&rig->engine, &job->hw, -ETIME);
	vprime_kunit_expect_end(test, job, -EFAULT);
}

/* The first job aborts the second while the engine ends both. */
static void job_ends_once_when_it_is_aborted_and_removed(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_manual_rig(test);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *jobs[3];
	int i;

	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = vprime_kunit_rig_queue(test, rig, &op, 1);
	jobs[0]->aborts = jobs[1];
	vprime_engine_remove(&rig->engine);
	vprime_kunit_expect_end(test, jobs[0], -ENODEV);
	vprime_kunit_expect_end(test, jobs[1], -ETIME);
	vprime_kunit_expect_end(test, jobs[2], -ENODEV);
}

static void hung_job_is_aborted_on_the_timed_clock(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 0, 0);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *hung, *next;

	atomic_set(&rig->engine.hangs, 1);
	hung = vprime_kunit_rig_queue(test, rig, &op, 1);
	next = vprime_kunit_rig_queue(test, rig, &op, 1);
	rig_wait_for_start(test, rig, hung);
	KUNIT_EXPECT_EQ(test, hung->calls, 0);

	vprime_engine_abort(&rig->engine, &hung->hw, -ETIME);
	vprime_kunit_expect_end(test, hung, -ETIME);
	rig_wait(test, next);
	vprime_kunit_expect_end(test, next, 0);
}

static void removed_engine_does_not_sit_out_its_latency(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 3600 * USEC_PER_SEC, 0);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *running, *queued;

	running = vprime_kunit_rig_queue(test, rig, &op, 1);
	queued = vprime_kunit_rig_queue(test, rig, &op, 1);
	rig_wait_for_start(test, rig, running);
	vprime_engine_remove(&rig->engine);
	vprime_kunit_expect_end(test, running, -ENODEV);
	vprime_kunit_expect_end(test, queued, -ENODEV);
}

static void park_waits_for_the_job_that_runs(struct kunit *test)
{
	struct vprime_kunit_rig *rig = vprime_kunit_timed_rig(test, 20 * USEC_PER_MSEC, 0);
	const struct vprime_op op = vprime_kunit_fill_word(rig, 0, 1);
	struct vprime_kunit_job *running, *queued;

	running = vprime_kunit_rig_queue(test, rig, &op, 1);
	rig_wait_for_start(test, rig, running);
	vprime_engine_park(&rig->engine);
	vprime_kunit_expect_end(test, running, 0);

	queued = vprime_kunit_rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, queued->calls, 0);
	vprime_engine_unpark(&rig->engine);
	rig_wait(test, queued);
	vprime_kunit_expect_end(test, queued, 0);
}

static struct kunit_case engine_test_cases[] = {
	KUNIT_CASE(manual_clock_runs_one_job_at_a_time),
	KUNIT_CASE(aborted_job_never_runs),
	KUNIT_CASE(abort_of_a_job_that_has_ended_changes_nothing),
	KUNIT_CASE(hung_job_stays_until_it_is_aborted),
	KUNIT_CASE(removed_engine_ends_all_jobs_with_ENODEV),
	KUNIT_CASE(parked_engine_starts_nothing),
	KUNIT_CASE(timed_clock_runs_jobs_by_itself),
	KUNIT_CASE(job_takes_at_least_the_latency),
	KUNIT_CASE(job_takes_as_long_as_its_bytes),
	KUNIT_CASE(delay_comes_after_the_job),
	KUNIT_CASE(job_may_take_longer_than_time_goes),
	KUNIT_CASE(job_ends_once_when_it_is_aborted_and_removed),
	KUNIT_CASE(hung_job_is_aborted_on_the_timed_clock),
	KUNIT_CASE(removed_engine_does_not_sit_out_its_latency),
	KUNIT_CASE(park_waits_for_the_job_that_runs),
	{}
};

static struct kunit_suite engine_test_suite = {
	.name = "vprime-engine",
	.test_cases = engine_test_cases,
};

kunit_test_suite(engine_test_suite);
