// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-map.c when something goes wrong: an exporter that cannot map or
 * pin, an importer that maps nothing, unmaps twice or goes without unmapping.
 */

#include "dma-buf-mock.h"

#include <linux/slab.h>

/**
 * struct map_failure - how mapping can fail
 * @what: in words
 * @exporter: the exporter
 * @call: which of its calls fails
 * @error: with what; 0 if map returns no table at all
 * @expected: what the importer gets
 * @calls: what the exporter hears
 * @rule: the rule that is broken, or MOCK_NO_BREACH
 */
struct map_failure {
	const char *what;
	const struct dma_buf_ops *exporter;
	enum mock_call call;
	int error;
	int expected;
	const char *calls;
	int rule;
};

/* No table at all is an error to importers, and a breach to the checker. */
#define RULE_NO_TABLE	(IS_ENABLED(CONFIG_DMABUF_CHECK) ? \
			 (int)DMA_BUF_BREACH_TABLE_NULL : MOCK_NO_BREACH)

static const struct map_failure map_failures[] = {
	{
		.what		= "a static exporter cannot map",
		.exporter	= &mock_static_ops,
		.call		= MOCK_MAP,
		.error		= -EIO,
		.expected	= -EIO,
		.calls		= "map:to",
		.rule		= MOCK_NO_BREACH,
	}, {
		.what		= "a static exporter was interrupted",
		.exporter	= &mock_static_ops,
		.call		= MOCK_MAP,
		.error		= -EINTR,
		.expected	= -EINTR,
		.calls		= "map:to",
		.rule		= MOCK_NO_BREACH,
	}, {
		.what		= "a static exporter returns nothing",
		.exporter	= &mock_static_ops,
		.call		= MOCK_MAP,
		.expected	= -ENOMEM,
		.calls		= "map:to",
		.rule		= RULE_NO_TABLE,
	}, {
		.what		= "an exporter that wants tables kept cannot map",
		.exporter	= &mock_cached_ops,
		.call		= MOCK_MAP,
		.error		= -EIO,
		.expected	= -EIO,
		.calls		= "map:to",
		.rule		= MOCK_NO_BREACH,
	}, {
		.what		= "a dynamic exporter cannot map",
		.exporter	= &mock_dynamic_ops,
		.call		= MOCK_MAP,
		.error		= -EIO,
		.expected	= -EIO,
		.calls		= "pin, map:to, unpin",
		.rule		= MOCK_NO_BREACH,
	}, {
		.what		= "a dynamic exporter returns nothing",
		.exporter	= &mock_dynamic_ops,
		.call		= MOCK_MAP,
		.expected	= -ENOMEM,
		.calls		= "pin, map:to, unpin",
		.rule		= RULE_NO_TABLE,
	}, {
		.what		= "a dynamic exporter has no room to pin",
		.exporter	= &mock_dynamic_ops,
		.call		= MOCK_PIN,
		.error		= -ENOSPC,
		.expected	= -ENOSPC,
		.calls		= "pin",
		.rule		= MOCK_NO_BREACH,
	}, {
		.what		= "a dynamic exporter cannot pin where it accepted the device",
		.exporter	= &mock_dynamic_ops,
		.call		= MOCK_PIN,
		.error		= -EBUSY,
		.expected	= -EBUSY,
		.calls		= "pin",
		.rule		= DMA_BUF_BREACH_PIN_BUSY,
	},
};

KUNIT_ARRAY_PARAM_DESC(map_failure, map_failures, what);

static void a_failed_mapping_leaves_everything_as_it_was(struct kunit *test)
{
	const struct map_failure *failure = test->param_value;
	struct mock_buffer *buffer = mock_export(test, failure->exporter);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	MOCK_EXPECT_CALLS(buffer, "attach");
	buffer->error[failure->call] = failure->error;
	buffer->map_nothing = !failure->error;
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_map_attachment_unlocked(attach, DMA_TO_DEVICE),
			    ERR_PTR(failure->expected));
	MOCK_EXPECT_CALLS(buffer, failure->calls);
	KUNIT_EXPECT_EQ(test, mock_take_breach(test), failure->rule);
	KUNIT_EXPECT_EQ(test, attach->db_pins, 0);
	KUNIT_EXPECT_EQ(test, attach->db_maps, 0);
	KUNIT_EXPECT_NULL(test, attach->sgt);

	/* And the next one works. */
	buffer->error[failure->call] = 0;
	buffer->map_nothing = false;
	KUNIT_EXPECT_FALSE(test, IS_ERR(mock_map(test, attach, DMA_FROM_DEVICE)));
}

static void mapping_without_an_attachment_is_a_breach(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_map_attachment(NULL, DMA_TO_DEVICE),
			    ERR_PTR(-EINVAL));
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_map_attachment_unlocked(NULL, DMA_TO_DEVICE),
			    ERR_PTR(-EINVAL));
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
}

static void unmapping_nothing_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct mock_mapping *mapping = mock_map(test, attach, DMA_TO_DEVICE);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mapping);
	MOCK_EXPECT_CALLS(buffer, "attach, map:to");

	dma_buf_unmap_attachment(NULL, mapping->sgt, DMA_TO_DEVICE);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	dma_buf_unmap_attachment_unlocked(NULL, mapping->sgt, DMA_TO_DEVICE);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	dma_buf_unmap_attachment(attach, NULL, DMA_TO_DEVICE);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	dma_buf_unmap_attachment_unlocked(attach, NULL, DMA_TO_DEVICE);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	MOCK_EXPECT_CALLS(buffer, "");
	KUNIT_EXPECT_EQ(test, attach->db_maps, 1);
}

static void unmapping_twice_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);
	struct mock_mapping *mapping = mock_map(test, attach, DMA_TO_DEVICE);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mapping);
	mock_unmap(test, mapping);
	MOCK_EXPECT_CALLS(buffer, "attach, map:to, unmap:to");

	/* Only the checker knows that it was mapped once. */
	dma_buf_unmap_attachment_unlocked(attach, mapping->sgt, DMA_TO_DEVICE);
	MOCK_EXPECT_BREACH(test, IS_ENABLED(CONFIG_DMABUF_CHECK) ?
			   DMA_BUF_BREACH_UNMAP_TWICE : DMA_BUF_BREACH_UNMAP_UNMAPPED);
	MOCK_EXPECT_CALLS(buffer, "");
}

static void detaching_with_a_mapping_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_cached_ops);
	struct dma_buf_attachment *attach;

	attach = dma_buf_attach(buffer->dmabuf, mock_device(test));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	KUNIT_EXPECT_FALSE(test, IS_ERR(dma_buf_map_attachment_unlocked(attach, DMA_TO_DEVICE)));

	/* The core knows a kept table itself, and unmaps it. */
	dma_buf_detach(buffer->dmabuf, attach);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_DETACH_MAPPED);
	MOCK_EXPECT_CALLS(buffer, "attach, map:to, unmap:to, detach");
}

/* The importer may still use the table, but the exporter's books are put right. */
static void detaching_with_a_mapping_undoes_its_pin(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct device *dev = mock_device(test);
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;

	attach = dma_buf_attach(buffer->dmabuf, dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, attach);
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_TO_DEVICE);
	KUNIT_EXPECT_FALSE(test, IS_ERR(sgt));

	dma_buf_detach(buffer->dmabuf, attach);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_DETACH_MAPPED);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, map:to, unpin, detach");

	mock_abandon_table(dev, buffer->table, DMA_TO_DEVICE);
	if (sgt != buffer->table) {
		sg_free_table(sgt);
		kfree(sgt);
	}
}

static struct kunit_case dma_buf_map_error_cases[] = {
	KUNIT_CASE_PARAM(a_failed_mapping_leaves_everything_as_it_was, map_failure_gen_params),
	KUNIT_CASE(mapping_without_an_attachment_is_a_breach),
	KUNIT_CASE(unmapping_nothing_is_a_breach),
	KUNIT_CASE(unmapping_twice_is_a_breach),
	KUNIT_CASE(detaching_with_a_mapping_is_a_breach),
	KUNIT_CASE(detaching_with_a_mapping_undoes_its_pin),
	{}
};

static struct kunit_suite dma_buf_map_error_suite = {
	.name = "dma-buf-map-error",
	.init = mock_init,
	.test_cases = dma_buf_map_error_cases,
};

kunit_test_suite(dma_buf_map_error_suite);
