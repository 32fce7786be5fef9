// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dma-buf-poll.c: what poll() answers, when it wakes sleepers, and what
 * it leaves behind.
 */

#include "dma-buf-mock.h"
#include "dma-buf-mock-poller.h"

#define BOTH	(EPOLLIN | EPOLLOUT)

/* The answer to one poll() by somebody who does not wait. */
static __poll_t poll_now(struct mock_buffer *buffer)
{
	return vfs_poll(buffer->dmabuf->file, NULL) & BOTH;
}

/* Answers */

static void a_buffer_without_fences_is_ready(struct kunit *test)
{
	POLL_EXPECT(test, poll_now(mock_export(test, &mock_static_ops)), BOTH);
}

struct poll_answer {
	enum dma_resv_usage usage;
	__poll_t ready;
};

static const struct poll_answer poll_answers[] = {
	{ .usage = DMA_RESV_USAGE_KERNEL, .ready = 0 },
	{ .usage = DMA_RESV_USAGE_WRITE, .ready = 0 },
	{ .usage = DMA_RESV_USAGE_READ, .ready = EPOLLIN },
	{ .usage = DMA_RESV_USAGE_BOOKKEEP, .ready = BOTH },
};

static void poll_answer_desc(const struct poll_answer *param, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s fence", mock_usage_name(param->usage));
}

KUNIT_ARRAY_PARAM(poll_answer, poll_answers, poll_answer_desc);

static void readers_wait_for_writers_and_writers_for_all(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct poll_answer *param = test->param_value;
	struct mock_fence *fence = mock_fence_add(buffer, param->usage);

	POLL_EXPECT(test, poll_now(buffer), param->ready);
	dma_fence_signal(&fence->base);
	POLL_EXPECT(test, poll_now(buffer), BOTH);
}

/* The same for those who are in the wait queue: another path through the room. */
static void waiters_get_the_same_answer(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct poll_answer *param = test->param_value;
	struct mock_fence *fence = mock_fence_add(buffer, param->usage);
	struct mock_poller *poller = mock_poller_create(buffer, BOTH);

	POLL_EXPECT(test, vfs_poll(poller->file, &poller->table.pt), param->ready);
	KUNIT_EXPECT_EQ(test, mock_fence_has_callback(fence), param->ready != BOTH);
	dma_fence_signal(&fence->base);
	POLL_EXPECT(test, vfs_poll(poller->file, &poller->table.pt), BOTH);
}

#define MANY	5

static void a_buffer_is_ready_after_the_last_of_many_fences(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *write[MANY], *read[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		read[i] = mock_fence_add(buffer, DMA_RESV_USAGE_READ);
		write[i] = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	}
	for (i = 0; i < MANY; i++) {
		POLL_EXPECT(test, poll_now(buffer), 0);
		dma_fence_signal(&write[i]->base);
	}
	for (i = 0; i < MANY; i++) {
		POLL_EXPECT(test, poll_now(buffer), EPOLLIN);
		dma_fence_signal(&read[i]->base);
	}
	POLL_EXPECT(test, poll_now(buffer), BOTH);
}

struct poll_request {
	const char *what;
	__poll_t events;
	__poll_t answer;
};

static const struct poll_request poll_requests[] = {
	{ .what = "in", .events = EPOLLIN, .answer = EPOLLIN },
	{ .what = "out", .events = EPOLLOUT, .answer = EPOLLOUT },
	{ .what = "in and out", .events = BOTH, .answer = BOTH },
	{ .what = "priority data", .events = EPOLLPRI, .answer = 0 },
	{ .what = "hang-ups", .events = EPOLLERR | EPOLLHUP, .answer = 0 },
	{ .what = "normal data", .events = EPOLLRDNORM | EPOLLWRNORM, .answer = 0 },
	{ .what = "everything", .events = (__force __poll_t)~0, .answer = BOTH },
};

KUNIT_ARRAY_PARAM_DESC(poll_request, poll_requests, what);

static void poll_answers_what_it_was_asked(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct poll_request *param = test->param_value;
	struct mock_poller *poller = mock_poller_create(buffer, param->events);

	POLL_EXPECT(test, vfs_poll(poller->file, &poller->table.pt), param->answer);
}

static void a_direction_that_nobody_asked_for_is_not_watched(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *read = mock_fence_add(buffer, DMA_RESV_USAGE_READ);
	struct mock_poller *poller = mock_poller_create(buffer, EPOLLIN);

	POLL_EXPECT(test, vfs_poll(poller->file, &poller->table.pt), EPOLLIN);
	KUNIT_EXPECT_FALSE(test, mock_fence_has_callback(read));
}

/*
 * Edge-triggered epoll polls again only after a wake-up, and nothing else would
 * tell it of fences that are added later.
 */
static void a_poll_that_finds_the_buffer_ready_wakes_its_queue(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct poll_answer *param = test->param_value;
	struct mock_poller *reader = mock_poller_create(buffer, EPOLLIN);
	struct mock_poller *writer = mock_poller_create(buffer, EPOLLOUT);

	mock_fence_add(buffer, param->usage);
	vfs_poll(reader->file, &reader->table.pt);
	vfs_poll(writer->file, &writer->table.pt);
	KUNIT_EXPECT_EQ(test, reader->table.triggered, !!(param->ready & EPOLLIN));
	KUNIT_EXPECT_EQ(test, writer->table.triggered, !!(param->ready & EPOLLOUT));
}

static void a_buffer_without_fences_wakes_its_queue_too(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_poller *poller = mock_poller_create(buffer, EPOLLIN);

	vfs_poll(poller->file, &poller->table.pt);
	KUNIT_EXPECT_EQ(test, poller->table.triggered, 1);
}

/* The lock */

static int poll_now_main(void *context)
{
	return (__force int)poll_now(context);
}

static int poll_in_queue_main(void *context)
{
	struct mock_poller *poller = context;

	return (__force int)vfs_poll(poller->file, &poller->table.pt);
}

/* The thread comes to its end while the lock is held, or the test fails. */
static void poll_does_not_want_the_lock(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_holder *holder;
	struct mock_poller *poller;

	mock_fence_add(buffer, DMA_RESV_USAGE_READ);
	poller = mock_poller_create(buffer, BOTH);
	holder = mock_hold_lock(buffer);

	POLL_EXPECT(test, mock_thread_join(mock_thread_start(test, poll_now_main, buffer)),
		    EPOLLIN);
	KUNIT_EXPECT_EQ(test,
			mock_thread_join(mock_thread_start(test, poll_in_queue_main, poller)),
			(__force int)EPOLLIN);
	KUNIT_EXPECT_TRUE(test, dma_resv_is_locked(buffer->dmabuf->resv));
	mock_let_go(test, holder);
}

static void a_signal_is_seen_while_the_lock_is_held(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_poller *poller = mock_poller_asleep(buffer, EPOLLIN);

	mock_hold_lock(buffer);
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(poller->thread), 0);
	POLL_EXPECT(test, poller->answer, EPOLLIN);
}

/* Sleep and wake-up */

struct poll_wake {
	const char *what;
	enum dma_resv_usage usage;
	__poll_t events;
};

static const struct poll_wake poll_wakes[] = {
	{ .what = "in, kernel", .usage = DMA_RESV_USAGE_KERNEL, .events = EPOLLIN },
	{ .what = "in, write", .usage = DMA_RESV_USAGE_WRITE, .events = EPOLLIN },
	{ .what = "out, kernel", .usage = DMA_RESV_USAGE_KERNEL, .events = EPOLLOUT },
	{ .what = "out, write", .usage = DMA_RESV_USAGE_WRITE, .events = EPOLLOUT },
	{ .what = "out, read", .usage = DMA_RESV_USAGE_READ, .events = EPOLLOUT },
};

KUNIT_ARRAY_PARAM_DESC(poll_wake, poll_wakes, what);

static void a_fence_that_signals_wakes_the_sleeper(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	const struct poll_wake *param = test->param_value;
	struct mock_fence *fence = mock_fence_add(buffer, param->usage);
	struct mock_poller *poller = mock_poller_asleep(buffer, param->events);

	KUNIT_EXPECT_TRUE(test, mock_fence_has_callback(fence));
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(poller->thread), 0);
	POLL_EXPECT(test, poller->answer, param->events);
}

/* One fence after the other, whichever of them the room watches first. */
static void the_sleeper_goes_on_to_the_next_fence(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *first = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_fence *second = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_poller *poller = mock_poller_asleep(buffer, EPOLLIN);

	if (mock_fence_has_callback(second))
		swap(first, second);
	KUNIT_EXPECT_TRUE(test, mock_fence_has_callback(first));
	KUNIT_EXPECT_FALSE(test, mock_fence_has_callback(second));

	dma_fence_signal(&first->base);
	mock_expect_event(test, &poller->looked, "the second look");
	POLL_EXPECT(test, poller->answer, 0);
	KUNIT_EXPECT_TRUE(test, mock_fence_has_callback(second));

	dma_fence_signal(&second->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(poller->thread), 0);
	POLL_EXPECT(test, poller->answer, EPOLLIN);
}

static void two_sleepers_of_one_direction_wake_both(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_poller *first = mock_poller_asleep(buffer, EPOLLIN);
	struct mock_poller *second = mock_poller_asleep(buffer, EPOLLIN);

	/* One callback serves them both: the fence, its maker, and the callback. */
	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 3);
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(first->thread), 0);
	KUNIT_EXPECT_EQ(test, mock_thread_join(second->thread), 0);
	POLL_EXPECT(test, first->answer, EPOLLIN);
	POLL_EXPECT(test, second->answer, EPOLLIN);
}

static void sleepers_of_two_directions_wake_when_it_is_their_turn(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *write = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_fence *read = mock_fence_add(buffer, DMA_RESV_USAGE_READ);
	struct mock_poller *reader = mock_poller_asleep(buffer, EPOLLIN);
	struct mock_poller *writer = mock_poller_asleep(buffer, EPOLLOUT);

	dma_fence_signal(&write->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(reader->thread), 0);
	POLL_EXPECT(test, reader->answer, EPOLLIN);
	KUNIT_EXPECT_FALSE(test, mock_thread_is_done(writer->thread));

	dma_fence_signal(&read->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(writer->thread), 0);
	POLL_EXPECT(test, writer->answer, EPOLLOUT);
}

/* What an earlier poller left on the fence serves the next one. */
static void a_sleeper_may_come_after_one_that_left(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
	struct mock_poller *poller;

	mock_poll_and_leave(buffer, EPOLLIN);
	poller = mock_poller_asleep(buffer, EPOLLIN);
	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_thread_join(poller->thread), 0);
	POLL_EXPECT(test, poller->answer, EPOLLIN);
}

/* What is left behind */

static void a_callback_holds_the_fence_and_not_the_file(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);

	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 2);
	mock_poll_and_leave(buffer, BOTH);
	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 4);
	KUNIT_EXPECT_EQ(test, file_count(buffer->dmabuf->file), 1);

	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 2);
}

static void polls_that_do_not_wait_share_a_callback(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);

	POLL_EXPECT(test, poll_now(buffer), 0);
	POLL_EXPECT(test, poll_now(buffer), 0);
	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 4);
	KUNIT_EXPECT_TRUE(test, mock_fence_has_callback(fence));

	dma_fence_signal(&fence->base);
	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 2);
	POLL_EXPECT(test, poll_now(buffer), BOTH);
}

static void closing_the_buffer_takes_the_callbacks_off(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export_own_resv(test, &mock_static_ops);
	struct mock_fence *fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);

	mock_poll_and_leave(buffer, BOTH);
	KUNIT_EXPECT_TRUE(test, mock_fence_has_callback(fence));
	mock_put(buffer);

	/* The exporter's reservation object and the test have one each. */
	KUNIT_EXPECT_FALSE(test, mock_fence_has_callback(fence));
	KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 2);
	dma_fence_signal(&fence->base);
}

static void closing_the_buffer_frees_a_fence_that_only_poll_knew(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export_own_resv(test, &mock_static_ops);
	struct mock_fence *old = mock_fence_create(test);
	struct mock_fence *new = mock_fence_create(test);
	u64 context = old->base.context;

	dma_resv_lock(&buffer->resv, NULL);
	KUNIT_EXPECT_EQ(test, dma_resv_reserve_fences(&buffer->resv, 1), 0);
	dma_resv_add_fence(&buffer->resv, &old->base, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&buffer->resv);
	mock_poll_and_leave(buffer, EPOLLIN);

	dma_resv_lock(&buffer->resv, NULL);
	dma_resv_replace_fences(&buffer->resv, context, &new->base, DMA_RESV_USAGE_WRITE);
	dma_resv_unlock(&buffer->resv);

	KUNIT_EXPECT_EQ(test, mock_fence_references(old), 2);
	mock_put(buffer);
	KUNIT_EXPECT_EQ(test, mock_fence_references(old), 1);
}

/* Races: whoever comes first, nobody sleeps for ever and nothing is left. */

#define ROUNDS	100

static int signal_main(void *context)
{
	struct mock_fence *fence = context;

	return dma_fence_signal(&fence->base);
}

static void a_signal_is_not_missed_by_who_is_about_to_sleep(struct kunit *test)
{
	struct mock_buffer *buffer = mock_export(test, &mock_static_ops);
	struct mock_thread *signaller;
	struct mock_fence *fence;
	struct mock_poller *poller;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
		poller = mock_poller_create(buffer, i % 2 ? EPOLLIN : EPOLLOUT);
		mock_poller_start(test, poller);
		signaller = mock_thread_start(test, signal_main, fence);
		KUNIT_EXPECT_EQ(test, mock_thread_join(poller->thread), 0);
		KUNIT_EXPECT_EQ(test, mock_thread_join(signaller), 0);
	}
}

static void a_close_and_a_signal_at_once_leave_nothing(struct kunit *test)
{
	struct mock_thread *signaller;
	struct mock_buffer *buffer;
	struct mock_fence *fence;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		buffer = mock_export_own_resv(test, &mock_static_ops);
		fence = mock_fence_add(buffer, DMA_RESV_USAGE_WRITE);
		mock_poll_and_leave(buffer, BOTH);

		signaller = mock_thread_start(test, signal_main, fence);
		mock_put(buffer);
		KUNIT_EXPECT_EQ(test, mock_thread_join(signaller), 0);
		KUNIT_EXPECT_EQ(test, mock_fence_references(fence), 2);
	}
}

static struct kunit_case dma_buf_poll_cases[] = {
	KUNIT_CASE(a_buffer_without_fences_is_ready),
	KUNIT_CASE_PARAM(readers_wait_for_writers_and_writers_for_all, poll_answer_gen_params),
	KUNIT_CASE_PARAM(waiters_get_the_same_answer, poll_answer_gen_params),
	KUNIT_CASE(a_buffer_is_ready_after_the_last_of_many_fences),
	KUNIT_CASE_PARAM(poll_answers_what_it_was_asked, poll_request_gen_params),
	KUNIT_CASE(a_direction_that_nobody_asked_for_is_not_watched),
	KUNIT_CASE_PARAM(a_poll_that_finds_the_buffer_ready_wakes_its_queue,
			 poll_answer_gen_params),
	KUNIT_CASE(a_buffer_without_fences_wakes_its_queue_too),
	KUNIT_CASE(poll_does_not_want_the_lock),
	KUNIT_CASE(a_signal_is_seen_while_the_lock_is_held),
	KUNIT_CASE_PARAM(a_fence_that_signals_wakes_the_sleeper, poll_wake_gen_params),
	KUNIT_CASE(the_sleeper_goes_on_to_the_next_fence),
	KUNIT_CASE(two_sleepers_of_one_direction_wake_both),
	KUNIT_CASE(sleepers_of_two_directions_wake_when_it_is_their_turn),
	KUNIT_CASE(a_sleeper_may_come_after_one_that_left),
	KUNIT_CASE(a_callback_holds_the_fence_and_not_the_file),
	KUNIT_CASE(polls_that_do_not_wait_share_a_callback),
	KUNIT_CASE(closing_the_buffer_takes_the_callbacks_off),
	KUNIT_CASE(closing_the_buffer_frees_a_fence_that_only_poll_knew),
	KUNIT_CASE_SLOW(a_signal_is_not_missed_by_who_is_about_to_sleep),
	KUNIT_CASE_SLOW(a_close_and_a_signal_at_once_leave_nothing),
	{}
};

static struct kunit_suite dma_buf_poll_suite = {
	.name = "dma-buf-poll",
	.init = mock_init,
	.test_cases = dma_buf_poll_cases,
};

kunit_test_suite(dma_buf_poll_suite);
