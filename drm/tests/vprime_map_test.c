// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_map.c: the kernel's view of a buffer, which follows it and holds nothing.
 */
#include <kunit/test.h>

#include <linux/dma-resv.h>
#include <linux/iosys-map.h>

#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_map.h"
#include "vprime_kunit.h"

#define MAP_BYTES (4 * PAGE_SIZE)

static struct vprime_bo *map_bo(struct kunit *test, u32 placements)
{
	struct vprime_config config = vprime_kunit_config("map");

	return vprime_kunit_bo(test, vprime_kunit_gpu(test, &config), MAP_BYTES, placements);
}

/* By way of TT, as a move on to SYSTEM would wait for a copy that nobody runs. */
static void map_move(struct kunit *test, struct vprime_bo *bo, u32 placement)
{
	vprime_kunit_move(test, bo, VPRIME_PLACEMENT_TT);
	vprime_kunit_run(bo->gpu);
	vprime_kunit_move(test, bo, placement);
	vprime_kunit_run(bo->gpu);
}

static void *map_address(struct kunit *test, struct vprime_bo *bo)
{
	struct iosys_map map = {};

	dma_resv_lock(bo->tbo.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_gem_vmap(&bo->tbo.base, &map), 0);
	KUNIT_EXPECT_FALSE(test, map.is_iomem);
	vprime_gem_vunmap(&bo->tbo.base, &map);
	dma_resv_unlock(bo->tbo.base.resv);
	return map.vaddr;
}

/**
 * struct map_case - from where to where
 * @name: of the case
 * @from: VPRIME_PLACEMENT_*
 * @to: VPRIME_PLACEMENT_*
 */
struct map_case {
	const char *name;
	u32 from;
	u32 to;
};

static const struct map_case map_cases[] = {
	{
		.name = "VRAM to TT",
		.from = VPRIME_PLACEMENT_VRAM, .to = VPRIME_PLACEMENT_TT,
	}, {
		.name = "TT to VRAM",
		.from = VPRIME_PLACEMENT_TT, .to = VPRIME_PLACEMENT_VRAM,
	}, {
		.name = "SYSTEM to TT",
		.from = VPRIME_PLACEMENT_SYSTEM, .to = VPRIME_PLACEMENT_TT,
	}, {
		.name = "TT to SYSTEM",
		.from = VPRIME_PLACEMENT_TT, .to = VPRIME_PLACEMENT_SYSTEM,
	},
};

KUNIT_ARRAY_PARAM_DESC(map, map_cases, name);

static void view_follows_a_move(struct kunit *test)
{
	const struct map_case *param = test->param_value;
	struct vprime_bo *bo = map_bo(test, VPRIME_PLACEMENT_MASK);

	map_move(test, bo, param->from);
	vprime_kunit_fill(test, bo, 0x600df00d);
	map_move(test, bo, param->to);
	KUNIT_ASSERT_EQ(test, vprime_bo_placement(bo), param->to);
	vprime_kunit_check(test, bo, 0x600df00d);

	/* What is written there is what comes back. */
	vprime_kunit_fill(test, bo, 0x0ddba115);
	map_move(test, bo, param->from);
	vprime_kunit_check(test, bo, 0x0ddba115);
}

static void move_makes_a_view_forgotten(struct kunit *test)
{
	const struct map_case *param = test->param_value;
	struct vprime_bo *bo = map_bo(test, VPRIME_PLACEMENT_MASK);

	map_move(test, bo, param->from);
	KUNIT_EXPECT_NOT_NULL(test, map_address(test, bo));
	KUNIT_EXPECT_NOT_NULL(test, bo->vaddr);
	map_move(test, bo, param->to);
	KUNIT_EXPECT_NULL(test, bo->vaddr);
}

static void view_is_kept_until_the_buffer_moves(struct kunit *test)
{
	struct vprime_bo *bo = map_bo(test, VPRIME_PLACEMENT_MASK);
	void *first = map_address(test, bo);

	KUNIT_EXPECT_NOT_NULL(test, first);
	KUNIT_EXPECT_PTR_EQ(test, map_address(test, bo), first);
}

static void view_of_a_buffer_that_nobody_used_is_zero(struct kunit *test)
{
	const struct map_case *param = test->param_value;

	vprime_kunit_check(test, map_bo(test, param->from), 0);
}

static void view_does_not_pin(struct kunit *test)
{
	struct vprime_bo *bo = map_bo(test, VPRIME_PLACEMENT_MASK);
	struct ttm_operation_ctx ctx = {};
	struct iosys_map map = {};

	/* It moves between vmap and vunmap, as the one who holds the lock may do. */
	dma_resv_lock(bo->tbo.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_gem_vmap(&bo->tbo.base, &map), 0);
	KUNIT_EXPECT_EQ(test, bo->tbo.pin_count, 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_validate(bo, VPRIME_PLACEMENT_TT, &ctx), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_TT);
	vprime_gem_vunmap(&bo->tbo.base, &map);
	dma_resv_unlock(bo->tbo.base.resv);
	vprime_kunit_run(bo->gpu);
	vprime_kunit_check(test, bo, 0);
}

static void view_waits_until_the_buffer_has_arrived(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("map");
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;

	config.clock = VPRIME_CLOCK_TIMED;
	config.engine_latency_us = 20 * USEC_PER_MSEC;
	gpu = vprime_kunit_gpu(test, &config);
	bo = vprime_kunit_bo(test, gpu, MAP_BYTES, VPRIME_PLACEMENT_MASK);
	vprime_kunit_fill(test, bo, 0x5eed5eed);
	vprime_kunit_move(test, bo, VPRIME_PLACEMENT_TT);
	vprime_kunit_check(test, bo, 0x5eed5eed);
	KUNIT_EXPECT_TRUE(test, dma_resv_test_signaled(bo->tbo.base.resv, DMA_RESV_USAGE_KERNEL));
}

static struct kunit_case map_test_cases[] = {
	KUNIT_CASE_PARAM(view_follows_a_move, map_gen_params),
	KUNIT_CASE_PARAM(move_makes_a_view_forgotten, map_gen_params),
	KUNIT_CASE(view_is_kept_until_the_buffer_moves),
	KUNIT_CASE_PARAM(view_of_a_buffer_that_nobody_used_is_zero, map_gen_params),
	KUNIT_CASE(view_does_not_pin),
	KUNIT_CASE(view_waits_until_the_buffer_has_arrived),
	{}
};

static struct kunit_suite map_test_suite = {
	.name = "vprime-map",
	.test_cases = map_test_cases,
};

kunit_test_suite(map_test_suite);
