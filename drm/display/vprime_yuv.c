// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_yuv.h"

#include <linux/bits.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "vprime_color.h"

/**
 * DOC: From YUV to RGB
 *
 * Colours in YUV become RGB, as BT.601, BT.709 and BT.2020 have it. The factors are so long that
 * the sum for a channel is rounded to the nearest, as if it were exact.
 */

#define YUV_SHIFT 44
#define YUV_ONE 10000

/* What red and blue have in Y, in parts of YUV_ONE; green has the rest. */
static const struct {
	u32 red;
	u32 blue;
} yuv_weights[] = {
	[DRM_COLOR_YCBCR_BT601]		= { 2990, 1140 },
	[DRM_COLOR_YCBCR_BT709]		= { 2126,  722 },
	[DRM_COLOR_YCBCR_BT2020]	= { 2627,  593 },
};

/* numerator / denominator in steps of 2^-YUV_SHIFT, to the nearest. */
static s64 yuv_factor(u64 numerator, u64 denominator)
{
	return (mul_u64_u64_div_u64(numerator, BIT_ULL(YUV_SHIFT + 1), denominator) + 1) >> 1;
}

/**
 * vprime_yuv_init - work out the way from YUV to RGB
 * @yuv: to fill
 * @encoding: which Y, U and V they are
 * @range: which values they take
 * @bits: of each
 * @max: of the RGB channels they become
 *
 * Context: any.
 */
void vprime_yuv_init(struct vprime_yuv *yuv, enum drm_color_encoding encoding,
		     enum drm_color_range range, unsigned int bits, u32 max)
{
	const bool full = range == DRM_COLOR_YCBCR_FULL_RANGE;
	const u32 y_span = full ? BIT(bits) - 1 : 219 << (bits - 8);
	const u32 c_span = full ? BIT(bits) - 1 : 224 << (bits - 8);
	const u64 red = yuv_weights[encoding].red;
	const u64 blue = yuv_weights[encoding].blue;
	const u64 green = YUV_ONE - red - blue;

	yuv->y_all = yuv_factor(max, y_span);
	yuv->v_red = yuv_factor(2 * (YUV_ONE - red) * max, (u64)YUV_ONE * c_span);
	yuv->u_blue = yuv_factor(2 * (YUV_ONE - blue) * max, (u64)YUV_ONE * c_span);
	yuv->u_green = -yuv_factor(2 * blue * (YUV_ONE - blue) * max, YUV_ONE * green * c_span);
	yuv->v_green = -yuv_factor(2 * red * (YUV_ONE - red) * max, YUV_ONE * green * c_span);
	yuv->y_zero = full ? 0 : 16 << (bits - 8);
	yuv->c_zero = BIT(bits - 1);
	yuv->max = max;
}

/**
 * struct yuv_chroma - what U and V add to each channel
 * @r: to red
 * @g: to green
 * @b: to blue
 */
struct yuv_chroma {
	s64 r;
	s64 g;
	s64 b;
};

static struct yuv_chroma yuv_chroma(const struct vprime_yuv *yuv, s32 u, s32 v)
{
	u -= yuv->c_zero;
	v -= yuv->c_zero;

	return (struct yuv_chroma) {
		.r = yuv->v_red * v,
		.g = yuv->u_green * u + yuv->v_green * v,
		.b = yuv->u_blue * u,
	};
}

/* A little more than half, as factors may be a little too small where the exact sum is half. */
static s64 yuv_luma(const struct vprime_yuv *yuv, s32 y)
{
	return yuv->y_all * (y - yuv->y_zero) + (s64)(BIT_ULL(YUV_SHIFT - 1) +
						      BIT_ULL(YUV_SHIFT - 24));
}

static u64 yuv_round(const struct vprime_yuv *yuv, s64 sum)
{
	return clamp_t(s64, sum >> YUV_SHIFT, 0, yuv->max);
}

/**
 * vprime_yuv_narrow - convert samples of 8 bits
 * @yuv: the way, to 8 bits per channel
 * @y: luma of each pixel
 * @u: blue difference of each
 * @v: red difference of each
 * @to: narrow pixels, without alpha
 * @count: so many
 *
 * Neighbours that share U and V share what these are multiplied with, too.
 */
void vprime_yuv_narrow(const struct vprime_yuv *yuv, const u8 *y, const u8 *u, const u8 *v,
		       u32 *to, u32 count)
{
	struct yuv_chroma chroma = yuv_chroma(yuv, u[0], v[0]);
	s64 luma;
	u32 i;

	for (i = 0; i < count; i++) {
		if (i && (u[i] != u[i - 1] || v[i] != v[i - 1]))
			chroma = yuv_chroma(yuv, u[i], v[i]);
		luma = yuv_luma(yuv, y[i]);
		to[i] = yuv_round(yuv, luma + chroma.r) << 16 |
			yuv_round(yuv, luma + chroma.g) << 8 | yuv_round(yuv, luma + chroma.b);
	}
}

/**
 * vprime_yuv_wide - convert samples of up to 16 bits
 * @yuv: the way, to 16 bits per channel
 * @y: luma of each pixel
 * @u: blue difference of each
 * @v: red difference of each
 * @drop: bits of a sample, from the lowest, that do not count
 * @to: wide pixels, without alpha
 * @count: so many
 */
void vprime_yuv_wide(const struct vprime_yuv *yuv, const u16 *y, const u16 *u, const u16 *v,
		     unsigned int drop, u64 *to, u32 count)
{
	struct yuv_chroma chroma = yuv_chroma(yuv, u[0] >> drop, v[0] >> drop);
	s64 luma;
	u32 i;

	for (i = 0; i < count; i++) {
		if (i && (u[i] != u[i - 1] || v[i] != v[i - 1]))
			chroma = yuv_chroma(yuv, u[i] >> drop, v[i] >> drop);
		luma = yuv_luma(yuv, y[i] >> drop);
		to[i] = VPRIME_WIDE(0, yuv_round(yuv, luma + chroma.r),
				    yuv_round(yuv, luma + chroma.g),
				    yuv_round(yuv, luma + chroma.b));
	}
}
