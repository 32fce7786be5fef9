// SPDX-License-Identifier: GPL-2.0-only
#include <linux/compiler.h>
#include <linux/mutex.h>

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_state_helper.h>
#include <drm/drm_client.h>
#include <drm/drm_crtc.h>
#include <drm/drm_fb_helper.h>
#include <drm/drm_modeset_lock.h>
#include <drm/drm_plane.h>
#include <drm/drm_property.h>

#include "vprime_console.h"
#include "vprime_fbdev.h"
#include "vprime_gpu.h"

/**
 * DOC: What a program leaves on the console's screen
 *
 * When a program that had a screen is gone, or another terminal is switched to, DRM shows the
 * console again: its framebuffer on the primary plane, unrotated, and no other plane. Everything
 * else that the program set stays, and text that is shown through an inverting gamma table or a
 * transparent plane cannot be read. So a commit that shows the console sets what changes its looks
 * to what it was when the GPU came.
 *
 * Commits of programs are not touched, even if they show the console's framebuffer.
 *
 * Tested by tests/vprime_fbdev_looks_test.c and igt-tests/fbdev_restore.c.
 */

/*
 * DRM commits for the console with the mutex of its client held, and takes modeset locks
 * uninterruptibly. A program may commit while somebody else holds that mutex, but the ioctls that
 * set a mode or flip take modeset locks interruptibly.
 */
static bool is_for_console(const struct drm_atomic_state *state, struct vprime_console *console)
{
	return !state->acquire_ctx->interruptible &&
	       mutex_is_locked(&console->helper->client.modeset_mutex);
}

static void reset_crtc(struct drm_crtc_state *crtc_state)
{
	bool changed = false;

	changed |= drm_property_replace_blob(&crtc_state->degamma_lut, NULL);
	changed |= drm_property_replace_blob(&crtc_state->ctm, NULL);
	changed |= drm_property_replace_blob(&crtc_state->gamma_lut, NULL);
	crtc_state->color_mgmt_changed |= changed;
	crtc_state->vrr_enabled = false;
}

/* DRM takes care of the rest. */
static void reset_plane(struct drm_plane_state *plane_state)
{
	struct drm_plane_state fresh = {};

	__drm_atomic_helper_plane_state_reset(&fresh, plane_state->plane);
	plane_state->alpha = fresh.alpha;
	plane_state->pixel_blend_mode = fresh.pixel_blend_mode;
	plane_state->zpos = fresh.zpos;
	plane_state->color_encoding = fresh.color_encoding;
	plane_state->color_range = fresh.color_range;
	plane_state->scaling_filter = fresh.scaling_filter;
}

/**
 * vprime_fbdev_reset_looks - undo what programs did to a screen that shows the console again
 * @state: a commit that is being checked; changed if it is for the console
 *
 * Context: the locks of all that is in @state are held.
 */
void vprime_fbdev_reset_looks(struct drm_atomic_state *state)
{
	struct vprime_console *console = READ_ONCE(to_vprime_gpu(state->dev)->fbdev.console);
	struct drm_crtc_state *crtc_state;
	struct drm_crtc *crtc;
	int i;

	if (!console || !is_for_console(state, console))
		return;

	for_each_new_crtc_in_state(state, crtc, crtc_state, i) {
		struct drm_plane_state *plane_state;

		plane_state = drm_atomic_get_new_plane_state(state, crtc->primary);
		if (!plane_state || !plane_state->fb || plane_state->fb != console->fb)
			continue;
		reset_crtc(crtc_state);
		reset_plane(plane_state);
	}
}
