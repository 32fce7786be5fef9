// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_tt.h"

#include <kunit/visibility.h>

#include <linux/cleanup.h>
#include <linux/dma-mapping.h>
#include <linux/slab.h>

#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_tt.h>

#include "vprime_binding.h"
#include "vprime_bo.h"
#include "vprime_gpu.h"

/**
 * DOC: System pages
 *
 * Pages of the system that hold a buffer, and the GPU's windows onto them. They are mapped for the
 * device when an engine first needs them, and until they are given up, or the buffer goes to where
 * the engines do not reach it, or the device goes.
 */

/**
 * struct vprime_tt - pages of the system that hold a buffer
 *
 * Constant:
 * @base: what TTM sees of them
 * @gpu: whose
 * @bo: the buffer. Good when they are populated, as that is for it; it may leave them, and go,
 *	before they do
 *
 * Under the dma-resv of the buffer:
 * @binding: the GPU's windows onto the pages, or NULL
 * @shared: other devices have had them mapped
 *
 * Under @tts_lock of the GPU:
 * @link: in the GPU's list while the pages are mapped for it
 * @sgt: the pages as mapped for the GPU
 */
struct vprime_tt {
	struct ttm_tt base;
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;
	struct vprime_binding *binding;
	bool shared;
	struct list_head link;
	struct sg_table *sgt;
};

static struct vprime_tt *to_vprime_tt(struct ttm_tt *ttm)
{
	return container_of(ttm, struct vprime_tt, base);
}

/**
 * vprime_tt_create - get ready for a buffer in system memory
 * @tbo: the buffer
 * @page_flags: from TTM
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: without pages, to be given back with vprime_tt_destroy(), or NULL.
 */
struct ttm_tt *vprime_tt_create(struct ttm_buffer_object *tbo, u32 page_flags)
{
	struct vprime_tt *tt = kzalloc(sizeof(*tt), GFP_KERNEL_ACCOUNT);

	if (!tt)
		return NULL;

	tt->gpu = ttm_to_vprime_gpu(tbo->bdev);
	tt->bo = ttm_to_vprime_bo(tbo);
	INIT_LIST_HEAD(&tt->link);
	if (ttm_tt_init(&tt->base, tbo, page_flags, ttm_cached, 0)) {
		kfree(tt);
		return NULL;
	}
	return &tt->base;
}

/**
 * vprime_tt_map - map pages for a device
 * @ttm: with pages
 * @dev: ours, or an importer's
 * @dir: of the transfer
 *
 * Caches are coherent with what exists only in software. If the mapping bounces, an engine of ours
 * is not given it (vprime_binding_create()). Other devices get it, as from DRM's own exporters:
 * most importers that are limited to 32 bits never use the addresses, but the CPU.
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: a table with segments that suit @dev, to be given back with vprime_tt_unmap();
 * ERR_PTR(-ENOMEM); an error of dma_map_sgtable().
 */
struct sg_table *vprime_tt_map(struct ttm_tt *ttm, struct device *dev, enum dma_data_direction dir)
{
	struct vprime_tt *tt = to_vprime_tt(ttm);
	struct sg_table *sgt;
	int ret;

	sgt = kzalloc(sizeof(*sgt), GFP_KERNEL_ACCOUNT);
	if (!sgt)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table_from_pages_segment(sgt, ttm->pages, ttm->num_pages, 0,
						PFN_PHYS(ttm->num_pages),
						dma_get_max_seg_size(dev), GFP_KERNEL_ACCOUNT);
	if (ret)
		goto err_free;
	ret = dma_map_sgtable(dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (ret)
		goto err_free_table;
	if (dev != tt->gpu->drm.dev)
		tt->shared = true;
	return sgt;

err_free_table:
	sg_free_table(sgt);
err_free:
	kfree(sgt);
	return ERR_PTR(ret);
}

/**
 * vprime_tt_unmap - the counterpart of vprime_tt_map()
 * @dev: as there
 * @sgt: from there
 * @dir: as there
 *
 * Context: any; the pages may be gone.
 */
void vprime_tt_unmap(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir)
{
	dma_unmap_sgtable(dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	sg_free_table(sgt);
	kfree(sgt);
}

/* Unless the GPU has been unplugged: then nothing is mapped for it any more. */
static int tt_publish(struct vprime_tt *tt, struct sg_table *sgt)
{
	struct vprime_gpu *gpu = tt->gpu;

	guard(mutex)(&gpu->tts_lock);
	if (gpu->tts_closed)
		return -ENODEV;
	tt->sgt = sgt;
	list_add_tail(&tt->link, &gpu->tts);
	return 0;
}

static int tt_bind(struct vprime_tt *tt)
{
	struct device *dev = tt->gpu->drm.dev;
	struct vprime_binding *binding;
	struct sg_table *sgt;
	int ret;

	sgt = vprime_tt_map(&tt->base, dev, DMA_BIDIRECTIONAL);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	binding = vprime_binding_create(&tt->gpu->port, sgt);
	if (IS_ERR(binding)) {
		ret = PTR_ERR(binding);
		goto err_unmap;
	}

	tt->binding = binding;
	ret = tt_publish(tt, sgt);
	if (ret)
		goto err_put;
	return 0;

err_put:
	tt->binding = NULL;
	vprime_binding_put(binding);
err_unmap:
	vprime_tt_unmap(dev, sgt, DMA_BIDIRECTIONAL);
	return ret;
}

/* From here on the engines fault on the pages. */
static void tt_close(struct vprime_tt *tt)
{
	lockdep_assert_held(&tt->gpu->tts_lock);

	if (!tt->sgt)
		return;
	vprime_binding_disable(tt->binding);
	list_del_init(&tt->link);
	vprime_tt_unmap(tt->gpu->drm.dev, tt->sgt, DMA_BIDIRECTIONAL);
	tt->sgt = NULL;
}

static void tt_unbind_own(struct vprime_tt *tt)
{
	vprime_binding_retire(tt->binding);
	vprime_binding_revoke_others(tt->binding);
	mutex_lock(&tt->gpu->tts_lock);
	tt_close(tt);
	mutex_unlock(&tt->gpu->tts_lock);
	vprime_binding_put(tt->binding);
	tt->binding = NULL;
}

/**
 * vprime_tt_unbind - take all engines' windows away
 * @ttm: with pages, whose users are done, or may fault
 *
 * Importers have been told, and an importer that did not listen faults, whether our engines have
 * ever used the pages or not.
 *
 * Context: the dma-resv lock is held, or nobody else knows the buffer. May sleep.
 */
void vprime_tt_unbind(struct ttm_tt *ttm)
{
	struct vprime_tt *tt = to_vprime_tt(ttm);

	if (tt->binding)
		tt_unbind_own(tt);
	else if (tt->shared)
		vprime_fabric_revoke_pages(&tt->gpu->port, ttm->pages, ttm->num_pages);
	tt->shared = false;
}

/**
 * vprime_tt_unpopulate - give the pages back
 * @bdev: of the GPU
 * @ttm: whose
 *
 * Context: the dma-resv lock is held, or nobody else knows the buffer. May sleep.
 */
void vprime_tt_unpopulate(struct ttm_device *bdev, struct ttm_tt *ttm)
{
	vprime_tt_unbind(ttm);
	ttm_pool_free(&bdev->pool, ttm);
}

/**
 * vprime_tt_populate - get the pages
 * @bdev: of the GPU
 * @ttm: whose
 * @ctx: how to wait
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_tt_populate(struct ttm_device *bdev, struct ttm_tt *ttm, struct ttm_operation_ctx *ctx)
{
	int ret = ttm_pool_alloc(&bdev->pool, ttm, ctx);

	/* TTM copies the content as soon as there are pages for it. */
	if (!ret)
		WRITE_ONCE(to_vprime_tt(ttm)->bo->swapped, false);
	return ret;
}

/**
 * vprime_tt_destroy - the counterpart of vprime_tt_create()
 * @bdev: of the GPU
 * @ttm: without pages
 *
 * Context: any.
 */
void vprime_tt_destroy(struct ttm_device *bdev, struct ttm_tt *ttm)
{
	ttm_tt_fini(ttm);
	kfree(to_vprime_tt(ttm));
}

/**
 * vprime_tt_bind - make pages reachable for the engines
 * @ttm: with pages
 * @binding: gets the windows onto them
 *
 * Context: the dma-resv lock is held. May sleep and allocate.
 * Return: 0, -ENOMEM, or -ENODEV if the GPU is gone.
 */
int vprime_tt_bind(struct ttm_tt *ttm, struct vprime_binding **binding)
{
	struct vprime_tt *tt = to_vprime_tt(ttm);
	int ret = 0;

	if (!tt->binding)
		ret = tt_bind(tt);
	if (!ret)
		*binding = tt->binding;
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_tt_bind);

/**
 * vprime_tt_init - prepare a GPU for buffers in system memory
 * @gpu: the GPU
 *
 * Context: any.
 */
void vprime_tt_init(struct vprime_gpu *gpu)
{
	mutex_init(&gpu->tts_lock);
	INIT_LIST_HEAD(&gpu->tts);
}

/**
 * vprime_tt_close_all - unmap all that is mapped for a GPU
 * @gpu: is gone; what its engines still want faults
 *
 * Context: may sleep.
 */
void vprime_tt_close_all(struct vprime_gpu *gpu)
{
	struct vprime_tt *tt, *next;

	guard(mutex)(&gpu->tts_lock);
	gpu->tts_closed = true;
	list_for_each_entry_safe(tt, next, &gpu->tts, link)
		tt_close(tt);
}
