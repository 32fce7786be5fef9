// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_fence.h"

#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include <drm/drm_atomic.h>
#include <drm/drm_connector.h>
#include <drm/drm_crtc.h>
#include <drm/drm_vblank.h>
#include <drm/drm_writeback.h>
#include <drm/gpu_scheduler.h>

/**
 * DOC: Fences
 *
 * Programs and other drivers keep a fence for as long as they like: in sync files, syncobjs and
 * buffers of any device. They may ask for its names and its status at any time. So a fence of
 * this driver refers to nothing of its GPU, and needs the module alone. Unloading is refused as
 * long as there is a fence of a program's job or commit. It waits for fences of moves: a GPU keeps
 * some of them itself for as long as it is there.
 *
 * There are three kinds. An engine's fence is allocated here. The fences of drm_sched take their
 * name from a scheduler, and keep the engine's fence of their job, also if the job never ran. The
 * out-fences of commits and of writeback are made by DRM, with a lock and a name that are inside
 * the screen or the connector; both are replaced before a program has the fence.
 */

/**
 * struct adopted_fence - what an out-fence would else find in its GPU
 * @lock: of the fence
 * @timeline: its name
 */
struct adopted_fence {
	spinlock_t lock; /* of the fence */
	char timeline[32];
};

static atomic_t fences_alive = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(fences_wait);

/* The caller's GPU keeps the module from going, or waits for its jobs while that goes. */
static void fence_begin(struct module *owner)
{
	__module_get(owner);
	atomic_inc(&fences_alive);
}

static void fence_end(struct module *owner)
{
	if (atomic_dec_and_test(&fences_alive))
		wake_up_all(&fences_wait);
	module_put(owner);
}

static const char *vprime_fence_get_driver_name(struct dma_fence *fence)
{
	return KBUILD_MODNAME;
}

static struct vprime_fence *to_vprime_fence(struct dma_fence *fence)
{
	return container_of(fence, struct vprime_fence, base);
}

static const char *vprime_fence_get_timeline_name(struct dma_fence *fence)
{
	return to_vprime_fence(fence)->timeline;
}

static void vprime_fence_release(struct dma_fence *fence)
{
	struct module *owner = to_vprime_fence(fence)->owner;

	dma_fence_free(fence);
	fence_end(owner);
}

static const struct dma_fence_ops vprime_fence_ops = {
	.get_driver_name	= vprime_fence_get_driver_name,
	.get_timeline_name	= vprime_fence_get_timeline_name,
	.release		= vprime_fence_release,
};

/**
 * vprime_fence_alloc - get memory for an engine's fence
 * @owner: THIS_MODULE for a fence that programs get, which refuses unloading; NULL for one of the
 *	driver's own, for which unloading waits
 *
 * Context: may sleep and allocate.
 * Return: not initialised yet, to be given back with vprime_fence_put(), or NULL.
 */
struct vprime_fence *vprime_fence_alloc(struct module *owner)
{
	struct vprime_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL_ACCOUNT);

	if (!fence)
		return NULL;
	fence->owner = owner;
	fence_begin(owner);
	return fence;
}

/**
 * vprime_fence_init - give an engine's fence its place on a timeline
 * @fence: from vprime_fence_alloc()
 * @timeline: name of the engine; constant data of the module
 * @context: of the engine
 * @seqno: larger than that of the fence before
 *
 * Context: any.
 */
void vprime_fence_init(struct vprime_fence *fence, const char *timeline, u64 context, u64 seqno)
{
	spin_lock_init(&fence->lock);
	fence->timeline = timeline;
	dma_fence_init(&fence->base, &vprime_fence_ops, &fence->lock, context, seqno);
}

/**
 * vprime_fence_put - give a reference to an engine's fence back
 * @fence: initialised or not; one that was not has been given to nobody, and is only memory
 *
 * Context: any.
 */
void vprime_fence_put(struct vprime_fence *fence)
{
	struct module *owner = fence->owner;

	if (fence->base.ops) {
		dma_fence_put(&fence->base);
		return;
	}
	kfree(fence);
	fence_end(owner);
}

/**
 * vprime_fence_keep - let a fence of drm_sched keep the module
 * @fence: of the same job; signalled here if the job never ran
 * @s_fence: has signalled, or nobody has it
 *
 * drm_sched puts the parent of its fence last of all. A job that ran has @fence for one already.
 *
 * Context: any.
 */
void vprime_fence_keep(struct vprime_fence *fence, struct drm_sched_fence *s_fence)
{
	if (s_fence->parent)
		return;
	if (!fence->base.ops)
		vprime_fence_init(fence, "none", s_fence->finished.context, 0);
	dma_fence_signal(&fence->base);
	/* Pairs with drm_sched_fence_set_deadline_finished(). */
	smp_store_release(&s_fence->parent, dma_fence_get(&fence->base));
}

static struct adopted_fence *to_adopted_fence(struct dma_fence *fence)
{
	return container_of(fence->lock, struct adopted_fence, lock);
}

static const char *adopted_fence_get_timeline_name(struct dma_fence *fence)
{
	return to_adopted_fence(fence)->timeline;
}

static void adopted_fence_release(struct dma_fence *fence)
{
	kfree(to_adopted_fence(fence));
	dma_fence_free(fence);
	fence_end(THIS_MODULE);
}

static const struct dma_fence_ops adopted_fence_ops = {
	.get_driver_name	= vprime_fence_get_driver_name,
	.get_timeline_name	= adopted_fence_get_timeline_name,
	.release		= adopted_fence_release,
};

/* DRM has made it for a program, which gets it when the commit has been accepted. */
static int fence_adopt(struct dma_fence *fence)
{
	struct adopted_fence *adopted;

	if (!fence || fence->ops == &adopted_fence_ops)
		return 0;

	adopted = kmalloc(sizeof(*adopted), GFP_KERNEL_ACCOUNT);
	if (!adopted)
		return -ENOMEM;
	spin_lock_init(&adopted->lock);
	strscpy(adopted->timeline, fence->ops->get_timeline_name(fence));
	fence_begin(THIS_MODULE);
	fence->lock = &adopted->lock;
	fence->ops = &adopted_fence_ops;
	return 0;
}

/**
 * vprime_fence_adopt_state - make a commit's out-fences independent of their GPU
 * @state: a commit that is about to be done, and of whose fences no program knows yet
 *
 * The fences that DRM makes are inseparable from their screen, and end in it if they live longer.
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM; fences that have been adopted by then stay so.
 */
int vprime_fence_adopt_state(struct drm_atomic_state *state)
{
	struct drm_connector_state *conn_state;
	struct drm_crtc_state *crtc_state;
	struct drm_connector *connector;
	struct drm_crtc *crtc;
	int i, ret;

	for_each_new_crtc_in_state(state, crtc, crtc_state, i) {
		ret = crtc_state->event ? fence_adopt(crtc_state->event->base.fence) : 0;
		if (ret)
			return ret;
	}
	for_each_new_connector_in_state(state, connector, conn_state, i) {
		ret = conn_state->writeback_job ?
			fence_adopt(conn_state->writeback_job->out_fence) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * vprime_fence_exit - wait until no fence needs the module any more
 *
 * Those of programs kept the module from being unloaded. What is left is fences of moves, which go
 * with the GPUs that made them, unless somebody asked for a sync file while a move was under way.
 *
 * Context: may sleep.
 */
void vprime_fence_exit(void)
{
	wait_event(fences_wait, !atomic_read(&fences_alive));
	/* Whoever put the last one may still be in a function of the module. */
	synchronize_rcu_tasks();
}
