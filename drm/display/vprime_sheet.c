// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_sheet.h"

#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/swab.h>
#include <linux/unaligned.h>
#include <kunit/visibility.h>

#include <drm/drm_fourcc.h>

#include "vprime_color.h"
#include "vprime_compose.h"

/**
 * DOC: Writing pictures down
 *
 * Writing a finished picture into a buffer, line by line. Alpha, and what is there in its place, is
 * opaque. Formats with more than 8 bits per channel get what the wide intermediate has, if there
 * was one; all others get the picture that left the pipe.
 */

#define SHEET_OPAQUE		0xff000000
#define SHEET_OPAQUE_PAIR	0xff000000ff000000ull

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

/* By twos, and the last alone. */
static void write_rgb(u32 *row, const u32 *line, u32 count)
{
	u32 *end = row + count;

	for (; end - row >= 2; row += 2, line += 2)
		put_unaligned(get_unaligned((const u64 *)line) | SHEET_OPAQUE_PAIR, (u64 *)row);
	if (row < end)
		*row = *line | SHEET_OPAQUE;
}

static void write_bgr(u32 *row, const u32 *line, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		row[i] = ror32(swab32(line[i]), 8) | SHEET_OPAQUE;
}

/* Nearest of 0 to 31 to one of 0 to 255, exact for each of them. */
static u32 reduce_to_5_bits(u32 value)
{
	return (value * 249 + 1014) >> 11;
}

/* And of 0 to 63. */
static u32 reduce_to_6_bits(u32 value)
{
	return (value * 253 + 505) >> 10;
}

/* Nearest of 0 to 1023 to one of 0 to 0xffff, exact for each of them. */
static u32 reduce_to_10_bits(u32 value)
{
	return (value * 65473 + 2097100) >> 22;
}

static void write_565(u16 *row, const u32 *line, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		row[i] = reduce_to_5_bits(line[i] >> 16 & 0xff) << 11 |
			 reduce_to_6_bits(line[i] >> 8 & 0xff) << 5 |
			 reduce_to_5_bits(line[i] & 0xff);
}

static void write_2101010(u32 *row, const u64 *line, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		row[i] = 0xc0000000 | reduce_to_10_bits(line[i] >> 32 & 0xffff) << 20 |
			 reduce_to_10_bits(line[i] >> 16 & 0xffff) << 10 |
			 reduce_to_10_bits(line[i] & 0xffff);
}

static void write_16161616(u64 *row, const u64 *line, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		row[i] = line[i] | VPRIME_WIDE_OPAQUE;
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
	void *row = sheet_row(sheet, y);

	if (sheet->format->cpp[0] == sizeof(*line))
		write_16161616(row, line, count);
	else
		write_2101010(row, line, count);
}
