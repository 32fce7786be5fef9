// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_ttm.h"

#include <linux/dma-resv.h>

#include <drm/drm_print.h>
#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_range_manager.h>
#include <drm/ttm/ttm_tt.h>

#include "vprime_bo.h"
#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_map.h"
#include "vprime_migrate.h"
#include "vprime_trace.h"
#include "vprime_tt.h"

/**
 * DOC: Where buffers are
 *
 * What TTM asks of a driver. It picks places and victims; vprime_ttm_move() says how to get from
 * one place to the other:
 *
 * - Between SYSTEM and TT the pages stay. TT means that the engines may reach them, and going back
 *   to SYSTEM waits until they are done with them.
 * - Between TT and VRAM a job copies, and nobody waits for it but who uses the buffer.
 * - Between SYSTEM and VRAM it goes by way of TT.
 *
 * Whoever imports the buffer is told before any of that.
 */

/* Out of VRAM it stays reachable if that can be; out of TT it can be swapped out. */
static void vprime_ttm_evict_flags(struct ttm_buffer_object *tbo, struct ttm_placement *placement)
{
	static const struct ttm_place out_of_vram[] = {
		{ .mem_type = TTM_PL_TT },
		{ .mem_type = TTM_PL_SYSTEM, .flags = TTM_PL_FLAG_FALLBACK },
	};
	static const struct ttm_place out_of_tt[] = {
		{ .mem_type = TTM_PL_SYSTEM },
	};

	if (tbo->resource->mem_type == TTM_PL_VRAM) {
		placement->placement = out_of_vram;
		placement->num_placement = ARRAY_SIZE(out_of_vram);
	} else {
		placement->placement = out_of_tt;
		placement->num_placement = ARRAY_SIZE(out_of_tt);
	}
}

/* A stand-in that has just been made, and not been given up yet, is nothing that could be moved. */
static bool vprime_ttm_eviction_valuable(struct ttm_buffer_object *tbo,
					 const struct ttm_place *place)
{
	return (tbo->deleted || vprime_bo_from_ttm(tbo)) && ttm_bo_eviction_valuable(tbo, place);
}

static u32 type_of(const struct ttm_resource *res)
{
	return res ? res->mem_type : TTM_PL_SYSTEM;
}

/* Nothing was ever written to it, so that there is nothing to copy. */
static bool has_no_content(const struct ttm_buffer_object *tbo)
{
	if (!tbo->resource)
		return true;
	return type_of(tbo->resource) != TTM_PL_VRAM &&
	       (!tbo->ttm ||
		(!ttm_tt_is_populated(tbo->ttm) && !(tbo->ttm->page_flags & TTM_TT_FLAG_SWAPPED)));
}

static int move_tt_to_system(struct ttm_buffer_object *tbo, struct ttm_operation_ctx *ctx,
			     struct ttm_resource *new_mem)
{
	int ret;

	ret = ttm_bo_wait_ctx(tbo, ctx);
	if (ret)
		return ret;
	vprime_tt_unbind(tbo->ttm);
	ttm_bo_move_null(tbo, new_mem);
	return 0;
}

static bool needs_hop(u32 from, u32 to)
{
	return (from == TTM_PL_SYSTEM && to == TTM_PL_VRAM) ||
	       (from == TTM_PL_VRAM && to == TTM_PL_SYSTEM);
}

static int move_content(struct ttm_buffer_object *tbo, bool evict, struct ttm_operation_ctx *ctx,
			struct ttm_resource *new_mem)
{
	u32 from = type_of(tbo->resource), to = type_of(new_mem);

	if (from == TTM_PL_SYSTEM) {
		ttm_bo_move_null(tbo, new_mem);
		return 0;
	}
	if (to == TTM_PL_SYSTEM)
		return move_tt_to_system(tbo, ctx, new_mem);
	return vprime_migrate_copy(ttm_to_vprime_bo(tbo), evict, new_mem);
}

static bool is_stop(const struct ttm_resource *res)
{
	return res->placement & TTM_PL_FLAG_TEMPORARY;
}

static void count_move(struct vprime_bo *bo, u32 from, u32 to, bool evict)
{
	struct vprime_stats *stats = &bo->gpu->stats;

	trace_vprime_move(bo, from, to, evict);
	if (from == VPRIME_PLACEMENT_VRAM || to == VPRIME_PLACEMENT_VRAM)
		atomic64_add(bo->tbo.base.size, &stats->bytes_moved);

	/* Neither its first place is a move nor a stop on the way. */
	if (list_empty(&bo->link) || is_stop(bo->tbo.resource))
		return;
	bo->moves++;
	atomic64_inc(&stats->moves);
	if (evict)
		atomic64_inc(&stats->evictions);
}

static int move_nothing(struct ttm_buffer_object *tbo, struct ttm_resource *new_mem)
{
	int ret = 0;

	if (type_of(new_mem) == TTM_PL_VRAM)
		ret = vprime_migrate_clear(ttm_to_vprime_bo(tbo), new_mem);
	if (ret)
		return ret;

	ttm_bo_move_null(tbo, new_mem);
	vprime_bo_moved(ttm_to_vprime_bo(tbo));
	return 0;
}

/*
 * A buffer may be left at a stop on its way to SYSTEM, because jobs use it. For TTM, staying there
 * is a move, but the pages and all windows onto them stay the same.
 */
static bool stays_in_tt(const struct ttm_buffer_object *tbo, const struct ttm_resource *new_mem)
{
	return type_of(tbo->resource) == TTM_PL_TT && type_of(new_mem) == TTM_PL_TT;
}

static int vprime_ttm_move(struct ttm_buffer_object *tbo, bool evict, struct ttm_operation_ctx *ctx,
			   struct ttm_resource *new_mem, struct ttm_place *hop)
{
	struct vprime_bo *bo = ttm_to_vprime_bo(tbo);
	u32 from = vprime_bo_placement(bo);
	int ret;

	dma_resv_assert_held(tbo->base.resv);

	if (has_no_content(tbo))
		return move_nothing(tbo, new_mem);
	if (stays_in_tt(tbo, new_mem)) {
		ttm_bo_move_null(tbo, new_mem);
		return 0;
	}

	if (needs_hop(type_of(tbo->resource), type_of(new_mem))) {
		hop->mem_type = TTM_PL_TT;
		hop->flags = TTM_PL_FLAG_TEMPORARY;
		return -EMULTIHOP;
	}

	/* Nobody has got hold of it at a stop on the way. */
	if (!is_stop(tbo->resource))
		vprime_export_notify(bo);
	vprime_map_forget(bo);
	ret = move_content(tbo, evict, ctx, new_mem);
	if (ret)
		return ret;

	vprime_bo_moved(bo);
	count_move(bo, from, vprime_bo_placement(bo), evict);
	return 0;
}

static void vprime_ttm_delete_mem_notify(struct ttm_buffer_object *tbo)
{
	struct vprime_bo *bo = vprime_bo_from_ttm(tbo);

	if (bo)
		vprime_map_forget(bo);
}

/* Not of a stand-in: see vprime_ttm_eviction_valuable(). */
static void vprime_ttm_swap_notify(struct ttm_buffer_object *tbo)
{
	struct vprime_bo *bo = ttm_to_vprime_bo(tbo);

	vprime_map_forget(bo);
	WRITE_ONCE(bo->swapped, true);
}

static int vprime_ttm_io_mem_reserve(struct ttm_device *bdev, struct ttm_resource *res)
{
	if (res->mem_type != TTM_PL_VRAM)
		return 0;

	res->bus.offset = vprime_vram_address(&ttm_to_vprime_gpu(bdev)->vram, res);
	res->bus.is_iomem = true;
	res->bus.caching = ttm_cached;
	return 0;
}

static unsigned long vprime_ttm_io_mem_pfn(struct ttm_buffer_object *tbo, unsigned long page_offset)
{
	struct vprime_gpu *gpu = ttm_to_vprime_gpu(tbo->bdev);

	return page_to_pfn(vprime_vram_pages(&gpu->vram, tbo->resource)[page_offset]);
}

static struct ttm_device_funcs vprime_ttm_funcs = {
	.ttm_tt_create		= vprime_tt_create,
	.ttm_tt_populate	= vprime_tt_populate,
	.ttm_tt_unpopulate	= vprime_tt_unpopulate,
	.ttm_tt_destroy		= vprime_tt_destroy,
	.eviction_valuable	= vprime_ttm_eviction_valuable,
	.evict_flags		= vprime_ttm_evict_flags,
	.move			= vprime_ttm_move,
	.delete_mem_notify	= vprime_ttm_delete_mem_notify,
	.swap_notify		= vprime_ttm_swap_notify,
	.io_mem_reserve		= vprime_ttm_io_mem_reserve,
	.io_mem_pfn		= vprime_ttm_io_mem_pfn,
};

/**
 * vprime_ttm_bind - make a place reachable for the engines
 * @tbo: a buffer with pages, if @res is in TT
 * @res: in TT or in VRAM
 * @binding: gets the windows onto it, which last as long as the place
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: 0, -ENOMEM, -ENODEV if the GPU is gone, -EINVAL if the engines reach no such place.
 */
int vprime_ttm_bind(struct ttm_buffer_object *tbo, struct ttm_resource *res,
		    struct vprime_binding **binding)
{
	dma_resv_assert_held(tbo->base.resv);

	if (res->mem_type == TTM_PL_VRAM) {
		*binding = to_vprime_vram_resource(res)->binding;
		return 0;
	}
	if (res->mem_type != TTM_PL_TT)
		return -EINVAL;

	return vprime_tt_bind(tbo->ttm, binding);
}

/**
 * vprime_ttm_stay - somebody shares a buffer where it is
 * @tbo: has a place
 *
 * A move that was interrupted at a stop leaves the buffer there. From now on that is a place like
 * any other, and leaving it is announced.
 *
 * Context: the dma-resv lock is held.
 */
void vprime_ttm_stay(struct ttm_buffer_object *tbo)
{
	dma_resv_assert_held(tbo->base.resv);

	tbo->resource->placement &= ~TTM_PL_FLAG_TEMPORARY;
}

/**
 * vprime_ttm_init - let TTM place buffers of this GPU
 * @gpu: with its VRAM and its engines
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_ttm_init(struct vprime_gpu *gpu)
{
	struct drm_device *drm = &gpu->drm;
	int ret;

	vprime_tt_init(gpu);

	/*
	 * Pages above what the device can address would be bounced, and then they are not the same
	 * memory any more.
	 */
	ret = ttm_device_init(&gpu->ttm, &vprime_ttm_funcs, drm->dev, drm->anon_inode->i_mapping,
			      drm->vma_offset_manager, false, gpu->config.dma_bits < 64);
	if (ret)
		return ret;

	ret = ttm_range_man_init(&gpu->ttm, TTM_PL_TT, true, totalram_pages());
	if (ret)
		goto err_fini;
	vprime_vram_add_manager(gpu);
	return 0;

err_fini:
	ttm_device_fini(&gpu->ttm);
	return ret;
}

/**
 * vprime_ttm_fini - the counterpart of vprime_ttm_init()
 * @gpu: without buffers
 *
 * Context: may sleep.
 */
void vprime_ttm_fini(struct vprime_gpu *gpu)
{
	/* Buffers that were given up while they were busy still occupy their places. */
	drain_workqueue(gpu->ttm.wq);
	vprime_vram_remove_manager(gpu);
	ttm_range_man_fini(&gpu->ttm, TTM_PL_TT);
	ttm_device_fini(&gpu->ttm);
}

/* How long all buffers together are waited for: until nobody uses them, and have been copied. */
#define EVACUATE_IDLE_TIMEOUT (2 * HZ)
#define EVACUATE_TIMEOUT (4 * HZ)

static bool bo_settles(struct vprime_bo *bo, enum dma_resv_usage usage, unsigned long deadline)
{
	unsigned long now = jiffies;
	unsigned long left = time_before(now, deadline) ? deadline - now : 0;

	return dma_resv_wait_timeout(bo->tbo.base.resv, usage, false, left) > 0;
}

/* Whoever has the lock may be waiting for a job. */
static bool lock_until(struct dma_resv *resv, unsigned long deadline)
{
	while (!dma_resv_trylock(resv)) {
		if (!time_before(jiffies, deadline))
			return false;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

/* Returns -EBUSY if somebody still uses it. */
static int evacuate_locked(struct vprime_bo *bo)
{
	struct ttm_operation_ctx ctx = { .no_wait_gpu = true };

	dma_resv_assert_held(bo->tbo.base.resv);

	if (vprime_bo_placement(bo) != VPRIME_PLACEMENT_VRAM || bo->tbo.pin_count)
		return 0;
	if (!dma_resv_test_signaled(bo->tbo.base.resv, DMA_RESV_USAGE_BOOKKEEP))
		return -EBUSY;
	if (vprime_bo_validate(bo, VPRIME_PLACEMENT_TT, &ctx))
		drm_dbg_driver(&bo->gpu->drm, "buffer %llu stays in VRAM\n", bo->id);
	return 0;
}

static void evacuate_bo(struct vprime_bo *bo, unsigned long idle_by)
{
	int ret;

	do {
		if (!lock_until(bo->tbo.base.resv, idle_by))
			return;
		ret = evacuate_locked(bo);
		dma_resv_unlock(bo->tbo.base.resv);
	} while (ret && time_before(jiffies, idle_by) &&
		 bo_settles(bo, DMA_RESV_USAGE_BOOKKEEP, idle_by));
}

static void evacuate_bos(struct vprime_gpu *gpu, unsigned long idle_by)
{
	struct vprime_bo *bo = NULL;

	while ((bo = vprime_bo_next(gpu, bo))) {
		if (!vprime_bo_is_import(bo))
			evacuate_bo(bo, idle_by);
	}
}

/**
 * vprime_ttm_evacuate - bring what is in VRAM and can be moved to system memory
 * @gpu: its engines still work
 *
 * What is pinned, and what does not become idle, stays where it is. However many buffers that are,
 * it takes some seconds at most; what is idle does not wait for what is not.
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 */
void vprime_ttm_evacuate(struct vprime_gpu *gpu)
{
	unsigned long began = jiffies;
	struct vprime_bo *bo = NULL;

	evacuate_bos(gpu, began);
	evacuate_bos(gpu, began + EVACUATE_IDLE_TIMEOUT);
	while ((bo = vprime_bo_next(gpu, bo))) {
		if (!vprime_bo_is_import(bo))
			bo_settles(bo, DMA_RESV_USAGE_KERNEL, began + EVACUATE_TIMEOUT);
	}
}

/* How long all buffers are waited for before the machine may sleep. */
#define EMPTY_TIMEOUT (5 * HZ)

static bool bo_stays_busy(struct vprime_bo *bo, unsigned long deadline)
{
	unsigned long left = time_before(jiffies, deadline) ? deadline - jiffies : 0;
	bool has_to_go;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	has_to_go = vprime_bo_placement(bo) == VPRIME_PLACEMENT_VRAM && !bo->tbo.pin_count;
	dma_resv_unlock(bo->tbo.base.resv);
	return has_to_go && dma_resv_wait_timeout(bo->tbo.base.resv, DMA_RESV_USAGE_BOOKKEEP, false,
						  left) <= 0;
}

/**
 * vprime_ttm_empty_vram - bring all that is in VRAM to system memory
 * @gpu: its engines still work, and nobody has new work for them
 *
 * What is pinned stays where it is.
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: 0; -EBUSY if a buffer in VRAM is still in use after some seconds; TTM's error if one
 * cannot be moved.
 */
int vprime_ttm_empty_vram(struct vprime_gpu *gpu)
{
	unsigned long deadline = jiffies + EMPTY_TIMEOUT;
	struct vprime_bo *bo = NULL;

	/* TTM would wait for ever for a job that waits for a program. */
	while ((bo = vprime_bo_next(gpu, bo))) {
		if (vprime_bo_is_import(bo) || !bo_stays_busy(bo, deadline))
			continue;
		drm_info(&gpu->drm, "buffer %llu in VRAM stays in use\n", bo->id);
		drm_gem_object_put(&bo->tbo.base);
		return -EBUSY;
	}
	return ttm_resource_manager_evict_all(&gpu->ttm, &gpu->vram.manager);
}
