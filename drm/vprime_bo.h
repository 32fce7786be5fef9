/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_BO_H_
#define _VPRIME_BO_H_

#include <linux/workqueue.h>

#include <drm/ttm/ttm_bo.h>

#include <drm/vprime_drm.h>

struct drm_file;
struct drm_mode_create_dumb;
struct vprime_binding;
struct vprime_gpu;
struct vprime_mapping;

/**
 * struct vprime_bo - a buffer
 *
 * Of an import only the GEM object in @tbo is used: TTM places memory, and an import has none of
 * its own.
 *
 * Constant:
 * @tbo: what TTM and GEM see of it
 * @gpu: whose
 * @id: number for people
 * @placements: where it may be (VPRIME_PLACEMENT_*)
 *
 * Under the lock of the GPU's list:
 * @link: in that list
 *
 * Under its dma-resv; set, to one that nobody has attached to yet, without it:
 * @exported: the dma-buf that was made of it, as long as that lives. &drm_gem_object.dma_buf
 *	does not do for this: it is forgotten with the last handle, when importers may still
 *	have to be told of a move
 *
 * Under its dma-resv:
 * @nonpeers: importers that reach it in system memory only; while there are any, it is not pinned
 *	in VRAM
 * @mapping: of an import, for our engines; NULL until it is needed
 * @retired: mappings of an import that are unmapped when their last users are done
 * @unmap_work: does that
 * @vaddr: where the kernel sees it, until it moves next; NULL until somebody asks
 * @moves: how often its memory changed
 * @notifies: importers that were told of it
 * @remaps: how often an import was mapped again after a move
 *
 * Changed under its dma-resv, and read without:
 * @placement: where it is, one VPRIME_PLACEMENT_*; 0 while it has no place, and for an import.
 *	A copy: &ttm_buffer_object.resource may be freed as soon as the lock is not held
 * @swapped: its content is not in memory
 */
struct vprime_bo {
	struct ttm_buffer_object tbo;
	struct vprime_gpu *gpu;
	u64 id;
	u32 placements;

	struct list_head link;

	struct dma_buf *exported;
	unsigned int nonpeers;
	struct vprime_mapping *mapping;
	struct list_head retired;
	struct work_struct unmap_work;
	void *vaddr;
	u64 moves;
	u64 notifies;
	u64 remaps;

	u32 placement;
	bool swapped;
};

static inline struct vprime_bo *to_vprime_bo(struct drm_gem_object *obj)
{
	return container_of(obj, struct vprime_bo, tbo.base);
}

static inline struct vprime_bo *ttm_to_vprime_bo(struct ttm_buffer_object *tbo)
{
	return container_of(tbo, struct vprime_bo, tbo);
}

static inline bool vprime_bo_is_import(const struct vprime_bo *bo)
{
	return bo->tbo.base.import_attach;
}

extern const struct drm_gem_object_funcs vprime_bo_funcs;

int vprime_gem_lock(struct drm_gem_object *obj);

struct vprime_bo *vprime_bo_create(struct vprime_gpu *gpu, u64 size, u32 placements);
struct vprime_bo *vprime_bo_alloc(struct vprime_gpu *gpu, u64 size, struct dma_resv *resv);
struct vprime_bo *vprime_bo_from_ttm(struct ttm_buffer_object *tbo);
void vprime_bo_publish(struct vprime_bo *bo);
struct vprime_bo *vprime_bo_next(struct vprime_gpu *gpu, struct vprime_bo *before);
void vprime_bo_free(struct vprime_bo *bo);
int vprime_bo_dumb_create(struct drm_file *file, struct drm_device *drm,
			  struct drm_mode_create_dumb *args);

int vprime_bo_validate(struct vprime_bo *bo, u32 placements, struct ttm_operation_ctx *ctx);
u32 vprime_bo_placement(const struct vprime_bo *bo);
void vprime_bo_moved(struct vprime_bo *bo);
u32 vprime_bo_reachable(const struct vprime_bo *bo);
const char *vprime_placement_name(u32 placement);
int vprime_bo_bind(struct vprime_bo *bo, struct ttm_operation_ctx *ctx,
		   struct vprime_binding **binding);

#endif
