// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a pixel of the screen has to be, worked out from the definitions and slowly: planes are
 * turned as drm_mode.h has it and blended as drm_blend.c has it, then come tables and matrix.
 * Shares nothing with the composer.
 */
#include "vprime_compose_reference.h"

#include <linux/math64.h>
#include <linux/minmax.h>

#include <drm/drm_blend.h>
#include <drm/drm_fourcc.h>

#include <uapi/drm/drm_mode.h>

#include "../display/vprime_compose.h"

static bool layer_covers(const struct vprime_layer *layer, int x, int y)
{
	return layer->vaddr[0] && layer->dst.x1 <= x && x < layer->dst.x2 &&
	       layer->dst.y1 <= y && y < layer->dst.y2;
}

/**
 * struct reference_fraction - a place between 0 and 1
 * @n: numerator
 * @d: denominator
 */
struct reference_fraction {
	u64 n;
	u64 d;
};

static struct reference_fraction mirrored(struct reference_fraction place)
{
	return (struct reference_fraction) { place.d - place.n, place.d };
}

static int source_place(int start, int length, struct reference_fraction place)
{
	return (int)(start + div64_u64(length * place.n, place.d)) >> 16;
}

/* The buffer is mirrored, turned counter-clockwise and then spread over its place on the screen. */
static struct reference_color layer_color(const struct vprime_layer *layer, int x, int y)
{
	struct reference_fraction across = {
		2 * (x - layer->dst.x1) + 1, 2 * drm_rect_width(&layer->dst)
	};
	struct reference_fraction down = {
		2 * (y - layer->dst.y1) + 1, 2 * drm_rect_height(&layer->dst)
	};
	struct reference_fraction column = across, row = down;

	if (layer->rotation & DRM_MODE_ROTATE_90) {
		column = mirrored(down);
		row = across;
	} else if (layer->rotation & DRM_MODE_ROTATE_180) {
		column = mirrored(across);
		row = mirrored(down);
	} else if (layer->rotation & DRM_MODE_ROTATE_270) {
		column = down;
		row = mirrored(across);
	}
	if (layer->rotation & DRM_MODE_REFLECT_X)
		column = mirrored(column);
	if (layer->rotation & DRM_MODE_REFLECT_Y)
		row = mirrored(row);

	return reference_pixel(layer,
			       source_place(layer->src.x1, drm_rect_width(&layer->src), column),
			       source_place(layer->src.y1, drm_rect_height(&layer->src), row));
}

/* Colours are 0 to 0xffff, but only multiples of @step exist. */
static u16 blend_value(const struct vprime_layer *layer, u64 fg, u64 bg, u64 fg_alpha, u32 step)
{
	const u64 max = 0xffff / step, plane_alpha = layer->alpha, one = max * 0xffff;
	u64 fg_factor, bg_factor;

	fg /= step;
	bg /= step;
	fg_alpha /= step;
	switch (layer->blend_mode) {
	case DRM_MODE_BLEND_PIXEL_NONE:
		fg_factor = plane_alpha * max;
		bg_factor = one - plane_alpha * max;
		break;
	case DRM_MODE_BLEND_PREMULTI:
		fg_factor = plane_alpha * max;
		bg_factor = one - plane_alpha * fg_alpha;
		break;
	default:
		fg_factor = plane_alpha * fg_alpha;
		bg_factor = one - plane_alpha * fg_alpha;
		break;
	}

	return step * min_t(u64, reference_nearest(fg * fg_factor + bg * bg_factor, one), max);
}

static u16 lut_value(const struct drm_color_lut *lut, u32 size, u16 value, unsigned int channel)
{
	const u64 at = (u64)value * (size - 1);
	const u32 index = div_u64(at, 0xffff), part = at - (u64)index * 0xffff;
	const struct drm_color_lut *low = &lut[index], *high = &lut[min(index + 1, size - 1)];
	const u16 lows[3] = { low->red, low->green, low->blue };
	const u16 highs[3] = { high->red, high->green, high->blue };

	return reference_nearest((u64)lows[channel] * (0xffff - part) +
				 (u64)highs[channel] * part, 0xffff);
}

static s64 ctm_product(u64 entry, u16 value)
{
	const s64 product = (entry & ~BIT_ULL(63)) * value;

	return entry >> 63 ? -product : product;
}

static void apply_lut(struct reference_color *color, const struct drm_color_lut *lut, u32 size)
{
	unsigned int i;

	for (i = 0; lut && i < 3; i++)
		color->c[i] = lut_value(lut, size, color->c[i], i);
}

static void apply_ctm(struct reference_color *color, const struct drm_color_ctm *ctm)
{
	const struct reference_color in = *color;
	unsigned int i;
	s64 sum;

	for (i = 0; ctm && i < 3; i++) {
		sum = ctm_product(ctm->matrix[3 * i], in.c[0]) +
		      ctm_product(ctm->matrix[3 * i + 1], in.c[1]) +
		      ctm_product(ctm->matrix[3 * i + 2], in.c[2]);
		color->c[i] = sum <= 0 ? 0 :
			      min_t(u64, reference_nearest(sum, BIT_ULL(32)), 0xffff);
	}
}

static bool layer_counts(const struct vprime_scene *scene, const struct vprime_layer *layer)
{
	return layer->vaddr[0] && layer->alpha && layer->dst.x2 > max(layer->dst.x1, 0) &&
	       layer->dst.y2 > max(layer->dst.y1, 0) && layer->dst.x1 < (int)scene->width &&
	       layer->dst.y1 < (int)scene->height;
}

/**
 * reference_screen - what a pixel of the screen has to be
 * @scene: complete
 * @x: column
 * @y: line
 *
 * Return: the colour that leaves the pipe, not rounded to 8 bits.
 */
struct reference_color reference_screen(const struct vprime_scene *scene, int x, int y)
{
	struct reference_color color = { { 0, 0, 0, 0xffff } }, above;
	const struct vprime_layer *layer;
	u32 step = 257;
	unsigned int i;

	for (layer = scene->layers; layer < scene->layers + scene->num_layers; layer++)
		if (layer_counts(scene, layer) && reference_is_deep(layer->format->format))
			step = 1;
	for (layer = scene->layers; layer < scene->layers + scene->num_layers; layer++) {
		if (!layer_covers(layer, x, y))
			continue;
		above = layer_color(layer, x, y);
		for (i = 0; i < 3; i++)
			color.c[i] = blend_value(layer, above.c[i], color.c[i], above.c[3], step);
	}

	apply_lut(&color, scene->pipe.degamma, scene->pipe.degamma_size);
	apply_ctm(&color, scene->pipe.ctm);
	apply_lut(&color, scene->pipe.gamma, scene->pipe.gamma_size);

	return color;
}
