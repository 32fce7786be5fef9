// SPDX-License-Identifier: GPL-2.0-only

#include "vprime_kunit_console.h"

#include <kunit/test.h>

#include <linux/console.h>
#include <linux/dma-resv.h>
#include <linux/iopoll.h>
#include <linux/iosys-map.h>
#include <linux/time64.h>
#include <linux/workqueue.h>

#include <drm/drm_framebuffer.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_framebuffer_helper.h>

#include "../display/vprime_console.h"
#include "../vprime_map.h"

void vprime_kunit_undisturbed_begin(void)
{
	console_lock();
}

void vprime_kunit_undisturbed_end(void)
{
	console_unlock();
}

struct drm_rect vprime_kunit_console_rect(const struct vprime_console *console)
{
	return DRM_RECT_INIT(0, 0, console->fb->width, console->fb->height);
}

static u32 *shadow_line(const struct vprime_console *console, u32 y)
{
	return console->shadow + y * console->fb->pitches[0];
}

static u32 pixel(u32 seed, u32 x, u32 y)
{
	return seed + x * 7 + y * 0x10001;
}

void vprime_kunit_scribble(struct vprime_console *console, u32 seed, const struct drm_rect *rect)
{
	int x, y;

	for (y = rect->y1; y < rect->y2; y++)
		for (x = rect->x1; x < rect->x2; x++)
			shadow_line(console, y)[x] = pixel(seed, x, y);
}

void vprime_kunit_draw(struct vprime_console *console, u32 seed)
{
	struct drm_rect all = vprime_kunit_console_rect(console);

	vprime_kunit_scribble(console, seed, &all);
	vprime_console_damage(console, &all);
}

/* How many pixels of a part are not what was scribbled there. */
static u32 count_wrong(struct vprime_console *console, u32 seed, const struct drm_rect *rect,
		       struct iosys_map *map)
{
	u32 wrong = 0;
	int x, y;

	for (y = rect->y1; y < rect->y2; y++) {
		const u32 *line = map->vaddr + y * console->fb->pitches[0];

		for (x = rect->x1; x < rect->x2; x++)
			wrong += line[x] != pixel(seed, x, y);
	}
	return wrong;
}

void vprime_kunit_expect_part_seen(struct kunit *test, struct vprime_console *console, u32 seed,
				   const struct drm_rect *rect)
{
	struct drm_gem_object *obj = console->fb->obj[0];
	struct iosys_map map;

	KUNIT_EXPECT_EQ(test, drm_gem_fb_begin_cpu_access(console->fb, DMA_FROM_DEVICE), 0);
	dma_resv_lock(obj->resv, NULL);
	KUNIT_EXPECT_EQ(test, vprime_gem_vmap(obj, &map), 0);
	KUNIT_EXPECT_EQ(test, count_wrong(console, seed, rect, &map), 0);
	vprime_gem_vunmap(obj, &map);
	dma_resv_unlock(obj->resv);
	drm_gem_fb_end_cpu_access(console->fb, DMA_FROM_DEVICE);
}

void vprime_kunit_expect_seen(struct kunit *test, struct vprime_console *console, u32 seed)
{
	struct drm_rect all = vprime_kunit_console_rect(console);

	vprime_kunit_expect_part_seen(test, console, seed, &all);
}

void vprime_kunit_settle(struct kunit *test, struct vprime_console *console)
{
	unsigned int busy;

	mod_delayed_work(console->wq, &console->flush, 0);
	KUNIT_EXPECT_EQ(test, read_poll_timeout(work_busy, busy, !busy, USEC_PER_MSEC,
						60 * USEC_PER_SEC, false, &console->flush.work), 0);
}

void vprime_kunit_draw_and_see(struct kunit *test, struct vprime_console *console, u32 seed)
{
	vprime_kunit_undisturbed_begin();
	vprime_kunit_draw(console, seed);
	vprime_kunit_settle(test, console);
	vprime_kunit_expect_seen(test, console, seed);
	vprime_kunit_undisturbed_end();
}
