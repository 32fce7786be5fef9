// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests of swapping need, see vprime_swap_rig.h.
 */
#include "vprime_swap_rig.h"

#include <kunit/test.h>

#include <linux/dma-resv.h>
#include <linux/hash.h>
#include <linux/iosys-map.h>
#include <linux/workqueue.h>

#include <drm/ttm/ttm_device.h>
#include <drm/ttm/ttm_tt.h>

#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_import.h"
#include "../vprime_map.h"
#include "vprime_kunit.h"

#define SWAP_RIG_WORDS (SWAP_RIG_BYTES / sizeof(u32))

void swap_rig_run(struct swap_rig *rig)
{
	while (vprime_kunit_run(rig->gpu) + vprime_kunit_run(rig->user))
		;
	/* It unmaps what was used until now, and TTM passes over a buffer that it has locked. */
	vprime_import_flush(rig->user);
	/* What a buffer has left behind is TTM's to free; until then it could be swapped out. */
	flush_workqueue(rig->gpu->ttm.wq);
}

static void swap_create_gpus(struct kunit *test, struct swap_rig *rig, enum swap_rig_user user)
{
	struct vprime_config config = vprime_kunit_config("swap");

	rig->gpu = vprime_kunit_gpu(test, &config);
	rig->user = rig->gpu;
	if (user == SWAP_RIG_OWNER)
		return;
	config = vprime_kunit_config("swap-user");
	config.p2p = user == SWAP_RIG_PEER;
	rig->user = vprime_kunit_gpu(test, &config);
}

static void swap_create_copy(struct kunit *test, struct swap_rig *rig)
{
	struct ttm_operation_ctx ctx = {};
	int ret;

	vprime_kunit_entity(test, rig->user, &rig->entity, DRM_SCHED_PRIORITY_NORMAL);
	rig->copy = vprime_kunit_bo(test, rig->user, SWAP_RIG_BYTES, VPRIME_PLACEMENT_VRAM);
	dma_resv_lock(rig->copy->tbo.base.resv, NULL);
	ret = vprime_bo_bind(rig->copy, &ctx, &rig->copy_binding);
	dma_resv_unlock(rig->copy->tbo.base.resv);
	KUNIT_ASSERT_EQ(test, ret, 0);
}

struct swap_rig *swap_rig_create(struct kunit *test, u32 placements, enum swap_rig_user user)
{
	struct swap_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	swap_create_gpus(test, rig, user);
	swap_create_copy(test, rig);
	rig->bo = vprime_kunit_bo(test, rig->gpu, SWAP_RIG_BYTES, placements);
	rig->seen = rig->bo;
	if (user == SWAP_RIG_OWNER)
		return rig;
	rig->dmabuf = vprime_kunit_export(test, rig->bo);
	rig->seen = vprime_kunit_import(test, rig->user, rig->dmabuf);
	return rig;
}

/* Every word tells where it is, so that pages that change places are noticed. */
static u32 swap_word(u32 seed, size_t i)
{
	return hash_32(seed * SWAP_RIG_WORDS + i + 1, 32);
}

void swap_rig_fill(struct kunit *test, struct vprime_bo *bo, u32 seed)
{
	struct iosys_map map = {};
	size_t i;
	u32 *at;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_gem_vmap(&bo->tbo.base, &map), 0);
	at = map.vaddr;
	for (i = 0; at && i < SWAP_RIG_WORDS; i++)
		at[i] = swap_word(seed, i);
	dma_resv_unlock(bo->tbo.base.resv);
}

void swap_rig_expect_words(struct kunit *test, const u32 *at, u32 seed)
{
	size_t i;

	for (i = 0; i < SWAP_RIG_WORDS && at[i] == swap_word(seed, i); i++)
		;
	KUNIT_EXPECT_EQ_MSG(test, i, SWAP_RIG_WORDS, "word %zu is %#x instead of %#x", i,
			    i < SWAP_RIG_WORDS ? at[i] : 0, swap_word(seed, i));
}

void swap_rig_check(struct kunit *test, struct vprime_bo *bo, u32 seed)
{
	struct iosys_map map = {};

	dma_resv_lock(bo->tbo.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_gem_vmap(&bo->tbo.base, &map), 0);
	if (map.vaddr)
		swap_rig_expect_words(test, map.vaddr, seed);
	dma_resv_unlock(bo->tbo.base.resv);
}

int swap_rig_out(struct swap_rig *rig)
{
	struct ttm_operation_ctx ctx = { .no_wait_gpu = true };
	int pages = 0, got;

	do {
		got = ttm_device_swapout(&rig->gpu->ttm, &ctx, GFP_KERNEL);
		pages += got;
	} while (got > 0);
	return pages;
}

bool swap_rig_is_out(struct vprime_bo *bo)
{
	struct ttm_tt *tt;
	bool swapped;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	tt = bo->tbo.ttm;
	swapped = tt && tt->page_flags & TTM_TT_FLAG_SWAPPED && !ttm_tt_is_populated(tt);
	dma_resv_unlock(bo->tbo.base.resv);
	return swapped;
}

void swap_rig_expect_out(struct kunit *test, struct swap_rig *rig)
{
	KUNIT_EXPECT_EQ(test, swap_rig_out(rig), SWAP_RIG_PAGES);
	KUNIT_EXPECT_TRUE(test, swap_rig_is_out(rig->bo));
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(rig->bo), VPRIME_PLACEMENT_SYSTEM);
}

void swap_rig_expect_stays(struct kunit *test, struct swap_rig *rig, u32 place)
{
	KUNIT_EXPECT_EQ(test, swap_rig_out(rig), 0);
	KUNIT_EXPECT_FALSE(test, swap_rig_is_out(rig->bo));
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(rig->bo), place);
}

void swap_rig_expect_no_faults(struct kunit *test, struct swap_rig *rig)
{
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->gpu->port.faults), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->user->port.faults), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->gpu->copy.engine.stale_writes), 0);
}

struct dma_fence *swap_rig_push_copy(struct kunit *test, struct swap_rig *rig,
				     struct vprime_binding *src)
{
	struct vprime_op op = {
		.code = VPRIME_ENGINE_COPY,
		.dst = rig->copy_binding,
		.src = src,
		.width = SWAP_RIG_BYTES,
		.height = 1,
	};
	struct dma_resv *resv = rig->seen->tbo.base.resv;
	struct dma_fence *fence;
	struct vprime_job *job;

	dma_resv_assert_held(resv);

	job = vprime_job_create(&rig->entity, 1, rig, 0);
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

struct dma_fence *swap_rig_submit(struct kunit *test, struct swap_rig *rig)
{
	struct dma_resv *resv = rig->seen->tbo.base.resv;
	struct ttm_operation_ctx ctx = {};
	struct vprime_binding *src;
	struct dma_fence *fence;

	dma_resv_lock(resv, NULL);
	KUNIT_ASSERT_EQ(test, vprime_bo_bind(rig->seen, &ctx, &src), 0);
	fence = swap_rig_push_copy(test, rig, src);
	dma_resv_unlock(resv);
	return fence;
}

int swap_rig_finish(struct swap_rig *rig, struct dma_fence *fence)
{
	int status;

	swap_rig_run(rig);
	status = dma_fence_get_status(fence);
	dma_fence_put(fence);
	return status;
}

void swap_rig_check_by_engine(struct kunit *test, struct swap_rig *rig, u32 seed)
{
	KUNIT_EXPECT_EQ(test, swap_rig_finish(rig, swap_rig_submit(test, rig)), 1);
	swap_rig_check(test, rig->copy, seed);
	swap_rig_expect_no_faults(test, rig);
}
