// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of vprime_fbdev_looks.c: a screen that shows the console again looks as if no program had
 * ever had it.
 */
#include <kunit/test.h>

#include <linux/err.h>
#include <linux/fb.h>
#include <linux/sizes.h>

#include <drm/drm_atomic.h>
#include <drm/drm_blend.h>
#include <drm/drm_color_mgmt.h>
#include <drm/drm_crtc.h>
#include <drm/drm_drv.h>
#include <drm/drm_fb_helper.h>
#include <drm/drm_mode_object.h>
#include <drm/drm_modeset_lock.h>
#include <drm/drm_plane.h>
#include <drm/drm_property.h>

#include "../display/vprime_console.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"

#define LUT_BYTES (256 * sizeof(struct drm_color_lut))
#define CTM_BYTES sizeof(struct drm_color_ctm)
#define ALPHA 0x4000
#define ZPOS 1

static struct vprime_console *console_create(struct kunit *test)
{
	struct vprime_config config = vprime_kunit_config("looks");
	struct vprime_gpu *gpu;

	config.clock = VPRIME_CLOCK_TIMED;
	config.vram_size = SZ_64M;
	config.pin_limit = SZ_32M;
	config.heads = 1;
	gpu = vprime_kunit_gpu(test, &config);
	vprime_fbdev_setup(gpu);
	KUNIT_ASSERT_NOT_NULL(test, gpu->fbdev.console);
	return gpu->fbdev.console;
}

/* As DRM does it when a program is gone or terminals are switched. */
static void show_console(struct kunit *test, struct vprime_console *console)
{
	KUNIT_ASSERT_EQ(test, drm_fb_helper_set_par(console->helper->info), 0);
}

static int put_blob(struct drm_device *drm, struct drm_property_blob **to, size_t bytes)
{
	struct drm_property_blob *blob = drm_property_create_blob(drm, bytes, NULL);

	if (IS_ERR(blob))
		return PTR_ERR(blob);
	drm_property_replace_blob(to, blob);
	drm_property_blob_put(blob);
	return 0;
}

static int spoil_crtc(struct drm_atomic_state *state, struct drm_crtc *crtc)
{
	struct drm_crtc_state *crtc_state = drm_atomic_get_crtc_state(state, crtc);

	if (IS_ERR(crtc_state))
		return PTR_ERR(crtc_state);
	crtc_state->color_mgmt_changed = true;
	crtc_state->vrr_enabled = true;
	return put_blob(state->dev, &crtc_state->degamma_lut, LUT_BYTES) ?:
	       put_blob(state->dev, &crtc_state->ctm, CTM_BYTES) ?:
	       put_blob(state->dev, &crtc_state->gamma_lut, LUT_BYTES);
}

static int spoil_plane(struct drm_atomic_state *state, struct drm_plane *plane)
{
	struct drm_plane_state *plane_state = drm_atomic_get_plane_state(state, plane);

	if (IS_ERR(plane_state))
		return PTR_ERR(plane_state);
	plane_state->alpha = ALPHA;
	plane_state->pixel_blend_mode = DRM_MODE_BLEND_PIXEL_NONE;
	plane_state->zpos = ZPOS;
	plane_state->rotation = DRM_MODE_ROTATE_180;
	plane_state->color_encoding = DRM_COLOR_YCBCR_BT2020;
	plane_state->color_range = DRM_COLOR_YCBCR_FULL_RANGE;
	plane_state->scaling_filter = DRM_SCALING_FILTER_NEAREST_NEIGHBOR;
	return 0;
}

static int spoil_locked(struct drm_crtc *crtc, struct drm_modeset_acquire_ctx *ctx)
{
	struct drm_atomic_state *state = drm_atomic_state_alloc(crtc->dev);
	int ret;

	if (!state)
		return -ENOMEM;
	state->acquire_ctx = ctx;
	ret = spoil_crtc(state, crtc) ?: spoil_plane(state, crtc->primary) ?:
	      drm_atomic_commit(state);
	drm_atomic_state_put(state);
	return ret;
}

/* What the console's screen shows looks different in every way that there is. */
static void spoil(struct kunit *test, struct vprime_console *console)
{
	struct drm_device *drm = &console->gpu->drm;
	struct drm_modeset_acquire_ctx ctx;
	int ret;

	DRM_MODESET_LOCK_ALL_BEGIN(drm, ctx, 0, ret);
	ret = spoil_locked(drm_crtc_from_index(drm, 0), &ctx);
	DRM_MODESET_LOCK_ALL_END(drm, ctx, ret);
	KUNIT_ASSERT_EQ(test, ret, 0);
}

static void expect_crtc(struct kunit *test, const struct drm_crtc_state *crtc_state, bool spoilt)
{
	KUNIT_EXPECT_EQ(test, !!crtc_state->degamma_lut, spoilt);
	KUNIT_EXPECT_EQ(test, !!crtc_state->ctm, spoilt);
	KUNIT_EXPECT_EQ(test, !!crtc_state->gamma_lut, spoilt);
	KUNIT_EXPECT_EQ(test, crtc_state->vrr_enabled, spoilt);
}

static void expect_plane(struct kunit *test, const struct drm_plane_state *plane_state, bool spoilt)
{
	KUNIT_EXPECT_EQ(test, plane_state->alpha, spoilt ? ALPHA : DRM_BLEND_ALPHA_OPAQUE);
	KUNIT_EXPECT_EQ(test, plane_state->pixel_blend_mode,
			spoilt ? DRM_MODE_BLEND_PIXEL_NONE : DRM_MODE_BLEND_PREMULTI);
	KUNIT_EXPECT_EQ(test, plane_state->zpos, spoilt ? ZPOS : 0);
	KUNIT_EXPECT_EQ(test, plane_state->rotation,
			spoilt ? DRM_MODE_ROTATE_180 : DRM_MODE_ROTATE_0);
	KUNIT_EXPECT_EQ(test, plane_state->color_encoding,
			spoilt ? DRM_COLOR_YCBCR_BT2020 : DRM_COLOR_YCBCR_BT601);
	KUNIT_EXPECT_EQ(test, plane_state->color_range,
			spoilt ? DRM_COLOR_YCBCR_FULL_RANGE : DRM_COLOR_YCBCR_LIMITED_RANGE);
	KUNIT_EXPECT_EQ(test, plane_state->scaling_filter,
			spoilt ? DRM_SCALING_FILTER_NEAREST_NEIGHBOR : DRM_SCALING_FILTER_DEFAULT);
}

static void expect_looks(struct kunit *test, struct vprime_console *console, bool spoilt)
{
	struct drm_device *drm = &console->gpu->drm;
	struct drm_crtc *crtc;

	drm_modeset_lock_all(drm);
	crtc = drm_crtc_from_index(drm, 0);
	KUNIT_EXPECT_PTR_EQ(test, crtc->primary->state->fb, console->fb);
	expect_crtc(test, crtc->state, spoilt);
	expect_plane(test, crtc->primary->state, spoilt);
	drm_modeset_unlock_all(drm);
}

static void the_console_comes_back_as_it_was(struct kunit *test)
{
	struct vprime_console *console = console_create(test);

	show_console(test, console);
	expect_looks(test, console, false);
	spoil(test, console);
	show_console(test, console);
	expect_looks(test, console, false);
}

/* A program that shows the console's framebuffer gets what it asked for. */
static void commits_of_others_are_left_alone(struct kunit *test)
{
	struct vprime_console *console = console_create(test);

	show_console(test, console);
	spoil(test, console);
	expect_looks(test, console, true);
}

/* Blanking is a commit for the console as well. */
static void a_screen_that_is_not_blank_any_more_is_as_it_was(struct kunit *test)
{
	struct vprime_console *console = console_create(test);

	show_console(test, console);
	KUNIT_ASSERT_EQ(test, drm_fb_helper_blank(FB_BLANK_POWERDOWN, console->helper->info), 0);
	spoil(test, console);
	KUNIT_ASSERT_EQ(test, drm_fb_helper_blank(FB_BLANK_UNBLANK, console->helper->info), 0);
	expect_looks(test, console, false);
}

static struct kunit_case vprime_fbdev_looks_cases[] = {
	KUNIT_CASE(the_console_comes_back_as_it_was),
	KUNIT_CASE(commits_of_others_are_left_alone),
	KUNIT_CASE(a_screen_that_is_not_blank_any_more_is_as_it_was),
	{}
};

static struct kunit_suite vprime_fbdev_looks_suite = {
	.name = "vprime-fbdev-looks",
	.test_cases = vprime_fbdev_looks_cases,
};

kunit_test_suite(vprime_fbdev_looks_suite);
