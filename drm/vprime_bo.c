// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_bo.h"

#include <kunit/visibility.h>

#include <linux/dma-resv.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include <drm/drm_fourcc.h>
#include <drm/drm_mode.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_placement.h>

#include "vprime_export.h"
#include "vprime_gpu.h"
#include "vprime_import.h"
#include "vprime_map.h"
#include "vprime_pin.h"
#include "vprime_trace.h"
#include "vprime_ttm.h"

/**
 * DOC: Life of a buffer
 *
 * This is the map of the folder. A buffer is made here (vprime_bo_create()) or comes from another
 * device (vprime_import.c). vprime_ttm.c decides where its memory is and asks vprime_migrate.c to
 * copy it; vprime_vram.c gives out video memory. vprime_export.c shows it to other devices, which
 * are told before it moves. vprime_submit.c makes jobs that use it, vprime_sched.c queues them, and
 * vprime_engine.c runs them over the bus that is vprime_fabric.c. vprime_map.c lets the CPU see it.
 *
 * All that can change about a buffer is protected by its dma-resv, which an import shares with its
 * exporter.
 */

/* Indexed by TTM's numbers of memory types. */
static const u32 placement_of_type[] = {
	[TTM_PL_SYSTEM]	= VPRIME_PLACEMENT_SYSTEM,
	[TTM_PL_TT]	= VPRIME_PLACEMENT_TT,
	[TTM_PL_VRAM]	= VPRIME_PLACEMENT_VRAM,
};

/**
 * vprime_placement_name - a placement in words
 * @placement: one VPRIME_PLACEMENT_*, or 0 for none yet
 *
 * Context: any.
 * Return: its name.
 */
const char *vprime_placement_name(u32 placement)
{
	switch (placement) {
	case VPRIME_PLACEMENT_SYSTEM:
		return "system";
	case VPRIME_PLACEMENT_TT:
		return "tt";
	case VPRIME_PLACEMENT_VRAM:
		return "vram";
	default:
		return "none";
	}
}
EXPORT_SYMBOL_IF_KUNIT(vprime_placement_name);

/**
 * vprime_bo_placement - where a buffer is
 * @bo: a buffer
 *
 * Of an import this is where it seems to be from here: reachable while it is mapped.
 *
 * Context: any. Without the dma-resv lock the answer may be outdated when it is used.
 * Return: one VPRIME_PLACEMENT_*, or 0 while it has no place.
 */
u32 vprime_bo_placement(const struct vprime_bo *bo)
{
	if (vprime_bo_is_import(bo))
		return READ_ONCE(bo->mapping) ? VPRIME_PLACEMENT_TT : VPRIME_PLACEMENT_SYSTEM;
	return READ_ONCE(bo->placement);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_placement);

static void bo_set_placement(struct vprime_bo *bo, u32 placement)
{
	struct vprime_gpu *gpu = bo->gpu;

	if (bo->placement)
		atomic64_sub(bo->tbo.base.size, &gpu->used[ilog2(bo->placement)]);
	if (placement)
		atomic64_add(bo->tbo.base.size, &gpu->used[ilog2(placement)]);
	WRITE_ONCE(bo->placement, placement);
}

/**
 * vprime_bo_moved - note that TTM has given a buffer another place
 * @bo: a buffer, not an import
 *
 * For those who ask without the lock: the place that TTM notes is freed by the next move.
 *
 * Context: the dma-resv lock is held.
 */
void vprime_bo_moved(struct vprime_bo *bo)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	bo_set_placement(bo, placement_of_type[bo->tbo.resource->mem_type]);
}

/**
 * vprime_bo_reachable - where a buffer may be for the engines to reach it
 * @bo: a buffer, not an import
 *
 * Context: any.
 * Return: a mask of VPRIME_PLACEMENT_*.
 */
u32 vprime_bo_reachable(const struct vprime_bo *bo)
{
	return (bo->placements & ~VPRIME_PLACEMENT_SYSTEM) ?: VPRIME_PLACEMENT_TT;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_reachable);

/**
 * vprime_gem_lock - take a buffer's dma-resv lock, unless a signal comes first
 * @obj: its GEM object
 *
 * dma_resv_lock_interruptible() returns -EINTR, which reaches user space even if the signal's
 * handler asked for system calls to be restarted.
 *
 * Context: may sleep. No dma-resv lock is held.
 * Return: 0, and dma_resv_unlock() is due; -ERESTARTSYS.
 */
int vprime_gem_lock(struct drm_gem_object *obj)
{
	return dma_resv_lock_interruptible(obj->resv, NULL) ? -ERESTARTSYS : 0;
}

/**
 * vprime_bo_validate - see to it that a buffer is in one of some places
 * @bo: a buffer, not an import
 * @placements: mask of VPRIME_PLACEMENT_*, not 0; the best one that can be had is taken
 * @ctx: how to wait
 *
 * What is evicted for it, and the buffer itself, may be on their way when this returns: fences of
 * KERNEL usage tell.
 *
 * Context: the dma-resv lock is held, other buffers' are taken if they can be. May sleep and
 * allocate.
 * Return: 0; -EINVAL if it is pinned elsewhere; -ENOSPC if all of them are full; -ENOMEM;
 * -ERESTARTSYS. Of a buffer that was locked with a ticket, -ENOSPC and -ENOMEM may also mean that
 * somebody who came first has locked what would have to be evicted: the ticket takes no more locks
 * until all of its locks have been given up.
 */
int vprime_bo_validate(struct vprime_bo *bo, u32 placements, struct ttm_operation_ctx *ctx)
{
	struct ttm_place places[3] = {};
	struct ttm_placement placement = { .placement = places };
	int ret;

	/* TTM would refuse a place that is good enough, as there are better ones. */
	if (bo->tbo.pin_count)
		return vprime_bo_placement(bo) & placements ? 0 : -EINVAL;

	if (placements & VPRIME_PLACEMENT_VRAM)
		places[placement.num_placement++].mem_type = TTM_PL_VRAM;
	/* Rather make room in VRAM than stay out of it. */
	if (placements & VPRIME_PLACEMENT_TT) {
		places[placement.num_placement].flags =
			placement.num_placement ? TTM_PL_FLAG_FALLBACK : 0;
		places[placement.num_placement++].mem_type = TTM_PL_TT;
	}
	if (placements & VPRIME_PLACEMENT_SYSTEM) {
		places[placement.num_placement].flags =
			placement.num_placement ? TTM_PL_FLAG_FALLBACK : 0;
		places[placement.num_placement++].mem_type = TTM_PL_SYSTEM;
	}
	ret = ttm_bo_validate(&bo->tbo, &placement, ctx);
	/* From the lock of a buffer that it would evict. */
	if (ret == -EINTR)
		return -ERESTARTSYS;
	/* TTM calls a place that is full ENOMEM, too; there is always room in the other places. */
	return ret == -ENOMEM && placements == VPRIME_PLACEMENT_VRAM ? -ENOSPC : ret;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_validate);

/**
 * vprime_bo_bind - make a buffer reachable for the engines
 * @bo: a buffer
 * @ctx: how to wait
 * @binding: gets what the engines use. Not a reference: it lasts as long as the dma-resv lock
 *	is held, or a reference of the caller's own
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: 0; what vprime_bo_validate() returns; of an import, what its exporter returns.
 */
int vprime_bo_bind(struct vprime_bo *bo, struct ttm_operation_ctx *ctx,
		   struct vprime_binding **binding)
{
	int ret;

	dma_resv_assert_held(bo->tbo.base.resv);

	if (vprime_bo_is_import(bo))
		return vprime_import_bind(bo, binding);

	ret = vprime_bo_validate(bo, vprime_export_reachable(bo), ctx);
	if (ret)
		return ret;
	return vprime_ttm_bind(&bo->tbo, bo->tbo.resource, binding);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_bind);

/**
 * vprime_bo_alloc - an object without memory
 * @gpu: whose
 * @size: in bytes, whole pages
 * @resv: to share, or NULL for one of its own
 *
 * Context: may sleep and allocate.
 * Return: it, to be freed with vprime_bo_free(), or ERR_PTR(-ENOMEM).
 */
struct vprime_bo *vprime_bo_alloc(struct vprime_gpu *gpu, u64 size, struct dma_resv *resv)
{
	struct vprime_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return ERR_PTR(-ENOMEM);

	bo->gpu = gpu;
	bo->id = atomic64_inc_return(&gpu->last_id);
	INIT_LIST_HEAD(&bo->link);
	INIT_LIST_HEAD(&bo->retired);
	bo->tbo.base.funcs = &vprime_bo_funcs;
	bo->tbo.base.resv = resv;
	drm_gem_private_object_init(&gpu->drm, &bo->tbo.base, size);
	return bo;
}

/**
 * vprime_bo_publish - from here on others than its maker find a buffer
 * @bo: complete
 *
 * Context: any.
 */
void vprime_bo_publish(struct vprime_bo *bo)
{
	struct vprime_gpu *gpu = bo->gpu;

	trace_vprime_bo_create(bo);
	spin_lock(&gpu->bos_lock);
	list_add_tail(&bo->link, &gpu->bos);
	spin_unlock(&gpu->bos_lock);
}

/**
 * vprime_bo_next - walk through all buffers of a GPU
 * @gpu: which
 * @before: where the walk is, or NULL to start; its reference is given back
 *
 * Context: may sleep. No dma-resv lock is held.
 * Return: the next one with a reference, or NULL at the end.
 */
struct vprime_bo *vprime_bo_next(struct vprime_gpu *gpu, struct vprime_bo *before)
{
	struct vprime_bo *bo, *found = NULL;

	spin_lock(&gpu->bos_lock);
	bo = list_prepare_entry(before, &gpu->bos, link);
	list_for_each_entry_continue(bo, &gpu->bos, link) {
		if (kref_get_unless_zero(&bo->tbo.base.refcount)) {
			found = bo;
			break;
		}
	}
	spin_unlock(&gpu->bos_lock);
	if (before)
		drm_gem_object_put(&before->tbo.base);
	return found;
}

/**
 * vprime_bo_free - the counterpart of vprime_bo_alloc()
 * @bo: has no memory any more
 *
 * Context: may sleep.
 */
void vprime_bo_free(struct vprime_bo *bo)
{
	struct vprime_gpu *gpu = bo->gpu;

	trace_vprime_bo_destroy(bo);
	spin_lock(&gpu->bos_lock);
	list_del_init(&bo->link);
	spin_unlock(&gpu->bos_lock);
	bo_set_placement(bo, 0);
	drm_gem_object_release(&bo->tbo.base);
	kfree(bo);
}

static void vprime_bo_destroy(struct ttm_buffer_object *tbo)
{
	vprime_bo_free(ttm_to_vprime_bo(tbo));
}

/**
 * vprime_bo_from_ttm - the buffer that TTM means
 * @tbo: of this driver, or TTM's own stand-in for memory that a buffer has left
 *
 * Context: any.
 * Return: the buffer, or NULL for a stand-in.
 */
struct vprime_bo *vprime_bo_from_ttm(struct ttm_buffer_object *tbo)
{
	return tbo->destroy == vprime_bo_destroy ? ttm_to_vprime_bo(tbo) : NULL;
}

static int bo_init(struct vprime_bo *bo)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	struct ttm_place place = { .mem_type = TTM_PL_SYSTEM };
	struct ttm_placement placement = { .num_placement = 1, .placement = &place };
	int ret;

	/*
	 * First nowhere in particular, so that there is one way to get anywhere. If this fails, it
	 * is destroyed.
	 */
	ret = ttm_bo_init_reserved(&bo->gpu->ttm, &bo->tbo, ttm_bo_type_device, &placement, 1, &ctx,
				   NULL, NULL, vprime_bo_destroy);
	if (ret)
		return ret;

	ret = vprime_bo_validate(bo, bo->placements, &ctx);
	if (!ret)
		vprime_bo_publish(bo);
	ttm_bo_unreserve(&bo->tbo);
	if (ret)
		ttm_bo_put(&bo->tbo);
	return ret;
}

static bool bo_fits(struct vprime_gpu *gpu, u64 size, u32 placements)
{
	return placements != VPRIME_PLACEMENT_VRAM || size <= gpu->config.vram_size;
}

/**
 * vprime_bo_create - a new buffer, all zero
 * @gpu: whose
 * @size: bytes, not 0; rounded up to whole pages
 * @placements: mask of VPRIME_PLACEMENT_* where it may be, not 0
 *
 * Context: may sleep and allocate. No dma-resv lock is held.
 * Return: it, with one reference of its GEM object; ERR_PTR(-ENOSPC) if it cannot be in VRAM and
 * may not be elsewhere; ERR_PTR(-ENOMEM), also if no machine could hold it; ERR_PTR(-ERESTARTSYS).
 */
struct vprime_bo *vprime_bo_create(struct vprime_gpu *gpu, u64 size, u32 placements)
{
	struct vprime_bo *bo;
	int ret;

	if (size > U32_MAX * PAGE_SIZE)
		return ERR_PTR(placements == VPRIME_PLACEMENT_VRAM ? -ENOSPC : -ENOMEM);
	if (!bo_fits(gpu, size, placements))
		return ERR_PTR(-ENOSPC);
	if (placements != VPRIME_PLACEMENT_VRAM && PFN_UP(size) > totalram_pages())
		return ERR_PTR(-ENOMEM);

	bo = vprime_bo_alloc(gpu, PAGE_ALIGN(size), NULL);
	if (IS_ERR(bo))
		return bo;

	bo->placements = placements;
	ret = bo_init(bo);
	return ret ? ERR_PTR(ret) : bo;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_bo_create);

/*
 * Hardware that imports a picture has its own idea of its layout: these suit all that are known of.
 * A small picture may be a cursor, and who sets one by DRM_IOCTL_MODE_CURSOR cannot tell its pitch:
 * that of 32 and of 64 pixels has to be without padding.
 */
#define DUMB_PITCH_ALIGN	256
#define DUMB_SMALL_PITCH_ALIGN	64
#define DUMB_HEIGHT_ALIGN	16

static u64 dumb_pitch(u32 width, u32 bpp)
{
	u64 bytes = DIV_ROUND_UP_ULL((u64)width * bpp, 8);

	return ALIGN(bytes, bytes < DUMB_PITCH_ALIGN ? DUMB_SMALL_PITCH_ALIGN : DUMB_PITCH_ALIGN);
}

/**
 * vprime_bo_dumb_create - a picture for a program that knows no GPU
 * @file: who asks
 * @drm: the device
 * @args: width, height and bits per pixel; gets the pitch, the size and a handle
 *
 * Context: may sleep and allocate.
 * Return: 0; -EINVAL if it is too large to be counted; what vprime_bo_create() returns.
 */
int vprime_bo_dumb_create(struct drm_file *file, struct drm_device *drm,
			  struct drm_mode_create_dumb *args)
{
	struct vprime_bo *bo;
	u64 pitch, size;
	int ret;

	pitch = dumb_pitch(args->width, args->bpp);
	size = PAGE_ALIGN(pitch * ALIGN((u64)args->height, DUMB_HEIGHT_ALIGN));
	if (pitch > U32_MAX || size > U32_MAX * PAGE_SIZE)
		return -EINVAL;

	bo = vprime_bo_create(to_vprime_gpu(drm), size,
			      VPRIME_PLACEMENT_VRAM | VPRIME_PLACEMENT_TT);
	if (IS_ERR(bo))
		return PTR_ERR(bo);

	args->pitch = pitch;
	args->size = size;
	ret = drm_gem_handle_create(file, &bo->tbo.base, &args->handle);
	drm_gem_object_put(&bo->tbo.base);
	return ret;
}

static void vprime_gem_free(struct drm_gem_object *obj)
{
	struct vprime_bo *bo = to_vprime_bo(obj);

	if (vprime_bo_is_import(bo))
		vprime_import_destroy(bo);
	else
		ttm_bo_put(&bo->tbo);
}

static void vprime_gem_print_info(struct drm_printer *p, unsigned int indent,
				  const struct drm_gem_object *obj)
{
	const struct vprime_bo *bo = container_of_const(obj, struct vprime_bo, tbo.base);

	drm_printf_indent(p, indent, "id=%llu\n", bo->id);
	drm_printf_indent(p, indent, "placement=%s\n",
			  vprime_placement_name(vprime_bo_placement(bo)));
	drm_printf_indent(p, indent, "pins=%u\n", READ_ONCE(bo->tbo.pin_count));
}

static enum drm_gem_object_status vprime_gem_status(struct drm_gem_object *obj)
{
	return vprime_bo_placement(to_vprime_bo(obj)) ? DRM_GEM_OBJECT_RESIDENT : 0;
}

const struct drm_gem_object_funcs vprime_bo_funcs = {
	.free		= vprime_gem_free,
	.print_info	= vprime_gem_print_info,
	.export		= vprime_gem_export,
	.pin		= vprime_gem_pin,
	.unpin		= vprime_gem_unpin,
	.vmap		= vprime_gem_vmap,
	.vunmap		= vprime_gem_vunmap,
	.mmap		= vprime_gem_mmap,
	.status		= vprime_gem_status,
	.vm_ops		= &vprime_map_vm_ops,
};
