// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_client.c and vprime_fence.c: what one client may have of an engine that is there
 * for all, and what is left of it when it has gone.
 */
#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/fs.h>
#include <linux/iopoll.h>
#include <linux/module.h>

#include <drm/drm_drv.h>

#include "../vprime_client.h"
#include "../vprime_gpu.h"
#include "../vprime_sched.h"
#include "vprime_kunit.h"

static struct vprime_gpu *client_gpu(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("client");

	return vprime_kunit_gpu(test, &config);
}

static void client_put(void *client)
{
	vprime_client_destroy(client);
}

static struct vprime_client *client_create(struct kunit *test, struct vprime_gpu *gpu)
{
	struct vprime_client *client = vprime_client_create(gpu);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, client);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, client_put, client), 0);
	return client;
}

/* The client of a file has a number other than 0. */
static struct dma_fence *push_job_without_commands(struct kunit *test,
						   struct drm_sched_entity *entity,
						   struct vprime_client_usage *usage)
{
	struct vprime_job *job = vprime_job_create(entity, 0, test, 1);
	struct dma_fence *fence;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	job->usage = usage;
	drm_sched_job_arm(&job->base);
	fence = dma_fence_get(&job->base.s_fence->finished);
	drm_sched_entity_push_job(&job->base);
	return fence;
}

static void client_put_fence(void *fence)
{
	dma_fence_put(fence);
}

/* As vprime_submit() does it. */
static struct dma_fence *client_submit(struct kunit *test, struct vprime_client *client)
{
	struct dma_fence *fence;

	KUNIT_ASSERT_EQ(test, vprime_client_begin_job(client), 0);
	fence = push_job_without_commands(test, &client->entities[0], client->usage);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, client_put_fence, fence), 0);
	return fence;
}

/* As if the time of the job that runs were up. */
static void client_time_out(struct vprime_gpu *gpu)
{
	vprime_kunit_run(gpu);
	drm_sched_fault(&gpu->render.sched);
	flush_work(&gpu->render.sched.work_tdr.work);
}

/*
 * Two jobs of the first client are on the engine when the second comes, and a third is the first of
 * its queue: all others are behind it.
 */
static void job_overtakes_the_long_queue_of_another_client(struct kunit *test)
{
	struct vprime_gpu *gpu = client_gpu(test);
	struct vprime_client *busy = client_create(test, gpu), *other = client_create(test, gpu);
	struct dma_fence *last = NULL, *fence;
	unsigned int ahead = 0, i;

	for (i = 0; i < 20; i++)
		last = client_submit(test, busy);
	drain_workqueue(gpu->render.sched.submit_wq);
	fence = client_submit(test, other);

	for (;;) {
		drain_workqueue(gpu->render.sched.submit_wq);
		KUNIT_ASSERT_TRUE(test, vprime_engine_advance(&gpu->render.engine));
		if (dma_fence_is_signaled(fence))
			break;
		ahead++;
	}
	KUNIT_EXPECT_LE(test, ahead, 3);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(last), 0);
	vprime_kunit_run(gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(last), 1);
}

static void client_whose_jobs_hang_in_a_row_is_banned(struct kunit *test)
{
	const struct vprime_faults hang = { .hang = VPRIME_MAX_HANGS };
	struct vprime_gpu *gpu = client_gpu(test);
	struct vprime_client *client = client_create(test, gpu), *other = client_create(test, gpu);
	struct dma_fence *hung[VPRIME_MAX_HANGS], *behind[4], *fence;
	int i;

	vprime_gpu_set_faults(gpu, &hang);
	for (i = 0; i < ARRAY_SIZE(hung); i++)
		hung[i] = client_submit(test, client);
	for (i = 0; i < ARRAY_SIZE(behind); i++)
		behind[i] = client_submit(test, client);
	for (i = 0; i < ARRAY_SIZE(hung); i++) {
		client_time_out(gpu);
		KUNIT_EXPECT_EQ(test, dma_fence_get_status(hung[i]), -ETIME);
	}
	KUNIT_EXPECT_EQ(test, vprime_client_begin_job(client), -ECANCELED);

	/* The first of them was on the engine by then. */
	vprime_kunit_run(gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(behind[ARRAY_SIZE(behind) - 1]), -ECANCELED);
	fence = client_submit(test, other);
	vprime_kunit_run(gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
}

static void client_whose_jobs_hang_at_times_is_not_banned(struct kunit *test)
{
	const struct vprime_faults hang = { .hang = 1 }, none = {};
	struct vprime_gpu *gpu = client_gpu(test);
	struct vprime_client *client = client_create(test, gpu);
	int i;

	for (i = 0; i < 2 * VPRIME_MAX_HANGS; i++) {
		vprime_gpu_set_faults(gpu, &hang);
		client_submit(test, client);
		client_time_out(gpu);
		vprime_gpu_set_faults(gpu, &none);
		client_submit(test, client);
		vprime_kunit_run(gpu);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->stats.hangs), 2 * VPRIME_MAX_HANGS);
	KUNIT_EXPECT_EQ(test, vprime_client_begin_job(client), 0);
	vprime_client_end_job(gpu, client->usage);
}

static void client_has_a_limited_number_of_jobs(struct kunit *test)
{
	struct vprime_gpu *gpu = client_gpu(test);
	struct vprime_client *client = client_create(test, gpu);
	int i;

	for (i = 0; i < VPRIME_MAX_JOBS; i++)
		KUNIT_ASSERT_EQ(test, vprime_client_begin_job(client), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&client->usage->jobs), VPRIME_MAX_JOBS);

	/* One more would wait, but not for a GPU that is gone. */
	vprime_gpu_unplug(gpu);
	KUNIT_EXPECT_EQ(test, vprime_client_begin_job(client), -ENODEV);
	for (i = 0; i < VPRIME_MAX_JOBS; i++)
		vprime_client_end_job(gpu, client->usage);
	KUNIT_EXPECT_EQ(test, atomic_read(&client->usage->jobs), 0);
}

/* What happens in a worker, a moment later. */
static void expect_module_refs(struct kunit *test, struct vprime_gpu *gpu, int expected)
{
	int refs;

	KUNIT_EXPECT_EQ(test,
			read_poll_timeout(module_refcount, refs, refs == expected, USEC_PER_MSEC,
					  60 * USEC_PER_SEC, false, gpu->drm.driver->fops->owner),
			0);
}

static void expect_job_is_freed(struct kunit *test, struct dma_fence *fence)
{
	struct drm_sched_fence *s_fence = to_drm_sched_fence(fence);
	struct drm_gpu_scheduler *sched;

	KUNIT_EXPECT_EQ(test,
			read_poll_timeout(READ_ONCE, sched, !strcmp(sched->name, "vprime"),
					  USEC_PER_MSEC, 60 * USEC_PER_SEC, false, s_fence->sched),
			0);
	KUNIT_EXPECT_NOT_NULL(test, s_fence->parent);
}

/* Its client is gone, and maybe it never ran. */
static void fence_of_a_client_keeps_the_module(struct kunit *test)
{
	struct vprime_gpu *gpu = client_gpu(test);
	struct drm_gpu_scheduler *sched = &gpu->render.sched;
	struct drm_sched_entity *entity = kunit_kzalloc(test, sizeof(*entity), GFP_KERNEL);
	int before = module_refcount(gpu->drm.driver->fops->owner);
	struct dma_fence *ran, *never_ran;

	KUNIT_ASSERT_NOT_NULL(test, entity);
	KUNIT_ASSERT_EQ(test, drm_sched_entity_init(entity, DRM_SCHED_PRIORITY_NORMAL, &sched, 1,
						    NULL), 0);
	ran = push_job_without_commands(test, entity, NULL);
	vprime_kunit_run(gpu);
	drm_sched_wqueue_stop(sched);
	never_ran = push_job_without_commands(test, entity, NULL);
	drm_sched_entity_fini(entity);
	drm_sched_wqueue_start(sched);
	vprime_kunit_run(gpu);
	expect_job_is_freed(test, ran);
	expect_job_is_freed(test, never_ran);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(ran), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(never_ran), -ESRCH);

	expect_module_refs(test, gpu, before + 2);
	dma_fence_put(ran);
	expect_module_refs(test, gpu, before + 1);
	dma_fence_put(never_ran);
	expect_module_refs(test, gpu, before);
}

static struct kunit_case client_test_cases[] = {
	KUNIT_CASE(job_overtakes_the_long_queue_of_another_client),
	KUNIT_CASE(client_whose_jobs_hang_in_a_row_is_banned),
	KUNIT_CASE(client_whose_jobs_hang_at_times_is_not_banned),
	KUNIT_CASE(client_has_a_limited_number_of_jobs),
	KUNIT_CASE(fence_of_a_client_keeps_the_module),
	{}
};

static struct kunit_suite client_test_suite = {
	.name = "vprime-client",
	.test_cases = client_test_cases,
};

kunit_test_suite(client_test_suite);
