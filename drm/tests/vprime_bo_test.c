// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_bo.c: where a buffer ends up when VRAM is full of what others hold, and how that
 * is known.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/dma-resv.h>
#include <linux/kthread.h>
#include <linux/log2.h>

#include <drm/ttm/ttm_placement.h>

#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"

/* All the VRAM there is. */
#define BO_BYTES SZ_4M

/**
 * struct elder - a thread that came first, and holds a buffer's lock
 * @bo: the buffer
 * @locked: it is
 * @release: it may be let go
 * @task: the thread
 */
struct elder {
	struct vprime_bo *bo;
	struct completion locked;
	struct completion release;
	struct task_struct *task;
};

static int elder_main(void *arg)
{
	struct elder *elder = arg;
	struct ww_acquire_ctx ticket;

	ww_acquire_init(&ticket, &reservation_ww_class);
	if (!dma_resv_lock(elder->bo->tbo.base.resv, &ticket)) {
		complete(&elder->locked);
		wait_for_completion(&elder->release);
		dma_resv_unlock(elder->bo->tbo.base.resv);
	}
	ww_acquire_fini(&ticket);
	return 0;
}

static void elder_stop(void *arg)
{
	struct elder *elder = arg;

	complete(&elder->release);
	kthread_stop_put(elder->task);
}

static struct elder *elder_start(struct kunit *test, struct vprime_bo *bo)
{
	struct elder *elder = kunit_kzalloc(test, sizeof(*elder), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, elder);
	elder->bo = bo;
	init_completion(&elder->locked);
	init_completion(&elder->release);
	elder->task = kthread_create(elder_main, elder, "elder");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, elder->task);
	get_task_struct(elder->task);
	wake_up_process(elder->task);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, elder_stop, elder), 0);
	wait_for_completion(&elder->locked);
	return elder;
}

static struct vprime_bo *bo_in_vram(struct kunit *test, struct vprime_gpu *gpu)
{
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, BO_BYTES, VPRIME_PLACEMENT_MASK);

	vprime_kunit_move(test, bo, VPRIME_PLACEMENT_VRAM);
	vprime_kunit_run(gpu);
	return bo;
}

/* As a submission does it: with a ticket, its own lock taken, and all locks given up after it. */
static int validate_later(struct vprime_bo *bo, u32 placements)
{
	struct ttm_operation_ctx ctx = {};
	struct ww_acquire_ctx ticket;
	int ret;

	ww_acquire_init(&ticket, &reservation_ww_class);
	ret = dma_resv_lock(bo->tbo.base.resv, &ticket);
	if (!ret) {
		ret = vprime_bo_validate(bo, placements, &ctx);
		dma_resv_unlock(bo->tbo.base.resv);
	}
	ww_acquire_fini(&ticket);
	return ret;
}

struct place_case {
	const char *name;
	u32 placements;
	int ret;
};

static const struct place_case place_cases[] = {
	{
		.name = "VRAM alone",
		.placements = VPRIME_PLACEMENT_VRAM,
		.ret = -ENOSPC,
	}, {
		.name = "VRAM or TT",
		.placements = VPRIME_PLACEMENT_VRAM | VPRIME_PLACEMENT_TT,
		.ret = -ENOMEM,
	},
};

KUNIT_ARRAY_PARAM_DESC(place_cases, place_cases, name);

static void what_an_elder_holds_is_not_waited_for(struct kunit *test)
{
	const struct place_case *place = test->param_value;
	struct vprime_config config = vprime_kunit_config("bo");
	struct vprime_gpu *gpu = vprime_kunit_gpu(test, &config);
	struct vprime_bo *held = bo_in_vram(test, gpu);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, BO_BYTES, VPRIME_PLACEMENT_MASK);
	struct elder *elder = elder_start(test, held);

	KUNIT_EXPECT_EQ(test, validate_later(bo, place->placements), place->ret);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_SYSTEM);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(held), VPRIME_PLACEMENT_VRAM);

	kunit_release_action(test, elder_stop, elder);
	KUNIT_EXPECT_EQ(test, validate_later(bo, place->placements), 0);
	vprime_kunit_run(gpu);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
}

static void what_nobody_holds_gives_way(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("bo");
	struct vprime_gpu *gpu = vprime_kunit_gpu(test, &config);
	struct vprime_bo *first = bo_in_vram(test, gpu);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, BO_BYTES, VPRIME_PLACEMENT_MASK);

	KUNIT_EXPECT_EQ(test, validate_later(bo, VPRIME_PLACEMENT_VRAM), 0);
	vprime_kunit_run(gpu);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	KUNIT_EXPECT_NE(test, vprime_bo_placement(first), VPRIME_PLACEMENT_VRAM);
}

/* TTM frees what says where a buffer was when it moves, whoever reads it then. */
static void placement_is_known_without_the_lock(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("bo");
	struct vprime_gpu *gpu = vprime_kunit_gpu(test, &config);
	struct vprime_bo *bo = bo_in_vram(test, gpu);
	struct ttm_resource freed = { .mem_type = TTM_PL_TT }, *resource = bo->tbo.resource;

	bo->tbo.resource = &freed;
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	bo->tbo.resource = resource;
}

static void put_bo(void *arg)
{
	struct vprime_bo *bo = arg;

	drm_gem_object_put(&bo->tbo.base);
}

static void used_follows_the_buffer(struct kunit *test)
{
	static const u32 path[] = {
		VPRIME_PLACEMENT_SYSTEM, VPRIME_PLACEMENT_VRAM, VPRIME_PLACEMENT_TT,
	};
	struct vprime_config config = vprime_kunit_config("bo");
	struct vprime_gpu *gpu = vprime_kunit_gpu(test, &config);
	struct vprime_bo *bo = vprime_bo_create(gpu, BO_BYTES, VPRIME_PLACEMENT_MASK);
	int i, place;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bo);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_bo, bo), 0);
	vprime_kunit_run(gpu);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		vprime_kunit_move(test, bo, path[i]);
		vprime_kunit_run(gpu);
		for (place = 0; place < VPRIME_PLACES; place++)
			KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->used[place]),
					BIT(place) == path[i] ? BO_BYTES : 0);
	}
	kunit_release_action(test, put_bo, bo);
	drain_workqueue(gpu->ttm.wq);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->used[ilog2(VPRIME_PLACEMENT_TT)]), 0);
}

static struct kunit_case bo_test_cases[] = {
	KUNIT_CASE_PARAM(what_an_elder_holds_is_not_waited_for, place_cases_gen_params),
	KUNIT_CASE(what_nobody_holds_gives_way),
	KUNIT_CASE(placement_is_known_without_the_lock),
	KUNIT_CASE(used_follows_the_buffer),
	{}
};

static struct kunit_suite bo_test_suite = {
	.name = "vprime-bo",
	.test_cases = bo_test_cases,
};

kunit_test_suite(bo_test_suite);
