/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_VRAM_H_
#define _VPRIME_VRAM_H_

#include <linux/mutex.h>

#include <drm/drm_mm.h>
#include <drm/ttm/ttm_resource.h>

#include "vprime_fabric.h"

struct vprime_gpu;

/**
 * struct vprime_vram - video memory
 * @manager: what TTM sees of it
 * @aperture: what the bus sees of it
 * @lock: protects what follows. Taken inside dma-resv locks; pages are allocated under it
 * @mm: which pages are taken
 * @used: bytes that are taken
 * @poisoned: pages that a buffer has moved out of since they were last written
 */
struct vprime_vram {
	struct ttm_resource_manager manager;
	struct vprime_aperture aperture;

	struct mutex lock; /* protects what follows */
	struct drm_mm mm;
	u64 used;
	unsigned long *poisoned;
};

/**
 * struct vprime_vram_resource - video memory of one buffer
 * @base: what TTM sees of it
 * @node: where it is, in pages; under the lock of the VRAM
 * @binding: its own GPU's windows onto it
 * @was_poisoned: all of it was poisoned when it was allocated
 * @poison: a job that is on its way leaves poison in it
 */
struct vprime_vram_resource {
	struct ttm_resource base;
	struct drm_mm_node node;
	struct vprime_binding *binding;
	bool was_poisoned;
	bool poison;
};

static inline struct vprime_vram_resource *to_vprime_vram_resource(struct ttm_resource *res)
{
	return container_of(res, struct vprime_vram_resource, base);
}

int vprime_vram_init(struct vprime_gpu *gpu);
void vprime_vram_fini(struct vprime_gpu *gpu);
int vprime_vram_add_manager(struct vprime_gpu *gpu);
void vprime_vram_remove_manager(struct vprime_gpu *gpu);
u64 vprime_vram_used(struct vprime_vram *vram);
struct page **vprime_vram_pages(struct vprime_vram *vram, struct ttm_resource *res);
u64 vprime_vram_address(struct vprime_vram *vram, struct ttm_resource *res);

#endif
