// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_read.h"

#include <linux/minmax.h>
#include <linux/string.h>

#include <drm/drm_blend.h>
#include <drm/drm_fourcc.h>

#include "vprime_color.h"
#include "vprime_compose.h"
#include "vprime_format.h"
#include "vprime_pixel.h"

/**
 * DOC: Reading layers
 *
 * Reading a layer: a run of its pixels, in the order in which they stand on the screen, becomes a
 * run of the intermediate. A format with up to 8 bits per channel is read as DRM_FORMAT_ARGB8888,
 * any other as ARGB16161616; what was read narrow can be widened, never the other way. Alpha of a
 * format that has none is undefined.
 */

/* The samples of a packed pixel are all one. */
static const void *gather_pixels(const struct vprime_format *format, struct vprime_desk *desk)
{
	const struct vprime_sample whole = { .step = format->bytes };

	return vprime_gather(&desk->walk, &whole, format->bytes, desk->samples.pixels);
}

static const u32 *read_rgb(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const void *pixels = gather_pixels(reader->format, desk);

	if (vprime_pixels_are_native(reader->format))
		return pixels;
	vprime_pixels_narrow(reader->format, pixels, desk->narrow, desk->walk.count);

	return desk->narrow;
}

static const u64 *read_deep_rgb(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const void *pixels = gather_pixels(reader->format, desk);

	if (vprime_pixels_are_native(reader->format))
		return pixels;
	vprime_pixels_wide(reader->format, pixels, desk->wide, desk->walk.count);

	return desk->wide;
}

static const u8 *gather_grays(unsigned int bits, struct vprime_desk *desk)
{
	const struct vprime_sample whole = { .step = 1 };

	if (bits == 8)
		return vprime_gather(&desk->walk, &whole, 1, desk->samples.bytes[0]);
	vprime_gather_bits(&desk->walk, bits, desk->samples.bytes[0]);

	return desk->samples.bytes[0];
}

static const u32 *read_gray(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const unsigned int bits = reader->format->bits;
	const u32 factor = 0x010101 * (255 / (BIT(bits) - 1));
	const u8 *grays = gather_grays(bits, desk);
	u32 i;

	for (i = 0; i < desk->walk.count; i++)
		desk->narrow[i] = grays[i] * factor;

	return desk->narrow;
}

static const u32 *read_yuv(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const struct vprime_sample *yuv = reader->format->yuv;
	const u8 *y = vprime_gather(&desk->walk, &yuv[0], 1, desk->samples.bytes[0]);
	const u8 *u = vprime_gather(&desk->walk, &yuv[1], 1, desk->samples.bytes[1]);
	const u8 *v = vprime_gather(&desk->walk, &yuv[2], 1, desk->samples.bytes[2]);

	vprime_yuv_narrow(&reader->yuv, y, u, v, desk->narrow, desk->walk.count);

	return desk->narrow;
}

static const u64 *read_deep_yuv(const struct vprime_reader *reader, struct vprime_desk *desk)
{
	const struct vprime_sample *yuv = reader->format->yuv;
	const u16 *y = vprime_gather(&desk->walk, &yuv[0], 2, desk->samples.words[0]);
	const u16 *u = vprime_gather(&desk->walk, &yuv[1], 2, desk->samples.words[1]);
	const u16 *v = vprime_gather(&desk->walk, &yuv[2], 2, desk->samples.words[2]);

	vprime_yuv_wide(&reader->yuv, y, u, v, 16 - reader->format->bits, desk->wide,
			desk->walk.count);

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
	walk->running = !reader->turned && vprime_axis_is_running(across);
	walk->fixed = vprime_axis_place(down, y);
	walk->count = count;
	vprime_axis_fill(across, x, walk->at, walk->running ? 1 : count);
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
	reader->straight = vprime_pixels_are_native(format) && !vprime_format_is_deep(format) &&
			   !reader->turned && vprime_axis_is_running(&reader->columns);
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
