// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_pin.h"

#include <kunit/visibility.h>

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/log2.h>

#include <drm/drm_drv.h>

#include "vprime_bo.h"
#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_trace.h"

/**
 * DOC: What may not move
 *
 * Importers that cannot be told of a move, and scanout, have a buffer pinned. Pins of VRAM are
 * limited, as user space could fill it with them for good.
 */

static bool bo_is_in_vram(const struct vprime_bo *bo)
{
	return vprime_bo_placement(bo) == VPRIME_PLACEMENT_VRAM;
}

/* Pins of VRAM are what user space could fill it with for good. */
static bool charge_pin(struct vprime_bo *bo)
{
	struct vprime_gpu *gpu = bo->gpu;
	u64 size = bo->tbo.base.size;

	if (!bo_is_in_vram(bo))
		return true;
	if (atomic64_add_return(size, &gpu->pinned_vram) <= gpu->config.pin_limit)
		return true;
	atomic64_sub(size, &gpu->pinned_vram);
	return false;
}

static void uncharge_pin(struct vprime_bo *bo)
{
	if (bo_is_in_vram(bo))
		atomic64_sub(bo->tbo.base.size, &bo->gpu->pinned_vram);
}

/* What is pinned in VRAM is counted when it is charged. */
static void count_pin(struct vprime_bo *bo, s64 bytes)
{
	if (!bo_is_in_vram(bo))
		atomic64_add(bytes, &bo->gpu->pinned[ilog2(vprime_bo_placement(bo))]);
}

static int bo_pin_again(struct vprime_bo *bo, u32 placements)
{
	if (!(vprime_bo_placement(bo) & placements))
		return -EBUSY;
	ttm_bo_pin(&bo->tbo);
	return 0;
}

/* Charged before it is waited for, so that nobody moves it meanwhile. */
static int bo_pin_first(struct vprime_bo *bo, u32 placements, struct ttm_operation_ctx *ctx)
{
	int ret;

	ret = vprime_bo_validate(bo, placements, ctx);
	if (ret)
		return ret;
	if (!charge_pin(bo)) {
		placements &= ~VPRIME_PLACEMENT_VRAM;
		if (!placements)
			return -ENOSPC;
		ret = vprime_bo_validate(bo, placements, ctx);
		if (ret)
			return ret;
	}
	ttm_bo_pin(&bo->tbo);
	count_pin(bo, bo->tbo.base.size);
	return 0;
}

/**
 * vprime_bo_pin - forbid a buffer to move
 * @bo: a buffer, not an import
 * @placements: mask of VPRIME_PLACEMENT_* where it has to be
 * @ctx: how to wait
 *
 * When this returns, the buffer has arrived. More VRAM than the configuration allows is not pinned.
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: 0, and vprime_bo_unpin() is due; -EBUSY if it is pinned elsewhere; -ENOSPC if that would
 * be too much VRAM, or there is no room; -ENOMEM; -ERESTARTSYS.
 */
int vprime_bo_pin(struct vprime_bo *bo, u32 placements, struct ttm_operation_ctx *ctx)
{
	long left;
	int ret;

	dma_resv_assert_held(bo->tbo.base.resv);

	ret = bo->tbo.pin_count ? bo_pin_again(bo, placements) : bo_pin_first(bo, placements, ctx);
	if (ret)
		return ret;
	trace_vprime_pin(bo);

	left = dma_resv_wait_timeout(bo->tbo.base.resv, DMA_RESV_USAGE_KERNEL, ctx->interruptible,
				     MAX_SCHEDULE_TIMEOUT);
	if (left < 0)
		vprime_bo_unpin(bo);
	return left < 0 ? left : 0;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_pin);

/**
 * vprime_bo_unpin - the counterpart of vprime_bo_pin()
 * @bo: a buffer that is pinned
 *
 * Context: the dma-resv lock is held.
 */
void vprime_bo_unpin(struct vprime_bo *bo)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	trace_vprime_unpin(bo);
	ttm_bo_unpin(&bo->tbo);
	if (bo->tbo.pin_count)
		return;

	uncharge_pin(bo);
	count_pin(bo, -(s64)bo->tbo.base.size);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_unpin);

/**
 * vprime_bo_pin_shared - forbid a buffer to move, where the engines and all importers reach it
 * @bo: a buffer, not an import
 * @ctx: how to wait
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: as vprime_bo_pin().
 */
int vprime_bo_pin_shared(struct vprime_bo *bo, struct ttm_operation_ctx *ctx)
{
	u32 placements = vprime_export_reachable(bo);

	/* System memory is reached by all of them, also if the buffer is meant for VRAM alone. */
	if (bo->tbo.pin_count)
		placements |= VPRIME_PLACEMENT_TT;
	return vprime_bo_pin(bo, placements, ctx);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_pin_shared);

/**
 * vprime_bo_pin_for_cpu - forbid a buffer to move, where every importer reaches it
 * @bo: a buffer, not an import
 * @ctx: how to wait
 *
 * For users who need an address only, of whom importers that attach later know nothing. A buffer
 * that is pinned in VRAM already is left there, and so is one that cannot leave it any more.
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: as vprime_bo_pin().
 */
int vprime_bo_pin_for_cpu(struct vprime_bo *bo, struct ttm_operation_ctx *ctx)
{
	bool stays = bo->tbo.pin_count || drm_dev_is_unplugged(&bo->gpu->drm);

	return vprime_bo_pin(bo, stays && bo_is_in_vram(bo) ? VPRIME_PLACEMENT_VRAM :
							      VPRIME_PLACEMENT_TT, ctx);
}

/**
 * vprime_gem_pin - forbid a buffer to move, wherever it is reachable
 * @obj: its GEM object; an import is pinned by its exporter
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: what vprime_bo_pin() or the exporter returns.
 */
int vprime_gem_pin(struct drm_gem_object *obj)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	struct vprime_bo *bo = to_vprime_bo(obj);

	if (vprime_bo_is_import(bo))
		return dma_buf_pin(obj->import_attach);
	return vprime_bo_pin_shared(bo, &ctx);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gem_pin);

/**
 * vprime_gem_unpin - the counterpart of vprime_gem_pin()
 * @obj: its GEM object
 *
 * Context: the dma-resv lock is held.
 */
void vprime_gem_unpin(struct drm_gem_object *obj)
{
	struct vprime_bo *bo = to_vprime_bo(obj);

	if (vprime_bo_is_import(bo))
		dma_buf_unpin(obj->import_attach);
	else
		vprime_bo_unpin(bo);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gem_unpin);
