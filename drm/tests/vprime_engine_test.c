// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_engine.c: what each command does to memory, and how jobs end.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/iopoll.h>
#include <linux/ktime.h>

#include "../vprime_engine.h"
#include "vprime_kunit.h"
#include "vprime_kunit_bus.h"

#define ENGINE_PAGES	8
#define ENGINE_BYTES	(ENGINE_PAGES * PAGE_SIZE)
#define ENGINE_WORDS	(ENGINE_BYTES / sizeof(u32))

/* Longer than any machine needs to get round to what it was told. */
#define SOON (60 * HZ)

/**
 * struct engine_rig - an engine, and memory that it reaches
 * @memory: it
 * @binding: all of it
 * @engine: the engine
 */
struct engine_rig {
	struct vprime_kunit_memory *memory;
	struct vprime_binding *binding;
	struct vprime_engine engine;
};

/**
 * struct rig_job - a job that remembers how it ended
 * @hw: it
 * @engine: that got it
 * @calls: of its @done
 * @error: that @done got
 * @ended: when it did
 * @end: completes then
 */
struct rig_job {
	struct vprime_engine_job hw;
	struct vprime_engine *engine;
	unsigned int calls;
	int error;
	ktime_t ended;
	struct completion end;
};

static void rig_job_done(struct vprime_engine_job *hw, int error)
{
	struct rig_job *job = container_of(hw, struct rig_job, hw);

	job->calls++;
	job->error = error;
	job->ended = ktime_get();
	complete(&job->end);
}

/* So that no engine has it when it is freed. */
static void rig_job_abort(void *arg)
{
	struct rig_job *job = arg;

	vprime_engine_abort(job->engine, &job->hw, -ECANCELED);
}

static struct rig_job *rig_queue(struct kunit *test, struct engine_rig *rig,
				 const struct vprime_op *ops, unsigned int count)
{
	struct rig_job *job = kunit_kzalloc(test, sizeof(*job), GFP_KERNEL);

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

static void rig_expect_end(struct kunit *test, struct rig_job *job, int error)
{
	KUNIT_EXPECT_EQ(test, job->calls, 1);
	KUNIT_EXPECT_EQ(test, job->error, error);
}

/* The last job may have called its @done and not have left the engine yet. */
static void rig_fini(void *arg)
{
	struct engine_rig *rig = arg;

	vprime_engine_remove(&rig->engine);
	vprime_engine_fini(&rig->engine);
}

static struct engine_rig *rig_create(struct kunit *test, const struct vprime_config *config)
{
	struct engine_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct vprime_port *port;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->memory = vprime_kunit_memory(test, ENGINE_PAGES);
	port = vprime_kunit_port(test, "engine", 64, true);
	rig->binding = vprime_kunit_window(test, port, rig->memory->aperture.base, ENGINE_BYTES);
	KUNIT_ASSERT_EQ(test, vprime_engine_init(&rig->engine, config, port, "test"), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rig_fini, rig), 0);
	return rig;
}

static struct engine_rig *manual_rig(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("engine");

	return rig_create(test, &config);
}

static struct engine_rig *timed_rig(struct kunit *test, u32 latency_us, u64 speed)
{
	struct vprime_config config = vprime_kunit_config("engine");

	config.clock = VPRIME_CLOCK_TIMED;
	config.engine_latency_us = latency_us;
	config.engine_speed = speed;
	return rig_create(test, &config);
}

static struct vprime_op fill_word(struct engine_rig *rig, u64 offset, u32 value)
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

static void rig_run(struct kunit *test, struct engine_rig *rig, const struct vprime_op *ops,
		    unsigned int count)
{
	struct rig_job *job = rig_queue(test, rig, ops, count);

	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	rig_expect_end(test, job, 0);
}

/* No two words near each other are alike. */
static void rig_paint(struct engine_rig *rig)
{
	u32 i;

	for (i = 0; i < ENGINE_WORDS; i++)
		rig->memory->words[i] = i * 2654435761u;
}

static void rig_expect_memory(struct kunit *test, struct engine_rig *rig, const u32 *expected)
{
	size_t i;

	for (i = 0; i < ENGINE_WORDS && rig->memory->words[i] == expected[i]; i++)
		;
	KUNIT_EXPECT_EQ_MSG(test, i, ENGINE_WORDS, "word %zu is %#x instead of %#x", i,
			    rig->memory->words[i % ENGINE_WORDS], expected[i % ENGINE_WORDS]);
}

static u32 *rig_copy_memory(struct kunit *test, struct engine_rig *rig)
{
	u32 *copy = kunit_kmalloc(test, ENGINE_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, rig->memory->words, ENGINE_BYTES);
	return copy;
}

/**
 * struct rectangle_case - rectangles in the memory of the rig
 * @name: of the case
 * @dst_offset: as in struct vprime_op
 * @src_offset: as there
 * @dst_pitch: as there
 * @src_pitch: as there
 * @width: as there
 * @height: as there
 */
struct rectangle_case {
	const char *name;
	u64 dst_offset;
	u64 src_offset;
	u64 dst_pitch;
	u64 src_pitch;
	u64 width;
	u32 height;
};

static const struct rectangle_case rectangle_cases[] = {
	{
		.name = "one word",
		.dst_offset = 4, .src_offset = 4 * PAGE_SIZE - 4,
		.width = 4, .height = 1,
	}, {
		.name = "one row over pages",
		.dst_offset = PAGE_SIZE - 8, .src_offset = 4 * PAGE_SIZE + 12,
		.width = 3 * PAGE_SIZE, .height = 1,
	}, {
		.name = "rows without gaps",
		.dst_offset = 0, .src_offset = 4 * PAGE_SIZE,
		.dst_pitch = 256, .src_pitch = 256, .width = 256, .height = 64,
	}, {
		.name = "rows with gaps",
		.dst_offset = 64, .src_offset = 4 * PAGE_SIZE + 32,
		.dst_pitch = 512, .src_pitch = 512, .width = 128, .height = 24,
	}, {
		.name = "gaps in dst only",
		.dst_offset = 20, .src_offset = 5 * PAGE_SIZE,
		.dst_pitch = 400, .src_pitch = 100, .width = 100, .height = 40,
	}, {
		.name = "gaps in src only",
		.dst_offset = 20, .src_offset = 4 * PAGE_SIZE,
		.dst_pitch = 100, .src_pitch = 400, .width = 100, .height = 40,
	}, {
		.name = "rows over pages",
		.dst_offset = 2000, .src_offset = 4 * PAGE_SIZE + 2900,
		.dst_pitch = 5000, .src_pitch = 4500, .width = 4400, .height = 3,
	}, {
		.name = "to the last byte",
		.dst_offset = ENGINE_BYTES - PAGE_SIZE, .src_offset = 0,
		.dst_pitch = 64, .src_pitch = 128, .width = 64, .height = 64,
	},
};

KUNIT_ARRAY_PARAM_DESC(rectangle, rectangle_cases, name);

static struct vprime_op rectangle_op(struct engine_rig *rig, enum vprime_op_code code,
				     const struct rectangle_case *param)
{
	return (struct vprime_op){
		.code = code,
		.dst = rig->binding,
		.src = code == VPRIME_ENGINE_FILL ? NULL : rig->binding,
		.dst_offset = param->dst_offset,
		.src_offset = param->src_offset,
		.dst_pitch = param->dst_pitch,
		.src_pitch = param->src_pitch,
		.width = param->width,
		.height = param->height,
	};
}

/* The words of a rectangle, one after the other. */
static size_t rectangle_word(u64 offset, u64 pitch, u64 width, u64 i)
{
	u64 per_row = width / sizeof(u32);

	return (offset + i / per_row * pitch) / sizeof(u32) + i % per_row;
}

static u64 rectangle_words(const struct rectangle_case *param)
{
	return param->width / sizeof(u32) * param->height;
}

static void fill_writes_its_rectangle_and_nothing_else(struct kunit *test)
{
	const struct rectangle_case *param = test->param_value;
	struct engine_rig *rig = manual_rig(test);
	struct vprime_op op = rectangle_op(rig, VPRIME_ENGINE_FILL, param);
	u32 *expected;
	u64 i;

	rig_paint(rig);
	expected = rig_copy_memory(test, rig);
	op.value = 0x12345678;
	for (i = 0; i < rectangle_words(param); i++)
		expected[rectangle_word(param->dst_offset, param->dst_pitch, param->width, i)] =
			op.value;

	rig_run(test, rig, &op, 1);
	rig_expect_memory(test, rig, expected);
}

static void copy_writes_its_rectangle_and_nothing_else(struct kunit *test)
{
	const struct rectangle_case *param = test->param_value;
	struct engine_rig *rig = manual_rig(test);
	struct vprime_op op = rectangle_op(rig, VPRIME_ENGINE_COPY, param);
	u32 *expected;
	u64 i;

	rig_paint(rig);
	expected = rig_copy_memory(test, rig);
	for (i = 0; i < rectangle_words(param); i++)
		expected[rectangle_word(param->dst_offset, param->dst_pitch, param->width, i)] =
			rig->memory->words[rectangle_word(param->src_offset, param->src_pitch,
							  param->width, i)];

	rig_run(test, rig, &op, 1);
	rig_expect_memory(test, rig, expected);
}

static void sum_adds_the_words_of_its_rectangle(struct kunit *test)
{
	const struct rectangle_case *param = test->param_value;
	struct engine_rig *rig = manual_rig(test);
	struct vprime_op op = rectangle_op(rig, VPRIME_ENGINE_SUM, param);
	u64 i, expected = 0;

	rig_paint(rig);
	for (i = 0; i < rectangle_words(param); i++)
		expected += rig->memory->words[rectangle_word(param->src_offset, param->src_pitch,
							      param->width, i)];

	op.dst_offset = 3 * PAGE_SIZE - sizeof(u64);
	op.dst_pitch = 0;
	rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, *(u64 *)&rig->memory->words[op.dst_offset / sizeof(u32)], expected);
}

static void fill_with_zero_clears(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	struct vprime_op op = fill_word(rig, 8, 0);
	u32 *expected;

	rig_paint(rig);
	expected = rig_copy_memory(test, rig);
	expected[2] = 0;
	rig_run(test, rig, &op, 1);
	rig_expect_memory(test, rig, expected);
}

static void verify_counts_a_range_once_that_is_not_poison(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	struct vprime_op op = {
		.code = VPRIME_ENGINE_VERIFY,
		.dst = rig->binding,
		.width = ENGINE_BYTES,
		.height = 1,
	};

	memset32(rig->memory->words, VPRIME_POISON, ENGINE_WORDS);
	rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.stale_writes), 0);

	/* The last byte of all, and another one. */
	((u8 *)rig->memory->words)[ENGINE_BYTES - 1] = 0;
	rig->memory->words[PAGE_SIZE / sizeof(u32)] = 0;
	rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.stale_writes), 1);
}

static void commands_of_a_job_run_in_order(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	const struct vprime_op ops[] = {
		fill_word(rig, 0, 1),
		fill_word(rig, 4, 2),
		fill_word(rig, 0, 3),
	};

	rig_run(test, rig, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 3);
	KUNIT_EXPECT_EQ(test, rig->memory->words[1], 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.bytes), 3 * sizeof(u32));
}

static void bus_fault_ends_a_job_and_not_the_next(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	struct vprime_binding *gone = vprime_kunit_window(test, rig->engine.port,
							  rig->memory->aperture.base, PAGE_SIZE);
	struct vprime_op ops[] = { fill_word(rig, 0, 1), fill_word(rig, 4, 1) };
	struct vprime_op good = fill_word(rig, 8, 1);
	struct rig_job *faulty, *next;

	vprime_binding_disable(gone);
	ops[0].dst = gone;
	faulty = rig_queue(test, rig, ops, ARRAY_SIZE(ops));
	next = rig_queue(test, rig, &good, 1);
	while (vprime_engine_advance(&rig->engine))
		;

	rig_expect_end(test, faulty, -EFAULT);
	rig_expect_end(test, next, 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[1], 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[2], 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->engine.port->faults), 1);
}

static void copy_faults_on_either_side(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	struct vprime_binding *gone = vprime_kunit_window(test, rig->engine.port,
							  rig->memory->aperture.base, PAGE_SIZE);
	const struct vprime_op from = {
		.code = VPRIME_ENGINE_COPY, .dst = rig->binding, .src = gone,
		.width = 4, .height = 1,
	};
	const struct vprime_op to = {
		.code = VPRIME_ENGINE_COPY, .dst = gone, .src = rig->binding,
		.width = 4, .height = 1,
	};
	const struct vprime_op sum_to = {
		.code = VPRIME_ENGINE_SUM, .dst = gone, .src = rig->binding,
		.width = 4, .height = 1,
	};
	struct rig_job *jobs[3];
	int i;

	vprime_binding_disable(gone);
	jobs[0] = rig_queue(test, rig, &from, 1);
	jobs[1] = rig_queue(test, rig, &to, 1);
	jobs[2] = rig_queue(test, rig, &sum_to, 1);
	while (vprime_engine_advance(&rig->engine))
		;
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		rig_expect_end(test, jobs[i], -EFAULT);
}

static void revoke_takes_the_windows_of_others(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	struct vprime_port *peer = vprime_kunit_port(test, "peer", 64, true);
	struct vprime_op op = { .code = VPRIME_ENGINE_REVOKE, .src = rig->binding };
	struct vprime_op own = fill_word(rig, 0, 5);

	vprime_kunit_window(test, peer, rig->memory->aperture.base, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, RB_EMPTY_ROOT(&peer->windows.rb_root));
	vprime_binding_retire(rig->binding);
	rig_run(test, rig, &op, 1);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&peer->windows.rb_root));
	rig_run(test, rig, &own, 1);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 5);
}

static void manual_clock_runs_one_job_at_a_time(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *first, *second;

	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	first = rig_queue(test, rig, &op, 1);
	second = rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, first->calls, 0);

	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	rig_expect_end(test, first, 0);
	KUNIT_EXPECT_EQ(test, second->calls, 0);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	rig_expect_end(test, second, 0);
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
}

static void aborted_job_never_runs(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	const struct vprime_op op = fill_word(rig, 0, 1);
	const struct vprime_op other = fill_word(rig, 4, 1);
	struct rig_job *aborted = rig_queue(test, rig, &op, 1);
	struct rig_job *next = rig_queue(test, rig, &other, 1);

	vprime_engine_abort(&rig->engine, &aborted->hw, -ECANCELED);
	rig_expect_end(test, aborted, -ECANCELED);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	rig_expect_end(test, next, 0);
	rig_expect_end(test, aborted, -ECANCELED);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[1], 1);
}

static void abort_of_a_job_that_has_ended_changes_nothing(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *job = rig_queue(test, rig, &op, 1);

	vprime_engine_advance(&rig->engine);
	vprime_engine_abort(&rig->engine, &job->hw, -ETIME);
	rig_expect_end(test, job, 0);
}

static void hung_job_stays_until_it_is_aborted(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *hung, *next;

	atomic_set(&rig->engine.hangs, 1);
	hung = rig_queue(test, rig, &op, 1);
	next = rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_EQ(test, hung->calls, 0);
	KUNIT_EXPECT_EQ(test, next->calls, 0);

	vprime_engine_abort(&rig->engine, &hung->hw, -ETIME);
	rig_expect_end(test, hung, -ETIME);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	rig_expect_end(test, next, 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 1);
}

static void removed_engine_ends_all_jobs_with_ENODEV(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *hung, *queued, *late;

	atomic_set(&rig->engine.hangs, 1);
	hung = rig_queue(test, rig, &op, 1);
	queued = rig_queue(test, rig, &op, 1);
	vprime_engine_advance(&rig->engine);

	vprime_engine_remove(&rig->engine);
	rig_expect_end(test, hung, -ENODEV);
	rig_expect_end(test, queued, -ENODEV);
	late = rig_queue(test, rig, &op, 1);
	rig_expect_end(test, late, -ENODEV);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 0);
}

static void parked_engine_starts_nothing(struct kunit *test)
{
	struct engine_rig *rig = manual_rig(test);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *job;

	vprime_engine_park(&rig->engine);
	job = rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_FALSE(test, vprime_engine_advance(&rig->engine));
	KUNIT_EXPECT_EQ(test, job->calls, 0);

	vprime_engine_unpark(&rig->engine);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->engine));
	rig_expect_end(test, job, 0);
}

static void rig_wait(struct kunit *test, struct rig_job *job)
{
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&job->end, SOON), 0);
}

static void timed_clock_runs_jobs_by_itself(struct kunit *test)
{
	struct engine_rig *rig = timed_rig(test, 0, 0);
	const struct vprime_op op = fill_word(rig, 0, 7);
	struct rig_job *job = rig_queue(test, rig, &op, 1);

	rig_wait(test, job);
	rig_expect_end(test, job, 0);
	KUNIT_EXPECT_EQ(test, rig->memory->words[0], 7);
}

static void job_takes_at_least_the_latency(struct kunit *test)
{
	struct engine_rig *rig = timed_rig(test, 20 * USEC_PER_MSEC, 0);
	const struct vprime_op op = fill_word(rig, 0, 1);
	ktime_t start = ktime_get();
	struct rig_job *job = rig_queue(test, rig, &op, 1);

	rig_wait(test, job);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(job->ended, start), 20);
}

static void job_takes_as_long_as_its_bytes(struct kunit *test)
{
	/* 32 KiB at 1 MiB in a second. */
	struct engine_rig *rig = timed_rig(test, 0, SZ_1M);
	struct vprime_op op = fill_word(rig, 0, 1);
	ktime_t start = ktime_get();
	struct rig_job *job;

	op.width = ENGINE_BYTES;
	job = rig_queue(test, rig, &op, 1);
	rig_wait(test, job);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(job->ended, start), 31);
}

static void delay_comes_after_the_job(struct kunit *test)
{
	struct engine_rig *rig = timed_rig(test, 0, 0);
	const struct vprime_op op = fill_word(rig, 0, 1);
	ktime_t start = ktime_get();
	struct rig_job *job;

	atomic_set(&rig->engine.delay_ms, 20);
	job = rig_queue(test, rig, &op, 1);
	rig_wait(test, job);
	rig_expect_end(test, job, 0);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(job->ended, start), 20);
}

static void rig_wait_for_start(struct kunit *test, struct engine_rig *rig, struct rig_job *job)
{
	struct vprime_engine_job *now;

	KUNIT_ASSERT_EQ(test, read_poll_timeout(READ_ONCE, now, now == &job->hw, USEC_PER_MSEC,
						60 * USEC_PER_SEC, false, rig->engine.current_job),
			0);
}

static void hung_job_is_aborted_on_the_timed_clock(struct kunit *test)
{
	struct engine_rig *rig = timed_rig(test, 0, 0);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *hung, *next;

	atomic_set(&rig->engine.hangs, 1);
	hung = rig_queue(test, rig, &op, 1);
	next = rig_queue(test, rig, &op, 1);
	rig_wait_for_start(test, rig, hung);
	KUNIT_EXPECT_EQ(test, hung->calls, 0);

	vprime_engine_abort(&rig->engine, &hung->hw, -ETIME);
	rig_expect_end(test, hung, -ETIME);
	rig_wait(test, next);
	rig_expect_end(test, next, 0);
}

static void removed_engine_does_not_sit_out_its_latency(struct kunit *test)
{
	struct engine_rig *rig = timed_rig(test, 3600 * USEC_PER_SEC, 0);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *running, *queued;

	running = rig_queue(test, rig, &op, 1);
	queued = rig_queue(test, rig, &op, 1);
	rig_wait_for_start(test, rig, running);
	vprime_engine_remove(&rig->engine);
	rig_expect_end(test, running, -ENODEV);
	rig_expect_end(test, queued, -ENODEV);
}

static void park_waits_for_the_job_that_runs(struct kunit *test)
{
	struct engine_rig *rig = timed_rig(test, 20 * USEC_PER_MSEC, 0);
	const struct vprime_op op = fill_word(rig, 0, 1);
	struct rig_job *running, *queued;

	running = rig_queue(test, rig, &op, 1);
	rig_wait_for_start(test, rig, running);
	vprime_engine_park(&rig->engine);
	rig_expect_end(test, running, 0);

	queued = rig_queue(test, rig, &op, 1);
	KUNIT_EXPECT_EQ(test, queued->calls, 0);
	vprime_engine_unpark(&rig->engine);
	rig_wait(test, queued);
	rig_expect_end(test, queued, 0);
}

static struct kunit_case engine_test_cases[] = {
	KUNIT_CASE_PARAM(fill_writes_its_rectangle_and_nothing_else, rectangle_gen_params),
	KUNIT_CASE_PARAM(copy_writes_its_rectangle_and_nothing_else, rectangle_gen_params),
	KUNIT_CASE_PARAM(sum_adds_the_words_of_its_rectangle, rectangle_gen_params),
	KUNIT_CASE(fill_with_zero_clears),
	KUNIT_CASE(verify_counts_a_range_once_that_is_not_poison),
	KUNIT_CASE(commands_of_a_job_run_in_order),
	KUNIT_CASE(bus_fault_ends_a_job_and_not_the_next),
	KUNIT_CASE(copy_faults_on_either_side),
	KUNIT_CASE(revoke_takes_the_windows_of_others),
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
