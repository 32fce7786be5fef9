// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits as DRM makes them: which are taken, when they are done, and what they leave of frames and
 * pins.
 */
#include <kunit/test.h>

#include <linux/atomic.h>
#include <linux/iopoll.h>
#include <linux/ktime.h>

#include "../display/vprime_commit.h"
#include "../display/vprime_crtc.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"
#include "vprime_kunit_screen.h"

/* A commit that nobody waits for lets go of what was shown before when all is over. */
static void wait_for_pins(struct kunit *test, const struct vprime_kunit_screen *screen,
			  unsigned int buffer, unsigned int wanted)
{
	unsigned int pins;

	KUNIT_EXPECT_EQ(test, read_poll_timeout(vprime_kunit_pins, pins, pins == wanted,
						USEC_PER_MSEC, 60 * USEC_PER_SEC, false, screen,
						buffer), 0);
}

static void commit_follows_commit(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	unsigned int i;

	for (i = 0; i < 6; i++) {
		vprime_kunit_show(test, screen, i & 1);
		vprime_kunit_expect_shown(test, screen, i & 1);
	}
}

static void commit_pins_scanout_in_vram(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	struct vprime_bo *bo = vprime_kunit_bo_of(screen, 0);

	vprime_kunit_show(test, screen, 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	KUNIT_EXPECT_NE(test, vprime_kunit_try_move(bo, VPRIME_PLACEMENT_TT), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	vprime_kunit_show(test, screen, 1);
	KUNIT_EXPECT_EQ(test, vprime_kunit_try_move(bo, VPRIME_PLACEMENT_TT), 0);
}

static void commit_fails_as_often_as_asked(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	struct vprime_commit_request request;

	vprime_kunit_show(test, screen, 0);
	atomic_set(&screen->gpu->failing_commits, 2);
	vprime_commit_request_begin(screen->gpu, &request);
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, screen->buffers[1]), -EIO);
	vprime_kunit_expect_shown(test, screen, 0);
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, NULL), -EIO);
	vprime_kunit_expect_shown(test, screen, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&screen->gpu->failing_commits), 0);
	vprime_kunit_show(test, screen, 1);
	vprime_kunit_expect_shown(test, screen, 1);
	vprime_commit_request_end(screen->gpu, &request);
}

static void commit_that_no_program_asked_for_does_not_fail(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);

	vprime_kunit_show(test, screen, 0);
	atomic_set(&screen->gpu->failing_commits, 1);
	vprime_kunit_show(test, screen, 1);
	vprime_kunit_expect_shown(test, screen, 1);
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, NULL), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&screen->gpu->failing_commits), 1);
}

static void commit_is_over_late(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	struct vprime_faults faults = { .late_flip_ms = 100 };
	ktime_t asked;

	vprime_kunit_show(test, screen, 0);
	vprime_gpu_set_faults(screen->gpu, &faults);
	asked = ktime_get();
	vprime_kunit_show(test, screen, 1);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), asked), 100);
	vprime_kunit_expect_shown(test, screen, 1);
}

static void commit_is_done_later(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	const struct drm_framebuffer *wanted = screen->buffers[1]->fb, *shown;

	vprime_kunit_show(test, screen, 0);
	KUNIT_ASSERT_EQ(test, vprime_kunit_commit_later(screen, screen->buffers[1]), 0);
	KUNIT_EXPECT_EQ(test, read_poll_timeout(vprime_kunit_shown, shown, shown == wanted,
						USEC_PER_MSEC, 60 * USEC_PER_SEC, false, screen),
			0);
	wait_for_pins(test, screen, 0, 0);
	vprime_kunit_expect_shown(test, screen, 1);
}

static void commit_does_not_pass_another(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	struct vprime_faults faults = { .late_flip_ms = 2000 };

	vprime_kunit_show(test, screen, 0);
	vprime_gpu_set_faults(screen->gpu, &faults);
	KUNIT_ASSERT_EQ(test, vprime_kunit_commit_later(screen, screen->buffers[1]), 0);
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit_later(screen, screen->buffers[0]), -EBUSY);
	KUNIT_ASSERT_EQ(test, vprime_kunit_commit(screen, NULL), 0);
	wait_for_pins(test, screen, 0, 0);
	wait_for_pins(test, screen, 1, 0);
}

static void commit_lets_a_frame_be_shown_to_its_end(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	struct vprime_vblank *vblank = &vprime_kunit_crtc(screen)->vblank;
	ktime_t began;

	/* About half a second, in which everything else is done. */
	screen->mode.clock = 8;
	vprime_kunit_show(test, screen, 0);
	began = vprime_vblank_time(vblank);
	KUNIT_ASSERT_EQ(test, vprime_kunit_commit(screen, NULL), 0);
	KUNIT_EXPECT_GE(test, ktime_get(), ktime_add(began, vblank->period));
}

static void commit_has_to_leave_time_between_vblanks(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);

	screen->mode.clock = 10000000;
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, screen->buffers[0]), -EINVAL);
	screen->mode.clock = 1;
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, screen->buffers[0]), -EINVAL);
	KUNIT_EXPECT_TRUE(test, vprime_kunit_is_dark(screen));
}

/* Nothing that shows a screen, or tells its CRC, has room for more. */
static void commit_refuses_modes_larger_than_framebuffers(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	const struct drm_mode_config *config = &screen->gpu->drm.mode_config;
	const struct drm_display_mode fits = screen->mode;
	const struct drm_display_mode too_wide = {
		DRM_MODE_INIT(60, config->max_width + 1, screen->mode.vdisplay, 0, 0)
	};
	const struct drm_display_mode too_high = {
		DRM_MODE_INIT(60, screen->mode.hdisplay, config->max_height + 1, 0, 0)
	};

	drm_mode_init(&screen->mode, &too_wide);
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, screen->buffers[0]), -EINVAL);
	drm_mode_init(&screen->mode, &too_high);
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, screen->buffers[0]), -EINVAL);
	screen->mode = fits;
	KUNIT_EXPECT_EQ(test, vprime_kunit_commit(screen, screen->buffers[0]), 0);
}

static struct kunit_case vprime_commit_test_cases[] = {
	KUNIT_CASE(commit_follows_commit),
	KUNIT_CASE(commit_pins_scanout_in_vram),
	KUNIT_CASE(commit_fails_as_often_as_asked),
	KUNIT_CASE(commit_that_no_program_asked_for_does_not_fail),
	KUNIT_CASE(commit_is_over_late),
	KUNIT_CASE(commit_is_done_later),
	KUNIT_CASE(commit_does_not_pass_another),
	KUNIT_CASE(commit_lets_a_frame_be_shown_to_its_end),
	KUNIT_CASE(commit_has_to_leave_time_between_vblanks),
	KUNIT_CASE(commit_refuses_modes_larger_than_framebuffers),
	{ }
};

static struct kunit_suite vprime_commit_test_suite = {
	.name = "vprime-commit",
	.test_cases = vprime_commit_test_cases,
};

kunit_test_suite(vprime_commit_test_suite);
