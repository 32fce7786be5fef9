// SPDX-License-Identifier: GPL-2.0-only
#include "vprime_blend.h"

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <kunit/visibility.h>

#include <drm/drm_blend.h>

/**
 * DOC: Blending
 *
 * Blending: a run of a layer's pixels goes over a run of the line. Each result is the nearest to
 * the exact sum that the mode's formula in KMS demands, rounded once and held at the maximum. The
 * line is opaque all the time, and its alpha is not kept.
 */

/* Channels of 8 bits, each in 16: blue, red, green, alpha from the bottom. */
#define LANES_BYTES	0x00ff00ff00ff00ffull
#define LANES_ONE	0x0001000100010001ull
#define LANES_HALF	0x0080008000800080ull

static u64 lanes_from(u32 pixel)
{
	return (pixel & 0x00ff00ff) | (u64)(pixel & 0xff00ff00) << 24;
}

static u32 lanes_to(u64 lanes)
{
	return (lanes & 0x00ff00ff) | (lanes >> 24 & 0xff00ff00);
}

/* Of products of two bytes, the nearest to a 255th of each. */
static u64 lanes_divide(u64 products)
{
	products += LANES_HALF;

	return (products + (products >> 8 & LANES_BYTES)) >> 8 & LANES_BYTES;
}

/* Sums of two bytes, held at 255. */
static u64 lanes_saturate(u64 sums)
{
	const u64 over = sums >> 8 & LANES_ONE;

	return (sums | ((over << 8) - over)) & LANES_BYTES;
}

/* Whether a colour of a sum of two pixels is more than a byte holds: the next one has its carry. */
static bool sum_is_over(u32 sum, u32 a, u32 b)
{
	return (sum ^ a ^ b) & 0x01010100;
}

/*
 * The nearest to what is left is what there was without the nearest to what is lost, as nothing is
 * ever half way between. So bytes are subtracted and added where they are.
 */
static u32 premulti_pixel(u32 below, u32 above)
{
	const u32 rest = below - lanes_to(lanes_divide(lanes_from(below) * (above >> 24)));
	const u32 sum = above + rest;

	if (sum_is_over(sum, above, rest))
		return lanes_to(lanes_saturate(lanes_from(above) + lanes_from(rest)));

	return sum;
}

static u32 coverage_pixel(u32 below, u32 above)
{
	const u32 alpha = above >> 24;
	const u64 products = lanes_from(above) * alpha + lanes_from(below) * (255 - alpha);

	return lanes_to(lanes_divide(products));
}

static void premulti_narrow(u32 *line, const u32 *layer, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (layer[i] >= 0xff000000)
			line[i] = layer[i];
		else if (layer[i])
			line[i] = premulti_pixel(line[i], layer[i]);
	}
}

static void coverage_narrow(u32 *line, const u32 *layer, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (layer[i] >= 0xff000000)
			line[i] = layer[i];
		else if (layer[i] >= 0x01000000)
			line[i] = coverage_pixel(line[i], layer[i]);
	}
}

/**
 * struct blend_weights - what the two pixels count in the sum
 * @above: weight of the layer
 * @below: weight of the line
 * @whole: what one of each makes
 */
struct blend_weights {
	u64 above;
	u64 below;
	u64 whole;
};

/* @max is the alpha of an opaque pixel. It is a constant in each caller, and so is the divisor. */
static __always_inline struct blend_weights blend_weigh(const struct vprime_mix *mix, u32 alpha,
							u32 max)
{
	const u64 whole = (u64)max * 0xffff;
	struct blend_weights weights = { .whole = whole };

	if (mix->mode == DRM_MODE_BLEND_PIXEL_NONE)
		alpha = max;
	weights.below = whole - (u64)alpha * mix->alpha;
	weights.above = mix->mode == DRM_MODE_BLEND_COVERAGE ? alpha : max;
	weights.above *= mix->alpha;

	return weights;
}

static __always_inline u32 blend_channel(const struct blend_weights *weights, u32 below,
					 u32 above, u32 max)
{
	const u64 sum = below * weights->below + above * weights->above + weights->whole / 2;

	return min_t(u64, div64_u64(sum, weights->whole), max);
}

static u32 blend_narrow_pixel(const struct vprime_mix *mix, u32 below, u32 above)
{
	const struct blend_weights weights = blend_weigh(mix, above >> 24, 0xff);
	u32 shift, pixel = 0;

	for (shift = 0; shift < 24; shift += 8)
		pixel |= blend_channel(&weights, (below >> shift) & 0xff, (above >> shift) & 0xff,
				       0xff) << shift;

	return pixel;
}

static u64 blend_wide_pixel(const struct vprime_mix *mix, u64 below, u64 above)
{
	const struct blend_weights weights = blend_weigh(mix, above >> 48, 0xffff);
	u64 pixel = 0;
	u32 shift;

	for (shift = 0; shift < 48; shift += 16)
		pixel |= (u64)blend_channel(&weights, (below >> shift) & 0xffff,
					    (above >> shift) & 0xffff, 0xffff) << shift;

	return pixel;
}

/**
 * vprime_blend_narrow - put a run of 8 bit pixels over a line
 * @mix: how
 * @line: what is below, and then the result
 * @layer: what goes over it; opaque pixels say so in their alpha
 * @count: so many
 */
void vprime_blend_narrow(const struct vprime_mix *mix, u32 *line, const u32 *layer, u32 count)
{
	u32 i;

	if (mix->alpha == 0xffff && mix->mode == DRM_MODE_BLEND_PREMULTI)
		return premulti_narrow(line, layer, count);
	if (mix->alpha == 0xffff && mix->mode == DRM_MODE_BLEND_COVERAGE)
		return coverage_narrow(line, layer, count);

	for (i = 0; i < count; i++)
		line[i] = blend_narrow_pixel(mix, line[i], layer[i]);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_blend_narrow);

/**
 * vprime_blend_wide - put a run of 16 bit pixels over a line
 * @mix: how
 * @line: what is below, and then the result
 * @layer: what goes over it; opaque pixels say so in their alpha
 * @count: so many
 */
void vprime_blend_wide(const struct vprime_mix *mix, u64 *line, const u64 *layer, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		line[i] = blend_wide_pixel(mix, line[i], layer[i]);
}
EXPORT_SYMBOL_IF_KUNIT(vprime_blend_wide);
