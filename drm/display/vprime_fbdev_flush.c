// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/visibility.h>

#include <linux/console.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <drm/drm_client.h>
#include <drm/drm_connector.h>
#include <drm/drm_crtc.h>
#include <drm/drm_drv.h>
#include <drm/drm_fb_helper.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_modeset_lock.h>
#include <drm/drm_print.h>

#include "vprime_console.h"
#include "vprime_gpu.h"

/**
 * DOC: From what is drawn to what is seen
 *
 * A console is drawn in its shadow, in any context and as fast as that is. What was drawn is only
 * noted there, and copied to the console's picture by work, at most once for a frame: a screen
 * would not show more, and text that scrolls by costs the program that prints it nothing.
 *
 * No flip follows. Who looks at a screen reads the picture at each vblank, as hardware does, so
 * what is written shows without one.
 *
 * As this work is all that uses the picture, it is also where the picture is given up for another
 * one: when the GPU in whose memory it is goes away.
 *
 * The work takes, one after the other and none inside of the other: the dma-resv lock of the
 * picture; and for another picture first the console lock, in it the helper's lock, in that the
 * client's and the modeset locks. It is frozen with user space, so that none is under way while
 * GPUs are suspended with the system.
 */

#define FRAME_MS	16
#define RETRY_MS	1000

static bool rect_is_empty(const struct drm_rect *rect)
{
	return !drm_rect_visible(rect);
}

static void rect_add(struct drm_rect *rect, const struct drm_rect *other)
{
	if (rect_is_empty(rect)) {
		*rect = *other;
		return;
	}
	rect->x1 = min(rect->x1, other->x1);
	rect->y1 = min(rect->y1, other->y1);
	rect->x2 = max(rect->x2, other->x2);
	rect->y2 = max(rect->y2, other->y2);
}

static void damage_add(struct vprime_console *console, const struct drm_rect *rect)
{
	unsigned long flags;

	spin_lock_irqsave(&console->damage_lock, flags);
	rect_add(&console->damage, rect);
	spin_unlock_irqrestore(&console->damage_lock, flags);
}

static struct drm_rect damage_take(struct vprime_console *console)
{
	struct drm_rect damage;
	unsigned long flags;

	spin_lock_irqsave(&console->damage_lock, flags);
	damage = console->damage;
	console->damage = (struct drm_rect) { };
	spin_unlock_irqrestore(&console->damage_lock, flags);
	return damage;
}

static struct drm_rect fb_rect(const struct drm_framebuffer *fb)
{
	return DRM_RECT_INIT(0, 0, fb->width, fb->height);
}

static unsigned long jiffies_to_next_frame(const struct vprime_console *console)
{
	unsigned long next = READ_ONCE(console->flushed) + msecs_to_jiffies(FRAME_MS);

	return time_before(jiffies, next) ? next - jiffies : 0;
}

/**
 * vprime_console_damage - something was drawn
 * @console: where
 * @rect: in which part of it
 *
 * Context: any.
 */
void vprime_console_damage(struct vprime_console *console, const struct drm_rect *rect)
{
	/* A machine that dies must not wait for a lock that somebody holds who will not go on. */
	if (oops_in_progress)
		return;
	damage_add(console, rect);
	queue_delayed_work(console->wq, &console->flush, jiffies_to_next_frame(console));
}
EXPORT_SYMBOL_IF_KUNIT(vprime_console_damage);

/**
 * vprime_console_kick - do now what is left to do
 * @console: which
 *
 * Context: any.
 */
void vprime_console_kick(struct vprime_console *console)
{
	mod_delayed_work(console->wq, &console->flush, 0);
}

/**
 * vprime_console_settle - wait until all that was drawn is in the picture
 * @console: which
 *
 * Context: may sleep. None of the locks is held that a flush takes.
 */
void vprime_console_settle(struct vprime_console *console)
{
	vprime_console_kick(console);
	flush_delayed_work(&console->flush);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_console_settle);

/* The console lock keeps those out who ask for the size of the picture. */
static void change_fb(struct drm_fb_helper *helper, struct drm_framebuffer *from,
		      struct drm_framebuffer *to)
{
	struct drm_mode_set *modeset;

	console_lock();
	mutex_lock(&helper->lock);
	mutex_lock(&helper->client.modeset_mutex);
	helper->fb = to;
	drm_client_for_each_modeset(modeset, &helper->client) {
		if (modeset->fb == from)
			modeset->fb = to;
	}
	mutex_unlock(&helper->client.modeset_mutex);
	mutex_unlock(&helper->lock);
	console_unlock();
	strscpy(to->comm, from->comm);
}

/* How a screen shows a picture, blanked or not; -ENOENT if none does. */
static int dpms_of_fb(struct drm_device *drm, const struct drm_framebuffer *fb)
{
	struct drm_crtc *crtc;
	int mode = -ENOENT;

	drm_modeset_lock_all(drm);
	drm_for_each_crtc(crtc, drm) {
		if (crtc->primary->state->fb == fb && mode != DRM_MODE_DPMS_ON)
			mode = crtc->state->active ? DRM_MODE_DPMS_ON : DRM_MODE_DPMS_OFF;
	}
	drm_modeset_unlock_all(drm);
	return mode;
}

/* Where one picture was shown, another is. A program that has the screen gives it back to that. */
static void show_instead(struct drm_fb_helper *helper, const struct drm_framebuffer *from)
{
	int mode = dpms_of_fb(helper->dev, from), ret;

	if (mode < 0)
		return;
	mutex_lock(&helper->lock);
	ret = drm_client_modeset_dpms(&helper->client, mode);
	mutex_unlock(&helper->lock);
	if (ret && ret != -EBUSY)
		drm_err(helper->dev, "console: cannot be shown from its new memory: %pe\n",
			ERR_PTR(ret));
}

static int write_damage(struct vprime_console *console)
{
	struct drm_rect damage = damage_take(console);
	int ret;

	if (rect_is_empty(&damage))
		return 0;
	ret = vprime_console_fb_write(console->fb, console->shadow, &damage);
	if (ret)
		damage_add(console, &damage);
	return ret;
}

/* The shadow has all of the text. The new picture is complete before anybody sees it. */
static int fall_back(struct vprime_console *console)
{
	struct drm_framebuffer *from = console->fb, *to;
	struct drm_rect all = fb_rect(from);
	int ret;

	vprime_console_move_home(console);
	to = vprime_console_fb_create(console, from->width, from->height);
	if (IS_ERR(to))
		return PTR_ERR(to);
	ret = vprime_console_fb_write(to, console->shadow, &all);
	if (ret) {
		drm_framebuffer_put(to);
		return ret;
	}

	console->fb = to;
	WRITE_ONCE(console->lost, false);
	change_fb(console->helper, from, to);
	show_instead(console->helper, from);
	drm_framebuffer_put(from);
	drm_warn(&console->gpu->drm, "console: goes on in memory of its own GPU\n");
	return 0;
}

static int flush(struct vprime_console *console)
{
	int ret = 0;

	/* Before, so that what is drawn meanwhile waits for the next frame, and after. */
	WRITE_ONCE(console->flushed, jiffies);
	if (READ_ONCE(console->lost))
		ret = fall_back(console);
	if (!ret)
		ret = write_damage(console);
	WRITE_ONCE(console->flushed, jiffies);
	return ret;
}

static void console_flush_work(struct work_struct *work)
{
	struct vprime_console *console = container_of(work, struct vprime_console, flush.work);
	struct drm_device *drm = &console->gpu->drm;
	int ret;

	/*
	 * Resuming flushes a console that is suspended, and one that is gone needs no flush. An
	 * unplug, of this or any other GPU, does not wait for the locks that a flush takes.
	 */
	if (vprime_console_is_asleep(console) || drm_dev_is_unplugged(drm))
		return;
	ret = flush(console);
	if (!ret)
		return;
	dev_warn_ratelimited(drm->dev, "console: text is not on the screen yet: %pe\n",
			     ERR_PTR(ret));
	queue_delayed_work(console->wq, &console->flush, msecs_to_jiffies(RETRY_MS));
}

/**
 * vprime_console_damage_all - nothing of what was drawn is seen yet
 * @console: has a picture
 *
 * Context: any.
 */
void vprime_console_damage_all(struct vprime_console *console)
{
	struct drm_rect all = fb_rect(console->fb);

	vprime_console_damage(console, &all);
}

/**
 * vprime_console_flush_init - prepare for flushes
 * @console: nothing is flushed until enable_delayed_work() is called on its work
 *
 * Context: any.
 */
void vprime_console_flush_init(struct vprime_console *console)
{
	spin_lock_init(&console->damage_lock);
	INIT_DELAYED_WORK(&console->flush, console_flush_work);
	disable_delayed_work(&console->flush);
}
