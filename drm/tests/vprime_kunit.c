// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_kunit.h"

#include <kunit/test.h>

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/fcntl.h>
#include <linux/iosys-map.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include <drm/drm_drv.h>

#include "../vprime_bo.h"
#include "../vprime_export.h"
#include "../vprime_gpu.h"
#include "../vprime_import.h"
#include "../vprime_map.h"
#include "../vprime_pm.h"

struct vprime_config vprime_kunit_config(const char *name)
{
	struct vprime_config config = {
		.vram_size	= SZ_4M,
		.pin_limit	= SZ_2M,
		.p2p		= true,
		.dma_bits	= 64,
		.job_timeout_ms	= 60 * MSEC_PER_SEC,
		.poison		= true,
		.clock		= VPRIME_CLOCK_MANUAL,
	};

	strscpy(config.name, name);
	return config;
}

static void kunit_unregister_device(void *pdev)
{
	platform_device_unregister(pdev);
}

/* Unless the test has done that. */
static void kunit_unplug(void *arg)
{
	struct vprime_gpu *gpu = arg;

	if (!drm_dev_is_unplugged(&gpu->drm))
		vprime_gpu_unplug(gpu);
}

struct vprime_gpu *vprime_kunit_gpu(struct kunit *test, const struct vprime_config *config)
{
	struct platform_device *pdev;
	struct vprime_gpu *gpu;

	pdev = platform_device_register_simple("vprime-kunit", PLATFORM_DEVID_AUTO, NULL, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, kunit_unregister_device, pdev), 0);

	gpu = vprime_gpu_create(&pdev->dev, config, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, gpu);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, kunit_unplug, gpu), 0);
	return gpu;
}

/* The scheduler hands jobs over, and takes them back, in work that queues itself again. */
static void kunit_flush(struct drm_gpu_scheduler *sched)
{
	do {
		flush_workqueue(sched->submit_wq);
	} while (work_busy(&sched->work_run_job) || work_busy(&sched->work_free_job));
}

static unsigned int kunit_run_ring(struct vprime_ring *ring)
{
	unsigned int jobs = 0;

	do {
		kunit_flush(&ring->sched);
	} while (vprime_engine_advance(&ring->engine) && ++jobs);
	return jobs;
}

unsigned int vprime_kunit_run(struct vprime_gpu *gpu)
{
	unsigned int jobs = 0, more;

	do {
		more = kunit_run_ring(&gpu->render) + kunit_run_ring(&gpu->copy);
		jobs += more;
	} while (more);
	return jobs;
}

int vprime_kunit_suspend(struct vprime_gpu *gpu)
{
	int ret = vprime_pm_prepare(gpu);

	if (!ret)
		vprime_pm_suspend(gpu);
	return ret;
}

void vprime_kunit_resume(struct vprime_gpu *gpu)
{
	vprime_pm_resume(gpu);
	vprime_pm_complete(gpu);
}

static void kunit_put_bo(void *bo)
{
	drm_gem_object_put(&((struct vprime_bo *)bo)->tbo.base);
}

struct vprime_bo *vprime_kunit_bo(struct kunit *test, struct vprime_gpu *gpu, u64 size,
				  u32 placements)
{
	struct vprime_bo *bo = vprime_bo_create(gpu, size, placements);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bo);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, kunit_put_bo, bo), 0);
	if (gpu->config.clock == VPRIME_CLOCK_MANUAL)
		vprime_kunit_run(gpu);
	return bo;
}

static void kunit_put_dmabuf(void *dmabuf)
{
	dma_buf_put(dmabuf);
}

struct dma_buf *vprime_kunit_export(struct kunit *test, struct vprime_bo *bo)
{
	struct dma_buf *dmabuf = vprime_gem_export(&bo->tbo.base, O_RDWR);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dmabuf);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, kunit_put_dmabuf, dmabuf), 0);
	return dmabuf;
}

static void kunit_put_import(void *obj)
{
	struct vprime_gpu *gpu = to_vprime_bo(obj)->gpu;

	drm_gem_object_put(obj);
	vprime_import_flush(gpu);
}

struct vprime_bo *vprime_kunit_import(struct kunit *test, struct vprime_gpu *gpu,
				      struct dma_buf *dmabuf)
{
	struct drm_gem_object *obj;

	/* Who maps would wait for a move that goes on only when the test turns the clock. */
	if (!IS_ENABLED(CONFIG_DMABUF_MOVE_NOTIFY))
		kunit_skip(test, "without DMABUF_MOVE_NOTIFY what an import maps is pinned");
	obj = vprime_gem_prime_import(&gpu->drm, dmabuf);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, obj);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, kunit_put_import, obj), 0);
	return to_vprime_bo(obj);
}

static void kunit_destroy_entity(void *entity)
{
	drm_sched_entity_destroy(entity);
}

void vprime_kunit_entity(struct kunit *test, struct vprime_gpu *gpu,
			 struct drm_sched_entity *entity, enum drm_sched_priority priority)
{
	struct drm_gpu_scheduler *sched = &gpu->render.sched;

	KUNIT_ASSERT_EQ(test, drm_sched_entity_init(entity, priority, &sched, 1, NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, kunit_destroy_entity, entity), 0);
}

int vprime_kunit_try_move(struct vprime_bo *bo, u32 placement)
{
	struct ttm_operation_ctx ctx = {};
	int ret;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	ret = vprime_bo_validate(bo, placement, &ctx);
	dma_resv_unlock(bo->tbo.base.resv);
	return ret;
}

/* From VRAM to SYSTEM there is a stop, whose copy the way on waits for. */
static bool kunit_move_stops(struct vprime_bo *bo, u32 placement)
{
	return bo->gpu->config.clock == VPRIME_CLOCK_MANUAL &&
	       placement == VPRIME_PLACEMENT_SYSTEM &&
	       vprime_bo_placement(bo) == VPRIME_PLACEMENT_VRAM;
}

void vprime_kunit_move(struct kunit *test, struct vprime_bo *bo, u32 placement)
{
	if (kunit_move_stops(bo, placement)) {
		KUNIT_ASSERT_EQ(test, vprime_kunit_try_move(bo, VPRIME_PLACEMENT_TT), 0);
		vprime_kunit_run(bo->gpu);
	}
	KUNIT_ASSERT_EQ(test, vprime_kunit_try_move(bo, placement), 0);
}

static u32 *kunit_vmap(struct kunit *test, struct vprime_bo *bo, struct iosys_map *map)
{
	KUNIT_ASSERT_EQ(test, vprime_gem_vmap(&bo->tbo.base, map), 0);
	return map->vaddr;
}

void vprime_kunit_fill(struct kunit *test, struct vprime_bo *bo, u32 word)
{
	struct iosys_map map;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	memset32(kunit_vmap(test, bo, &map), word, bo->tbo.base.size / sizeof(word));
	vprime_gem_vunmap(&bo->tbo.base, &map);
	dma_resv_unlock(bo->tbo.base.resv);
}

void vprime_kunit_check(struct kunit *test, struct vprime_bo *bo, u32 word)
{
	size_t i, words = bo->tbo.base.size / sizeof(word);
	struct iosys_map map;
	const u32 *at;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	at = kunit_vmap(test, bo, &map);
	for (i = 0; i < words && at[i] == word; i++)
		;
	KUNIT_EXPECT_EQ_MSG(test, i, words, "word %zu is %#x instead of %#x", i,
			    i < words ? at[i] : word, word);
	vprime_gem_vunmap(&bo->tbo.base, &map);
	dma_resv_unlock(bo->tbo.base.resv);
}
