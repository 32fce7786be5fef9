// SPDX-License-Identifier: GPL-2.0-only

#include <linux/dma-resv.h>
#include <linux/poll.h>

#include "dma-buf-private.h"

/**
 * DOC: Fences seen through poll()
 *
 * Step 7 of a buffer's life: user space waits for its fences.  EPOLLIN means
 * that nobody writes any more, EPOLLOUT that nobody uses the buffer at all; both
 * speak of implicit synchronisation only.  This room owns the two callbacks of
 * a buffer, one per direction, that wake the sleepers.
 *
 * Nothing here sleeps or takes the reservation lock, so that poll() with a
 * timeout of 0 returns at once whatever drivers do.  A callback sits on the
 * first fence that has not signalled; when it does, the sleepers look again
 * and the callback moves on to the next one.  It holds a reference on the
 * fence and none on the file: closing the buffer takes it off.
 *
 * Nothing tells this file of a new fence.  So a buffer that is found ready wakes
 * its own wait queue: an edge-triggered epoll entry is polled again by the next
 * epoll_wait(), and that poll finds the fence.
 *
 * Tested by tests/dma-buf-poll-test.c and igt-tests/dmabuf_readiness.c.
 */

static void dma_buf_poll_signalled(struct dma_fence *fence,
				   struct dma_fence_cb *cb)
{
	struct dma_buf_poll_cb_t *dcb =
		container_of(cb, struct dma_buf_poll_cb_t, cb);
	unsigned long flags;
	__poll_t events;

	spin_lock_irqsave(&dcb->poll->lock, flags);
	events = dcb->active;
	WRITE_ONCE(dcb->active, 0);
	WRITE_ONCE(dcb->db_fence, NULL);
	wake_up_locked_poll(dcb->poll, events);
	spin_unlock_irqrestore(&dcb->poll->lock, flags);

	dma_fence_put(fence);
}

/*
 * Claim the callback before it is put on @fence, since it may run at once.
 * Return: false if somebody else's sleepers are waiting on it already.
 */
static bool dma_buf_poll_claim(struct dma_buf_poll_cb_t *dcb, __poll_t event,
			       struct dma_fence *fence)
{
	bool claimed;

	spin_lock_irq(&dcb->poll->lock);
	claimed = !dcb->active;
	if (claimed) {
		WRITE_ONCE(dcb->active, event);
		WRITE_ONCE(dcb->db_fence, dma_fence_get(fence));
	}
	spin_unlock_irq(&dcb->poll->lock);

	return claimed;
}

static void dma_buf_poll_unclaim(struct dma_buf_poll_cb_t *dcb)
{
	struct dma_fence *fence;

	spin_lock_irq(&dcb->poll->lock);
	WRITE_ONCE(dcb->active, 0);
	fence = dcb->db_fence;
	WRITE_ONCE(dcb->db_fence, NULL);
	spin_unlock_irq(&dcb->poll->lock);

	dma_fence_put(fence);
}

/*
 * Make sure that the caller is woken when @dmabuf may have become ready.
 * Return: false if it is ready now.
 */
static bool dma_buf_poll_arm(struct dma_buf *dmabuf, struct dma_buf_poll_cb_t *dcb,
			     __poll_t event, enum dma_resv_usage usage)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	bool busy = false;

	dma_resv_iter_begin(&cursor, dmabuf->resv, usage);
	dma_resv_for_each_fence_unlocked(&cursor, fence) {
		/* Its wake-up reaches us as well: we are in the queue. */
		busy = !dma_buf_poll_claim(dcb, event, fence);
		if (busy)
			break;

		busy = !dma_fence_add_callback(fence, &dcb->cb,
					       dma_buf_poll_signalled);
		if (busy)
			break;

		/* It has signalled in the meantime. */
		dma_buf_poll_unclaim(dcb);
	}
	dma_resv_iter_end(&cursor);

	return busy;
}

/*
 * Wake whoever is in the wait queue of a buffer that is ready: pollers that
 * relied on the callback while it was claimed, and edge-triggered epoll entries,
 * which are polled again only after a wake-up.
 */
static void dma_buf_poll_wake(struct dma_buf_poll_cb_t *dcb, __poll_t event)
{
	/* Pairs with the queueing in poll_wait(), which comes before the check of a claim. */
	if (wq_has_sleeper(dcb->poll))
		wake_up_poll(dcb->poll, event);
}

static bool dma_buf_poll_busy(struct dma_buf *dmabuf, struct dma_buf_poll_cb_t *dcb,
			      __poll_t event, enum dma_resv_usage usage)
{
	if (!dma_buf_has_fences(dmabuf))
		return false;

	/* The callback sits on a fence already and wakes all who are queued. */
	return READ_ONCE(dcb->active) || dma_buf_poll_arm(dmabuf, dcb, event, usage);
}

static bool dma_buf_poll_ready(struct dma_buf *dmabuf, struct dma_buf_poll_cb_t *dcb,
			       __poll_t event, enum dma_resv_usage usage)
{
	if (dma_buf_poll_busy(dmabuf, dcb, event, usage))
		return false;

	dma_buf_poll_wake(dcb, event);
	return true;
}

/**
 * dma_buf_poll - poll(), select() and epoll on a dma-buf descriptor
 * @file: the buffer's file
 * @wait: where the caller wants to be queued
 *
 * Context: process context; takes no lock that a driver holds for long.
 * Return: EPOLLIN when every write has finished, EPOLLOUT when every access
 * has, as far as the caller asked for them.
 */
__poll_t dma_buf_poll(struct file *file, struct poll_table_struct *wait)
{
	struct dma_buf *dmabuf = file->private_data;
	__poll_t events = poll_requested_events(wait) & (EPOLLIN | EPOLLOUT);

	poll_wait(file, &dmabuf->poll, wait);

	if (events & EPOLLOUT &&
	    !dma_buf_poll_ready(dmabuf, &dmabuf->cb_out, EPOLLOUT,
				DMA_RESV_USAGE_READ))
		events &= ~EPOLLOUT;

	if (events & EPOLLIN &&
	    !dma_buf_poll_ready(dmabuf, &dmabuf->cb_in, EPOLLIN,
				DMA_RESV_USAGE_WRITE))
		events &= ~EPOLLIN;

	return events;
}

/**
 * dma_buf_poll_init - prepare the wait queue
 * @dmabuf: a buffer that nobody sees yet
 */
void dma_buf_poll_init(struct dma_buf *dmabuf)
{
	init_waitqueue_head(&dmabuf->poll);
	dmabuf->cb_in.poll = &dmabuf->poll;
	dmabuf->cb_out.poll = &dmabuf->poll;
}

static void dma_buf_poll_disarm_one(struct dma_buf_poll_cb_t *dcb)
{
	struct dma_fence *fence;

	/*
	 * If the callback is just running, the grace period after which the
	 * buffer is freed waits for it: it has interrupts disabled.
	 */
	if (!READ_ONCE(dcb->db_fence))
		return;

	spin_lock_irq(&dcb->poll->lock);
	fence = dma_fence_get(dcb->db_fence);
	spin_unlock_irq(&dcb->poll->lock);
	if (!fence)
		return;

	/*
	 * If this fails the callback has run to its end: both happen under the
	 * fence's lock.
	 */
	if (dma_fence_remove_callback(fence, &dcb->cb))
		dma_buf_poll_unclaim(dcb);
	dma_fence_put(fence);
}

/**
 * dma_buf_poll_disarm - take the callbacks off their fences
 * @dmabuf: a buffer whose last reference is gone, so that nobody polls it
 */
void dma_buf_poll_disarm(struct dma_buf *dmabuf)
{
	dma_buf_poll_disarm_one(&dmabuf->cb_in);
	dma_buf_poll_disarm_one(&dmabuf->cb_out);
}
