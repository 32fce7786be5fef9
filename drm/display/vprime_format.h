/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VPRIME_FORMAT_H_
#define _VPRIME_FORMAT_H_

#include <linux/types.h>

/**
 * enum vprime_format_kind - how the pixels of a format are put together
 * @VPRIME_FORMAT_RGB: a little endian word with unsigned channels in it
 * @VPRIME_FORMAT_HALF: four half floats, of which 0.0 to 1.0 can be shown
 * @VPRIME_FORMAT_GRAY: one brightness, down to one bit of it
 * @VPRIME_FORMAT_YUV: three samples, which may be shared by neighbours
 */
enum vprime_format_kind {
	VPRIME_FORMAT_RGB,
	VPRIME_FORMAT_HALF,
	VPRIME_FORMAT_GRAY,
	VPRIME_FORMAT_YUV,
};

/**
 * struct vprime_channel - a channel's place in the word
 * @shift: of its lowest bit
 * @bits: its width; an alpha of no bits is opaque
 */
struct vprime_channel {
	u8 shift;
	u8 bits;
};

/**
 * struct vprime_sample - where the samples of one of Y, U and V lie
 * @plane: of the format
 * @offset: in bytes, of the first in a row
 * @step: bytes from one to the next
 * @hshift: 2^hshift pixels beside each other share one
 * @vshift: 2^vshift pixels on top of each other share one
 */
struct vprime_sample {
	u8 plane;
	u8 offset;
	u8 step;
	u8 hshift;
	u8 vshift;
};

/**
 * struct vprime_format - a format as the composer reads it
 * @fourcc: its name
 * @kind: how it is put together
 * @bytes: of a pixel, or of one YUV sample
 * @bits: of the widest channel; the upper ones, in a YUV sample with room for more
 * @rgba: channels, of RGB and HALF: red, green, blue, alpha
 * @yuv: samples, of YUV: Y, U, V
 */
struct vprime_format {
	u32 fourcc;
	enum vprime_format_kind kind;
	u8 bytes;
	u8 bits;
	union {
		struct vprime_channel rgba[4];
		struct vprime_sample yuv[3];
	};
};

/**
 * vprime_format_is_deep - has a channel more than 8 bits?
 * @format: to ask
 *
 * Return: true if so.
 */
static inline bool vprime_format_is_deep(const struct vprime_format *format)
{
	return format->bits > 8;
}

/**
 * vprime_format_has_alpha - can a pixel be transparent?
 * @format: to ask
 *
 * Return: true if so.
 */
static inline bool vprime_format_has_alpha(const struct vprime_format *format)
{
	return (format->kind == VPRIME_FORMAT_RGB || format->kind == VPRIME_FORMAT_HALF) &&
	       format->rgba[3].bits;
}

const struct vprime_format *vprime_format_find(u32 fourcc);

#endif
