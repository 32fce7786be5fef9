// SPDX-License-Identifier: GPL-2.0-only
/*
 * A display as DRM drives it: what it is built of, and what a commit leaves of frames and pins. The
 * GPU is one that nobody else knows.
 */
#include <kunit/test.h>

#include <linux/atomic.h>
#include <linux/iopoll.h>
#include <linux/spinlock.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_atomic_uapi.h>
#include <drm/drm_client.h>
#include <drm/drm_connector.h>
#include <drm/drm_crtc.h>
#include <drm/drm_drv.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_modes.h>
#include <drm/drm_modeset_lock.h>
#include <drm/drm_plane.h>

#include "../display/vprime_crtc.h"
#include "../display/vprime_frame.h"
#include "../vprime_bo.h"
#include "../vprime_gpu.h"
#include "vprime_kunit.h"

#define WIDTH 64
#define HEIGHT 32
#define WORD 0x00c0ffee

/**
 * struct screen - the first screen of a GPU, and two framebuffers for it
 * @gpu: whose
 * @client: owns the framebuffers
 * @crtc: the screen
 * @connector: of it
 * @mode: of it
 * @buffers: framebuffers of its size
 */
struct screen {
	struct vprime_gpu *gpu;
	struct drm_client_dev client;
	struct drm_crtc *crtc;
	struct drm_connector *connector;
	struct drm_display_mode mode;
	struct drm_client_buffer *buffers[2];
};

static const struct drm_client_funcs screen_client_funcs = { };

/* 60 Hz. */
static const struct drm_display_mode screen_mode = {
	DRM_MODE("64x32", DRM_MODE_TYPE_DRIVER, 230, WIDTH, WIDTH + 8, WIDTH + 16, WIDTH + 32, 0,
		 HEIGHT, HEIGHT + 2, HEIGHT + 4, HEIGHT + 8, 0, 0),
};

static struct vprime_gpu *gpu_create(struct kunit *test, unsigned int heads)
{
	struct vprime_config config = vprime_kunit_config("kms");

	config.clock = VPRIME_CLOCK_TIMED;
	config.heads = heads;
	vprime_topology_init_heads(&config.topology, heads);
	return vprime_kunit_gpu(test, &config);
}

static void screen_release_client(void *client)
{
	drm_client_release(client);
}

static void screen_delete_buffer(void *buffer)
{
	drm_client_framebuffer_delete(buffer);
}

static struct drm_client_buffer *screen_buffer(struct kunit *test, struct screen *screen)
{
	struct drm_client_buffer *buffer;

	buffer = drm_client_framebuffer_create(&screen->client, WIDTH, HEIGHT,
					       DRM_FORMAT_XRGB8888);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buffer);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, screen_delete_buffer, buffer), 0);
	return buffer;
}

/* There is one beside that for writeback. */
static struct drm_connector *find_connector(struct drm_device *drm)
{
	struct drm_connector *connector, *found = NULL;
	struct drm_connector_list_iter iter;

	drm_connector_list_iter_begin(drm, &iter);
	drm_for_each_connector_iter(connector, &iter) {
		if (connector->connector_type != DRM_MODE_CONNECTOR_WRITEBACK)
			found = connector;
	}
	drm_connector_list_iter_end(&iter);
	return found;
}

static struct screen *screen_create(struct kunit *test)
{
	struct screen *screen = kunit_kzalloc(test, sizeof(*screen), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, screen);
	screen->gpu = gpu_create(test, 1);
	KUNIT_ASSERT_EQ(test, drm_client_init(&screen->gpu->drm, &screen->client, "kunit",
					      &screen_client_funcs), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, screen_release_client,
							&screen->client), 0);
	screen->crtc = drm_crtc_from_index(&screen->gpu->drm, 0);
	screen->connector = find_connector(&screen->gpu->drm);
	drm_mode_copy(&screen->mode, &screen_mode);
	for (i = 0; i < ARRAY_SIZE(screen->buffers); i++)
		screen->buffers[i] = screen_buffer(test, screen);
	return screen;
}

static int fill_plane(struct drm_atomic_state *state, const struct screen *screen,
		      struct drm_framebuffer *fb)
{
	struct drm_plane_state *plane_state;
	int ret;

	plane_state = drm_atomic_get_plane_state(state, screen->crtc->primary);
	if (IS_ERR(plane_state))
		return PTR_ERR(plane_state);
	ret = drm_atomic_set_crtc_for_plane(plane_state, fb ? screen->crtc : NULL);
	if (ret)
		return ret;
	drm_atomic_set_fb_for_plane(plane_state, fb);
	plane_state->crtc_w = WIDTH;
	plane_state->crtc_h = HEIGHT;
	plane_state->src_w = WIDTH << 16;
	plane_state->src_h = HEIGHT << 16;
	return 0;
}

static int fill_crtc(struct drm_atomic_state *state, const struct screen *screen, bool on)
{
	struct drm_connector_state *conn_state;
	struct drm_crtc_state *crtc_state;
	int ret;

	crtc_state = drm_atomic_get_crtc_state(state, screen->crtc);
	if (IS_ERR(crtc_state))
		return PTR_ERR(crtc_state);
	ret = drm_atomic_set_mode_for_crtc(crtc_state, on ? &screen->mode : NULL);
	if (ret)
		return ret;
	crtc_state->active = on;
	conn_state = drm_atomic_get_connector_state(state, screen->connector);
	if (IS_ERR(conn_state))
		return PTR_ERR(conn_state);
	return drm_atomic_set_crtc_for_connector(conn_state, on ? screen->crtc : NULL);
}

static int commit_locked(const struct screen *screen, struct drm_framebuffer *fb,
			 struct drm_modeset_acquire_ctx *ctx)
{
	struct drm_atomic_state *state = drm_atomic_state_alloc(&screen->gpu->drm);
	int ret;

	if (!state)
		return -ENOMEM;
	state->acquire_ctx = ctx;
	ret = fill_crtc(state, screen, fb) ?: fill_plane(state, screen, fb);
	if (!ret)
		ret = drm_atomic_commit(state);
	drm_atomic_state_put(state);
	return ret;
}

/* The screen shows @fb, or is off without one. */
static int screen_commit(const struct screen *screen, struct drm_framebuffer *fb)
{
	struct drm_modeset_acquire_ctx ctx;
	int ret;

	DRM_MODESET_LOCK_ALL_BEGIN((&screen->gpu->drm), ctx, 0, ret);
	ret = commit_locked(screen, fb, &ctx);
	DRM_MODESET_LOCK_ALL_END((&screen->gpu->drm), ctx, ret);
	return ret;
}

static void screen_show(struct kunit *test, const struct screen *screen, unsigned int buffer)
{
	KUNIT_ASSERT_EQ(test, screen_commit(screen, screen->buffers[buffer]->fb), 0);
}

/* What the screen's frame shows; NULL if there is no frame, or nothing in it. */
static const struct drm_framebuffer *shown_fb(const struct screen *screen)
{
	struct vprime_crtc *vcrtc = to_vprime_crtc(screen->crtc);
	const struct drm_framebuffer *fb = NULL;

	spin_lock_irq(&screen->gpu->drm.event_lock);
	if (vcrtc->frame && vcrtc->frame->num_layers)
		fb = vcrtc->frame->layers[0].fb;
	spin_unlock_irq(&screen->gpu->drm.event_lock);
	return fb;
}

static bool has_frame(const struct screen *screen)
{
	bool has;

	spin_lock_irq(&screen->gpu->drm.event_lock);
	has = to_vprime_crtc(screen->crtc)->frame;
	spin_unlock_irq(&screen->gpu->drm.event_lock);
	return has;
}

static struct vprime_bo *bo_of(const struct screen *screen, unsigned int buffer)
{
	return to_vprime_bo(screen->buffers[buffer]->gem);
}

static unsigned int pins_of(const struct screen *screen, unsigned int buffer)
{
	struct vprime_bo *bo = bo_of(screen, buffer);
	unsigned int pins;

	dma_resv_lock(bo->tbo.base.resv, NULL);
	pins = bo->tbo.pin_count;
	dma_resv_unlock(bo->tbo.base.resv);
	return pins;
}

static void expect_shown(struct kunit *test, const struct screen *screen, unsigned int buffer)
{
	KUNIT_EXPECT_PTR_EQ(test, shown_fb(screen), screen->buffers[buffer]->fb);
	KUNIT_EXPECT_EQ(test, pins_of(screen, buffer), 1);
	KUNIT_EXPECT_EQ(test, pins_of(screen, !buffer), 0);
}

static void kms_without_heads_has_no_display(struct kunit *test)
{
	struct vprime_gpu *gpu = gpu_create(test, 0);

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
			&gpu_create(test, heads[i])->drm.mode_config;

		KUNIT_EXPECT_EQ(test, config->num_crtc, heads[i]);
		KUNIT_EXPECT_EQ(test, config->num_total_plane, 3 * heads[i]);
		KUNIT_EXPECT_EQ(test, config->num_connector, 2 * heads[i]);
	}
}

static void kms_screen_goes_on_and_off(struct kunit *test)
{
	struct screen *screen = screen_create(test);

	KUNIT_EXPECT_FALSE(test, has_frame(screen));
	screen_show(test, screen, 0);
	expect_shown(test, screen, 0);
	KUNIT_ASSERT_EQ(test, screen_commit(screen, NULL), 0);
	KUNIT_EXPECT_FALSE(test, has_frame(screen));
	KUNIT_EXPECT_EQ(test, pins_of(screen, 0), 0);
	screen_show(test, screen, 1);
	expect_shown(test, screen, 1);
}

static void kms_frames_follow_each_other(struct kunit *test)
{
	struct screen *screen = screen_create(test);
	unsigned int i;

	for (i = 0; i < 6; i++) {
		screen_show(test, screen, i & 1);
		expect_shown(test, screen, i & 1);
	}
}

static void kms_scanout_is_pinned_in_vram(struct kunit *test)
{
	struct screen *screen = screen_create(test);
	struct vprime_bo *bo = bo_of(screen, 0);

	screen_show(test, screen, 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	KUNIT_EXPECT_NE(test, vprime_kunit_try_move(bo, VPRIME_PLACEMENT_TT), 0);
	KUNIT_EXPECT_EQ(test, vprime_bo_placement(bo), VPRIME_PLACEMENT_VRAM);
	screen_show(test, screen, 1);
	KUNIT_EXPECT_EQ(test, vprime_kunit_try_move(bo, VPRIME_PLACEMENT_TT), 0);
}

static void kms_commit_fails_as_often_as_asked(struct kunit *test)
{
	struct screen *screen = screen_create(test);

	screen_show(test, screen, 0);
	atomic_set(&screen->gpu->failing_commits, 2);
	KUNIT_EXPECT_EQ(test, screen_commit(screen, screen->buffers[1]->fb), -EIO);
	expect_shown(test, screen, 0);
	KUNIT_EXPECT_EQ(test, screen_commit(screen, NULL), -EIO);
	expect_shown(test, screen, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&screen->gpu->failing_commits), 0);
	screen_show(test, screen, 1);
	expect_shown(test, screen, 1);
}

static void kms_late_flip_is_over_late(struct kunit *test)
{
	struct screen *screen = screen_create(test);
	struct vprime_faults faults = { .late_flip_ms = 100 };
	ktime_t asked;

	screen_show(test, screen, 0);
	vprime_gpu_set_faults(screen->gpu, &faults);
	asked = ktime_get();
	screen_show(test, screen, 1);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), asked), 100);
	expect_shown(test, screen, 1);
}

/* VRAM is lost, the picture is not. */
static void kms_picture_survives_suspend(struct kunit *test)
{
	struct screen *screen = screen_create(test);

	vprime_kunit_fill(test, bo_of(screen, 0), WORD);
	screen_show(test, screen, 0);
	KUNIT_ASSERT_EQ(test, vprime_gpu_suspend(screen->gpu), 0);
	KUNIT_EXPECT_FALSE(test, has_frame(screen));
	KUNIT_EXPECT_EQ(test, pins_of(screen, 0), 0);
	KUNIT_EXPECT_NE(test, vprime_bo_placement(bo_of(screen, 0)), VPRIME_PLACEMENT_VRAM);
	vprime_gpu_resume(screen->gpu);
	expect_shown(test, screen, 0);
	vprime_kunit_check(test, bo_of(screen, 0), WORD);
	screen_show(test, screen, 1);
	expect_shown(test, screen, 1);
}

static void kms_suspend_of_a_screen_that_is_off(struct kunit *test)
{
	struct screen *screen = screen_create(test);

	KUNIT_ASSERT_EQ(test, vprime_gpu_suspend(screen->gpu), 0);
	vprime_gpu_resume(screen->gpu);
	KUNIT_EXPECT_FALSE(test, has_frame(screen));
	screen_show(test, screen, 0);
	expect_shown(test, screen, 0);
}

static void kms_unplug_turns_screens_off(struct kunit *test)
{
	struct screen *screen = screen_create(test);

	screen_show(test, screen, 0);
	vprime_gpu_unplug(screen->gpu);
	KUNIT_EXPECT_FALSE(test, has_frame(screen));
	KUNIT_EXPECT_FALSE(test, to_vprime_crtc(screen->crtc)->vblank.enabled);
	KUNIT_EXPECT_EQ(test, pins_of(screen, 0), 0);
}

/* A screen that nobody waits for has no timer, but for the next vblank, when DRM sees that. */
static void kms_idle_screen_has_no_timer(struct kunit *test)
{
	struct screen *screen = screen_create(test);
	struct vprime_vblank *vblank = &to_vprime_crtc(screen->crtc)->vblank;

	bool active;

	screen_show(test, screen, 0);
	KUNIT_EXPECT_EQ(test, read_poll_timeout(hrtimer_active, active, !active, USEC_PER_MSEC,
						60 * USEC_PER_SEC, false, &vblank->timer), 0);
	KUNIT_EXPECT_FALSE(test, vblank->enabled);
}

static void kms_modes_have_to_leave_time(struct kunit *test)
{
	struct screen *screen = screen_create(test);

	screen->mode.clock = 10000000;
	KUNIT_EXPECT_EQ(test, screen_commit(screen, screen->buffers[0]->fb), -EINVAL);
	screen->mode.clock = 1;
	KUNIT_EXPECT_EQ(test, screen_commit(screen, screen->buffers[0]->fb), -EINVAL);
	KUNIT_EXPECT_FALSE(test, has_frame(screen));
}

static struct kunit_case vprime_kms_test_cases[] = {
	KUNIT_CASE(kms_without_heads_has_no_display),
	KUNIT_CASE(kms_has_what_its_heads_need),
	KUNIT_CASE(kms_screen_goes_on_and_off),
	KUNIT_CASE(kms_frames_follow_each_other),
	KUNIT_CASE(kms_scanout_is_pinned_in_vram),
	KUNIT_CASE(kms_commit_fails_as_often_as_asked),
	KUNIT_CASE(kms_late_flip_is_over_late),
	KUNIT_CASE(kms_picture_survives_suspend),
	KUNIT_CASE(kms_suspend_of_a_screen_that_is_off),
	KUNIT_CASE(kms_unplug_turns_screens_off),
	KUNIT_CASE(kms_idle_screen_has_no_timer),
	KUNIT_CASE(kms_modes_have_to_leave_time),
	{ }
};

static struct kunit_suite vprime_kms_test_suite = {
	.name = "vprime-kms",
	.test_cases = vprime_kms_test_cases,
};

kunit_test_suite(vprime_kms_test_suite);
