// SPDX-License-Identifier: GPL-2.0-only
/*
 * A display as a whole: what it is built of, and what is left of it when the GPU sleeps or goes.
 */
#include <kunit/test.h>

#include <linux/hrtimer.h>
#include <linux/iopoll.h>

#include <drm/drm_drv.h>
#include <drm/drm_mode_config.h>
#include <drm/drm_plane.h>

#include "../display/vprime_crtc.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"
#include "vprime_kunit_screen.h"

#define WORD 0x00c0ffee

static void kms_without_heads_has_no_display(struct kunit *test)
{
	struct vprime_gpu *gpu = vprime_kunit_heads(test, 0);

	KUNIT_EXPECT_FALSE(test, drm_core_check_feature(&gpu->drm, DRIVER_MODESET));
	KUNIT_EXPECT_FALSE(test, drm_core_check_feature(&gpu->drm, DRIVER_ATOMIC));
}

/* Each has a primary, an overlay and a cursor, and writeback. */
static void kms_has_what_its_heads_need(struct kunit *test)
{
	static const unsigned int heads[] = { 1, 2, 8 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		const struct drm_mode_config *config =
			&vprime_kunit_heads(test, heads[i])->drm.mode_config;

		KUNIT_EXPECT_EQ(test, config->num_crtc, heads[i]);
		KUNIT_EXPECT_EQ(test, config->num_total_plane, 3 * heads[i]);
		KUNIT_EXPECT_EQ(test, config->num_connector, 2 * heads[i]);
	}
}

static struct vprime_gpu *gpu_with_hotspot(struct kunit *test, unsigned int heads)
{
	struct vprime_config config = vprime_kunit_config("pointing");

	config.heads = heads;
	config.cursor_hotspot = true;
	return vprime_kunit_gpu(test, &config);
}

static void expect_hotspots(struct kunit *test, struct vprime_gpu *gpu, bool expected)
{
	struct drm_plane *plane;

	KUNIT_EXPECT_EQ(test, drm_core_check_feature(&gpu->drm, DRIVER_CURSOR_HOTSPOT), expected);
	drm_for_each_plane(plane, &gpu->drm)
		KUNIT_EXPECT_EQ(test, !!plane->hotspot_x_property,
				expected && plane->type == DRM_PLANE_TYPE_CURSOR);
}

static void kms_cursor_has_a_hotspot_if_wanted(struct kunit *test)
{
	expect_hotspots(test, vprime_kunit_heads(test, 1), false);
	expect_hotspots(test, gpu_with_hotspot(test, 1), true);
}

static void kms_without_heads_has_no_hotspot(struct kunit *test)
{
	struct vprime_gpu *gpu = gpu_with_hotspot(test, 0);

	KUNIT_EXPECT_FALSE(test, drm_core_check_feature(&gpu->drm, DRIVER_CURSOR_HOTSPOT));
}

static void kms_screen_goes_on_and_off(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);

	KUNIT_EXPECT_TRUE(test, vprime_kunit_is_dark(screen));
	vprime_kunit_show(test, screen, 0);
	vprime_kunit_expect_shown(test, screen, 0);
	KUNIT_ASSERT_EQ(test, vprime_kunit_commit(screen, NULL), 0);
	KUNIT_EXPECT_TRUE(test, vprime_kunit_is_dark(screen));
	KUNIT_EXPECT_EQ(test, vprime_kunit_pins(screen, 0), 0);
	vprime_kunit_show(test, screen, 1);
	vprime_kunit_expect_shown(test, screen, 1);
}

/* VRAM is lost, the picture is not. */
static void kms_picture_survives_suspend(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	struct vprime_bo *bo = vprime_kunit_bo_of(screen, 0);

	vprime_kunit_fill(test, bo, WORD);
	vprime_kunit_show(test, screen, 0);
	KUNIT_ASSERT_EQ(test, vprime_kunit_suspend(screen->gpu), 0);
	KUNIT_EXPECT_TRUE(test, vprime_kunit_is_dark(screen));
	KUNIT_EXPECT_EQ(test, vprime_kunit_pins(screen, 0), 0);
	KUNIT_EXPECT_NE(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	vprime_kunit_resume(screen->gpu);
	vprime_kunit_expect_shown(test, screen, 0);
	vprime_kunit_check(test, bo, WORD);
	vprime_kunit_show(test, screen, 1);
	vprime_kunit_expect_shown(test, screen, 1);
}

static void kms_suspend_of_a_screen_that_is_off(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);

	KUNIT_ASSERT_EQ(test, vprime_kunit_suspend(screen->gpu), 0);
	vprime_kunit_resume(screen->gpu);
	KUNIT_EXPECT_TRUE(test, vprime_kunit_is_dark(screen));
	vprime_kunit_show(test, screen, 0);
	vprime_kunit_expect_shown(test, screen, 0);
}

static void kms_unplug_turns_screens_off(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);

	vprime_kunit_show(test, screen, 0);
	vprime_gpu_unplug(screen->gpu);
	KUNIT_EXPECT_TRUE(test, vprime_kunit_is_dark(screen));
	KUNIT_EXPECT_FALSE(test, vprime_kunit_crtc(screen)->vblank.enabled);
	KUNIT_EXPECT_EQ(test, vprime_kunit_pins(screen, 0), 0);
}

/* A screen that nobody waits for has no timer, but for the next vblank, when DRM sees that. */
static void kms_idle_screen_has_no_timer(struct kunit *test)
{
	struct vprime_kunit_screen *screen = vprime_kunit_screen(test);
	struct vprime_vblank *vblank = &vprime_kunit_crtc(screen)->vblank;
	bool active;

	vprime_kunit_show(test, screen, 0);
	KUNIT_EXPECT_EQ(test, read_poll_timeout(hrtimer_active, active, !active, USEC_PER_MSEC,
						60 * USEC_PER_SEC, false, &vblank->timer), 0);
	KUNIT_EXPECT_FALSE(test, vblank->enabled);
}

static struct kunit_case vprime_kms_test_cases[] = {
	KUNIT_CASE(kms_without_heads_has_no_display),
	KUNIT_CASE(kms_has_what_its_heads_need),
	KUNIT_CASE(kms_cursor_has_a_hotspot_if_wanted),
	KUNIT_CASE(kms_without_heads_has_no_hotspot),
	KUNIT_CASE(kms_screen_goes_on_and_off),
	KUNIT_CASE(kms_picture_survives_suspend),
	KUNIT_CASE(kms_suspend_of_a_screen_that_is_off),
	KUNIT_CASE(kms_unplug_turns_screens_off),
	KUNIT_CASE(kms_idle_screen_has_no_timer),
	{ }
};

static struct kunit_suite vprime_kms_test_suite = {
	.name = "vprime-kms",
	.test_cases = vprime_kms_test_cases,
};

kunit_test_suite(vprime_kms_test_suite);
