// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_tt.c under pressure: TTM swaps a buffer out when it holds too many pages. What
 * may go and what may not, who is told, and that whoever uses the buffer next finds its content.
 */
#include <kunit/device.h>
#include <kunit/test.h>

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/iosys-map.h>

#include <drm/ttm/ttm_tt.h>

#include "../vprime_binding.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"
#include "vprime_swap_rig.h"

#define PICTURE		17
#define OTHER_PICTURE	4711

/**
 * struct swap_case - where a buffer is, and who uses it
 * @name: of the case
 * @place: VPRIME_PLACEMENT_*
 * @user: whose engine
 */
struct swap_case {
	const char *name;
	u32 place;
	enum swap_rig_user user;
};

static const struct swap_case swap_cases[] = {
	{
		.name = "SYSTEM, its owner",
		.place = VPRIME_PLACEMENT_SYSTEM, .user = SWAP_RIG_OWNER,
	}, {
		.name = "SYSTEM, a peer",
		.place = VPRIME_PLACEMENT_SYSTEM, .user = SWAP_RIG_PEER,
	}, {
		.name = "SYSTEM, an importer that is no peer",
		.place = VPRIME_PLACEMENT_SYSTEM, .user = SWAP_RIG_NO_PEER,
	}, {
		.name = "TT, its owner",
		.place = VPRIME_PLACEMENT_TT, .user = SWAP_RIG_OWNER,
	}, {
		.name = "TT, a peer",
		.place = VPRIME_PLACEMENT_TT, .user = SWAP_RIG_PEER,
	}, {
		.name = "TT, an importer that is no peer",
		.place = VPRIME_PLACEMENT_TT, .user = SWAP_RIG_NO_PEER,
	},
};

KUNIT_ARRAY_PARAM_DESC(swap, swap_cases, name);

/* Those that an engine can have mapped. */
static const struct swap_case mapped_cases[] = {
	{
		.name = "its owner",
		.place = VPRIME_PLACEMENT_TT, .user = SWAP_RIG_OWNER,
	}, {
		.name = "a peer",
		.place = VPRIME_PLACEMENT_TT, .user = SWAP_RIG_PEER,
	}, {
		.name = "an importer that is no peer",
		.place = VPRIME_PLACEMENT_TT, .user = SWAP_RIG_NO_PEER,
	},
};

KUNIT_ARRAY_PARAM_DESC(mapped, mapped_cases, name);

/* The buffer of a case, with content, where it has to be. */
static struct swap_rig *swap_create_case(struct kunit *test)
{
	const struct swap_case *param = test->param_value;
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_MASK, param->user);

	swap_rig_fill(test, rig->bo, PICTURE);
	vprime_kunit_move(test, rig->bo, param->place);
	swap_rig_run(rig);
	return rig;
}

static void cpu_finds_what_was_swapped_out(struct kunit *test)
{
	struct swap_rig *rig = swap_create_case(test);

	swap_rig_expect_out(test, rig);
	KUNIT_EXPECT_NULL(test, rig->bo->vaddr);
	swap_rig_check(test, rig->bo, PICTURE);
	KUNIT_EXPECT_FALSE(test, swap_rig_is_out(rig->bo));

	/* And what it writes then, the next time. */
	swap_rig_fill(test, rig->bo, OTHER_PICTURE);
	swap_rig_expect_out(test, rig);
	swap_rig_check(test, rig->bo, OTHER_PICTURE);
}

static void engine_finds_what_was_swapped_out(struct kunit *test)
{
	struct swap_rig *rig = swap_create_case(test);

	swap_rig_expect_out(test, rig);
	swap_rig_check_by_engine(test, rig, PICTURE);
	KUNIT_EXPECT_FALSE(test, swap_rig_is_out(rig->bo));
	swap_rig_check(test, rig->bo, PICTURE);
}

/* It is mapped for the engine when it goes. */
static void engine_that_had_it_finds_what_was_swapped_out(struct kunit *test)
{
	const struct swap_case *param = test->param_value;
	struct swap_rig *rig = swap_rig_create(test, param->place, param->user);

	swap_rig_fill(test, rig->bo, PICTURE);
	swap_rig_check_by_engine(test, rig, PICTURE);
	swap_rig_expect_out(test, rig);
	swap_rig_fill(test, rig->bo, OTHER_PICTURE);
	swap_rig_expect_out(test, rig);
	swap_rig_check_by_engine(test, rig, OTHER_PICTURE);
}

static void importer_is_told_of_a_buffer_that_leaves_tt(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_TT, SWAP_RIG_PEER);

	swap_rig_fill(test, rig->bo, PICTURE);
	swap_rig_check_by_engine(test, rig, PICTURE);
	KUNIT_EXPECT_NOT_NULL(test, rig->seen->mapping);
	swap_rig_expect_out(test, rig);
	KUNIT_EXPECT_NULL(test, rig->seen->mapping);
	KUNIT_EXPECT_EQ(test, rig->seen->moves, 1);
	KUNIT_EXPECT_EQ(test, rig->bo->notifies, 1);
	swap_rig_check_by_engine(test, rig, PICTURE);
	KUNIT_EXPECT_EQ(test, rig->seen->remaps, 1);
}

static void swapping_out_of_tt_counts_as_an_eviction(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_TT, SWAP_RIG_OWNER);
	struct vprime_stats *stats = &rig->gpu->stats;

	swap_rig_fill(test, rig->bo, PICTURE);
	swap_rig_expect_out(test, rig);
	KUNIT_EXPECT_EQ(test, rig->bo->moves, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->evictions), 1);

	/* Out of SYSTEM it is no move: it is where it was. */
	swap_rig_check(test, rig->bo, PICTURE);
	swap_rig_expect_out(test, rig);
	KUNIT_EXPECT_EQ(test, rig->bo->moves, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->evictions), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->bytes_moved), 0);
}

static void swapped_out_buffer_goes_to_vram(struct kunit *test)
{
	struct swap_rig *rig = swap_create_case(test);

	swap_rig_expect_out(test, rig);
	vprime_kunit_move(test, rig->bo, VPRIME_PLACEMENT_VRAM);
	swap_rig_run(rig);
	swap_rig_expect_stays(test, rig, VPRIME_PLACEMENT_VRAM);
	swap_rig_check(test, rig->bo, PICTURE);
	swap_rig_expect_no_faults(test, rig);
}

static void buffer_in_use_is_not_swapped_out(struct kunit *test)
{
	const struct swap_case *param = test->param_value;
	struct swap_rig *rig = swap_rig_create(test, param->place, param->user);
	struct dma_fence *fence;

	swap_rig_fill(test, rig->bo, PICTURE);
	fence = swap_rig_submit(test, rig);
	swap_rig_expect_stays(test, rig, VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_EQ(test, swap_rig_finish(rig, fence), 1);
	swap_rig_check(test, rig->copy, PICTURE);
	swap_rig_expect_no_faults(test, rig);
	swap_rig_expect_out(test, rig);
	swap_rig_check_by_engine(test, rig, PICTURE);
}

static struct dma_buf_attachment *swap_attach(struct kunit *test, struct swap_rig *rig)
{
	struct device *dev = kunit_device_register(test, "swap-foreign");
	struct dma_buf_attachment *attach;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	attach = dma_buf_attach(rig->dmabuf, dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	return attach;
}

/* Mapped for somebody who cannot be told. */
static void buffer_of_a_static_importer_is_not_swapped_out(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_TT, SWAP_RIG_OWNER);
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	struct page *page;

	swap_rig_fill(test, rig->bo, PICTURE);
	swap_rig_expect_out(test, rig);
	rig->dmabuf = vprime_kunit_export(test, rig->bo);
	attach = swap_attach(test, rig);
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	page = rig->bo->tbo.ttm->pages[0];

	swap_rig_expect_stays(test, rig, VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_PTR_EQ(test, rig->bo->tbo.ttm->pages[0], page);
	swap_rig_check(test, rig->bo, PICTURE);

	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
	swap_rig_expect_out(test, rig);
	dma_buf_detach(rig->dmabuf, attach);
	swap_rig_check(test, rig->bo, PICTURE);
}

/* By somebody who is told of moves, though he has nothing mapped. */
static void buffer_that_is_vmapped_is_not_swapped_out(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_TT, SWAP_RIG_PEER);
	struct iosys_map map = {};

	swap_rig_fill(test, rig->bo, PICTURE);
	swap_rig_expect_out(test, rig);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap_unlocked(rig->dmabuf, &map), 0);
	swap_rig_expect_stays(test, rig, VPRIME_PLACEMENT_TT);
	KUNIT_EXPECT_EQ(test, dma_buf_begin_cpu_access(rig->dmabuf, DMA_FROM_DEVICE), 0);
	swap_rig_expect_words(test, map.vaddr, PICTURE);
	KUNIT_EXPECT_EQ(test, dma_buf_end_cpu_access(rig->dmabuf, DMA_FROM_DEVICE), 0);
	dma_buf_vunmap_unlocked(rig->dmabuf, &map);
	swap_rig_expect_out(test, rig);
	swap_rig_check(test, rig->bo, PICTURE);
}

static void buffer_in_vram_is_not_swapped_out(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_MASK, SWAP_RIG_OWNER);

	swap_rig_fill(test, rig->bo, PICTURE);
	swap_rig_expect_stays(test, rig, VPRIME_PLACEMENT_VRAM);
	swap_rig_check(test, rig->bo, PICTURE);
}

static void buffer_that_nobody_used_has_nothing_to_swap_out(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_SYSTEM, SWAP_RIG_OWNER);

	swap_rig_expect_stays(test, rig, VPRIME_PLACEMENT_SYSTEM);
	vprime_kunit_check(test, rig->bo, 0);
	swap_rig_expect_out(test, rig);
	vprime_kunit_check(test, rig->bo, 0);
}

static void swapped_out_buffer_goes_with_its_last_user(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_SYSTEM, SWAP_RIG_OWNER);
	struct vprime_bo *bo = vprime_bo_create(rig->gpu, SWAP_RIG_BYTES, VPRIME_PLACEMENT_SYSTEM);
	struct file *storage;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bo);
	swap_rig_fill(test, bo, PICTURE);
	KUNIT_EXPECT_EQ(test, swap_rig_out(rig), SWAP_RIG_PAGES);
	KUNIT_EXPECT_TRUE(test, swap_rig_is_out(bo));
	storage = get_file(bo->tbo.ttm->swap_storage);
	drm_gem_object_put(&bo->tbo.base);
	KUNIT_EXPECT_EQ(test, file_count(storage), 1);
	fput(storage);
}

static void unplugged_gpu_leaves_what_was_swapped_out(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_TT, SWAP_RIG_PEER);

	swap_rig_fill(test, rig->bo, PICTURE);
	swap_rig_check_by_engine(test, rig, PICTURE);
	swap_rig_expect_out(test, rig);
	vprime_gpu_unplug(rig->gpu);
	swap_rig_check_by_engine(test, rig, PICTURE);
	swap_rig_expect_out(test, rig);
	swap_rig_check(test, rig->bo, PICTURE);
}

static void deaf_move_notify(struct dma_buf_attachment *attach)
{
}

static const struct dma_buf_attach_ops deaf_ops = {
	.move_notify = deaf_move_notify,
};

/* Keeps its addresses when the pages behind them have gone to others. */
static int deaf_importer_copies(struct kunit *test, struct swap_rig *rig)
{
	struct dma_buf_attachment *attach;
	struct vprime_binding *stale;
	struct dma_fence *fence;
	struct sg_table *sgt;
	int status;

	attach = dma_buf_dynamic_attach(rig->dmabuf, rig->user->drm.dev, &deaf_ops, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	stale = vprime_binding_create(&rig->user->port, sgt);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, stale);
	swap_rig_expect_out(test, rig);

	dma_resv_lock(rig->dmabuf->resv, NULL);
	fence = swap_rig_push_copy(test, rig, stale);
	dma_resv_unlock(rig->dmabuf->resv);
	status = swap_rig_finish(rig, fence);

	vprime_binding_put(stale);
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
	dma_buf_detach(rig->dmabuf, attach);
	return status;
}

static void importer_that_ignores_it_faults(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_TT, SWAP_RIG_PEER);

	swap_rig_fill(test, rig->bo, PICTURE);
	KUNIT_EXPECT_EQ(test, deaf_importer_copies(test, rig), -EFAULT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->user->port.faults), 1);
	vprime_kunit_check(test, rig->copy, 0);
}

/* The owner's own engine has windows onto it as well. */
static void importer_that_ignores_it_faults_where_the_owner_does(struct kunit *test)
{
	struct swap_rig *rig = swap_rig_create(test, VPRIME_PLACEMENT_TT, SWAP_RIG_PEER);
	struct ttm_operation_ctx ctx = {};
	struct vprime_binding *binding;

	swap_rig_fill(test, rig->bo, PICTURE);
	dma_resv_lock(rig->bo->tbo.base.resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_bo_bind(rig->bo, &ctx, &binding), 0);
	dma_resv_unlock(rig->bo->tbo.base.resv);
	KUNIT_EXPECT_EQ(test, deaf_importer_copies(test, rig), -EFAULT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&rig->user->port.faults), 1);
	vprime_kunit_check(test, rig->copy, 0);
}

static struct kunit_case swap_test_cases[] = {
	KUNIT_CASE_PARAM(cpu_finds_what_was_swapped_out, swap_gen_params),
	KUNIT_CASE_PARAM(engine_finds_what_was_swapped_out, swap_gen_params),
	KUNIT_CASE_PARAM(engine_that_had_it_finds_what_was_swapped_out, mapped_gen_params),
	KUNIT_CASE(importer_is_told_of_a_buffer_that_leaves_tt),
	KUNIT_CASE(swapping_out_of_tt_counts_as_an_eviction),
	KUNIT_CASE_PARAM(swapped_out_buffer_goes_to_vram, swap_gen_params),
	KUNIT_CASE_PARAM(buffer_in_use_is_not_swapped_out, mapped_gen_params),
	KUNIT_CASE(buffer_of_a_static_importer_is_not_swapped_out),
	KUNIT_CASE(buffer_that_is_vmapped_is_not_swapped_out),
	KUNIT_CASE(buffer_in_vram_is_not_swapped_out),
	KUNIT_CASE(buffer_that_nobody_used_has_nothing_to_swap_out),
	KUNIT_CASE(swapped_out_buffer_goes_with_its_last_user),
	KUNIT_CASE(unplugged_gpu_leaves_what_was_swapped_out),
	KUNIT_CASE(importer_that_ignores_it_faults),
	KUNIT_CASE(importer_that_ignores_it_faults_where_the_owner_does),
	{}
};

static struct kunit_suite swap_test_suite = {
	.name = "vprime-swap",
	.test_cases = swap_test_cases,
};

kunit_test_suite(swap_test_suite);
