// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_flip.h"

#include <linux/ktime.h>
#include <linux/spinlock.h>

#include <drm/drm_device.h>
#include <drm/drm_vblank.h>

#include "vprime_crtc.h"
#include "vprime_frame.h"
#include "vprime_gpu.h"

/**
 * DOC: How frames follow each other
 *
 * A commit queues a frame. It comes on the screen at the next vblank, whose time and number the
 * commit's event tells; unless it is not due yet, or those who look at the screen have not seen
 * what is there. Frames that have been on the screen are released by those who may sleep.
 */

static void retire(struct vprime_crtc *vcrtc, struct vprime_frame *frame)
{
	if (frame && vprime_watch_retire(vcrtc, frame))
		list_add_tail(&frame->link, &vcrtc->gone);
}

/* The next frame will not wait any more: tell so. */
static void next_is_over(struct vprime_crtc *vcrtc)
{
	vcrtc->next = NULL;
	vprime_vblank_set_flip(&vcrtc->vblank, false);
	if (vcrtc->event)
		drm_crtc_send_vblank_event(&vcrtc->base, vcrtc->event);
	vcrtc->event = NULL;
	drm_crtc_vblank_put(&vcrtc->base);
}

/* The first vblank that shows it has number @count. */
static void flip(struct vprime_crtc *vcrtc, u32 count)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	vprime_watch_switch(vcrtc, count);
	retire(vcrtc, vcrtc->frame);
	vcrtc->frame = vcrtc->next;
	vcrtc->frame->shown = ktime_get();
	next_is_over(vcrtc);
}

/* Whether the next frame may come on the screen at a time, which may be over. */
static bool flip_is_due(const struct vprime_crtc *vcrtc, ktime_t at)
{
	const struct vprime_frame *next = vcrtc->next;

	return next && at >= next->not_before && !vprime_watch_holds(vcrtc, ktime_get());
}

/* DRM has let two commits go at once only if the first has been given up. */
static void drop_next(struct vprime_crtc *vcrtc)
{
	if (!vcrtc->next)
		return;
	retire(vcrtc, vcrtc->next);
	next_is_over(vcrtc);
}

/**
 * vprime_flip_queue - show a frame
 * @vcrtc: on this screen, which is on
 * @frame: is the screen's from now on
 * @event: to be sent when it is there, or NULL
 *
 * Context: may not fail.
 */
void vprime_flip_queue(struct vprime_crtc *vcrtc, struct vprime_frame *frame,
		       struct drm_pending_vblank_event *event)
{
	struct drm_crtc *crtc = &vcrtc->base;
	u32 late_ms = READ_ONCE(to_vprime_gpu(crtc->dev)->faults.late_flip_ms);

	frame->not_before = ktime_add_ms(ktime_get(), late_ms);

	spin_lock_irq(&crtc->dev->event_lock);
	drop_next(vcrtc);
	/* Cannot fail while the screen is on. */
	WARN_ON_ONCE(drm_crtc_vblank_get(crtc));
	vcrtc->next = frame;
	vcrtc->event = event;
	if (frame->at_once && flip_is_due(vcrtc, ktime_get()))
		flip(vcrtc, drm_crtc_vblank_count(crtc) + 1);
	else
		vprime_vblank_set_flip(&vcrtc->vblank, true);
	spin_unlock_irq(&crtc->dev->event_lock);
}

/**
 * vprime_flip_vblank - the screen is at a vblank
 * @vcrtc: which
 *
 * Context: interrupt. DRM knows of the vblank.
 */
void vprime_flip_vblank(struct vprime_crtc *vcrtc)
{
	struct drm_crtc *crtc = &vcrtc->base;
	unsigned long flags;
	ktime_t time;
	u32 count;

	spin_lock_irqsave(&crtc->dev->event_lock, flags);
	/* The timer may be late: a frame that has come since belongs to the next vblank. */
	count = drm_crtc_vblank_count_and_time(crtc, &time);
	if (flip_is_due(vcrtc, time))
		flip(vcrtc, count);
	vprime_watch_look(vcrtc, count);
	spin_unlock_irqrestore(&crtc->dev->event_lock, flags);
}

/**
 * vprime_flip_at_once - nobody reads the frame on the screen any more
 * @vcrtc: which screen; a flip that does not wait for a vblank has waited for this
 *
 * Context: process.
 */
void vprime_flip_at_once(struct vprime_crtc *vcrtc)
{
	struct drm_crtc *crtc = &vcrtc->base;

	spin_lock_irq(&crtc->dev->event_lock);
	if (flip_is_due(vcrtc, ktime_get()) && vcrtc->next->at_once)
		flip(vcrtc, drm_crtc_vblank_count(crtc) + 1);
	spin_unlock_irq(&crtc->dev->event_lock);
}

/**
 * vprime_flip_hurry - a flip that is late on purpose need not be any more
 * @vcrtc: on which screen
 *
 * Context: any.
 */
void vprime_flip_hurry(struct vprime_crtc *vcrtc)
{
	unsigned long flags;

	spin_lock_irqsave(&vcrtc->base.dev->event_lock, flags);
	if (vcrtc->next)
		vcrtc->next->not_before = 0;
	spin_unlock_irqrestore(&vcrtc->base.dev->event_lock, flags);
}

/**
 * vprime_flip_cancel - the screen goes off
 * @vcrtc: its vblanks have been stopped; its frames are due for vprime_flip_release()
 *
 * Context: process.
 */
void vprime_flip_cancel(struct vprime_crtc *vcrtc)
{
	spin_lock_irq(&vcrtc->base.dev->event_lock);
	drop_next(vcrtc);
	retire(vcrtc, vcrtc->frame);
	vcrtc->frame = NULL;
	vcrtc->cursor.stale = true;
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
}

/**
 * vprime_flip_release - let go of frames that have been on the screen
 * @vcrtc: which
 *
 * Context: may sleep.
 */
void vprime_flip_release(struct vprime_crtc *vcrtc)
{
	struct vprime_frame *frame, *next;
	LIST_HEAD(gone);

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	list_splice_init(&vcrtc->gone, &gone);
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	list_for_each_entry_safe(frame, next, &gone, link)
		vprime_frame_put(frame);
}

/**
 * vprime_flip_get_frame - what is on the screen?
 * @vcrtc: which
 *
 * Return: the frame, to be given to vprime_frame_put(); NULL if the screen is off.
 */
struct vprime_frame *vprime_flip_get_frame(struct vprime_crtc *vcrtc)
{
	struct vprime_frame *frame;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	frame = vcrtc->frame ? vprime_frame_get(vcrtc->frame) : NULL;
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	return frame;
}
