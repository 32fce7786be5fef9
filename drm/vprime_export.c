// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_export.h"

#include <kunit/visibility.h>

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/rcupdate.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <drm/drm_prime.h>

#include "vprime_bo.h"
#include "vprime_gpu.h"
#include "vprime_map.h"
#include "vprime_pin.h"
#include "vprime_trace.h"
#include "vprime_tt.h"
#include "vprime_ttm.h"

/**
 * DOC: The landlord
 *
 * What other devices can do with our buffers. A peer on the bus gets a buffer where it is, VRAM
 * too. Any other device makes it go to system memory when it maps it. One that is dynamic is told
 * before the buffer moves; one that is not has it pinned, by the core, while it is mapped.
 */

static struct vprime_bo *dmabuf_to_bo(struct dma_buf *dmabuf)
{
	return to_vprime_bo(dmabuf->priv);
}

/*
 * From here on no pin puts the buffer into VRAM, so an importer that was accepted never finds it
 * pinned where it does not reach it. The list of attachments would not do for this: the core
 * enters the attachment later.
 */
static int accept_nonpeer(struct vprime_bo *bo)
{
	int ret = 0;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	if (bo->tbo.pin_count && vprime_bo_placement(bo) == VPRIME_PLACEMENT_VRAM)
		ret = -EBUSY;
	else
		bo->nonpeers++;
	dma_resv_unlock(bo->tbo.base.resv);
	return ret;
}

static int vprime_export_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	struct vprime_bo *bo = dmabuf_to_bo(dmabuf);
	struct vprime_gpu *gpu = bo->gpu;

	if (READ_ONCE(gpu->faults.refuse_attach))
		return -EBUSY;

	attach->peer2peer = attach->peer2peer && gpu->config.p2p &&
			    vprime_fabric_is_peer(attach->dev, &gpu->vram.aperture);
	return attach->peer2peer ? 0 : accept_nonpeer(bo);
}

static void vprime_export_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	if (attach->peer2peer)
		return;

	dma_resv_lock(dmabuf->resv, NULL);
	dmabuf_to_bo(dmabuf)->nonpeers--;
	dma_resv_unlock(dmabuf->resv);
}

/**
 * vprime_export_reachable - where the engines reach a buffer, and all who share it as well
 * @bo: a buffer, not an import
 *
 * Anywhere else, it would only be called back by the next of them.
 *
 * Context: the dma-resv lock is held.
 * Return: a mask of VPRIME_PLACEMENT_*.
 */
u32 vprime_export_reachable(struct vprime_bo *bo)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	return bo->nonpeers ? VPRIME_PLACEMENT_TT : vprime_bo_reachable(bo);
}

static int vprime_export_pin(struct dma_buf_attachment *attach)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };

	return vprime_bo_pin_shared(dmabuf_to_bo(attach->dmabuf), &ctx);
}

static void vprime_export_unpin(struct dma_buf_attachment *attach)
{
	vprime_bo_unpin(dmabuf_to_bo(attach->dmabuf));
}

/* One entry can say at most this. */
#define MOST_SG_BYTES SZ_1G

static struct sg_table *map_vram(struct vprime_bo *bo)
{
	u64 addr = vprime_vram_address(&bo->gpu->vram, bo->tbo.resource);
	u64 left = bo->tbo.base.size;
	struct scatterlist *sg;
	struct sg_table *sgt;
	unsigned int i;
	int ret;

	sgt = kzalloc(sizeof(*sgt), GFP_KERNEL_ACCOUNT);
	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table(sgt, DIV_ROUND_UP_ULL(left, MOST_SG_BYTES),
			     GFP_KERNEL_ACCOUNT);
	if (ret) {
		kfree(sgt);
		return ERR_PTR(ret);
	}

	/* Addresses only: there are no pages that a CPU could use behind a peer's aperture. */
	for_each_sgtable_sg(sgt, sg, i) {
		u64 length = min_t(u64, left, MOST_SG_BYTES);

		sg_set_page(sg, NULL, length, 0);
		sg_dma_address(sg) = addr;
		sg_dma_len(sg) = length;
		addr += length;
		left -= length;
	}
	return sgt;
}

static void unmap_vram(struct sg_table *sgt)
{
	sg_free_table(sgt);
	kfree(sgt);
}

/* In place, if this importer reaches it there. */
static int make_mappable(struct vprime_bo *bo, struct dma_buf_attachment *attach)
{
	u32 placements = attach->peer2peer ? vprime_bo_reachable(bo) : VPRIME_PLACEMENT_TT;
	struct ttm_operation_ctx ctx = { .interruptible = true };

	/* Everybody reaches it there, also if it is meant for VRAM alone. */
	if (bo->tbo.pin_count)
		placements |= VPRIME_PLACEMENT_TT;
	if (vprime_bo_placement(bo) & placements) {
		vprime_ttm_stay(&bo->tbo);
		return 0;
	}
	/* Somebody else needs it where it is. */
	if (bo->tbo.pin_count)
		return -EBUSY;
	return vprime_bo_validate(bo, placements, &ctx);
}

static struct sg_table *vprime_export_map(struct dma_buf_attachment *attach,
					  enum dma_data_direction dir)
{
	struct vprime_bo *bo = dmabuf_to_bo(attach->dmabuf);
	int ret;

	dma_resv_assert_held(attach->dmabuf->resv);

	ret = make_mappable(bo, attach);
	if (ret)
		return ERR_PTR(ret);

	if (vprime_bo_placement(bo) == VPRIME_PLACEMENT_VRAM)
		return map_vram(bo);
	return vprime_tt_map(bo->tbo.ttm, attach->dev, dir);
}

static void vprime_export_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
				enum dma_data_direction dir)
{
	dma_resv_assert_held(attach->dmabuf->resv);

	/* The buffer may have moved since: the table tells what was mapped. */
	if (sg_page(sgt->sgl))
		vprime_tt_unmap(attach->dev, sgt, dir);
	else
		unmap_vram(sgt);
}

static bool cpu_reads(enum dma_data_direction dir)
{
	return dir == DMA_BIDIRECTIONAL || dir == DMA_FROM_DEVICE;
}

/*
 * Reading VRAM over a bus is slow, so a buffer that is going to be read comes closer, if it can and
 * may.
 */
static int vprime_export_begin_cpu_access(struct dma_buf *dmabuf, enum dma_data_direction dir)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	struct vprime_bo *bo = dmabuf_to_bo(dmabuf);
	int ret;

	if (!cpu_reads(dir) || !(bo->placements & VPRIME_PLACEMENT_TT))
		return 0;

	ret = vprime_gem_lock(&bo->tbo.base);
	if (ret)
		return ret;
	if (!bo->tbo.pin_count && vprime_bo_placement(bo) == VPRIME_PLACEMENT_VRAM)
		ret = vprime_bo_validate(bo, VPRIME_PLACEMENT_TT, &ctx);
	dma_resv_unlock(dmabuf->resv);

	/* Where it is, it can be read as well. */
	return ret == -ERESTARTSYS ? ret : 0;
}

/*
 * A vmap is good while the lock is held, or for those who can be told that it is not any more. But
 * some keep one over many frames, as cameras do, without even attaching: so the buffer stays where
 * it is for as long as somebody has it vmapped. That is system memory, as a device that is no peer
 * may have to share it meanwhile.
 */
static int vprime_export_vmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct ttm_operation_ctx ctx = { .interruptible = true };
	struct vprime_bo *bo = dmabuf_to_bo(dmabuf);
	int ret;

	ret = vprime_bo_pin_for_cpu(bo, &ctx);
	if (ret)
		return ret;
	ret = vprime_gem_vmap(&bo->tbo.base, map);
	if (ret)
		vprime_bo_unpin(bo);
	return ret;
}

static void vprime_export_vunmap(struct dma_buf *dmabuf, struct iosys_map *map)
{
	struct vprime_bo *bo = dmabuf_to_bo(dmabuf);

	vprime_gem_vunmap(&bo->tbo.base, map);
	vprime_bo_unpin(bo);
}

static void vprime_export_release(struct dma_buf *dmabuf)
{
	struct vprime_bo *bo = dmabuf_to_bo(dmabuf);

	/* Who has found it under the lock goes on using it until then. */
	dma_resv_lock(dmabuf->resv, NULL);
	cmpxchg(&bo->exported, dmabuf, NULL);
	dma_resv_unlock(dmabuf->resv);
	drm_gem_dmabuf_release(dmabuf);
}

static const struct dma_buf_ops vprime_export_ops = {
	.attach			= vprime_export_attach,
	.detach			= vprime_export_detach,
	.pin			= vprime_export_pin,
	.unpin			= vprime_export_unpin,
	.map_dma_buf		= vprime_export_map,
	.unmap_dma_buf		= vprime_export_unmap,
	.release		= vprime_export_release,
	.begin_cpu_access	= vprime_export_begin_cpu_access,
	.mmap			= drm_gem_dmabuf_mmap,
	.vmap			= vprime_export_vmap,
	.vunmap			= vprime_export_vunmap,
};

/*
 * With the last handle DRM forgets the dma-buf, which importers may still have. A second one beside
 * it would take the notices of moves away from them.
 */
static struct dma_buf *export_again(struct vprime_bo *bo)
{
	struct dma_buf *dmabuf;
	struct file *file;

	guard(rcu)();

	dmabuf = READ_ONCE(bo->exported);
	if (!dmabuf)
		return NULL;
	file = dmabuf->file;
	if (!atomic_long_inc_not_zero(&file->f_count))
		return NULL;
	if (file->private_data == dmabuf)
		return dmabuf;

	/* The last reference has gone meanwhile, and the file is another one by now. */
	fput(file);
	return NULL;
}

/**
 * vprime_gem_export - make a dma-buf of a buffer
 * @obj: its GEM object; not an import, of which DRM hands out the dma-buf it came with
 * @flags: for the dma-buf's file
 *
 * Context: may sleep and allocate.
 * Return: the dma-buf, with a reference that is the caller's; the one that there is already, if
 * somebody has it; or the error of dma_buf_export().
 */
struct dma_buf *vprime_gem_export(struct drm_gem_object *obj, int flags)
{
	struct dma_buf_export_info exp_info = {
		.exp_name	= KBUILD_MODNAME,
		.owner		= THIS_MODULE,
		.ops		= &vprime_export_ops,
		.size		= obj->size,
		.flags		= flags,
		.priv		= obj,
		.resv		= obj->resv,
	};
	struct vprime_bo *bo = to_vprime_bo(obj);
	struct dma_buf *dmabuf;

	dmabuf = export_again(bo);
	if (dmabuf)
		return dmabuf;

	dmabuf = drm_gem_dmabuf_export(obj->dev, &exp_info);
	if (IS_ERR(dmabuf))
		return dmabuf;

	/*
	 * Without the lock, for which others may have to wait long. Nobody has attached yet who
	 * would have to be found; attaching takes the lock, and so comes after this.
	 */
	WRITE_ONCE(bo->exported, dmabuf);
	trace_vprime_export(bo);
	return dmabuf;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_gem_export);

/**
 * vprime_export_to_bo - the buffer behind a dma-buf, if it is one of this driver's
 * @dmabuf: any
 *
 * Context: any.
 * Return: the buffer, as long as the caller keeps @dmabuf, or NULL.
 */
struct vprime_bo *vprime_export_to_bo(struct dma_buf *dmabuf)
{
	return dmabuf->ops == &vprime_export_ops ? dmabuf_to_bo(dmabuf) : NULL;
}

/**
 * vprime_export_importers - how many devices have attached to a buffer
 * @bo: a buffer, not an import
 *
 * Context: the dma-resv lock is held.
 * Return: the number.
 */
u32 vprime_export_importers(struct vprime_bo *bo)
{
	dma_resv_assert_held(bo->tbo.base.resv);

	return bo->exported ? list_count_nodes(&bo->exported->attachments) : 0;
}

static u32 count_dynamic(struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attach;
	u32 count = 0;

	dma_resv_assert_held(dmabuf->resv);

	list_for_each_entry(attach, &dmabuf->attachments, node) {
		if (dma_buf_attachment_is_dynamic(attach))
			count++;
	}
	return count;
}

/**
 * vprime_export_notify - tell all who share a buffer that it is about to move
 * @bo: the buffer, not pinned
 *
 * The old place stays until the fences in the buffer's dma-resv have signalled.
 *
 * Context: the dma-resv lock is held.
 */
void vprime_export_notify(struct vprime_bo *bo)
{
	u32 count;

	dma_resv_assert_held(bo->tbo.base.resv);

	if (!bo->exported)
		return;
	count = count_dynamic(bo->exported);
	bo->notifies += count;
	atomic64_add(count, &bo->gpu->stats.notifies);
	dma_buf_move_notify(bo->exported);
}
