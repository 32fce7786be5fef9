// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_export.c: which devices may attach to a buffer that is pinned, and where a buffer
 * is pinned for the devices that have attached.
 */
#include <kunit/device.h>
#include <kunit/test.h>

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/iosys-map.h>

#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "../vprime_pin.h"
#include "vprime_kunit.h"

#define EXPORT_BYTES	SZ_64K

/* Pins and mappings wait for moves, so the clock has to run. */
static struct vprime_gpu *export_gpu(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("export");

	config.clock = VPRIME_CLOCK_TIMED;
	return vprime_kunit_gpu(test, &config);
}

static struct vprime_bo *export_bo(struct kunit *test, u32 placements)
{
	return vprime_kunit_bo(test, export_gpu(test), EXPORT_BYTES, placements);
}

/* No peer of any GPU. */
static struct device *foreign_device(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "export-foreign");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	return dev;
}

static void export_move_notify(struct dma_buf_attachment *attach)
{
}

static const struct dma_buf_attach_ops export_dynamic_ops = {
	.move_notify = export_move_notify,
};

static const struct dma_buf_attach_ops export_p2p_ops = {
	.allow_peer2peer = true,
	.move_notify = export_move_notify,
};

static void export_detach(void *arg)
{
	struct dma_buf_attachment *attach = arg;

	dma_buf_detach(attach->dmabuf, attach);
}

static struct dma_buf_attachment *export_attach(struct kunit *test, struct dma_buf *dmabuf,
						struct device *dev,
						const struct dma_buf_attach_ops *ops)
{
	struct dma_buf_attachment *attach = dma_buf_dynamic_attach(dmabuf, dev, ops, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, export_detach, attach), 0);
	return attach;
}

/* As a screen does. */
static int pin_for_screen(struct vprime_bo *bo)
{
	int ret;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	ret = vprime_gem_pin(&bo->tbo.base);
	dma_resv_unlock(bo->tbo.base.resv);
	return ret;
}

static void unpin_from_screen(struct vprime_bo *bo)
{
	dma_resv_lock(bo->tbo.base.resv, NULL);
	vprime_gem_unpin(&bo->tbo.base);
	dma_resv_unlock(bo->tbo.base.resv);
}

static void expect_mappable(struct kunit *test, struct dma_buf_attachment *attach)
{
	struct sg_table *sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
}

/**
 * struct export_case - a kind of importer
 * @name: of the case
 * @ops: NULL for a static one
 */
struct export_case {
	const char *name;
	const struct dma_buf_attach_ops *ops;
};

static const struct export_case export_cases[] = {
	{ .name = "static" },
	{ .name = "dynamic", .ops = &export_dynamic_ops },
	{ .name = "dynamic, asks for peer to peer", .ops = &export_p2p_ops },
};

KUNIT_ARRAY_PARAM_DESC(export, export_cases, name);

static void buffer_pinned_in_vram_refuses_who_does_not_reach_it(struct kunit *test)
{
	const struct export_case *param = test->param_value;
	struct vprime_bo *bo = export_bo(test, VPRIME_PLACEMENT_MASK);
	struct dma_buf *dmabuf = vprime_kunit_export(test, bo);
	struct device *dev = foreign_device(test);

	KUNIT_ASSERT_EQ(test, pin_for_screen(bo), 0);
	KUNIT_ASSERT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	KUNIT_EXPECT_EQ(test, PTR_ERR(dma_buf_dynamic_attach(dmabuf, dev, param->ops, NULL)),
			-EBUSY);

	/* Once it may move again it is anybody's. */
	unpin_from_screen(bo);
	expect_mappable(test, export_attach(test, dmabuf, dev, param->ops));
}

static void buffer_pinned_in_vram_accepts_a_peer(struct kunit *test)
{
	struct vprime_bo *bo = export_bo(test, VPRIME_PLACEMENT_MASK);
	struct dma_buf *dmabuf = vprime_kunit_export(test, bo);
	struct dma_buf_attachment *attach;

	KUNIT_ASSERT_EQ(test, pin_for_screen(bo), 0);
	attach = export_attach(test, dmabuf, bo->gpu->drm.dev, &export_p2p_ops);
	expect_mappable(test, attach);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	unpin_from_screen(bo);
}

static void pin_puts_a_buffer_where_all_who_have_attached_reach_it(struct kunit *test)
{
	const struct export_case *param = test->param_value;
	struct vprime_bo *bo = export_bo(test, VPRIME_PLACEMENT_MASK);
	struct dma_buf *dmabuf = vprime_kunit_export(test, bo);
	struct dma_buf_attachment *attach;

	attach = export_attach(test, dmabuf, foreign_device(test), param->ops);
	KUNIT_ASSERT_EQ(test, pin_for_screen(bo), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_TT);
	expect_mappable(test, attach);
	unpin_from_screen(bo);

	/* And in VRAM again when they have gone. */
	kunit_release_action(test, export_detach, attach);
	KUNIT_ASSERT_EQ(test, pin_for_screen(bo), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	unpin_from_screen(bo);
}

/* A device that has attached without mapping is not served yet, and will be. */
static void dynamic_pin_looks_at_the_other_importers(struct kunit *test)
{
	struct vprime_bo *bo = export_bo(test, VPRIME_PLACEMENT_MASK);
	struct dma_buf *dmabuf = vprime_kunit_export(test, bo);
	struct dma_buf_attachment *peer, *other;

	peer = export_attach(test, dmabuf, bo->gpu->drm.dev, &export_p2p_ops);
	other = export_attach(test, dmabuf, foreign_device(test), NULL);

	dma_resv_lock(dmabuf->resv, NULL);
	KUNIT_EXPECT_EQ(test, dma_buf_pin(peer), 0);
	dma_resv_unlock(dmabuf->resv);
	expect_mappable(test, other);
	dma_resv_lock(dmabuf->resv, NULL);
	dma_buf_unpin(peer);
	dma_resv_unlock(dmabuf->resv);
}

static void vmap_leaves_room_for_who_attaches_later(struct kunit *test)
{
	const struct export_case *param = test->param_value;
	struct vprime_bo *bo = export_bo(test, VPRIME_PLACEMENT_MASK);
	struct dma_buf *dmabuf = vprime_kunit_export(test, bo);
	struct iosys_map map;

	/* It is told of moves, so it may keep an address when the lock is dropped. */
	export_attach(test, dmabuf, bo->gpu->drm.dev, &export_p2p_ops);
	vprime_kunit_fill(test, bo, 0x5ca1ab1e);
	dma_resv_lock(dmabuf->resv, NULL);
	KUNIT_ASSERT_EQ(test, dma_buf_vmap(dmabuf, &map), 0);
	dma_resv_unlock(dmabuf->resv);

	expect_mappable(test, export_attach(test, dmabuf, foreign_device(test), param->ops));
	KUNIT_EXPECT_EQ(test, *(u32 *)map.vaddr, 0x5ca1ab1e);
	KUNIT_EXPECT_EQ(test, bo->tbo.pin_count, 1);

	dma_resv_lock(dmabuf->resv, NULL);
	dma_buf_vunmap(dmabuf, &map);
	dma_resv_unlock(dmabuf->resv);
	KUNIT_EXPECT_EQ(test, bo->tbo.pin_count, 0);
}

/* What is on a screen does not leave it for that. */
static void vmap_of_what_is_pinned_in_vram_stays_there(struct kunit *test)
{
	struct vprime_bo *bo = export_bo(test, VPRIME_PLACEMENT_MASK);
	struct dma_buf *dmabuf = vprime_kunit_export(test, bo);
	struct iosys_map map;

	KUNIT_ASSERT_EQ(test, pin_for_screen(bo), 0);
	dma_resv_lock(dmabuf->resv, NULL);
	KUNIT_EXPECT_EQ(test, dma_buf_vmap(dmabuf, &map), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	dma_buf_vunmap(dmabuf, &map);
	dma_resv_unlock(dmabuf->resv);
	unpin_from_screen(bo);
}

/* Even if it is meant for VRAM alone: everybody reaches system memory. */
static void buffer_pinned_in_system_memory_serves_peers_and_screens(struct kunit *test)
{
	struct vprime_bo *bo = export_bo(test, VPRIME_PLACEMENT_VRAM);
	struct dma_buf *dmabuf = vprime_kunit_export(test, bo);
	struct dma_buf_attachment *attach, *peer;
	struct sg_table *sgt;

	attach = export_attach(test, dmabuf, foreign_device(test), NULL);
	peer = export_attach(test, dmabuf, bo->gpu->drm.dev, &export_p2p_ops);
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sgt);

	expect_mappable(test, peer);
	KUNIT_EXPECT_EQ(test, pin_for_screen(bo), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_TT);
	unpin_from_screen(bo);
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
}

static struct kunit_case export_test_cases[] = {
	KUNIT_CASE_PARAM(buffer_pinned_in_vram_refuses_who_does_not_reach_it, export_gen_params),
	KUNIT_CASE(buffer_pinned_in_vram_accepts_a_peer),
	KUNIT_CASE_PARAM(pin_puts_a_buffer_where_all_who_have_attached_reach_it, export_gen_params),
	KUNIT_CASE(dynamic_pin_looks_at_the_other_importers),
	KUNIT_CASE_PARAM(vmap_leaves_room_for_who_attaches_later, export_gen_params),
	KUNIT_CASE(vmap_of_what_is_pinned_in_vram_stays_there),
	KUNIT_CASE(buffer_pinned_in_system_memory_serves_peers_and_screens),
	{}
};

static struct kunit_suite export_test_suite = {
	.name = "vprime-export",
	.test_cases = export_test_cases,
};

kunit_test_suite(export_test_suite);
