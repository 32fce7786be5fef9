/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A console, as the rooms that it is made in see it: vprime_fbdev.c, where it is put together,
 * vprime_fbdev_flush.c and vprime_fbdev_memory.c, through which it becomes a picture, and
 * vprime_fbdev_peer.c, which knows whose memory that picture is in.
 */
#ifndef _VPRIME_CONSOLE_H_
#define _VPRIME_CONSOLE_H_

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <drm/drm_rect.h>

struct drm_fb_helper;
struct drm_framebuffer;
struct vprime_gpu;

/**
 * struct vprime_console - the console of a GPU
 *
 * Constant:
 * @gpu: whose, with a reference
 * @helper: what DRM knows of it; not to be used once @flush has been disabled for good
 * @shadow: where it is drawn; what a program that maps it sees
 * @wq: runs @flush
 *
 * Atomic:
 * @refs: references
 * @lost: the GPU whose memory @fb is in goes away
 *
 * @damage_lock: protects what follows. Taken where the console is drawn, in any context
 * @damage: what of @shadow is not in @fb yet
 *
 * Written only while @flush is disabled, or by it:
 * @fb: the picture
 * @flushed: when @fb was last written to, in jiffies
 *
 * @flush: writes what is drawn to @fb
 *
 * Under the lock of vprime_fbdev_peer.c:
 * @link: in the list of all consoles
 * @peer: the GPU whose memory @fb is in, with a reference; NULL if that is @gpu
 */
struct vprime_console {
	struct vprime_gpu *gpu;
	struct drm_fb_helper *helper;
	void *shadow;
	struct workqueue_struct *wq;

	struct kref refs;
	bool lost;

	spinlock_t damage_lock; /* protects @damage */
	struct drm_rect damage;

	struct drm_framebuffer *fb;
	unsigned long flushed;

	struct delayed_work flush;

	struct list_head link;
	struct vprime_gpu *peer;
};

/* vprime_fbdev_flush.c */
void vprime_console_flush_init(struct vprime_console *console);
void vprime_console_damage(struct vprime_console *console, const struct drm_rect *rect);
void vprime_console_damage_all(struct vprime_console *console);
void vprime_console_kick(struct vprime_console *console);
void vprime_console_settle(struct vprime_console *console);

/* vprime_fbdev_memory.c */
struct drm_framebuffer *vprime_console_fb_create(struct vprime_console *console, u32 width,
						 u32 height);
int vprime_console_fb_write(struct drm_framebuffer *fb, const void *shadow,
			    const struct drm_rect *rect);
u32 vprime_console_pitch(u32 width);

/* vprime_fbdev_peer.c */
void vprime_fbdev_add_peer(struct vprime_gpu *gpu);
void vprime_console_get(struct vprime_console *console);
void vprime_console_put(struct vprime_console *console);
int vprime_console_move_in(struct vprime_console *console, const char *peer);
void vprime_console_move_home(struct vprime_console *console);
void vprime_console_add(struct vprime_console *console);
void vprime_console_remove(struct vprime_console *console);
bool vprime_console_is_asleep(struct vprime_console *console);

#endif
