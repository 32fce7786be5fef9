// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pictures of the screen, written into a framebuffer: from one commit to the fence that says that
 * it is there, and then the next.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "check.h"
#include "dmabuf.h"
#include "head.h"

#define WINDOW_NS 1000000000ull

/* By itself: vkms has no screen and writeback of it at the same time. */
static void prepare(struct kms_commit *commit, const struct kms_head *screen,
		    const struct sheet *to, int *fence)
{
	kms_commit_init(commit, screen->gpu);
	kms_commit_add(commit, screen->connector, "CRTC_ID", 0);
	kms_commit_add(commit, screen->writeback, "CRTC_ID", screen->crtc);
	kms_commit_add(commit, screen->writeback, "WRITEBACK_FB_ID", to->fb);
	kms_commit_add(commit, screen->writeback, "WRITEBACK_OUT_FENCE_PTR", (uintptr_t)fence);
}

static void write_back(const struct kms_commit *commit, const int *fence, uint32_t flags)
{
	struct pollfd ready = { .events = POLLIN };

	kms_commit(commit, flags, 0);
	ready.fd = *fence;
	check_ok(neg_errno(poll(&ready, 1, -1)));
	close_fd(*fence);
}

static double measure(const struct rival *rival)
{
	struct sheet shown, written;
	struct kms_head screen;
	struct kms_commit commit;
	uint64_t since;
	int i, fence;

	head_init(&screen, rival->card);
	sheet_create(rival->card, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, &shown);
	sheet_create(rival->card, WIDTH, HEIGHT, DRM_FORMAT_XRGB8888, &written);
	sheet_weave(&shown, 0);
	memset(written.pixels, 0, WIDTH * HEIGHT * 4);
	head_on(&screen, &shown, FAST_HZ);
	prepare(&commit, &screen, &written, &fence);
	write_back(&commit, &fence, DRM_MODE_ATOMIC_ALLOW_MODESET);
	/* What is fast and wrong does not count. */
	check_eq(written.pixels[12345] & 0xffffff, shown.pixels[12345] & 0xffffff);

	since = now_ns();
	for (i = 0; now_ns() - since < WINDOW_NS; i++)
		write_back(&commit, &fence, 0);
	since = now_ns() - since;

	head_off(&screen);
	sheet_destroy(rival->card, &shown);
	sheet_destroy(rival->card, &written);
	return i * 1e9 / since;
}

void bench_writeback(const struct rival *ours, const struct rival *vkms)
{
	const struct pair rates = { measure(ours), measure(vkms) };

	report("writeback", vkms->name, rates, "frames/s", (struct bar){ .least = 5 });
}
