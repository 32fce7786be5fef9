// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the contract checker: do importers give back what they took?  Each
 * rule is broken once, and has to be reported once; then importers of all kinds
 * that keep to the contract, of whom nothing must be reported.
 */

#include "dma-buf-check-log.h"
#include "dma-buf-mock.h"

#include "../dma-buf-breach.h"

/* Giving back what was taken */

/* The report names where the mapping was made. */
static void detach_while_mapped(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	check_map(test, attach, DMA_TO_DEVICE);
	mock_detach(buffer, attach);
	CHECK_EXPECT(test, DMA_BUF_BREACH_DETACH_MAPPED | CHECK_WITH_STACK);
}

static void detach_while_pinned(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_detach(buffer, attach);
	CHECK_EXPECT(test, DMA_BUF_BREACH_DETACH_PINNED | CHECK_WITH_STACK);
}

/* What detach has undone is not held against the next importer. */
static void detach_while_mapped_is_forgotten(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	check_map(test, attach, DMA_TO_DEVICE);
	mock_detach(buffer, attach);
	CHECK_EXPECT(test, DMA_BUF_BREACH_DETACH_MAPPED | CHECK_WITH_STACK);

	attach = mock_attach(buffer, NULL);
	mock_map(test, attach, DMA_TO_DEVICE);
	CHECK_EXPECT(test, CHECK_NONE);
}

static void unmap_of_what_was_never_mapped(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct sg_table never = { };

	mock_map(test, attach, DMA_TO_DEVICE);
	check_unmap(attach, &never, DMA_TO_DEVICE);
	CHECK_EXPECT(test, DMA_BUF_BREACH_UNMAP_UNMAPPED);
	KUNIT_EXPECT_EQ(test, buffer->count[MOCK_UNMAP], 0);
}

/* The second one must not reach the exporter, which has freed the table. */
static void unmap_twice(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct sg_table *sgt = check_map(test, attach, DMA_TO_DEVICE);

	check_unmap(attach, sgt, DMA_TO_DEVICE);
	CHECK_EXPECT(test, CHECK_NONE);
	check_unmap(attach, sgt, DMA_TO_DEVICE);
	CHECK_EXPECT(test, DMA_BUF_BREACH_UNMAP_TWICE | CHECK_WITH_STACK);
	KUNIT_EXPECT_EQ(test, buffer->count[MOCK_UNMAP], 1);
}

/* A table that is kept is one address and many mappings. */
static void unmap_of_a_kept_table_twice(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct sg_table *sgt = check_map(test, attach, DMA_BIDIRECTIONAL);

	KUNIT_ASSERT_PTR_EQ(test, check_map(test, attach, DMA_TO_DEVICE), sgt);
	check_unmap(attach, sgt, DMA_TO_DEVICE);
	check_unmap(attach, sgt, DMA_BIDIRECTIONAL);
	CHECK_EXPECT(test, CHECK_NONE);
	check_unmap(attach, sgt, DMA_BIDIRECTIONAL);
	CHECK_EXPECT(test, DMA_BUF_BREACH_UNMAP_TWICE | CHECK_WITH_STACK);
}

static void unmap_of_another_attachments_table(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *owner = mock_attach(buffer, NULL);
	struct dma_buf_attachment *thief = mock_attach(buffer, NULL);
	struct mock_mapping *mapping = mock_map(test, owner, DMA_TO_DEVICE);

	mock_map(test, thief, DMA_TO_DEVICE);
	check_unmap(thief, mapping->sgt, DMA_TO_DEVICE);
	CHECK_EXPECT(test, DMA_BUF_BREACH_UNMAP_FOREIGN | CHECK_WITH_STACK);
	KUNIT_EXPECT_EQ(test, buffer->count[MOCK_UNMAP], 0);
}

static void check_unmap_any_direction(struct dma_buf_attachment *attach, struct sg_table *sgt,
				      enum dma_data_direction direction)
{
	mock_static_ops.unmap_dma_buf(attach, sgt, DMA_TO_DEVICE);
}

static void unmap_in_another_direction(struct kunit *test)
{
	struct dma_buf_ops *ops = check_ops(test, &mock_static_ops);
	struct dma_buf_attachment *attach;
	struct mock_buffer *buffer;
	struct sg_table *sgt;

	ops->unmap_dma_buf = check_unmap_any_direction;
	buffer = mock_export(test, ops);
	attach = mock_attach(buffer, NULL);

	sgt = check_map(test, attach, DMA_TO_DEVICE);
	check_unmap(attach, sgt, DMA_BIDIRECTIONAL);
	CHECK_EXPECT(test, DMA_BUF_BREACH_UNMAP_DIRECTION | CHECK_WITH_STACK);
	KUNIT_EXPECT_EQ(test, buffer->count[MOCK_UNMAP], 1);
}

/* The pin is the mapping's: the importer has none to give back. */
static void unpin_of_a_mappings_pin(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	mock_map(test, attach, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, attach->db_pins, 1);

	/* That a static importer calls this at all is a breach by itself. */
	mock_unpin(attach);
	CHECK_EXPECT(test, CHECK_MANY);
	KUNIT_EXPECT_EQ(test, buffer->count[MOCK_UNPIN], 0);
	KUNIT_EXPECT_EQ(test, attach->db_pins, 1);
}

/* Keeping to the contract */

/**
 * struct check_importer - an importer that breaks no rule
 * @name: of the case
 * @exporter: whose buffer
 * @importer: NULL for a static one
 */
struct check_importer {
	const char *name;
	const struct dma_buf_ops *exporter;
	const struct dma_buf_attach_ops *importer;
};

static const struct check_importer check_importers[] = {
	{ "static",			&mock_static_ops,  NULL },
	{ "static of cached",		&mock_cached_ops,  NULL },
	{ "static of dynamic",		&mock_dynamic_ops, NULL },
	{ "dynamic of static",		&mock_static_ops,  &mock_importer_ops },
	{ "dynamic of cached",		&mock_cached_ops,  &mock_importer_ops },
	{ "dynamic",			&mock_dynamic_ops, &mock_importer_ops },
	{ "dynamic peer to peer",	&mock_dynamic_ops, &mock_importer_p2p_ops },
};

KUNIT_ARRAY_PARAM_DESC(check_importers, check_importers, name);

/* Map, unmap and map again in all directions, among others who do the same. */
static void well_behaved_importer(struct kunit *test)
{
	const struct check_importer *importer = test->param_value;
	struct mock_buffer *buffer = mock_export(test, importer->exporter);
	struct dma_buf_attachment *other = mock_attach(buffer, NULL);
	struct dma_buf_attachment *attach = mock_attach(buffer, importer->importer);
	struct mock_mapping *both, *read;

	mock_map(test, other, DMA_BIDIRECTIONAL);
	both = mock_map(test, attach, DMA_BIDIRECTIONAL);
	read = mock_map(test, attach, DMA_FROM_DEVICE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, both);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, read);
	mock_unmap(test, both);
	mock_unmap(test, read);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, mock_map(test, attach, DMA_BIDIRECTIONAL));
	CHECK_EXPECT(test, CHECK_NONE);
}

/* What there was no memory to watch is not judged. */
static void unwatched_buffer_is_not_judged(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_check *check = buffer->dmabuf->db_check;
	struct dma_buf_attachment *attach;

	buffer->dmabuf->db_check = NULL;
	attach = mock_attach(buffer, &mock_importer_ops);
	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_unmap(test, mock_map(test, attach, DMA_TO_DEVICE));
	mock_unpin(attach);
	mock_move(buffer);
	mock_detach(buffer, attach);
	buffer->dmabuf->db_check = check;
	CHECK_EXPECT(test, CHECK_NONE);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE(detach_while_mapped),
	KUNIT_CASE(detach_while_pinned),
	KUNIT_CASE(detach_while_mapped_is_forgotten),
	KUNIT_CASE(unmap_of_what_was_never_mapped),
	KUNIT_CASE(unmap_twice),
	KUNIT_CASE(unmap_of_a_kept_table_twice),
	KUNIT_CASE(unmap_of_another_attachments_table),
	KUNIT_CASE(unmap_in_another_direction),
	KUNIT_CASE(unpin_of_a_mappings_pin),
	KUNIT_CASE_PARAM(well_behaved_importer, check_importers_gen_params),
	KUNIT_CASE(unwatched_buffer_is_not_judged),
	{ }
};

static struct kunit_suite check_suite = {
	.name = "dma-buf-check",
	.init = check_init,
	.test_cases = check_cases,
};

kunit_test_suite(check_suite);
