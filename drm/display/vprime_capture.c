// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_capture.h"

#include <linux/capability.h>
#include <linux/err.h>

#include <drm/drm_auth.h>
#include <drm/drm_crtc.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_fourcc.h>
#include <drm/drm_gem.h>

#include <drm/vprime_drm.h>

#include "vprime_compose.h"
#include "vprime_crtc.h"
#include "vprime_flip.h"
#include "vprime_frame.h"
#include "vprime_gpu.h"
#include "vprime_scanout.h"

/**
 * DOC: Pictures of a screen
 *
 * For who wants to see a screen without being its master: one picture at a time, of what is on the
 * screen right now, put into a buffer. That may be another device's, which shows it then.
 */

static bool may_capture(struct drm_file *file)
{
	return drm_is_current_master(file) || capable(CAP_SYS_ADMIN);
}

static bool sheet_has_format(u32 format)
{
	unsigned int i;

	for (i = 0; i < vprime_sheet_num_formats; i++) {
		if (vprime_sheet_formats[i] == format)
			return true;
	}
	return false;
}

static bool picture_fits(const struct drm_vprime_capture *args, u64 size)
{
	const struct drm_format_info *format = drm_format_info(args->format);
	u64 row = (u64)args->width * format->cpp[0];

	return args->pitch >= row && !(args->pitch % format->cpp[0]) && args->offset <= size &&
	       !(args->offset % format->cpp[0]) &&
	       (u64)args->pitch * (args->height - 1) + row <= size - args->offset;
}

static int capture_to(struct drm_gem_object *obj, const struct vprime_frame *frame,
		      const struct drm_vprime_capture *args)
{
	struct vprime_composer *composer;
	struct vprime_view view;
	int ret;

	composer = vprime_composer_create(frame->width);
	if (IS_ERR(composer))
		return -ENOMEM;
	ret = vprime_view_open(&view, &obj, 1, DMA_TO_DEVICE);
	if (ret)
		goto out;
	ret = vprime_scanout_capture(composer, frame, &(struct vprime_sheet) {
		.format = drm_format_info(args->format),
		.vaddr = view.maps[0].vaddr + args->offset,
		.pitch = args->pitch,
	});
	vprime_view_close(&view);
out:
	vprime_composer_destroy(composer);
	return ret;
}

static int capture_frame(struct drm_file *file, const struct vprime_frame *frame,
			 struct drm_vprime_capture *args)
{
	struct drm_gem_object *obj;
	int ret;

	if (!args->handle) {
		args->width = frame->width;
		args->height = frame->height;
		return 0;
	}
	if (args->width != frame->width || args->height != frame->height)
		return -ERANGE;
	if (!sheet_has_format(args->format))
		return -EINVAL;

	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj)
		return -ENOENT;
	ret = picture_fits(args, obj->size) ? capture_to(obj, frame, args) : -EINVAL;
	drm_gem_object_put(obj);
	return ret;
}

/**
 * vprime_capture - put a picture of a screen into a buffer
 * @gpu: whose screen
 * @file: who asks
 * @args: see &struct drm_vprime_capture
 *
 * Context: may sleep and allocate.
 * Return: 0; -EACCES if @file is not the master, and its process may not do what it likes; -EINVAL;
 * -ENOENT if there is no such CRTC or buffer; -ENODATA if the screen is off; -ERANGE if it has
 * another size; -ENOMEM; -ERESTARTSYS; or an error of the buffer's exporter.
 */
int vprime_capture(struct vprime_gpu *gpu, struct drm_file *file, struct drm_vprime_capture *args)
{
	struct vprime_frame *frame;
	struct drm_crtc *crtc;
	int ret;

	if (args->flags || args->pad)
		return -EINVAL;
	if (!may_capture(file))
		return -EACCES;
	/* Without a display there is not even a list of screens to look into. */
	if (!drm_core_check_feature(&gpu->drm, DRIVER_MODESET))
		return -ENOENT;
	crtc = drm_crtc_find(&gpu->drm, file, args->crtc_id);
	if (!crtc)
		return -ENOENT;

	frame = vprime_flip_get_frame(to_vprime_crtc(crtc));
	if (!frame)
		return -ENODATA;
	ret = capture_frame(file, frame, args);
	vprime_frame_put(frame);
	return ret;
}
