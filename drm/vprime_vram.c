// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_vram.h"

#include <kunit/visibility.h>

#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/slab.h>

#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>

#include "vprime_binding.h"
#include "vprime_gpu.h"

/**
 * DOC: Video memory
 *
 * Memory that only looks like a GPU's own: an aperture of bus addresses with scattered pages of the
 * system behind it. Here it is given out and taken back; when a buffer should be in it, and when
 * not, is TTM's and vprime_ttm.c's matter.
 *
 * A page is allocated when it is first given out, and kept until the GPU is gone, because it has to
 * stay what it is: a range that a buffer has moved out of is full of poison, and the next owner's
 * first job checks that it still is. So somebody who writes to where a buffer used to be is caught.
 *
 * The first job of each buffer clears its range. Pages are zero when they are allocated all the
 * same, so that nothing of the system's memory can get out here, whatever becomes of that job.
 */

static struct vprime_vram *to_vprime_vram(struct ttm_resource_manager *man)
{
	return container_of(man, struct vprime_vram, manager);
}

static int vram_populate(struct vprime_vram *vram, const struct drm_mm_node *node)
{
	struct page **pages = vram->aperture.pages + node->start;
	unsigned long had, got = 0;

	lockdep_assert_held(&vram->lock);

	do {
		had = got;
		got = alloc_pages_bulk_array(GFP_KERNEL | __GFP_ZERO | __GFP_RETRY_MAYFAIL |
					     __GFP_NOWARN, node->size, pages);
	} while (got > had && got < node->size);
	return got < node->size ? -ENOMEM : 0;
}

/* All of a range counts as poisoned, or none: it is the new owner's from here on. */
static bool vram_take_poisoned(struct vprime_vram *vram, const struct drm_mm_node *node)
{
	bool poisoned;

	lockdep_assert_held(&vram->lock);

	poisoned = find_next_zero_bit(vram->poisoned, node->start + node->size, node->start) >=
		   node->start + node->size;
	bitmap_clear(vram->poisoned, node->start, node->size);
	return poisoned;
}

static int vram_take(struct vprime_vram *vram, struct vprime_vram_resource *res,
		     const struct ttm_place *place, u64 align)
{
	u64 size = PFN_UP(res->base.size);
	int ret;

	lockdep_assert_held(&vram->lock);

	ret = drm_mm_insert_node_in_range(&vram->mm, &res->node, size, align, 0, place->fpfn,
					  place->lpfn ?: PFN_DOWN(vram->aperture.size),
					  DRM_MM_INSERT_BEST);
	if (ret)
		return ret;

	ret = vram_populate(vram, &res->node);
	if (ret) {
		drm_mm_remove_node(&res->node);
		return ret;
	}

	res->was_poisoned = vram_take_poisoned(vram, &res->node);
	res->base.start = res->node.start;
	vram->used += res->base.size;
	return 0;
}

static void vram_give_back(struct vprime_vram *vram, struct vprime_vram_resource *res)
{
	lockdep_assert_held(&vram->lock);

	if (res->poison)
		bitmap_set(vram->poisoned, res->node.start, res->node.size);
	vram->used -= res->base.size;
	drm_mm_remove_node(&res->node);
}

static int vprime_vram_alloc(struct ttm_resource_manager *man, struct ttm_buffer_object *tbo,
			     const struct ttm_place *place, struct ttm_resource **out)
{
	struct vprime_gpu *gpu = ttm_to_vprime_gpu(tbo->bdev);
	struct vprime_vram *vram = to_vprime_vram(man);
	struct vprime_vram_resource *res;
	u64 addr;
	int ret;

	res = kzalloc(sizeof(*res), GFP_KERNEL_ACCOUNT);
	if (!res)
		return -ENOMEM;
	ttm_resource_init(tbo, place, &res->base);

	mutex_lock(&vram->lock);
	ret = vram_take(vram, res, place, tbo->page_alignment);
	mutex_unlock(&vram->lock);
	if (ret)
		goto err_fini;

	addr = vprime_vram_address(vram, &res->base);
	res->binding = vprime_binding_create_linear(&gpu->port, addr, res->base.size);
	if (IS_ERR(res->binding)) {
		ret = PTR_ERR(res->binding);
		goto err_give_back;
	}
	*out = &res->base;
	return 0;

err_give_back:
	mutex_lock(&vram->lock);
	vram_give_back(vram, res);
	mutex_unlock(&vram->lock);
err_fini:
	ttm_resource_fini(man, &res->base);
	kfree(res);
	return ret;
}

/*
 * Also called while a job is still on its way that copies the buffer out: it holds the binding, and
 * the manager's move fence keeps the next owner waiting.
 */
static void vprime_vram_free(struct ttm_resource_manager *man, struct ttm_resource *base)
{
	struct vprime_vram_resource *res = to_vprime_vram_resource(base);
	struct vprime_vram *vram = to_vprime_vram(man);

	vprime_binding_put(res->binding);
	mutex_lock(&vram->lock);
	vram_give_back(vram, res);
	mutex_unlock(&vram->lock);
	ttm_resource_fini(man, base);
	kfree(res);
}

static void vprime_vram_debug(struct ttm_resource_manager *man, struct drm_printer *printer)
{
	struct vprime_vram *vram = to_vprime_vram(man);

	mutex_lock(&vram->lock);
	drm_mm_print(&vram->mm, printer);
	mutex_unlock(&vram->lock);
}

static const struct ttm_resource_manager_func vprime_vram_funcs = {
	.alloc	= vprime_vram_alloc,
	.free	= vprime_vram_free,
	.debug	= vprime_vram_debug,
};

/**
 * vprime_vram_init - make video memory and put it on the bus
 * @gpu: with its configuration
 *
 * Context: may sleep and allocate.
 * Return: 0, -ENOMEM, or -ENOSPC if the bus has no addresses left.
 */
int vprime_vram_init(struct vprime_gpu *gpu)
{
	struct vprime_vram *vram = &gpu->vram;
	unsigned long pages = PFN_DOWN(gpu->config.vram_size);
	int ret;

	vram->aperture.size = gpu->config.vram_size;
	vram->aperture.pages = kvcalloc(pages, sizeof(*vram->aperture.pages), GFP_KERNEL);
	vram->poisoned = bitmap_zalloc(pages, GFP_KERNEL);
	if (!vram->aperture.pages || !vram->poisoned) {
		ret = -ENOMEM;
		goto err_free;
	}

	ret = vprime_fabric_add_aperture(&vram->aperture);
	if (ret)
		goto err_free;

	mutex_init(&vram->lock);
	drm_mm_init(&vram->mm, 0, pages);
	return 0;

err_free:
	bitmap_free(vram->poisoned);
	kvfree(vram->aperture.pages);
	return ret;
}

/**
 * vprime_vram_fini - the counterpart of vprime_vram_init()
 * @gpu: nobody uses its memory any more
 *
 * Context: may sleep.
 */
void vprime_vram_fini(struct vprime_gpu *gpu)
{
	struct vprime_vram *vram = &gpu->vram;
	unsigned long i;

	drm_mm_takedown(&vram->mm);
	mutex_destroy(&vram->lock);
	vprime_fabric_remove_aperture(&vram->aperture);
	for (i = 0; i < PFN_DOWN(vram->aperture.size); i++) {
		if (vram->aperture.pages[i])
			__free_page(vram->aperture.pages[i]);
	}
	bitmap_free(vram->poisoned);
	kvfree(vram->aperture.pages);
}

/**
 * vprime_vram_add_manager - let TTM give the video memory out
 * @gpu: with its TTM device
 *
 * Context: process.
 * Return: 0.
 */
int vprime_vram_add_manager(struct vprime_gpu *gpu)
{
	struct ttm_resource_manager *man = &gpu->vram.manager;

	man->func = &vprime_vram_funcs;
	ttm_resource_manager_init(man, &gpu->ttm, gpu->config.vram_size);
	ttm_set_driver_manager(&gpu->ttm, TTM_PL_VRAM, man);
	ttm_resource_manager_set_used(man, true);
	return 0;
}

/**
 * vprime_vram_remove_manager - the counterpart of vprime_vram_add_manager()
 * @gpu: no buffer is in VRAM
 *
 * Context: may sleep.
 */
void vprime_vram_remove_manager(struct vprime_gpu *gpu)
{
	struct ttm_resource_manager *man = &gpu->vram.manager;

	ttm_resource_manager_set_used(man, false);
	ttm_resource_manager_evict_all(&gpu->ttm, man);
	ttm_resource_manager_cleanup(man);
	ttm_set_driver_manager(&gpu->ttm, TTM_PL_VRAM, NULL);
}

/**
 * vprime_vram_used - how much of it is taken
 * @vram: video memory
 *
 * Context: may sleep.
 * Return: bytes.
 */
u64 vprime_vram_used(struct vprime_vram *vram)
{
	u64 used;

	mutex_lock(&vram->lock);
	used = vram->used;
	mutex_unlock(&vram->lock);
	return used;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vram_used);

/**
 * vprime_vram_pages - the pages behind a buffer in VRAM
 * @vram: video memory
 * @res: of the buffer
 *
 * Context: the caller keeps the buffer where it is, with its dma-resv lock or a pin.
 * Return: an array of them, the VRAM's own.
 */
struct page **vprime_vram_pages(struct vprime_vram *vram, struct ttm_resource *res)
{
	return vram->aperture.pages + res->start;
}

/**
 * vprime_vram_address - the bus address of a buffer in VRAM
 * @vram: video memory
 * @res: of the buffer
 *
 * Context: any.
 * Return: the address, as its own GPU and its peers use it.
 */
u64 vprime_vram_address(struct vprime_vram *vram, struct ttm_resource *res)
{
	return vram->aperture.base + PFN_PHYS(res->start);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_vram_address);
