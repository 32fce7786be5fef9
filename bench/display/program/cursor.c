// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves of a cursor by the ioctl that window systems without atomic commits use, one after the
 * other: on a screen at which nobody looks, and on one whose CRCs somebody reads.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"
#include "check.h"
#include "dmabuf.h"
#include "head.h"

#define WINDOW_NS 300000000ull
#define CURSOR 64

static void set_cursor(const struct kms_head *screen, uint32_t handle)
{
	struct drm_mode_cursor cursor = {
		.flags = DRM_MODE_CURSOR_BO,
		.crtc_id = screen->crtc,
		.width = CURSOR,
		.height = CURSOR,
		.handle = handle,
	};

	check_ok(neg_errno(ioctl(screen->gpu, DRM_IOCTL_MODE_CURSOR, &cursor)));
}

static void move_cursor(const struct kms_head *screen, int step)
{
	struct drm_mode_cursor cursor = {
		.flags = DRM_MODE_CURSOR_MOVE,
		.crtc_id = screen->crtc,
		.x = step % (WIDTH - CURSOR),
		.y = step % (HEIGHT - CURSOR),
	};

	check_ok(neg_errno(ioctl(screen->gpu, DRM_IOCTL_MODE_CURSOR, &cursor)));
}

static double moves_in_a_second(const struct kms_head *screen)
{
	uint64_t since = now_ns();
	int i;

	for (i = 0; now_ns() - since < WINDOW_NS; i++)
		move_cursor(screen, i);
	return i * 1e9 / (now_ns() - since);
}

struct rates {
	double alone;
	double watched;
};

static struct rates measure(const struct rival *rival)
{
	struct sheet shown, cursor;
	struct kms_head screen;
	struct rates rates;
	int crc;

	head_init(&screen, rival->card);
	sheet_create(rival->card, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, &shown);
	sheet_create(rival->card, CURSOR, CURSOR, DRM_FORMAT_ARGB8888, &cursor);
	sheet_weave(&shown, 0);
	sheet_weave(&cursor, 0x80);
	head_on(&screen, &shown, USUAL_HZ);
	set_cursor(&screen, cursor.handle);

	rates.alone = moves_in_a_second(&screen);
	crc = crc_open(&screen);
	rates.watched = moves_in_a_second(&screen);
	close_fd(crc);

	set_cursor(&screen, 0);
	head_off(&screen);
	sheet_destroy(rival->card, &shown);
	sheet_destroy(rival->card, &cursor);
	return rates;
}

void bench_cursor(const struct rival *ours, const struct rival *vkms)
{
	const struct rates our = measure(ours), other = measure(vkms);

	report("cursor-move", vkms->name, (struct pair){ our.alone, other.alone }, "moves/s",
	       (struct bar){ .least = 5 });
	report("cursor-move-with-crc", vkms->name, (struct pair){ our.watched, other.watched },
	       "moves/s", (struct bar){ .least = 5 });
}
