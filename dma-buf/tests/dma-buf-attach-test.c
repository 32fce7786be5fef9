// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-attach.c: attach and detach, pins, and news of moves.
 */

#include "dma-buf-mock.h"

/* Attach */

static const struct dma_buf_attach_ops deaf_importer_ops = {
	.allow_peer2peer = true,
};

struct bad_attach {
	const char *what;
	bool no_buffer;
	bool no_device;
	const struct dma_buf_attach_ops *importer_ops;
	enum dma_buf_breach_rule rule;
};

static const struct bad_attach bad_attaches[] = {
	{
		.what = "no buffer",
		.no_buffer = true,
		.rule = DMA_BUF_BREACH_ARGUMENT,
	}, {
		.what = "no device",
		.no_device = true,
		.rule = DMA_BUF_BREACH_ARGUMENT,
	}, {
		.what = "no device for a dynamic importer",
		.no_device = true,
		.importer_ops = &mock_importer_ops,
		.rule = DMA_BUF_BREACH_ARGUMENT,
	}, {
		.what = "operations without move_notify",
		.importer_ops = &deaf_importer_ops,
		.rule = DMA_BUF_BREACH_IMPORTER_OPS,
	},
};

KUNIT_ARRAY_PARAM_DESC(bad_attach, bad_attaches, what);

static void attach_rejects_wrong_arguments(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	const struct bad_attach *bad = test->param_value;

	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    dma_buf_dynamic_attach(bad->no_buffer ? NULL : buffer->dmabuf,
						   bad->no_device ? NULL : mock_device(test),
						   bad->importer_ops, NULL));
	MOCK_EXPECT_BREACH(test, bad->rule);
	MOCK_EXPECT_CALLS(buffer, "");
}

static const int attach_errors[] = { -EBUSY, -ENODEV, -ENOMEM, -EOPNOTSUPP, -EPERM };

static void errno_desc(const int *error, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%pe", ERR_PTR(*error));
}

KUNIT_ARRAY_PARAM(attach_error, attach_errors, errno_desc);

static void attach_passes_the_exporters_errno_on(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	int error = *(const int *)test->param_value;

	buffer->error[MOCK_ATTACH] = error;
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_attach(buffer->dmabuf, mock_device(test)),
			    ERR_PTR(error));
	KUNIT_EXPECT_TRUE(test, list_empty(&buffer->dmabuf->attachments));
	MOCK_EXPECT_CALLS(buffer, "attach");
}

static void attach_keeps_what_the_importer_says(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_p2p_ops);

	KUNIT_EXPECT_PTR_EQ(test, attach->dmabuf, buffer->dmabuf);
	KUNIT_EXPECT_PTR_EQ(test, attach->dev, mock_device(test));
	KUNIT_EXPECT_PTR_EQ(test, attach->importer_ops, &mock_importer_p2p_ops);
	KUNIT_EXPECT_NOT_NULL(test, attach->importer_priv);
	KUNIT_EXPECT_NULL(test, attach->priv);
	KUNIT_EXPECT_NULL(test, attach->sgt);
}

static void an_importer_is_dynamic_if_it_has_operations(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	KUNIT_EXPECT_TRUE(test, dma_buf_attachment_is_dynamic(mock_attach(buffer,
									  &mock_importer_ops)));
	KUNIT_EXPECT_FALSE(test, dma_buf_attachment_is_dynamic(mock_attach(buffer, NULL)));
}

static void peer_memory_is_for_importers_that_allow_it(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	KUNIT_EXPECT_TRUE(test, mock_attach(buffer, &mock_importer_p2p_ops)->peer2peer);
	KUNIT_EXPECT_FALSE(test, mock_attach(buffer, &mock_importer_ops)->peer2peer);
	KUNIT_EXPECT_FALSE(test, mock_attach(buffer, NULL)->peer2peer);
}

static void forbid_peer2peer(struct mock_buffer *buffer, enum mock_call call,
			     struct dma_buf_attachment *attach)
{
	if (call == MOCK_ATTACH)
		attach->peer2peer = false;
}

static void the_exporter_may_forbid_peer_memory(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	buffer->hook = forbid_peer2peer;
	KUNIT_EXPECT_FALSE(test, mock_attach(buffer, &mock_importer_p2p_ops)->peer2peer);
}

static void expect_no_attachments(struct mock_buffer *buffer, enum mock_call call,
				  struct dma_buf_attachment *attach)
{
	if (call == MOCK_ATTACH || call == MOCK_DETACH)
		KUNIT_EXPECT_TRUE(buffer->test, list_empty(&attach->dmabuf->attachments));
}

/* A refused importer must never hear of a move, nor one that has gone. */
static void an_attachment_is_listed_between_attach_and_detach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach;

	buffer->hook = expect_no_attachments;
	attach = mock_attach(buffer, NULL);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&buffer->dmabuf->attachments));
	mock_detach(buffer, attach);
	MOCK_EXPECT_CALLS(buffer, "attach, detach");
}

static void attach_and_detach_are_optional_for_exporters(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_bare_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	KUNIT_EXPECT_PTR_EQ(test, attach->dmabuf, buffer->dmabuf);
	mock_detach(buffer, attach);
	MOCK_EXPECT_CALLS(buffer, "");
}

static void attaching_neither_maps_nor_pins(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	mock_detach(buffer, mock_attach(buffer, NULL));
	mock_detach(buffer, mock_attach(buffer, &mock_importer_ops));
	MOCK_EXPECT_CALLS(buffer, "attach, detach, attach, detach");
}

static void an_attachment_is_no_reference(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);

	mock_attach(buffer, NULL);
	KUNIT_EXPECT_EQ(test, file_count(buffer->dmabuf->file), 1);
}

/* Detach */

static void detach_rejects_what_does_not_belong_together(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_buffer *other = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	MOCK_EXPECT_CALLS(buffer, "attach");
	dma_buf_detach(NULL, attach);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	dma_buf_detach(buffer->dmabuf, NULL);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);
	dma_buf_detach(other->dmabuf, attach);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_ARGUMENT);

	KUNIT_EXPECT_TRUE(test, list_is_singular(&buffer->dmabuf->attachments));
	MOCK_EXPECT_CALLS(buffer, "");
	MOCK_EXPECT_CALLS(other, "");
}

static void detaching_with_a_pin_is_a_breach_and_unpins(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_detach(buffer, attach);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_DETACH_PINNED);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, pin, unpin, unpin, detach");
}

/* Pins */

static const int pin_errors[] = { -ENOMEM, -ENOSPC, -EINTR, -EBUSY };

KUNIT_ARRAY_PARAM(pin_error, pin_errors, errno_desc);

static void pin_passes_the_exporters_errno_on(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	int error = *(const int *)test->param_value;

	buffer->error[MOCK_PIN] = error;
	KUNIT_EXPECT_EQ(test, mock_pin(attach), error);
	KUNIT_EXPECT_EQ(test, attach->db_pins, 0);
	mock_detach(buffer, attach);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, detach");
}

static void pins_reach_the_exporter_one_by_one(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	KUNIT_EXPECT_EQ(test, mock_pin(attach), 0);
	KUNIT_EXPECT_EQ(test, mock_pin(attach), 0);
	KUNIT_EXPECT_EQ(test, attach->db_pins, 2);
	mock_unpin(attach);
	mock_unpin(attach);
	KUNIT_EXPECT_EQ(test, attach->db_pins, 0);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, pin, unpin, unpin");
}

static void pinning_what_cannot_move_succeeds(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	KUNIT_EXPECT_EQ(test, mock_pin(attach), 0);
	mock_unpin(attach);
	MOCK_EXPECT_CALLS(buffer, "attach");
}

static void pinning_for_a_static_importer_is_a_breach_but_works(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, NULL);

	KUNIT_EXPECT_EQ(test, mock_pin(attach), 0);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_PIN_STATIC);
	mock_unpin(attach);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_PIN_STATIC);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, unpin");
}

static void unpinning_what_is_not_pinned_is_a_breach(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_unpin(attach);
	mock_unpin(attach);
	MOCK_EXPECT_BREACH(test, DMA_BUF_BREACH_UNPIN_UNPINNED);
	KUNIT_EXPECT_EQ(test, attach->db_pins, 0);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, unpin");
}

/* Moves */

static void a_move_is_told_to_dynamic_importers_in_order(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	mock_attach(buffer, &mock_importer_ops);
	mock_attach(buffer, NULL);
	mock_attach(buffer, &mock_importer_p2p_ops);
	mock_attach(buffer, &mock_importer_ops);
	MOCK_EXPECT_CALLS(buffer, "attach, attach, attach, attach");

	mock_move(buffer);
	MOCK_EXPECT_CALLS(buffer, "move:1, move:3, move:4");
}

static void a_move_is_not_told_to_who_has_left(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *first = mock_attach(buffer, &mock_importer_ops);

	mock_attach(buffer, &mock_importer_ops);
	mock_detach(buffer, first);
	MOCK_EXPECT_CALLS(buffer, "attach, attach, detach");
	mock_move(buffer);
	MOCK_EXPECT_CALLS(buffer, "move:2");
}

static void a_move_without_importers_is_no_news(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	mock_move(buffer);
	mock_attach(buffer, NULL);
	mock_move(buffer);
	MOCK_EXPECT_CALLS(buffer, "attach");
}

/* The exporter brings the buffer to where it can be pinned. */
static void move_when_pinning(struct mock_buffer *buffer, enum mock_call call,
			      struct dma_buf_attachment *attach)
{
	if (call == MOCK_PIN)
		dma_buf_move_notify(attach->dmabuf);
}

static void pinning_may_move_the_buffer(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	buffer->hook = move_when_pinning;
	KUNIT_EXPECT_EQ(test, mock_pin(attach), 0);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, move:1");
	mock_unpin(attach);
}

static void pinned_importers_hear_of_moves_too(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_move(buffer);
	MOCK_EXPECT_CALLS(buffer, "attach, pin, move:1");
	mock_unpin(attach);

	/* The exporter must not do that, but only the checker watches it. */
	if (IS_ENABLED(CONFIG_DMABUF_CHECK))
		mock_take_breach(test);
}

static struct kunit_case dma_buf_attach_cases[] = {
	KUNIT_CASE_PARAM(attach_rejects_wrong_arguments, bad_attach_gen_params),
	KUNIT_CASE_PARAM(attach_passes_the_exporters_errno_on, attach_error_gen_params),
	KUNIT_CASE(attach_keeps_what_the_importer_says),
	KUNIT_CASE(an_importer_is_dynamic_if_it_has_operations),
	KUNIT_CASE(peer_memory_is_for_importers_that_allow_it),
	KUNIT_CASE(the_exporter_may_forbid_peer_memory),
	KUNIT_CASE(an_attachment_is_listed_between_attach_and_detach),
	KUNIT_CASE(attach_and_detach_are_optional_for_exporters),
	KUNIT_CASE(attaching_neither_maps_nor_pins),
	KUNIT_CASE(an_attachment_is_no_reference),
	KUNIT_CASE(detach_rejects_what_does_not_belong_together),
	KUNIT_CASE(detaching_with_a_pin_is_a_breach_and_unpins),
	KUNIT_CASE_PARAM(pin_passes_the_exporters_errno_on, pin_error_gen_params),
	KUNIT_CASE(pins_reach_the_exporter_one_by_one),
	KUNIT_CASE(pinning_what_cannot_move_succeeds),
	KUNIT_CASE(pinning_for_a_static_importer_is_a_breach_but_works),
	KUNIT_CASE(unpinning_what_is_not_pinned_is_a_breach),
	KUNIT_CASE(a_move_is_told_to_dynamic_importers_in_order),
	KUNIT_CASE(a_move_is_not_told_to_who_has_left),
	KUNIT_CASE(a_move_without_importers_is_no_news),
	KUNIT_CASE(pinning_may_move_the_buffer),
	KUNIT_CASE(pinned_importers_hear_of_moves_too),
	{}
};

static struct kunit_suite dma_buf_attach_suite = {
	.name = "dma-buf-attach",
	.init = mock_init,
	.test_cases = dma_buf_attach_cases,
};

kunit_test_suite(dma_buf_attach_suite);
