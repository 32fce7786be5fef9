// SPDX-License-Identifier: GPL-2.0-only
/*
 * What elsewhere needs discrete hardware: every place a buffer can be in, times every kind of
 * importer, times every device that can be one. In each cell the importer maps, the buffer is moved
 * away under it, and it maps again.
 */
#include <kunit/device.h>
#include <kunit/test.h>

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>

#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"

#define GRID_BYTES (64 * PAGE_SIZE)

enum grid_kind {
	GRID_STATIC,
	GRID_DYNAMIC,
	GRID_P2P,
};

enum grid_device {
	GRID_SAME,
	GRID_OTHER,
	GRID_FOREIGN,
};

static const char * const kind_names[] = {
	[GRID_STATIC]	= "static",
	[GRID_DYNAMIC]	= "dynamic",
	[GRID_P2P]	= "p2p",
};

static const char * const device_names[] = {
	[GRID_SAME]	= "same",
	[GRID_OTHER]	= "other",
	[GRID_FOREIGN]	= "foreign",
};

/**
 * struct grid_cell - one combination, and what has to come of it
 * @placement: where the buffer is at first
 * @kind: of importer
 * @device: that imports
 * @mapped: where the buffer is once it is mapped
 */
struct grid_cell {
	u32 placement;
	enum grid_kind kind;
	enum grid_device device;
	u32 mapped;
};

#define CELL(from, importer, who, to)				\
	{							\
		.placement = VPRIME_PLACEMENT_##from,		\
		.kind = GRID_##importer,			\
		.device = GRID_##who,				\
		.mapped = VPRIME_PLACEMENT_##to,		\
	}

static const struct grid_cell grid_cells[] = {
	CELL(VRAM, P2P, SAME, VRAM),
	CELL(VRAM, P2P, OTHER, VRAM),
	CELL(VRAM, P2P, FOREIGN, TT),
	CELL(VRAM, DYNAMIC, SAME, TT),
	CELL(VRAM, DYNAMIC, OTHER, TT),
	CELL(VRAM, DYNAMIC, FOREIGN, TT),
	CELL(VRAM, STATIC, SAME, TT),
	CELL(VRAM, STATIC, OTHER, TT),
	CELL(VRAM, STATIC, FOREIGN, TT),
	CELL(TT, P2P, SAME, TT),
	CELL(TT, P2P, OTHER, TT),
	CELL(TT, P2P, FOREIGN, TT),
	CELL(TT, DYNAMIC, SAME, TT),
	CELL(TT, DYNAMIC, OTHER, TT),
	CELL(TT, DYNAMIC, FOREIGN, TT),
	CELL(TT, STATIC, SAME, TT),
	CELL(TT, STATIC, OTHER, TT),
	CELL(TT, STATIC, FOREIGN, TT),
	/* Nobody reaches it there, so the best place is found for it. */
	CELL(SYSTEM, P2P, SAME, VRAM),
	CELL(SYSTEM, P2P, OTHER, VRAM),
	CELL(SYSTEM, P2P, FOREIGN, TT),
	CELL(SYSTEM, DYNAMIC, SAME, TT),
	CELL(SYSTEM, DYNAMIC, OTHER, TT),
	CELL(SYSTEM, DYNAMIC, FOREIGN, TT),
	CELL(SYSTEM, STATIC, SAME, TT),
	CELL(SYSTEM, STATIC, OTHER, TT),
	CELL(SYSTEM, STATIC, FOREIGN, TT),
};

static void grid_cell_name(const struct grid_cell *cell, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%s-%s-%s", vprime_placement_name(cell->placement),
		 kind_names[cell->kind], device_names[cell->device]);
}

KUNIT_ARRAY_PARAM(grid, grid_cells, grid_cell_name);

/**
 * struct grid - a cell at work
 * @gpu: exports
 * @bo: its buffer
 * @dmabuf: of @bo
 * @attach: of the importer
 * @sgt: while it is mapped
 * @notified: how often the importer was told of a move
 */
struct grid {
	struct vprime_gpu *gpu;
	struct vprime_bo *bo;
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	unsigned int notified;
};

static void grid_move_notify(struct dma_buf_attachment *attach)
{
	struct grid *grid = attach->importer_priv;

	dma_resv_assert_held(attach->dmabuf->resv);
	grid->notified++;
}

static const struct dma_buf_attach_ops grid_dynamic_ops = {
	.move_notify = grid_move_notify,
};

static const struct dma_buf_attach_ops grid_p2p_ops = {
	.allow_peer2peer = true,
	.move_notify = grid_move_notify,
};

static struct device *grid_device(struct kunit *test, struct vprime_gpu *gpu, enum grid_device who)
{
	struct vprime_config config = vprime_kunit_config("grid-other");
	struct device *dev;

	switch (who) {
	case GRID_SAME:
		return gpu->drm.dev;
	case GRID_OTHER:
		return vprime_kunit_gpu(test, &config)->drm.dev;
	default:
		dev = kunit_device_register(test, "grid-foreign");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
		KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
		return dev;
	}
}

static void grid_detach(void *arg)
{
	struct grid *grid = arg;

	dma_buf_detach(grid->dmabuf, grid->attach);
}

static void grid_attach(struct kunit *test, struct grid *grid, const struct grid_cell *cell)
{
	const struct dma_buf_attach_ops *ops = cell->kind == GRID_P2P ? &grid_p2p_ops :
									&grid_dynamic_ops;
	struct device *dev = grid_device(test, grid->gpu, cell->device);

	if (cell->kind == GRID_STATIC)
		grid->attach = dma_buf_attach(grid->dmabuf, dev);
	else
		grid->attach = dma_buf_dynamic_attach(grid->dmabuf, dev, ops, grid);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, grid->attach);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, grid_detach, grid), 0);
	KUNIT_EXPECT_EQ(test, grid->attach->peer2peer,
			cell->kind == GRID_P2P && cell->device != GRID_FOREIGN);
}

static struct grid *grid_create(struct kunit *test, const struct grid_cell *cell)
{
	struct vprime_config config = vprime_kunit_config("grid");
	struct grid *grid = kunit_kzalloc(test, sizeof(*grid), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, grid);
	grid->gpu = vprime_kunit_gpu(test, &config);
	grid->bo = vprime_kunit_bo(test, grid->gpu, GRID_BYTES, VPRIME_PLACEMENT_MASK);
	vprime_kunit_move(test, grid->bo, cell->placement);
	vprime_kunit_run(grid->gpu);
	grid->dmabuf = vprime_kunit_export(test, grid->bo);
	grid_attach(test, grid, cell);
	return grid;
}

/* While it is mapped. Without DMABUF_MOVE_NOTIFY dynamic importers are treated like static ones. */
static bool grid_is_pinned(const struct grid_cell *cell)
{
	return cell->kind == GRID_STATIC || !IS_ENABLED(CONFIG_DMABUF_MOVE_NOTIFY);
}

/* What is pinned goes to the best place; what is only mapped stays where it can be reached. */
static u32 grid_mapped(const struct grid_cell *cell)
{
	if (cell->kind == GRID_P2P && cell->device != GRID_FOREIGN && grid_is_pinned(cell))
		return VPRIME_PLACEMENT_VRAM;
	return cell->mapped;
}

/*
 * On the manual clock an importer whose mapping is pinned would wait for ever for a move: what
 * moves has to be there before it maps.
 */
static void grid_settle(struct kunit *test, struct grid *grid, const struct grid_cell *cell)
{
	vprime_kunit_move(test, grid->bo, grid_mapped(cell));
	vprime_kunit_run(grid->gpu);
}

static void grid_map(struct kunit *test, struct grid *grid)
{
	dma_resv_lock(grid->dmabuf->resv, NULL);
	grid->sgt = dma_buf_map_attachment(grid->attach, DMA_BIDIRECTIONAL);
	dma_resv_unlock(grid->dmabuf->resv);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, grid->sgt);
	vprime_kunit_run(grid->gpu);
}

static void grid_unmap(struct grid *grid)
{
	dma_buf_unmap_attachment_unlocked(grid->attach, grid->sgt, DMA_BIDIRECTIONAL);
}

static bool grid_is_in_aperture(struct grid *grid)
{
	const struct vprime_aperture *aperture = &grid->gpu->vram.aperture;
	u64 addr = sg_dma_address(grid->sgt->sgl);

	return addr >= aperture->base && addr - aperture->base < aperture->size;
}

static void grid_expect_mapped(struct kunit *test, struct grid *grid, u32 placement)
{
	KUNIT_EXPECT_STREQ(test, vprime_placement_name(vprime_bo_placement(grid->bo)),
			   vprime_placement_name(placement));
	KUNIT_EXPECT_EQ(test, grid_is_in_aperture(grid), placement == VPRIME_PLACEMENT_VRAM);
}

static void importer_reaches_a_buffer_wherever_it_goes(struct kunit *test)
{
	const struct grid_cell *cell = test->param_value;
	struct grid *grid = grid_create(test, cell);
	unsigned int told;

	vprime_kunit_fill(test, grid->bo, 0x11223344);
	if (grid_is_pinned(cell))
		grid_settle(test, grid, cell);
	grid_map(test, grid);
	grid_expect_mapped(test, grid, grid_mapped(cell));
	KUNIT_EXPECT_EQ(test, grid->bo->tbo.pin_count, grid_is_pinned(cell));
	vprime_kunit_check(test, grid->bo, 0x11223344);

	/* Out from under it, if it may move at all. */
	told = grid->notified;
	if (grid_is_pinned(cell)) {
		KUNIT_EXPECT_EQ(test, vprime_kunit_try_move(grid->bo, VPRIME_PLACEMENT_SYSTEM),
				-EINVAL);
		KUNIT_EXPECT_EQ(test, grid->notified, told);
		grid_expect_mapped(test, grid, grid_mapped(cell));
	} else {
		vprime_kunit_move(test, grid->bo, VPRIME_PLACEMENT_SYSTEM);
		vprime_kunit_run(grid->gpu);
		KUNIT_EXPECT_GT(test, grid->notified, told);
	}
	grid_unmap(grid);
	KUNIT_EXPECT_EQ(test, grid->bo->tbo.pin_count, 0);

	/* And there again. */
	if (grid_is_pinned(cell))
		grid_settle(test, grid, cell);
	grid_map(test, grid);
	grid_expect_mapped(test, grid, vprime_bo_placement(grid->bo));
	vprime_kunit_check(test, grid->bo, 0x11223344);
	grid_unmap(grid);
	KUNIT_EXPECT_EQ(test, atomic64_read(&grid->gpu->port.faults), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&grid->gpu->copy.engine.stale_writes), 0);
}

static struct kunit_case grid_test_cases[] = {
	KUNIT_CASE_PARAM(importer_reaches_a_buffer_wherever_it_goes, grid_gen_params),
	{}
};

static struct kunit_suite grid_test_suite = {
	.name = "vprime-grid",
	.test_cases = grid_test_cases,
};

kunit_test_suite(grid_test_suite);
