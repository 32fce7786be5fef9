// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames that are composed because somebody reads their CRCs.
 *
 * How long the kernel composes a frame is what its worker takes, from its tracepoints, so neither
 * the mode's refresh rate nor the program is in it. How many different frames somebody sees in a
 * second, flip after flip, has all of it in it, in a mode that is faster than either driver.
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "check.h"
#include "dmabuf.h"
#include "head.h"
#include "trace.h"

#define WINDOW_NS 2000000000ull
#define CURSOR 64

/* What is on the planes above the primary one; nothing if the overlay has no width. */
struct scene {
	const char *name;
	uint32_t width;
	uint32_t height;
};

static const struct scene scenes[] = {
	{ "1-plane", 0, 0 },
	{ "3-planes", 1280, 720 },
	{ "3-planes-all-blended", WIDTH, HEIGHT },
};

struct stage {
	struct kms_head screen;
	struct sheet primary[2];
	struct sheet overlay;
	struct sheet cursor;
};

static void stage_init(struct stage *stage, const struct rival *rival, const struct scene *scene)
{
	int card = rival->card;

	head_init(&stage->screen, card);
	sheet_create(card, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, &stage->primary[0]);
	sheet_create(card, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, &stage->primary[1]);
	sheet_create(card, scene->width ?: 64, scene->height ?: 64, DRM_FORMAT_ARGB8888,
		     &stage->overlay);
	sheet_create(card, CURSOR, CURSOR, DRM_FORMAT_ARGB8888, &stage->cursor);
	sheet_weave(&stage->primary[0], 0x3f);
	sheet_weave(&stage->primary[1], 0x40);
	sheet_weave(&stage->overlay, 0x80);
	sheet_weave(&stage->cursor, 0xc0);
}

static void stage_fini(struct stage *stage)
{
	int card = stage->screen.gpu;

	head_off(&stage->screen);
	sheet_destroy(card, &stage->primary[0]);
	sheet_destroy(card, &stage->primary[1]);
	sheet_destroy(card, &stage->overlay);
	sheet_destroy(card, &stage->cursor);
}

static void stage_on(struct stage *stage, const struct scene *scene, uint32_t hz)
{
	struct kms_head *head = &stage->screen;
	struct kms_commit commit;

	head_on(head, &stage->primary[0], hz);
	if (!scene->width)
		return;
	kms_commit_init(&commit, head->gpu);
	head_put(&commit, head, head->overlay, &stage->overlay, (WIDTH - scene->width) / 2,
		 (HEIGHT - scene->height) / 2);
	head_put(&commit, head, head->cursor, &stage->cursor, 900, 500);
	kms_commit(&commit, 0, 0);
}

/* Frames in a second of the worker. */
static double composed(struct stage *stage, const struct scene *scene, const char *work)
{
	uint64_t since = now_ns();
	static struct runs runs;
	int crc;

	stage_on(stage, scene, USUAL_HZ);
	crc = crc_open(&stage->screen);
	trace_start();
	while (now_ns() - since < WINDOW_NS)
		crc_read(crc);
	trace_stop();
	close_fd(crc);
	trace_read_work(work, &runs);
	check_msg(runs.count >= 2, "%s ran %zu times", work, runs.count);
	return 1e6 / median(runs.us, runs.count);
}

/* Reads CRCs until the flip is done. */
static void wait_for_flip(const struct kms_head *screen, int crc)
{
	struct pollfd ready[] = {
		{ .fd = screen->gpu, .events = POLLIN },
		{ .fd = crc, .events = POLLIN },
	};
	struct kms_event event;

	for (;;) {
		check_ok(neg_errno(poll(ready, ARRAY_SIZE(ready), -1)));
		if (ready[1].revents)
			crc_read(crc);
		if (ready[0].revents)
			break;
	}
	kms_read_event(screen->gpu, &event);
}

/* Flips in a second. */
static double seen(struct stage *stage, const struct scene *scene)
{
	uint64_t since;
	int crc, i;

	stage_on(stage, scene, FAST_HZ);
	crc = crc_open(&stage->screen);
	since = now_ns();
	for (i = 1; now_ns() - since < WINDOW_NS; i++) {
		head_flip(&stage->screen, &stage->primary[i % 2]);
		wait_for_flip(&stage->screen, crc);
	}
	since = now_ns() - since;
	close_fd(crc);
	return i * 1e9 / since;
}

struct rates {
	double composed;
	double seen;
};

static struct rates measure(const struct rival *rival, const struct scene *scene)
{
	struct rates rates;
	struct stage stage;

	stage_init(&stage, rival, scene);
	rates.composed = composed(&stage, scene, rival->work);
	rates.seen = seen(&stage, scene);
	stage_fini(&stage);
	return rates;
}

static void bench_scene(const struct rival *ours, const struct rival *vkms,
			const struct scene *scene)
{
	const struct rates our_rates = measure(ours, scene), other_rates = measure(vkms, scene);
	char name[64];

	snprintf(name, sizeof(name), "compose/%s", scene->name);
	report(name, vkms->name, (struct pair){ our_rates.composed, other_rates.composed },
	       "frames/s", (struct bar){ .least = 5 });
	snprintf(name, sizeof(name), "flip-with-crc/%s", scene->name);
	report(name, vkms->name, (struct pair){ our_rates.seen, other_rates.seen }, "frames/s",
	       (struct bar){});
}

void bench_compose(const struct rival *ours, const struct rival *vkms)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scenes); i++)
		bench_scene(ours, vkms, &scenes[i]);
}
