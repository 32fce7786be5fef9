// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_migrate.c: what is in a buffer when the copy engine did not do what it was told,
 * and which of its jobs wait for which.
 */
#include <kunit/test.h>

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/highmem.h>

#include "../vprime_binding.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_tt.h"
#include "vprime_kunit.h"

/* All the VRAM there is, so that the next buffer gets the same memory. */
#define MIGRATE_BYTES	SZ_4M
#define MIGRATE_PAGES	(MIGRATE_BYTES / PAGE_SIZE)

static struct vprime_gpu *migrate_gpu(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("migrate");

	KUNIT_ASSERT_EQ(test, config.vram_size, MIGRATE_BYTES);
	return vprime_kunit_gpu(test, &config);
}

static void put_bo(void *arg)
{
	struct vprime_bo *bo = arg;

	drm_gem_object_put(&bo->tbo.base);
}

/* The job that clears it has not run yet. */
static struct vprime_bo *migrate_fresh_bo(struct kunit *test, struct vprime_gpu *gpu)
{
	struct vprime_bo *bo = vprime_bo_create(gpu, MIGRATE_BYTES, VPRIME_PLACEMENT_VRAM);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bo);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_bo, bo), 0);
	return bo;
}

static void migrate_leave_secret(struct kunit *test, struct vprime_gpu *gpu)
{
	struct vprime_bo *bo = migrate_fresh_bo(test, gpu);

	vprime_kunit_run(gpu);
	vprime_kunit_fill(test, bo, 0x5ec3e751);
	kunit_release_action(test, put_bo, bo);
}

static bool migrate_is_settled(struct vprime_bo *bo)
{
	return dma_resv_test_signaled(bo->tbo.base.resv, DMA_RESV_USAGE_KERNEL);
}

/* The job that runs hangs, and its time is up. */
static void end_by_time_out(struct kunit *test, struct vprime_bo *bo)
{
	struct vprime_ring *copy = &bo->gpu->copy;

	atomic_set(&copy->engine.hangs, 1);
	vprime_kunit_run(bo->gpu);
	KUNIT_EXPECT_FALSE(test, migrate_is_settled(bo));
	drm_sched_fault(&copy->sched);
	flush_work(&copy->sched.work_tdr.work);
}

/* The new place cannot be reached over the bus. */
static void end_by_bus_fault(struct kunit *test, struct vprime_bo *bo)
{
	struct ttm_buffer_object *tbo = &bo->tbo;
	struct vprime_binding *binding;

	dma_resv_lock(tbo->base.resv, NULL);
	if (vprime_bo_placement(bo) == VPRIME_PLACEMENT_VRAM)
		binding = to_vprime_vram_resource(tbo->resource)->binding;
	else
		KUNIT_EXPECT_EQ(test, vprime_tt_bind(tbo->ttm, &binding), 0);
	vprime_binding_disable(binding);
	dma_resv_unlock(tbo->base.resv);
	vprime_kunit_run(bo->gpu);
	KUNIT_EXPECT_EQ(test, atomic64_read(&bo->gpu->port.faults), 1);
}

static void end_by_removal(struct kunit *test, struct vprime_bo *bo)
{
	vprime_engine_remove(&bo->gpu->copy.engine);
	vprime_kunit_run(bo->gpu);
}

/**
 * struct end_case - how a job of the copy engine ends without being done
 * @name: of the case
 * @end: makes it end; @bo is the buffer that it is about
 */
struct end_case {
	const char *name;
	void (*end)(struct kunit *test, struct vprime_bo *bo);
};

static const struct end_case end_cases[] = {
	{ .name = "time-out", .end = end_by_time_out },
	{ .name = "bus fault", .end = end_by_bus_fault },
	{ .name = "engine removed", .end = end_by_removal },
};

KUNIT_ARRAY_PARAM_DESC(end, end_cases, name);

/* Has ended, and nobody need know that it was not the engine that did it. */
static void migrate_expect_done(struct kunit *test, struct vprime_bo *bo)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	dma_resv_for_each_fence(&cursor, bo->tbo.base.resv, DMA_RESV_USAGE_KERNEL, fence)
		KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
	dma_resv_unlock(bo->tbo.base.resv);
	KUNIT_ASSERT_TRUE(test, migrate_is_settled(bo));
}

static void new_buffer_is_zero_whoever_clears_it(struct kunit *test)
{
	const struct end_case *param = test->param_value;
	struct vprime_gpu *gpu = migrate_gpu(test);
	struct vprime_bo *bo;

	migrate_leave_secret(test, gpu);
	bo = migrate_fresh_bo(test, gpu);
	param->end(test, bo);
	migrate_expect_done(test, bo);
	vprime_kunit_check(test, bo, 0);
}

static void content_arrives_whoever_copies_it(struct kunit *test, u32 from, u32 to)
{
	const struct end_case *param = test->param_value;
	struct vprime_gpu *gpu = migrate_gpu(test);
	struct vprime_bo *bo;

	bo = vprime_kunit_bo(test, gpu, MIGRATE_BYTES, from | to);
	vprime_kunit_move(test, bo, from);
	vprime_kunit_run(gpu);
	vprime_kunit_fill(test, bo, 0xc0ffee11);
	vprime_kunit_move(test, bo, to);
	param->end(test, bo);
	migrate_expect_done(test, bo);
	vprime_kunit_check(test, bo, 0xc0ffee11);
}

static void content_arrives_in_TT_whoever_copies_it(struct kunit *test)
{
	content_arrives_whoever_copies_it(test, VPRIME_PLACEMENT_VRAM, VPRIME_PLACEMENT_TT);
}

static void content_arrives_in_VRAM_whoever_copies_it(struct kunit *test)
{
	content_arrives_whoever_copies_it(test, VPRIME_PLACEMENT_TT, VPRIME_PLACEMENT_VRAM);
}

static void old_range_is_poison_whoever_leaves_it(struct kunit *test)
{
	const struct end_case *param = test->param_value;
	struct vprime_gpu *gpu = migrate_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, MIGRATE_BYTES, VPRIME_PLACEMENT_MASK);
	unsigned long i;

	vprime_kunit_fill(test, bo, 0xc0ffee11);
	vprime_kunit_move(test, bo, VPRIME_PLACEMENT_TT);
	param->end(test, bo);
	for (i = 0; i < MIGRATE_PAGES; i++) {
		const u32 *words = kmap_local_page(gpu->vram.aperture.pages[i]);

		KUNIT_EXPECT_EQ(test, words[0], VPRIME_POISON);
		KUNIT_EXPECT_EQ(test, words[PAGE_SIZE / sizeof(u32) - 1], VPRIME_POISON);
		kunmap_local(words);
	}

	/* The next owner looks whether it is. */
	migrate_fresh_bo(test, gpu);
	vprime_kunit_run(gpu);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->copy.engine.stale_writes), 0);
}

/* As memory of others that has been given back. */
static void migrate_dirty_free_pages(struct kunit *test)
{
	struct page **pages = kunit_kcalloc(test, MIGRATE_PAGES, sizeof(*pages), GFP_KERNEL);
	unsigned long i, count;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	count = alloc_pages_bulk_array(GFP_KERNEL, MIGRATE_PAGES, pages);
	for (i = 0; i < count; i++) {
		memset32(page_address(pages[i]), 0x5ec3e751, PAGE_SIZE / sizeof(u32));
		__free_page(pages[i]);
	}
}

static void memory_is_zero_before_it_is_cleared(struct kunit *test)
{
	struct vprime_gpu *gpu = migrate_gpu(test);
	unsigned long i;

	migrate_dirty_free_pages(test);
	migrate_fresh_bo(test, gpu);
	for (i = 0; i < MIGRATE_PAGES; i++) {
		const void *page = kmap_local_page(gpu->vram.aperture.pages[i]);

		KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, PAGE_SIZE));
		kunmap_local(page);
	}
}

static void destroy_entity(void *entity)
{
	drm_sched_entity_destroy(entity);
}

/* A job on the render engine that uses the buffer, and does not end. */
static void migrate_keep_busy(struct kunit *test, struct vprime_bo *bo)
{
	struct drm_sched_entity *entity = kunit_kzalloc(test, sizeof(*entity), GFP_KERNEL);
	struct drm_gpu_scheduler *sched = &bo->gpu->render.sched;
	struct dma_resv *resv = bo->tbo.base.resv;
	struct vprime_job *job;

	KUNIT_ASSERT_NOT_NULL(test, entity);
	KUNIT_ASSERT_EQ(test, drm_sched_entity_init(entity, DRM_SCHED_PRIORITY_NORMAL, &sched, 1,
						    NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_entity, entity), 0);
	job = vprime_job_create(entity, 1, test, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);

	atomic_set(&bo->gpu->render.engine.hangs, 1);
	dma_resv_lock(resv, NULL);
	KUNIT_EXPECT_EQ(test, dma_resv_reserve_fences(resv, 1), 0);
	drm_sched_job_arm(&job->base);
	dma_resv_add_fence(resv, &job->base.s_fence->finished, DMA_RESV_USAGE_BOOKKEEP);
	drm_sched_entity_push_job(&job->base);
	dma_resv_unlock(resv);
}

static void clearing_waits_for_no_copy(struct kunit *test)
{
	struct vprime_gpu *gpu = migrate_gpu(test);
	struct vprime_bo *busy, *bo;

	busy = vprime_kunit_bo(test, gpu, PAGE_SIZE, VPRIME_PLACEMENT_MASK);
	migrate_keep_busy(test, busy);
	vprime_kunit_move(test, busy, VPRIME_PLACEMENT_TT);
	bo = vprime_kunit_bo(test, gpu, PAGE_SIZE, VPRIME_PLACEMENT_VRAM);
	KUNIT_EXPECT_FALSE(test, migrate_is_settled(busy));
	KUNIT_ASSERT_TRUE(test, migrate_is_settled(bo));
	vprime_kunit_check(test, bo, 0);
}

static int validate_without_waiting(struct vprime_bo *bo, u32 placement)
{
	struct ttm_operation_ctx ctx = { .no_wait_gpu = true };
	int ret;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	ret = vprime_bo_validate(bo, placement, &ctx);
	dma_resv_unlock(bo->tbo.base.resv);
	return ret;
}

/* Its pages stay the same: a job that revokes windows onto them would cut off importers. */
static void buffer_that_stays_at_a_stop_is_not_copied(struct kunit *test)
{
	struct vprime_gpu *gpu = migrate_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);

	vprime_kunit_fill(test, bo, 0x0b5e55ed);
	KUNIT_ASSERT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	/* It gets to TT, and cannot go on before the copy has ended. */
	KUNIT_EXPECT_NE(test, validate_without_waiting(bo, VPRIME_PLACEMENT_SYSTEM), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_TT);
	vprime_kunit_run(gpu);
	KUNIT_EXPECT_TRUE(test, migrate_is_settled(bo));

	KUNIT_EXPECT_EQ(test, validate_without_waiting(bo, VPRIME_PLACEMENT_TT), 0);
	KUNIT_EXPECT_TRUE(test, migrate_is_settled(bo));
	vprime_kunit_check(test, bo, 0x0b5e55ed);
}

static struct kunit_case migrate_test_cases[] = {
	KUNIT_CASE_PARAM(new_buffer_is_zero_whoever_clears_it, end_gen_params),
	KUNIT_CASE_PARAM(content_arrives_in_TT_whoever_copies_it, end_gen_params),
	KUNIT_CASE_PARAM(content_arrives_in_VRAM_whoever_copies_it, end_gen_params),
	KUNIT_CASE_PARAM(old_range_is_poison_whoever_leaves_it, end_gen_params),
	KUNIT_CASE(memory_is_zero_before_it_is_cleared),
	KUNIT_CASE(clearing_waits_for_no_copy),
	KUNIT_CASE(buffer_that_stays_at_a_stop_is_not_copied),
	{}
};

static struct kunit_suite migrate_test_suite = {
	.name = "vprime-migrate",
	.test_cases = migrate_test_cases,
};

kunit_test_suite(migrate_test_suite);
