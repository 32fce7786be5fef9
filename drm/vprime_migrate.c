// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_migrate.h"

#include <linux/dma-fence.h>
#include <linux/dma-resv.h>

#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>
#include <drm/ttm/ttm_tt.h>

#include "vprime_binding.h"
#include "vprime_bo.h"
#include "vprime_gpu.h"
#include "vprime_ttm.h"

/**
 * DOC: How buffers move
 *
 * Jobs for the copy engine that fill video memory for the first time, or carry a buffer from one
 * place to another. They wait for all that uses the buffer, and their fence goes into its dma-resv
 * with KERNEL usage, so that all that will use it waits for them. What is left behind in VRAM is
 * poisoned, and windows that others still have onto the old place are revoked, in the same job.
 *
 * The buffer is in its new place before the job has run, so the job cannot fail: what the copy
 * engine does not do, because the job took too long or the GPU is gone, the CPU does before the
 * fence signals. Else the memory's next owner would see the content of the previous one, and the
 * buffer's own content would be lost.
 *
 * Jobs that clear have a queue of their own: a copy can wait for jobs of programs, and whoever gets
 * memory that is free need not wait for that. Copies share one, as TTM compares the fences of
 * evictions, which takes fences of one context.
 */

/* Verify, copy, poison, revoke. */
#define MOST_OPS 4

static struct vprime_op linear_op(enum vprime_op_code code, u64 size)
{
	return (struct vprime_op){
		.code = code,
		.dst_pitch = size,
		.src_pitch = size,
		.width = size,
		.height = 1,
	};
}

static bool is_vram(const struct ttm_resource *res)
{
	return res->mem_type == TTM_PL_VRAM;
}

static struct page **vram_pages(struct vprime_gpu *gpu, struct ttm_resource *mem)
{
	return vprime_vram_pages(&gpu->vram, mem);
}

static struct page **pages_of(struct vprime_bo *bo, struct ttm_resource *mem)
{
	return is_vram(mem) ? vram_pages(bo->gpu, mem) : bo->tbo.ttm->pages;
}

static void add_verify(struct vprime_job *job, struct ttm_resource *mem)
{
	struct vprime_op op = linear_op(VPRIME_ENGINE_VERIFY, mem->size);

	if (!is_vram(mem) || !to_vprime_vram_resource(mem)->was_poisoned)
		return;
	op.dst = to_vprime_vram_resource(mem)->binding;
	vprime_job_add_op(job, &op);
}

static void add_fill(struct vprime_job *job, struct ttm_resource *mem, u32 value)
{
	struct vprime_op op = linear_op(VPRIME_ENGINE_FILL, mem->size);

	op.dst = to_vprime_vram_resource(mem)->binding;
	op.dst_pages = vram_pages(job->gpu, mem);
	op.value = value;
	vprime_job_add_op(job, &op);
}

static void add_poison(struct vprime_job *job, struct ttm_resource *mem)
{
	if (!is_vram(mem) || !job->gpu->config.poison)
		return;
	add_fill(job, mem, VPRIME_POISON);
	to_vprime_vram_resource(mem)->poison = true;
}

static void add_revoke(struct vprime_job *job, struct vprime_binding *src)
{
	struct vprime_op op = { .code = VPRIME_ENGINE_REVOKE, .src = src };

	vprime_binding_retire(src);
	vprime_job_add_op(job, &op);
}

static struct vprime_job *move_job_create(struct vprime_bo *bo, struct drm_sched_entity *entity,
					  enum dma_resv_usage usage)
{
	struct vprime_job *job;
	int ret;

	job = vprime_job_create(entity, MOST_OPS, bo->gpu, 0);
	if (IS_ERR(job))
		return job;

	job->must_complete = true;
	ret = drm_sched_job_add_resv_dependencies(&job->base, bo->tbo.base.resv, usage);
	if (ret) {
		vprime_job_destroy(job);
		return ERR_PTR(ret);
	}
	return job;
}

/* Fences of one entity have to come in the order of its queue. */
static struct dma_fence *move_job_push(struct vprime_gpu *gpu, struct vprime_job *job)
{
	struct dma_fence *fence;

	mutex_lock(&gpu->move_lock);
	drm_sched_job_arm(&job->base);
	fence = dma_fence_get(&job->base.s_fence->finished);
	drm_sched_entity_push_job(&job->base);
	mutex_unlock(&gpu->move_lock);
	return fence;
}

/**
 * vprime_migrate_clear - make video memory all zero before it is a buffer's
 * @bo: the buffer, which has no content yet
 * @mem: in VRAM, and not the buffer's place yet
 *
 * Context: the dma-resv lock is held, with room for a fence. May sleep and allocate.
 * Return: 0, -ENOMEM, or -ENOENT if the GPU goes away.
 */
int vprime_migrate_clear(struct vprime_bo *bo, struct ttm_resource *mem)
{
	struct vprime_job *job;
	struct dma_fence *fence;

	dma_resv_assert_held(bo->tbo.base.resv);

	/*
	 * For what the memory's previous owner still does. Fences of programs have nothing to do
	 * with memory that the buffer has not had.
	 */
	job = move_job_create(bo, &bo->gpu->clear_entity, DMA_RESV_USAGE_KERNEL);
	if (IS_ERR(job))
		return PTR_ERR(job);

	add_verify(job, mem);
	add_fill(job, mem, 0);
	fence = move_job_push(bo->gpu, job);
	dma_resv_add_fence(bo->tbo.base.resv, fence, DMA_RESV_USAGE_KERNEL);
	dma_fence_put(fence);
	return 0;
}

/*
 * The copy is on its way, and poisons what is left behind: there is no way back. Where there is no
 * memory for going on meanwhile, it is waited for.
 */
static int settle_now(struct vprime_bo *bo, struct dma_fence *fence, struct ttm_resource *new_mem)
{
	dma_fence_wait(fence, false);
	return ttm_bo_move_accel_cleanup(&bo->tbo, fence, true, false, new_mem);
}

/**
 * vprime_migrate_copy - carry a buffer between TT and VRAM
 * @bo: the buffer, whose importers have been told
 * @evict: it makes room for another
 * @new_mem: where to; the buffer's place when this returns
 *
 * Context: the dma-resv lock is held, with room for a fence. May sleep and allocate.
 * Return: 0; -ENOMEM; -ENOENT if the GPU goes away; on failure the buffer is where it was.
 */
int vprime_migrate_copy(struct vprime_bo *bo, bool evict, struct ttm_resource *new_mem)
{
	struct ttm_resource *old_mem = bo->tbo.resource;
	struct vprime_op copy = linear_op(VPRIME_ENGINE_COPY, old_mem->size);
	struct dma_fence *fence;
	struct vprime_job *job;
	int ret;

	dma_resv_assert_held(bo->tbo.base.resv);

	ret = vprime_ttm_bind(&bo->tbo, old_mem, &copy.src);
	if (ret)
		return ret;
	ret = vprime_ttm_bind(&bo->tbo, new_mem, &copy.dst);
	if (ret)
		return ret;
	copy.src_pages = pages_of(bo, old_mem);
	copy.dst_pages = pages_of(bo, new_mem);

	job = move_job_create(bo, &bo->gpu->move_entity, DMA_RESV_USAGE_BOOKKEEP);
	if (IS_ERR(job))
		return PTR_ERR(job);

	add_verify(job, new_mem);
	vprime_job_add_op(job, &copy);
	add_poison(job, old_mem);
	add_revoke(job, copy.src);
	fence = move_job_push(bo->gpu, job);
	ret = ttm_bo_move_accel_cleanup(&bo->tbo, fence, evict, true, new_mem);
	if (ret)
		ret = settle_now(bo, fence, new_mem);
	dma_fence_put(fence);
	return ret;
}

/**
 * vprime_migrate_init - open the queues of moves
 * @gpu: with its copy engine
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_migrate_init(struct vprime_gpu *gpu)
{
	struct drm_gpu_scheduler *sched = &gpu->copy.sched;
	int ret;

	ret = drm_sched_entity_init(&gpu->clear_entity, DRM_SCHED_PRIORITY_KERNEL, &sched, 1, NULL);
	if (ret)
		return ret;
	ret = drm_sched_entity_init(&gpu->move_entity, DRM_SCHED_PRIORITY_KERNEL, &sched, 1, NULL);
	if (ret) {
		drm_sched_entity_destroy(&gpu->clear_entity);
		return ret;
	}
	mutex_init(&gpu->move_lock);
	return 0;
}

/**
 * vprime_migrate_fini - close the queues of moves
 * @gpu: nothing moves any more
 *
 * Context: may sleep.
 */
void vprime_migrate_fini(struct vprime_gpu *gpu)
{
	drm_sched_entity_destroy(&gpu->move_entity);
	drm_sched_entity_destroy(&gpu->clear_entity);
	mutex_destroy(&gpu->move_lock);
}
