// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_sched.c: how jobs end, and who is blamed.
 */
#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>

#include <drm/drm_drv.h>

#include "../vprime_binding.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_sched.h"
#include "vprime_kunit.h"

#define SCHED_BYTES (4 * PAGE_SIZE)

/**
 * struct sched_rig - a GPU, and a buffer for its jobs
 * @gpu: it
 * @bo: the buffer, in TT, so that unplugging need not save it
 * @binding: of @bo; with a reference
 * @entity: where jobs of normal priority queue up
 */
struct sched_rig {
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;
	struct vprime_binding *binding;
	struct drm_sched_entity entity;
};

static void sched_put_binding(void *binding)
{
	vprime_binding_put(binding);
}

static struct sched_rig *sched_create(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("sched");
	struct sched_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct ttm_operation_ctx ctx = {};
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->gpu = vprime_kunit_gpu(test, &config);
	rig->bo = vprime_kunit_bo(test, rig->gpu, SCHED_BYTES, VPRIME_PLACEMENT_TT);

	dma_resv_lock(rig->bo->tbo.base.resv, NULL);
	ret = vprime_bo_bind(rig->bo, &ctx, &rig->binding);
	if (!ret)
		vprime_binding_get(rig->binding);
	dma_resv_unlock(rig->bo->tbo.base.resv);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, sched_put_binding, rig->binding), 0);

	vprime_kunit_entity(test, rig->gpu, &rig->entity, DRM_SCHED_PRIORITY_NORMAL);
	return rig;
}

/* A job that fills the buffer. */
static struct vprime_job *sched_job(struct kunit *test, struct sched_rig *rig,
				    struct drm_sched_entity *entity, u32 value)
{
	const struct vprime_op op = {
		.code = VPRIME_ENGINE_FILL,
		.dst = rig->binding,
		.width = SCHED_BYTES,
		.height = 1,
		.value = value,
	};
	struct vprime_job *job = vprime_job_create(entity, 1, rig, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
	vprime_job_add_op(job, &op);
	return job;
}

static void sched_put_fence(void *fence)
{
	dma_fence_put(fence);
}

static struct dma_fence *sched_push_to(struct kunit *test, struct sched_rig *rig,
				       struct drm_sched_entity *entity, u32 value)
{
	struct vprime_job *job = sched_job(test, rig, entity, value);
	struct dma_fence *fence;

	drm_sched_job_arm(&job->base);
	fence = dma_fence_get(&job->base.s_fence->finished);
	drm_sched_entity_push_job(&job->base);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, sched_put_fence, fence), 0);
	return fence;
}

static struct dma_fence *sched_push(struct kunit *test, struct sched_rig *rig, u32 value)
{
	return sched_push_to(test, rig, &rig->entity, value);
}

/* As if the time of the job that runs were up. */
static void sched_time_out(struct sched_rig *rig)
{
	struct drm_gpu_scheduler *sched = &rig->gpu->render.sched;

	drm_sched_fault(sched);
	/* Not flush_delayed_work(): the timer runs for the next job by then. */
	flush_work(&sched->work_tdr.work);
}

static u64 sched_hangs(struct sched_rig *rig)
{
	return atomic64_read(&rig->gpu->stats.hangs);
}

static void job_signals_its_fence_when_it_has_ended(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	struct dma_fence *fence = sched_push(test, rig, 0x1234);

	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 0);
	KUNIT_EXPECT_EQ(test, vprime_kunit_run(rig->gpu), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->gpu->render.jobs), 1);
	vprime_kunit_check(test, rig->bo, 0x1234);
}

static void jobs_of_an_entity_run_in_the_order_of_their_pushing(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	struct dma_fence *first = sched_push(test, rig, 1);
	struct dma_fence *second = sched_push(test, rig, 2);

	drain_workqueue(rig->gpu->render.sched.submit_wq);
	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->gpu->render.engine));
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(first), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(second), 0);
	vprime_kunit_check(test, rig->bo, 1);

	KUNIT_EXPECT_EQ(test, vprime_kunit_run(rig->gpu), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(second), 1);
	vprime_kunit_check(test, rig->bo, 2);
}

static void high_priority_overtakes(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	struct drm_gpu_scheduler *sched = &rig->gpu->render.sched;
	struct drm_sched_entity *high = kunit_kzalloc(test, sizeof(*high), GFP_KERNEL);
	struct dma_fence *low_fence, *high_fence;

	KUNIT_ASSERT_NOT_NULL(test, high);
	vprime_kunit_entity(test, rig->gpu, high, DRM_SCHED_PRIORITY_HIGH);

	/* Both are there before the scheduler chooses. */
	drm_sched_wqueue_stop(sched);
	low_fence = sched_push(test, rig, 1);
	high_fence = sched_push_to(test, rig, high, 2);
	drm_sched_wqueue_start(sched);
	drain_workqueue(sched->submit_wq);

	KUNIT_EXPECT_TRUE(test, vprime_engine_advance(&rig->gpu->render.engine));
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(high_fence), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(low_fence), 0);
	vprime_kunit_run(rig->gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(low_fence), 1);
}

static void engine_gets_some_jobs_at_a_time(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	size_t i;

	for (i = 0; i < 20; i++)
		sched_push(test, rig, i);
	drain_workqueue(rig->gpu->render.sched.submit_wq);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&rig->gpu->render.engine.queue), 2);
	KUNIT_EXPECT_EQ(test, vprime_kunit_run(rig->gpu), 20);
	vprime_kunit_check(test, rig->bo, 19);
}

static void job_that_faults_on_the_bus_gets_EFAULT_alone(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	struct vprime_binding *all = rig->binding;
	struct dma_fence *before, *faulty, *after;

	before = sched_push(test, rig, 1);
	rig->binding = vprime_binding_create_linear(&rig->gpu->port, BIT_ULL(47) - SCHED_BYTES,
						    SCHED_BYTES);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rig->binding);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, sched_put_binding, rig->binding), 0);
	faulty = sched_push(test, rig, 2);
	rig->binding = all;
	after = sched_push(test, rig, 3);

	vprime_kunit_run(rig->gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(before), 1);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(faulty), -EFAULT);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(after), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->gpu->port.faults), 1);
	KUNIT_EXPECT_EQ(test, sched_hangs(rig), 0);
	vprime_kunit_check(test, rig->bo, 3);
}

static void only_the_job_that_hangs_gets_ETIME(struct kunit *test)
{
	const struct vprime_faults hang = { .hang = 1 };
	struct sched_rig *rig = sched_create(test);
	struct dma_fence *hung, *behind[10];
	int i;

	vprime_gpu_set_faults(rig->gpu, &hang);
	hung = sched_push(test, rig, 1);
	for (i = 0; i < ARRAY_SIZE(behind); i++)
		behind[i] = sched_push(test, rig, 2 + i);
	vprime_kunit_run(rig->gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(hung), 0);

	sched_time_out(rig);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(hung), -ETIME);
	KUNIT_EXPECT_EQ(test, sched_hangs(rig), 1);
	KUNIT_EXPECT_EQ(test, vprime_kunit_run(rig->gpu), ARRAY_SIZE(behind));
	for (i = 0; i < ARRAY_SIZE(behind); i++)
		KUNIT_EXPECT_EQ(test, dma_fence_get_status(behind[i]), 1);
	vprime_kunit_check(test, rig->bo, 1 + ARRAY_SIZE(behind));
}

static void each_job_that_hangs_gets_ETIME(struct kunit *test)
{
	const struct vprime_faults hang = { .hang = 2 };
	struct sched_rig *rig = sched_create(test);
	struct dma_fence *fences[3];
	int i;

	vprime_gpu_set_faults(rig->gpu, &hang);
	for (i = 0; i < ARRAY_SIZE(fences); i++)
		fences[i] = sched_push(test, rig, i);
	vprime_kunit_run(rig->gpu);
	sched_time_out(rig);
	vprime_kunit_run(rig->gpu);
	sched_time_out(rig);
	vprime_kunit_run(rig->gpu);

	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fences[0]), -ETIME);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fences[1]), -ETIME);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fences[2]), 1);
	KUNIT_EXPECT_EQ(test, sched_hangs(rig), 2);
}

static void nobody_is_blamed_for_a_time_out_without_a_job(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	struct dma_fence *fence;

	sched_time_out(rig);
	KUNIT_EXPECT_EQ(test, sched_hangs(rig), 0);

	/* And it goes on. */
	fence = sched_push(test, rig, 1);
	vprime_kunit_run(rig->gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
}

static void jobs_of_an_unplugged_gpu_get_ENODEV(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	struct dma_fence *fences[20];
	int i;

	/* More than the engine gets at a time. */
	for (i = 0; i < ARRAY_SIZE(fences); i++)
		fences[i] = sched_push(test, rig, 1);
	vprime_gpu_unplug(rig->gpu);
	drain_workqueue(rig->gpu->render.sched.submit_wq);
	for (i = 0; i < ARRAY_SIZE(fences); i++)
		KUNIT_EXPECT_EQ(test, dma_fence_get_status(fences[i]), -ENODEV);
}

static void job_that_hangs_is_unplugged_with_the_gpu(struct kunit *test)
{
	const struct vprime_faults hang = { .hang = 1 };
	struct sched_rig *rig = sched_create(test);
	struct dma_fence *fence;

	vprime_gpu_set_faults(rig->gpu, &hang);
	fence = sched_push(test, rig, 1);
	vprime_kunit_run(rig->gpu);
	vprime_gpu_unplug(rig->gpu);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), -ENODEV);
	KUNIT_EXPECT_EQ(test, sched_hangs(rig), 0);
}

static void job_holds_its_bindings_until_it_is_freed(struct kunit *test)
{
	struct sched_rig *rig = sched_create(test);
	unsigned int before = kref_read(&rig->binding->kref);
	struct vprime_job *job = sched_job(test, rig, &rig->entity, 1);

	KUNIT_EXPECT_EQ(test, kref_read(&rig->binding->kref), before + 1);
	vprime_job_destroy(job);
	KUNIT_EXPECT_EQ(test, kref_read(&rig->binding->kref), before);
	vprime_job_destroy(NULL);

	sched_push(test, rig, 1);
	KUNIT_EXPECT_EQ(test, kref_read(&rig->binding->kref), before + 1);
	vprime_kunit_run(rig->gpu);
	KUNIT_EXPECT_EQ(test, kref_read(&rig->binding->kref), before);
}

static struct kunit_case sched_test_cases[] = {
	KUNIT_CASE(job_signals_its_fence_when_it_has_ended),
	KUNIT_CASE(jobs_of_an_entity_run_in_the_order_of_their_pushing),
	KUNIT_CASE(high_priority_overtakes),
	KUNIT_CASE(engine_gets_some_jobs_at_a_time),
	KUNIT_CASE(job_that_faults_on_the_bus_gets_EFAULT_alone),
	KUNIT_CASE(only_the_job_that_hangs_gets_ETIME),
	KUNIT_CASE(each_job_that_hangs_gets_ETIME),
	KUNIT_CASE(nobody_is_blamed_for_a_time_out_without_a_job),
	KUNIT_CASE(jobs_of_an_unplugged_gpu_get_ENODEV),
	KUNIT_CASE(job_that_hangs_is_unplugged_with_the_gpu),
	KUNIT_CASE(job_holds_its_bindings_until_it_is_freed),
	{}
};

static struct kunit_suite sched_test_suite = {
	.name = "vprime-sched",
	.test_cases = sched_test_cases,
};

kunit_test_suite(sched_test_suite);
