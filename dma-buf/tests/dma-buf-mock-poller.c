// SPDX-License-Identifier: GPL-2.0-only
/*
 * Somebody in poll(); see dma-buf-mock-poller.h.  Does what the system call does,
 * step by step, so that a test knows when it has looked and when it sleeps.
 */

#include "dma-buf-mock-poller.h"

static bool poller_sleep(struct mock_poller *poller)
{
	long left = MOCK_PATIENCE;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!poller->table.triggered)
		left = schedule_timeout(left);
	__set_current_state(TASK_RUNNING);

	/* As in the system call: look at the file only after this. */
	smp_store_mb(poller->table.triggered, 0);
	return left && !signal_pending(current);
}

static int poller_main(void *context)
{
	struct mock_poller *poller = context;
	bool awake = true;

	while (awake) {
		poller->answer = vfs_poll(poller->file, &poller->table.pt) & poller->events;
		poller->table.pt._qproc = NULL;
		complete(&poller->looked);
		if (poller->answer)
			return 0;
		awake = poller_sleep(poller);
	}
	return -ETIME;
}

static void poller_end(void *context)
{
	struct mock_poller *poller = context;

	poll_freewait(&poller->table);
}

/**
 * mock_poller_create - a poller that has not looked yet
 * @buffer: at what
 * @events: for what
 *
 * Return: the poller, which leaves the wait queue when the test ends.
 */
struct mock_poller *mock_poller_create(struct mock_buffer *buffer, __poll_t events)
{
	struct kunit *test = buffer->test;
	struct mock_poller *poller = kunit_kzalloc(test, sizeof(*poller), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, poller);
	poller->file = buffer->dmabuf->file;
	poller->events = events;
	init_completion(&poller->looked);
	poll_initwait(&poller->table);
	poller->table.pt._key = events;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, poller_end, poller), 0);
	return poller;
}

static int poller_start_main(void *context)
{
	struct mock_poller *poller = context;

	/* Who is to be woken is the one that sleeps. */
	poller->table.polling_task = current;
	return poller_main(poller);
}

/**
 * mock_poller_start - have a thread look until there is an answer
 * @test: the test
 * @poller: its thread's result is 0, or -ETIME if nothing came
 */
void mock_poller_start(struct kunit *test, struct mock_poller *poller)
{
	poller->thread = mock_thread_start(test, poller_start_main, poller);
}

/**
 * mock_poller_asleep - start a poller and see it find the buffer busy
 * @buffer: the buffer
 * @events: what the poller waits for
 *
 * Return: the poller.
 */
struct mock_poller *mock_poller_asleep(struct mock_buffer *buffer, __poll_t events)
{
	struct mock_poller *poller = mock_poller_create(buffer, events);

	mock_poller_start(buffer->test, poller);
	mock_expect_event(buffer->test, &poller->looked, "the first look");
	POLL_EXPECT(buffer->test, poller->answer, 0);
	return poller;
}

/**
 * mock_poll_and_leave - a poller that went away again and left its callback on the fence
 * @buffer: the buffer
 * @events: what the poller asked for
 */
void mock_poll_and_leave(struct mock_buffer *buffer, __poll_t events)
{
	struct mock_poller *poller = mock_poller_create(buffer, events);

	POLL_EXPECT(buffer->test, vfs_poll(poller->file, &poller->table.pt) & events, 0);
	kunit_release_action(buffer->test, poller_end, poller);
}
