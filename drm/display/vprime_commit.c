// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_commit.h"

#include <kunit/visibility.h>

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/dma-fence.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_crtc.h>
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_print.h>
#include <drm/drm_vblank.h>

#include "vprime_crtc.h"
#include "vprime_fence.h"
#include "vprime_flip.h"
#include "vprime_gpu.h"

/**
 * DOC: A commit
 *
 * What DRM has checked takes its steps: screens go off, screens come on, frames are queued, and
 * once they are to be seen, what was seen before is let go.
 *
 * A program that does not wait for its commit has this done by a worker. A frame that is queued a
 * moment too late is a whole period late, so these workers go before whoever computes.
 *
 * Commits that are made to fail are those that a program asked for with one of DRM's ioctls. DRM
 * also commits on its own behalf, in workers and when files are closed, and counts on success.
 */

/* Of all GPUs, as a commit may be the last to hold on to its own. */
static struct workqueue_struct *commit_wq;

/**
 * vprime_commit_tail - the steps that cannot fail
 * @state: the commit, whose turn it is
 *
 * Screens are on before there is something to show, and it is writeback that comes with it.
 *
 * Fences of the commit, and of all commits after it, depend on what is done until the frames are
 * queued. From there on it is vblanks that signal them, and what was seen before is let go.
 *
 * Context: may sleep.
 */
void vprime_commit_tail(struct drm_atomic_state *state)
{
	struct drm_device *drm = state->dev;
	struct drm_crtc_state *crtc_state;
	struct drm_crtc *crtc;
	bool cookie;
	int i;

	cookie = dma_fence_begin_signalling();
	drm_atomic_helper_commit_modeset_disables(drm, state);
	drm_atomic_helper_commit_modeset_enables(drm, state);
	drm_atomic_helper_commit_planes(drm, state, DRM_PLANE_COMMIT_ACTIVE_ONLY);
	drm_atomic_helper_commit_hw_done(state);
	dma_fence_end_signalling(cookie);

	drm_atomic_helper_wait_for_flip_done(drm, state);
	for_each_new_crtc_in_state(state, crtc, crtc_state, i)
		vprime_flip_release(to_vprime_crtc(crtc));
	drm_atomic_helper_cleanup_planes(drm, state);
}

/* How often those who wait for a fence look whether the GPU is still there. */
#define UNPLUG_CHECK (HZ / 10)

/* Fences of others may take as long as they like, and an unplug does not wait for them. */
static int wait_for_fence(struct drm_device *drm, struct dma_fence *fence, bool interruptible)
{
	long left;

	do {
		left = dma_fence_wait_timeout(fence, interruptible, UNPLUG_CHECK);
		if (!left && drm_dev_is_unplugged(drm))
			return -ENODEV;
	} while (!left);
	return left < 0 ? left : 0;
}

/* Whoever signals the fence may hurry. */
static void set_deadline(const struct drm_atomic_state *state,
			 const struct drm_plane_state *plane_state)
{
	struct drm_crtc_state *crtc_state;
	ktime_t vblank;

	crtc_state = drm_atomic_get_new_crtc_state(state, plane_state->crtc);
	if (crtc_state && !drm_atomic_crtc_needs_modeset(crtc_state) &&
	    !drm_crtc_next_vblank_start(plane_state->crtc, &vblank))
		dma_fence_set_deadline(plane_state->fence, vblank);
}

static int wait_for_fences(struct drm_atomic_state *state, bool interruptible)
{
	struct drm_plane_state *plane_state;
	struct drm_plane *plane;
	int i, ret;

	for_each_new_plane_in_state(state, plane, plane_state, i) {
		if (plane_state->fence && plane_state->crtc)
			set_deadline(state, plane_state);
	}
	for_each_new_plane_in_state(state, plane, plane_state, i) {
		if (!plane_state->fence)
			continue;
		ret = wait_for_fence(state->dev, plane_state->fence, interruptible);
		if (ret)
			return ret;
		dma_fence_put(plane_state->fence);
		plane_state->fence = NULL;
	}
	return 0;
}

static void commit_run(struct drm_atomic_state *state)
{
	drm_atomic_helper_wait_for_dependencies(state);
	vprime_commit_tail(state);
	drm_atomic_helper_commit_cleanup_done(state);
	drm_atomic_state_put(state);
}

/* After an unplug it goes on without its fences: nobody sees it. */
static void commit_work(struct work_struct *work)
{
	struct drm_atomic_state *state = container_of(work, struct drm_atomic_state, commit_work);

	wait_for_fences(state, false);
	commit_run(state);
}

static int commit(struct drm_device *drm, struct drm_atomic_state *state, bool nonblock)
{
	int ret;

	ret = drm_atomic_helper_setup_commit(state, nonblock);
	if (ret)
		return ret;
	ret = drm_atomic_helper_prepare_planes(drm, state);
	if (ret)
		return ret;
	if (!nonblock)
		ret = wait_for_fences(state, true);
	if (!ret)
		ret = drm_atomic_helper_swap_state(state, true);
	if (ret) {
		drm_atomic_helper_unprepare_planes(drm, state);
		return ret;
	}
	drm_atomic_state_get(state);
	INIT_WORK(&state->commit_work, commit_work);
	if (nonblock)
		queue_work(commit_wq, &state->commit_work);
	else
		commit_run(state);
	return 0;
}

/**
 * vprime_commit_request_begin - the current task is going to do what a program asks of DRM
 * @gpu: the GPU that is asked
 * @request: filled in; to be given to vprime_commit_request_end() by the same task
 *
 * Context: process.
 */
void vprime_commit_request_begin(struct vprime_gpu *gpu, struct vprime_commit_request *request)
{
	request->task = current;
	spin_lock(&gpu->requests_lock);
	list_add(&request->link, &gpu->requests);
	spin_unlock(&gpu->requests_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_commit_request_begin);

/**
 * vprime_commit_request_end - the counterpart of vprime_commit_request_begin()
 * @gpu: the same
 * @request: the same
 *
 * Context: process.
 */
void vprime_commit_request_end(struct vprime_gpu *gpu, struct vprime_commit_request *request)
{
	spin_lock(&gpu->requests_lock);
	list_del(&request->link);
	spin_unlock(&gpu->requests_lock);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_commit_request_end);

static bool program_asked(struct vprime_gpu *gpu)
{
	struct vprime_commit_request *request;
	bool found = false;

	spin_lock(&gpu->requests_lock);
	list_for_each_entry(request, &gpu->requests, link)
		found |= request->task == current;
	spin_unlock(&gpu->requests_lock);
	return found;
}

static bool has_to_fail(struct vprime_gpu *gpu)
{
	return atomic_read(&gpu->failing_commits) && program_asked(gpu) &&
	       atomic_dec_if_positive(&gpu->failing_commits) >= 0;
}

/* Once the GPU is gone, what comes on stays on: nobody would stop its vblanks any more. */
static bool turns_a_screen_on(struct drm_atomic_state *state)
{
	struct drm_crtc_state *before, *after;
	struct drm_crtc *crtc;
	int i;

	for_each_oldnew_crtc_in_state(state, crtc, before, after, i) {
		if (after->active && !before->active)
			return true;
	}
	return false;
}

/**
 * vprime_commit - do what has been checked
 * @drm: on this GPU
 * @state: what to do
 * @nonblock: the caller does not wait for it
 *
 * Context: may sleep and allocate. The locks of all that is in @state are held.
 * Return: 0; -EIO if commits of programs are made to fail; -EBUSY if another one has still to be
 * done; -ENODEV if it turns a screen on, or waits for a fence, and the GPU is gone; -ENOMEM;
 * -ERESTARTSYS; or what vprime_scanout_pin() returns. On failure nothing has changed.
 */
int vprime_commit(struct drm_device *drm, struct drm_atomic_state *state, bool nonblock)
{
	int ret;

	if (has_to_fail(to_vprime_gpu(drm)))
		return -EIO;
	if (drm_dev_is_unplugged(drm) && turns_a_screen_on(state))
		return -ENODEV;
	ret = vprime_fence_adopt_state(state);
	if (ret)
		return ret;
	if (state->async_update)
		return drm_atomic_helper_commit(drm, state, nonblock);
	return commit(drm, state, nonblock);
}

/* How long what has been committed may take. */
#define SETTLE_TIMEOUT (5 * HZ)

static struct drm_crtc_commit *last_commit(struct drm_crtc *crtc)
{
	struct drm_crtc_commit *commit;

	spin_lock(&crtc->commit_lock);
	commit = list_first_entry_or_null(&crtc->commit_list, struct drm_crtc_commit, commit_entry);
	if (commit)
		drm_crtc_commit_get(commit);
	spin_unlock(&crtc->commit_lock);
	return commit;
}

/**
 * vprime_commit_settle - wait until all commits are over
 * @drm: of this GPU, to which there will be no more
 *
 * Context: may sleep.
 * Return: 0; -EBUSY if a commit still waits for a fence after some seconds.
 */
int vprime_commit_settle(struct drm_device *drm)
{
	struct drm_crtc *crtc;

	drm_for_each_crtc(crtc, drm) {
		struct drm_crtc_commit *commit = last_commit(crtc);
		unsigned long left = 1;

		if (commit) {
			left = wait_for_completion_timeout(&commit->cleanup_done, SETTLE_TIMEOUT);
			drm_crtc_commit_put(commit);
		}
		if (!left) {
			drm_info(drm, "%s still waits for a fence\n", crtc->name);
			return -EBUSY;
		}
	}
	return 0;
}

/**
 * vprime_commit_init - prepare for commits, once for all GPUs
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_commit_init(void)
{
	commit_wq = alloc_workqueue("vprime-commit", WQ_UNBOUND | WQ_HIGHPRI, 0);
	return commit_wq ? 0 : -ENOMEM;
}

/**
 * vprime_commit_fini - the counterpart of vprime_commit_init()
 *
 * Context: may sleep. There are no GPUs any more; commits that took their time end now.
 */
void vprime_commit_fini(void)
{
	destroy_workqueue(commit_wq);
}
