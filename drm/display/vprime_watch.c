// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_watch.h"

#include <linux/ktime.h>

#include <drm/drm_debugfs_crc.h>
#include <drm/drm_device.h>
#include <drm/drm_managed.h>
#include <drm/drm_vblank.h>
#include <drm/drm_writeback.h>

#include "vprime_compose.h"
#include "vprime_crtc.h"
#include "vprime_flip.h"
#include "vprime_frame.h"
#include "vprime_gpu.h"
#include "vprime_scanout.h"

/**
 * DOC: Who looks
 *
 * CRCs of each vblank, and writeback. A worker makes the picture of the frame that was on the
 * screen at a vblank. Making it may well take longer than a frame lasts. Then vblanks go on, the
 * next flip waits, so that each frame is seen, and the vblanks in between get the CRC of the frame
 * that was shown at them. As the worker takes locks of buffers, whose holders may wait for a flip,
 * the flip waits for a second at most; then that frame goes unseen.
 *
 * A flip at once waits only while the frame is read. So that there is time for such flips, where
 * they come the worker looks for a quarter of the time at most.
 */

#define PATIENCE_NS NSEC_PER_SEC
/* Times that the worker rests as long as it has looked, where flips come at once. */
#define REST 3
/* As many as DRM keeps for a reader, and more would come after them in vain. */
#define CRCS_MAX 100

/* Vblanks up to a number had a picture with this CRC. */
static void tell(struct vprime_crtc *vcrtc, u32 count, u32 crc)
{
	struct vprime_watch *watch = &vcrtc->watch;

	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	if ((s32)(count - watch->told) > CRCS_MAX)
		watch->told = count - CRCS_MAX;
	while ((s32)(count - watch->told) > 0)
		drm_crtc_add_crc_entry(&vcrtc->base, true, ++watch->told, &crc);
}

static struct vprime_frame *watch_begin(struct vprime_crtc *vcrtc, u32 *count)
{
	struct vprime_frame *frame;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	frame = vcrtc->frame ? vprime_frame_get(vcrtc->frame) : NULL;
	*count = vcrtc->watch.count;
	vcrtc->watch.reads = frame;
	vcrtc->watch.began = ktime_get();
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	return frame;
}

/* Returns the writeback connector that has been waiting for this. */
static struct drm_writeback_connector *watch_end(struct vprime_crtc *vcrtc,
						 struct vprime_frame *frame, u32 count, u32 crc)
{
	struct drm_writeback_connector *writeback = frame->writeback;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	frame->composed = true;
	frame->crc = crc;
	frame->writeback = NULL;
	if (vcrtc->watch.crc)
		tell(vcrtc, count, crc);
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	return writeback;
}

static void watch_stop_reading(struct vprime_crtc *vcrtc)
{
	struct vprime_watch *watch = &vcrtc->watch;
	ktime_t now = ktime_get();

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	watch->reads = NULL;
	watch->rest = ktime_add(now, REST * ktime_sub(now, watch->began));
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	vprime_flip_at_once(vcrtc);
}

static void watch_work(struct work_struct *work)
{
	struct vprime_crtc *vcrtc = container_of(work, struct vprime_crtc, watch.work);
	struct drm_writeback_connector *writeback;
	struct vprime_frame *frame;
	u32 count, crc;

	frame = watch_begin(vcrtc, &count);
	if (!frame)
		return;
	/* Without memory for it there is no picture at this vblank; there may be at the next. */
	if (!vprime_scanout_look(vcrtc->watch.composer, frame,
				 frame->writeback ? &frame->sheet : NULL, &crc)) {
		writeback = watch_end(vcrtc, frame, count, crc);
		if (writeback)
			drm_writeback_signal_completion(writeback, 0);
	}
	watch_stop_reading(vcrtc);
	vprime_frame_put(frame);
	vprime_flip_release(vcrtc);
}

static void watch_fini(struct drm_device *drm, void *data)
{
	struct vprime_crtc *vcrtc = data;

	cancel_work_sync(&vcrtc->watch.work);
	vprime_composer_destroy(vcrtc->watch.composer);
}

/**
 * vprime_watch_init - nobody looks at a screen yet
 * @vcrtc: whose
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_watch_init(struct vprime_crtc *vcrtc)
{
	INIT_WORK(&vcrtc->watch.work, watch_work);
	return drmm_add_action(vcrtc->base.dev, watch_fini, vcrtc);
}

/**
 * vprime_watch_prepare - somebody is going to look
 * @vcrtc: at its screen
 *
 * Context: may sleep and allocate.
 * Return: 0 or -ENOMEM.
 */
int vprime_watch_prepare(struct vprime_crtc *vcrtc)
{
	struct vprime_watch *watch = &vcrtc->watch;
	struct vprime_composer *composer;

	if (READ_ONCE(watch->composer))
		return 0;
	composer = vprime_composer_create(vcrtc->base.dev->mode_config.max_width);
	if (IS_ERR(composer))
		return -ENOMEM;
	/* Another was faster. */
	if (cmpxchg(&watch->composer, NULL, composer))
		vprime_composer_destroy(composer);
	return 0;
}

static void watch_start_crc(struct vprime_crtc *vcrtc, bool crc)
{
	spin_lock_irq(&vcrtc->base.dev->event_lock);
	vcrtc->watch.crc = crc;
	vcrtc->watch.told = drm_crtc_vblank_count(&vcrtc->base);
	if (vcrtc->frame)
		vcrtc->frame->composed = false;
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
}

/**
 * vprime_watch_set_crc - begin or end to look at each vblank
 * @vcrtc: at its screen
 * @crc: begin
 *
 * Context: may sleep and allocate.
 * Return: 0; -ENOMEM; -EINVAL if the screen is off.
 */
int vprime_watch_set_crc(struct vprime_crtc *vcrtc, bool crc)
{
	int ret;

	if (crc == vcrtc->watch.crc)
		return 0;
	if (crc) {
		ret = vprime_watch_prepare(vcrtc) ?: drm_crtc_vblank_get(&vcrtc->base);
		if (ret)
			return ret;
	}
	watch_start_crc(vcrtc, crc);
	if (!crc)
		drm_crtc_vblank_put(&vcrtc->base);
	return 0;
}

static bool frame_is_watched(const struct vprime_crtc *vcrtc)
{
	return vcrtc->watch.crc || vcrtc->frame->writeback;
}

/* A flip at once may change the picture in the middle, but nobody draws on what is being read. */
static bool frame_is_needed(const struct vprime_crtc *vcrtc)
{
	const struct vprime_frame *frame = vcrtc->frame;

	if (vcrtc->next && vcrtc->next->at_once)
		return vcrtc->watch.reads == frame;
	return frame_is_watched(vcrtc) && !frame->composed;
}

static ktime_t waits_since(const struct vprime_crtc *vcrtc)
{
	return vcrtc->next && vcrtc->next->at_once ? vcrtc->watch.began : vcrtc->frame->shown;
}

/**
 * vprime_watch_holds - has a flip to wait for those who look?
 * @vcrtc: the screen
 * @now: time
 *
 * Context: the event lock is held.
 * Return: true if the frame on the screen has not been seen yet, or, for a flip at once, is being
 * looked at; and there is time.
 */
bool vprime_watch_holds(const struct vprime_crtc *vcrtc, ktime_t now)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	return vcrtc->frame && frame_is_needed(vcrtc) &&
	       now < ktime_add_ns(waits_since(vcrtc), PATIENCE_NS);
}

/**
 * vprime_watch_switch - the frame on the screen is about to change
 * @vcrtc: the screen, with the old frame
 * @count: number of the first vblank with the new one
 *
 * Context: the event lock is held.
 */
void vprime_watch_switch(struct vprime_crtc *vcrtc, u32 count)
{
	const struct vprime_frame *frame = vcrtc->frame;

	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	if (!vcrtc->watch.crc)
		return;
	if (frame && frame->composed)
		tell(vcrtc, count - 1, frame->crc);
	/* Nobody knows what was seen at those that are missing now; if it tears, any will do. */
	if (!vcrtc->next->at_once && (s32)(count - 1 - vcrtc->watch.told) > 0)
		vcrtc->watch.told = count - 1;
}

/* No flip can come at once while a frame is read: that may not be all of the time. */
static bool watch_rests(const struct vprime_crtc *vcrtc)
{
	const struct vprime_watch *watch = &vcrtc->watch;

	return vcrtc->frame->at_once && !vcrtc->frame->writeback &&
	       (watch->reads || ktime_get() < watch->rest);
}

/**
 * vprime_watch_look - there is something to see
 * @vcrtc: the screen
 * @count: number of the vblank
 *
 * Context: the event lock is held.
 */
void vprime_watch_look(struct vprime_crtc *vcrtc, u32 count)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	if (!vcrtc->frame || !frame_is_watched(vcrtc) || watch_rests(vcrtc))
		return;
	vcrtc->watch.count = count;
	queue_work(to_vprime_gpu(vcrtc->base.dev)->watchers, &vcrtc->watch.work);
}
