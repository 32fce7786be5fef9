// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_ioctl.h"

#include <linux/bits.h>
#include <linux/dma-resv.h>
#include <linux/log2.h>
#include <linux/uaccess.h>

#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_utils.h>

#include <drm/vprime_drm.h>

#include "vprime_bo.h"
#include "vprime_capture.h"
#include "vprime_client.h"
#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_import.h"
#include "vprime_map.h"
#include "vprime_stats.h"
#include "vprime_submit.h"

/**
 * DOC: What programs ask
 *
 * Checks what user space passes, and calls the room that does it. What each call means, and each of
 * its errors, stands in uapi/drm/vprime_drm.h.
 */

static int get_param(struct vprime_gpu *gpu, u32 param, u64 *value)
{
	switch (param) {
	case VPRIME_PARAM_RENDER_NODE:
		*value = gpu->config.render_node;
		return 0;
	case VPRIME_PARAM_P2P:
		*value = gpu->config.p2p;
		return 0;
	case VPRIME_PARAM_DMA_BITS:
		*value = gpu->config.dma_bits;
		return 0;
	case VPRIME_PARAM_PIN_LIMIT:
		*value = gpu->config.pin_limit;
		return 0;
	case VPRIME_PARAM_MAX_COMMANDS:
		*value = VPRIME_MAX_COMMANDS;
		return 0;
	case VPRIME_PARAM_MAX_SYNCS:
		*value = VPRIME_MAX_SYNCS;
		return 0;
	case VPRIME_PARAM_MAX_JOBS:
		*value = VPRIME_MAX_JOBS;
		return 0;
	default:
		return -EINVAL;
	}
}

static int vprime_ioctl_get_param(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_vprime_get_param *args = data;

	if (args->pad)
		return -EINVAL;
	return get_param(to_vprime_gpu(drm), args->param, &args->value);
}

/* Counted, not gathered: a walk over all buffers would take as long as their users want it to. */
static void get_regions(struct vprime_gpu *gpu, struct drm_vprime_region *regions)
{
	struct drm_vprime_region *vram = &regions[ilog2(VPRIME_PLACEMENT_VRAM)];
	int i;

	for (i = 0; i < VPRIME_PLACES; i++) {
		regions[i].placement = BIT(i);
		regions[i].used = atomic64_read(&gpu->used[i]);
		regions[i].pinned = atomic64_read(&gpu->pinned[i]);
	}
	vram->size = gpu->config.vram_size;
	vram->pinned = atomic64_read(&gpu->pinned_vram);
	vram->used = vprime_vram_used(&gpu->vram);
}

static int answer(struct drm_vprime_query *args, const void *from, u32 size)
{
	u32 room = args->size;

	args->size = size;
	if (!room)
		return 0;
	if (room < size)
		return -EINVAL;
	return copy_to_user(u64_to_user_ptr(args->data), from, size) ? -EFAULT : 0;
}

static int vprime_ioctl_query(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct vprime_gpu *gpu = to_vprime_gpu(drm);
	struct drm_vprime_region regions[VPRIME_PLACES] = {};
	struct drm_vprime_query *args = data;
	struct drm_vprime_stats stats;

	switch (args->query) {
	case VPRIME_QUERY_REGIONS:
		get_regions(gpu, regions);
		return answer(args, regions, sizeof(regions));
	case VPRIME_QUERY_STATS:
		vprime_stats_get(gpu, &stats);
		return answer(args, &stats, sizeof(stats));
	default:
		return -EINVAL;
	}
}

static bool placements_are_valid(u32 placements)
{
	return placements && !(placements & ~VPRIME_PLACEMENT_MASK);
}

static int vprime_ioctl_bo_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_vprime_bo_create *args = data;
	struct vprime_bo *bo;
	int ret;

	if (!args->size || args->flags || args->pad || args->handle ||
	    !placements_are_valid(args->placements))
		return -EINVAL;

	bo = vprime_bo_create(to_vprime_gpu(drm), args->size, args->placements);
	if (IS_ERR(bo))
		return PTR_ERR(bo);

	ret = drm_gem_handle_create(file, &bo->tbo.base, &args->handle);
	if (!ret)
		args->size = bo->tbo.base.size;
	drm_gem_object_put(&bo->tbo.base);
	return ret;
}

static int vprime_ioctl_bo_mmap_offset(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_vprime_bo_mmap_offset *args = data;

	if (args->flags)
		return -EINVAL;
	return vprime_map_offset(file, drm, args->handle, &args->offset);
}

static u32 bo_flags(struct vprime_bo *bo)
{
	u32 flags = 0;

	if (vprime_bo_is_import(bo))
		flags |= VPRIME_BO_IMPORTED;
	if (bo->exported)
		flags |= VPRIME_BO_EXPORTED;
	if (bo->mapping)
		flags |= VPRIME_BO_MAPPED;
	if (vprime_import_is_peer(bo))
		flags |= VPRIME_BO_PEER;
	return flags;
}

static void get_info(struct vprime_bo *bo, struct drm_vprime_bo_info *args)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	args->size = bo->tbo.base.size;
	args->placement = vprime_bo_placement(bo);
	args->placements = bo->placements;
	args->flags = bo_flags(bo);
	args->pins = bo->tbo.pin_count;
	args->importers = vprime_export_importers(bo);
	args->reserved = 0;
	args->moves = bo->moves;
	args->notifies = bo->notifies;
	args->remaps = bo->remaps;
}

static int vprime_ioctl_bo_info(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_vprime_bo_info *args = data;
	struct drm_gem_object *obj;
	int ret;

	if (args->pad || args->reserved)
		return -EINVAL;
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj)
		return -ENOENT;

	ret = vprime_gem_lock(obj);
	if (!ret) {
		get_info(to_vprime_bo(obj), args);
		dma_resv_unlock(obj->resv);
	}
	drm_gem_object_put(obj);
	return ret;
}

/* Returns -EAGAIN if jobs have to end before the buffer can leave what the engines reach. */
static int try_move_bo(struct vprime_bo *bo, u32 placement)
{
	bool leaves = placement == VPRIME_PLACEMENT_SYSTEM;
	struct ttm_operation_ctx ctx = { .interruptible = true, .no_wait_gpu = leaves };
	u32 from = vprime_bo_placement(bo);
	int ret;

	dma_resv_assert_held(bo->tbo.base.resv);

	if (bo->tbo.pin_count && from != placement)
		return -EBUSY;
	/* Importers need not hear of a move that will not be yet. */
	if (leaves && from == VPRIME_PLACEMENT_TT &&
	    !dma_resv_test_signaled(bo->tbo.base.resv, DMA_RESV_USAGE_BOOKKEEP))
		return -EAGAIN;
	ret = vprime_bo_validate(bo, placement, &ctx);
	return leaves && ret == -EBUSY ? -EAGAIN : ret;
}

static int wait_idle(struct dma_resv *resv)
{
	long left = dma_resv_wait_timeout(resv, DMA_RESV_USAGE_BOOKKEEP, true,
					  MAX_SCHEDULE_TIMEOUT);

	return left < 0 ? left : 0;
}

/* Others can have the lock while jobs are waited for. */
static int move_bo(struct vprime_bo *bo, u32 placement)
{
	struct drm_gem_object *obj = &bo->tbo.base;
	int ret;

	if (vprime_bo_is_import(bo) || !(placement & (bo->placements | VPRIME_PLACEMENT_SYSTEM)))
		return -EINVAL;

	for (;;) {
		ret = vprime_gem_lock(obj);
		if (ret)
			return ret;
		ret = try_move_bo(bo, placement);
		dma_resv_unlock(obj->resv);
		if (ret != -EAGAIN)
			return ret;
		ret = wait_idle(obj->resv);
		if (ret)
			return ret;
	}
}

static int vprime_ioctl_bo_move(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_vprime_bo_move *args = data;
	struct drm_gem_object *obj;
	int ret;

	if (args->flags || args->pad || !placements_are_valid(args->placement) ||
	    !is_power_of_2(args->placement))
		return -EINVAL;
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj)
		return -ENOENT;

	ret = move_bo(to_vprime_bo(obj), args->placement);
	drm_gem_object_put(obj);
	return ret;
}

static int vprime_ioctl_bo_wait(struct drm_device *drm, void *data, struct drm_file *file)
{
	const u32 known = VPRIME_WAIT_READ | VPRIME_WAIT_WRITE;
	struct drm_vprime_bo_wait *args = data;
	long left;

	if (!args->flags || args->flags & ~known)
		return -EINVAL;
	left = drm_gem_dma_resv_wait(file, args->handle, args->flags & VPRIME_WAIT_WRITE,
				     drm_timeout_abs_to_jiffies(args->timeout_ns));
	return left == -EINVAL ? -ENOENT : left;
}

static int vprime_ioctl_submit(struct drm_device *drm, void *data, struct drm_file *file)
{
	return vprime_submit(to_vprime_gpu(drm), file, data);
}

static int vprime_ioctl_capture(struct drm_device *drm, void *data, struct drm_file *file)
{
	return vprime_capture(to_vprime_gpu(drm), file, data);
}

const struct drm_ioctl_desc vprime_ioctls[VPRIME_IOCTL_COUNT] = {
	DRM_IOCTL_DEF_DRV(VPRIME_GET_PARAM, vprime_ioctl_get_param, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_QUERY, vprime_ioctl_query, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_BO_CREATE, vprime_ioctl_bo_create, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_BO_MMAP_OFFSET, vprime_ioctl_bo_mmap_offset, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_BO_INFO, vprime_ioctl_bo_info, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_BO_MOVE, vprime_ioctl_bo_move, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_BO_WAIT, vprime_ioctl_bo_wait, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_SUBMIT, vprime_ioctl_submit, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(VPRIME_CAPTURE, vprime_ioctl_capture, 0),
};
