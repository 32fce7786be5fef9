// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing a finished picture into a buffer, line by line. Alpha, and what is there in its place, is
 * opaque. Formats with more than 8 bits per channel get what the wide intermediate has, if there
 * was one; all others get the picture that left the pipe.
 */
#include "vprime_sheet.h"

#include <linux/array_size.h>
#include <kunit/visibility.h>

#include <drm/drm_fourcc.h>

#include "vprime_color.h"
#include "vprime_compose.h"

const u32 vprime_sheet_formats[] = {
	DRM_FORMAT_XRGB8888,
	DRM_FORMAT_ARGB8888,
	DRM_FORMAT_XBGR8888,
	DRM_FORMAT_ABGR8888,
	DRM_FORMAT_RGB565,
	DRM_FORMAT_XRGB2101010,
	DRM_FORMAT_ARGB2101010,
	DRM_FORMAT_XRGB16161616,
	DRM_FORMAT_ARGB16161616,
};
EXPORT_SYMBOL_IF_KUNIT(vprime_sheet_formats);

const unsigned int vprime_sheet_num_formats = ARRAY_SIZE(vprime_sheet_formats);
EXPORT_SYMBOL_IF_KUNIT(vprime_sheet_num_formats);

/**
 * vprime_sheet_is_known - can a picture be written in this format?
 * @fourcc: its name
 *
 * Return: true if so.
 */
bool vprime_sheet_is_known(u32 fourcc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vprime_sheet_formats); i++) {
		if (vprime_sheet_formats[i] == fourcc)
			return true;
	}

	return false;
}

/**
 * vprime_sheet_is_deep - has the sheet more than 8 bits per channel?
 * @sheet: to ask
 *
 * Return: true if so.
 */
bool vprime_sheet_is_deep(const struct vprime_sheet *sheet)
{
	switch (sheet->format->format) {
	case DRM_FORMAT_XRGB2101010:
	case DRM_FORMAT_ARGB2101010:
	case DRM_FORMAT_XRGB16161616:
	case DRM_FORMAT_ARGB16161616:
		return true;
	default:
		return false;
	}
}

static void *sheet_row(const struct vprime_sheet *sheet, u32 y)
{
	return sheet->vaddr + (size_t)y * sheet->pitch;
}

static void write_rgb(u32 *row, const u32 *line, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		row[i] = line[i] | 0xff000000;
}

static void write_bgr(u32 *row, const u32 *line, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		row[i] = 0xff000000 | (line[i] & 0xff) << 16 | (line[i] & 0xff00) |
			 (line[i] >> 16 & 0xff);
}

/* The nearest of 0 to @max to one of 0 to @of. */
static u32 scale_channel(u32 value, u32 max, u32 of)
{
	return (value * max * 2 + of) / (2 * of);
}

static void write_565(u16 *row, const u32 *line, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		row[i] = scale_channel(line[i] >> 16 & 0xff, 31, 255) << 11 |
			 scale_channel(line[i] >> 8 & 0xff, 63, 255) << 5 |
			 scale_channel(line[i] & 0xff, 31, 255);
}

static u32 deep_pixel(u64 wide)
{
	return 0xc0000000 | scale_channel(wide >> 32 & 0xffff, 1023, 0xffff) << 20 |
	       scale_channel(wide >> 16 & 0xffff, 1023, 0xffff) << 10 |
	       scale_channel(wide & 0xffff, 1023, 0xffff);
}

/**
 * vprime_sheet_write - write a line with 8 bits per channel
 * @sheet: where to; not a deep one
 * @y: which line
 * @line: XRGB8888, X is anything
 * @count: its pixels
 */
void vprime_sheet_write(const struct vprime_sheet *sheet, u32 y, const u32 *line, u32 count)
{
	void *row = sheet_row(sheet, y);

	switch (sheet->format->format) {
	case DRM_FORMAT_RGB565:
		return write_565(row, line, count);
	case DRM_FORMAT_XBGR8888:
	case DRM_FORMAT_ABGR8888:
		return write_bgr(row, line, count);
	default:
		return write_rgb(row, line, count);
	}
}

/**
 * vprime_sheet_write_wide - write a line with 16 bits per channel
 * @sheet: where to; a deep one
 * @y: which line
 * @line: pixels of the wide intermediate
 * @count: so many
 */
void vprime_sheet_write_wide(const struct vprime_sheet *sheet, u32 y, const u64 *line, u32 count)
{
	const u32 fourcc = sheet->format->format;
	const bool whole = fourcc == DRM_FORMAT_XRGB16161616 || fourcc == DRM_FORMAT_ARGB16161616;
	void *row = sheet_row(sheet, y);
	u64 *quads = row;
	u32 *longs = row;
	u32 i;

	for (i = 0; i < count; i++) {
		if (whole)
			quads[i] = line[i] | VPRIME_WIDE_OPAQUE;
		else
			longs[i] = deep_pixel(line[i]);
	}
}
