// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_vram.c: video memory given out and taken back, what is left in it, and how much
 * of it may be pinned.
 */
#include <kunit/test.h>

#include <linux/bitmap.h>
#include <linux/dma-resv.h>
#include <linux/highmem.h>

#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_pin.h"
#include "../vprime_vram.h"
#include "vprime_kunit.h"

#define VRAM_BYTES	SZ_4M
#define VRAM_PAGES	(VRAM_BYTES / PAGE_SIZE)

static struct vprime_gpu *vram_gpu(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("vram");

	KUNIT_ASSERT_EQ(test, config.vram_size, VRAM_BYTES);
	return vprime_kunit_gpu(test, &config);
}

static struct vprime_gpu *timed_gpu(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("vram");

	config.clock = VPRIME_CLOCK_TIMED;
	return vprime_kunit_gpu(test, &config);
}

static void put_bo(void *arg)
{
	struct vprime_bo *bo = arg;

	drm_gem_object_put(&bo->tbo.base);
}

/* Not a buffer that vprime_kunit_bo() makes, as this one goes before the test ends. */
static struct vprime_bo *short_lived_bo(struct kunit *test, struct vprime_gpu *gpu, u64 size)
{
	struct vprime_bo *bo = vprime_bo_create(gpu, size, VPRIME_PLACEMENT_VRAM);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bo);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_bo, bo), 0);
	vprime_kunit_run(gpu);
	return bo;
}

static void vram_move(struct kunit *test, struct vprime_bo *bo, u32 placement)
{
	vprime_kunit_move(test, bo, placement);
	vprime_kunit_run(bo->gpu);
}

static unsigned int poisoned_pages(struct vprime_gpu *gpu)
{
	unsigned int pages;

	mutex_lock(&gpu->vram.lock);
	pages = bitmap_weight(gpu->vram.poisoned, VRAM_PAGES);
	mutex_unlock(&gpu->vram.lock);
	return pages;
}

static u64 stale_writes(struct vprime_gpu *gpu)
{
	return atomic64_read(&gpu->copy.engine.stale_writes);
}

static void buffer_takes_its_size_and_gives_it_back(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *small, *large;

	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), 0);
	small = short_lived_bo(test, gpu, 1);
	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), PAGE_SIZE);
	large = short_lived_bo(test, gpu, SZ_1M);
	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), PAGE_SIZE + SZ_1M);

	kunit_release_action(test, put_bo, small);
	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), SZ_1M);
	kunit_release_action(test, put_bo, large);
	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), 0);
}

static void buffer_that_moves_out_gives_its_size_back(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);

	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), SZ_1M);
	vram_move(test, bo, VPRIME_PLACEMENT_TT);
	/* What it left is freed when the copy has ended, by a worker. */
	ttm_resource_manager_evict_all(&gpu->ttm, &gpu->vram.manager);
	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), 0);
}

static void buffers_have_memory_of_their_own(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *bos[4];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bos); i++) {
		bos[i] = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_VRAM);
		vprime_kunit_fill(test, bos[i], 0x1111 * (i + 1));
	}
	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), VRAM_BYTES);
	for (i = 0; i < ARRAY_SIZE(bos); i++)
		vprime_kunit_check(test, bos[i], 0x1111 * (i + 1));
}

static void buffer_is_zero_where_another_was(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *old = short_lived_bo(test, gpu, VRAM_BYTES);

	vprime_kunit_fill(test, old, 0x5ec3e751);
	kunit_release_action(test, put_bo, old);
	vprime_kunit_check(test, short_lived_bo(test, gpu, VRAM_BYTES), 0);
}

static void buffer_is_zero_where_poison_was(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *old = vprime_kunit_bo(test, gpu, VRAM_BYTES, VPRIME_PLACEMENT_MASK);

	vprime_kunit_fill(test, old, 0x5ec3e751);
	vram_move(test, old, VPRIME_PLACEMENT_TT);
	vprime_kunit_check(test, short_lived_bo(test, gpu, VRAM_BYTES), 0);
	vprime_kunit_check(test, old, 0x5ec3e751);
	KUNIT_EXPECT_EQ(test, stale_writes(gpu), 0);
}

static void range_that_a_buffer_moved_out_of_is_poison(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);
	unsigned long start = bo->tbo.resource->start, i;
	u32 *words;

	KUNIT_EXPECT_EQ(test, poisoned_pages(gpu), 0);
	vram_move(test, bo, VPRIME_PLACEMENT_TT);
	ttm_resource_manager_evict_all(&gpu->ttm, &gpu->vram.manager);
	KUNIT_EXPECT_EQ(test, poisoned_pages(gpu), PFN_DOWN(SZ_1M));
	for (i = start; i < start + PFN_DOWN(SZ_1M); i++) {
		words = kmap_local_page(gpu->vram.aperture.pages[i]);
		KUNIT_EXPECT_EQ(test, words[0], VPRIME_POISON);
		KUNIT_EXPECT_EQ(test, words[PAGE_SIZE / sizeof(u32) - 1], VPRIME_POISON);
		kunmap_local(words);
	}
}

static void next_owner_takes_the_poison_over(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, VRAM_BYTES, VPRIME_PLACEMENT_MASK);

	vram_move(test, bo, VPRIME_PLACEMENT_TT);
	short_lived_bo(test, gpu, SZ_1M);
	KUNIT_EXPECT_EQ(test, poisoned_pages(gpu), PFN_DOWN(VRAM_BYTES - SZ_1M));
}

static void buffer_that_is_freed_leaves_no_poison(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);

	kunit_release_action(test, put_bo, short_lived_bo(test, gpu, SZ_1M));
	KUNIT_EXPECT_EQ(test, poisoned_pages(gpu), 0);
}

static void nothing_is_poisoned_that_is_not_to_be(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("vram");
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;

	config.poison = false;
	gpu = vprime_kunit_gpu(test, &config);
	bo = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);
	vprime_kunit_fill(test, bo, 0x0b5e55ed);
	vram_move(test, bo, VPRIME_PLACEMENT_TT);
	ttm_resource_manager_evict_all(&gpu->ttm, &gpu->vram.manager);
	KUNIT_EXPECT_EQ(test, poisoned_pages(gpu), 0);
	vprime_kunit_check(test, short_lived_bo(test, gpu, VRAM_BYTES), 0);
	vprime_kunit_check(test, bo, 0x0b5e55ed);
}

static void writer_to_where_a_buffer_was_is_counted(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);
	struct page *page = gpu->vram.aperture.pages[bo->tbo.resource->start];

	vprime_kunit_fill(test, bo, 0x0b5e55ed);
	vram_move(test, bo, VPRIME_PLACEMENT_TT);
	memcpy_to_page(page, 100, "x", 1);
	KUNIT_EXPECT_EQ(test, stale_writes(gpu), 0);
	/* The next buffer gets this range only after a worker has freed it. */
	ttm_resource_manager_evict_all(&gpu->ttm, &gpu->vram.manager);

	/* All VRAM counts as one range, which is not all poison: a part is looked at. */
	vprime_kunit_check(test, short_lived_bo(test, gpu, SZ_1M), 0);
	KUNIT_EXPECT_EQ(test, stale_writes(gpu), 1);
	vprime_kunit_check(test, bo, 0x0b5e55ed);
}

static void writer_is_counted_when_a_buffer_moves_in_too(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, VRAM_BYTES, VPRIME_PLACEMENT_MASK);

	vprime_kunit_fill(test, bo, 0x0b5e55ed);
	vram_move(test, bo, VPRIME_PLACEMENT_TT);
	memcpy_to_page(gpu->vram.aperture.pages[VRAM_PAGES - 1], PAGE_SIZE - 1, "x", 1);
	vram_move(test, bo, VPRIME_PLACEMENT_VRAM);
	KUNIT_EXPECT_EQ(test, stale_writes(gpu), 1);
	vprime_kunit_check(test, bo, 0x0b5e55ed);
}

static void unpin_bo(void *arg)
{
	struct vprime_bo *bo = arg;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	vprime_bo_unpin(bo);
	dma_resv_unlock(bo->tbo.base.resv);
}

static int pin_bo(struct kunit *test, struct vprime_bo *bo, u32 placements)
{
	struct ttm_operation_ctx ctx = {};
	int ret;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	ret = vprime_bo_pin(bo, placements, &ctx);
	dma_resv_unlock(bo->tbo.base.resv);
	if (!ret)
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unpin_bo, bo), 0);
	return ret;
}

static void no_more_than_the_limit_is_pinned(struct kunit *test)
{
	struct vprime_gpu *gpu = timed_gpu(test);
	struct vprime_bo *bos[2], *more;
	int i;

	for (i = 0; i < ARRAY_SIZE(bos); i++) {
		bos[i] = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);
		KUNIT_EXPECT_EQ(test, pin_bo(test, bos[i], VPRIME_PLACEMENT_VRAM), 0);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), gpu->config.pin_limit);

	more = vprime_kunit_bo(test, gpu, PAGE_SIZE, VPRIME_PLACEMENT_MASK);
	KUNIT_EXPECT_EQ(test, pin_bo(test, more, VPRIME_PLACEMENT_VRAM), -ENOSPC);
	KUNIT_EXPECT_EQ(test, more->tbo.pin_count, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), gpu->config.pin_limit);

	kunit_release_action(test, unpin_bo, bos[0]);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), SZ_1M);
	KUNIT_EXPECT_EQ(test, pin_bo(test, more, VPRIME_PLACEMENT_VRAM), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), SZ_1M + PAGE_SIZE);
}

static void pin_beyond_the_limit_goes_to_system_memory_if_it_may(struct kunit *test)
{
	struct vprime_gpu *gpu = timed_gpu(test);
	struct vprime_bo *large = vprime_kunit_bo(test, gpu, SZ_2M, VPRIME_PLACEMENT_MASK);
	struct vprime_bo *more = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);

	vprime_kunit_fill(test, more, 0xca11ab1e);
	KUNIT_EXPECT_EQ(test, pin_bo(test, large, VPRIME_PLACEMENT_VRAM), 0);
	KUNIT_EXPECT_EQ(test, pin_bo(test, more, VPRIME_PLACEMENT_VRAM | VPRIME_PLACEMENT_TT), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(more), VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), SZ_2M);
	vprime_kunit_check(test, more, 0xca11ab1e);
}

static void pin_of_what_is_pinned_elsewhere_is_EBUSY(struct kunit *test)
{
	struct vprime_gpu *gpu = timed_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, SZ_1M, VPRIME_PLACEMENT_MASK);

	KUNIT_EXPECT_EQ(test, pin_bo(test, bo, VPRIME_PLACEMENT_TT), 0);
	KUNIT_EXPECT_EQ(test, pin_bo(test, bo, VPRIME_PLACEMENT_VRAM), -EBUSY);
	KUNIT_EXPECT_EQ(test, bo->tbo.pin_count, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), 0);
}

static void second_pin_of_a_buffer_is_not_charged(struct kunit *test)
{
	struct vprime_gpu *gpu = timed_gpu(test);
	struct vprime_bo *bo = vprime_kunit_bo(test, gpu, SZ_2M, VPRIME_PLACEMENT_MASK);

	KUNIT_EXPECT_EQ(test, pin_bo(test, bo, VPRIME_PLACEMENT_VRAM), 0);
	KUNIT_EXPECT_EQ(test, pin_bo(test, bo, VPRIME_PLACEMENT_VRAM), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), SZ_2M);
	kunit_release_action(test, unpin_bo, bo);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), SZ_2M);
	kunit_release_action(test, unpin_bo, bo);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->pinned_vram), 0);
}

static void vram_full_of_what_is_pinned_is_ENOSPC(struct kunit *test)
{
	struct vprime_gpu *gpu = timed_gpu(test);
	struct vprime_bo *pinned = vprime_kunit_bo(test, gpu, SZ_2M, VPRIME_PLACEMENT_MASK);
	struct vprime_bo *large;

	KUNIT_EXPECT_EQ(test, pin_bo(test, pinned, VPRIME_PLACEMENT_VRAM), 0);
	large = vprime_kunit_bo(test, gpu, VRAM_BYTES, VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_EQ(test, vprime_kunit_try_move(large, VPRIME_PLACEMENT_VRAM), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(large), VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(vprime_bo_create(gpu, VRAM_BYTES, VPRIME_PLACEMENT_VRAM)),
			-ENOSPC);
}

static void buffer_larger_than_vram_is_ENOSPC(struct kunit *test)
{
	struct vprime_gpu *gpu = vram_gpu(test);

	KUNIT_EXPECT_EQ(test, PTR_ERR(vprime_bo_create(gpu, VRAM_BYTES + 1, VPRIME_PLACEMENT_VRAM)),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, vprime_vram_used(&gpu->vram), 0);
}

static void buffers_that_do_not_fit_make_room(struct kunit *test)
{
	struct vprime_gpu *gpu = timed_gpu(test);
	struct vprime_bo *bos[6];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bos); i++) {
		bos[i] = vprime_kunit_bo(test, gpu, SZ_2M, VPRIME_PLACEMENT_MASK);
		vprime_kunit_fill(test, bos[i], i + 1);
	}
	for (i = 0; i < ARRAY_SIZE(bos); i++)
		vprime_kunit_move(test, bos[i], VPRIME_PLACEMENT_VRAM);
	for (i = 0; i < ARRAY_SIZE(bos); i++)
		vprime_kunit_check(test, bos[i], i + 1);
	KUNIT_EXPECT_GT(test, atomic64_read(&gpu->stats.evictions), 0);
	KUNIT_EXPECT_LE(test, vprime_vram_used(&gpu->vram), VRAM_BYTES);
	KUNIT_EXPECT_EQ(test, stale_writes(gpu), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&gpu->port.faults), 0);
}

static struct kunit_case vram_test_cases[] = {
	KUNIT_CASE(buffer_takes_its_size_and_gives_it_back),
	KUNIT_CASE(buffer_that_moves_out_gives_its_size_back),
	KUNIT_CASE(buffers_have_memory_of_their_own),
	KUNIT_CASE(buffer_is_zero_where_another_was),
	KUNIT_CASE(buffer_is_zero_where_poison_was),
	KUNIT_CASE(range_that_a_buffer_moved_out_of_is_poison),
	KUNIT_CASE(next_owner_takes_the_poison_over),
	KUNIT_CASE(buffer_that_is_freed_leaves_no_poison),
	KUNIT_CASE(nothing_is_poisoned_that_is_not_to_be),
	KUNIT_CASE(writer_to_where_a_buffer_was_is_counted),
	KUNIT_CASE(writer_is_counted_when_a_buffer_moves_in_too),
	KUNIT_CASE(no_more_than_the_limit_is_pinned),
	KUNIT_CASE(pin_beyond_the_limit_goes_to_system_memory_if_it_may),
	KUNIT_CASE(pin_of_what_is_pinned_elsewhere_is_EBUSY),
	KUNIT_CASE(second_pin_of_a_buffer_is_not_charged),
	KUNIT_CASE(vram_full_of_what_is_pinned_is_ENOSPC),
	KUNIT_CASE(buffer_larger_than_vram_is_ENOSPC),
	KUNIT_CASE(buffers_that_do_not_fit_make_room),
	{}
};

static struct kunit_suite vram_test_suite = {
	.name = "vprime-vram",
	.test_cases = vram_test_cases,
};

kunit_test_suite(vram_test_suite);
