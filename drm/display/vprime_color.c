// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arithmetic on colours: from YUV to RGB, through the tables and the matrix of a pipe, and from the
 * narrow intermediate to the wide one and back. Every result is the nearest to the exact one, so
 * that a colour comes out the same however it came in.
 */
#include "vprime_color.h"

#include <linux/math64.h>
#include <linux/minmax.h>

#include <uapi/drm/drm_mode.h>

#include "vprime_compose.h"

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

/* A little more than half, as factors may be a little too small where the exact sum is half. */
static u16 yuv_round(const struct vprime_yuv *yuv, s64 sum)
{
	sum += BIT_ULL(YUV_SHIFT - 1) + BIT_ULL(YUV_SHIFT - 24);

	return clamp_t(s64, sum >> YUV_SHIFT, 0, yuv->max);
}

/**
 * vprime_yuv_chroma - what pixels with the same U and V have in common
 * @yuv: the way
 * @u: blue difference
 * @v: red difference
 *
 * Return: what has to be added to their Y.
 */
struct vprime_chroma vprime_yuv_chroma(const struct vprime_yuv *yuv, s32 u, s32 v)
{
	u -= yuv->c_zero;
	v -= yuv->c_zero;

	return (struct vprime_chroma) {
		.r = yuv->v_red * v,
		.g = yuv->u_green * u + yuv->v_green * v,
		.b = yuv->u_blue * u,
	};
}

/**
 * vprime_yuv_to_rgb - one colour
 * @yuv: the way
 * @y: luma
 * @chroma: of its U and V
 *
 * Return: the nearest that RGB has.
 */
struct vprime_rgb vprime_yuv_to_rgb(const struct vprime_yuv *yuv, s32 y,
				    struct vprime_chroma chroma)
{
	const s64 luma = yuv->y_all * (y - yuv->y_zero);

	return (struct vprime_rgb) {
		.r = yuv_round(yuv, luma + chroma.r),
		.g = yuv_round(yuv, luma + chroma.g),
		.b = yuv_round(yuv, luma + chroma.b),
	};
}

/* The tables hold three channels beside each other; this is one of them. */
static u16 lut_entry(const struct drm_color_lut *lut, u32 index, unsigned int channel)
{
	const u16 *entry = &lut[index].red;

	return entry[channel];
}

static u16 lut_value(const struct drm_color_lut *lut, u32 size, u16 value, unsigned int channel)
{
	const u32 at = value * (size - 1);
	const u32 index = at / 0xffff, part = at % 0xffff;
	u32 sum;

	if (!part)
		return lut_entry(lut, index, channel);

	/* Neither product is above 0xffff times a weight, and the weights are 0xffff together. */
	sum = lut_entry(lut, index, channel) * (0xffff - part);
	sum += lut_entry(lut, index + 1, channel) * part;

	return (sum + 0x7fff) / 0xffff;
}

static struct vprime_rgb lut_apply(const struct drm_color_lut *lut, u32 size, struct vprime_rgb in)
{
	if (!lut || !size)
		return in;

	return (struct vprime_rgb) {
		.r = lut_value(lut, size, in.r, 0),
		.g = lut_value(lut, size, in.g, 1),
		.b = lut_value(lut, size, in.b, 2),
	};
}

/* Sign and magnitude, 32 bits behind the point. Beyond 4096.0 nothing is left to be told apart. */
static s64 ctm_factor(u64 entry)
{
	const s64 size = min_t(u64, entry & ~BIT_ULL(63), BIT_ULL(44));

	return entry & BIT_ULL(63) ? -size : size;
}

static u16 ctm_row(const __u64 *row, struct vprime_rgb in)
{
	s64 sum = ctm_factor(row[0]) * in.r + ctm_factor(row[1]) * in.g + ctm_factor(row[2]) * in.b;

	sum += BIT_ULL(31);

	return clamp_t(s64, sum >> 32, 0, 0xffff);
}

static struct vprime_rgb ctm_apply(const struct drm_color_ctm *ctm, struct vprime_rgb in)
{
	if (!ctm)
		return in;

	return (struct vprime_rgb) {
		.r = ctm_row(&ctm->matrix[0], in),
		.g = ctm_row(&ctm->matrix[3], in),
		.b = ctm_row(&ctm->matrix[6], in),
	};
}

static struct vprime_rgb pipe_color(const struct vprime_pipe *pipe, struct vprime_rgb color)
{
	color = lut_apply(pipe->degamma, pipe->degamma_size, color);
	color = ctm_apply(pipe->ctm, color);

	return lut_apply(pipe->gamma, pipe->gamma_size, color);
}

/**
 * vprime_pipe_is_plain - does the pipe leave all colours as they are?
 * @pipe: to ask
 *
 * Return: true if none of its steps is there.
 */
bool vprime_pipe_is_plain(const struct vprime_pipe *pipe)
{
	return !(pipe->degamma && pipe->degamma_size) && !pipe->ctm &&
	       !(pipe->gamma && pipe->gamma_size);
}

/**
 * vprime_pipe_apply - send a line through a pipe
 * @pipe: degamma, matrix and gamma
 * @line: of wide pixels, changed in place; alpha is lost
 * @count: so many
 *
 * Neighbours are often equal, and then the second costs next to nothing.
 */
void vprime_pipe_apply(const struct vprime_pipe *pipe, u64 *line, u32 count)
{
	u64 last_in = line[0] + 1, last_out = 0;
	struct vprime_rgb color;
	u32 i;

	for (i = 0; i < count; i++) {
		if (line[i] != last_in) {
			last_in = line[i];
			color.r = last_in >> 32;
			color.g = last_in >> 16;
			color.b = last_in;
			color = pipe_color(pipe, color);
			last_out = VPRIME_WIDE(0xffff, color.r, color.g, color.b);
		}
		line[i] = last_out;
	}
}

/* Nearest of 0 to 255 to one of 0 to 0xffff, exact for each; in lanes of 32 bits. */
static u64 narrow_lanes(u64 lanes)
{
	return (lanes * 255 + 0x0000807f0000807full) >> 16 & 0x000000ff000000ffull;
}

/**
 * vprime_pipe_tabulate - what a pipe makes of each value of a narrow picture
 * @pipe: one without a matrix
 * @tables: for red, green and blue, what a value adds to the pixel
 */
void vprime_pipe_tabulate(const struct vprime_pipe *pipe, u32 tables[3][256])
{
	struct vprime_rgb color;
	unsigned int i;

	for (i = 0; i < 256; i++) {
		color = (struct vprime_rgb) { i * 257, i * 257, i * 257 };
		color = pipe_color(pipe, color);
		tables[0][i] = narrow_lanes(color.r) << 16;
		tables[1][i] = narrow_lanes(color.g) << 8;
		tables[2][i] = narrow_lanes(color.b);
	}
}

/**
 * vprime_widen - make narrow pixels wide
 * @wide: to fill
 * @narrow: to read
 * @count: so many
 */
void vprime_widen(u64 *wide, const u32 *narrow, u32 count)
{
	u64 spread;
	u32 i;

	for (i = 0; i < count; i++) {
		spread = narrow[i];
		spread = (spread & 0xffff) | (spread & 0xffff0000) << 16;
		spread = (spread & 0x000000ff000000ffull) | (spread & 0x0000ff000000ff00ull) << 8;
		wide[i] = spread * 257;
	}
}

/**
 * vprime_narrow - round wide pixels
 * @narrow: to fill
 * @wide: to read
 * @count: so many
 */
void vprime_narrow(u32 *narrow, const u64 *wide, u32 count)
{
	u64 red_blue, green;
	u32 i;

	for (i = 0; i < count; i++) {
		red_blue = narrow_lanes(wide[i] & 0x0000ffff0000ffffull);
		green = narrow_lanes(wide[i] >> 16 & 0xffff);
		narrow[i] = red_blue >> 16 | green << 8 | red_blue;
	}
}
