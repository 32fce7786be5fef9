// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever makes others wait: mock fences, threads, holders of the reservation
 * lock, signals; see dma-buf-mock.h.
 *
 * Tests wait for events only.  That somebody waits for a fence is an event too:
 * the fence is asked to enable signalling.
 */

#include "dma-buf-mock.h"

#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

/**
 * mock_expect_event - wait for something that has to happen
 * @test: the test, which fails if it does not
 * @event: the event
 * @what: what it is called
 */
void mock_expect_event(struct kunit *test, struct completion *event, const char *what)
{
	KUNIT_EXPECT_NE_MSG(test, wait_for_completion_timeout(event, MOCK_PATIENCE), 0,
			    "never came: %s", what);
}

/* Fences */

static struct mock_fence *to_mock_fence(struct dma_fence *fence)
{
	return container_of(fence, struct mock_fence, base);
}

static const char *mock_fence_driver_name(struct dma_fence *fence)
{
	return "mock";
}

static const char *mock_fence_timeline_name(struct dma_fence *fence)
{
	return "by-hand";
}

static bool mock_fence_enable_signaling(struct dma_fence *fence)
{
	complete_all(&to_mock_fence(fence)->wanted);
	return true;
}

static const struct dma_fence_ops mock_fence_ops = {
	.get_driver_name	= mock_fence_driver_name,
	.get_timeline_name	= mock_fence_timeline_name,
	.enable_signaling	= mock_fence_enable_signaling,
};

static void mock_fence_end(void *context)
{
	struct mock_fence *fence = context;

	dma_fence_signal(&fence->base);
	dma_fence_put(&fence->base);
}

/**
 * mock_fence_create - make a fence
 * @test: the test, whose end signals it and drops its reference
 *
 * Each one has a context of its own, so that none replaces another.
 *
 * Return: the fence; does not return without memory.
 */
struct mock_fence *mock_fence_create(struct kunit *test)
{
	struct mock_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fence);
	spin_lock_init(&fence->lock);
	init_completion(&fence->wanted);
	dma_fence_init(&fence->base, &mock_fence_ops, &fence->lock,
		       dma_fence_context_alloc(1), 1);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_fence_end, fence), 0);
	return fence;
}

/**
 * mock_fence_add - add a new fence to a buffer
 * @buffer: the buffer
 * @usage: as what
 *
 * Return: the fence.
 */
struct mock_fence *mock_fence_add(struct mock_buffer *buffer, enum dma_resv_usage usage)
{
	struct mock_fence *fence = mock_fence_create(buffer->test);
	struct dma_resv *resv = buffer->dmabuf->resv;
	int ret;

	dma_resv_lock(resv, NULL);
	ret = dma_resv_reserve_fences(resv, 1);
	if (!ret)
		dma_resv_add_fence(resv, &fence->base, usage);
	dma_resv_unlock(resv);

	KUNIT_ASSERT_EQ(buffer->test, ret, 0);
	return fence;
}

unsigned int mock_fence_references(struct mock_fence *fence)
{
	return kref_read(&fence->base.refcount);
}

/**
 * mock_fence_has_callback - does somebody wait for the fence?
 * @fence: a fence that has not signalled
 *
 * Return: whether a callback is on it.
 */
bool mock_fence_has_callback(struct mock_fence *fence)
{
	bool ret;

	spin_lock_irq(&fence->lock);
	ret = !list_empty(&fence->base.cb_list);
	spin_unlock_irq(&fence->lock);

	return ret;
}

static const char * const mock_usage_names[] = {
	[DMA_RESV_USAGE_KERNEL]		= "kernel",
	[DMA_RESV_USAGE_WRITE]		= "write",
	[DMA_RESV_USAGE_READ]		= "read",
	[DMA_RESV_USAGE_BOOKKEEP]	= "bookkeep",
};

const char *mock_usage_name(enum dma_resv_usage usage)
{
	return mock_usage_names[usage];
}

/* Threads */

/**
 * struct mock_thread - a thread of a test
 * @test: the test
 * @task: the thread
 * @fn: what it does
 * @arg: for @fn
 * @ret: what @fn returned
 * @done: it has returned
 */
struct mock_thread {
	struct kunit *test;
	struct task_struct *task;
	int (*fn)(void *arg);
	void *arg;
	int ret;
	struct completion done;
};

static int mock_thread_main(void *context)
{
	struct mock_thread *thread = context;

	/* What a test demands of breaches holds for its threads as well. */
	current->kunit_test = thread->test;
	allow_signal(SIGINT);
	allow_signal(SIGKILL);
	thread->ret = thread->fn(thread->arg);
	kthread_complete_and_exit(&thread->done, 0);
}

static void mock_thread_end(void *context)
{
	struct mock_thread *thread = context;

	if (!mock_thread_is_done(thread))
		mock_thread_kill(thread);
	mock_thread_join(thread);
	put_task_struct(thread->task);
}

/**
 * mock_thread_start - do something in a thread
 * @test: the test, whose end kills the thread and waits for it
 * @fn: what to do
 * @arg: for @fn
 *
 * Return: the thread; does not return if there can be none.
 */
struct mock_thread *mock_thread_start(struct kunit *test, int (*fn)(void *arg), void *arg)
{
	struct mock_thread *thread = kunit_kzalloc(test, sizeof(*thread), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, thread);
	thread->test = test;
	thread->fn = fn;
	thread->arg = arg;
	init_completion(&thread->done);

	thread->task = kthread_create(mock_thread_main, thread, "mock");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread->task);
	get_task_struct(thread->task);
	wake_up_process(thread->task);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_thread_end, thread), 0);
	return thread;
}

bool mock_thread_is_done(struct mock_thread *thread)
{
	return completion_done(&thread->done);
}

/**
 * mock_thread_interrupt - send a signal to a thread
 * @thread: the thread
 */
void mock_thread_interrupt(struct mock_thread *thread)
{
	send_sig(SIGINT, thread->task, 1);
}

/**
 * mock_thread_kill - send a signal that also ends waits which are only killable
 * @thread: the thread
 */
void mock_thread_kill(struct mock_thread *thread)
{
	send_sig(SIGKILL, thread->task, 1);
}

/**
 * mock_thread_join - wait for a thread
 * @thread: the thread; the test fails if it does not come to its end
 *
 * Return: what its function returned, or -ETIMEDOUT.
 */
int mock_thread_join(struct mock_thread *thread)
{
	if (!wait_for_completion_timeout(&thread->done, MOCK_PATIENCE)) {
		KUNIT_FAIL(thread->test, "the thread hangs");
		return -ETIMEDOUT;
	}

	complete_all(&thread->done);
	return thread->ret;
}

/**
 * mock_expect_wait - demand that a thread waits for a fence, or that it does not
 * @thread: the thread, which succeeds; it has come to its end when this returns
 * @fence: the fence, signalled once the thread waits for it
 * @waits: whether it has to
 */
void mock_expect_wait(struct mock_thread *thread, struct mock_fence *fence, bool waits)
{
	struct kunit *test = thread->test;

	if (waits) {
		mock_expect_event(test, &fence->wanted, "the wait");
		KUNIT_EXPECT_FALSE(test, mock_thread_is_done(thread));
		dma_fence_signal(&fence->base);
	}

	KUNIT_EXPECT_EQ(test, mock_thread_join(thread), 0);
	KUNIT_EXPECT_EQ(test, completion_done(&fence->wanted), waits);
}

/**
 * struct mock_holder - a thread that does nothing but hold a reservation lock
 * @resv: whose lock
 * @held: it has it
 * @let_go: it shall let go
 * @thread: the thread
 */
struct mock_holder {
	struct dma_resv *resv;
	struct completion held;
	struct completion let_go;
	struct mock_thread *thread;
};

static int mock_holder_main(void *context)
{
	struct mock_holder *holder = context;

	dma_resv_lock(holder->resv, NULL);
	complete_all(&holder->held);
	wait_for_completion(&holder->let_go);
	dma_resv_unlock(holder->resv);
	return 0;
}

static void mock_holder_end(void *context)
{
	struct mock_holder *holder = context;

	complete_all(&holder->let_go);
}

/**
 * mock_hold_lock - have another thread hold the reservation lock
 * @buffer: the buffer
 *
 * Return: the holder, which lets go when told, or when the test ends.
 */
struct mock_holder *mock_hold_lock(struct mock_buffer *buffer)
{
	struct kunit *test = buffer->test;
	struct mock_holder *holder = kunit_kzalloc(test, sizeof(*holder), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, holder);
	holder->resv = buffer->dmabuf->resv;
	init_completion(&holder->held);
	init_completion(&holder->let_go);
	holder->thread = mock_thread_start(test, mock_holder_main, holder);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mock_holder_end, holder), 0);

	mock_expect_event(test, &holder->held, "the lock");
	return holder;
}

void mock_let_go(struct kunit *test, struct mock_holder *holder)
{
	kunit_release_action(test, mock_holder_end, holder);
	mock_thread_join(holder->thread);
}

/**
 * mock_signal_pending - interrupt the caller, as a user would with Ctrl-C
 *
 * What waits interruptibly fails until mock_signal_forget().
 */
void mock_signal_pending(void)
{
	allow_signal(SIGINT);
	send_sig(SIGINT, current, 1);
}

void mock_signal_forget(void)
{
	flush_signals(current);
	disallow_signal(SIGINT);
}

void mock_splat_begin(const char *name)
{
	pr_info("expect-splat: begin %s\n", name);
}

void mock_splat_end(const char *name)
{
	pr_info("expect-splat: end %s\n", name);
}
