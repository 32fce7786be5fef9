// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_framebuffer.h"

#include <kunit/visibility.h>

#include <linux/err.h>
#include <linux/math.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <drm/drm_damage_helper.h>
#include <drm/drm_device.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_framebuffer.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_framebuffer_helper.h>
#include <drm/drm_modeset_helper.h>
#include <drm/drm_plane.h>
#include <drm/drm_print.h>

/**
 * DOC: Framebuffers
 *
 * Checks that a buffer has room for the picture that a program says is in it. Composition,
 * writeback and the panic screen rely on this and check nothing again.
 *
 * DRM's own check is not enough. In a packed YUV format two pixels share their chroma samples, and
 * so the last pixel of an odd row needs the samples of a whole pair; DRM counts half of one.
 *
 * Tested by tests/vprime_framebuffer_test.c and igt-tests/kms_framebuffer.c.
 */

static const struct drm_framebuffer_funcs vprime_framebuffer_funcs = {
	.destroy	= drm_gem_fb_destroy,
	.create_handle	= drm_gem_fb_create_handle,
	.dirty		= drm_atomic_helper_dirtyfb,
};

/**
 * vprime_framebuffer_row_bytes - how many bytes of a row are read
 * @format: of the picture
 * @plane: of the format
 * @width: of the picture, in pixels
 *
 * Context: any.
 * Return: the bytes from the first one of a row to the last one that any pixel of it needs.
 */
u64 vprime_framebuffer_row_bytes(const struct drm_format_info *format, unsigned int plane,
				 u32 width)
{
	u32 samples = drm_format_info_plane_width(format, width, plane);

	/* Pixels that share samples within one plane come in whole groups. */
	if (format->num_planes == 1)
		samples = roundup(samples, format->hsub);
	return drm_format_info_min_pitch(format, plane, samples);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_framebuffer_row_bytes);

static bool plane_fits(const struct drm_format_info *format, unsigned int plane,
		       const struct drm_mode_fb_cmd2 *cmd, u64 size)
{
	u64 row = vprime_framebuffer_row_bytes(format, plane, cmd->width);
	u32 rows = drm_format_info_plane_height(format, cmd->height, plane);

	return cmd->pitches[plane] >= row &&
	       cmd->offsets[plane] + (u64)cmd->pitches[plane] * (rows - 1) + row <= size;
}

static void put_objects(struct drm_gem_object *const *objs, unsigned int count)
{
	while (count--)
		drm_gem_object_put(objs[count]);
}

/* On success each plane's buffer has a reference for the caller. */
static int get_objects(struct drm_device *drm, struct drm_file *file,
		       const struct drm_mode_fb_cmd2 *cmd, const struct drm_format_info *format,
		       struct drm_gem_object **objs)
{
	unsigned int i;

	for (i = 0; i < format->num_planes; i++) {
		objs[i] = drm_gem_object_lookup(file, cmd->handles[i]);
		if (!objs[i]) {
			put_objects(objs, i);
			return -ENOENT;
		}
		if (!plane_fits(format, i, cmd, objs[i]->size)) {
			drm_dbg_kms(drm, "plane %u of %ux%u in %p4cc does not fit into %zu bytes\n",
				    i, cmd->width, cmd->height, &cmd->pixel_format, objs[i]->size);
			put_objects(objs, i + 1);
			return -EINVAL;
		}
	}
	return 0;
}

/* Takes over the references of @objs if it succeeds. */
static struct drm_framebuffer *create_of_objects(struct drm_device *drm,
						 const struct drm_mode_fb_cmd2 *cmd,
						 const struct drm_format_info *format,
						 struct drm_gem_object *const *objs)
{
	struct drm_framebuffer *fb = kzalloc(sizeof(*fb), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!fb)
		return ERR_PTR(-ENOMEM);
	drm_helper_mode_fill_fb_struct(drm, fb, cmd);
	memcpy(fb->obj, objs, format->num_planes * sizeof(*objs));
	ret = drm_framebuffer_init(drm, fb, &vprime_framebuffer_funcs);
	if (ret) {
		kfree(fb);
		return ERR_PTR(ret);
	}
	return fb;
}

/**
 * vprime_framebuffer_create - make a framebuffer
 * @drm: on this GPU
 * @file: who has the buffers
 * @cmd: which buffers, and what is in them
 *
 * Context: may sleep and allocate.
 * Return: the framebuffer, with a reference for the caller; ERR_PTR(-EINVAL) if no plane of the GPU
 * shows the format, or a buffer has no room for the picture; ERR_PTR(-ENOENT) if there is no such
 * buffer; ERR_PTR(-ENOMEM).
 */
struct drm_framebuffer *vprime_framebuffer_create(struct drm_device *drm, struct drm_file *file,
						  const struct drm_mode_fb_cmd2 *cmd)
{
	const struct drm_format_info *format = drm_get_format_info(drm, cmd);
	struct drm_gem_object *objs[DRM_FORMAT_MAX_PLANES];
	struct drm_framebuffer *fb;
	int ret;

	if (!drm_any_plane_has_format(drm, cmd->pixel_format, cmd->modifier[0])) {
		drm_dbg_kms(drm, "no plane shows %p4cc with modifier %#llx\n", &cmd->pixel_format,
			    cmd->modifier[0]);
		return ERR_PTR(-EINVAL);
	}

	ret = get_objects(drm, file, cmd, format, objs);
	if (ret)
		return ERR_PTR(ret);
	fb = create_of_objects(drm, cmd, format, objs);
	if (IS_ERR(fb))
		put_objects(objs, format->num_planes);
	return fb;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_framebuffer_create);
