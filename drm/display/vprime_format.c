// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_format.h"

#include <linux/array_size.h>
#include <kunit/visibility.h>

#include <drm/drm_fourcc.h>

#include "vprime_compose.h"

/**
 * DOC: Formats of layers
 *
 * The formats of layers, as data: which ones there are and where in memory each channel is. Nothing
 * here reads a pixel, see vprime_read.c for that.
 */

/*
 * Kind, bytes and bits of each, then shift and width of red, green, blue and alpha; or plane,
 * offset, step and shifts of Y, U and V. What programs take if they do not care comes first.
 */
static const struct vprime_format vprime_formats[] = {
	{ DRM_FORMAT_XRGB8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 16, 8 }, { 8, 8 }, { 0, 8 }, { 24, 0 } } },
	{ DRM_FORMAT_ARGB8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 16, 8 }, { 8, 8 }, { 0, 8 }, { 24, 8 } } },
	{ DRM_FORMAT_XBGR8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 0, 8 }, { 8, 8 }, { 16, 8 }, { 24, 0 } } },
	{ DRM_FORMAT_ABGR8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 0, 8 }, { 8, 8 }, { 16, 8 }, { 24, 8 } } },
	{ DRM_FORMAT_RGBX8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 24, 8 }, { 16, 8 }, { 8, 8 }, { 0, 0 } } },
	{ DRM_FORMAT_RGBA8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 24, 8 }, { 16, 8 }, { 8, 8 }, { 0, 8 } } },
	{ DRM_FORMAT_BGRX8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 8, 8 }, { 16, 8 }, { 24, 8 }, { 0, 0 } } },
	{ DRM_FORMAT_BGRA8888, VPRIME_FORMAT_RGB, 4, 8,
	  .rgba = { { 8, 8 }, { 16, 8 }, { 24, 8 }, { 0, 8 } } },
	{ DRM_FORMAT_RGB565, VPRIME_FORMAT_RGB, 2, 6,
	  .rgba = { { 11, 5 }, { 5, 6 }, { 0, 5 }, { 0, 0 } } },
	{ DRM_FORMAT_BGR565, VPRIME_FORMAT_RGB, 2, 6,
	  .rgba = { { 0, 5 }, { 5, 6 }, { 11, 5 }, { 0, 0 } } },
	{ DRM_FORMAT_XRGB1555, VPRIME_FORMAT_RGB, 2, 5,
	  .rgba = { { 10, 5 }, { 5, 5 }, { 0, 5 }, { 15, 0 } } },
	{ DRM_FORMAT_ARGB1555, VPRIME_FORMAT_RGB, 2, 5,
	  .rgba = { { 10, 5 }, { 5, 5 }, { 0, 5 }, { 15, 1 } } },
	{ DRM_FORMAT_RGB888, VPRIME_FORMAT_RGB, 3, 8,
	  .rgba = { { 16, 8 }, { 8, 8 }, { 0, 8 }, { 0, 0 } } },
	{ DRM_FORMAT_BGR888, VPRIME_FORMAT_RGB, 3, 8,
	  .rgba = { { 0, 8 }, { 8, 8 }, { 16, 8 }, { 0, 0 } } },
	{ DRM_FORMAT_XRGB2101010, VPRIME_FORMAT_RGB, 4, 10,
	  .rgba = { { 20, 10 }, { 10, 10 }, { 0, 10 }, { 30, 0 } } },
	{ DRM_FORMAT_ARGB2101010, VPRIME_FORMAT_RGB, 4, 10,
	  .rgba = { { 20, 10 }, { 10, 10 }, { 0, 10 }, { 30, 2 } } },
	{ DRM_FORMAT_XBGR2101010, VPRIME_FORMAT_RGB, 4, 10,
	  .rgba = { { 0, 10 }, { 10, 10 }, { 20, 10 }, { 30, 0 } } },
	{ DRM_FORMAT_ABGR2101010, VPRIME_FORMAT_RGB, 4, 10,
	  .rgba = { { 0, 10 }, { 10, 10 }, { 20, 10 }, { 30, 2 } } },
	{ DRM_FORMAT_XRGB16161616, VPRIME_FORMAT_RGB, 8, 16,
	  .rgba = { { 32, 16 }, { 16, 16 }, { 0, 16 }, { 48, 0 } } },
	{ DRM_FORMAT_ARGB16161616, VPRIME_FORMAT_RGB, 8, 16,
	  .rgba = { { 32, 16 }, { 16, 16 }, { 0, 16 }, { 48, 16 } } },
	{ DRM_FORMAT_XBGR16161616, VPRIME_FORMAT_RGB, 8, 16,
	  .rgba = { { 0, 16 }, { 16, 16 }, { 32, 16 }, { 48, 0 } } },
	{ DRM_FORMAT_ABGR16161616, VPRIME_FORMAT_RGB, 8, 16,
	  .rgba = { { 0, 16 }, { 16, 16 }, { 32, 16 }, { 48, 16 } } },
	{ DRM_FORMAT_XRGB16161616F, VPRIME_FORMAT_HALF, 8, 16,
	  .rgba = { { 32, 16 }, { 16, 16 }, { 0, 16 }, { 48, 0 } } },
	{ DRM_FORMAT_ARGB16161616F, VPRIME_FORMAT_HALF, 8, 16,
	  .rgba = { { 32, 16 }, { 16, 16 }, { 0, 16 }, { 48, 16 } } },
	{ DRM_FORMAT_XBGR16161616F, VPRIME_FORMAT_HALF, 8, 16,
	  .rgba = { { 0, 16 }, { 16, 16 }, { 32, 16 }, { 48, 0 } } },
	{ DRM_FORMAT_ABGR16161616F, VPRIME_FORMAT_HALF, 8, 16,
	  .rgba = { { 0, 16 }, { 16, 16 }, { 32, 16 }, { 48, 16 } } },
	{ DRM_FORMAT_NV12, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 0, 2, 1, 1 }, { 1, 1, 2, 1, 1 } } },
	{ DRM_FORMAT_NV21, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 1, 2, 1, 1 }, { 1, 0, 2, 1, 1 } } },
	{ DRM_FORMAT_NV16, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 0, 2, 1, 0 }, { 1, 1, 2, 1, 0 } } },
	{ DRM_FORMAT_NV61, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 1, 2, 1, 0 }, { 1, 0, 2, 1, 0 } } },
	{ DRM_FORMAT_NV24, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 0, 2, 0, 0 }, { 1, 1, 2, 0, 0 } } },
	{ DRM_FORMAT_NV42, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 1, 2, 0, 0 }, { 1, 0, 2, 0, 0 } } },
	{ DRM_FORMAT_P010, VPRIME_FORMAT_YUV, 2, 10,
	  .yuv = { { 0, 0, 2, 0, 0 }, { 1, 0, 4, 1, 1 }, { 1, 2, 4, 1, 1 } } },
	{ DRM_FORMAT_P012, VPRIME_FORMAT_YUV, 2, 12,
	  .yuv = { { 0, 0, 2, 0, 0 }, { 1, 0, 4, 1, 1 }, { 1, 2, 4, 1, 1 } } },
	{ DRM_FORMAT_P016, VPRIME_FORMAT_YUV, 2, 16,
	  .yuv = { { 0, 0, 2, 0, 0 }, { 1, 0, 4, 1, 1 }, { 1, 2, 4, 1, 1 } } },
	{ DRM_FORMAT_YUV420, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 0, 1, 1, 1 }, { 2, 0, 1, 1, 1 } } },
	{ DRM_FORMAT_YVU420, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 2, 0, 1, 1, 1 }, { 1, 0, 1, 1, 1 } } },
	{ DRM_FORMAT_YUV422, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 0, 1, 1, 0 }, { 2, 0, 1, 1, 0 } } },
	{ DRM_FORMAT_YVU422, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 2, 0, 1, 1, 0 }, { 1, 0, 1, 1, 0 } } },
	{ DRM_FORMAT_YUV444, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 1, 0, 1, 0, 0 }, { 2, 0, 1, 0, 0 } } },
	{ DRM_FORMAT_YVU444, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 1, 0, 0 }, { 2, 0, 1, 0, 0 }, { 1, 0, 1, 0, 0 } } },
	{ DRM_FORMAT_YUYV, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 2, 0, 0 }, { 0, 1, 4, 1, 0 }, { 0, 3, 4, 1, 0 } } },
	{ DRM_FORMAT_YVYU, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 0, 2, 0, 0 }, { 0, 3, 4, 1, 0 }, { 0, 1, 4, 1, 0 } } },
	{ DRM_FORMAT_UYVY, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 1, 2, 0, 0 }, { 0, 0, 4, 1, 0 }, { 0, 2, 4, 1, 0 } } },
	{ DRM_FORMAT_VYUY, VPRIME_FORMAT_YUV, 1, 8,
	  .yuv = { { 0, 1, 2, 0, 0 }, { 0, 2, 4, 1, 0 }, { 0, 0, 4, 1, 0 } } },
	{ DRM_FORMAT_R1, VPRIME_FORMAT_GRAY, 1, 1 },
	{ DRM_FORMAT_R2, VPRIME_FORMAT_GRAY, 1, 2 },
	{ DRM_FORMAT_R4, VPRIME_FORMAT_GRAY, 1, 4 },
	{ DRM_FORMAT_R8, VPRIME_FORMAT_GRAY, 1, 8 },
};

/* The same in the form that drm_universal_plane_init() takes. */
const u32 vprime_layer_formats[] = {
	DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, DRM_FORMAT_XBGR8888, DRM_FORMAT_ABGR8888,
	DRM_FORMAT_RGBX8888, DRM_FORMAT_RGBA8888, DRM_FORMAT_BGRX8888, DRM_FORMAT_BGRA8888,
	DRM_FORMAT_RGB565, DRM_FORMAT_BGR565, DRM_FORMAT_XRGB1555, DRM_FORMAT_ARGB1555,
	DRM_FORMAT_RGB888, DRM_FORMAT_BGR888, DRM_FORMAT_XRGB2101010, DRM_FORMAT_ARGB2101010,
	DRM_FORMAT_XBGR2101010, DRM_FORMAT_ABGR2101010, DRM_FORMAT_XRGB16161616,
	DRM_FORMAT_ARGB16161616, DRM_FORMAT_XBGR16161616, DRM_FORMAT_ABGR16161616,
	DRM_FORMAT_XRGB16161616F, DRM_FORMAT_ARGB16161616F, DRM_FORMAT_XBGR16161616F,
	DRM_FORMAT_ABGR16161616F, DRM_FORMAT_NV12, DRM_FORMAT_NV21, DRM_FORMAT_NV16,
	DRM_FORMAT_NV61, DRM_FORMAT_NV24, DRM_FORMAT_NV42, DRM_FORMAT_P010, DRM_FORMAT_P012,
	DRM_FORMAT_P016, DRM_FORMAT_YUV420, DRM_FORMAT_YVU420, DRM_FORMAT_YUV422,
	DRM_FORMAT_YVU422, DRM_FORMAT_YUV444, DRM_FORMAT_YVU444, DRM_FORMAT_YUYV, DRM_FORMAT_YVYU,
	DRM_FORMAT_UYVY, DRM_FORMAT_VYUY, DRM_FORMAT_R1, DRM_FORMAT_R2, DRM_FORMAT_R4,
	DRM_FORMAT_R8,
};
EXPORT_SYMBOL_IF_KUNIT(vprime_layer_formats);

const unsigned int vprime_layer_num_formats = ARRAY_SIZE(vprime_layer_formats);
EXPORT_SYMBOL_IF_KUNIT(vprime_layer_num_formats);

static_assert(ARRAY_SIZE(vprime_layer_formats) == ARRAY_SIZE(vprime_formats));

/**
 * vprime_format_find - how to read a format
 * @fourcc: its name
 *
 * Return: the format, or NULL if no layer can have it.
 */
const struct vprime_format *vprime_format_find(u32 fourcc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vprime_formats); i++) {
		if (vprime_formats[i].fourcc == fourcc)
			return &vprime_formats[i];
	}

	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(vprime_format_find);
