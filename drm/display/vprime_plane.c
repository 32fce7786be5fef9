// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_plane.h"

#include <drm/drm_atomic.h>
#include <drm/drm_atomic_helper.h>
#include <drm/drm_atomic_state_helper.h>
#include <drm/drm_blend.h>
#include <drm/drm_color_mgmt.h>
#include <drm/drm_damage_helper.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_gem_atomic_helper.h>
#include <drm/drm_plane.h>

#include "vprime_compose.h"
#include "vprime_crtc.h"
#include "vprime_cursor.h"
#include "vprime_gpu.h"
#include "vprime_panic.h"
#include "vprime_scanout.h"
#include "vprime_writeback.h"

/**
 * DOC: A plane
 *
 * What can be asked of a plane, and its framebuffer pinned for as long as it is on a screen.
 * Calls of old go past the commits of the rest (vprime_cursor).
 */

#define SCALE_MAX 16
#define FIXED_ONE 0x10000

/* The second is for those who blend a cursor by its plane's alpha alone. */
static const u32 cursor_formats[] = { DRM_FORMAT_ARGB8888, DRM_FORMAT_XRGB8888 };

/* Any size is shown; these are the ones that most GPUs can do, the usual one first. */
static const struct drm_plane_size_hint cursor_sizes[] = {
	{ 64, 64 }, { 128, 128 }, { 256, 256 }, { 512, 512 },
};

/* Other GPUs and compositors agree on nothing else. */
static const u64 modifiers[] = { DRM_FORMAT_MOD_LINEAR, DRM_FORMAT_MOD_INVALID };

static const struct drm_plane_funcs vprime_plane_funcs = {
	.update_plane		= drm_atomic_helper_update_plane,
	.disable_plane		= drm_atomic_helper_disable_plane,
	.reset			= drm_atomic_helper_plane_reset,
	.atomic_duplicate_state	= drm_atomic_helper_plane_duplicate_state,
	.atomic_destroy_state	= drm_atomic_helper_plane_destroy_state,
};

/* Window systems of old have one updated for each step of the mouse. */
static const struct drm_plane_funcs vprime_cursor_funcs = {
	.update_plane		= vprime_cursor_update_plane,
	.disable_plane		= drm_atomic_helper_disable_plane,
	.reset			= drm_atomic_helper_plane_reset,
	.atomic_duplicate_state	= drm_atomic_helper_plane_duplicate_state,
	.atomic_destroy_state	= drm_atomic_helper_plane_destroy_state,
	.atomic_print_state	= vprime_cursor_atomic_print_state,
};

static int plane_prepare_writeback(const struct drm_plane_state *plane_state)
{
	struct drm_crtc_state *crtc_state = drm_atomic_get_new_crtc_state(plane_state->state,
									  plane_state->crtc);
	struct drm_writeback_job *job = to_vprime_crtc_state(crtc_state)->writeback;

	return job && plane_state->visible ? vprime_writeback_add_source(job, plane_state->fb) : 0;
}

static int vprime_plane_prepare_fb(struct drm_plane *plane, struct drm_plane_state *plane_state)
{
	int ret;

	if (!plane_state->fb)
		return 0;
	ret = drm_gem_plane_helper_prepare_fb(plane, plane_state);
	if (ret)
		return ret;
	ret = vprime_scanout_pin(plane_state->fb);
	if (ret)
		return ret;
	ret = plane_prepare_writeback(plane_state);
	if (ret)
		vprime_scanout_unpin(plane_state->fb);
	return ret;
}

static void vprime_plane_cleanup_fb(struct drm_plane *plane, struct drm_plane_state *plane_state)
{
	if (plane_state->fb)
		vprime_scanout_unpin(plane_state->fb);
}

static int vprime_plane_atomic_check(struct drm_plane *plane, struct drm_atomic_state *state)
{
	struct drm_plane_state *plane_state = drm_atomic_get_new_plane_state(state, plane);
	struct drm_crtc_state *crtc_state;

	if (!plane_state->crtc)
		return 0;
	crtc_state = drm_atomic_get_crtc_state(state, plane_state->crtc);
	if (IS_ERR(crtc_state))
		return PTR_ERR(crtc_state);
	return drm_atomic_helper_check_plane_state(plane_state, crtc_state, FIXED_ONE / SCALE_MAX,
						   FIXED_ONE * SCALE_MAX, true, true);
}

/* The CRTC takes all of its planes at once (vprime_frame_fill()), but DRM calls this. */
static void vprime_plane_atomic_update(struct drm_plane *plane, struct drm_atomic_state *state)
{
}

static const struct drm_plane_helper_funcs vprime_plane_helper_funcs = {
	.prepare_fb		= vprime_plane_prepare_fb,
	.cleanup_fb		= vprime_plane_cleanup_fb,
	.atomic_check		= vprime_plane_atomic_check,
	.atomic_update		= vprime_plane_atomic_update,
	.atomic_async_check	= vprime_cursor_atomic_async_check,
	.atomic_async_update	= vprime_cursor_atomic_async_update,
	VPRIME_PANIC_OPS,
};

static int plane_add_blending(struct drm_plane *plane)
{
	int ret;

	ret = drm_plane_create_alpha_property(plane);
	return ret ?: drm_plane_create_blend_mode_property(plane,
							   BIT(DRM_MODE_BLEND_PIXEL_NONE) |
							   BIT(DRM_MODE_BLEND_PREMULTI) |
							   BIT(DRM_MODE_BLEND_COVERAGE));
}

/* A cursor is on top; the others are in any order that is wanted. */
static int plane_add_zpos(struct drm_plane *plane, unsigned int index)
{
	if (plane->type == DRM_PLANE_TYPE_CURSOR)
		return drm_plane_create_zpos_immutable_property(plane, VPRIME_PLANES_MAX);
	return drm_plane_create_zpos_property(plane,
					      plane->type == DRM_PLANE_TYPE_PRIMARY ? 0 : index,
					      0, VPRIME_PLANES_MAX - 1);
}

static int plane_add_colors(struct drm_plane *plane)
{
	return drm_plane_create_color_properties(plane,
						 BIT(DRM_COLOR_YCBCR_BT601) |
						 BIT(DRM_COLOR_YCBCR_BT709) |
						 BIT(DRM_COLOR_YCBCR_BT2020),
						 BIT(DRM_COLOR_YCBCR_LIMITED_RANGE) |
						 BIT(DRM_COLOR_YCBCR_FULL_RANGE),
						 DRM_COLOR_YCBCR_BT601,
						 DRM_COLOR_YCBCR_LIMITED_RANGE);
}

static int plane_add_scaling(struct drm_plane *plane)
{
	return drm_plane_create_scaling_filter_property(plane,
							BIT(DRM_SCALING_FILTER_DEFAULT) |
							BIT(DRM_SCALING_FILTER_NEAREST_NEIGHBOR));
}

static int plane_add_properties(struct drm_plane *plane, unsigned int index, u8 rotations)
{
	int ret;

	ret = plane_add_blending(plane);
	if (ret)
		return ret;
	ret = plane_add_zpos(plane, index);
	if (ret)
		return ret;
	ret = drm_plane_create_rotation_property(plane, DRM_MODE_ROTATE_0, rotations);
	if (ret)
		return ret;
	drm_plane_enable_fb_damage_clips(plane);
	/* The rest is of no use to a picture of a few pixels without YUV. */
	if (plane->type == DRM_PLANE_TYPE_CURSOR)
		return drm_plane_add_size_hints_property(plane, cursor_sizes,
							 ARRAY_SIZE(cursor_sizes));
	ret = plane_add_colors(plane);
	return ret ?: plane_add_scaling(plane);
}

/**
 * vprime_plane_create - make a plane
 * @gpu: whose; owns it
 * @index: of the plane
 * @config: what it is like
 *
 * Context: may sleep and allocate.
 * Return: the plane, or ERR_PTR(-ENOMEM).
 */
struct drm_plane *vprime_plane_create(struct vprime_gpu *gpu, unsigned int index,
				      const struct vprime_plane_config *config)
{
	bool cursor = config->type == DRM_PLANE_TYPE_CURSOR;
	const u32 *formats = cursor ? cursor_formats : vprime_layer_formats;
	size_t num_formats = cursor ? ARRAY_SIZE(cursor_formats) : vprime_layer_num_formats;
	struct drm_plane *plane;
	int ret;

	/* A plane of no type of ours is DRM's as it is. */
	plane = __drmm_universal_plane_alloc(&gpu->drm, sizeof(*plane), 0, config->crtcs,
					     cursor ? &vprime_cursor_funcs : &vprime_plane_funcs,
					     formats, num_formats, modifiers, config->type, NULL);
	if (IS_ERR(plane))
		return plane;

	drm_plane_helper_add(plane, &vprime_plane_helper_funcs);
	ret = plane_add_properties(plane, index, config->rotations);
	return ret ? ERR_PTR(ret) : plane;
}
