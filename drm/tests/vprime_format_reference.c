// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the pixels of a buffer stand for, worked out from the definitions and slowly: formats as
 * drm_fourcc.h describes them, YUV from the weights in the standards. Everything is a fraction
 * until it is rounded. Shares nothing with the composer.
 */
#include "vprime_format_reference.h"

#include <linux/array_size.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <drm/drm_fourcc.h>

#include "../display/vprime_compose.h"

/* A pixel from its highest bit down: what each is, and how many bits; F for floats. */
static const struct {
	u32 fourcc;
	const char *layout;
} reference_layouts[] = {
	{ DRM_FORMAT_XRGB8888, "x8R8G8B8" },
	{ DRM_FORMAT_ARGB8888, "A8R8G8B8" },
	{ DRM_FORMAT_XBGR8888, "x8B8G8R8" },
	{ DRM_FORMAT_ABGR8888, "A8B8G8R8" },
	{ DRM_FORMAT_RGBX8888, "R8G8B8x8" },
	{ DRM_FORMAT_RGBA8888, "R8G8B8A8" },
	{ DRM_FORMAT_BGRX8888, "B8G8R8x8" },
	{ DRM_FORMAT_BGRA8888, "B8G8R8A8" },
	{ DRM_FORMAT_RGB565, "R5G6B5" },
	{ DRM_FORMAT_BGR565, "B5G6R5" },
	{ DRM_FORMAT_XRGB1555, "x1R5G5B5" },
	{ DRM_FORMAT_ARGB1555, "A1R5G5B5" },
	{ DRM_FORMAT_RGB888, "R8G8B8" },
	{ DRM_FORMAT_BGR888, "B8G8R8" },
	{ DRM_FORMAT_XRGB2101010, "x2R:G:B:" },
	{ DRM_FORMAT_ARGB2101010, "A2R:G:B:" },
	{ DRM_FORMAT_XBGR2101010, "x2B:G:R:" },
	{ DRM_FORMAT_ABGR2101010, "A2B:G:R:" },
	{ DRM_FORMAT_XRGB16161616, "x@R@G@B@" },
	{ DRM_FORMAT_ARGB16161616, "A@R@G@B@" },
	{ DRM_FORMAT_XBGR16161616, "x@B@G@R@" },
	{ DRM_FORMAT_ABGR16161616, "A@B@G@R@" },
	{ DRM_FORMAT_XRGB16161616F, "xFRFGFBF" },
	{ DRM_FORMAT_ARGB16161616F, "AFRFGFBF" },
	{ DRM_FORMAT_XBGR16161616F, "xFBFGFRF" },
	{ DRM_FORMAT_ABGR16161616F, "AFBFGFRF" },
};

/*
 * What a packed RGB format looks like: letters and numbers of bits in turn, where ':' is 10, '@'
 * and 'F' are 16; NULL if it is none.
 */
static const char *reference_layout(u32 fourcc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reference_layouts); i++) {
		if (reference_layouts[i].fourcc == fourcc)
			return reference_layouts[i].layout;
	}

	return NULL;
}

/* ':' follows '9' in ASCII; '@' is 16 behind '0'. */
static unsigned int layout_bits(char width)
{
	return width == 'F' ? 16 : width - '0';
}

static unsigned int layout_all_bits(const char *layout)
{
	unsigned int bits = 0;

	for (; *layout; layout += 2)
		bits += layout_bits(layout[1]);

	return bits;
}

/**
 * reference_raw - a pixel's bits, little endian
 * @pixels: the row
 * @x: which one
 * @bits: of each; those of less than a byte begin at its highest bit
 *
 * Return: the bits.
 */
u64 reference_raw(const void *pixels, unsigned int x, unsigned int bits)
{
	const u8 *bytes = pixels;
	unsigned int i;
	u64 raw = 0;

	if (bits < 8)
		return (bytes[x * bits / 8] >> (8 - bits - x * bits % 8)) & (BIT(bits) - 1);
	for (i = 0; i < bits / 8; i++)
		raw |= (u64)bytes[x * (bits / 8) + i] << (8 * i);

	return raw;
}

/* In units of 2^-24 every half float is a whole number. */
static u16 half_value(u16 half)
{
	const unsigned int exponent = (half >> 10) % 32;
	const u64 fraction = half % 1024;
	const u64 units = exponent ? (1024 + fraction) << (exponent - 1) : fraction;
	const bool is_number = exponent < 31 || !fraction;

	if (half >= 0x8000 || !is_number)
		return 0;

	return min_t(u64, reference_nearest(units * 0xffff, BIT_ULL(24)), 0xffff);
}

/* Channels of up to 8 bits are rounded to 8, on the way to 16. */
static u16 channel_value(u64 raw, char width)
{
	const u64 max = BIT_ULL(layout_bits(width)) - 1;

	if (width == 'F')
		return half_value(raw);
	if (max <= 0xff)
		return 257 * reference_nearest(raw * 0xff, max);

	return reference_nearest(raw * 0xffff, max);
}

static struct reference_color decode_rgb(const char *layout, u64 raw)
{
	struct reference_color color = { { 0, 0, 0, 0xffff } };
	unsigned int shift = layout_all_bits(layout);
	unsigned int bits;
	const char *which;

	for (; *layout; layout += 2) {
		bits = layout_bits(layout[1]);
		shift -= bits;
		which = strchr("RGBA", layout[0]);
		if (which)
			color.c[which - "RGBA"] = channel_value(raw >> shift & (BIT(bits) - 1),
								layout[1]);
	}

	return color;
}

/* The 8 bits on the link. */
static u64 link_value(u16 value)
{
	return reference_nearest(value, 257);
}

/**
 * reference_encode - what a colour looks like in a format
 * @fourcc: a packed RGB format without floats
 * @color: alpha and what stands for it come out opaque
 *
 * Return: the bits of the pixel. Up to 8 bits per channel are made from the 8 bits on the link.
 */
u64 reference_encode(u32 fourcc, struct reference_color color)
{
	const char *layout = reference_layout(fourcc);
	unsigned int bits, max;
	const char *which;
	u64 raw = 0;

	for (; *layout; layout += 2) {
		bits = layout_bits(layout[1]);
		max = BIT(bits) - 1;
		which = strchr("RGB", layout[0]);
		raw <<= bits;
		if (!which)
			raw |= max;
		else if (bits > 8)
			raw |= reference_nearest((u64)color.c[which - "RGB"] * max, 0xffff);
		else
			raw |= reference_nearest(link_value(color.c[which - "RGB"]) * max, 255);
	}

	return raw;
}

static unsigned int yuv_bits(u32 fourcc)
{
	switch (fourcc) {
	case DRM_FORMAT_P010:
		return 10;
	case DRM_FORMAT_P012:
		return 12;
	case DRM_FORMAT_P016:
		return 16;
	default:
		return 8;
	}
}

static bool yuv_is_packed(u32 fourcc)
{
	return fourcc == DRM_FORMAT_YUYV || fourcc == DRM_FORMAT_YVYU ||
	       fourcc == DRM_FORMAT_UYVY || fourcc == DRM_FORMAT_VYUY;
}

static bool yuv_has_v_first(u32 fourcc)
{
	switch (fourcc) {
	case DRM_FORMAT_NV21:
	case DRM_FORMAT_NV61:
	case DRM_FORMAT_NV42:
	case DRM_FORMAT_YVU420:
	case DRM_FORMAT_YVU422:
	case DRM_FORMAT_YVU444:
		return true;
	default:
		return false;
	}
}

/* The bytes of two pixels stand in memory as the letters stand in the name. */
static u32 packed_sample(const struct vprime_layer *layer, char which, int x, int y)
{
	const char name[4] = {
		layer->format->format, layer->format->format >> 8,
		layer->format->format >> 16, layer->format->format >> 24,
	};
	const u8 *pair = layer->vaddr[0] + y * layer->pitches[0] + x / 2 * 4;
	int i, first = name[0] == 'Y' ? 0 : 1;

	if (which == 'Y')
		return pair[first + x % 2 * 2];
	for (i = 0; name[i] != which; i++)
		;

	return pair[i];
}

static u32 yuv_sample(const struct vprime_layer *layer, char which, int x, int y)
{
	const struct drm_format_info *format = layer->format;
	const unsigned int bits = yuv_bits(format->format);
	const unsigned int room = bits > 8 ? 16 : 8;
	unsigned int second, plane;
	const void *row;

	if (yuv_is_packed(format->format))
		return packed_sample(layer, which, x, y);
	if (which == 'Y')
		return reference_raw(layer->vaddr[0] + y * layer->pitches[0], x, room) >>
		       (room - bits);

	second = (which == 'V') != yuv_has_v_first(format->format);
	plane = format->num_planes == 3 ? 1 + second : 1;
	row = layer->vaddr[plane] + y / format->vsub * layer->pitches[plane];
	x /= format->hsub;
	if (format->num_planes == 2)
		x = 2 * x + second;

	return reference_raw(row, x, room) >> (room - bits);
}

static u16 yuv_channel(u32 max, s64 numerator, u64 denominator)
{
	if (numerator <= 0)
		return 0;

	return min_t(u64, (mul_u64_u64_div_u64(2 * max, numerator, denominator) + 1) / 2, max);
}

/* Kr and Kb in 1/10000, as in the tables of BT.601, BT.709 and BT.2020. */
static void yuv_weights(enum drm_color_encoding encoding, s64 *kr, s64 *kb)
{
	*kr = encoding == DRM_COLOR_YCBCR_BT601 ? 2990 :
	      encoding == DRM_COLOR_YCBCR_BT709 ? 2126 : 2627;
	*kb = encoding == DRM_COLOR_YCBCR_BT601 ? 1140 :
	      encoding == DRM_COLOR_YCBCR_BT709 ? 722 : 593;
}

static struct reference_color decode_yuv(const struct vprime_layer *layer, int x, int y)
{
	const unsigned int bits = yuv_bits(layer->format->format);
	const bool full = layer->range == DRM_COLOR_YCBCR_FULL_RANGE;
	const s64 unit = full ? BIT(bits) - 1 : BIT(bits - 8);
	const s64 ys = full ? 1 : 219, cs = full ? 1 : 224;
	const s64 luma = yuv_sample(layer, 'Y', x, y) - (full ? 0 : 16 * unit);
	const s64 cb = (s64)yuv_sample(layer, 'U', x, y) - BIT(bits - 1);
	const s64 cr = (s64)yuv_sample(layer, 'V', x, y) - BIT(bits - 1);
	const u32 max = bits > 8 ? 0xffff : 0xff;
	struct reference_color color = { { 0, 0, 0, max } };
	unsigned int i;
	s64 kr, kb, kg;

	yuv_weights(layer->encoding, &kr, &kb);
	kg = 10000 - kr - kb;
	color.c[0] = yuv_channel(max, luma * cs * 10000 + 2 * (10000 - kr) * cr * ys,
				 10000 * ys * cs * unit);
	color.c[1] = yuv_channel(max, luma * cs * 10000 * kg - 2 * kb * (10000 - kb) * cb * ys -
				 2 * kr * (10000 - kr) * cr * ys, 10000 * kg * ys * cs * unit);
	color.c[2] = yuv_channel(max, luma * cs * 10000 + 2 * (10000 - kb) * cb * ys,
				 10000 * ys * cs * unit);
	for (i = 0; i < ARRAY_SIZE(color.c); i++)
		color.c[i] *= 0xffff / max;

	return color;
}

static unsigned int gray_bits(u32 fourcc)
{
	switch (fourcc) {
	case DRM_FORMAT_R1:
		return 1;
	case DRM_FORMAT_R2:
		return 2;
	case DRM_FORMAT_R4:
		return 4;
	default:
		return 8;
	}
}

/**
 * reference_pixel - the colour of a pixel of a buffer
 * @layer: where the buffer is
 * @x: column in the buffer
 * @y: line there
 *
 * Return: the colour; alpha is opaque where the format has none.
 */
struct reference_color reference_pixel(const struct vprime_layer *layer, int x, int y)
{
	const void *row = layer->vaddr[0] + y * layer->pitches[0];
	const char *layout = reference_layout(layer->format->format);
	unsigned int bits;
	u16 gray;

	if (layer->format->is_yuv)
		return decode_yuv(layer, x, y);
	if (layout)
		return decode_rgb(layout, reference_raw(row, x, layout_all_bits(layout)));

	bits = gray_bits(layer->format->format);
	gray = reference_nearest(reference_raw(row, x, bits) * 0xffff, BIT(bits) - 1);

	return (struct reference_color) { { gray, gray, gray, 0xffff } };
}

/**
 * reference_is_deep - whether a format has more than 8 bits per channel
 * @fourcc: its name
 *
 * Return: whether it has.
 */
bool reference_is_deep(u32 fourcc)
{
	const char *layout = reference_layout(fourcc);

	return yuv_bits(fourcc) > 8 || (layout && strpbrk(layout, ":@F"));
}
