// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two GPUs share a buffer, and it moves in every window there is: between import and map, between
 * map and submit, between submit and the end of the job. And the proof that a tenant who does not
 * listen is caught.
 */
#include <kunit/test.h>

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>

#include "../vprime_binding.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_import.h"
#include "vprime_kunit.h"

#define PRIME_BYTES	(16 * PAGE_SIZE)
#define PICTURE		0xc0ffee11
#define OTHER_PICTURE	0x0badf00d

/**
 * struct prime - two GPUs and what they share
 * @display: exports
 * @render: imports
 * @bo: of @display
 * @dmabuf: of @bo
 * @import: of @dmabuf, on @render
 * @own: a buffer of @render that stays where it is
 * @own_binding: of @own
 * @entity: for jobs of @render
 */
struct prime {
	struct vprime_gpu *display;
	struct vprime_gpu *render;
	struct vprime_bo *bo;
	struct dma_buf *dmabuf;
	struct vprime_bo *import;
	struct vprime_bo *own;
	struct vprime_binding *own_binding;
	struct drm_sched_entity entity;
};

static void prime_run(struct prime *prime)
{
	while (vprime_kunit_run(prime->display) + vprime_kunit_run(prime->render))
		;
}

static void prime_bind(struct kunit *test, struct vprime_bo *bo, struct vprime_binding **binding)
{
	struct ttm_operation_ctx ctx = {};

	KUNIT_ASSERT_EQ(test, vprime_bo_bind(bo, &ctx, binding), 0);
}

static struct prime *prime_create(struct kunit *test, bool p2p)
{
	struct vprime_config display = vprime_kunit_config("prime-display");
	struct vprime_config render = vprime_kunit_config("prime-render");
	struct prime *prime = kunit_kzalloc(test, sizeof(*prime), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, prime);
	render.p2p = p2p;
	prime->display = vprime_kunit_gpu(test, &display);
	prime->render = vprime_kunit_gpu(test, &render);
	vprime_kunit_entity(test, prime->render, &prime->entity, DRM_SCHED_PRIORITY_NORMAL);
	prime->bo = vprime_kunit_bo(test, prime->display, PRIME_BYTES, VPRIME_PLACEMENT_MASK);
	prime->own = vprime_kunit_bo(test, prime->render, PRIME_BYTES, VPRIME_PLACEMENT_MASK);
	prime_run(prime);
	dma_resv_lock(prime->own->tbo.base.resv, NULL);
	prime_bind(test, prime->own, &prime->own_binding);
	dma_resv_unlock(prime->own->tbo.base.resv);

	prime->dmabuf = vprime_kunit_export(test, prime->bo);
	prime->import = vprime_kunit_import(test, prime->render, prime->dmabuf);
	return prime;
}

/* Pushes a job that copies the import into our own buffer, as a submission would. */
static struct dma_fence *prime_submit_copy(struct kunit *test, struct prime *prime,
					   struct vprime_binding *src)
{
	struct vprime_op op = {
		.code = VPRIME_ENGINE_COPY,
		.dst = prime->own_binding,
		.src = src,
		.width = PRIME_BYTES,
		.height = 1,
	};
	struct dma_resv *resv = prime->import->tbo.base.resv;
	struct dma_fence *fence;
	struct vprime_job *job;

	job = vprime_job_create(&prime->entity, 1, prime, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);

	vprime_job_add_op(job, &op);
	KUNIT_ASSERT_EQ(test, dma_resv_reserve_fences(resv, 1), 0);
	KUNIT_ASSERT_EQ(test, drm_sched_job_add_resv_dependencies(&job->base, resv,
								  DMA_RESV_USAGE_WRITE), 0);
	drm_sched_job_arm(&job->base);
	fence = dma_fence_get(&job->base.s_fence->finished);
	dma_resv_add_fence(resv, fence, DMA_RESV_USAGE_READ);
	drm_sched_entity_push_job(&job->base);
	return fence;
}

/* One complete submission. */
static struct dma_fence *prime_copy(struct kunit *test, struct prime *prime)
{
	struct dma_resv *resv = prime->import->tbo.base.resv;
	struct vprime_binding *src;
	struct dma_fence *fence;

	dma_resv_lock(resv, NULL);
	prime_bind(test, prime->import, &src);
	fence = prime_submit_copy(test, prime, src);
	dma_resv_unlock(resv);
	return fence;
}

static void prime_expect_no_faults(struct kunit *test, struct prime *prime)
{
	KUNIT_EXPECT_EQ(test, atomic64_read(&prime->render->port.faults), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&prime->display->port.faults), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&prime->display->copy.engine.stale_writes), 0);
}

static void own_dmabuf_comes_back_as_the_same_object(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	KUNIT_EXPECT_PTR_EQ(test, vprime_kunit_import(test, prime->display, prime->dmabuf),
			    prime->bo);
}

static void import_shares_size_and_reservation(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	KUNIT_EXPECT_EQ(test, prime->import->tbo.base.size, PRIME_BYTES);
	KUNIT_EXPECT_PTR_EQ(test, prime->import->tbo.base.resv, prime->bo->tbo.base.resv);
}

static void peer_is_read_in_its_vram(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);
	struct dma_fence *fence;

	vprime_kunit_fill(test, prime->bo, PICTURE);
	fence = prime_copy(test, prime);
	prime_run(prime);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
	dma_fence_put(fence);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(prime->bo), VPRIME_PLACEMENT_VRAM);
	vprime_kunit_check(test, prime->own, PICTURE);
	prime_expect_no_faults(test, prime);
}

static void without_p2p_the_buffer_comes_to_system_memory(struct kunit *test)
{
	struct prime *prime = prime_create(test, false);
	struct dma_fence *fence;

	vprime_kunit_fill(test, prime->bo, PICTURE);
	fence = prime_copy(test, prime);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(prime->bo), VPRIME_PLACEMENT_TT);
	/* The copy waits for the move, whose engine has not run yet. */
	vprime_kunit_run(prime->render);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 0);
	prime_run(prime);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
	dma_fence_put(fence);
	vprime_kunit_check(test, prime->own, PICTURE);
	prime_expect_no_faults(test, prime);
}

static void move_between_import_and_map_is_not_noticed(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);
	struct dma_fence *fence;

	vprime_kunit_fill(test, prime->bo, PICTURE);
	vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_TT);
	fence = prime_copy(test, prime);
	prime_run(prime);
	dma_fence_put(fence);
	vprime_kunit_check(test, prime->own, PICTURE);
	KUNIT_EXPECT_EQ(test, prime->import->moves, 1);
	prime_expect_no_faults(test, prime);
}

static void move_between_map_and_submit_is_remapped(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);
	struct dma_fence *fence;

	vprime_kunit_fill(test, prime->bo, PICTURE);
	dma_fence_put(prime_copy(test, prime));
	prime_run(prime);

	vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_SYSTEM);
	KUNIT_EXPECT_NULL(test, prime->import->mapping);
	prime_run(prime);
	vprime_kunit_fill(test, prime->bo, OTHER_PICTURE);
	fence = prime_copy(test, prime);
	prime_run(prime);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
	dma_fence_put(fence);
	vprime_kunit_check(test, prime->own, OTHER_PICTURE);
	KUNIT_EXPECT_EQ(test, prime->import->remaps, 1);
	prime_expect_no_faults(test, prime);
}

static void move_between_submit_and_fence_waits_for_the_job(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);
	struct dma_fence *fence;

	vprime_kunit_fill(test, prime->bo, PICTURE);
	fence = prime_copy(test, prime);
	vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_TT);

	/* The mover's engine alone gets nowhere: the job still reads the old place. */
	vprime_kunit_run(prime->display);
	KUNIT_EXPECT_FALSE(test, dma_resv_test_signaled(prime->bo->tbo.base.resv,
							DMA_RESV_USAGE_KERNEL));
	prime_run(prime);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
	dma_fence_put(fence);
	vprime_kunit_check(test, prime->own, PICTURE);
	vprime_kunit_check(test, prime->bo, PICTURE);
	prime_expect_no_faults(test, prime);
}

static void moves_are_announced_after_the_last_handle_is_gone(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	dma_fence_put(prime_copy(test, prime));
	prime_run(prime);
	/* What the last GEM_CLOSE does: there never was a handle here. */
	KUNIT_EXPECT_NULL(test, prime->bo->tbo.base.dma_buf);
	vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_EQ(test, prime->import->moves, 1);
	KUNIT_EXPECT_EQ(test, prime->bo->notifies, 1);
	prime_run(prime);
}

/* As GETFB2 does for a framebuffer whose handle has been closed. */
static void second_export_is_the_same_dmabuf(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	KUNIT_EXPECT_PTR_EQ(test, vprime_kunit_export(test, prime->bo), prime->dmabuf);
	vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_EQ(test, prime->import->moves, 1);
	prime_run(prime);
}

/* The second half of a move from VRAM to SYSTEM fails: the copy that it waits for never ends. */
static void move_stuck_at_a_stop_is_announced_when_it_goes_on(struct kunit *test)
{
	struct ttm_operation_ctx ctx = { .no_wait_gpu = true };
	struct prime *prime = prime_create(test, true);
	struct vprime_bo *bo = prime->bo;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_bo_validate(bo, VPRIME_PLACEMENT_SYSTEM, &ctx), -EBUSY);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_TT);
	dma_resv_unlock(bo->tbo.base.resv);
	prime_run(prime);

	dma_fence_put(prime_copy(test, prime));
	prime_run(prime);
	vprime_kunit_move(test, bo, VPRIME_PLACEMENT_VRAM);
	KUNIT_EXPECT_NULL(test, prime->import->mapping);
	prime_run(prime);
	prime_expect_no_faults(test, prime);
}

static struct sg_table *stale_map(struct kunit *test, struct dma_buf_attachment *attach)
{
	struct sg_table *sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	return sgt;
}

static void deaf_move_notify(struct dma_buf_attachment *attach)
{
}

static const struct dma_buf_attach_ops deaf_ops = {
	.allow_peer2peer = true,
	.move_notify = deaf_move_notify,
};

/* An importer that hears of the move, keeps its addresses all the same, and uses them in a job. */
static int deaf_importer_copies(struct kunit *test, struct prime *prime, bool moved)
{
	struct dma_buf_attachment *attach;
	struct vprime_binding *stale;
	struct dma_fence *fence;
	struct sg_table *sgt;
	int status;

	attach = dma_buf_dynamic_attach(prime->dmabuf, prime->render->drm.dev, &deaf_ops, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	sgt = stale_map(test, attach);
	stale = vprime_binding_create(&prime->render->port, sgt);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stale);

	if (moved)
		vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_SYSTEM);
	prime_run(prime);

	dma_resv_lock(prime->dmabuf->resv, NULL);
	fence = prime_submit_copy(test, prime, stale);
	dma_resv_unlock(prime->dmabuf->resv);
	prime_run(prime);
	status = dma_fence_get_status(fence);

	dma_fence_put(fence);
	vprime_binding_put(stale);
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(prime->dmabuf, attach);
	return status;
}

static void importer_that_ignores_a_move_faults(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	KUNIT_EXPECT_EQ(test, deaf_importer_copies(test, prime, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&prime->render->port.faults), 1);
}

static void importer_that_ignores_a_move_faults_in_system_memory_too(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_TT);
	prime_run(prime);
	KUNIT_EXPECT_EQ(test, deaf_importer_copies(test, prime, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&prime->render->port.faults), 1);
}

static void importer_that_ignores_a_move_by_the_cpu_faults(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	vprime_engine_remove(&prime->display->copy.engine);
	KUNIT_EXPECT_EQ(test, deaf_importer_copies(test, prime, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&prime->render->port.faults), 1);
}

static void importer_of_what_stays_does_not_fault(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);

	KUNIT_EXPECT_EQ(test, deaf_importer_copies(test, prime, false), 1);
	prime_expect_no_faults(test, prime);
}

static void refused_import_and_attach_are_busy(struct kunit *test)
{
	const struct vprime_faults no_import = { .refuse_import = true };
	const struct vprime_faults no_attach = { .refuse_attach = true };
	const struct vprime_faults none = {};
	struct prime *prime = prime_create(test, true);

	vprime_gpu_set_faults(prime->render, &no_import);
	KUNIT_EXPECT_EQ(test, PTR_ERR(vprime_gem_prime_import(&prime->render->drm, prime->dmabuf)),
			-EBUSY);
	vprime_gpu_set_faults(prime->render, &none);

	vprime_gpu_set_faults(prime->display, &no_attach);
	KUNIT_EXPECT_EQ(test, PTR_ERR(vprime_gem_prime_import(&prime->render->drm, prime->dmabuf)),
			-EBUSY);
	vprime_gpu_set_faults(prime->display, &none);
	KUNIT_EXPECT_NOT_NULL(test, vprime_kunit_import(test, prime->render, prime->dmabuf));
}

static void suspend_saves_vram_and_resume_goes_on(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("prime-suspend");
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;

	config.clock = VPRIME_CLOCK_TIMED;
	gpu = vprime_kunit_gpu(test, &config);
	bo = vprime_kunit_bo(test, gpu, PRIME_BYTES, VPRIME_PLACEMENT_MASK);
	vprime_kunit_fill(test, bo, PICTURE);
	KUNIT_ASSERT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);

	KUNIT_ASSERT_EQ(test, vprime_kunit_suspend(gpu), 0);
	KUNIT_EXPECT_NE(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	vprime_kunit_resume(gpu);
	vprime_kunit_check(test, bo, PICTURE);
	vprime_kunit_move(test, bo, VPRIME_PLACEMENT_VRAM);
	vprime_kunit_check(test, bo, PICTURE);
}

static void unplugged_exporter_leaves_its_importer_the_content(struct kunit *test)
{
	struct prime *prime = prime_create(test, true);
	struct dma_fence *fence;

	vprime_kunit_fill(test, prime->bo, PICTURE);
	dma_fence_put(prime_copy(test, prime));
	prime_run(prime);
	vprime_kunit_move(test, prime->bo, VPRIME_PLACEMENT_SYSTEM);
	prime_run(prime);

	vprime_gpu_unplug(prime->display);
	fence = prime_copy(test, prime);
	prime_run(prime);
	KUNIT_EXPECT_EQ(test, dma_fence_get_status(fence), 1);
	dma_fence_put(fence);
	vprime_kunit_check(test, prime->own, PICTURE);
}

static struct kunit_case prime_test_cases[] = {
	KUNIT_CASE(own_dmabuf_comes_back_as_the_same_object),
	KUNIT_CASE(import_shares_size_and_reservation),
	KUNIT_CASE(peer_is_read_in_its_vram),
	KUNIT_CASE(without_p2p_the_buffer_comes_to_system_memory),
	KUNIT_CASE(move_between_import_and_map_is_not_noticed),
	KUNIT_CASE(move_between_map_and_submit_is_remapped),
	KUNIT_CASE(move_between_submit_and_fence_waits_for_the_job),
	KUNIT_CASE(moves_are_announced_after_the_last_handle_is_gone),
	KUNIT_CASE(second_export_is_the_same_dmabuf),
	KUNIT_CASE(move_stuck_at_a_stop_is_announced_when_it_goes_on),
	KUNIT_CASE(importer_that_ignores_a_move_faults),
	KUNIT_CASE(importer_that_ignores_a_move_by_the_cpu_faults),
	KUNIT_CASE(importer_that_ignores_a_move_faults_in_system_memory_too),
	KUNIT_CASE(importer_of_what_stays_does_not_fault),
	KUNIT_CASE(refused_import_and_attach_are_busy),
	KUNIT_CASE(suspend_saves_vram_and_resume_goes_on),
	KUNIT_CASE(unplugged_exporter_leaves_its_importer_the_content),
	{}
};

static struct kunit_suite prime_test_suite = {
	.name = "vprime-prime",
	.test_cases = prime_test_cases,
};

kunit_test_suite(prime_test_suite);
