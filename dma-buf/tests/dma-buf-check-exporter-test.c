// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the contract checker: exporters.  Each rule is broken once, and has
 * to be reported once.
 */

#include "dma-buf-check-log.h"
#include "dma-buf-mock.h"

#include <linux/slab.h>

#include "../dma-buf-breach.h"

/* Tables */

/* What may be wrong with a table; done to a good one, and undone before unmap. */
static void check_shift(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_dma_address(sgt->sgl) += 16;
}

static void check_unshift(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_dma_address(sgt->sgl) -= 16;
}

/* Odd entries that add up to the size of the buffer. */
static void check_lengthen(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_dma_len(sgt->sgl) += 16;
}

static void check_unlengthen(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_dma_len(sgt->sgl) -= 16;
}

static void check_shorten(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_dma_len(sgt->sgl) -= PAGE_SIZE;
}

static void check_unshorten(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_dma_len(sgt->sgl) += PAGE_SIZE;
}

static void check_take_page(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_assign_page(sgt->sgl, NULL);
}

static void check_give_page(struct mock_buffer *buffer, struct sg_table *sgt)
{
	sg_assign_page(sgt->sgl, buffer->pages);
}

/**
 * struct check_spoilt - an exporter whose tables are not what they should be
 * @name: of the case
 * @spoil: makes a good table bad
 * @mend: undoes that
 * @exporter: NULL for one that can move its buffers
 * @importer: who asks for it
 * @breach: what has to be reported
 */
struct check_spoilt {
	const char *name;
	void (*spoil)(struct mock_buffer *buffer, struct sg_table *sgt);
	void (*mend)(struct mock_buffer *buffer, struct sg_table *sgt);
	const struct dma_buf_ops *exporter;
	const struct dma_buf_attach_ops *importer;
	int breach;
};

static const struct check_spoilt check_spoilts[] = {
	{
		.name		= "address inside a page",
		.spoil		= check_shift,
		.mend		= check_unshift,
		.breach		= DMA_BUF_BREACH_TABLE_MISALIGNED,
	},
	{
		.name		= "length of half a page",
		.spoil		= check_lengthen,
		.mend		= check_unlengthen,
		.breach		= DMA_BUF_BREACH_TABLE_MISALIGNED,
	},
	{
		.name		= "shorter than the buffer",
		.spoil		= check_shorten,
		.mend		= check_unshorten,
		.breach		= DMA_BUF_BREACH_TABLE_SHORT,
	},
	{
		.name		= "no page for a static importer",
		.spoil		= check_take_page,
		.mend		= check_give_page,
		.breach		= DMA_BUF_BREACH_TABLE_PAGELESS,
	},
	{
		.name		= "no page for a dynamic importer",
		.spoil		= check_take_page,
		.mend		= check_give_page,
		.importer	= &mock_importer_ops,
		.breach		= DMA_BUF_BREACH_TABLE_PAGELESS,
	},
	{
		.name		= "no page, of an exporter that cannot move",
		.spoil		= check_take_page,
		.mend		= check_give_page,
		.exporter	= &mock_static_ops,
		.breach		= CHECK_NONE,
	},
	{
		.name		= "no page for a peer",
		.spoil		= check_take_page,
		.mend		= check_give_page,
		.importer	= &mock_importer_p2p_ops,
		.breach		= CHECK_NONE,
	},
};

KUNIT_ARRAY_PARAM_DESC(check_spoilts, check_spoilts, name);

static struct sg_table *check_map_spoilt(struct dma_buf_attachment *attach,
					 enum dma_data_direction direction)
{
	struct mock_buffer *buffer = attach->dmabuf->priv;
	const struct check_spoilt *spoilt = buffer->hook_priv;
	struct sg_table *sgt = mock_dynamic_ops.map_dma_buf(attach, direction);

	if (!IS_ERR(sgt))
		spoilt->spoil(buffer, sgt);
	return sgt;
}

static void check_unmap_spoilt(struct dma_buf_attachment *attach, struct sg_table *sgt,
			       enum dma_data_direction direction)
{
	struct mock_buffer *buffer = attach->dmabuf->priv;
	const struct check_spoilt *spoilt = buffer->hook_priv;

	spoilt->mend(buffer, sgt);
	mock_dynamic_ops.unmap_dma_buf(attach, sgt, direction);
}

static struct mock_buffer *check_export_of(struct kunit *test, const struct dma_buf_ops *exporter,
					   typeof(mock_dynamic_ops.map_dma_buf) map,
					   typeof(mock_dynamic_ops.unmap_dma_buf) unmap)
{
	struct dma_buf_ops *ops = check_ops(test, exporter);

	ops->map_dma_buf = map;
	ops->unmap_dma_buf = unmap;
	return mock_export(test, ops);
}

static struct mock_buffer *check_export_mapped_by(struct kunit *test,
						  typeof(mock_dynamic_ops.map_dma_buf) map,
						  typeof(mock_dynamic_ops.unmap_dma_buf) unmap)
{
	return check_export_of(test, &mock_dynamic_ops, map, unmap);
}

static void table_is_spoilt(struct kunit *test)
{
	const struct check_spoilt *spoilt = test->param_value;
	struct dma_buf_attachment *attach;
	struct mock_buffer *buffer;

	buffer = check_export_of(test, spoilt->exporter ?: &mock_dynamic_ops,
				 check_map_spoilt, check_unmap_spoilt);
	buffer->hook_priv = (void *)spoilt;
	attach = mock_attach(buffer, spoilt->importer);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, mock_map(test, attach, DMA_TO_DEVICE));
	CHECK_EXPECT(test, spoilt->breach);
}

static struct sg_table *check_map_stub(struct dma_buf_attachment *attach,
				       enum dma_data_direction direction)
{
	return kzalloc(sizeof(struct sg_table), GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

static void check_unmap_stub(struct dma_buf_attachment *attach, struct sg_table *sgt,
			     enum dma_data_direction direction)
{
	kfree(sgt);
}

/* No entries at all is how memory is described that cannot be mapped. */
static void table_without_entries_is_legal(struct kunit *test)
{
	struct mock_buffer *buffer = check_export_mapped_by(test, check_map_stub,
							    check_unmap_stub);

	mock_map(test, mock_attach(buffer, NULL), DMA_TO_DEVICE);
	CHECK_EXPECT(test, CHECK_NONE);
}

static void table_is_null(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	buffer->map_nothing = true;
	KUNIT_EXPECT_PTR_EQ(test, (void *)mock_map(test, mock_attach(buffer, NULL), DMA_TO_DEVICE),
			    ERR_PTR(-ENOMEM));
	CHECK_EXPECT(test, DMA_BUF_BREACH_TABLE_NULL);
}

/* The first caller makes the table, the last one frees it. */
static struct sg_table *check_map_shared(struct dma_buf_attachment *attach,
					 enum dma_data_direction direction)
{
	struct mock_buffer *buffer = attach->dmabuf->priv;

	if (buffer->hook_priv)
		return buffer->hook_priv;

	buffer->hook_priv = mock_dynamic_ops.map_dma_buf(attach, direction);
	return buffer->hook_priv;
}

static void check_unmap_shared(struct dma_buf_attachment *attach, struct sg_table *sgt,
			       enum dma_data_direction direction)
{
	struct mock_buffer *buffer = attach->dmabuf->priv;

	if (attach->db_maps || !buffer->hook_priv)
		return;

	buffer->hook_priv = NULL;
	mock_dynamic_ops.unmap_dma_buf(attach, sgt, direction);
}

static void table_is_reused(struct kunit *test)
{
	struct mock_buffer *buffer = check_export_mapped_by(test, check_map_shared,
							    check_unmap_shared);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	mock_map(test, attach, DMA_TO_DEVICE);
	CHECK_EXPECT(test, CHECK_NONE);
	mock_map(test, attach, DMA_TO_DEVICE);
	CHECK_EXPECT(test, DMA_BUF_BREACH_TABLE_REUSED | CHECK_WITH_STACK);
}

/* A table that the exporter kept may come back once it is unmapped. */
static void table_comes_back(struct kunit *test)
{
	struct mock_buffer *buffer = check_export_mapped_by(test, check_map_shared,
							    check_unmap_shared);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	mock_unmap(test, mock_map(test, attach, DMA_TO_DEVICE));
	mock_map(test, attach, DMA_TO_DEVICE);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* Moves */

static void move_without_the_lock(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	/* lockdep notices as well. */
	mock_splat_begin("move_without_the_lock");
	dma_buf_move_notify(buffer->dmabuf);
	mock_splat_end("move_without_the_lock");
	CHECK_EXPECT(test, DMA_BUF_BREACH_UNLOCKED);
}

static void move_while_pinned(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_move(buffer);
	CHECK_EXPECT(test, DMA_BUF_BREACH_MOVE_PINNED | CHECK_WITH_STACK);

	mock_unpin(attach);
	mock_move(buffer);
	CHECK_EXPECT(test, CHECK_NONE);
}

static const struct dma_buf_ops * const check_movers[] = {
	&mock_static_ops, &mock_dynamic_ops,
};

KUNIT_ARRAY_PARAM(check_movers, check_movers, NULL);

/* A static importer's mapping holds every buffer, whatever the exporter can do. */
static void move_while_mapped_by_static_importer(struct kunit *test)
{
	const struct dma_buf_ops * const *ops = test->param_value;
	struct mock_buffer *buffer = mock_export(test, *ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct mock_mapping *mapping = mock_map(test, attach, DMA_TO_DEVICE);

	mock_move(buffer);
	CHECK_EXPECT(test, DMA_BUF_BREACH_MOVE_PINNED | CHECK_WITH_STACK);

	mock_unmap(test, mapping);
	mock_move(buffer);
	CHECK_EXPECT(test, CHECK_NONE);
}

static void move_with_tables_kept(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	mock_unmap(test, mock_map(test, attach, DMA_TO_DEVICE));
	mock_move(buffer);
	CHECK_EXPECT(test, CHECK_NONE);

	mock_map(test, attach, DMA_TO_DEVICE);
	CHECK_EXPECT(test, DMA_BUF_BREACH_STALE_CACHED | CHECK_WITH_STACK);
}

/* The object */

/* Reported to the first who meets the new operations, and not again. */
static void ops_are_changed(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach;

	mock_attach(buffer, NULL);
	CHECK_EXPECT(test, CHECK_NONE);

	buffer->dmabuf->ops = &mock_dynamic_ops;
	attach = mock_attach(buffer, NULL);
	CHECK_EXPECT(test, DMA_BUF_BREACH_OPS_CHANGED | CHECK_WITH_STACK);
	mock_map(test, attach, DMA_TO_DEVICE);
	mock_attach(buffer, NULL);
	CHECK_EXPECT(test, CHECK_NONE);
}

static struct kunit_case check_exporter_cases[] = {
	KUNIT_CASE_PARAM(table_is_spoilt, check_spoilts_gen_params),
	KUNIT_CASE(table_without_entries_is_legal),
	KUNIT_CASE(table_is_null),
	KUNIT_CASE(table_is_reused),
	KUNIT_CASE(table_comes_back),
	KUNIT_CASE(move_without_the_lock),
	KUNIT_CASE(move_while_pinned),
	KUNIT_CASE_PARAM(move_while_mapped_by_static_importer, check_movers_gen_params),
	KUNIT_CASE(move_with_tables_kept),
	KUNIT_CASE(ops_are_changed),
	{ }
};

static struct kunit_suite check_exporter_suite = {
	.name = "dma-buf-check-exporter",
	.init = check_init,
	.test_cases = check_exporter_cases,
};

kunit_test_suite(check_exporter_suite);
