// SPDX-License-Identifier: GPL-2.0-only

#include <linux/completion.h>
#include <linux/dma-resv.h>
#include <linux/sched/signal.h>

#include "dma-buf-private.h"

/**
 * DOC: Waits that only a fatal signal ends
 *
 * Many importers turn any error of a mapping into one of their own: videobuf2
 * makes it EINVAL or EFAULT, and user space cannot tell a signal from a buffer
 * that does not fit.  So neither dma_buf_map_attachment() for a static importer
 * nor dma_buf_vmap() is ended by a signal, unless it kills the process; then
 * nobody sees the errno.  This file owns that wait, and the decision whether an
 * exporter that was interrupted is called again.
 *
 * Tested by tests/dma-buf-wait-test.c.
 */

/**
 * struct dma_buf_waiter - one wait for one fence
 * @cb: on the fence
 * @signalled: the fence has signalled
 */
struct dma_buf_waiter {
	struct dma_fence_cb cb;
	struct completion signalled;
};

static void dma_buf_waiter_signalled(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct dma_buf_waiter *waiter = container_of(cb, struct dma_buf_waiter, cb);

	complete(&waiter->signalled);
}

/* dma_fence_wait() is either interruptible or not even killable. */
static int dma_buf_wait_fence(struct dma_fence *fence)
{
	struct dma_buf_waiter waiter;
	int ret;

	init_completion(&waiter.signalled);
	if (dma_fence_add_callback(fence, &waiter.cb, dma_buf_waiter_signalled))
		return 0; /* it has signalled */

	ret = wait_for_completion_killable(&waiter.signalled);
	if (ret)
		dma_fence_remove_callback(fence, &waiter.cb);
	return ret;
}

/**
 * dma_buf_wait_killable - wait until nothing moves the buffer any more
 * @dmabuf: the buffer
 *
 * Context: process context, &dma_buf.resv held; sleeps.
 * Return: 0 when all KERNEL fences have signalled, -ERESTARTSYS if the process
 * is being killed.
 */
int dma_buf_wait_killable(struct dma_buf *dmabuf)
{
	struct dma_resv_iter cursor;
	struct dma_fence *fence;
	int ret = 0;

	dma_resv_assert_held(dmabuf->resv);
	__dma_fence_might_wait();

	dma_resv_for_each_fence(&cursor, dmabuf->resv, DMA_RESV_USAGE_KERNEL, fence) {
		ret = dma_buf_wait_fence(fence);
		if (ret)
			break;
	}
	return ret;
}

/**
 * dma_buf_call_again - is an exporter that failed to be called once more?
 * @dmabuf: the buffer
 * @error: what the exporter returned
 *
 * If a signal has ended the exporter's wait, this waits in its place for what
 * it can see, the KERNEL fences.  The exporter may have waited for something
 * else, such as another buffer that it evicts; a tick is left for that.
 *
 * Context: process context, &dma_buf.resv held; sleeps.
 * Return: false if @error has to be handed on.
 */
bool dma_buf_call_again(struct dma_buf *dmabuf, int error)
{
	if (likely(error != -ERESTARTSYS && error != -EINTR))
		return false;
	if (!signal_pending(current) || dma_buf_wait_killable(dmabuf))
		return false;

	schedule_timeout_killable(1);
	return !fatal_signal_pending(current);
}
