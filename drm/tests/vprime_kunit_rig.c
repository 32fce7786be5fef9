// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_kunit_rig.h"

#include <kunit/test.h>

#include "vprime_kunit.h"

static void rig_job_done(struct vprime_engine_job *hw, int error)
{
	struct vprime_kunit_job *job = container_of(hw, struct vprime_kunit_job, hw);

	job->calls++;
	job->error = error;
	job->ended = ktime_get();
	if (job->aborts)
		vprime_engine_abort(job->engine, &job->aborts->hw, -ETIME);
	complete(&job->end);
}

/* So that no engine has it when it is freed. */
static void rig_job_abort(void *arg)
{
	struct vprime_kunit_job *job = arg;

	vprime_engine_abort(job->engine, &job->hw, -ECANCELED);
}

/**
 * vprime_kunit_rig_queue - give an engine a job
 * @test: who asks
 * @rig: of the engine
 * @ops: what the job does, until it has ended
 * @count: of @ops
 *
 * Return: the job, which is aborted and freed when the test ends.
 */
struct vprime_kunit_job *vprime_kunit_rig_queue(struct kunit *test, struct vprime_kunit_rig *rig,
						const struct vprime_op *ops, unsigned int count)
{
	struct vprime_kunit_job *job = kunit_kzalloc(test, sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, job);
	INIT_LIST_HEAD(&job->hw.link);
	init_completion(&job->end);
	job->engine = &rig->engine;
	job->hw.ops = ops;
	job->hw.count = count;
	job->hw.done = rig_job_done;
	vprime_engine_queue(&rig->engine, &job->hw);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rig_job_abort, job), 0);
	return job;
}

/**
 * vprime_kunit_expect_end - expect that a job has ended, once
 * @test: who asks
 * @job: which
 * @error: with which error
 */
void vprime_kunit_expect_end(struct kunit *test, struct vprime_kunit_job *job, int error)
{
	KUNIT_EXPECT_EQ(test, job->calls, 1);
	KUNIT_EXPECT_EQ(test, job->error, error);
}

/* The last job may have called its @done and not have left the engine yet. */
static void rig_fini(void *arg)
{
	struct vprime_kunit_rig *rig = arg;

	vprime_engine_remove(&rig->engine);
	vprime_engine_fini(&rig->engine);
}

static struct vprime_kunit_rig *rig_create(struct kunit *test, const struct vprime_config *config)
{
	struct vprime_kunit_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct vprime_port *port;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->memory = vprime_kunit_memory(test, VPRIME_KUNIT_RIG_PAGES);
	port = vprime_kunit_port(test, "engine", 64, true);
	rig->binding =
		vprime_kunit_window(test, port, rig->memory->aperture.base, VPRIME_KUNIT_RIG_BYTES);
	KUNIT_ASSERT_EQ(test, vprime_engine_init(&rig->engine, config, port, "test"), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rig_fini, rig), 0);
	return rig;
}

/**
 * vprime_kunit_manual_rig - make an engine that goes on when it is told to
 * @test: who asks
 *
 * Return: the engine with its memory, which go when the test ends.
 */
struct vprime_kunit_rig *vprime_kunit_manual_rig(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("engine");

	return rig_create(test, &config);
}

/**
 * vprime_kunit_timed_rig - make an engine that goes on by itself
 * @test: who asks
 * @latency_us: of its jobs
 * @speed: bytes in a second; 0 for any
 *
 * Return: the engine with its memory, which go when the test ends.
 */
struct vprime_kunit_rig *vprime_kunit_timed_rig(struct kunit *test, u32 latency_us, u64 speed)
{
	struct vprime_config config = vprime_kunit_config("engine");

	config.clock = VPRIME_CLOCK_TIMED;
	config.engine_latency_us = latency_us;
	config.engine_speed = speed;
	return rig_create(test, &config);
}

/**
 * vprime_kunit_fill_word - describe how one word is filled
 * @rig: in its memory
 * @offset: of the word, in bytes
 * @value: what it becomes
 *
 * Return: the description.
 */
struct vprime_op vprime_kunit_fill_word(struct vprime_kunit_rig *rig, u64 offset, u32 value)
{
	return (struct vprime_op){
		.code = VPRIME_ENGINE_FILL,
		.dst = rig->binding,
		.dst_offset = offset,
		.width = sizeof(u32),
		.height = 1,
		.value = value,
	};
}

/**
 * vprime_kunit_rig_run - run a job, and expect that it succeeds
 * @test: who asks
 * @rig: whose clock is turned by hand
 * @ops: what the job does
 * @count: of @ops
 */
void vprime_kunit_rig_run(struct kunit *test, struct vprime_kunit_rig *rig,
			  const struct vprime_op *ops, unsigned int count)
{
	struct vprime_kunit_job *job = vprime_kunit_rig_queue(test, rig, ops, count);

	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	vprime_kunit_expect_end(test, job, 0);
}
