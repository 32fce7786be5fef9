// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the contract checker: importers and time.  When may a mapping be
 * made, how long may it be kept, and has anybody waited?  Each rule is broken
 * once, and has to be reported once, and then nearly broken, which must not be.
 */

#include "dma-buf-check-log.h"
#include "dma-buf-mock.h"

#include "../dma-buf-breach.h"
#include "../dma-buf-check-private.h"

/* Moves */

/* Without move_notify every mapping is pinned, and nothing may move. */
static void check_require_moves(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_DMABUF_MOVE_NOTIFY))
		kunit_skip(test, "needs DMABUF_MOVE_NOTIFY");
}

static void check_map_in_notify(struct mock_buffer *buffer, enum mock_call call,
				struct dma_buf_attachment *attach)
{
	if (call == MOCK_MOVE)
		buffer->hook_priv = dma_buf_map_attachment(attach, DMA_TO_DEVICE);
}

static void map_inside_move_notify(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	buffer->hook = check_map_in_notify;
	mock_move(buffer);
	buffer->hook = NULL;
	CHECK_EXPECT(test, DMA_BUF_BREACH_MAP_IN_NOTIFY);

	check_unmap(attach, buffer->hook_priv, DMA_TO_DEVICE);
}

static void check_restore_grace(void *grace)
{
	dma_buf_check_grace = (unsigned long)grace;
}

/* Tests do not wait: nothing may be kept at all. */
static void check_no_grace(struct kunit *test)
{
	void *grace = (void *)dma_buf_check_grace;

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, check_restore_grace, grace), 0);
	dma_buf_check_grace = 0;
}

/* Keep a mapping across a move and map anew twice, the first time to be seen doing it. */
static void check_keep_stale(struct kunit *test, struct dma_buf_attachment *attach)
{
	mock_map(test, attach, DMA_TO_DEVICE);
	mock_move(attach->dmabuf->priv);
	mock_map(test, attach, DMA_TO_DEVICE);
	mock_map(test, attach, DMA_TO_DEVICE);
}

static void stale_mapping_is_kept(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	check_require_moves(test);
	check_no_grace(test);
	check_keep_stale(test, mock_attach(buffer, &mock_importer_ops));
	CHECK_EXPECT(test, DMA_BUF_BREACH_STALE_KEPT | CHECK_WITH_STACK);
}

/* It does not map anew, but it is told twice more that the buffer moves. */
static void stale_mapping_is_kept_and_nothing_mapped_again(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	check_require_moves(test);
	check_no_grace(test);
	mock_map(test, mock_attach(buffer, &mock_importer_ops), DMA_TO_DEVICE);
	mock_move(buffer);
	mock_move(buffer);
	CHECK_EXPECT(test, CHECK_NONE);
	mock_move(buffer);
	CHECK_EXPECT(test, DMA_BUF_BREACH_STALE_KEPT | CHECK_WITH_STACK);
}

/* What unmaps may be deferred: a driver that is behind is not reported. */
static void stale_mapping_is_kept_for_a_while(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	check_require_moves(test);
	check_keep_stale(test, mock_attach(buffer, &mock_importer_ops));
	CHECK_EXPECT(test, CHECK_NONE);
}

/* A job that began before the move may still use it. */
static void stale_mapping_is_kept_for_a_fence(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);

	check_require_moves(test);
	mock_fence_add(buffer, DMA_RESV_USAGE_BOOKKEEP);
	check_no_grace(test);
	check_keep_stale(test, mock_attach(buffer, &mock_importer_ops));
	CHECK_EXPECT(test, CHECK_NONE);
}

/* KERNEL fences */

/* The first times are excused: only what the last one gave is looked at. */
static void map_without_minding_fences(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	int i, times = DMA_BUF_CHECK_MAPS_EXCUSED + 1;
	struct sg_table *sgt;

	check_require_moves(test);
	mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	OPTIMIZER_HIDE_VAR(times);
	for (i = 0; i < times; i++) {
		check_take(test);
		sgt = check_map(test, attach, DMA_TO_DEVICE);
		check_unmap(attach, sgt, DMA_TO_DEVICE);
	}
	CHECK_EXPECT(test, DMA_BUF_BREACH_MAP_UNWAITED | CHECK_WITH_STACK);
}

static void map_and_wait(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	struct sg_table *sgt = check_map(test, attach, DMA_TO_DEVICE);

	dma_fence_signal(&fence->base);
	/* The next move has begun, and is no business of this mapping. */
	mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	check_unmap(attach, sgt, DMA_TO_DEVICE);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* A job that waits by itself says so with its fence. */
static void map_and_submit(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	struct sg_table *sgt;

	mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	sgt = check_map(test, attach, DMA_TO_DEVICE);
	mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	check_unmap(attach, sgt, DMA_TO_DEVICE);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* Out of line, so that there is no branch around the map, which would be two places. */
static noinline void check_submit_if(struct mock_buffer *buffer, bool submitted)
{
	if (submitted)
		mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
}

/* A driver whose jobs wait knows the rule; what it maps in vain later is no breach. */
static void map_in_vain_after_a_job(struct kunit *test)
{
	struct mock_buffer *buffer;
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	int i, times = DMA_BUF_CHECK_MAPS_EXCUSED + 3;

	OPTIMIZER_HIDE_VAR(times);
	for (i = 0; i < times; i++) {
		buffer = mock_export(test, &mock_dynamic_ops);
		attach = mock_attach(buffer, &mock_importer_ops);
		mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
		sgt = check_map(test, attach, DMA_TO_DEVICE);
		check_submit_if(buffer, i == 0);
		check_unmap(attach, sgt, DMA_TO_DEVICE);
	}
	CHECK_EXPECT(test, CHECK_NONE);
}

/* Mapped, then something else failed: unwinding at once is no use. */
static void map_and_give_up(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	struct dma_resv *resv = buffer->dmabuf->resv;
	struct sg_table *sgt;

	mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);

	dma_resv_lock(resv, NULL);
	sgt = dma_buf_map_attachment(attach, DMA_TO_DEVICE);
	if (!IS_ERR(sgt))
		dma_buf_unmap_attachment(attach, sgt, DMA_TO_DEVICE);
	dma_resv_unlock(resv);

	KUNIT_EXPECT_FALSE(test, IS_ERR(sgt));
	CHECK_EXPECT(test, CHECK_NONE);
}

/* The exporter has waited when it pinned. */
static void map_what_is_pinned(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	struct sg_table *sgt;

	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
	sgt = check_map(test, attach, DMA_TO_DEVICE);
	check_unmap(attach, sgt, DMA_TO_DEVICE);
	mock_unpin(attach);
	CHECK_EXPECT(test, CHECK_NONE);
}

/* Keeping to the contract */

/* As importers of GPU drivers do: drop the mapping late, map when there is work. */
static void well_behaved_importer_remaps_lazily(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_p2p_ops);
	struct mock_mapping *mapping;
	int i;

	check_require_moves(test);
	check_no_grace(test);
	for (i = 0; i < 4; i++) {
		mapping = mock_map(test, attach, DMA_BIDIRECTIONAL);
		mock_move(buffer);
		mock_move(buffer);
		mock_unmap(test, mapping);
	}
	CHECK_EXPECT(test, CHECK_NONE);
}

static void check_unmap_in_notify(struct mock_buffer *buffer, enum mock_call call,
				  struct dma_buf_attachment *attach)
{
	struct sg_table *sgt = buffer->hook_priv;

	if (call == MOCK_MOVE && sgt)
		dma_buf_unmap_attachment(attach, sgt, DMA_TO_DEVICE);
	if (call == MOCK_MOVE)
		buffer->hook_priv = NULL;
}

/*
 * As GPU drivers do: what was mapped for a submission that failed is kept for the
 * next one, and given back when the buffer moves before that.
 */
static void well_behaved_importer_keeps_what_it_mapped_in_vain(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	int i, times = DMA_BUF_CHECK_MAPS_EXCUSED + 2;

	check_require_moves(test);
	buffer->hook = check_unmap_in_notify;
	OPTIMIZER_HIDE_VAR(times);
	for (i = 0; i < times; i++) {
		mock_fence_add(buffer, DMA_RESV_USAGE_KERNEL);
		buffer->hook_priv = check_map(test, attach, DMA_TO_DEVICE);
		mock_move(buffer);
	}
	buffer->hook = NULL;
	CHECK_EXPECT(test, CHECK_NONE);
}

/* As RDMA does: stop the device, and unmap at once. */
static void well_behaved_importer_unmaps_in_notify(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);

	check_require_moves(test);
	buffer->hook = check_unmap_in_notify;
	buffer->hook_priv = check_map(test, attach, DMA_TO_DEVICE);
	mock_move(buffer);
	buffer->hook_priv = check_map(test, attach, DMA_TO_DEVICE);
	mock_move(buffer);
	buffer->hook = NULL;
	CHECK_EXPECT(test, CHECK_NONE);
}

static void check_move_in_pin(struct mock_buffer *buffer, enum mock_call call,
			      struct dma_buf_attachment *attach)
{
	if (call == MOCK_PIN)
		dma_buf_move_notify(buffer->dmabuf);
}

/* Pinning may move the buffer, under the eyes of the importer that pins. */
static void well_behaved_importer_pins(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_dynamic_ops);
	struct dma_buf_attachment *attach = mock_attach(buffer, &mock_importer_ops);
	struct mock_mapping *old = mock_map(test, attach, DMA_TO_DEVICE);

	/* Without move_notify the mapping pins, and a move would be the breach. */
	if (!attach->db_pins)
		buffer->hook = check_move_in_pin;
	KUNIT_ASSERT_EQ(test, mock_pin(attach), 0);
	buffer->hook = NULL;
	mock_unmap(test, old);
	mock_unmap(test, mock_map(test, attach, DMA_TO_DEVICE));
	mock_unpin(attach);
	CHECK_EXPECT(test, CHECK_NONE);
}

static struct kunit_case check_time_cases[] = {
	KUNIT_CASE(map_inside_move_notify),
	KUNIT_CASE(stale_mapping_is_kept),
	KUNIT_CASE(stale_mapping_is_kept_and_nothing_mapped_again),
	KUNIT_CASE(stale_mapping_is_kept_for_a_while),
	KUNIT_CASE(stale_mapping_is_kept_for_a_fence),
	KUNIT_CASE(map_without_minding_fences),
	KUNIT_CASE(map_and_wait),
	KUNIT_CASE(map_and_submit),
	KUNIT_CASE(map_in_vain_after_a_job),
	KUNIT_CASE(map_and_give_up),
	KUNIT_CASE(map_what_is_pinned),
	KUNIT_CASE(well_behaved_importer_remaps_lazily),
	KUNIT_CASE(well_behaved_importer_keeps_what_it_mapped_in_vain),
	KUNIT_CASE(well_behaved_importer_unmaps_in_notify),
	KUNIT_CASE(well_behaved_importer_pins),
	{ }
};

static struct kunit_suite check_time_suite = {
	.name = "dma-buf-check-time",
	.init = check_init,
	.test_cases = check_time_cases,
};

kunit_test_suite(check_time_suite);
