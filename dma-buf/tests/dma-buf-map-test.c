// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-map.c: which importer's mapping calls what of which exporter,
 * what the importer sees of it, and whom it waits for.
 */

#include "dma-buf-mock.h"

#include <linux/slab.h>

/* Who meets whom */

/* Without DMABUF_MOVE_NOTIFY dynamic importers are treated like static ones. */
#define IF_TOLD_OF_MOVES(dynamic, like_static) \
	(IS_ENABLED(CONFIG_DMABUF_MOVE_NOTIFY) ? (dynamic) : (like_static))

/* What undoes the three mappings of a meeting, each with its pin or without. */
#define UNMAPS		"unmap:from, unmap:to, unmap:to"
#define UNMAPS_UNPIN	"unmap:from, unpin, unmap:to, unpin, unmap:to, unpin"

/**
 * struct meeting - what an exporter hears from an importer
 * @who: who meets whom
 * @exporter: the exporter
 * @importer: the importer; NULL for a static one
 * @at_map: calls at the first mapping, to the device
 * @at_second_map: at one more like it
 * @at_other_map: at one more from the device
 * @other_map: what that returns
 * @pins: pins while all are mapped
 * @at_unmap: calls when all are unmapped, the last one first
 * @at_detach: at the end
 */
struct meeting {
	const char *who;
	const struct dma_buf_ops *exporter;
	const struct dma_buf_attach_ops *importer;
	const char *at_map;
	const char *at_second_map;
	const char *at_other_map;
	int other_map;
	unsigned int pins;
	const char *at_unmap;
	const char *at_detach;
};

static const struct meeting meetings[] = {
	{
		.who		= "static importer, static exporter",
		.exporter	= &mock_static_ops,
		.importer	= NULL,
		.at_map		= "map:to",
		.at_second_map	= "map:to",
		.at_other_map	= "map:from",
		.at_unmap	= UNMAPS,
		.at_detach	= "detach",
	}, {
		.who		= "static importer, exporter that wants tables kept",
		.exporter	= &mock_cached_ops,
		.importer	= NULL,
		.at_map		= "map:to",
		.at_second_map	= "",
		.at_other_map	= "",
		.other_map	= -EBUSY,
		.at_unmap	= "",
		.at_detach	= "unmap:to, detach",
	}, {
		.who		= "static importer, dynamic exporter",
		.exporter	= &mock_dynamic_ops,
		.importer	= NULL,
		.at_map		= "pin, map:to",
		.at_second_map	= "pin, map:to",
		.at_other_map	= "pin, map:from",
		.pins		= 3,
		.at_unmap	= UNMAPS_UNPIN,
		.at_detach	= "detach",
	}, {
		.who		= "dynamic importer, static exporter",
		.exporter	= &mock_static_ops,
		.importer	= &mock_importer_ops,
		.at_map		= "map:to",
		.at_second_map	= "map:to",
		.at_other_map	= "map:from",
		.at_unmap	= UNMAPS,
		.at_detach	= "detach",
	}, {
		.who		= "dynamic importer, exporter that wants tables kept",
		.exporter	= &mock_cached_ops,
		.importer	= &mock_importer_ops,
		.at_map		= "map:to",
		.at_second_map	= "",
		.at_other_map	= "",
		.other_map	= -EBUSY,
		.at_unmap	= "",
		.at_detach	= "unmap:to, detach",
	}, {
		.who		= "dynamic importer, dynamic exporter",
		.exporter	= &mock_dynamic_ops,
		.importer	= &mock_importer_ops,
		.at_map		= IF_TOLD_OF_MOVES("map:to", "pin, map:to"),
		.at_second_map	= IF_TOLD_OF_MOVES("map:to", "pin, map:to"),
		.at_other_map	= IF_TOLD_OF_MOVES("map:from", "pin, map:from"),
		.pins		= IF_TOLD_OF_MOVES(0, 3),
		.at_unmap	= IF_TOLD_OF_MOVES(UNMAPS, UNMAPS_UNPIN),
		.at_detach	= "detach",
	}, {
		.who		= "dynamic importer with p2p, static exporter",
		.exporter	= &mock_static_ops,
		.importer	= &mock_importer_p2p_ops,
		.at_map		= "map:to",
		.at_second_map	= "map:to",
		.at_other_map	= "map:from",
		.at_unmap	= UNMAPS,
		.at_detach	= "detach",
	}, {
		.who		= "dynamic importer with p2p, exporter that wants tables kept",
		.exporter	= &mock_cached_ops,
		.importer	= &mock_importer_p2p_ops,
		.at_map		= "map:to",
		.at_second_map	= "",
		.at_other_map	= "",
		.other_map	= -EBUSY,
		.at_unmap	= "",
		.at_detach	= "unmap:to, detach",
	}, {
		.who		= "dynamic importer with p2p, dynamic exporter",
		.exporter	= &mock_dynamic_ops,
		.importer	= &mock_importer_p2p_ops,
		.at_map		= IF_TOLD_OF_MOVES("map:to", "pin, map:to"),
		.at_second_map	= IF_TOLD_OF_MOVES("map:to", "pin, map:to"),
		.at_other_map	= IF_TOLD_OF_MOVES("map:from", "pin, map:from"),
		.pins		= IF_TOLD_OF_MOVES(0, 3),
		.at_unmap	= IF_TOLD_OF_MOVES(UNMAPS, UNMAPS_UNPIN),
		.at_detach	= "detach",
	},
};

KUNIT_ARRAY_PARAM_DESC(meeting, meetings, who);

static void an_exporter_hears_what_the_matrix_says(struct kunit *test)
{
	const struct meeting *meeting = test->param_value;
	struct mock_buffer *buffer = mock_export(test, meeting->exporter);
	struct dma_buf_attachment *attach = mock_attach(buffer, meeting->importer);
	struct mock_mapping *first, *second, *other;

	MOCK_EXPECT_CALLS(buffer, "attach");

	first = mock_map(test, attach, DMA_TO_DEVICE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, first);
	MOCK_EXPECT_CALLS(buffer, meeting->at_map);

	second = mock_map(test, attach, DMA_TO_DEVICE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, second);
	MOCK_EXPECT_CALLS(buffer, meeting->at_second_map);

	other = mock_map(test, attach, DMA_FROM_DEVICE);
	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(other), meeting->other_map);
	MOCK_EXPECT_CALLS(buffer, meeting->at_other_map);
	KUNIT_EXPECT_EQ(test, attach->db_pins, meeting->pins);

	if (!IS_ERR(other))
		mock_unmap(test, other);
	mock_unmap(test, second);
	mock_unmap(test, first);
	MOCK_EXPECT_CALLS(buffer, meeting->at_unmap);
	KUNIT_EXPECT_EQ(test, attach->db_pins, 0);
	KUNIT_EXPECT_EQ(test, attach->db_maps, 0);

	mock_detach(buffer, attach);
	MOCK_EXPECT_CALLS(buffer, meeting->at_detach);
}

/* Kept tables */

static void a_table_is_kept_from_one_mapping_to_the_next(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct mock_mapping *first = mock_map(test, attach, DMA_TO_DEVICE);
	struct mock_mapping *second;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, first);
	mock_unmap(test, first);
	second = mock_map(test, attach, DMA_TO_DEVICE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, second);
	KUNIT_EXPECT_PTR_EQ(test, second->sgt, first->sgt);
	MOCK_EXPECT_CALLS(buffer, "attach, map:to");
}

static void a_table_for_both_directions_serves_each_of_them(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	KUNIT_EXPECT_FALSE(test, IS_ERR(mock_map(test, attach, DMA_BIDIRECTIONAL)));
	KUNIT_EXPECT_FALSE(test, IS_ERR(mock_map(test, attach, DMA_TO_DEVICE)));
	KUNIT_EXPECT_FALSE(test, IS_ERR(mock_map(test, attach, DMA_FROM_DEVICE)));
	MOCK_EXPECT_CALLS(buffer, "attach, map:both");
}

static void each_attachment_has_a_kept_table_of_its_own(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);

	KUNIT_EXPECT_FALSE(test, IS_ERR(mock_map(test, mock_attach(buffer, NULL),
						 DMA_TO_DEVICE)));
	KUNIT_EXPECT_FALSE(test, IS_ERR(mock_map(test, mock_attach(buffer, NULL),
						 DMA_FROM_DEVICE)));
	MOCK_EXPECT_CALLS(buffer, "attach, map:to, attach, map:from");
}

/* What importers see */

static void an_importer_sees_the_exporters_addresses(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_mapping *mapping = mock_map(test, mock_attach(buffer, NULL),
						DMA_BIDIRECTIONAL);
	struct scatterlist *theirs, *ours;
	size_t bytes = 0;
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mapping);
	KUNIT_ASSERT_EQ(test, mapping->sgt->nents, buffer->table->nents);

	theirs = buffer->table->sgl;
	for_each_sgtable_dma_sg(mapping->sgt, ours, i) {
		KUNIT_EXPECT_EQ(test, sg_dma_address(ours), sg_dma_address(theirs));
		KUNIT_EXPECT_EQ(test, sg_dma_len(ours), sg_dma_len(theirs));
		bytes += sg_dma_len(ours);
		theirs = sg_next(theirs);
	}
	KUNIT_EXPECT_EQ(test, bytes, MOCK_SIZE);
}

static void debug_kernels_hide_the_pages(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_mapping *mapping = mock_map(test, mock_attach(buffer, NULL),
						DMA_BIDIRECTIONAL);
	struct scatterlist *sg;
	int i;

	if (!IS_ENABLED(CONFIG_DMABUF_DEBUG))
		kunit_skip(test, "DMABUF_DEBUG is not set");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mapping);
	KUNIT_EXPECT_PTR_NE(test, mapping->sgt, buffer->table);
	for_each_sgtable_dma_sg(mapping->sgt, sg, i)
		KUNIT_EXPECT_NULL(test, sg_page(sg));
}

static void other_kernels_hand_the_exporters_table_out(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_mapping *mapping = mock_map(test, mock_attach(buffer, NULL),
						DMA_BIDIRECTIONAL);

	if (IS_ENABLED(CONFIG_DMABUF_DEBUG))
		kunit_skip(test, "DMABUF_DEBUG is set");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mapping);
	KUNIT_EXPECT_PTR_EQ(test, mapping->sgt, buffer->table);
}

/* As virtio-gpu does for memory that only the host can see. */
static struct sg_table *map_no_entries(struct dma_buf_attachment *attach,
				       enum dma_data_direction direction)
{
	return kzalloc(sizeof(struct sg_table), GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

static void unmap_no_entries(struct dma_buf_attachment *attach, struct sg_table *sgt,
			     enum dma_data_direction direction)
{
	kfree(sgt);
}

static void a_table_may_have_no_entries(struct kunit *test)
{
	struct dma_buf_ops *ops = kunit_kzalloc(test, sizeof(*ops), GFP_KERNEL);
	struct mock_mapping *mapping;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	*ops = mock_static_ops;
	ops->map_dma_buf = map_no_entries;
	ops->unmap_dma_buf = unmap_no_entries;

	mapping = mock_map(test, mock_attach(mock_export(test, ops), NULL), DMA_TO_DEVICE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mapping);
	KUNIT_EXPECT_EQ(test, mapping->sgt->nents, 0);
	mock_unmap(test, mapping);
}

/* Waiting */

struct map_wait {
	const char *who;
	const struct dma_buf_attach_ops *importer;
	enum dma_resv_usage usage;
	bool waits;
};

static const struct map_wait map_waits[] = {
	{ .who = "static, kernel", .usage = DMA_RESV_USAGE_KERNEL, .waits = true },
	{ .who = "static, write", .usage = DMA_RESV_USAGE_WRITE },
	{ .who = "static, read", .usage = DMA_RESV_USAGE_READ },
	{ .who = "static, bookkeep", .usage = DMA_RESV_USAGE_BOOKKEEP },
	{ .who = "dynamic, kernel", .importer = &mock_importer_ops,
	  .usage = DMA_RESV_USAGE_KERNEL },
	{ .who = "dynamic, write", .importer = &mock_importer_ops,
	  .usage = DMA_RESV_USAGE_WRITE },
};

KUNIT_ARRAY_PARAM_DESC(map_wait, map_waits, who);

static void only_static_importers_wait_and_only_for_moves(struct kunit *test)
{
	const struct map_wait *param = test->param_value;
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct mock_fence *fence = mock_fence_add(buffer, param->usage);
	struct mock_map_job *job = mock_map_start(test, mock_attach(buffer, param->importer));

	mock_expect_wait(job->thread, fence, param->waits);
	dma_fence_signal(&fence->base);
}

static struct kunit_case dma_buf_map_cases[] = {
	KUNIT_CASE_PARAM(an_exporter_hears_what_the_matrix_says, meeting_gen_params),
	KUNIT_CASE(a_table_is_kept_from_one_mapping_to_the_next),
	KUNIT_CASE(a_table_for_both_directions_serves_each_of_them),
	KUNIT_CASE(each_attachment_has_a_kept_table_of_its_own),
	KUNIT_CASE(an_importer_sees_the_exporters_addresses),
	KUNIT_CASE(debug_kernels_hide_the_pages),
	KUNIT_CASE(other_kernels_hand_the_exporters_table_out),
	KUNIT_CASE(a_table_may_have_no_entries),
	KUNIT_CASE_PARAM(only_static_importers_wait_and_only_for_moves, map_wait_gen_params),
	{}
};

static struct kunit_suite dma_buf_map_suite = {
	.name = "dma-buf-map",
	.init = mock_init,
	.test_cases = dma_buf_map_cases,
};

kunit_test_suite(dma_buf_map_suite);
