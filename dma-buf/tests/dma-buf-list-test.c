// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-list.c: walking all buffers, and the cursor of readers.
 *
 * Other drivers may have buffers too, so the tests count their own only.
 */

#include "dma-buf-mock.h"

#include <linux/atomic.h>
#include <linux/file.h>

#include "../dma-buf-private.h"

#define OURS	5

/**
 * struct ours - the buffers of a test
 * @buffer: in the order of their creation
 */
struct ours {
	struct mock_buffer *buffer[OURS];
};

static struct ours *ours_create(struct kunit *test)
{
	struct ours *ours = kunit_kzalloc(test, sizeof(*ours), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, ours);
	for (i = 0; i < OURS; i++)
		ours->buffer[i] = mock_export(test, &mock_bare_ops);

	return ours;
}

/* Which of ours is it?  Returns -1 for another driver's. */
static int which(const struct ours *ours, const struct mock_buffer *buffer)
{
	int i;

	for (i = 0; i < OURS; i++)
		if (ours->buffer[i] == buffer)
			return i;

	return -1;
}

static void put_action(void *dmabuf)
{
	dma_buf_put(dmabuf);
}

/* Walk up to the first of ours whose turn is @turn; the caller gets the reference. */
static struct dma_buf *walk_to_turn(struct kunit *test, const struct ours *ours, int turn)
{
	struct dma_buf *dmabuf;

	for (dmabuf = dma_buf_iter_begin(); dmabuf; dmabuf = dma_buf_iter_next(dmabuf))
		if (which(ours, dmabuf->priv) >= 0 && turn-- == 0)
			return dmabuf;

	KUNIT_FAIL_AND_ABORT(test, "our buffers are not in the list");
	return NULL;
}

/* Count how often each of ours is met from @dmabuf on, whose reference goes. */
static void count_from(const struct ours *ours, struct dma_buf *dmabuf, int counts[OURS])
{
	int i;

	for (; dmabuf; dmabuf = dma_buf_iter_next(dmabuf)) {
		i = which(ours, dmabuf->priv);
		if (i >= 0)
			counts[i]++;
	}
}

static void a_walk_meets_every_buffer_once(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	int i, counts[OURS] = { };

	count_from(ours, dma_buf_iter_begin(), counts);
	for (i = 0; i < OURS; i++)
		KUNIT_EXPECT_EQ_MSG(test, counts[i], 1, "buffer %d", i);
}

static void a_walk_leaves_no_references(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	int i, counts[OURS] = { };

	count_from(ours, dma_buf_iter_begin(), counts);
	for (i = 0; i < OURS; i++)
		KUNIT_EXPECT_EQ(test, file_count(ours->buffer[i]->dmabuf->file), 1);
}

static void a_walker_holds_the_buffer_where_it_is(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf *here = walk_to_turn(test, ours, 2);

	KUNIT_EXPECT_EQ(test, file_count(here->file), 2);
	dma_buf_put(here);
}

static void a_closed_buffer_is_not_met(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	int counts[OURS] = { };

	mock_put(ours->buffer[1]);
	mock_put(ours->buffer[4]);
	count_from(ours, dma_buf_iter_begin(), counts);
	KUNIT_EXPECT_EQ(test, counts[0], 1);
	KUNIT_EXPECT_EQ(test, counts[1], 0);
	KUNIT_EXPECT_EQ(test, counts[2], 1);
	KUNIT_EXPECT_EQ(test, counts[3], 1);
	KUNIT_EXPECT_EQ(test, counts[4], 0);
}

/*
 * Between the last reference and the removal from the list a buffer is dying:
 * it can be seen and must not be touched.  That moment is short, so it is made
 * by hand.
 */
static void a_dying_buffer_is_passed_over(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct file *dying = ours->buffer[2]->dmabuf->file;
	int counts[OURS] = { };

	atomic_long_set(&dying->f_count, 0);
	count_from(ours, dma_buf_iter_begin(), counts);
	atomic_long_set(&dying->f_count, 1);

	KUNIT_EXPECT_EQ(test, counts[1], 1);
	KUNIT_EXPECT_EQ(test, counts[2], 0);
	KUNIT_EXPECT_EQ(test, counts[3], 1);
}

/* The walker has the last reference on the buffer where it is. */
static void a_walk_goes_on_from_a_buffer_that_was_closed(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf *here = walk_to_turn(test, ours, 2);
	struct mock_buffer *closed = here->priv;
	int i, counts[OURS] = { }, met = 0;

	mock_put(closed);
	MOCK_EXPECT_CALLS(closed, "");
	count_from(ours, here, counts);

	for (i = 0; i < OURS; i++)
		met += counts[i];
	KUNIT_EXPECT_EQ(test, met, OURS - 2);
	mock_expect_event(test, &closed->released, "the release after the walker left");
}

static void a_walk_passes_over_buffers_closed_ahead_of_it(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf *here = walk_to_turn(test, ours, 1);
	struct dma_buf *next = walk_to_turn(test, ours, 2);
	struct mock_buffer *closed = next->priv;
	int i, counts[OURS] = { }, met = 0;

	dma_buf_put(next);
	mock_put(closed);
	count_from(ours, here, counts);

	for (i = 0; i < OURS; i++)
		met += counts[i];
	KUNIT_EXPECT_EQ(test, met, OURS - 2);
	KUNIT_EXPECT_EQ(test, counts[which(ours, closed)], 0);
}

static void creating_buffers_does_not_disturb_a_walk(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf *here = walk_to_turn(test, ours, 0);
	int i, counts[OURS] = { };

	for (i = 0; i < OURS; i++)
		mock_export(test, &mock_bare_ops);
	count_from(ours, here, counts);
	for (i = 0; i < OURS; i++)
		KUNIT_EXPECT_EQ_MSG(test, counts[i], 1, "buffer %d", i);
}

static void a_locked_buffer_does_not_stop_a_walk(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	int i, counts[OURS] = { };

	for (i = 0; i < OURS; i++)
		mock_hold_lock(ours->buffer[i]);
	count_from(ours, dma_buf_iter_begin(), counts);
	for (i = 0; i < OURS; i++)
		KUNIT_EXPECT_EQ(test, counts[i], 1);
}

#define CHURN	200

static int churn(void *context)
{
	DEFINE_DMA_BUF_EXPORT_INFO(exp_info);
	struct dma_buf *dmabuf;
	int i;

	exp_info.ops = &mock_no_ops;
	exp_info.size = PAGE_SIZE;
	exp_info.priv = context;

	for (i = 0; i < CHURN; i++) {
		dmabuf = dma_buf_export(&exp_info);
		if (IS_ERR(dmabuf))
			return PTR_ERR(dmabuf);
		__fput_sync(dmabuf->file);
	}
	return 0;
}

static void buffers_that_stay_are_met_while_others_come_and_go(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct mock_thread *thread = mock_thread_start(test, churn, test);
	int i, walks = 0, counts[OURS] = { };

	while (!mock_thread_is_done(thread)) {
		count_from(ours, dma_buf_iter_begin(), counts);
		walks++;
	}
	KUNIT_EXPECT_EQ(test, mock_thread_join(thread), 0);
	for (i = 0; i < OURS; i++)
		KUNIT_EXPECT_EQ_MSG(test, counts[i], walks, "buffer %d", i);
}

/* The cursor */

static void cursor_fini_action(void *cursor)
{
	dma_buf_cursor_fini(cursor);
}

static struct dma_buf_cursor *cursor_create(struct kunit *test)
{
	struct dma_buf_cursor *cursor = kunit_kzalloc(test, sizeof(*cursor), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cursor);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, cursor_fini_action, cursor), 0);
	return cursor;
}

/* Where the first of ours is that comes @turn others of ours later. */
static loff_t position_of_turn(struct kunit *test, const struct ours *ours, int turn)
{
	struct dma_buf *dmabuf;
	loff_t pos = 0;

	for (dmabuf = dma_buf_iter_begin(); dmabuf; dmabuf = dma_buf_iter_next(dmabuf), pos++)
		if (which(ours, dmabuf->priv) >= 0 && turn-- == 0)
			break;

	KUNIT_ASSERT_NOT_NULL(test, dmabuf);
	dma_buf_put(dmabuf);
	return pos;
}

static loff_t end_position(void)
{
	struct dma_buf *dmabuf;
	loff_t pos = 0;

	for (dmabuf = dma_buf_iter_begin(); dmabuf; dmabuf = dma_buf_iter_next(dmabuf))
		pos++;

	return pos;
}

static void seek_finds_the_buffer_at_a_position(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	struct dma_buf *expected;
	int turn;

	/* Backwards, so that each one starts anew. */
	for (turn = OURS - 1; turn >= 0; turn--) {
		expected = walk_to_turn(test, ours, turn);
		KUNIT_EXPECT_PTR_EQ(test, expected,
				    dma_buf_cursor_seek(cursor,
							position_of_turn(test, ours, turn)));
		dma_buf_put(expected);
	}
}

static void next_goes_on_from_where_the_cursor_is(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	int i, counts[OURS] = { }, met = 0;
	struct dma_buf *dmabuf;

	dmabuf = dma_buf_cursor_seek(cursor, position_of_turn(test, ours, 2));
	for (; dmabuf; dmabuf = dma_buf_cursor_next(cursor)) {
		KUNIT_EXPECT_PTR_EQ(test, cursor->dmabuf, dmabuf);
		i = which(ours, dmabuf->priv);
		if (i >= 0)
			counts[i]++;
	}

	for (i = 0; i < OURS; i++)
		met += counts[i];
	KUNIT_EXPECT_EQ(test, met, OURS - 2);
	KUNIT_EXPECT_EQ(test, cursor->pos, end_position());
}

/* The next read() goes on at the same place, whatever happened before it. */
static void seek_to_where_the_cursor_is_stays_there(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	loff_t pos = position_of_turn(test, ours, 3);
	struct dma_buf *here = dma_buf_cursor_seek(cursor, pos);
	struct dma_buf *before = walk_to_turn(test, ours, 0);
	struct mock_buffer *closed = before->priv;

	KUNIT_EXPECT_EQ(test, file_count(here->file), 2);
	dma_buf_put(before);
	mock_put(closed);

	KUNIT_EXPECT_PTR_EQ(test, dma_buf_cursor_seek(cursor, pos), here);
	KUNIT_EXPECT_EQ(test, cursor->pos, pos);
	KUNIT_EXPECT_EQ(test, file_count(here->file), 2);
}

static void seek_past_the_end_finds_nothing_and_holds_nothing(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	loff_t end = end_position();
	int i;

	KUNIT_EXPECT_NULL(test, dma_buf_cursor_seek(cursor, end + 10));
	KUNIT_EXPECT_EQ(test, cursor->pos, end);
	KUNIT_EXPECT_NULL(test, dma_buf_cursor_seek(cursor, end));
	KUNIT_EXPECT_NULL(test, dma_buf_cursor_seek(cursor, end + 1));
	for (i = 0; i < OURS; i++)
		KUNIT_EXPECT_EQ(test, file_count(ours->buffer[i]->dmabuf->file), 1);
}

static void a_cursor_starts_anew_at_0(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	struct dma_buf *first = dma_buf_iter_begin();

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_action, first), 0);
	dma_buf_cursor_seek(cursor, position_of_turn(test, ours, 3));
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_cursor_seek(cursor, 0), first);
	KUNIT_EXPECT_EQ(test, cursor->pos, 0);
}

static void fini_gives_the_cursors_reference_up(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	struct dma_buf *here = dma_buf_cursor_seek(cursor, position_of_turn(test, ours, 1));

	KUNIT_EXPECT_EQ(test, file_count(here->file), 2);
	dma_buf_cursor_fini(cursor);
	KUNIT_EXPECT_EQ(test, file_count(here->file), 1);
	KUNIT_EXPECT_NULL(test, cursor->dmabuf);
	KUNIT_EXPECT_EQ(test, cursor->pos, 0);
}

/* Between two reads, which may be long. */
static void a_paused_cursor_keeps_its_place_and_no_buffer(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	loff_t pos = position_of_turn(test, ours, 3);
	struct dma_buf *here = dma_buf_cursor_seek(cursor, pos);

	dma_buf_cursor_pause(cursor);
	KUNIT_EXPECT_EQ(test, file_count(here->file), 1);
	KUNIT_EXPECT_PTR_EQ(test, dma_buf_cursor_seek(cursor, pos), here);
	KUNIT_EXPECT_EQ(test, cursor->pos, pos);
	KUNIT_EXPECT_EQ(test, file_count(here->file), 2);
}

static void a_paused_cursor_goes_on_behind_what_was_closed(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursor = cursor_create(test);
	loff_t pos = position_of_turn(test, ours, 2);
	struct dma_buf *here = dma_buf_cursor_seek(cursor, pos), *next;
	struct mock_buffer *closed = here->priv;

	next = walk_to_turn(test, ours, 3);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_action, next), 0);
	dma_buf_cursor_pause(cursor);
	mock_put(closed);
	mock_expect_event(test, &closed->released, "the release while a reader paused there");

	here = dma_buf_cursor_seek(cursor, pos);
	while (here && which(ours, here->priv) < 0)
		here = dma_buf_cursor_next(cursor);
	KUNIT_EXPECT_PTR_EQ(test, here, next);
}

static void a_paused_cursor_does_not_disturb_walkers(struct kunit *test)
{
	struct ours *ours = ours_create(test);
	struct dma_buf_cursor *cursors[OURS];
	int i, counts[OURS] = { };

	for (i = 0; i < OURS; i++) {
		cursors[i] = cursor_create(test);
		dma_buf_cursor_seek(cursors[i], position_of_turn(test, ours, i));
		dma_buf_cursor_pause(cursors[i]);
	}
	count_from(ours, dma_buf_iter_begin(), counts);
	dma_buf_cursor_fini(cursors[0]);
	count_from(ours, dma_buf_iter_begin(), counts);
	for (i = 0; i < OURS; i++)
		KUNIT_EXPECT_EQ_MSG(test, counts[i], 2, "buffer %d", i);
}

static struct kunit_case dma_buf_list_cases[] = {
	KUNIT_CASE(a_walk_meets_every_buffer_once),
	KUNIT_CASE(a_walk_leaves_no_references),
	KUNIT_CASE(a_walker_holds_the_buffer_where_it_is),
	KUNIT_CASE(a_closed_buffer_is_not_met),
	KUNIT_CASE(a_dying_buffer_is_passed_over),
	KUNIT_CASE(a_walk_goes_on_from_a_buffer_that_was_closed),
	KUNIT_CASE(a_walk_passes_over_buffers_closed_ahead_of_it),
	KUNIT_CASE(creating_buffers_does_not_disturb_a_walk),
	KUNIT_CASE(a_locked_buffer_does_not_stop_a_walk),
	KUNIT_CASE_SLOW(buffers_that_stay_are_met_while_others_come_and_go),
	KUNIT_CASE(seek_finds_the_buffer_at_a_position),
	KUNIT_CASE(next_goes_on_from_where_the_cursor_is),
	KUNIT_CASE(seek_to_where_the_cursor_is_stays_there),
	KUNIT_CASE(seek_past_the_end_finds_nothing_and_holds_nothing),
	KUNIT_CASE(a_cursor_starts_anew_at_0),
	KUNIT_CASE(fini_gives_the_cursors_reference_up),
	KUNIT_CASE(a_paused_cursor_keeps_its_place_and_no_buffer),
	KUNIT_CASE(a_paused_cursor_goes_on_behind_what_was_closed),
	KUNIT_CASE(a_paused_cursor_does_not_disturb_walkers),
	{}
};

static struct kunit_suite dma_buf_list_suite = {
	.name = "dma-buf-list",
	.init = mock_init,
	.test_cases = dma_buf_list_cases,
};

kunit_test_suite(dma_buf_list_suite);
