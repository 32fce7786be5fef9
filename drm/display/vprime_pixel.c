// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_pixel.h"

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/swab.h>

#include <drm/drm_fourcc.h>

#include "vprime_color.h"
#include "vprime_format.h"

/**
 * DOC: Packed pixels
 *
 * Packed RGB pixels, side by side, become those of the intermediate: narrow ones of a format with
 * up to 8 bits per channel, wide ones of any other. Each loop knows its shifts when it is compiled,
 * as there is one pass of it for each pixel of a screen.
 */

/* Nearest of 0 to 255 to one of 0 to 31, exact for each of them. */
static u32 expand_5_bits(u32 value)
{
	return (value * 527 + 23) >> 6;
}

/* And to one of 0 to 63. */
static u32 expand_6_bits(u32 value)
{
	return (value * 259 + 33) >> 6;
}

/* Nearest of 0 to 0xffff to one of 0 to 1023, exact for each of them. */
static u32 expand_10_bits(u32 value)
{
	return (value * 1049585 + 8180) >> 14;
}

static __always_inline void narrow_words(const u16 *from, u32 *to, u32 count, unsigned int red,
					 unsigned int blue)
{
	u32 i;

	for (i = 0; i < count; i++)
		to[i] = expand_5_bits(from[i] >> red & 0x1f) << 16 |
			expand_6_bits(from[i] >> 5 & 0x3f) << 8 |
			expand_5_bits(from[i] >> blue & 0x1f);
}

static void narrow_words_with_alpha(const u16 *from, u32 *to, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		to[i] = (from[i] & 0x8000 ? 0xff000000 : 0) |
			expand_5_bits(from[i] >> 10 & 0x1f) << 16 |
			expand_5_bits(from[i] >> 5 & 0x1f) << 8 | expand_5_bits(from[i] & 0x1f);
}

static __always_inline void narrow_triples(const u8 *from, u32 *to, u32 count, unsigned int red,
					   unsigned int blue)
{
	u32 i;

	for (i = 0; i < count; i++, from += 3)
		to[i] = from[0] << blue | from[1] << 8 | from[2] << red;
}

/* Four bytes, by where red is among them. */
static void narrow_longs(const u32 *from, u32 *to, u32 count, unsigned int red)
{
	u32 i;

	switch (red) {
	case 0:
		for (i = 0; i < count; i++)
			to[i] = ror32(swab32(from[i]), 8);
		break;
	case 8:
		for (i = 0; i < count; i++)
			to[i] = swab32(from[i]);
		break;
	default:
		for (i = 0; i < count; i++)
			to[i] = ror32(from[i], 8);
		break;
	}
}

static __always_inline void widen_longs(const u32 *from, u64 *to, u32 count, unsigned int red,
					unsigned int blue)
{
	u32 i;

	for (i = 0; i < count; i++)
		to[i] = VPRIME_WIDE((from[i] >> 30) * 0x5555,
				    expand_10_bits(from[i] >> red & 0x3ff),
				    expand_10_bits(from[i] >> 10 & 0x3ff),
				    expand_10_bits(from[i] >> blue & 0x3ff));
}

static void swap_quads(const u64 *from, u64 *to, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		to[i] = (from[i] & 0xffff0000ffff0000ull) | (from[i] >> 32 & 0xffff) |
			(from[i] & 0xffff) << 32;
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

static __always_inline void widen_halves(const u64 *from, u64 *to, u32 count, unsigned int red,
					 unsigned int blue)
{
	u32 i;

	for (i = 0; i < count; i++)
		to[i] = VPRIME_WIDE(half_to_word(from[i] >> 48), half_to_word(from[i] >> red),
				    half_to_word(from[i] >> 16), half_to_word(from[i] >> blue));
}

/**
 * vprime_pixels_are_native - are pixels of this format those of an intermediate?
 * @format: of the pixels
 *
 * Return: true if so: they can be used where they are.
 */
bool vprime_pixels_are_native(const struct vprime_format *format)
{
	switch (format->fourcc) {
	case DRM_FORMAT_XRGB8888:
	case DRM_FORMAT_ARGB8888:
	case DRM_FORMAT_XRGB16161616:
	case DRM_FORMAT_ARGB16161616:
		return true;
	default:
		return false;
	}
}

/**
 * vprime_pixels_narrow - make narrow pixels
 * @format: of the pixels, RGB with up to 8 bits per channel, and not native
 * @from: the pixels
 * @to: what they become
 * @count: so many
 */
void vprime_pixels_narrow(const struct vprime_format *format, const void *from, u32 *to, u32 count)
{
	const unsigned int red = format->rgba[0].shift;

	if (format->bytes == 4)
		narrow_longs(from, to, count, red);
	else if (format->bytes == 3 && red)
		narrow_triples(from, to, count, 16, 0);
	else if (format->bytes == 3)
		narrow_triples(from, to, count, 0, 16);
	else if (format->rgba[1].bits == 5)
		narrow_words_with_alpha(from, to, count);
	else if (red)
		narrow_words(from, to, count, 11, 0);
	else
		narrow_words(from, to, count, 0, 11);
}

/**
 * vprime_pixels_wide - make wide pixels
 * @format: of the pixels, RGB or HALF with more than 8 bits per channel, and not native
 * @from: the pixels
 * @to: what they become
 * @count: so many
 */
void vprime_pixels_wide(const struct vprime_format *format, const void *from, u64 *to, u32 count)
{
	const unsigned int red = format->rgba[0].shift;

	if (format->kind == VPRIME_FORMAT_HALF && red)
		widen_halves(from, to, count, 32, 0);
	else if (format->kind == VPRIME_FORMAT_HALF)
		widen_halves(from, to, count, 0, 32);
	else if (format->bytes == 8)
		swap_quads(from, to, count);
	else if (red)
		widen_longs(from, to, count, 20, 0);
	else
		widen_longs(from, to, count, 0, 20);
}
