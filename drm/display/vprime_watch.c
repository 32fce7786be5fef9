// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_watch.h"

#include <linux/dma-fence.h>
#include <linux/ktime.h>

#include <drm/drm_debugfs_crc.h>
#include <drm/drm_device.h>
#include <drm/drm_managed.h>
#include <drm/drm_vblank.h>

#include "vprime_compose.h"
#include "vprime_crtc.h"
#include "vprime_flip.h"
#include "vprime_frame.h"
#include "vprime_gpu.h"
#include "vprime_scanout.h"
#include "vprime_writeback.h"

/**
 * DOC: Who looks
 *
 * CRCs of each vblank, and writeback. Two workers make the picture of the frame that was on the
 * screen at a vblank. Making it may well take longer than a frame lasts. Then vblanks go on, the
 * next flip waits, so that each frame is seen, and the vblanks in between get the CRC of the frame
 * that was shown at them.
 *
 * The worker for CRCs takes locks of buffers, whose holders may wait for a flip. So a flip, whose
 * fence others wait for, waits for it for a second at most; then that frame goes unseen.
 *
 * The worker for writeback is waited for by fences itself. It finds all that it needs prepared
 * (vprime_writeback), only computes, and gives the CRC of that frame as well. The flip to the next
 * frame waits until the picture is written, as programs draw on a framebuffer once it has left the
 * screen. It waits for some seconds at most, because DRM gives up waiting for a flip after ten. A
 * picture that has been begun is finished in any case; one that has not been, when its frame leaves
 * the screen, never is.
 *
 * A flip at once waits only while the frame is read. So that there is time for such flips, where
 * they come the worker looks for a quarter of the time at most.
 */

#define PATIENCE_NS NSEC_PER_SEC
#define WRITE_PATIENCE_NS (4ull * NSEC_PER_SEC)
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

/* The CRC of a frame that is going to be written comes with that. */
static struct vprime_frame *watch_begin(struct vprime_crtc *vcrtc, u32 *count)
{
	struct vprime_frame *frame = NULL;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	if (vcrtc->frame && !vcrtc->frame->writeback)
		frame = vprime_frame_get(vcrtc->frame);
	*count = vcrtc->watch.count;
	vcrtc->watch.reads = frame;
	vcrtc->watch.began = ktime_get();
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	return frame;
}

static void frame_is_seen(struct vprime_crtc *vcrtc, struct vprime_frame *frame, u32 count, u32 crc)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	frame->composed = true;
	frame->crc = crc;
	if (vcrtc->watch.crc)
		tell(vcrtc, count, crc);
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
	struct vprime_frame *frame;
	u32 count, crc;

	frame = watch_begin(vcrtc, &count);
	if (!frame)
		return;
	/* Without memory for it there is no picture at this vblank; there may be at the next. */
	if (!vprime_scanout_sum(vcrtc->watch.composer, frame, &crc)) {
		spin_lock_irq(&vcrtc->base.dev->event_lock);
		frame_is_seen(vcrtc, frame, count, crc);
		spin_unlock_irq(&vcrtc->base.dev->event_lock);
	}
	watch_stop_reading(vcrtc);
	vprime_frame_put(frame);
	vprime_flip_release(vcrtc);
}

/* Until write_end() the frame stays as it is, also when it leaves the screen. */
static struct vprime_frame *write_begin(struct vprime_crtc *vcrtc, u32 *count)
{
	struct vprime_frame *frame;

	spin_lock_irq(&vcrtc->base.dev->event_lock);
	frame = vcrtc->frame && vcrtc->frame->writeback ? vcrtc->frame : NULL;
	*count = vcrtc->watch.count;
	vcrtc->watch.writes = frame;
	spin_unlock_irq(&vcrtc->base.dev->event_lock);
	return frame;
}

static void write_end(struct vprime_crtc *vcrtc, struct vprime_frame *frame, u32 count, u32 crc)
{
	struct drm_device *drm = vcrtc->base.dev;

	spin_lock_irq(&drm->event_lock);
	vprime_writeback_end(frame->writeback, 0);
	frame->writeback = NULL;
	vcrtc->watch.writes = NULL;
	if (frame->retired) {
		list_add_tail(&frame->link, &vcrtc->gone);
		queue_work(to_vprime_gpu(drm)->watchers, &vcrtc->watch.release);
	} else {
		frame_is_seen(vcrtc, frame, count, crc);
	}
	spin_unlock_irq(&drm->event_lock);
	vprime_flip_at_once(vcrtc);
}

static void write_work(struct work_struct *work)
{
	struct vprime_crtc *vcrtc = container_of(work, struct vprime_crtc, watch.write_work);
	bool cookie = dma_fence_begin_signalling();
	struct vprime_frame *frame;
	u32 count;

	frame = write_begin(vcrtc, &count);
	if (frame)
		write_end(vcrtc, frame, count, vprime_writeback_run(frame->writeback, frame));
	dma_fence_end_signalling(cookie);
}

static void release_work(struct work_struct *work)
{
	vprime_flip_release(container_of(work, struct vprime_crtc, watch.release));
}

static void watch_fini(struct drm_device *drm, void *data)
{
	struct vprime_crtc *vcrtc = data;

	cancel_work_sync(&vcrtc->watch.work);
	cancel_work_sync(&vcrtc->watch.write_work);
	cancel_work_sync(&vcrtc->watch.release);
	vprime_flip_release(vcrtc);
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
	INIT_WORK(&vcrtc->watch.write_work, write_work);
	INIT_WORK(&vcrtc->watch.release, release_work);
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

/* A flip at once may change the picture in the middle, but nobody draws on what is being read. */
static bool frame_is_needed(const struct vprime_crtc *vcrtc)
{
	const struct vprime_frame *frame = vcrtc->frame;

	if (vcrtc->next && vcrtc->next->at_once)
		return vcrtc->watch.reads == frame;
	return vcrtc->watch.crc && !frame->composed;
}

static ktime_t waits_since(const struct vprime_crtc *vcrtc)
{
	return vcrtc->next && vcrtc->next->at_once ? vcrtc->watch.began : vcrtc->frame->shown;
}

static ktime_t holds_until(const struct vprime_crtc *vcrtc)
{
	if (vcrtc->frame->writeback)
		return ktime_add_ns(vcrtc->frame->shown, WRITE_PATIENCE_NS);
	if (frame_is_needed(vcrtc))
		return ktime_add_ns(waits_since(vcrtc), PATIENCE_NS);
	return 0;
}

/**
 * vprime_watch_holds - has a flip to wait for those who look?
 * @vcrtc: the screen
 * @now: time
 *
 * Context: the event lock is held.
 * Return: true if the frame on the screen has not been written or seen yet, or, for a flip at once,
 * is being written or looked at; and there is time.
 */
bool vprime_watch_holds(const struct vprime_crtc *vcrtc, ktime_t now)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	return vcrtc->frame && now < holds_until(vcrtc);
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

	return vcrtc->frame->at_once && (watch->reads || ktime_get() < watch->rest);
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
	struct vprime_watch *watch = &vcrtc->watch;
	const struct vprime_frame *frame = vcrtc->frame;
	struct work_struct *work;

	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	if (!frame)
		return;
	if (frame->writeback)
		work = &watch->write_work;
	else if (watch->crc && !watch_rests(vcrtc))
		work = &watch->work;
	else
		return;
	watch->count = count;
	queue_work(to_vprime_gpu(vcrtc->base.dev)->watchers, work);
}

/**
 * vprime_watch_retire - a frame is not on the screen any more, or never will be
 * @vcrtc: the screen
 * @frame: the frame
 *
 * Context: the event lock is held.
 * Return: false if it is still being read for a writeback, and will be released after that.
 */
bool vprime_watch_retire(struct vprime_crtc *vcrtc, struct vprime_frame *frame)
{
	lockdep_assert_held(&vcrtc->base.dev->event_lock);

	WRITE_ONCE(frame->retired, true);
	if (vcrtc->watch.writes == frame)
		return false;
	if (frame->writeback)
		vprime_writeback_end(frame->writeback, -ECANCELED);
	frame->writeback = NULL;
	return true;
}

/**
 * vprime_watch_is_writing - is a picture due of what the screen shows, or will show?
 * @vcrtc: the screen
 *
 * Context: process.
 * Return: true if so: the framebuffers of these frames have been prepared and may not be exchanged.
 */
bool vprime_watch_is_writing(struct vprime_crtc *vcrtc)
{
	struct drm_device *drm = vcrtc->base.dev;
	bool writing;

	spin_lock_irq(&drm->event_lock);
	writing = (vcrtc->frame && vcrtc->frame->writeback) ||
		  (vcrtc->next && vcrtc->next->writeback);
	spin_unlock_irq(&drm->event_lock);
	return writing;
}
