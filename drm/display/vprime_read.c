// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a layer: a run of its pixels, in the order in which they stand on the screen, becomes a
 * run of the intermediate. A format with up to 8 bits per channel is read as DRM_FORMAT_ARGB8888,
 * any other as ARGB16161616; what was read narrow can be widened, never the other way. Alpha of a
 * format that has none is undefined.
 */
#include "vprime_read.h"

#include <linux/minmax.h>
#include <linux/string.h>

#include <drm/drm_blend.h>
#include <drm/drm_fourcc.h>

#include "vprime_compose.h"
#include "vprime_format.h"

/* The nearest of 8 bits to one of 5, and of 6. */
static u32 expand5(u32 value)
{
	return (value * 527 + 23) >> 6;
}

static u32 expand6(u32 value)
{
	return (value * 259 + 33) >> 6;
}

static u32 narrow_channel(u32 word, struct vprime_channel channel)
{
	const u32 value = word >> channel.shift;

	switch (channel.bits) {
	case 5:
		return expand5(value & 0x1f);
	case 6:
		return expand6(value & 0x3f);
	default:
		return value & 0xff;
	}
}

static u32 narrow_pixel(const struct vprime_format *format, u32 word)
{
	return narrow_channel(word, format->rgba[3]) << 24 |
	       narrow_channel(word, format->rgba[0]) << 16 |
	       narrow_channel(word, format->rgba[1]) << 8 |
	       narrow_channel(word, format->rgba[2]);
}

static void rgb_from_words(const struct vprime_format *format, const u16 *from, u32 *to, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		to[i] = narrow_pixel(format, from[i]);
}

static void rgb_from_triples(const struct vprime_format *format, const u8 *from, u32 *to, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++, from += 3)
		to[i] = narrow_pixel(format, from[0] | from[1] << 8 | from[2] << 16);
}

static void rgb_from_longs(const struct vprime_format *format, const u32 *from, u32 *to, u32 count)
{
	const u32 a = format->rgba[3].shift, r = format->rgba[0].shift;
	const u32 g = format->rgba[1].shift, b = format->rgba[2].shift;
	u32 i;

	for (i = 0; i < count; i++) {
		to[i] = (from[i] >> a & 0xff) << 24 | (from[i] >> r & 0xff) << 16 |
			(from[i] >> g & 0xff) << 8 | (from[i] >> b & 0xff);
	}
}

/* The samples of a packed pixel are all one. */
static const void *gather_pixels(const struct vprime_format *format, struct vprime_desk *desk)
{
	const struct vprime_sample whole = { .step = format->bytes };

	return vprime_gather(&desk->walk, &whole, format->bytes, desk->samples.pixels);
}

/* XRGB8888 and ARGB8888 are the intermediate already. */
static bool format_is_native(const struct vprime_format *format)
{
	return format->fourcc == DRM_FORMAT_XRGB8888 || format->fourcc == DRM_FORMAT_ARGB8888;
}

static const u32 *read_rgb(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const struct vprime_format *format = reader->format;
	const void *pixels = gather_pixels(format, desk);

	if (format_is_native(format))
		return pixels;

	if (format->bytes == 2)
		rgb_from_words(format, pixels, desk->narrow, desk->walk.count);
	else if (format->bytes == 3)
		rgb_from_triples(format, pixels, desk->narrow, desk->walk.count);
	else
		rgb_from_longs(format, pixels, desk->narrow, desk->walk.count);

	return desk->narrow;
}

static const u32 *read_gray(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const unsigned int bits = reader->format->bits;
	const u32 factor = 0x010101 * (255 / (BIT(bits) - 1));
	u8 *samples = desk->samples.bytes[0];
	u32 i;

	vprime_gather_bits(&desk->walk, bits, samples);
	for (i = 0; i < desk->walk.count; i++)
		desk->narrow[i] = samples[i] * factor;

	return desk->narrow;
}

static const u32 *read_yuv(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const struct vprime_sample *yuv = reader->format->yuv;
	const u8 *y = vprime_gather(&desk->walk, &yuv[0], 1, desk->samples.bytes[0]);
	const u8 *u = vprime_gather(&desk->walk, &yuv[1], 1, desk->samples.bytes[1]);
	const u8 *v = vprime_gather(&desk->walk, &yuv[2], 1, desk->samples.bytes[2]);
	struct vprime_rgb rgb;
	u32 i;

	for (i = 0; i < desk->walk.count; i++) {
		rgb = vprime_yuv_to_rgb(&reader->yuv, y[i], u[i], v[i]);
		desk->narrow[i] = rgb.r << 16 | rgb.g << 8 | rgb.b;
	}

	return desk->narrow;
}

static const u64 *read_deep_yuv(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const struct vprime_sample *yuv = reader->format->yuv;
	const unsigned int drop = 16 - reader->format->bits;
	const u16 *y = vprime_gather(&desk->walk, &yuv[0], 2, desk->samples.words[0]);
	const u16 *u = vprime_gather(&desk->walk, &yuv[1], 2, desk->samples.words[1]);
	const u16 *v = vprime_gather(&desk->walk, &yuv[2], 2, desk->samples.words[2]);
	struct vprime_rgb rgb;
	u32 i;

	for (i = 0; i < desk->walk.count; i++) {
		rgb = vprime_yuv_to_rgb(&reader->yuv, y[i] >> drop, u[i] >> drop, v[i] >> drop);
		desk->wide[i] = VPRIME_WIDE(0, rgb.r, rgb.g, rgb.b);
	}

	return desk->wide;
}

/* 0.0 to 1.0 of a half float; other numbers come to the nearer end, and what is none to 0. */
static u16 half_to_word(u16 half)
{
	const u32 exponent = half >> 10 & 0x1f;
	const u32 fraction = half & 0x3ff;
	u32 drop;

	if (half & 0x8000 || (exponent == 0x1f && fraction))
		return 0;
	if (exponent >= 15)
		return 0xffff;

	/* Tiny numbers have no hidden one, and the exponent of those with exponent 1. */
	drop = 25 - (exponent ?: 1);

	return ((exponent ? 0x400 | fraction : fraction) * 0xffff + BIT(drop - 1)) >> drop;
}

static u64 wide_channel(u64 word, struct vprime_channel channel)
{
	const u32 value = (word >> channel.shift) & (BIT(channel.bits) - 1);

	switch (channel.bits) {
	case 2:
		return value * 0x5555;
	case 10:
		return value * 64 + (value * 63 + 511) / 1023;
	default:
		return value;
	}
}

static u64 wide_pixel(const struct vprime_format *format, u64 word)
{
	return VPRIME_WIDE(wide_channel(word, format->rgba[3]),
			   wide_channel(word, format->rgba[0]),
			   wide_channel(word, format->rgba[1]),
			   wide_channel(word, format->rgba[2]));
}

static u64 half_pixel(const struct vprime_format *format, u64 word)
{
	return VPRIME_WIDE(half_to_word(word >> format->rgba[3].shift),
			   half_to_word(word >> format->rgba[0].shift),
			   half_to_word(word >> format->rgba[1].shift),
			   half_to_word(word >> format->rgba[2].shift));
}

static const u64 *read_deep_rgb(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const struct vprime_format *format = reader->format;
	const void *pixels = gather_pixels(format, desk);
	const u32 *longs = pixels;
	const u64 *quads = pixels;
	u32 i;

	for (i = 0; i < desk->walk.count; i++) {
		if (format->kind == VPRIME_FORMAT_HALF)
			desk->wide[i] = half_pixel(format, quads[i]);
		else if (format->bytes == 8)
			desk->wide[i] = wide_pixel(format, quads[i]);
		else
			desk->wide[i] = wide_pixel(format, longs[i]);
	}

	return desk->wide;
}

/* The screen's pixels from (x, y) of the layer's place on the screen, going right. */
static void reader_walk(const struct vprime_reader *reader, struct vprime_walk *walk,
			u32 x, u32 y, u32 count)
{
	const struct vprime_axis *across = reader->turned ? &reader->rows : &reader->columns;
	const struct vprime_axis *down = reader->turned ? &reader->columns : &reader->rows;

	walk->layer = reader->layer;
	walk->turned = reader->turned;
	walk->running = vprime_axis_is_running(across);
	walk->fixed = vprime_axis_place(down, y);
	walk->count = count;
	vprime_axis_fill(across, x, walk->at, count);
}

static void reader_turn(struct vprime_reader *reader, unsigned int rotation)
{
	const unsigned int turn = rotation & DRM_MODE_ROTATE_MASK;

	reader->turned = turn == DRM_MODE_ROTATE_90 || turn == DRM_MODE_ROTATE_270;
	reader->columns.flip = turn == DRM_MODE_ROTATE_90 || turn == DRM_MODE_ROTATE_180;
	reader->rows.flip = turn == DRM_MODE_ROTATE_180 || turn == DRM_MODE_ROTATE_270;
	reader->columns.flip ^= !!(rotation & DRM_MODE_REFLECT_X);
	reader->rows.flip ^= !!(rotation & DRM_MODE_REFLECT_Y);
}

/**
 * vprime_reader_init - get ready to read a layer
 * @reader: to fill
 * @layer: with something to see in it; used as long as @reader is
 *
 * Return: false if its format is none of vprime_layer_formats.
 */
bool vprime_reader_init(struct vprime_reader *reader, const struct vprime_layer *layer)
{
	const struct vprime_format *format = vprime_format_find(layer->format->format);
	const u32 width = drm_rect_width(&layer->dst), height = drm_rect_height(&layer->dst);

	if (!format)
		return false;

	reader->layer = layer;
	reader->format = format;
	reader_turn(reader, layer->rotation);
	reader->columns.start = layer->src.x1;
	reader->columns.length = drm_rect_width(&layer->src);
	reader->columns.limit = layer->width;
	reader->columns.count = reader->turned ? height : width;
	reader->rows.start = layer->src.y1;
	reader->rows.length = drm_rect_height(&layer->src);
	reader->rows.limit = layer->height;
	reader->rows.count = reader->turned ? width : height;
	reader->straight = format_is_native(format) && !reader->turned &&
			   vprime_axis_is_running(&reader->columns);
	if (format->kind == VPRIME_FORMAT_YUV)
		vprime_yuv_init(&reader->yuv, layer->encoding, layer->range, format->bits,
				vprime_format_is_deep(format) ? 0xffff : 0xff);

	return true;
}

/**
 * vprime_read_straight - where a line of a straight layer is
 * @reader: one with @straight
 * @x: first pixel, from the left of the layer's place on the screen
 * @y: line, from its top
 *
 * Return: the pixels, in the buffer.
 */
const u32 *vprime_read_straight(const struct vprime_reader *reader, u32 x, u32 y)
{
	const struct vprime_layer *layer = reader->layer;
	const size_t row = vprime_axis_place(&reader->rows, y);

	return layer->vaddr[0] + row * layer->pitches[0] +
	       vprime_axis_place(&reader->columns, x) * sizeof(u32);
}

/**
 * vprime_read_narrow - read pixels of a format that is not deep
 * @reader: how
 * @desk: where
 * @x: first pixel, from the left of the layer's place on the screen
 * @y: line, from its top
 * @count: so many, up to VPRIME_READ_MAX
 *
 * Return: the pixels, in @desk or in the buffer.
 */
const u32 *vprime_read_narrow(const struct vprime_reader *reader, struct vprime_desk *desk,
			      u32 x, u32 y, u32 count)
{
	reader_walk(reader, &desk->walk, x, y, count);

	switch (reader->format->kind) {
	case VPRIME_FORMAT_GRAY:
		return read_gray(reader, desk);
	case VPRIME_FORMAT_YUV:
		return read_yuv(reader, desk);
	default:
		return read_rgb(reader, desk);
	}
}

/**
 * vprime_read_wide - read pixels of any format
 * @reader: how
 * @desk: where
 * @x: first pixel, from the left of the layer's place on the screen
 * @y: line, from its top
 * @count: so many, up to VPRIME_READ_MAX
 *
 * Return: the pixels, in @desk.
 */
const u64 *vprime_read_wide(const struct vprime_reader *reader, struct vprime_desk *desk,
			    u32 x, u32 y, u32 count)
{
	if (!vprime_format_is_deep(reader->format)) {
		vprime_widen(desk->wide, vprime_read_narrow(reader, desk, x, y, count), count);
		return desk->wide;
	}

	reader_walk(reader, &desk->walk, x, y, count);

	return reader->format->kind == VPRIME_FORMAT_YUV ? read_deep_yuv(reader, desk) :
							   read_deep_rgb(reader, desk);
}
