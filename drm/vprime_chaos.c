// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_chaos.h"

#include <linux/dma-resv.h>
#include <linux/random.h>

#include <drm/drm_drv.h>

#include "vprime_bo.h"
#include "vprime_gpu.h"

/**
 * DOC: Chaos
 *
 * Moves a buffer picked at random to a place picked at random, every so often: what happens to a
 * buffer under pressure, to whoever asks for it. It waits for no job, so that nobody waits for it.
 */

static const u32 places[] = {
	VPRIME_PLACEMENT_SYSTEM,
	VPRIME_PLACEMENT_TT,
	VPRIME_PLACEMENT_VRAM,
};

/* Each buffer that is not an import with the same probability, however many there are. */
static struct vprime_bo *chaos_pick(struct vprime_gpu *gpu)
{
	struct vprime_bo *bo = NULL, *picked = NULL;
	u32 seen = 0;

	while ((bo = vprime_bo_next(gpu, bo))) {
		if (vprime_bo_is_import(bo) || get_random_u32_below(++seen))
			continue;
		if (picked)
			drm_gem_object_put(&picked->tbo.base);
		drm_gem_object_get(&bo->tbo.base);
		picked = bo;
	}
	return picked;
}

static void chaos_move(struct vprime_bo *bo)
{
	struct ttm_operation_ctx ctx = { .no_wait_gpu = true };
	u32 place = places[get_random_u32_below(ARRAY_SIZE(places))];

	if (!(place & (bo->placements | VPRIME_PLACEMENT_SYSTEM)))
		return;
	if (!dma_resv_trylock(bo->tbo.base.resv))
		return;
	/* That there is no room or no memory, or that jobs use it, is expected. */
	if (!bo->tbo.pin_count && vprime_bo_validate(bo, place, &ctx))
		drm_dbg_driver(&bo->gpu->drm, "chaos: buffer %llu stays where it is\n", bo->id);
	dma_resv_unlock(bo->tbo.base.resv);
}

static void chaos_work(struct work_struct *work)
{
	struct vprime_gpu *gpu = container_of(work, struct vprime_gpu, chaos.work);
	u32 interval = READ_ONCE(gpu->faults.chaos_ms);
	struct vprime_bo *bo;

	if (!interval || drm_dev_is_unplugged(&gpu->drm))
		return;

	bo = chaos_pick(gpu);
	if (bo) {
		chaos_move(bo);
		drm_gem_object_put(&bo->tbo.base);
	}
	queue_delayed_work(system_unbound_wq, &gpu->chaos, msecs_to_jiffies(interval));
}

/**
 * vprime_chaos_init - prepare for chaos
 * @gpu: of which
 *
 * Context: any.
 */
void vprime_chaos_init(struct vprime_gpu *gpu)
{
	INIT_DELAYED_WORK(&gpu->chaos, chaos_work);
}

/**
 * vprime_chaos_start - start moving, if the GPU's faults say so
 * @gpu: of which
 *
 * Context: any.
 */
void vprime_chaos_start(struct vprime_gpu *gpu)
{
	if (gpu->faults.chaos_ms)
		mod_delayed_work(system_unbound_wq, &gpu->chaos,
				 msecs_to_jiffies(gpu->faults.chaos_ms));
}

/**
 * vprime_chaos_stop - stop moving
 * @gpu: of which
 *
 * Context: may sleep.
 */
void vprime_chaos_stop(struct vprime_gpu *gpu)
{
	cancel_delayed_work_sync(&gpu->chaos);
}
