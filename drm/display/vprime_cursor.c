// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_cursor.h"

#include <linux/completion.h>
#include <linux/dma-fence.h>
#include <linux/errno.h>
#include <linux/minmax.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_device.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_managed.h>
#include <drm/drm_plane.h>
#include <drm/drm_print.h>

#include "vprime_crtc.h"
#include "vprime_gpu.h"

/**
 * DOC: A cursor of old
 *
 * Window systems of old tell each step of the mouse, and each new picture of it, by a call of its
 * own, hundreds of them in a second. They do not want to wait for the commits of the rest, so what
 * they change is put into the frames that are there already.
 *
 * A step that changes nothing but the place does without DRM's atomic state as well: all that a
 * commit would check has been checked when the cursor came, and it would take many times as long.
 * Another picture has to be pinned and has fences to wait for: that is DRM's asynchronous update.
 * Everything else is a commit.
 *
 * DRM waits for no fence before an asynchronous update, and the program is not to wait either. So a
 * picture that is still being drawn waits beside the frames; the one before is shown, and moves,
 * until the fence has signalled. A later picture, or a commit that shows the plane in another way,
 * takes the place of one that waits.
 *
 * Where a hypervisor draws the cursor, it wants to know which of its pixels points at things: the
 * hot-spot. A GPU can be made that asks for it as well (cursor_hotspot in configfs). It draws the
 * cursor like any other, and lets tests see what it was told. DRM itself copies what the
 * legacy cursor ioctl says of it into the current state.
 *
 * Tested by igt-tests/kms_overload.c, kms_scanout_fence.c and kms_hotspot.c, and upstream's
 * kms_cursor_legacy; measured by bench/display.
 */

static void put_fb(struct drm_framebuffer *fb)
{
	if (fb)
		drm_framebuffer_put(fb);
}

static void cursor_show(struct vprime_crtc *vcrtc, const struct vprime_frame_layer *layer)
{
	struct drm_framebuffer *shown, *queued;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	shown = vprime_frame_update_layer(vcrtc->frame, layer);
	queued = vprime_frame_update_layer(vcrtc->next, layer);
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	put_fb(shown);
	put_fb(queued);
}

/* Takes out what waits, together with its references, which cursor_put_wait() gives back. */
static void cursor_take_wait(struct vprime_crtc *vcrtc, struct vprime_cursor_wait *taken)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	taken->fence = vcrtc->cursor.fence;
	taken->layer = vcrtc->cursor.layer;
	taken->stale = vcrtc->cursor.stale;
	vcrtc->cursor.fence = NULL;
}

static void cursor_put_wait(struct vprime_cursor_wait *taken)
{
	if (!taken->fence)
		return;
	dma_fence_put(taken->fence);
	drm_framebuffer_put(taken->layer.fb);
}

static void cursor_forget_wait(struct vprime_crtc *vcrtc)
{
	struct vprime_cursor_wait taken;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	cursor_take_wait(vcrtc, &taken);
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	if (taken.fence)
		dma_fence_remove_callback(taken.fence, &vcrtc->cursor.cb);
	cursor_put_wait(&taken);
}

/* A fence that was waited for before may have woken it: then another one waits by now, or none. */
static void cursor_work(struct work_struct *work)
{
	struct vprime_crtc *vcrtc = container_of(work, struct vprime_crtc, cursor.work);
	struct drm_framebuffer *shown = NULL, *queued = NULL;
	struct vprime_cursor_wait taken = { };

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	if (vcrtc->cursor.fence &&
	    test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &vcrtc->cursor.fence->flags))
		cursor_take_wait(vcrtc, &taken);
	if (taken.fence && !taken.stale) {
		shown = vprime_frame_update_layer(vcrtc->frame, &taken.layer);
		queued = vprime_frame_update_layer(vcrtc->next, &taken.layer);
	}
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	put_fb(shown);
	put_fb(queued);
	cursor_put_wait(&taken);
}

static void cursor_wake(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	struct vprime_crtc *vcrtc = container_of(cb, struct vprime_crtc, cursor.cb);

	queue_work(to_vprime_gpu(vcrtc->base.dev)->watchers, &vcrtc->cursor.work);
}

/* Returns false if there is nothing to wait for. */
static bool cursor_wait(struct vprime_crtc *vcrtc, const struct vprime_frame_layer *layer,
			struct dma_fence *fence)
{
	struct vprime_cursor_wait *wait = &vcrtc->cursor;

	if (!fence || dma_fence_is_signaled(fence))
		return false;
	spin_lock_irq(&vcrtc->base.dev->event_lock);
	drm_framebuffer_get(layer->fb);
	wait->layer = *layer;
	wait->stale = false;
	wait->fence = dma_fence_get(fence);
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	if (!dma_fence_add_callback(fence, &wait->cb, cursor_wake))
		return true;
	cursor_forget_wait(vcrtc);
	return false;
}

/* Returns false if no picture waits. */
static bool cursor_move_wait(struct vprime_crtc *vcrtc, const struct drm_plane_state *now)
{
	struct vprime_cursor_wait *wait = &vcrtc->cursor;
	bool waits;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	waits = wait->fence && !wait->stale;
	if (waits) {
		wait->layer.layer.src = now->src;
		wait->layer.layer.dst = now->dst;
		vprime_frame_move_layer(vcrtc->frame, &wait->layer);
		vprime_frame_move_layer(vcrtc->next, &wait->layer);
	}
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	return waits;
}

/* What both ways change of a state that is in force. */
static void cursor_take_place(struct drm_plane_state *now, const struct drm_plane_state *wanted)
{
	now->crtc_x = wanted->crtc_x;
	now->crtc_y = wanted->crtc_y;
	now->src = wanted->src;
	now->dst = wanted->dst;
}

/* Shows the picture of a state that is in force, once it has been drawn. */
static void cursor_show_state(const struct drm_plane_state *now, struct dma_fence *fence)
{
	struct vprime_crtc *vcrtc = to_vprime_crtc(now->crtc);
	struct vprime_frame_layer layer;

	vprime_frame_layer_fill(&layer, now);
	cursor_forget_wait(vcrtc);
	if (!cursor_wait(vcrtc, &layer, fence))
		cursor_show(vcrtc, &layer);
	drm_framebuffer_put(layer.fb);
}

/**
 * vprime_cursor_commit - a commit shows planes in another way
 * @vcrtc: on this screen
 * @state: the commit, whose frame has been filled in
 *
 * Context: the event lock of the device is held.
 */
void vprime_cursor_commit(struct vprime_crtc *vcrtc, struct drm_atomic_state *state)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	if (vcrtc->cursor.fence &&
	    drm_atomic_get_new_plane_state(state, vcrtc->cursor.layer.plane))
		vcrtc->cursor.stale = true;
}

static void cursor_fini(struct drm_device *drm, void *data)
{
	struct vprime_crtc *vcrtc = data;

	cursor_forget_wait(vcrtc);
	cancel_work_sync(&vcrtc->cursor.work);
}

/**
 * vprime_cursor_init - no picture of a cursor waits
 * @vcrtc: on this screen
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_cursor_init(struct vprime_crtc *vcrtc)
{
	INIT_WORK(&vcrtc->cursor.work, cursor_work);
	return drmm_add_action(vcrtc->base.dev, cursor_fini, vcrtc);
}

/**
 * vprime_cursor_atomic_async_check - may a plane go past commits?
 * @plane: the plane
 * @state: what is wanted of it
 *
 * Context: the locks of the plane and of the CRTC are held.
 * Return: 0; -EINVAL if it is not seen now, or would not be: then it is in no frame that could be
 * changed; -EBUSY if such a frame is going to be written back as it is.
 */
int vprime_cursor_atomic_async_check(struct drm_plane *plane, struct drm_atomic_state *state)
{
	const struct drm_plane_state *wanted = drm_atomic_get_new_plane_state(state, plane);

	if (!wanted->visible || !plane->state->visible)
		return -EINVAL;
	return vprime_watch_is_writing(to_vprime_crtc(wanted->crtc)) ? -EBUSY : 0;
}

/**
 * vprime_cursor_atomic_async_update - let a plane go past commits
 * @plane: the plane
 * @state: what is wanted of it; gets the framebuffer that DRM has to unpin
 *
 * Context: may sleep. The locks of the plane and of the CRTC are held.
 */
void vprime_cursor_atomic_async_update(struct drm_plane *plane, struct drm_atomic_state *state)
{
	struct drm_plane_state *wanted = drm_atomic_get_new_plane_state(state, plane);
	struct drm_plane_state *now = plane->state;

	now->crtc_w = wanted->crtc_w;
	now->crtc_h = wanted->crtc_h;
	now->src_x = wanted->src_x;
	now->src_y = wanted->src_y;
	now->src_w = wanted->src_w;
	now->src_h = wanted->src_h;
	/* The frames hold on to what they show. */
	swap(now->fb, wanted->fb);
	cursor_take_place(now, wanted);
	cursor_show_state(now, wanted->fence);
}

/**
 * vprime_cursor_atomic_print_state - show what debugfs shows of a cursor only
 * @p: the file state in DRM's debugfs folder
 * @state: of the plane
 *
 * Context: the lock of the plane is held.
 */
void vprime_cursor_atomic_print_state(struct drm_printer *p, const struct drm_plane_state *state)
{
	if (state->plane->hotspot_x_property)
		drm_printf(p, "\thotspot=%d,%d\n", state->hotspot_x, state->hotspot_y);
}

/* What the plane was told before, and is told again. */
static bool cursor_stays_the_same(const struct drm_plane_state *now,
				  const struct drm_plane_state *wanted)
{
	return now->crtc == wanted->crtc && now->fb == wanted->fb &&
	       now->crtc_w == wanted->crtc_w && now->crtc_h == wanted->crtc_h &&
	       now->src_x == wanted->src_x && now->src_y == wanted->src_y &&
	       now->src_w == wanted->src_w && now->src_h == wanted->src_h;
}

/* Until a commit has reached the screen, it reads the state that a move would change. */
static bool cursor_is_settled(const struct drm_plane_state *now)
{
	return !now->commit || completion_done(&now->commit->hw_done);
}

static bool cursor_can_move(const struct drm_plane_state *now, struct drm_plane_state *wanted)
{
	if (!now->visible || !cursor_stays_the_same(now, wanted) || !cursor_is_settled(now))
		return false;
	return !drm_atomic_helper_check_plane_state(wanted, wanted->crtc->state,
						    DRM_PLANE_NO_SCALING, DRM_PLANE_NO_SCALING,
						    true, true) && wanted->visible;
}

/**
 * vprime_cursor_update_plane - do what a call of old wants of a cursor plane
 * @plane: the plane
 * @crtc: to be seen on that screen
 * @fb: with that picture
 * @x: there, as the rest in pixels
 * @y: there
 * @width: so wide
 * @height: so high
 * @left: of the part of the picture that is shown, as the rest in 16.16 fixed point
 * @top: of that part
 * @part_width: of that part
 * @part_height: of that part
 * @locks: for a commit
 *
 * Context: may sleep and allocate. The locks of the plane and of the CRTC are held.
 * Return: 0, or what a commit returns.
 */
int vprime_cursor_update_plane(struct drm_plane *plane, struct drm_crtc *crtc,
			       struct drm_framebuffer *fb, int x, int y, unsigned int width,
			       unsigned int height, u32 left, u32 top, u32 part_width,
			       u32 part_height, struct drm_modeset_acquire_ctx *locks)
{
	struct drm_plane_state wanted = *plane->state;

	wanted.crtc = crtc;
	wanted.fb = fb;
	wanted.crtc_x = x;
	wanted.crtc_y = y;
	wanted.crtc_w = width;
	wanted.crtc_h = height;
	wanted.src_x = left;
	wanted.src_y = top;
	wanted.src_w = part_width;
	wanted.src_h = part_height;
	if (!cursor_can_move(plane->state, &wanted))
		return drm_atomic_helper_update_plane(plane, crtc, fb, x, y, width, height, left,
						      top, part_width, part_height, locks);
	cursor_take_place(plane->state, &wanted);
	if (!cursor_move_wait(to_vprime_crtc(crtc), plane->state))
		cursor_show_state(plane->state, NULL);
	return 0;
}
